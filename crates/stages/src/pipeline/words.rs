//! When the words of voices are heard, and the models of voices that this is found with.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::episode::Cue;
use workprint_model::show::EngineSpec;
use workprint_model::{Diagnostic, Digest, Language, Samples, Slot};

use super::{Made, Order, heard};
use crate::align::{Align, Aligned};
use crate::generate::{Model, Recognise, backed};
use crate::speaker::{LearnSpeaker, Lesson, SpeakerTake};
use crate::tools::Tools;
use crate::voice::{Voice, VoiceSource, VoiceTake};

/// What espeak calls the voice of a language where nobody chose one.
pub(super) fn espeak_voice(language: &Language) -> String {
    match language.primary().as_str() {
        "en" => language.as_str().to_ascii_lowercase(),
        "zh" => "cmn".to_owned(),
        primary => primary.to_owned(),
    }
}

pub(super) fn espeak(run: &Run<Tools>) -> String {
    run.tools()
        .identities
        .espeak
        .clone()
        .unwrap_or_else(|| "espeak-ng missing".to_owned())
}

/// Whose voice it is that speaks a line, besides the speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whose {
    /// The engine's name in show.toml; none for a recording.
    engine: Option<String>,
    /// Its voice.
    voice: String,
    /// Whether it may say something else than is written: a person, or a model of somebody else's.
    may_slip: bool,
}

impl Whose {
    pub(super) fn of(step: &Voice) -> Self {
        match &step.source {
            VoiceSource::Server(asked) => {
                let parts = [Some(&asked.voice), asked.model.as_ref()];
                let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
                Self {
                    engine: Some(asked.name.clone()),
                    voice: format!("{}:{}", asked.name, parts.join(" ")),
                    may_slip: false,
                }
            }
            VoiceSource::Bought(bought) => Self {
                engine: Some(bought.name.clone()),
                voice: format!("{}:{} {}", bought.name, bought.voice, bought.model),
                may_slip: true,
            },
            _ => Self {
                engine: None,
                voice: "recorded".to_owned(),
                may_slip: true,
            },
        }
    }
}

/// A line in its voice.
pub(super) struct Heard<'a> {
    pub(super) cue: &'a Cue,
    pub(super) language: &'a Language,
    /// What is written.
    pub(super) text: &'a str,
    /// What is read aloud in its place.
    pub(super) read: &'a str,
    pub(super) take: &'a VoiceTake,
    pub(super) whose: &'a Whose,
    /// A list of its words, and where in it the voice begins.
    pub(super) list: Option<(Digest, Samples)>,
}

/// Where the model of a voice is: `speaker/ann` for recordings, `speaker/ann~piper` for what an engine
/// says, `speaker/ann~fr` in another language than the episode's, `speaker/ann@fr` in a dub.
pub(super) fn speaker_slot(
    order: &Order<'_>,
    (cue, language): (&Cue, &Language),
    engine: Option<&str>,
    dub: Option<&Language>,
) -> Slot {
    let speaker = cue.speaker.as_ref().map_or("~", |speaker| speaker.as_str());
    let other = (dub.is_none() && *language != order.episode.language).then_some(language);
    let parts = [
        other.map(|language| format!("~{language}")),
        engine.map(|engine| format!("~{engine}")),
        dub.map(|language| format!("@{language}")),
    ];
    let name: String = parts.into_iter().flatten().collect();
    Slot::new("speaker", format_args!("{speaker}{name}"))
}

/// The words of lines. Those without times of their own are found by their text, with the model of
/// their voice; `dub` is the language of a dub.
pub(super) async fn words(
    run: &Run<Tools>,
    order: &Order<'_>,
    lines: &[Heard<'_>],
    dub: Option<&Language>,
) -> Made<Vec<Aligned>> {
    let engine = espeak(run);
    let at = dub.map_or_else(String::new, |language| format!("@{language}"));
    let steps = lines.iter().map(|line| {
        let reader = espeak_voice(line.language);
        let slot = Slot::new("align", format_args!("{}{at}", line.cue.id));
        let step = Align::of((line.text, line.read), line.take, (&engine, &reader), slot);
        match line.list {
            Some(list) => step.from_list(list),
            None => step,
        }
    });
    let mut steps: Vec<Align> = steps.collect();
    recognise(run, order, (lines, &at), &mut steps).await?;
    learn(run, order, (lines, dub), &mut steps).await?;
    let aligned = run.all(steps).await?;
    for (line, words) in lines.iter().zip(&aligned) {
        heard::report(run, line.cue, line.read, words);
    }
    Ok(aligned)
}

/// Has recordings and bought lines without times of their own recognised, where the show names an engine for
/// that, and gives each step what was heard. A draft knows what was recognised before.
async fn recognise(
    run: &Run<Tools>,
    order: &Order<'_>,
    (lines, at): (&[Heard<'_>], &str),
    steps: &mut [Align],
) -> Made<()> {
    let Some((name, spec)) = order.show.engines.recogniser_of() else {
        return Ok(());
    };
    let table = &order.show.engines.recognisers;
    let wanted = steps.iter_mut().zip(lines);
    let wanted = wanted.filter(|(step, line)| step.reader.is_some() && line.whose.may_slip);
    let (mut wanted, mut listening): (Vec<&mut Align>, Vec<Recognise>) = wanted
        .map(|(step, line)| {
            let slot = Slot::new("recognise", format_args!("{}{at}", line.cue.id));
            let sound = (step.voice, step.length);
            let of = |engine: (&str, &EngineSpec)| {
                let model = (Model::of(engine, None), engine.1);
                Recognise::of(model, sound, line.language, slot.clone())
            };
            let others = spec.fallbacks(table).map(of);
            let listens = backed(of((name, spec)), others, |step| &mut step.otherwise);
            (step, listens)
        })
        .unzip();
    if order.draft.is_some() {
        let kept = run.are_kept(&listening).await?;
        let mut all = kept.iter();
        wanted.retain(|_| all.next() == Some(&true));
        let mut all = kept.iter();
        listening.retain(|_| all.next() == Some(&true));
    }
    for (step, heard) in wanted.into_iter().zip(run.all(listening).await?) {
        *step = step.clone().heard_as(heard.words.digest);
    }
    Ok(())
}

/// Learns the voices of the lines that are found by their text, and gives each step its voice's model.
async fn learn(
    run: &Run<Tools>,
    order: &Order<'_>,
    (lines, dub): (&[Heard<'_>], Option<&Language>),
    steps: &mut [Align],
) -> Made<()> {
    let mut voices: BTreeMap<Slot, Vec<usize>> = BTreeMap::new();
    for (index, (line, step)) in lines.iter().zip(&*steps).enumerate() {
        // A voice that failed teaches nothing, and keeps the others from nothing.
        if step.reader.is_some() && !run.is_missing(&step.voice) {
            let engine = line.whose.engine.as_deref();
            let slot = speaker_slot(order, (line.cue, line.language), engine, dub);
            voices.entry(slot).or_default().push(index);
        }
    }
    let espeak = espeak(run);
    let learning = voices.iter().filter_map(|(slot, own)| {
        let first = lines.get(*own.first()?)?;
        let lessons = own.iter().map(|index| {
            let (line, step) = (&lines[*index], &steps[*index]);
            let said = line.read.to_owned();
            let voice = step.voice;
            (Lesson { voice, said }, step.length)
        });
        let reader = espeak_voice(first.language);
        Some(LearnSpeaker::of(
            first.whose.voice.clone(),
            (&espeak, &reader),
            lessons.collect(),
            slot.clone(),
        ))
    });
    let models = run.all(learning.collect::<Vec<_>>()).await?;
    for ((slot, own), model) in voices.iter().zip(&models) {
        let lengths = own.iter().map(|index| steps[*index].length);
        tell_outgrown(run, (slot, model), lengths.fold(Samples(0), |a, b| a + b));
        for index in own {
            steps[*index].speaker = Some(model.model.digest);
        }
    }
    Ok(())
}

fn tell_outgrown(run: &Run<Tools>, (slot, model): (&Slot, &SpeakerTake), now: Samples) {
    if run.is_made(&model.model.digest) && model.is_outgrown(now) {
        let seconds = |time: Samples| time.millis().0 / 1000;
        let message = format!(
            "`{slot}` was learned from {} s of the voice, and there are {} s by now",
            seconds(model.heard),
            seconds(now)
        );
        let episode = &run.options().episode;
        run.diagnose(Diagnostic::warning("align.outgrown", message).hint(format!(
            "learn it anew, which moves the words of all its lines a little: `workprint takes renew {episode} {slot}`"
        )));
    }
}
