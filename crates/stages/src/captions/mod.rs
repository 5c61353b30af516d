//! Captions: blocks of at most a few lines, on screen while their words are heard.

mod break_lines;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_interchange::captions as formats;
use workprint_model::episode::Episode;
use workprint_model::show::{CaptionStyle, Show};
use workprint_model::step::Estimate;
use workprint_model::timeline::{PlacedCaption, PlacedCue, Timeline};
use workprint_model::words::{Word, join, units};
use workprint_model::{Artifact, Digest, Frames, Rate, Samples, Size, Slot};

use crate::Tools;
use crate::timeline::{CueTake, Materials};

/// A gap shorter than this many seconds (a fraction) between captions is closed.
const CLOSE_GAP: (u64, u64) = (2, 5);
/// A caption stays at least this long where there is room.
const SHORTEST: (u64, u64) = (1, 1);

/// The font that ASS files name; players without it use their own.
const ASS_FONT: &str = "Noto Sans";

/// Lays the captions of all cues. A caption never leaves its cue, so that moving a cue moves its
/// captions and changes nothing in them.
pub fn place(
    episode: &Episode,
    show: &Show,
    timeline: &Timeline,
    materials: &Materials,
) -> Vec<PlacedCaption> {
    let mut out = Vec::new();
    for (cue, placed) in episode.cues().zip(&timeline.cues) {
        let Some(take) = materials.heard.get(&cue.id) else {
            continue;
        };
        let own = cue.caption.as_ref();
        let style = own
            .and_then(|own| own.style.as_ref())
            .unwrap_or(&episode.captions.style);
        let burn = own
            .and_then(|own| own.burn)
            .unwrap_or(episode.captions.burn);
        let style = find_style(style, show);
        let lead = crate::timeline::lead(cue, show);
        for block in blocks(take, placed, lead, (episode, timeline.rate)) {
            out.push(PlacedCaption {
                cue: cue.id.clone(),
                speaker: cue.speaker.clone(),
                lines: block.lines,
                from: placed.from + block.from,
                length: block.length,
                style: style.clone(),
                language: take.language.clone(),
                burn,
                timed_by: vec![take.voice.sound.digest, take.words.id],
            });
        }
    }
    out
}

/// A style by name: the show's own, then a built-in one, then the default.
pub fn find_style(name: &str, show: &Show) -> CaptionStyle {
    let own = show.caption_styles.get(name).cloned();
    own.or_else(|| CaptionStyle::built_in(name))
        .unwrap_or_default()
}

struct Block {
    lines: Vec<String>,
    /// Counted from the cue's first frame.
    from: Frames,
    length: Frames,
}

fn blocks(take: &CueTake, cue: &PlacedCue, lead: Samples, rules: (&Episode, Rate)) -> Vec<Block> {
    let (episode, rate) = rules;
    let units = units(&take.text);
    let words = &take.words.words;
    if units.is_empty() || words.len() != units.len() {
        return Vec::new();
    }
    let line = usize::from(episode.captions.line_length);
    let lines = usize::from(episode.captions.lines);
    let words_at_once = episode.captions.words.map_or(usize::MAX, usize::from);
    let ranges = break_lines::blocks(&units, line, (lines, words_at_once));
    let frame = |word: &Word, end: bool| {
        rate.nearest_frame(lead + if end { word.end } else { word.start })
            .0
    };
    let starts: Vec<u64> = ranges
        .iter()
        .map(|range| frame(&words[range.start], false))
        .collect();
    let mut out = Vec::new();
    for (index, range) in ranges.iter().enumerate() {
        // The first frames of blocks rise strictly even where words are shorter than a frame.
        let from = starts[index].max(out.last().map_or(0, |last: &Block| last.from.0 + 1));
        let limit = starts
            .get(index + 1)
            .copied()
            .unwrap_or(cue.length.0)
            .max(from + 1);
        let spoken = frame(&words[range.end - 1], true).clamp(from + 1, limit);
        let least = from + frames(SHORTEST, rate);
        let mut end = spoken.max(least).min(limit);
        if limit - end < frames(CLOSE_GAP, rate) {
            end = limit;
        }
        let lines = break_lines::lines(&units[range.clone()], line, lines)
            .into_iter()
            .map(|part| join(&units[range.start + part.start..range.start + part.end]))
            .collect();
        out.push(Block {
            lines,
            from: Frames(from),
            length: Frames(end - from),
        });
    }
    out
}

fn frames(seconds: (u64, u64), rate: Rate) -> u64 {
    seconds.0 * u64::from(rate.num()) / (seconds.1 * u64::from(rate.den()))
}

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
    pub fn of(timeline: &Timeline, names: Vec<(String, String)>, slot: Slot) -> Self {
        let captions = timeline.captions.iter().map(|caption| PlacedText {
            lines: caption.lines.clone(),
            time: (caption.from, caption.length),
            speaker: caption.speaker.clone(),
            cue: caption.cue.clone(),
            language: caption.language.clone(),
            style: caption.style.clone(),
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
            timed_by: Vec::new(),
        });
        placed.collect()
    }
}

impl Step for Captions {
    type Tools = Tools;
    type Output = CaptionFiles;

    const KIND: &'static str = "captions";
    const REVISION: u32 = 1;

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

    async fn perform(&self, _: &Tools, work: &Work) -> Result<Made<CaptionFiles>, StepError> {
        let placed = self.placed();
        let name = |id: &workprint_model::CastId| {
            let found = self.names.iter().find(|(known, _)| known == id.as_str());
            found.map(|(_, name)| name.clone())
        };
        let store = work.store();
        let srt = formats::srt(&placed, self.rate);
        let vtt = formats::vtt(&placed, self.rate, name);
        let ass = formats::ass(&placed, self.rate, self.size, ASS_FONT, name);
        let files = CaptionFiles {
            srt: store.keep_bytes(srt.as_bytes(), "application/x-subrip")?,
            vtt: store.keep_bytes(vtt.as_bytes(), "text/vtt")?,
            ass: store.keep_bytes(ass.as_bytes(), "text/x-ass")?,
        };
        let artifacts = vec![files.srt.clone(), files.vtt.clone(), files.ass.clone()];
        Ok(Made::free(files, artifacts))
    }
}
