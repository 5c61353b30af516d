//! The proof of a film, and what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use workprint_engine::Run;
use workprint_model::event::Event;
use workprint_model::proof::{Finding, ProofReport, Waivers};
use workprint_model::timeline::{Lane, Timeline};
use workprint_model::{CueId, Diagnostic, Samples, Slot};

use super::{Order, output_slot, voices};
use crate::captions::{CaptionFiles, Spoken, Written};
use crate::master::MasterTake;
use crate::mix::{MixTake, SoundtrackTake};
use crate::proof::{Hear, Listen, Proof, ProofLine, ProofSound, ProofTake};
use crate::timeline::Materials;
use crate::tools::Tools;

/// The most findings of one check that the run tells.
const TOLD: usize = 3;

/// What a film is made of.
pub(super) struct Made<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) written: &'a Arc<Written>,
    pub(super) lines: Vec<ProofLine>,
    /// Its mix, and what the encoder made of it.
    pub(super) sound: Option<&'a (MixTake, SoundtrackTake)>,
    pub(super) captions: &'a CaptionFiles,
    pub(super) master: &'a MasterTake,
}

/// The lines that should be heard in a film.
///
/// Words that were found by aligning lie where they were found in their voice: a voice that is heard where it
/// was placed needs no more. Those of a list may be wrong line by line; a synthesiser's account of its words
/// is right or wrong for all lines of a voice, and the longest tells.
pub(super) fn lines(
    order: &Order<'_>,
    (timeline, materials): (&Timeline, &Materials),
) -> Vec<ProofLine> {
    let mut lines = Vec::new();
    let mut accounts: BTreeMap<_, (Samples, usize, String)> = BTreeMap::new();
    let voices = timeline.sounds.iter().filter(|s| s.lane == Lane::Voice);
    for placed in voices {
        let cue = order
            .episode
            .cues()
            .find(|cue| cue.id.as_str() == placed.name);
        let Some((cue, take)) = cue.and_then(|cue| Some((cue, materials.heard.get(&cue.id)?)))
        else {
            continue;
        };
        let (said, reader) = voices::reading(order, cue, take);
        let mut line = ProofLine {
            cue: cue.id.clone(),
            said: (said != take.text).then_some(said),
            text: take.text.clone(),
            reader: None,
            voice: placed.sound.digest,
            from: placed.from,
            length: placed.length,
        };
        if take.voice.events.is_some() {
            let voice = (cue.speaker.as_ref(), reader.clone());
            let longest = accounts.entry(voice).or_default();
            if longest.0 < line.length {
                *longest = (line.length, lines.len(), reader);
            }
        } else if take.words.judgement.is_none() {
            line.reader = Some(reader);
        }
        lines.push(line);
    }
    for (_, line, reader) in accounts.into_values() {
        if let Some(line) = lines.get_mut(line) {
            line.reader = Some(reader);
        }
    }
    lines
}

/// Proofs a film, tells what was found, and holds the film back where that is not good enough.
pub(super) async fn proof(
    run: &Run<Tools>,
    order: &Order<'_>,
    made: Made<'_>,
) -> super::Made<Option<ProofTake>> {
    if order.draft.is_some() {
        return Ok(None);
    }
    let film = made.master.film.digest;
    let espeak = run.tools().identities.espeak.as_deref();
    let mut step = step(order, made, espeak.is_some());
    let engine = "workprint-listen 2".to_owned();
    if let Some(listen) = Listen::of(&step, engine, output_slot("listen", order)) {
        let heard = run.step(listen).await?;
        let engine = format!("workprint-hear 1 / {}", espeak.unwrap_or("no espeak-ng"));
        let slot = output_slot("hear", order);
        let words = Hear::of(&step, &heard, &engine, |line| {
            Slot::new("hear", format_args!("{}/{}", slot.name(), line.cue))
        });
        let cues: Vec<CueId> = words.iter().map(|hear| hear.line.cue.clone()).collect();
        step.words = cues.into_iter().zip(run.all(words).await?).collect();
        step.heard = Some(heard.heard.digest);
    }
    let take = run.step(step).await?;
    if run.is_made(&take.report.digest) {
        run.emit(Event::FilmProofed {
            report: take.report.digest,
            proof: Box::new(take.proof.clone()),
        });
        tell(run, &take.proof);
        if !take.proof.passed {
            run.withhold([film], "the proof of the film found faults");
        }
    }
    Ok(Some(take))
}

fn step(order: &Order<'_>, made: Made<'_>, reads: bool) -> Proof {
    let burned = made.timeline.captions.iter().filter(|c| c.burn);
    let burned = burned.map(|c| {
        let last = c.second.as_ref().map_or(&c.cue, |second| &second.cue);
        ([c.cue.clone(), last.clone()], c.from, c.lines.clone())
    });
    let sound = made.sound.map(|(mix, soundtrack)| ProofSound {
        mix: mix.sound.digest,
        encoded: soundtrack.sound.digest,
        loudness: order.output.loudness,
        true_peak: order.output.true_peak,
    });
    Proof {
        engine: "workprint-proof 3".to_owned(),
        film: made.master.film.digest,
        rate: made.timeline.rate,
        frames: made.timeline.length,
        lines: if sound.is_some() {
            made.lines
        } else {
            Vec::new()
        },
        sound,
        heard: None,
        reads,
        words: BTreeMap::new(),
        captions: made.captions.srt.digest,
        burned: burned.collect(),
        spoken: Spoken::of(made.written),
        waived: waived(order),
        slot: output_slot("proof", order),
    }
}

/// What the show waives, and the episode: its own reason comes first.
fn waived(order: &Order<'_>) -> Waivers {
    let mut waived = order.show.waive.clone();
    waived.extend(order.episode.waive.clone());
    waived
}

fn tell(run: &Run<Tools>, proof: &ProofReport) {
    let mut last = None;
    let mut count = 0;
    for finding in &proof.findings {
        count = if last == Some(finding.check) {
            count + 1
        } else {
            0
        };
        last = Some(finding.check);
        if count < TOLD {
            run.diagnose(diagnostic(finding));
        }
    }
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let code = format!("proof.{}", finding.check);
    let at = finding.at_ms.map_or_else(String::new, |ms| {
        format!(
            "at {}:{:02}.{:03}: ",
            ms / 60_000,
            ms / 1000 % 60,
            ms % 1000
        )
    });
    let message = format!("{at}{}", finding.message);
    if finding.waived {
        let hint = "the manifest or the show waives this: take it out of `waive` to have such films withheld";
        return Diagnostic::warning(&code, format!("{message} (waived)")).hint(hint);
    }
    Diagnostic::error(&code, message)
        .hint(finding.hint.clone())
        .hint(format!(
            "or waive it in the manifest: `\"waive\": {{ \"{}\": \"why\" }}`",
            finding.check
        ))
}
