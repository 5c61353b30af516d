//! Productions made up by chance.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use workprint_model::episode::{
    Anchor, Blend, CaptionRules, Captions, CardSpec, CardWords, CastMember, Chapter, ChartSpec,
    ChartValue, ClipEnd, ClipSpec, Colour, CountSpec, CreditSpec, CreditWords, Crop, Cue,
    CueCaption, Direction, Dubbed, Ease, Edge, Episode, ExtraCaption, ExtraKind, Fit, Focus,
    FrameSpec, Framing, ImageSpec, Iris, MotionSpec, Move, MoveKind, Overlay, Passage, Passing,
    Picture, Place, PlateSpec, PromptSpec, Recording, Scene, Shot, ShotStart, Side, SpeakerMark,
    Sweep, Theme, Transition, Voice, Wipe,
};
use workprint_model::lock::{Instead, Lock, LockedTake};
use workprint_model::look::{Blur, Grade, Grain, Jank, Letterbox, Look, Lut, Mono, Wheel};
use workprint_model::outside::{Budget, EngineSpec, ImageEffort};
use workprint_model::proof::{ProofCheck, Waivers};
use workprint_model::puppet::{Act, CastPuppet, Facing, Gesture, GestureStart, Mood, Puppet};
use workprint_model::show::{
    CaptionPlace, CaptionStyle, CredentialsSpec, DubTiming, Engines, ExactPronunciation, GateMode,
    Gates, Output, OutputCaptions, Preset, Pronunciation, Show, SmoothEngine, Timing, UpscaleModel,
    VoiceEngine, VoiceEngineSpec, WordEffect,
};
use workprint_model::sound::{
    Ducking, EffectLane, EffectPrompt, FadeCurve, ItemMix, Level, MixSettings, Music, MusicPrompt,
    SoundEffect, SoundLicence, SoundSource, Synth, SynthKind, Tonic,
};
use workprint_model::speech::{OpenaiSpec, PiperServerSpec, PiperSpec};
use workprint_model::stock::StockSpec;
use workprint_model::takes::{Choosing, TakeRules};
use workprint_model::webhook::WebhookSpec;
use workprint_model::{
    Aspect, Decibels, Digest, Dollars, Encoder, Language, MediaPath, Percent, Quantity, Rate, Safe,
    SafeBox, Score, episode, show,
};

fn words() -> impl Strategy<Value = String> {
    // One that can be read: marks alone cannot be said.
    "[a-zA-Zé\"\\\\\u{4e2d}😀'&<{]{0,7}[a-zé\u{4e2d}😀&]( [a-z,.!?]{1,6}){0,3}"
}

fn path() -> impl Strategy<Value = MediaPath> {
    "media/[a-z0-9 é]{1,8}\\.(svg|png|mp4)".prop_map(|path| path.parse().expect("made right"))
}

fn language() -> impl Strategy<Value = Language> {
    "(en|de|zh-Hans|fr-CA)".prop_map(|tag| tag.parse().expect("made right"))
}

fn percent(range: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = Percent> {
    (range.start() * 100..=range.end() * 100).prop_map(Percent::from_hundredths)
}

fn decibels(range: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = Decibels> {
    (range.start() * 100..=range.end() * 100).prop_map(Decibels::from_hundredths)
}

fn colour() -> impl Strategy<Value = Colour> {
    any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Colour::new(r, g, b))
}

fn voice() -> impl Strategy<Value = Voice> {
    (
        "[a-z]{1,6}:[a-zA-Z0-9+ -]{1,9}",
        80..=450u16,
        0..=100u8,
        0..=100u8,
    )
        .prop_map(|(name, rate, pitch, range)| Voice {
            name,
            rate,
            pitch,
            range,
        })
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Left), Just(Side::Right)]
}

fn cast() -> impl Strategy<Value = Vec<CastMember>> {
    vec(
        (
            option::of(words()),
            option::of(side()),
            voice(),
            btree_map(language(), voice(), 0..2),
            option::of((path(), percent(1..=400))),
        ),
        1..4,
    )
    .prop_map(|members| {
        members
            .into_iter()
            .enumerate()
            .map(|(index, (name, side, voice, dub, puppet))| CastMember {
                id: format!("who{index}").parse().expect("made right"),
                name,
                side,
                gain_db: Decibels::from_hundredths(-100 * i32::from(voice.rate) / 80),
                pan: i8::try_from(voice.pitch).expect("at most 100") - 50,
                voice,
                dub,
                puppet: puppet.map(|(file, height)| CastPuppet { file, height }),
            })
            .collect()
    })
}

fn picture() -> impl Strategy<Value = Picture> {
    let card_words =
        (words(), option::of(words())).prop_map(|(title, subtitle)| CardWords { title, subtitle });
    let then = prop_oneof![Just(ClipEnd::Hold), Just(ClipEnd::Loop)];
    prop_oneof![
        (path(), percent(0..=1000), 1..=4u8).prop_map(|(file, parallax, upscale)| {
            Picture::Image(ImageSpec {
                file,
                parallax,
                upscale,
            })
        }),
        (
            path(),
            0..=86_400_000u32,
            percent(10..=1000),
            1..=8u8,
            then,
            option::of(decibels(-120..=40)),
            (decibels(-40..=0), item_mix())
        )
            .prop_map(
                |(file, in_ms, speed, smooth, then, sound_db, sound)| Picture::Clip(ClipSpec {
                    in_ms,
                    speed,
                    smooth,
                    upscale: smooth % 4 + 1,
                    then,
                    sound_db,
                    sound_duck_db: sound.0,
                    sound_mix: sound.1,
                    ..ClipSpec::plain(file)
                })
            ),
        (
            words(),
            option::of(words()),
            option::of(path()),
            option::of(colour()),
            btree_map(language(), card_words, 0..2)
        )
            .prop_map(|(title, subtitle, background, colour, dub)| Picture::Card(
                CardSpec {
                    title,
                    subtitle,
                    background,
                    colour,
                    dub
                }
            )),
        (words(), any::<u32>(), option::of(motion())).prop_map(|(text, seed, clip)| {
            Picture::Prompt(PromptSpec {
                seed,
                clip,
                takes: (seed % 3 == 0).then_some(16),
                ..PromptSpec::of(text)
            })
        }),
        plate().prop_map(Picture::Plate),
    ]
}

fn motion() -> impl Strategy<Value = MotionSpec> {
    (words(), any::<u32>(), 500..=60_000u32).prop_map(|(text, seed, length_ms)| MotionSpec {
        text,
        seed,
        length_ms,
        then: ClipEnd::default(),
        engine: (seed % 2 == 0).then(|| "own".to_owned()),
        takes: (seed % 3 == 0).then_some(2),
    })
}

fn channel() -> impl Strategy<Value = Percent> {
    percent(-100..=100)
}

fn wheel() -> impl Strategy<Value = Wheel> {
    (channel(), channel(), channel(), channel()).prop_map(|(all, red, green, blue)| Wheel {
        all,
        red,
        green,
        blue,
    })
}

fn look() -> impl Strategy<Value = Look> {
    let share = || percent(0..=100);
    let grade = (
        (channel(), channel(), wheel(), wheel(), wheel()),
        (percent(0..=300), percent(5..=95), percent(0..=300)),
    )
        .prop_map(|(wheels, rest)| {
            Look::Grade(Grade {
                temperature: wheels.0,
                tint: wheels.1,
                lift: wheels.2,
                gamma: wheels.3,
                gain: wheels.4,
                contrast: rest.0,
                pivot: rest.1,
                saturation: rest.2,
            })
        });
    let cube = "media/[a-z0-9 é]{1,8}\\.cube".prop_map(|path| path.parse().expect("made right"));
    let jank = (
        0..=60u8,
        (share(), share(), share(), share(), share()),
        any::<u32>(),
    )
        .prop_map(|(fps, shares, seed)| {
            Look::Jank(Jank {
                fps,
                weave: shares.0,
                dust: shares.1,
                scratches: shares.2,
                flicker: shares.3,
                vignette: shares.4,
                seed,
            })
        });
    prop_oneof![
        "(noir|old-film)".prop_map(Look::Named),
        grade,
        (cube, share()).prop_map(|(file, amount)| Look::Lut(Lut { file, amount })),
        (share(), colour(), option::of(colour())).prop_map(|(amount, filter, tone)| Look::Mono(
            Mono {
                amount,
                filter,
                tone
            }
        )),
        percent(0..=10).prop_map(|radius| Look::Blur(Blur { radius })),
        (share(), percent(50..=600), share(), any::<u32>()).prop_map(
            |(amount, size, colour, seed)| Look::Grain(Grain {
                amount,
                size,
                colour,
                seed
            })
        ),
        jank,
        (25..=400i32, colour()).prop_map(|(ratio, colour)| Look::Letterbox(Letterbox {
            ratio: Aspect::from_hundredths(ratio),
            colour
        })),
    ]
}

fn looks() -> impl Strategy<Value = Vec<Look>> {
    vec(look(), 0..3)
}

fn plate() -> impl Strategy<Value = PlateSpec> {
    let middle = || percent(0..=100);
    (
        colour(),
        option::of(colour()),
        0..=359u16,
        any::<bool>(),
        (middle(), middle()),
    )
        .prop_map(|(colour, to, angle, radial, (x, y))| PlateSpec {
            colour,
            to,
            angle,
            radial,
            x,
            y,
        })
}

fn framing() -> impl Strategy<Value = Framing> {
    let place = || option::of(percent(0..=100));
    (percent(100..=800), place(), place()).prop_map(|(zoom, x, y)| Framing { zoom, x, y })
}

fn ease() -> impl Strategy<Value = Ease> {
    prop_oneof![
        Just(Ease::Smooth),
        Just(Ease::Linear),
        Just(Ease::In),
        Just(Ease::Out),
        Just(Ease::Expo)
    ]
}

fn camera() -> impl Strategy<Value = Move> {
    let free = (framing(), framing(), ease()).prop_map(|(from, to, ease)| Move {
        from,
        to,
        ease,
        ..Move::default()
    });
    let kind = prop_oneof![
        Just(MoveKind::Push),
        Just(MoveKind::PanLeft),
        Just(MoveKind::TiltDown),
        Just(MoveKind::Hold),
        Just(MoveKind::Shake)
    ];
    let named = (
        kind,
        option::of(percent(0..=100)),
        option::of(any::<u32>()),
        ease(),
    );
    let named = named.prop_map(|(kind, amount, seed, ease)| Move {
        kind: Some(kind),
        amount,
        seed: seed.filter(|_| kind == MoveKind::Shake),
        ease,
        ..Move::default()
    });
    prop_oneof![free, named].boxed()
}

fn transition() -> impl Strategy<Value = Transition> {
    let ms = || 1..=10_000u32;
    let direction = || prop_oneof![Just(Direction::Left), Just(Direction::Up)];
    let sweep = || {
        (ms(), direction(), ease()).prop_map(|(ms, direction, ease)| Sweep {
            ms,
            direction,
            ease,
        })
    };
    prop_oneof![
        Just(Transition::Cut),
        ms().prop_map(|ms| Transition::Dissolve { ms }),
        (ms(), colour()).prop_map(|(ms, colour)| Transition::Dip { ms, colour }),
        (ms(), direction(), percent(0..=100), ease()).prop_map(
            |(ms, direction, softness, ease)| Transition::Wipe(Wipe {
                ms,
                direction,
                softness,
                ease
            })
        ),
        sweep().prop_map(Transition::Push),
        sweep().prop_map(Transition::Slide),
        sweep().prop_map(Transition::Whip),
        (ms(), percent(0..=100), ease()).prop_map(|(ms, softness, ease)| Transition::Iris(Iris {
            ms,
            softness,
            ease
        })),
        (ms(), ease()).prop_map(|(ms, ease)| Transition::ZoomThrough(Passing { ms, ease })),
    ]
    .boxed()
}

/// A shot without an id or a start.
fn shot() -> impl Strategy<Value = Shot> {
    let fit = prop_oneof![
        Just(Fit::Cover),
        Just(Fit::Contain),
        Just(Fit::Blur),
        Just(Fit::Fill)
    ];
    let focus = (percent(0..=100), percent(0..=100)).prop_map(|(x, y)| Focus { x, y });
    let edge = || percent(0..=40);
    let crop = (edge(), edge(), edge(), edge()).prop_map(|(left, top, right, bottom)| Crop {
        left,
        top,
        right,
        bottom,
    });
    (
        picture(),
        1..=100u8,
        option::of(camera()),
        transition(),
        (fit, option::of(focus), crop, vec(puppet(), 0..3), looks()),
    )
        .prop_map(
            |(picture, weight, camera, transition, (fit, focus, crop, puppets, looks))| Shot {
                id: "s".parse().expect("made right"),
                picture,
                starts: None,
                weight,
                camera,
                transition,
                fit,
                focus,
                crop,
                puppets,
                looks,
            },
        )
        .boxed()
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Wave),
        Just(Act::PointLeft),
        Just(Act::Mood(Mood::Angry)),
        "[a-z][a-z0-9-]{0,20}".prop_map(|name| Act::Pose(name.parse().expect("made right"))),
    ]
}

/// A puppet of nobody, whose gestures count in milliseconds.
fn puppet() -> impl Strategy<Value = Puppet> {
    let gesture =
        (0..=600_000u32, act(), option::of(50..=60_000u32)).prop_map(|(at, act, ms)| Gesture {
            at: GestureStart::Ms(at),
            cue: None,
            act,
            ms,
        });
    let facing = prop_oneof![Just(Facing::Left), Just(Facing::Right)];
    let mood = prop_oneof![Just(Mood::Neutral), Just(Mood::Surprised)];
    (
        path(),
        (percent(-100..=200), percent(-100..=200)),
        option::of(percent(1..=400)),
        (facing, 0..=100u8, mood),
        (percent(0..=300), any::<u32>()),
        vec(gesture, 0..4),
    )
        .prop_map(
            |(file, (x, y), height, (facing, depth, mood), (idle, seed), gestures)| Puppet {
                speaker: None,
                file: Some(file),
                x,
                y,
                height,
                facing,
                depth,
                mood,
                idle,
                seed,
                gestures,
            },
        )
}

type OwnVoice = (Option<Voice>, Option<u16>, Option<u8>, Option<u8>);

/// What a cue says of its own voice.
fn own_voice() -> impl Strategy<Value = OwnVoice> {
    (
        option::of(voice()),
        option::of(80..=450u16),
        option::of(0..=100u8),
        option::of(0..=100u8),
    )
}

fn cue_caption() -> impl Strategy<Value = CueCaption> {
    (option::of("(plain|boxed)"), any::<Option<bool>>())
        .prop_map(|(style, burn)| CueCaption { style, burn })
}

/// A cue whose ids are still to be given.
fn cue() -> impl Strategy<Value = Cue> {
    (
        option::of((0..3usize, words(), option::of(words()))),
        own_voice(),
        (
            option::of(0..=60_000u32),
            option::of(0..=60_000u32),
            1..=600_000u32,
        ),
        vec(shot(), 0..4),
        option::of(cue_caption()),
        btree_map(language(), words(), 0..2),
        (option::of(language()), option::of(words())),
        option::of(option::of(Just("media/words.json"))),
    )
        .prop_map(
            |(
                said,
                (voice, rate, pitch, range),
                (lead_ms, tail_ms, hold_ms),
                shots,
                caption,
                dub,
                (language, note),
                recorded,
            )| Cue {
                id: "c".parse().expect("made right"),
                speaker: said
                    .as_ref()
                    .map(|(who, ..)| format!("who{who}").parse().expect("made right")),
                direction: said.as_ref().and_then(|said| said.2.clone()),
                say: said.as_ref().and_then(|said| said.2.clone()),
                language,
                recording: recorded.filter(|_| said.is_some()).map(|words| Recording {
                    file: "media/line.wav".parse().expect("made right"),
                    words: words.map(|file| file.parse().expect("made right")),
                    from_ms: 0,
                    to_ms: None,
                }),
                text: said.map(|said| said.1),
                gain_db: Decibels::new(lead_ms.map_or(0, |ms| i32::try_from(ms % 40).unwrap_or(0))),
                voice,
                rate,
                pitch,
                range,
                lead_ms,
                tail_ms,
                hold_ms: Some(hold_ms),
                shots,
                caption,
                dub: dub
                    .into_iter()
                    .map(|(language, text)| {
                        let say = note.clone();
                        (language, Dubbed::new(text, say))
                    })
                    .collect(),
                note,
            },
        )
}

/// A sound that is made of words.
fn of_words() -> impl Strategy<Value = SoundSource> {
    let engine = || option::of("[a-z]{1,8}");
    let music = (
        words(),
        any::<u32>(),
        3000..=600_000u32,
        any::<bool>(),
        engine(),
    );
    let music = music.prop_map(
        |(text, seed, length_ms, instrumental, engine)| MusicPrompt {
            text,
            seed,
            length_ms,
            instrumental,
            engine,
        },
    );
    let length = option::of(500..=30_000u32);
    let influence = option::of(0..=100u8);
    let effect = (
        words(),
        any::<u32>(),
        length,
        any::<bool>(),
        influence,
        engine(),
    );
    let effect =
        effect.prop_map(
            |(text, seed, length_ms, loops, influence, engine)| EffectPrompt {
                text,
                seed,
                length_ms,
                loops,
                influence,
                engine,
            },
        );
    prop_oneof![
        music.prop_map(SoundSource::Music),
        effect.prop_map(SoundSource::Effect),
    ]
}

fn source() -> impl Strategy<Value = SoundSource> {
    let kind = prop_oneof![Just(SynthKind::DawnBed), Just(SynthKind::Whoosh)];
    prop_oneof![
        of_words(),
        path().prop_map(SoundSource::File),
        (
            kind,
            any::<u32>(),
            option::of(50..=600_000u32),
            option::of(40..=200u16),
        )
            .prop_map(|(kind, seed, length_ms, tempo)| {
                let is_bed = kind.is_bed();
                SoundSource::Synth(Synth {
                    kind,
                    seed,
                    length_ms,
                    tempo: tempo.filter(|_| is_bed),
                    key: (is_bed && seed.is_multiple_of(2)).then_some(Tonic::EFlat),
                    stingers: Vec::new(),
                })
            }),
    ]
}

fn item_mix() -> impl Strategy<Value = ItemMix> {
    let level = (
        0..=86_400_000u32,
        option::of(anchor(Edge::Start, 3)),
        decibels(-120..=40),
        prop_oneof![Just(Ease::Smooth), Just(Ease::Linear), Just(Ease::Expo)],
    )
        .prop_map(|(ms, at, gain_db, ease)| Level {
            ms: at.is_none().then_some(ms),
            at,
            gain_db,
            ease,
        });
    let curve = prop_oneof![
        Just(FadeCurve::Smooth),
        Just(FadeCurve::Linear),
        Just(FadeCurve::EqualPower)
    ];
    (-100..=100i8, vec(level, 0..3), curve, option::of(ducking())).prop_map(
        |(pan, mut levels, fade_in, duck)| {
            levels.sort_by_key(|level| level.ms);
            ItemMix {
                pan,
                levels,
                fade_in,
                fade_out: FadeCurve::Exponential,
                duck,
            }
        },
    )
}

fn ducking() -> impl Strategy<Value = Ducking> {
    let ms = (10..=5000u16, 0..=10_000u16, 10..=20_000u16, 0..=2000u16);
    (ms, any::<bool>()).prop_map(|(ms, speech_band)| Ducking {
        attack_ms: ms.0,
        hold_ms: ms.1,
        release_ms: ms.2,
        look_ahead_ms: ms.3,
        speech_band,
    })
}

fn licence() -> impl Strategy<Value = Option<SoundLicence>> {
    option::of(
        (words(), option::of(words())).prop_map(|(by, title)| SoundLicence {
            name: "CC-BY-4.0".to_owned(),
            title,
            by: Some(by),
            url: None,
        }),
    )
}

/// An anchor at the end that is asked for of a cue or shot that is always there.
fn anchor(at: Edge, offset: i32) -> impl Strategy<Value = Anchor> {
    any::<bool>().prop_map(move |cue| Anchor {
        cue: cue.then(|| "c0".parse().expect("made right")),
        shot: (!cue).then(|| "s0".parse().expect("made right")),
        at,
        offset_ms: offset,
    })
}

fn music() -> impl Strategy<Value = Vec<Music>> {
    let one = (
        source(),
        option::of(anchor(Edge::Start, -5)),
        option::of(anchor(Edge::End, 600_000)),
        (decibels(-120..=40), decibels(-40..=0)),
        (0..=60_000u32, 0..=60_000u32),
        (any::<bool>(), 0..=7_200_000u32, item_mix(), licence()),
    );
    vec(one, 0..3).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(
                |(index, (source, from, to, (gain_db, duck_db), fades, rest))| Music {
                    id: format!("m{index}").parse().expect("made right"),
                    source,
                    from,
                    to,
                    gain_db,
                    duck_db,
                    fade_in_ms: fades.0,
                    fade_out_ms: fades.1,
                    repeat: rest.0,
                    in_ms: rest.1,
                    mix: rest.2,
                    licence: rest.3,
                },
            )
            .collect()
    })
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (-1_000_000_000_000_000..=1_000_000_000_000_000_i64).prop_map(Quantity::from_thousandths)
}

fn clip_spec() -> impl Strategy<Value = ClipSpec> {
    let numbers = (0..=86_400_000u32, percent(10..=1000), 1..=8u8);
    let then = prop_oneof![Just(ClipEnd::Hold), Just(ClipEnd::Loop)];
    (path(), numbers, then).prop_map(|(file, (in_ms, speed, smooth), then)| ClipSpec {
        in_ms,
        speed,
        smooth,
        then,
        ..ClipSpec::plain(file)
    })
}

fn blank(graphic: &str) -> Overlay {
    Overlay {
        id: "o".parse().expect("made right"),
        graphic: graphic.to_owned(),
        fields: BTreeMap::new(),
        dub: BTreeMap::new(),
        from: nowhere(),
        to: nowhere(),
        fade_ms: 300,
        blend: Blend::Normal,
        opacity: Percent::WHOLE,
        enter: None,
        leave: None,
        side: None,
        place: None,
        size: None,
        pictures: BTreeMap::new(),
        clip: None,
        frame: None,
        count: None,
        chart: None,
        credits: Vec::new(),
    }
}

fn frame() -> impl Strategy<Value = FrameSpec> {
    let frame = (percent(0..=50), percent(0..=5), option::of(colour()));
    frame.prop_map(|(radius, border, colour)| FrameSpec {
        radius,
        border,
        colour,
    })
}

fn count() -> impl Strategy<Value = CountSpec> {
    let count = (
        quantity(),
        quantity(),
        0..=3u8,
        0..=60_000u32,
        any::<bool>(),
    );
    count.prop_map(|(from, to, decimals, over_ms, group)| CountSpec {
        from,
        to,
        decimals,
        over_ms,
        group,
    })
}

fn chart() -> impl Strategy<Value = ChartSpec> {
    let labels = btree_map(language(), words(), 0..2);
    let value =
        (words(), quantity(), any::<bool>(), labels).prop_map(|(label, value, highlight, dub)| {
            ChartValue {
                label,
                value,
                highlight,
                dub,
            }
        });
    let base = option::of(quantity());
    (
        vec(value, 2..6),
        0..=3u8,
        "[€$]?",
        "[% ]{0,2}",
        base,
        0..=60_000u32,
    )
        .prop_map(
            |(values, decimals, prefix, unit, base, over_ms)| ChartSpec {
                values,
                decimals,
                prefix,
                unit,
                base,
                over_ms,
            },
        )
}

fn credit() -> impl Strategy<Value = CreditSpec> {
    let roles = btree_map(language(), words(), 0..2);
    let of_role = |(language, role)| {
        let words = CreditWords {
            role,
            ..CreditWords::default()
        };
        (language, words)
    };
    (words(), words(), vec(words(), 0..3), roles).prop_map(move |(heading, role, names, roles)| {
        CreditSpec {
            heading,
            role,
            names,
            dub: roles.into_iter().map(of_role).collect(),
        }
    })
}

/// What a graphic shows besides words: its name, and its share of an overlay.
fn figures() -> impl Strategy<Value = Overlay> {
    prop_oneof![
        "own-[a-z0-9_-]{0,9}".prop_map(|graphic| blank(&graphic)),
        (clip_spec(), frame()).prop_map(|(clip, frame)| Overlay {
            clip: Some(clip),
            frame: Some(frame),
            ..blank("picture-in-picture")
        }),
        path().prop_map(|file| Overlay {
            pictures: BTreeMap::from([("picture".to_owned(), file)]),
            ..blank("over-shoulder")
        }),
        count().prop_map(|count| Overlay {
            count: Some(count),
            ..blank("counter")
        }),
        chart().prop_map(|chart| Overlay {
            chart: Some(chart),
            ..blank("line-chart")
        }),
        vec(credit(), 1..4).prop_map(|credits| Overlay {
            credits,
            ..blank("credits")
        }),
    ]
}

fn nowhere() -> Anchor {
    Anchor {
        cue: None,
        shot: None,
        at: Edge::Start,
        offset_ms: 0,
    }
}

fn passage() -> impl Strategy<Value = Passage> {
    prop_oneof![
        Just(Passage::Fade),
        Just(Passage::Cut),
        Just(Passage::Slide),
        Just(Passage::Rise),
        Just(Passage::Wipe),
    ]
}

fn overlays() -> impl Strategy<Value = Vec<Overlay>> {
    let fields = || btree_map("[a-z]{1,5}", words(), 0..3);
    let place = prop_oneof![
        Just(Place::TopLeft),
        Just(Place::Middle),
        Just(Place::BottomRight)
    ];
    let stand = (
        option::of(passage()),
        option::of(passage()),
        option::of(side()),
        option::of(place),
        option::of(percent(5..=100)),
    );
    let one = (
        figures(),
        fields(),
        btree_map(language(), fields(), 0..2),
        anchor(Edge::Start, 0),
        anchor(Edge::End, 0),
        (
            0..=10_000u32,
            prop_oneof![Just(Blend::Normal), Just(Blend::SoftLight)],
            percent(0..=100),
        ),
        stand,
    );
    vec(one, 0..3).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(index, (figures, fields, dub, from, to, looks, stand))| {
                // Only the show's own graphics take any words.
                let own = figures.graphic.starts_with("own-");
                Overlay {
                    id: format!("o{index}").parse().expect("made right"),
                    fields: if own { fields } else { BTreeMap::new() },
                    dub: if own { dub } else { BTreeMap::new() },
                    from,
                    to,
                    fade_ms: looks.0,
                    blend: looks.1,
                    opacity: looks.2,
                    enter: stand.0,
                    leave: stand.1,
                    side: stand.2,
                    place: stand.3,
                    size: stand.4,
                    ..figures
                }
            })
            .collect()
    })
}

fn effects() -> impl Strategy<Value = Vec<SoundEffect>> {
    let lane = prop_oneof![Just(EffectLane::Sfx), Just(EffectLane::Reactions)];
    let one = (
        source(),
        anchor(Edge::End, 7),
        (decibels(-120..=40), decibels(-40..=0)),
        (lane, item_mix(), licence()),
        (
            0..=7_200_000u32,
            option::of(1..=7_200_000u32),
            0..=60_000u32,
            0..=60_000u32,
        ),
    );
    vec(one, 0..3).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(
                |(index, (source, at, (gain_db, duck_db), rest, ms))| SoundEffect {
                    id: format!("x{index}").parse().expect("made right"),
                    source,
                    at,
                    gain_db,
                    lane: rest.0,
                    in_ms: ms.0,
                    length_ms: ms.1,
                    fade_in_ms: ms.2,
                    fade_out_ms: ms.3,
                    duck_db,
                    mix: rest.1,
                    licence: rest.2,
                },
            )
            .collect()
    })
}

/// Gives ids, casts speakers that exist, and lets the first cue show something.
fn finish(scenes: Vec<Vec<Cue>>, cast: usize, first: Shot) -> Vec<Scene> {
    let (mut cues, mut shots) = (0, 0);
    let mut first = Some(first);
    let mut out = Vec::new();
    for (index, mut list) in scenes.into_iter().enumerate() {
        for cue in &mut list {
            cue.id = format!("c{cues}").parse().expect("made right");
            cues += 1;
            cue.shots.splice(0..0, first.take());
            if let Some(speaker) = &mut cue.speaker {
                let who: usize = speaker.as_str()[3..].parse().expect("made right");
                *speaker = format!("who{}", who % cast).parse().expect("made right");
            }
            for (at, shot) in cue.shots.iter_mut().enumerate() {
                shot.id = format!("s{shots}").parse().expect("made right");
                shots += 1;
                shot.starts = (at > 0 && shot.weight > 50).then_some(ShotStart::Ms(at as u32));
            }
            if !cue.shots.is_empty() {
                cue.hold_ms = cue.hold_ms.map(|ms| ms.max(10));
            }
        }
        out.push(Scene {
            id: format!("scene{index}").parse().expect("made right"),
            heading: (index > 0).then(|| format!("INT. ROOM {index}")),
            dialogue: index % 3 == 2,
            cues: list,
        });
    }
    out
}

/// An episode without errors.
pub(crate) fn episodes() -> impl Strategy<Value = Episode> {
    let captions = (
        any::<bool>(),
        "(plain|boxed|outline|karaoke|single)",
        option::of(10..=80u8),
        option::of(1..=3u8),
        option::of(1..=30u8),
        (rules(), mark(), vec(extra(), 0..2)),
    )
        .prop_map(|(burn, style, line_length, lines, words, rest)| Captions {
            burn,
            style,
            line_length,
            lines,
            words,
            rules: rest.0,
            speakers: rest.1,
            also: rest.2,
        });
    (
        (
            words(),
            language(),
            option::of(words()),
            option::of(words()),
        ),
        cast(),
        (vec(vec(cue(), 1..4), 1..4), shot()),
        (overlays(), music(), effects()),
        (captions, looks()),
        option::of(words()),
    )
        .prop_map(
            |(head, cast, (scenes, first), laid, (captions, looks), chapter)| Episode {
                format: episode::FORMAT.to_owned(),
                titles: head
                    .2
                    .iter()
                    .map(|title| (head.1.clone(), title.clone()))
                    .collect(),
                schema: head.2,
                title: head.0,
                language: head.1,
                scenes: finish(scenes, cast.len(), first),
                cast,
                looks,
                overlays: laid.0,
                music: laid.1,
                sfx: laid.2,
                captions,
                chapters: chapter.map(first_chapter).into_iter().collect(),
                waive: waivers(head.3.as_deref()),
                notes: head.3,
            },
        )
}

fn first_chapter(title: String) -> Chapter {
    Chapter {
        dub: BTreeMap::from([("es".parse().expect("made right"), title.clone())]),
        title,
        cue: "c0".parse().expect("made right"),
    }
}

/// Two checks, waived for a reason.
fn waivers(why: Option<&str>) -> Waivers {
    let why = why.filter(|why| !why.trim().is_empty());
    let checks = [ProofCheck::CaptionsSpeed, ProofCheck::Loudness];
    let both = checks.into_iter().zip(why.into_iter().cycle());
    both.map(|(check, why)| (check, why.to_owned())).collect()
}

fn outputs() -> impl Strategy<Value = BTreeMap<String, Output>> {
    let rate = prop_oneof![Just((30, 1)), Just((24_000, 1001))]
        .prop_map(|(num, den)| Rate::new(num, den).expect("made right"));
    let preset = prop_oneof![Just(Preset::Ultrafast), Just(Preset::Slower)];
    let output = (
        (8..=3840u32, 8..=3840u32),
        rate,
        1..=51u8,
        preset,
        32..=512u16,
        (decibels(-40..=-5), decibels(-12..=-1)),
        prop_oneof![Just(Encoder::X264), Just(Encoder::Prores4444)],
        (option::of(safe()), output_captions()),
    )
        .prop_map(
            |(half, rate, crf, preset, audio_kbps, levels, encoder, laid)| Output {
                width: half.0 * 2,
                height: half.1 * 2,
                rate,
                encoder,
                crf,
                preset,
                audio_kbps,
                loudness: levels.0,
                true_peak: levels.1,
                stems: levels.1 < Decibels::new(-6),
                safe: laid.0,
                captions: laid.1,
            },
        );
    btree_map("[a-z0-9][a-z0-9_-]{0,9}", output, 1..3)
}

fn safe() -> impl Strategy<Value = Safe> {
    let own = (percent(0..=45), percent(0..=45)).prop_map(|(left, top)| SafeBox {
        left,
        top,
        ..SafeBox::default()
    });
    prop_oneof![
        Just(Safe::Title),
        Just(Safe::YoutubeShorts),
        own.prop_map(Safe::Box)
    ]
}

fn place() -> impl Strategy<Value = CaptionPlace> {
    prop_oneof![
        Just(CaptionPlace::Bottom),
        Just(CaptionPlace::Middle),
        Just(CaptionPlace::Top)
    ]
}

fn output_captions() -> impl Strategy<Value = OutputCaptions> {
    (
        option::of(any::<bool>()),
        option::of("(plain|big|typewriter)"),
        (
            option::of(percent(1..=20)),
            option::of(place()),
            option::of(percent(0..=90)),
        ),
        option::of(4..=80u8),
        option::of(1..=3u8),
        (rules(), option::of(mark())),
    )
        .prop_map(
            |(burn, style, laid, line_length, lines, rest)| OutputCaptions {
                burn,
                style,
                size: laid.0,
                place: laid.1,
                bottom: laid.2,
                line_length,
                lines,
                rules: rest.0,
                speakers: rest.1,
            },
        )
}

fn rules() -> impl Strategy<Value = CaptionRules> {
    (
        option::of(4..=60u8),
        option::of(0..=5000u16),
        option::of(1000..=20_000u16),
        option::of(0..=30u8),
        option::of(0..=5000u16),
        option::of(0..=5000u16),
    )
        .prop_map(
            |(speed, shortest_ms, longest_ms, gap_frames, chain_ms, together_ms)| CaptionRules {
                speed,
                shortest_ms,
                longest_ms,
                gap_frames,
                chain_ms,
                together_ms,
            },
        )
}

fn mark() -> impl Strategy<Value = SpeakerMark> {
    prop_oneof![
        Just(SpeakerMark::None),
        Just(SpeakerMark::Dash),
        Just(SpeakerMark::Name)
    ]
}

fn extra() -> impl Strategy<Value = ExtraCaption> {
    let kind = prop_oneof![Just(ExtraKind::Sound), Just(ExtraKind::Sign)];
    let dub = btree_map(language(), words(), 0..2);
    (kind, words(), dub, option::of(100..=20_000u32)).prop_map(|(kind, text, dub, length_ms)| {
        ExtraCaption {
            kind,
            text,
            dub,
            from: Anchor {
                cue: Some("c0".parse().expect("made right")),
                shot: None,
                at: Edge::Start,
                offset_ms: 0,
            },
            length_ms,
        }
    })
}

fn effect() -> impl Strategy<Value = WordEffect> {
    prop_oneof![
        Just(WordEffect::None),
        Just(WordEffect::Fill),
        Just(WordEffect::Pill),
        Just(WordEffect::Reveal)
    ]
}

fn styles() -> impl Strategy<Value = BTreeMap<String, CaptionStyle>> {
    let style = (
        (
            percent(1..=20),
            percent(0..=30),
            percent(0..=100),
            percent(0..=90),
        ),
        (colour(), colour(), option::of(colour())),
        any::<bool>(),
        (
            (place(), effect()),
            (colour(), option::of(colour())),
            any::<bool>(),
            percent(0..=50),
            (
                option::of(4..=80u8),
                option::of(1..=3u8),
                option::of(1..=20u8),
            ),
        ),
    )
        .prop_map(|(shares, colours, bold, moving)| CaptionStyle {
            size: shares.0,
            colour: colours.0,
            outline_colour: colours.1,
            outline: shares.1,
            box_colour: colours.2,
            box_opacity: shares.2,
            bold,
            bottom: shares.3,
            place: moving.0.0,
            effect: moving.0.1,
            accent: moving.1.0,
            accent_letters: moving.1.1,
            upper: moving.2,
            shadow: moving.3,
            line_length: moving.4.0,
            lines: moving.4.1,
            words: moving.4.2,
        });
    btree_map("[a-zé .]{1,8}", style, 0..3)
}

/// Engines of one's own, where all are wanted, and vendors' under the same names as those of pictures.
fn voices(all: bool, paid: &BTreeMap<String, EngineSpec>) -> BTreeMap<String, VoiceEngineSpec> {
    let url = "http://127.0.0.1:5000".to_owned();
    let openai = OpenaiSpec {
        url: url.clone(),
        model: "kokoro".to_owned(),
        instructions: all,
    };
    let own = [
        ("kokoro", VoiceEngine::Openai(openai)),
        ("piper", VoiceEngine::PiperServer(PiperServerSpec { url })),
        (
            "own",
            VoiceEngine::Piper(PiperSpec {
                models: "media/voices".parse().expect("a path"),
            }),
        ),
    ];
    let own = own.into_iter().filter(|_| all);
    let own = own.map(|(name, engine)| (name.to_owned(), VoiceEngineSpec::Own(engine)));
    let paid = paid.iter();
    let paid = paid.map(|(name, spec)| {
        (
            name.clone(),
            VoiceEngineSpec::Vendor(Box::new(spec.clone())),
        )
    });
    paid.chain(own).collect()
}

fn lexicon() -> impl Strategy<Value = BTreeMap<String, Pronunciation>> {
    let exact =
        (option::of(words()), words(), option::of(language())).prop_map(|(say, ipa, language)| {
            Pronunciation::Exact(ExactPronunciation {
                say,
                ipa: Some(ipa),
                language,
            })
        });
    let said = prop_oneof![words().prop_map(Pronunciation::Respelled), exact];
    btree_map("[a-zé]{1,8}", said, 0..3)
}

/// Engines by name.
fn outside() -> impl Strategy<Value = BTreeMap<String, EngineSpec>> {
    let own = (
        option::of(0..2_000_000u32),
        any::<bool>(),
        option::of(1..=1000u32),
    );
    let vendor = own.prop_map(|(price, near, at_once)| EngineSpec {
        vendor: "fal".to_owned(),
        model: "fal-ai/flux/dev".to_owned(),
        price: price.map(dollars),
        price_read: price.filter(|_| near).map(dollars),
        quality: if near {
            ImageEffort::High
        } else {
            ImageEffort::Medium
        },
        options: BTreeMap::from([("duration".to_owned(), "5".into())]),
        graph: near.then(|| "media/graphs/own.json".parse().expect("a path")),
        places: BTreeMap::from([("prompt".to_owned(), "6.text".to_owned())]),
        url: near.then(|| "http://127.0.0.1:8000".to_owned()),
        key_env: near.then(|| "OWN_KEY".to_owned()),
        key_file: (!near).then(|| "~/.keys/fal".to_owned()),
        at_once,
        per_minute: at_once.map(|n| n * 60),
        ..EngineSpec::default()
    });
    let no_vendor = (option::of(0..2_000_000u32), any::<bool>(), 1..=1000u32);
    let no_vendor = no_vendor.prop_map(|(price, near, at_once)| EngineSpec {
        vendor: if near { "command" } else { "hand-off" }.to_owned(),
        model: "own".to_owned(),
        price: price.map(dollars),
        options: BTreeMap::from([("steps".to_owned(), 8.into())]),
        at_once: near.then_some(at_once),
        command: ["draw", "--to={out}", "{steps}"]
            .map(str::to_owned)
            .into_iter()
            .filter(|_| near)
            .collect(),
        version: Some(at_once.to_string()),
        limit_s: near.then_some(at_once),
        folder: (!near).then(|| "~/orders".to_owned()),
        ..EngineSpec::default()
    });
    let spec = prop_oneof![vendor, no_vendor, tool()];
    btree_map("[a-z]{1,6}", spec, 0..3)
}

/// A tool of a server that is started, or that runs.
fn tool() -> impl Strategy<Value = EngineSpec> {
    let own = (any::<bool>(), 1..=1000u32);
    own.prop_map(|(starts, at_once)| EngineSpec {
        vendor: "mcp".to_owned(),
        model: "own".to_owned(),
        url: (!starts).then(|| "http://127.0.0.1:8000/mcp".to_owned()),
        command: starts.then(|| "draw".to_owned()).into_iter().collect(),
        tool: Some("draw".to_owned()),
        arguments: BTreeMap::from([
            ("seed".to_owned(), "{seed}".into()),
            ("all".to_owned(), serde_json::json!({"in": [1, "{prompt}"]})),
        ]),
        result: starts.then(|| "/path".to_owned()),
        limit_s: Some(at_once),
        folder: (!starts).then(|| "~/made".to_owned()),
        ..EngineSpec::default()
    })
}

/// So many millionths.
fn dollars(micros: u32) -> Dollars {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.parse().expect("an amount")
}

fn credentials(own: bool) -> CredentialsSpec {
    CredentialsSpec {
        sign: own,
        certificate: own.then(|| "~/certificates/studio.pem".to_owned()),
        key_file: None,
        key_env: own.then(|| "STUDIO_KEY".to_owned()),
        prompts: own,
    }
}

fn budget(whole: bool, (show, day): (u32, u32)) -> Budget {
    Budget {
        show: whole.then(|| dollars(show * 7)),
        episode: None,
        day: Some(dollars(day)),
        run: None,
    }
}

fn takes(several: bool, number: u32) -> TakeRules {
    let floor = several.then(|| Score::from_hundredths((number % 101) as i32));
    TakeRules {
        pictures: 1 + (number % 16) as u8,
        choose: if number.is_multiple_of(2) {
            Choosing::Best
        } else {
            Choosing::Person
        },
        retry_below_floor: floor.map_or(0, |_| (number % 9) as u8),
        floor,
        judge: several.then(|| "eyes".to_owned()),
        ..TakeRules::default()
    }
}

/// An account at a stock library.
fn stock(by_file: bool) -> StockSpec {
    StockSpec {
        url: None,
        key_env: (!by_file).then(|| "STOCK_KEY".to_owned()),
        key_file: by_file.then(|| "~/.keys/stock".to_owned()),
    }
}

/// Where vendors call.
fn webhooks(named: bool) -> WebhookSpec {
    WebhookSpec {
        address: named.then(|| "https://studio.example.org/calls".to_owned()),
        address_env: (!named).then(|| "CALLS".to_owned()),
        listen: named.then(|| "127.0.0.1:9000".to_owned()),
    }
}

/// Which engine does what.
fn engines() -> impl Strategy<Value = Engines> {
    let heard = (outside(), outside(), outside(), outside());
    let all = (any::<bool>(), outside(), outside(), outside(), heard);
    all.prop_map(
        |(rife, images, clips, text, (recognisers, composers, effects, changers))| Engines {
            image: images.keys().next().cloned(),
            voices: voices(rife, &images),
            images,
            clip: clips.keys().next().cloned(),
            clips,
            text,
            recogniser: recognisers.keys().next().cloned(),
            recognisers,
            composer: composers.keys().next().cloned(),
            composers,
            effect: effects.keys().next().cloned(),
            effects,
            changers,
            stock: BTreeMap::from([("pexels".to_owned(), stock(rife))]),
            webhooks: webhooks(rife),
            upscale: if rife {
                UpscaleModel::RealesrganX4plus
            } else {
                UpscaleModel::default()
            },
            smooth: if rife {
                SmoothEngine::Rife
            } else {
                SmoothEngine::Minterpolate
            },
        },
    )
}

/// A show without errors.
pub(crate) fn shows() -> impl Strategy<Value = Show> {
    (
        words(),
        outputs(),
        cast(),
        (0..=60_000u32, 0..=60_000u32),
        styles(),
        (
            engines(),
            any::<bool>(),
            btree_map("[a-z]{1,5}", looks(), 0..3),
            (colour(), colour(), colour(), colour()),
            (ducking(), any::<bool>()),
            lexicon(),
        ),
    )
        .prop_map(
            |(title, outputs, cast, timing, caption_styles, rest)| Show {
                format: show::FORMAT.to_owned(),
                title,
                outputs,
                cast,
                timing: Timing {
                    lead_ms: timing.0,
                    tail_ms: timing.1,
                },
                caption_styles,
                theme: Theme {
                    primary: rest.3.0,
                    accent: rest.3.1,
                    ink: rest.3.2,
                    paper: rest.3.3,
                },
                engines: rest.0,
                budget: budget(rest.1, timing),
                dub: DubTiming {
                    fastest: 100 + (timing.0 % 101) as u16,
                    longer_ms: timing.1 % 10_001,
                },
                lexicon: rest.5,
                takes: takes(rest.1, timing.0),
                gates: Gates {
                    mode: if rest.1 {
                        GateMode::Director
                    } else {
                        GateMode::Quick
                    },
                    spend: rest.1.then(|| dollars(timing.0)),
                    spend_each: rest.1.then(|| dollars(timing.1)),
                    generation: (timing.1 % 2 == 0).then_some(rest.1),
                    review: (timing.0 % 2 == 0).then_some(rest.1),
                },
                credentials: credentials(rest.1),
                waive: waivers(rest.1.then_some("it is meant so")),
                looks: rest.2,
                mix: MixSettings {
                    duck: rest.4.0,
                    match_voices: rest.4.1,
                },
            },
        )
}

/// A lock without errors.
pub(crate) fn locks() -> impl Strategy<Value = Lock> {
    let take = (
        any::<u8>(),
        option::of(words()),
        any::<Option<u32>>(),
        option::of(path()),
    )
        .prop_map(|(byte, engine, seed, file)| LockedTake {
            digest: Digest::of(&[byte]),
            key: (byte > 99).then(|| Digest::of(&[byte, 1])),
            engine,
            seed,
            recipe: (byte > 50).then(|| serde_json::json!({"voice": {"rate": byte}})),
            file,
            instead: (byte > 150).then(|| Instead {
                of: "a model".to_owned(),
                because: "it is away".to_owned(),
            }),
            pinned: byte % 2 == 0,
        });
    btree_map("[a-z]{1,6}/[a-z0-9/-]{1,9}", take, 0..5).prop_map(|slots| Lock {
        slots,
        ..Lock::default()
    })
}
