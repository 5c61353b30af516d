//! Captions: blocks of at most a few lines, on screen while their words are heard.

mod atoms;
mod break_lines;
mod check;
mod look;
mod place;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_interchange::captions as formats;
use workprint_model::show::CaptionStyle;
use workprint_model::step::Estimate;
use workprint_model::timeline::{CaptionWord, PlacedCaption, Timeline};
use workprint_model::{Artifact, Digest, Frames, Rate, SafeBox, Size, Slot};

pub use self::check::check;
pub use self::place::{find_style, place};
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
    /// The captions.
    pub captions: Vec<PlacedText>,
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
}

impl Captions {
    /// The caption files of a timeline.
    pub fn of(
        timeline: &Timeline,
        names: Vec<(String, String)>,
        (fonts, slot): (Digest, Slot),
    ) -> Self {
        let captions = timeline.captions.iter().map(|caption| PlacedText {
            lines: caption.lines.clone(),
            time: (caption.from, caption.length),
            speaker: caption.speaker.clone(),
            cue: caption.cue.clone(),
            language: caption.language.clone(),
            style: caption.style.clone(),
            words: caption.words.clone(),
            safe: caption.safe,
        });
        let mut timed_by: Vec<Digest> = timeline
            .cues
            .iter()
            .flat_map(|cue| cue.timed_by.iter().copied())
            .collect();
        timed_by.extend(
            timeline
                .captions
                .iter()
                .flat_map(|caption| caption.timed_by.iter().copied()),
        );
        timed_by.sort_unstable();
        timed_by.dedup();
        let (rate, size) = (timeline.rate, timeline.size);
        Self {
            names,
            rate,
            size,
            captions: captions.collect(),
            fonts,
            slot,
            timed_by,
        }
    }

    fn placed(&self) -> Vec<PlacedCaption> {
        let placed = self.captions.iter().map(|caption| PlacedCaption {
            cue: caption.cue.clone(),
            speaker: caption.speaker.clone(),
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

impl Step for Captions {
    type Tools = Tools;
    type Output = CaptionFiles;

    const KIND: &'static str = "captions";
    const REVISION: u32 = 2;

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
        }
    }

    fn digests(output: &CaptionFiles) -> Vec<Digest> {
        vec![output.srt.digest, output.vtt.digest, output.ass.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<CaptionFiles>, StepError> {
        let placed = self.placed();
        let name = |id: &workprint_model::CastId| {
            let found = self.names.iter().find(|(known, _)| known == id.as_str());
            found.map(|(_, name)| name.clone())
        };
        let store = work.store();
        let srt = formats::srt(&placed, self.rate);
        let vtt = formats::vtt(&placed, self.rate, name);
        let look = |caption: &PlacedCaption| look::as_burned(caption, self.size, &tools.fonts);
        let ass = formats::ass(&placed, (self.rate, self.size), look, name);
        let files = CaptionFiles {
            srt: store.keep_bytes(srt.as_bytes(), "application/x-subrip")?,
            vtt: store.keep_bytes(vtt.as_bytes(), "text/vtt")?,
            ass: store.keep_bytes(ass.as_bytes(), "text/x-ass")?,
        };
        let artifacts = vec![files.srt.clone(), files.vtt.clone(), files.ass.clone()];
        Ok(Made::free(files, artifacts))
    }
}
