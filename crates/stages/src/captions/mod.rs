//! Captions: blocks of at most a few lines, on screen while their words are heard.

mod atoms;
mod break_lines;
mod check;
mod compare;
mod extra;
mod look;
mod pairs;
mod phrases;
mod place;
pub mod rules;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_interchange::captions as formats;
use workprint_interchange::transcript::Transcript;
use workprint_model::show::CaptionStyle;
use workprint_model::step::Estimate;
use workprint_model::timeline::{CaptionWord, PlacedCaption, SecondLine, Timeline};
use workprint_model::{Artifact, Digest, Frames, Rate, SafeBox, Size, Slot};

pub use self::check::check;
pub use self::compare::{Spoken, compare, shared, word_times};
pub use self::extra::{Written, write};
pub use self::place::{For, find_style, place};
use crate::Tools;

/// The caption files of an episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Captions {
    /// Who is called what: the names that VTT gives speakers.
    pub names: Vec<(String, String)>,
    /// The frame rate.
    pub rate: Rate,
    /// The frame's size, which ASS scales by.
    pub size: Size,
    /// The captions as they are burned, which ASS repeats.
    pub captions: Vec<PlacedText>,
    /// The captions of the other files.
    pub files: Vec<PlacedText>,
    /// What must be read even by those who understand the film's language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<PlacedText>,
    /// Everything that is said.
    pub transcript: Transcript,
    /// The fonts that decide how large letters are set.
    pub fonts: Digest,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
    /// What must be made before the times are certain.
    #[serde(skip)]
    pub timed_by: Vec<Digest>,
}

/// A caption without what it was timed by, which is no parameter of its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedText {
    /// Its lines.
    pub lines: Vec<String>,
    /// Its first frame and its length.
    pub time: (Frames, Frames),
    /// Who speaks.
    pub speaker: Option<workprint_model::CastId>,
    /// Who else, in its second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondLine>,
    /// The cue.
    pub cue: workprint_model::CueId,
    /// Its language.
    pub language: workprint_model::Language,
    /// How it looks.
    pub style: CaptionStyle,
    /// Its words and when they are heard, where the style shows that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<CaptionWord>,
    /// The part of the frame that it must lie in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe: Option<SafeBox>,
}

/// The files of an episode's captions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionFiles {
    /// SubRip.
    pub srt: Artifact,
    /// WebVTT.
    pub vtt: Artifact,
    /// Advanced SubStation Alpha.
    pub ass: Artifact,
    /// The transcript, as Markdown.
    pub transcript: Artifact,
    /// The transcript with the time of every word, as JSON.
    pub words: Artifact,
    /// SubRip and WebVTT of what must be read even by those who understand the film's language.
    pub forced: Option<(Artifact, Artifact)>,
}

impl CaptionFiles {
    /// Each file with what its name ends in.
    pub fn each(&self) -> Vec<(&'static str, &Artifact)> {
        let mut files = vec![
            ("srt", &self.srt),
            ("vtt", &self.vtt),
            ("ass", &self.ass),
            ("transcript.md", &self.transcript),
            ("transcript.json", &self.words),
        ];
        if let Some((srt, vtt)) = &self.forced {
            files.extend([("forced.srt", srt), ("forced.vtt", vtt)]);
        }
        files
    }
}

impl PlacedText {
    fn of(captions: &[PlacedCaption]) -> Vec<Self> {
        let own = captions.iter().map(|caption| Self {
            lines: caption.lines.clone(),
            time: (caption.from, caption.length),
            speaker: caption.speaker.clone(),
            second: caption.second.clone(),
            cue: caption.cue.clone(),
            language: caption.language.clone(),
            style: caption.style.clone(),
            words: caption.words.clone(),
            safe: caption.safe,
        });
        own.collect()
    }

    fn placed(captions: &[Self]) -> Vec<PlacedCaption> {
        let placed = captions.iter().map(|caption| PlacedCaption {
            cue: caption.cue.clone(),
            speaker: caption.speaker.clone(),
            second: caption.second.clone(),
            lines: caption.lines.clone(),
            from: caption.time.0,
            length: caption.time.1,
            style: caption.style.clone(),
            language: caption.language.clone(),
            burn: false,
            words: caption.words.clone(),
            safe: caption.safe,
            timed_by: Vec::new(),
        });
        placed.collect()
    }
}

impl Captions {
    /// The caption files of a timeline.
    pub fn of(
        (timeline, written): (&Timeline, &Written),
        names: Vec<(String, String)>,
        (fonts, slot): (Digest, Slot),
    ) -> Self {
        let cues = timeline.cues.iter().flat_map(|cue| &cue.timed_by);
        let captions = timeline.captions.iter().chain(&written.captions);
        let captions = captions.flat_map(|caption| &caption.timed_by);
        let timed_by: std::collections::BTreeSet<Digest> = cues.chain(captions).copied().collect();
        Self {
            names,
            rate: timeline.rate,
            size: timeline.size,
            captions: PlacedText::of(&timeline.captions),
            files: PlacedText::of(&written.captions),
            forced: PlacedText::of(&written.forced),
            transcript: written.transcript.clone(),
            fonts,
            slot,
            timed_by: timed_by.into_iter().collect(),
        }
    }
}

impl Step for Captions {
    type Tools = Tools;
    type Output = CaptionFiles;

    const KIND: &'static str = "captions";
    const REVISION: u32 = 3;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-captions 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        self.timed_by.clone()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.01,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> CaptionFiles {
        CaptionFiles {
            srt: Artifact::sketched(key, "application/x-subrip"),
            vtt: Artifact::sketched(key, "text/vtt"),
            ass: Artifact::sketched(key, "text/x-ass"),
            transcript: Artifact::sketched(key, "text/markdown"),
            words: Artifact::sketched(key, "application/json"),
            forced: (!self.forced.is_empty()).then(|| {
                let sketched = |what| Artifact::sketched(key, what);
                (
                    sketched("application/x-subrip; forced"),
                    sketched("text/vtt; forced"),
                )
            }),
        }
    }

    fn digests(output: &CaptionFiles) -> Vec<Digest> {
        let files = output.each().into_iter();
        files.map(|(_, file)| file.digest).collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<CaptionFiles>, StepError> {
        let (burned, read) = (
            PlacedText::placed(&self.captions),
            PlacedText::placed(&self.files),
        );
        let name = |id: &workprint_model::CastId| {
            let found = self.names.iter().find(|(known, _)| known == id.as_str());
            found.map(|(_, name)| name.clone())
        };
        let store = work.store();
        let keep = |text: &str, what| store.keep_bytes(text.as_bytes(), what);
        let both = |captions: &[PlacedCaption]| {
            let srt = keep(&formats::srt(captions, self.rate), "application/x-subrip")?;
            let vtt = keep(&formats::vtt(captions, self.rate, name), "text/vtt")?;
            Ok::<_, StepError>((srt, vtt))
        };
        let look = |caption: &PlacedCaption| look::as_burned(caption, self.size, &tools.fonts);
        let ass = formats::ass(&burned, (self.rate, self.size), look, name);
        let json = self.transcript.json().map_err(|error| {
            StepError::permanent("the transcript cannot be written").because(error)
        })?;
        let (srt, vtt) = both(&read)?;
        let forced = PlacedText::placed(&self.forced);
        let files = CaptionFiles {
            srt,
            vtt,
            ass: keep(&ass, "text/x-ass")?,
            transcript: keep(&self.transcript.markdown(), "text/markdown")?,
            words: keep(&json, "application/json")?,
            forced: (!forced.is_empty()).then(|| both(&forced)).transpose()?,
        };
        let artifacts = files
            .each()
            .into_iter()
            .map(|(_, file)| file.clone())
            .collect();
        Ok(Made::free(files, artifacts))
    }
}
