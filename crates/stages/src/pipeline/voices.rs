//! Voices and the words in them.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::episode::{CastMember, Cue, Episode, Voice as VoiceSpec};
use workprint_model::show::{Show, VoiceEngine, VoiceEngineSpec};
use workprint_model::timeline::Timeline;
use workprint_model::{
    CueId, Diagnostic, Digest, Frames, Language, Millis, Samples, SceneId, Slot,
};

use super::bought::Ordered;
use super::cannot::{tell_recorded, tell_unable, unable, unable_to_change};
use super::dialogue::scene_of;
use super::words::{Heard, Whose, espeak, espeak_voice, speaker_slot, words};
use super::{Made, Order, StandIn, bought, changed, find_file, puppets};
use crate::timeline::{CueTake, room_for_voice};
use crate::tools::Tools;
use crate::voice::lexicon::Sounds;
use crate::voice::marks::read_marked;
use crate::voice::{Asked, SILENCE, Voice, VoiceSource, VoiceTake};

/// Finds a speaker among the episode's cast, then the show's.
pub(crate) fn find_cast<'a>(
    episode: &'a Episode,
    show: &'a Show,
    cue: &Cue,
) -> Option<&'a CastMember> {
    let speaker = cue.speaker.as_ref()?;
    episode
        .cast
        .iter()
        .chain(&show.cast)
        .find(|member| member.id == *speaker)
}

/// The voice that a cue asks for.
pub fn voice_of<'a>(episode: &'a Episode, show: &'a Show, cue: &'a Cue) -> Option<&'a VoiceSpec> {
    let cast = || find_cast(episode, show, cue).map(|member| &member.voice);
    cue.voice.as_ref().or_else(cast)
}

/// The voice of a language where nobody chose one, or where the chosen one cannot be had.
pub fn stand_in(language: &Language) -> VoiceSpec {
    VoiceSpec::named(format!("espeak:{}", espeak_voice(language)))
}

fn language_of<'a>(order: &Order<'a>, cue: &'a Cue) -> &'a Language {
    cue.language.as_ref().unwrap_or(&order.episode.language)
}

pub(super) async fn original(
    run: &Run<Tools>,
    order: &Order<'_>,
) -> Made<BTreeMap<CueId, CueTake>> {
    let spoken: Vec<(&Cue, &str, &str)> = order
        .episode
        .cues()
        .filter_map(|cue| Some((cue, cue.spoken()?, cue.read_aloud()?)))
        .collect();
    let voices = spoken
        .iter()
        .map(|(cue, _, said)| own_voice(run, order, cue, said));
    let voices = bought::bought(run, order, voices.collect()).await?;
    let voices = stood_in(run, order, voices).await?;
    let whose: Vec<Whose> = voices.iter().map(Whose::of).collect();
    let takes = run.all(voices).await?;
    let read = spoken.iter().map(|(cue, _, said)| {
        read_marked(
            said,
            &order.show.lexicon,
            language_of(order, cue),
            Sounds::Unread,
        )
        .0
    });
    let read: Vec<String> = read.collect();
    let lines = spoken.iter().zip(&read).zip(takes.iter().zip(&whose));
    let lines = lines.map(|(((cue, text, _), read), (take, whose))| Heard {
        cue,
        language: language_of(order, cue),
        text,
        read,
        take,
        whose,
        list: words_file(order, cue),
    });
    let aligned = words(run, order, &lines.collect::<Vec<_>>(), None).await?;
    see_dubs(run, order);
    let all = spoken.iter().zip(takes).zip(aligned);
    let mut takes = all
        .map(|(((cue, text, _), voice), words)| {
            let language = language_of(order, cue).clone();
            (
                cue.id.clone(),
                CueTake {
                    text: (*text).to_owned(),
                    language,
                    voice,
                    words,
                    lips: None,
                },
            )
        })
        .collect();
    puppets::lips(run, order, &mut takes, "").await?;
    Ok(takes)
}

/// What was bought for dubs and the models of their voices stay in the lock, though only runs of their dubs
/// fill them.
fn see_dubs(run: &Run<Tools>, order: &Order<'_>) {
    for cue in order.episode.cues() {
        for language in cue.dub.keys() {
            let engine = dub_voice(order, cue, language).engine().to_owned();
            for engine in [None, Some(engine.as_str())] {
                let cue = (cue, language);
                run.see_slot(&speaker_slot(order, cue, engine, Some(language)));
            }
            run.see_slot(&Slot::new("speak", &cue.id));
            run.see_slot(&Slot::new(
                "recognise",
                format_args!("{}@{language}", cue.id),
            ));
        }
    }
}

/// A cue's voice in the episode's own language, or its recording.
fn own_voice(run: &Run<Tools>, order: &Order<'_>, cue: &Cue, said: &str) -> Ordered {
    let slot = Slot::new("voice", &cue.id);
    let language = language_of(order, cue);
    let Some(recording) = &cue.recording else {
        let fallback = stand_in(language);
        let spec = voice_of(order.episode, order.show, cue).unwrap_or(&fallback);
        let spec = VoiceSpec {
            rate: cue.rate.unwrap_or(spec.rate),
            ..melody_of(cue, spec.clone())
        };
        let line = Said {
            cue,
            text: said,
            language,
            direction: cue.direction.as_deref(),
            fit: None,
            scene: scene_of(order.episode, cue),
        };
        return voice_step(run, order, (&line, &spec), slot);
    };
    tell_recorded(run, cue);
    // A take that somebody chose for the slot comes before what the manifest says.
    if let Some(file) = order.hand_made.get(&slot) {
        return recorded(run, *file, slot).into();
    }
    let span = recording.span();
    let file = find_file(order, &recording.file).digest;
    let is_changed = changed::is_changed(order, cue);
    let recorded = Voice {
        source: VoiceSource::File {
            file,
            whole: recording.words.is_some() && !is_changed,
            span: (span != (Samples(0), None)).then_some(span),
        },
        ..recorded(run, file, slot)
    };
    let read = read_marked(said, &order.show.lexicon, language, Sounds::Unread).0;
    let changed = changed::line(run, order, (cue, &read), &recorded);
    changed.map_or_else(|| recorded.into(), Ordered::changed)
}

/// What is read aloud of a cue's take, and the espeak voice that can read it.
pub(super) fn reading(order: &Order<'_>, cue: &Cue, take: &CueTake) -> (String, String) {
    let dubbed = order.dub.filter(|language| take.language == **language);
    let dubbed = dubbed.and_then(|language| cue.dub.get(language)?.read_aloud());
    let said = dubbed.or(cue.read_aloud()).unwrap_or(&take.text);
    let read = read_marked(said, &order.show.lexicon, &take.language, Sounds::Unread).0;
    (read, espeak_voice(&take.language))
}

/// A cue to be spoken in another language: its text there, and how long it may take.
struct Line<'a> {
    cue: &'a Cue,
    text: &'a str,
    /// What is read aloud in its place.
    said: &'a str,
    /// That, with the words of the lexicon as they are pronounced.
    read: String,
    room: Samples,
}

/// Voices in another language, each no longer than its cue, and how much longer cues must become for
/// those that are, as far as the show lets them. A cue without a text in that language keeps its own
/// voice.
pub(super) async fn dubbed(
    run: &Run<Tools>,
    order: &Order<'_>,
    language: &Language,
    original: (&Timeline, &BTreeMap<CueId, CueTake>),
) -> Made<(BTreeMap<CueId, CueTake>, BTreeMap<CueId, Frames>)> {
    let mut takes = original.1.clone();
    let mut longer_by = BTreeMap::new();
    let most = Millis(i64::from(order.show.dub.longer_ms));
    let most = order.output.rate.frames_of(most);
    let lines = lines(run, order, language, original.0);
    let steps = lines.iter().map(|line| {
        let spec = melody_of(line.cue, dub_voice(order, line.cue, language));
        let slot = Slot::new("voice", format_args!("{}@{language}", line.cue.id));
        let said = Said {
            cue: line.cue,
            text: line.said,
            language,
            direction: line.cue.direction.as_deref(),
            fit: Some(line.room),
            scene: None,
        };
        voice_step(run, order, (&said, &spec), slot)
    });
    let steps = bought::bought(run, order, steps.collect()).await?;
    let steps = stood_in(run, order, steps).await?;
    let whose: Vec<Whose> = steps.iter().map(Whose::of).collect();
    let voices = run.all(steps).await?;
    let heard = lines.iter().zip(voices.iter().zip(&whose));
    let heard = heard.map(|(line, (take, whose))| Heard {
        cue: line.cue,
        language,
        text: line.text,
        read: &line.read,
        take,
        whose,
        list: None,
    });
    let aligned = words(run, order, &heard.collect::<Vec<_>>(), Some(language)).await?;
    for ((line, voice), words) in lines.iter().zip(voices).zip(aligned) {
        let over = voice.length - line.room;
        let over = order.output.rate.frames_covering(over);
        let longer = over.min(most);
        if longer > Frames(0) {
            longer_by.insert(line.cue.id.clone(), longer);
        }
        let rate = order.output.rate;
        let room = line.room + rate.sample_of(longer);
        warn_too_long(run, (line, room), language, &voice);
        let (text, language) = (line.text.to_owned(), language.clone());
        takes.insert(
            line.cue.id.clone(),
            CueTake {
                text,
                language,
                voice,
                words,
                lips: None,
            },
        );
    }
    puppets::lips(run, order, &mut takes, &format!("@{language}")).await?;
    Ok((takes, longer_by))
}

fn lines<'a>(
    run: &Run<Tools>,
    order: &Order<'a>,
    language: &Language,
    original: &Timeline,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (cue, placed) in order.episode.cues().zip(&original.cues) {
        if cue.spoken().is_none() {
            continue;
        }
        let text = cue
            .dub
            .get(language)
            .and_then(|line| Some((line.spoken()?, line.read_aloud()?)));
        if let Some((text, said)) = text {
            let room = room_for_voice(cue, placed, order.show, order.output.rate);
            lines.push(Line {
                cue,
                text,
                said,
                read: read_marked(said, &order.show.lexicon, language, Sounds::Unread).0,
                room,
            });
        } else {
            let message = format!(
                "cue `{}` has no text in `{language}` and keeps its own voice",
                cue.id
            );
            run.diagnose(Diagnostic::warning("dub.no-text", message).hint(format!(
                "write it in the manifest: `\"dub\": {{\"{language}\": \"…\"}}` in that cue"
            )));
        }
    }
    lines
}

/// The speaker's voice for the language, else espeak's own in the colour of the speaker's.
fn dub_voice(order: &Order<'_>, cue: &Cue, language: &Language) -> VoiceSpec {
    let cast = find_cast(order.episode, order.show, cue);
    if let Some(own) = cast.and_then(|member| member.dub.get(language)) {
        return own.clone();
    }
    let same = cast.map(|member| member.voice.clone());
    let same = same.filter(|voice| voice.engine() == "espeak");
    VoiceSpec {
        name: format!(
            "espeak:{}{}",
            espeak_voice(language),
            variant(same.as_ref())
        ),
        ..same.unwrap_or_else(|| VoiceSpec::named(""))
    }
}

fn warn_too_long(
    run: &Run<Tools>,
    (line, room): (&Line<'_>, Samples),
    language: &Language,
    voice: &VoiceTake,
) {
    if voice.length > room && run.is_made(&voice.sound.digest) {
        let over = (voice.length - room).millis().0;
        let message = format!(
            "the voice of cue `{}` in `{language}` is {over} ms too long",
            line.cue.id
        );
        run.diagnose(Diagnostic::warning("dub.too-long", message).hint(format!(
            "shorten its text, give the cue {over} ms more with `tail_ms`, or let cues grow with \
             `longer_ms` in `[dub]` of show.toml"
        )));
    }
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

/// The steps, those that are not kept exchanged for what stands in for them. A stand-in has a slot of
/// its own: it is no take of the voice.
async fn stood_in(run: &Run<Tools>, order: &Order<'_>, mut steps: Vec<Voice>) -> Made<Vec<Voice>> {
    let silent = order.draft.map(|draft| draft.voices) == Some(StandIn::Silence);
    if !silent {
        return Ok(steps);
    }
    let kept = run.are_kept(&steps).await?;
    for (step, _) in steps.iter_mut().zip(kept).filter(|(_, kept)| !kept) {
        let said = match &step.source {
            VoiceSource::Espeak {
                text, rate, fit, ..
            } => Some((text, rate, fit)),
            VoiceSource::Server(asked) => Some((&asked.text, &asked.rate, &asked.fit)),
            VoiceSource::Bought(bought) => Some((&bought.text, &bought.rate, &bought.fit)),
            VoiceSource::File { .. } | VoiceSource::Silence { .. } => None,
        };
        if let Some((text, rate, fit)) = said {
            *step = Voice {
                engine: SILENCE.to_owned(),
                source: VoiceSource::Silence {
                    text: text.clone(),
                    rate: *rate,
                    fit: *fit,
                },
                slot: Slot::new("voice", format_args!("{}~silence", step.slot.name())),
            };
        }
    }
    Ok(steps)
}

/// What a voice is given.
pub(super) struct Said<'a> {
    cue: &'a Cue,
    pub(super) text: &'a str,
    pub(super) language: &'a Language,
    pub(super) direction: Option<&'a str>,
    /// How long it may take.
    pub(super) fit: Option<Samples>,
    /// The scene whose conversation it is a part of.
    pub(super) scene: Option<&'a SceneId>,
}

impl Said<'_> {
    /// How fast it may be spoken to fit, in percent; what fits nothing is spoken at its own pace.
    pub(super) fn fastest(&self, show: &Show) -> u16 {
        match self.fit {
            Some(_) => show.dub.fastest,
            None => VoiceSource::fastest(),
        }
    }
}

fn voice_step(
    run: &Run<Tools>,
    order: &Order<'_>,
    (line, spec): (&Said<'_>, &VoiceSpec),
    slot: Slot,
) -> Ordered {
    if let Some(file) = order.hand_made.get(&slot) {
        let file = recorded(run, *file, slot);
        return bought::replaced(order, (line, spec), file);
    }
    let file = spec.file(&line.cue.id, line.cue.speaker.as_ref(), line.language);
    if let Some(Ok(path)) = file {
        tell_unable(run, spec, [unable_to_change(spec, "a recording")]);
        return recorded(run, find_file(order, &path).digest, slot).into();
    }
    match order.show.engines.voices.get(spec.engine()) {
        Some(VoiceEngineSpec::Vendor(vendor)) => {
            bought::line(run, order, vendor, (line, spec), slot)
        }
        Some(VoiceEngineSpec::Own(engine)) => {
            let takes = matches!(engine, VoiceEngine::Openai(openai) if openai.instructions);
            let hint = "with `openai`, set `instructions = true` where its model takes them";
            let cannot = unable((takes, hint), line.text, line.direction);
            let pitch = [unable_to_change(spec, "a voice")];
            tell_unable(run, spec, pitch.into_iter().chain(cannot));
            served(order, engine, (line, spec), slot).into()
        }
        None => built_in(run, order, (line, spec), slot).into(),
    }
}

/// A line that espeak speaks.
fn built_in(
    run: &Run<Tools>,
    order: &Order<'_>,
    (line, spec): (&Said<'_>, &VoiceSpec),
    slot: Slot,
) -> Voice {
    let lexicon = &order.show.lexicon;
    let (text, marks) = read_marked(line.text, lexicon, line.language, Sounds::Beside);
    let source = VoiceSource::Espeak {
        text,
        marks,
        voice: spec.voice().to_owned(),
        rate: spec.rate,
        pitch: spec.pitch,
        range: spec.range,
        fit: line.fit,
        fastest: line.fastest(order.show),
    };
    Voice {
        engine: espeak(run),
        source,
        slot,
    }
}

/// A voice with the pitch and the melody that a cue asks for.
fn melody_of(cue: &Cue, voice: VoiceSpec) -> VoiceSpec {
    VoiceSpec {
        pitch: cue.pitch.unwrap_or(voice.pitch),
        range: cue.range.unwrap_or(voice.range),
        ..voice
    }
}

/// A line that an engine of the show speaks.
fn served(
    order: &Order<'_>,
    engine: &VoiceEngine,
    (line, spec): (&Said<'_>, &VoiceSpec),
    slot: Slot,
) -> Voice {
    // Piper reads sounds in double brackets.
    let in_brackets = Sounds::Written(|ipa| format!("[[ {ipa} ]]"));
    let (kind, model, takes, sounds) = match engine {
        VoiceEngine::Piper(_) => ("piper program", None, false, in_brackets),
        VoiceEngine::PiperServer(_) => ("piper server", None, false, in_brackets),
        VoiceEngine::Openai(model) => (
            "openai server",
            Some(&model.model),
            model.instructions,
            Sounds::Unread,
        ),
    };
    let files = match engine {
        VoiceEngine::Piper(piper) => piper.files(spec.voice()).map(Vec::from),
        VoiceEngine::PiperServer(_) | VoiceEngine::Openai(_) => None,
    };
    let files = files.unwrap_or_default();
    let lexicon = &order.show.lexicon;
    let (text, mut marks) = read_marked(line.text, lexicon, line.language, sounds);
    let stress = marks.take_stress(&text);
    let directions = line.direction.map(str::to_owned).into_iter().chain(stress);
    let directions: Vec<String> = directions.filter(|_| takes).collect();
    let direction = (!directions.is_empty()).then(|| directions.join(" "));
    Voice {
        engine: kind.to_owned(),
        source: VoiceSource::Server(Asked {
            name: spec.engine().to_owned(),
            model: model.cloned(),
            text,
            marks,
            voice: spec.voice().to_owned(),
            rate: spec.rate,
            direction,
            fit: line.fit,
            fastest: line.fastest(order.show),
            files: files
                .iter()
                .map(|file| find_file(order, file).digest)
                .collect(),
        }),
        slot,
    }
}

fn recorded(run: &Run<Tools>, file: Digest, slot: Slot) -> Voice {
    Voice {
        engine: format!("file / {}", run.tools().identities.ffmpeg),
        source: VoiceSource::File {
            file,
            whole: false,
            span: None,
        },
        slot,
    }
}

/// The list of a cue's words and where its line begins there, where its recording is the one that is
/// heard.
fn words_file(order: &Order<'_>, cue: &Cue) -> Option<(Digest, Samples)> {
    let recording = cue.recording.as_ref()?;
    let path = recording.words.as_ref()?;
    let chosen = order.hand_made.contains_key(&Slot::new("voice", &cue.id));
    let other = chosen || changed::is_changed(order, cue);
    (!other).then(|| (find_file(order, path).digest, recording.span().0))
}
