//! The proof of a film: what is found when it is heard and measured again before it is delivered.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Decibels, Digest, Frames, Samples};

/// The name and version of the report's format, in its `format` field.
pub const FORMAT: &str = "workprint.proof/1";

/// Checks that a person has waived, each with the reason why.
pub type Waivers = BTreeMap<ProofCheck, String>;

/// Something that a film is held against.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ProofCheck {
    /// The integrated loudness is within 0.3 LU of what the output asks for.
    Loudness,
    /// The true peak is not above what the output asks for.
    TruePeak,
    /// No sample is at full scale or over it.
    Clipping,
    /// Nothing that should be heard is silent.
    Silence,
    /// Sound and picture are as long as the timeline, to the frame.
    Length,
    /// Every line is heard in the film.
    Voices,
    /// Every caption begins within a frame of its first word.
    Sync,
    /// No caption is read faster than its language allows.
    CaptionsSpeed,
    /// Captions are in order, and none is seen while another is.
    CaptionsOverlap,
    /// Captions say what is said, all of it.
    CaptionsText,
}

impl ProofCheck {
    /// Every check, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Loudness,
        Self::TruePeak,
        Self::Clipping,
        Self::Silence,
        Self::Length,
        Self::Voices,
        Self::Sync,
        Self::CaptionsSpeed,
        Self::CaptionsOverlap,
        Self::CaptionsText,
    ];

    /// The name that waivers use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loudness => "loudness",
            Self::TruePeak => "true-peak",
            Self::Clipping => "clipping",
            Self::Silence => "silence",
            Self::Length => "length",
            Self::Voices => "voices",
            Self::Sync => "sync",
            Self::CaptionsSpeed => "captions-speed",
            Self::CaptionsOverlap => "captions-overlap",
            Self::CaptionsText => "captions-text",
        }
    }
}

impl fmt::Display for ProofCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was found when a film was heard and measured again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofReport {
    /// [`FORMAT`].
    pub format: String,
    /// The film.
    pub film: Digest,
    /// Nothing is wrong that was not waived.
    pub passed: bool,
    /// What was measured.
    pub measured: Measured,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_made: Vec<NotMade>,
    /// The checks that the manifest or show.toml waives, with the reasons, whether they found anything
    /// or not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waived: Waivers,
}

/// What was measured of a film. Sound is as it is decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// How many frames the picture has; nothing where the film has no picture.
    pub frames: Option<Frames>,
    /// The sound; nothing where the film has none.
    pub sound: Option<MeasuredSound>,
    /// How many lines were looked for in the sound.
    pub lines: u32,
    /// How many of them were aligned by their text too.
    pub aligned: u32,
    /// How many captions were held against the words that are heard: of the files, and burned ones.
    pub captions: u32,
    /// The caption that begins farthest from its first word.
    pub worst_sync: Option<CaptionSync>,
}

/// What was measured of a film's sound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredSound {
    /// How long it is.
    pub samples: Samples,
    /// Integrated loudness in hundredths of a LUFS; nothing for silence.
    pub loudness: Option<i32>,
    /// The loudness asked for.
    pub loudness_asked: Decibels,
    /// True peak in hundredths of a dBTP; nothing for digital silence.
    pub true_peak: Option<i32>,
    /// The true peak asked for.
    pub true_peak_asked: Decibels,
    /// How many samples are at full scale or over it.
    pub clipped: u64,
    /// Stretches of a second or more under −70 dBFS.
    pub silences: Vec<Silence>,
}

/// A stretch in which nothing is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its first sample.
    pub from: Samples,
    /// The sample after its last.
    pub to: Samples,
    /// Nothing should be heard there.
    pub asked: bool,
}

/// How far a caption begins from its first word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionSync {
    /// What it reads.
    pub caption: String,
    /// When it begins, in milliseconds.
    pub from_ms: u64,
    /// How much later than its first word, in milliseconds; less than 0 where it is early.
    pub late_ms: i64,
    /// It is burned into the picture.
    pub burned: bool,
}

/// Something wrong with a film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check found it.
    pub check: ProofCheck,
    /// What is wrong.
    pub message: String,
    /// Where, in milliseconds from the film's beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
    /// What to do.
    pub hint: String,
    /// It was waived.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
}

/// A check, or a part of one, that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotMade {
    /// Which check.
    pub check: ProofCheck,
    /// What was not checked, and why.
    pub why: String,
}

impl ProofReport {
    /// Findings that were not waived.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.waived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_named_as_they_are_written() {
        for check in ProofCheck::ALL {
            let written = crate::json::value_of(&check).unwrap();
            assert_eq!(written, check.name());
        }
    }
}
