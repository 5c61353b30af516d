//! The way from an episode to a film, from top to bottom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::try_join4;
use workprint_engine::{EngineError, Gate, Run};
use workprint_model::episode::{
    CastMember, ClipSpec, Cue, Episode, Picture, Shot, Voice as VoiceSpec,
};
use workprint_model::graphic::{Graphic, Template};
use workprint_model::show::{Output, Show, SmoothEngine};
use workprint_model::sound::SoundSource;
use workprint_model::timeline::{Clip, PlacedPicture, Plate, Timeline};
use workprint_model::{
    Artifact, CueId, Diagnostic, Digest, Frames, Language, MediaPath, Millis, Percent, Samples,
    ShotId, Slot,
};
use workprint_picture::chunks;

use crate::align::Align;
use crate::captions::{CaptionFiles, Captions};
use crate::clips::LookIntoClip;
use crate::graphics::DrawGraphic;
use crate::images::{Image, ImageSource};
use crate::master::{Master, MasterTake};
use crate::mix::Mix;
use crate::picture::{ChunkSettings, RenderChunk};
use crate::smooth::Smooth;
use crate::sounds::{MakeSound, Origin, SYNTH, SoundTake};
use crate::sources::{self, Sources};
use crate::timeline::{CueTake, Materials, lay, room_for_voice};
use crate::tools::Tools;
use crate::voice::{Voice, VoiceSource};

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The episode.
    pub episode: &'a Episode,
    /// Its show.
    pub show: &'a Show,
    /// The output.
    pub output: &'a Output,
    /// The output's name.
    pub output_name: &'a str,
    /// The files that the episode names.
    pub sources: &'a Sources,
    /// Hand-made takes: the digest of the file that fills a slot.
    pub hand_made: &'a BTreeMap<Slot, Digest>,
    /// Another language to speak and write in.
    pub dub: Option<&'a Language>,
}

/// What was made, or, in a plan, what would be.
#[derive(Debug, Clone)]
pub struct Film {
    /// The episode in time.
    pub timeline: Arc<Timeline>,
    /// The caption files.
    pub captions: CaptionFiles,
    /// The film.
    pub master: MasterTake,
}

type Made<T> = Result<T, EngineError>;

/// An episode in time, with everything that is seen and heard in it made.
#[derive(Debug, Clone)]
pub struct Laid {
    /// The episode in time.
    pub timeline: Arc<Timeline>,
    /// Where the original is cut into chunks.
    cuts: BTreeSet<Frames>,
}

/// Makes everything that a timeline needs, and lays it.
pub async fn laid(run: &Run<Tools>, order: &Order<'_>) -> Made<Laid> {
    let (timing, pictures, plates, sounds) = try_join4(
        original_takes(run, order),
        pictures(run, order),
        graphics(run, order),
        sounds(run, order),
    )
    .await?;
    let (sounds, clip_sounds) = sounds;
    let mut materials = Materials {
        heard: timing.clone(),
        timing,
        pictures,
        plates,
        sounds,
        clip_sounds,
    };
    let original = lay(order.episode, order.show, order.output, &materials);
    let Some(language) = order.dub else {
        return Ok(Laid {
            timeline: Arc::new(original),
            cuts: BTreeSet::new(),
        });
    };
    // A dub is cut where the original is cut too, so that what shows no words is the same chunk.
    let cuts = chunks::cut(&original, &BTreeSet::new())
        .iter()
        .map(|range| range.from)
        .collect();
    materials.heard = dubbed_takes(run, order, language, &original, &materials).await?;
    let dubbed = lay(order.episode, order.show, order.output, &materials);
    Ok(Laid {
        timeline: Arc::new(dubbed),
        cuts,
    })
}

/// Makes an episode, or plans to: which of the two is the run's matter.
pub async fn film(run: &Run<Tools>, order: &Order<'_>) -> Made<Film> {
    let Laid { timeline, cuts } = laid(run, order).await?;
    let captions = captions(order, &timeline);
    let mix = mix(run, order, &timeline);
    let (chunks, captions, mix) = futures::try_join!(
        run.all(chunk_steps(run, order, &timeline, &cuts)),
        run.step(captions),
        run.step(mix),
    )?;
    if mix.missed {
        run.diagnose(
            Diagnostic::warning(
                "mix.loudness-missed",
                "the mix did not reach the loudness asked for",
            )
            .hint("raise quiet sounds, or ask for less in show.toml: `loudness`"),
        );
    }
    let mut master = Master {
        engine: format!("workprint-master 1 / {}", run.tools().identities.ffmpeg),
        chunks,
        mix: mix.sound.digest,
        rate: timeline.rate,
        frames: timeline.length,
        audio_kbps: order.output.audio_kbps,
        title: order.episode.title.clone(),
        language: order.dub.unwrap_or(&order.episode.language).clone(),
        chapters: timeline.chapters.clone(),
        timeline: Digest::of_json(&*timeline),
        timeline_json: Master::timeline_json(&timeline),
        needs: Vec::new(),
        slot: output_slot("master", order),
    };
    if order.show.gates.master {
        let digest = Digest::of_json(&("master", &master));
        let question = format!("make the master of `{}`?", order.episode.title);
        run.gate(Gate {
            name: output_slot("master", order).to_string(),
            digest,
            question,
        })
        .await?;
        master.needs.push(digest);
    }
    let master = run.step(master).await?;
    Ok(Film {
        timeline,
        captions,
        master,
    })
}

fn output_slot(kind: &str, order: &Order<'_>) -> Slot {
    match order.dub {
        None => Slot::new(kind, order.output_name),
        Some(language) => Slot::new(kind, format_args!("{}@{language}", order.output_name)),
    }
}

// Voices and words.

/// Finds a speaker among the episode's cast, then the show's.
pub fn find_cast<'a>(episode: &'a Episode, show: &'a Show, cue: &Cue) -> Option<&'a CastMember> {
    let speaker = cue.speaker.as_ref()?;
    episode
        .cast
        .iter()
        .chain(&show.cast)
        .find(|member| member.id == *speaker)
}

/// What espeak calls the voice of a language where nobody chose one.
pub fn espeak_voice(language: &Language) -> String {
    match language.primary().as_str() {
        "en" => language.as_str().to_ascii_lowercase(),
        "zh" => "cmn".to_owned(),
        primary => primary.to_owned(),
    }
}

fn language_of<'a>(order: &Order<'a>, cue: &'a Cue) -> &'a Language {
    cue.language.as_ref().unwrap_or(&order.episode.language)
}

async fn original_takes(run: &Run<Tools>, order: &Order<'_>) -> Made<BTreeMap<CueId, CueTake>> {
    let spoken: Vec<(&Cue, &str, &str)> = order
        .episode
        .cues()
        .filter_map(|cue| Some((cue, cue.spoken()?, cue.read_aloud()?)))
        .collect();
    let voices = spoken.iter().map(|(cue, _, said)| {
        let cast = find_cast(order.episode, order.show, cue).map(|member| &member.voice);
        let fallback =
            VoiceSpec::named(format!("espeak:{}", espeak_voice(language_of(order, cue))));
        let spec = cue.voice.as_ref().or(cast).cloned().unwrap_or(fallback);
        voice_step(run, order, (said, &spec, None), Slot::new("voice", &cue.id))
    });
    let takes = run.all(voices).await?;
    let aligned = run.all(spoken.iter().zip(&takes).map(|((cue, text, said), take)| {
        let reader = espeak_voice(language_of(order, cue));
        Align::of(
            (text, said),
            take,
            (&espeak(run), &reader),
            Slot::new("align", &cue.id),
        )
    }));
    let aligned = aligned.await?;
    let all = spoken.iter().zip(takes).zip(aligned);
    Ok(all
        .map(|(((cue, text, _), voice), words)| {
            let language = language_of(order, cue).clone();
            (
                cue.id.clone(),
                CueTake {
                    text: (*text).to_owned(),
                    language,
                    voice,
                    words,
                },
            )
        })
        .collect())
}

/// Voices in another language, each no longer than its cue; a cue without a text in that language
/// keeps its own voice.
async fn dubbed_takes(
    run: &Run<Tools>,
    order: &Order<'_>,
    language: &Language,
    original: &Timeline,
    materials: &Materials,
) -> Made<BTreeMap<CueId, CueTake>> {
    let mut spoken = Vec::new();
    let mut takes = materials.timing.clone();
    for (cue, placed) in order.episode.cues().zip(&original.cues) {
        if cue.spoken().is_none() {
            continue;
        }
        let Some(text) = cue
            .dub
            .get(language)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
        else {
            run.diagnose(
                Diagnostic::warning(
                    "dub.no-text",
                    format!(
                        "cue `{}` has no text in `{language}` and keeps its own voice",
                        cue.id
                    ),
                )
                .hint(format!(
                    "write it in the manifest: `\"dub\": {{\"{language}\": \"…\"}}` in that cue"
                )),
            );
            continue;
        };
        spoken.push((
            cue,
            text,
            room_for_voice(cue, placed, order.show, order.output.rate),
        ));
    }
    let voices = spoken.iter().map(|(cue, text, room)| {
        let cast = find_cast(order.episode, order.show, cue);
        let own = cast.and_then(|member| member.dub.get(language)).cloned();
        let spec = own.unwrap_or_else(|| {
            let same = cast.map(|member| member.voice.clone());
            VoiceSpec {
                name: format!(
                    "espeak:{}{}",
                    espeak_voice(language),
                    variant(same.as_ref())
                ),
                ..same.unwrap_or_else(|| VoiceSpec::named(""))
            }
        });
        let slot = Slot::new("voice", format_args!("{}@{language}", cue.id));
        voice_step(run, order, (text, &spec, Some(*room)), slot)
    });
    let voices = run.all(voices).await?;
    let reader = espeak_voice(language);
    let aligned = run
        .all(spoken.iter().zip(&voices).map(|((cue, text, _), take)| {
            let slot = Slot::new("align", format_args!("{}@{language}", cue.id));
            Align::of((text, text), take, (&espeak(run), &reader), slot)
        }))
        .await?;
    for (((cue, text, room), voice), words) in spoken.iter().zip(voices).zip(aligned) {
        if voice.length > *room && run.is_made(&voice.sound.digest) {
            let over = (voice.length - *room).millis().0;
            let message = format!(
                "the voice of cue `{}` in `{language}` is {over} ms too long",
                cue.id
            );
            run.diagnose(Diagnostic::warning("dub.too-long", message).hint(format!(
                "shorten its text, or give the cue {over} ms more with `tail_ms`"
            )));
        }
        let text = (*text).to_owned();
        takes.insert(
            cue.id.clone(),
            CueTake {
                text,
                language: language.clone(),
                voice,
                words,
            },
        );
    }
    Ok(takes)
}

/// `+f3` of `espeak:en-gb+f3`: a voice's colour, which a dub keeps.
fn variant(voice: Option<&VoiceSpec>) -> String {
    let variant = voice.and_then(|voice| {
        voice
            .voice()
            .split_once('+')
            .map(|(_, variant)| variant.to_owned())
    });
    variant.map_or_else(String::new, |variant| format!("+{variant}"))
}

fn espeak(run: &Run<Tools>) -> String {
    run.tools()
        .identities
        .espeak
        .clone()
        .unwrap_or_else(|| "espeak-ng missing".to_owned())
}

fn voice_step(
    run: &Run<Tools>,
    order: &Order<'_>,
    line: (&str, &VoiceSpec, Option<Samples>),
    slot: Slot,
) -> Voice {
    let (text, spec, fit) = line;
    if let Some(file) = order.hand_made.get(&slot) {
        let engine = format!("file / {}", run.tools().identities.ffmpeg);
        return Voice {
            engine,
            source: VoiceSource::File { file: *file },
            slot,
        };
    }
    let source = VoiceSource::Espeak {
        text: text.to_owned(),
        voice: spec.voice().to_owned(),
        rate: spec.rate,
        pitch: spec.pitch,
        range: spec.range,
        fit,
    };
    Voice {
        engine: espeak(run),
        source,
        slot,
    }
}

// Pictures.

async fn pictures(run: &Run<Tools>, order: &Order<'_>) -> Made<BTreeMap<ShotId, PlacedPicture>> {
    let shots: Vec<&Shot> = order.episode.shots().collect();
    let stills: Vec<&Shot> = shots
        .iter()
        .copied()
        .filter(|shot| !matches!(shot.picture, Picture::Clip(_)))
        .collect();
    let clips: Vec<(&Shot, &ClipSpec)> = shots
        .iter()
        .filter_map(|shot| match &shot.picture {
            Picture::Clip(clip) => Some((*shot, clip)),
            _ => None,
        })
        .collect();
    let made = run.all(stills.iter().map(|shot| image_step(run, order, shot)));
    let (made, clips) = futures::try_join!(made, clip_pictures(run, order, &clips))?;
    let stills = stills.iter().zip(made).map(|(shot, mut still)| {
        // Parallax is the shot's, whatever take was pinned.
        if let Picture::Image(spec) = &shot.picture {
            still.parallax = spec.parallax;
        }
        (shot.id.clone(), PlacedPicture::Still(still))
    });
    Ok(stills.chain(clips).collect())
}

/// The nearest view of a shot's move, in steps of a tenth so that small edits keep the picture.
fn nearest_zoom(shot: &Shot) -> Percent {
    let hundredths = shot.camera.map_or(10_000, |camera| {
        camera
            .from
            .zoom
            .hundredths()
            .max(camera.to.zoom.hundredths())
    });
    Percent::from_hundredths((hundredths.clamp(10_000, 20_000) + 999) / 1000 * 1000)
}

fn find_file(order: &Order<'_>, path: &MediaPath) -> Artifact {
    order
        .sources
        .find(path)
        .cloned()
        .unwrap_or_else(|| Artifact {
            digest: sources::missing(path),
            media_type: sources::media_type(path).to_owned(),
            bytes: 0,
        })
}

fn image_step(run: &Run<Tools>, order: &Order<'_>, shot: &Shot) -> Image {
    let slot = Slot::new("image", &shot.id);
    let fonts = *run.tools().fonts.digest();
    let from_file = |file: &Artifact| {
        if file.media_type == "image/svg+xml" {
            ImageSource::Svg {
                file: file.digest,
                language: order.episode.language.clone(),
                fonts,
            }
        } else {
            ImageSource::File { file: file.digest }
        }
    };
    let language = order.dub.unwrap_or(&order.episode.language);
    let mut parallax = Percent::new(0);
    let source = match &shot.picture {
        _ if order.hand_made.contains_key(&slot) => ImageSource::File {
            file: order.hand_made[&slot],
        },
        Picture::Image(spec) => {
            parallax = spec.parallax;
            from_file(&find_file(order, &spec.file))
        }
        Picture::Card(card) => {
            let words = order.dub.and_then(|language| card.dub.get(language));
            let background = card.background.as_ref().map(|path| {
                let file = find_file(order, path);
                (file.digest, file.media_type == "image/svg+xml")
            });
            ImageSource::Card {
                title: words.map_or(&card.title, |words| &words.title).clone(),
                subtitle: words
                    .map_or(&card.subtitle, |words| &words.subtitle)
                    .clone(),
                background,
                colour: card.colour,
                language: if words.is_some() {
                    language
                } else {
                    &order.episode.language
                }
                .clone(),
                fonts,
            }
        }
        Picture::Prompt(spec) => ImageSource::Storyboard {
            prompt: spec.text.clone(),
            seed: spec.seed,
            label: shot.id.to_string(),
            language: order.episode.language.clone(),
            fonts,
        },
        Picture::Clip(clip) => from_file(&find_file(order, &clip.file)),
    };
    let slot = match (&shot.picture, order.dub) {
        (Picture::Card(card), Some(language)) if card.dub.contains_key(language) => {
            Slot::new("image", format_args!("{}@{language}", shot.id))
        }
        _ => slot,
    };
    Image {
        source,
        frame: order.output.size(),
        zoom: nearest_zoom(shot),
        parallax,
        slot,
    }
}

async fn clip_pictures(
    run: &Run<Tools>,
    order: &Order<'_>,
    clips: &[(&Shot, &ClipSpec)],
) -> Made<Vec<(ShotId, PlacedPicture)>> {
    let looked = run.all(clips.iter().map(|(shot, spec)| {
        let slot = Slot::new("clip", &shot.id);
        let named = find_file(order, &spec.file);
        LookIntoClip {
            engine: run.tools().identities.ffmpeg.clone(),
            file: order.hand_made.get(&slot).copied().unwrap_or(named.digest),
            bytes: named.bytes,
            frame: Some(order.output.size()),
            slot,
        }
    }));
    let mut takes = looked.await?;
    let rough: Vec<usize> = (0..clips.len())
        .filter(|&index| clips[index].1.smooth > 1)
        .collect();
    let engines = &order.show.engines;
    let rife = run
        .tools()
        .identities
        .rife
        .clone()
        .filter(|_| engines.smooth == SmoothEngine::Rife);
    if engines.smooth == SmoothEngine::Rife && rife.is_none() && !rough.is_empty() {
        run.diagnose(
            Diagnostic::warning(
                "smooth.no-rife",
                "show.toml asks for rife-ncnn-vulkan, which is not installed; ffmpeg interpolates instead",
            )
            .hint("install rife-ncnn-vulkan, or set `smooth = \"minterpolate\"` in show.toml"),
        );
    }
    let smoothed = run.all(rough.iter().map(|&index| {
        Smooth {
            engine: rife
                .clone()
                .unwrap_or_else(|| run.tools().identities.ffmpeg.clone()),
            rife: rife.is_some(),
            factor: clips[index].1.smooth,
            clip: takes[index].clone(),
            slot: Slot::new("smooth", &clips[index].0.id),
        }
    }));
    for (index, take) in rough.iter().zip(smoothed.await?) {
        takes[*index] = take;
    }
    Ok(clips
        .iter()
        .zip(takes)
        .map(|((shot, spec), take)| {
            let start = Millis(i64::from(spec.in_ms)).samples();
            let heard = (take.duration - start).0 * 10_000 / spec.speed.hundredths().max(1) as u64;
            let clip = Clip {
                video: take.video,
                size: take.size,
                start,
                speed: spec.speed,
                frames: order
                    .output
                    .rate
                    .frames_covering(Samples(heard.saturating_sub(2)))
                    .max(Frames(1)),
                then: spec.then,
            };
            (shot.id.clone(), PlacedPicture::Clip(clip))
        })
        .collect())
}

async fn graphics(run: &Run<Tools>, order: &Order<'_>) -> Made<Vec<Plate>> {
    let steps = order.episode.overlays.iter().map(|overlay| {
        let words = order.dub.and_then(|language| overlay.dub.get(language));
        let template = if sources::is_built_in(&overlay.graphic) {
            Template::BuiltIn(overlay.graphic.clone())
        } else {
            let path = sources::graphic_path(&overlay.graphic);
            let missing = || Digest::of_json(&("missing", &overlay.graphic));
            Template::Svg(path.map_or_else(missing, |path| find_file(order, &path).digest))
        };
        let language = order
            .dub
            .filter(|_| words.is_some())
            .unwrap_or(&order.episode.language);
        let slot = match words {
            Some(_) => Slot::new("graphic", format_args!("{}@{language}", overlay.id)),
            None => Slot::new("graphic", &overlay.id),
        };
        DrawGraphic {
            graphic: Graphic {
                template,
                fields: words.unwrap_or(&overlay.fields).clone(),
            },
            size: order.output.size(),
            language: language.clone(),
            fonts: *run.tools().fonts.digest(),
            slot,
        }
    });
    run.all(steps).await
}

// Sounds.

type Heard = (Artifact, Samples);

async fn sounds(
    run: &Run<Tools>,
    order: &Order<'_>,
) -> Made<(Vec<Heard>, BTreeMap<ShotId, Heard>)> {
    let named = order
        .episode
        .music
        .iter()
        .map(|music| (&music.id, &music.source));
    let named = named.chain(
        order
            .episode
            .sfx
            .iter()
            .map(|effect| (&effect.id, &effect.source)),
    );
    let steps = named.map(|(id, source)| {
        let slot = Slot::new("sound", id);
        sound_step(run, order, source, slot)
    });
    let clips: Vec<(&Shot, &ClipSpec)> = order
        .episode
        .shots()
        .filter_map(|shot| match &shot.picture {
            Picture::Clip(clip) if clip.sound_db.is_some() => Some((shot, clip)),
            _ => None,
        })
        .collect();
    let clip_steps = clips.iter().map(|(shot, clip)| {
        let origin = Origin::File {
            file: find_file(order, &clip.file).digest,
            skip: Millis(i64::from(clip.in_ms)).samples(),
        };
        let engine = run.tools().identities.ffmpeg.clone();
        MakeSound {
            engine,
            source: origin,
            slot: Slot::new("sound", format_args!("clip-{}", shot.id)),
        }
    });
    let (named, of_clips) = futures::try_join!(run.all(steps), run.all(clip_steps))?;
    let heard = |take: SoundTake| (take.sound, take.length);
    let of_clips = clips
        .iter()
        .map(|(shot, _)| shot.id.clone())
        .zip(of_clips.into_iter().map(heard))
        .collect();
    Ok((named.into_iter().map(heard).collect(), of_clips))
}

fn sound_step(run: &Run<Tools>, order: &Order<'_>, source: &SoundSource, slot: Slot) -> MakeSound {
    let ffmpeg = || run.tools().identities.ffmpeg.clone();
    if let Some(file) = order.hand_made.get(&slot) {
        let source = Origin::File {
            file: *file,
            skip: Samples(0),
        };
        return MakeSound {
            engine: ffmpeg(),
            source,
            slot,
        };
    }
    match source {
        SoundSource::File(path) => {
            let source = Origin::File {
                file: find_file(order, path).digest,
                skip: Samples(0),
            };
            MakeSound {
                engine: ffmpeg(),
                source,
                slot,
            }
        }
        SoundSource::Synth(synth) => {
            let usual = workprint_sound::synth::usual_length(synth.kind);
            let length = synth
                .length_ms
                .map_or(usual, |ms| Millis(i64::from(ms)).samples());
            let source = Origin::Synth {
                kind: synth.kind,
                seed: synth.seed,
                length,
            };
            let engine = SYNTH.to_owned();
            MakeSound {
                engine,
                source,
                slot,
            }
        }
    }
}

// The film.

fn chunk_steps(
    run: &Run<Tools>,
    order: &Order<'_>,
    timeline: &Arc<Timeline>,
    cuts: &BTreeSet<Frames>,
) -> Vec<RenderChunk> {
    let settings = ChunkSettings {
        output: order.output,
        name: order.output_name,
        ffmpeg: &run.tools().identities.ffmpeg,
        fonts: *run.tools().fonts.digest(),
    };
    let ranges = chunks::cut(timeline, cuts);
    ranges
        .into_iter()
        .map(|range| RenderChunk::of(timeline, range, &settings))
        .collect()
}

fn captions(order: &Order<'_>, timeline: &Timeline) -> Captions {
    let cast = order.show.cast.iter().chain(&order.episode.cast);
    let names = cast
        .map(|member| {
            (
                member.id.to_string(),
                member.name.clone().unwrap_or_else(|| member.id.to_string()),
            )
        })
        .collect::<BTreeMap<_, _>>();
    Captions::of(
        timeline,
        names.into_iter().collect(),
        output_slot("captions", order),
    )
}

fn mix(run: &Run<Tools>, order: &Order<'_>, timeline: &Timeline) -> Mix {
    let mut timed_by: Vec<Digest> = timeline
        .cues
        .iter()
        .flat_map(|cue| cue.timed_by.iter().copied())
        .collect();
    timed_by.sort_unstable();
    timed_by.dedup();
    Mix {
        engine: format!("workprint-mix 1 / {}", run.tools().identities.ffmpeg),
        audio_kbps: order.output.audio_kbps,
        sounds: timeline.sounds.clone(),
        length: timeline.samples(),
        loudness: order.output.loudness,
        true_peak: order.output.true_peak,
        slot: output_slot("mix", order),
        timed_by,
    }
}
