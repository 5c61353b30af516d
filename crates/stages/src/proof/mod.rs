//! Proof: the finished film, heard and measured again before it is delivered.
//!
//! The encoded sound is decoded once, from its beginning to its end, by a step of its own ([`Listen`]):
//! a film whose pictures changed is not heard again. Loudness, true peak and silences are measured as it
//! comes; of every line a stretch is kept until its voice has been looked for there. Words are looked for
//! by their text line by line ([`Hear`]). Then the film's sound is held against what was heard, packet by
//! packet, and the caption file as it is delivered against the words as they are heard. The picture is
//! not decoded: its frames are counted in the file's tables.

mod hear;
mod judge;
mod lines;
mod listen;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_interchange::captions::read::{MOST_BYTES, read};
use workprint_media::{frames_of_film, is_sound_of};
use workprint_model::proof::{FORMAT, Finding, Measured, NotMade, ProofReport, Waivers};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, CueId, Decibels, Digest, Frames, Rate, Samples, Slot};

use crate::Tools;
use crate::captions::Spoken;
use crate::tools::from_media;

pub use hear::{Hear, HeardWords};
pub use listen::{HeardTake, Listen, ListenLine, Stretch};

/// A film, to be held against what was heard of its sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// What looks into the film, with its version.
    pub engine: String,
    /// The film.
    pub film: Digest,
    /// Frames a second.
    pub rate: Rate,
    /// How many frames it should have.
    pub frames: Frames,
    /// What is asked of its sound, where it should have any.
    pub sound: Option<ProofSound>,
    /// What was heard of it: the `heard` of [`Listen`].
    pub heard: Option<Digest>,
    /// There is something to read lines with, for their words to be looked for.
    pub reads: bool,
    /// The words that [`Hear`] looked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<CueId, HeardWords>,
    /// The lines that should be heard.
    pub lines: Vec<ProofLine>,
    /// Its captions: the SubRip file.
    pub captions: Digest,
    /// Captions that are burned: the first and the last of their cues, their first frames and lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub burned: Vec<([CueId; 2], Frames, Vec<String>)>,
    /// What is said, and the rules of captions.
    pub spoken: Spoken,
    /// Checks that may fail, and why.
    #[serde(default, skip_serializing_if = "Waivers::is_empty")]
    pub waived: Waivers,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// What is asked of a film's sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofSound {
    /// The mix, a WAV: what is silent there may be silent in the film.
    pub mix: Digest,
    /// Its soundtrack, which the film should have.
    pub encoded: Digest,
    /// Integrated loudness, in LUFS.
    pub loudness: Decibels,
    /// True peak, in dBTP.
    pub true_peak: Decibels,
}

/// A line that should be heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofLine {
    /// Its cue.
    pub cue: CueId,
    /// What is written.
    pub text: String,
    /// What is read aloud, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The espeak voice that reads it, where its words are looked for by their text: they were told by a
    /// list or a synthesiser. Without one it is looked for by its sound alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
    /// Its voice, a WAV.
    pub voice: Digest,
    /// Where the voice begins in the film.
    pub from: Samples,
    /// How long it is.
    pub length: Samples,
}

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofTake {
    /// The report: JSON of [`ProofReport`].
    pub report: Artifact,
    /// What it says.
    pub proof: ProofReport,
}

impl Step for Proof {
    type Tools = Tools;
    type Output = ProofTake;

    const KIND: &'static str = "proof";
    const REVISION: u32 = 3;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        let sound = self.sound.as_ref().map(|sound| sound.encoded);
        let made = [self.film, self.captions].into_iter();
        let words = self.words.values().map(|heard| heard.id);
        made.chain(self.heard).chain(sound).chain(words).collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.1 + self.lines.len() as f64 * 0.002,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> ProofTake {
        ProofTake {
            report: Artifact::sketched(key, "application/json"),
            proof: self.report((Measured::default(), Vec::new(), Vec::new())),
        }
    }

    fn digests(output: &ProofTake) -> Vec<Digest> {
        vec![output.report.digest]
    }

    async fn perform(&self, _: &Tools, work: &Work) -> Result<Made<ProofTake>, StepError> {
        let step = self.clone();
        work.blocking(move |work| step.make(work)).await
    }
}

impl Proof {
    fn make(&self, work: &Work) -> Result<Made<ProofTake>, StepError> {
        let film = work.store().path_of(&self.film);
        let frames = frames_of_film(&film).map_err(from_media)?;
        let heard = self.heard.map(|heard| listen::read(&heard, work));
        let is_mixed = match &self.sound {
            Some(sound) => {
                is_sound_of(&film, &work.store().path_of(&sound.encoded)).map_err(from_media)?
            }
            None => true,
        };
        let bytes = work.store().read(&self.captions)?;
        if bytes.len() > MOST_BYTES {
            return Err(StepError::permanent(
                "the caption file is too large to read",
            ));
        }
        let subtitles = read(&String::from_utf8_lossy(&bytes));
        let judged = judge::judge(self, (frames, heard.transpose()?, is_mixed), &subtitles);
        let proof = self.report(judged);
        let json = serde_json::to_vec_pretty(&proof).map_err(|error| {
            StepError::permanent("the proof's report cannot be written").because(error)
        })?;
        let report = work.store().keep_bytes(&json, "application/json")?;
        let take = ProofTake {
            report: report.clone(),
            proof,
        };
        Ok(Made::free(take, vec![report]))
    }

    fn report(
        &self,
        (measured, mut findings, not_made): (Measured, Vec<Finding>, Vec<NotMade>),
    ) -> ProofReport {
        for finding in &mut findings {
            finding.waived = self.waived.contains_key(&finding.check);
        }
        ProofReport {
            format: FORMAT.to_owned(),
            film: self.film,
            passed: findings.iter().all(|finding| finding.waived),
            measured,
            findings,
            not_made,
            waived: self.waived.clone(),
        }
    }
}
