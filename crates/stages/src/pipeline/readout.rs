//! The script alone: voices, their mix, and the page that plays it.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::episode::Cue;
use workprint_model::timeline::{PlacedCue, Timeline};
use workprint_model::{Artifact, CueId, Language, Samples};

use super::{Made, Order, mix, output_slot, voices};
use crate::readout::{
    Parts, Readout, ReadoutTake, Script, ScriptLine, ScriptScene, count_words, ms,
};
use crate::timeline::{CueTake, Materials, lay_voices};
use crate::tools::Tools;

/// What is before the first chapter.
const OPENING: &str = "Opening";

/// A script that was read aloud.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The page and its list.
    pub take: ReadoutTake,
    /// Everything that is heard: a 48 kHz stereo WAV.
    pub sound: Artifact,
    /// The same chapter by chapter, with their titles; nothing where the episode has none.
    pub chapters: Vec<(String, Artifact)>,
}

/// Makes the voices of an episode, their words and their mix, and a page of them. Whoever cannot be
/// heard is told on the page; `notes` are told of lines besides.
pub async fn readout(
    run: &Run<Tools>,
    order: &Order<'_>,
    notes: &BTreeMap<CueId, String>,
) -> Made<Reading> {
    let (mut timeline, materials) = spoken(run, order).await?;
    let script = script(run, order, (&timeline, &materials), notes);
    // What could not be made is silence.
    timeline
        .sounds
        .retain(|sound| run.is_made(&sound.sound.digest));
    for cue in &mut timeline.cues {
        cue.timed_by.retain(|made| run.is_made(made));
    }
    let sound = run.step(mix(order, &timeline)).await?.sound;
    let spans = chapters(&timeline);
    let parts = (!spans.is_empty()).then(|| Parts {
        sound: sound.digest,
        parts: spans.iter().map(|(_, span)| *span).collect(),
        slot: output_slot("parts", order),
    });
    let page = Readout {
        engine: format!("workprint-readout 1 / {}", run.tools().identities.ffmpeg),
        script,
        sound: sound.digest,
        slot: output_slot("readout", order),
    };
    let (parts, take) = futures::try_join!(run.all(parts), run.step(page))?;
    let titles = spans.into_iter().map(|(title, _)| title);
    let chapters = titles.zip(parts.into_iter().flatten()).collect();
    Ok(Reading {
        take,
        sound,
        chapters,
    })
}

async fn spoken(run: &Run<Tools>, order: &Order<'_>) -> Made<(Timeline, Materials)> {
    let timing = voices::original(run, order).await?;
    let mut materials = Materials {
        heard: timing.clone(),
        timing,
        ..Materials::default()
    };
    let (episode, show, output) = (order.episode, order.show, order.output);
    let original = lay_voices(episode, show, output, &materials);
    let Some(language) = order.dub else {
        return Ok((original, materials));
    };
    let (heard, longer) =
        voices::dubbed(run, order, language, (&original, &materials.timing)).await?;
    materials = Materials {
        heard,
        longer,
        dub: Some(language.clone()),
        ..materials
    };
    Ok((lay_voices(episode, show, output, &materials), materials))
}

/// From which sample to which a chapter goes, the beginning before the first one included.
fn chapters(timeline: &Timeline) -> Vec<(String, (Samples, Samples))> {
    let end = timeline.samples();
    let begin = |(frame, title): &(_, String)| (timeline.rate.sample_of(*frame), title.clone());
    let mut begun: Vec<(Samples, String)> = timeline.chapters.iter().map(begin).collect();
    if begun.first().is_some_and(|first| first.0 > Samples(0)) {
        begun.insert(0, (Samples(0), OPENING.to_owned()));
    }
    let ends: Vec<Samples> = begun.iter().skip(1).map(|next| next.0).collect();
    let ends = ends.into_iter().chain([end]);
    let spans = begun.into_iter().zip(ends);
    let spans = spans.map(|((from, title), to)| (title, (from, to)));
    spans.filter(|(_, (from, to))| to > from).collect()
}

fn script(
    run: &Run<Tools>,
    order: &Order<'_>,
    (timeline, materials): (&Timeline, &Materials),
    notes: &BTreeMap<CueId, String>,
) -> Script {
    let language = order.dub.unwrap_or(&order.episode.language);
    let sample = |frame| ms(timeline.rate.sample_of(frame));
    let starts: BTreeMap<&CueId, &PlacedCue> =
        timeline.cues.iter().map(|cue| (&cue.id, cue)).collect();
    let scenes = order.episode.scenes.iter().filter_map(|scene| {
        let first = starts.get(&scene.cues.first()?.id)?;
        Some(ScriptScene {
            id: scene.id.clone(),
            heading: scene.heading.clone(),
            from_ms: sample(first.from),
        })
    });
    let mut heard = timeline.sounds.iter();
    let lines = order.episode.cues().filter_map(|cue| {
        let take = materials.heard.get(&cue.id)?;
        let from = heard.find(|sound| sound.name == cue.id.as_str())?.from;
        let span = (ms(from), ms(from + take.voice.length));
        Some(ScriptLine {
            missing: run.why_missing(&take.voice.sound.digest),
            note: notes
                .get(&cue.id)
                .cloned()
                .or_else(|| untranslated(order, cue)),
            ..line(order, cue, take, (span, language))
        })
    });
    Script {
        title: order.episode.title_in(language).to_owned(),
        show: order.show.title.clone(),
        language: language.clone(),
        length_ms: ms(timeline.samples()),
        chapters: timeline
            .chapters
            .iter()
            .map(|(frame, title)| (sample(*frame), title.clone()))
            .collect(),
        scenes: scenes.collect(),
        lines: lines.collect(),
    }
}

fn untranslated(order: &Order<'_>, cue: &Cue) -> Option<String> {
    let language = order.dub?;
    let is_there = cue
        .dub
        .get(language)
        .is_some_and(|line| line.spoken().is_some());
    (!is_there).then(|| format!("not translated into `{language}`: the original is heard"))
}

fn line(
    order: &Order<'_>,
    cue: &Cue,
    take: &CueTake,
    (span, language): ((u64, u64), &Language),
) -> ScriptLine {
    let name = voices::find_cast(order.episode, order.show, cue)
        .map(|member| member.name.as_deref().unwrap_or(member.id.as_str()));
    ScriptLine {
        cue: cue.id.clone(),
        speaker: cue.speaker.clone(),
        name: name.unwrap_or_default().to_owned(),
        text: take.text.clone(),
        language: (take.language != *language).then(|| take.language.clone()),
        from_ms: span.0,
        to_ms: span.1,
        words: count_words(&take.text),
        missing: None,
        note: None,
    }
}
