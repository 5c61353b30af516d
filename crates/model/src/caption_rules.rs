//! What makes captions readable: how fast, how long, how far apart.
//!
//! The limits by language are those that Netflix's Timed Text Style Guides set for captions in the
//! language that is spoken, where every word is kept; each may be changed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::episode::{Anchor, Captions};
use crate::show::OutputCaptions;
use crate::words::width;
use crate::{Frames, Language, Millis, Rate};

/// What an episode or an output says about how captions are read, where the language's own limits do
/// not suit it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CaptionRules {
    /// The most characters a second, 4 to 60. In Chinese, Japanese and Korean a full-width character
    /// counts one and any other half.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = 60))]
    pub speed: Option<u8>,
    /// How long a caption is seen at least, in milliseconds, 0 to 5000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 5000))]
    pub shortest_ms: Option<u16>,
    /// How long a caption is seen at most, in milliseconds, 1000 to 20 000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1000, max = 20_000))]
    pub longest_ms: Option<u16>,
    /// Frames without a caption between two of them, 0 to 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 30))]
    pub gap_frames: Option<u8>,
    /// A gap shorter than this is closed to `gap_frames`, in milliseconds, 0 to 5000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 5000))]
    pub chain_ms: Option<u16>,
    /// Short lines of two speakers share a caption, each in a line of its own behind a dash, where one of
    /// them could not be read in its time and there is no more than this between them, in milliseconds,
    /// 0 to 5000; 0 is never. Left out, caption files do so up to 500, and burned captions never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 5000))]
    pub together_ms: Option<u16>,
}

impl CaptionRules {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How captions tell who speaks, besides the names that VTT always has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpeakerMark {
    /// They do not.
    #[default]
    None,
    /// A dash without a space, where somebody else speaks than in the caption before.
    Dash,
    /// The speaker's name and a colon, where somebody else speaks than in the caption before.
    Name,
}

impl SpeakerMark {
    /// Whether it is the default.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A caption that nobody speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraCaption {
    /// What it tells.
    pub kind: ExtraKind,
    /// Exactly what is read: `[the lamp clicks]`, or what a sign says.
    #[schemars(length(min = 1, max = 200))]
    pub text: String,
    /// The same in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, String>,
    /// When it begins.
    pub from: Anchor,
    /// How long it is seen, in milliseconds; as long as it takes to read where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 20_000))]
    pub length_ms: Option<u32>,
}

/// What a caption that nobody speaks tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExtraKind {
    /// A sound, for those who do not hear it.
    Sound,
    /// Words in the picture, for those who cannot read them: only in dubs that have them in their
    /// language.
    Sign,
}

/// The rules that captions keep: the language's, with what the episode and the output change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaptionLimits {
    /// The most columns in a line; a wide character takes two.
    pub line: u8,
    /// The most lines.
    pub lines: u8,
    /// The most characters a second.
    pub speed: u8,
    /// Whether characters are counted in full widths.
    pub wide: bool,
    /// The shortest time on screen.
    pub shortest: Millis,
    /// The longest.
    pub longest: Millis,
    /// Frames between captions.
    pub gap: Frames,
    /// Gaps shorter than this are closed.
    pub chain: Millis,
    /// Short lines of two speakers no further apart than this share a caption; nothing where nobody said.
    pub together: Option<Millis>,
}

impl CaptionLimits {
    /// The limits of a language.
    pub fn of(language: &Language) -> Self {
        let (line, speed, wide) = match language.primary().as_str() {
            "ja" => (32, 7, true),
            "zh" | "yue" | "cmn" => (32, 11, true),
            "ko" => (32, 14, true),
            "hi" | "mr" | "ne" => (42, 22, false),
            "th" | "lo" | "km" | "my" => (35, 20, false),
            "ru" | "uk" | "be" | "bg" => (39, 20, false),
            _ => (42, 20, false),
        };
        Self {
            line,
            lines: 2,
            speed,
            wide,
            shortest: Millis(833),
            longest: Millis(7000),
            gap: Frames(2),
            chain: Millis(500),
            together: None,
        }
    }

    /// With what an episode and, before it, an output say.
    #[must_use]
    pub fn with(mut self, captions: &Captions, output: &OutputCaptions) -> Self {
        for rules in [&captions.rules, &output.rules] {
            let ms = |own: Option<u16>, kept: Millis| own.map_or(kept, |ms| Millis(i64::from(ms)));
            self.speed = rules.speed.unwrap_or(self.speed);
            self.shortest = ms(rules.shortest_ms, self.shortest);
            self.longest = ms(rules.longest_ms, self.longest);
            self.gap = rules.gap_frames.map_or(self.gap, |n| Frames(u64::from(n)));
            self.chain = ms(rules.chain_ms, self.chain);
            let together = rules.together_ms.map(|ms| Millis(i64::from(ms)));
            self.together = together.or(self.together);
        }
        let line = output.line_length.or(captions.line_length);
        self.line = match line {
            // A count of letters says little about full-width characters.
            Some(line) if self.wide => line.min(self.line),
            Some(line) => line,
            None => self.line,
        };
        self.lines = output.lines.or(captions.lines).unwrap_or(self.lines);
        self
    }

    /// Columns a second: characters, or half of full-width ones.
    pub const fn columns_a_second(&self) -> u64 {
        self.speed as u64 * if self.wide { 2 } else { 1 }
    }

    /// How many frames a text of so many columns must be seen at least, to be read.
    pub fn reading(&self, columns: usize, rate: Rate) -> Frames {
        let samples = columns as u64 * u64::from(crate::SAMPLE_RATE) / self.columns_a_second();
        rate.frames_covering(crate::Samples(samples))
    }

    /// The shortest time on screen in whole frames: five sixths of a second are 20 of 24.
    pub fn shortest_in(&self, rate: Rate) -> Frames {
        rate.frames_of(self.shortest)
    }

    /// How many frames lines must be seen at least: to be read, and to be noticed at all.
    pub fn least<S: AsRef<str>>(&self, lines: &[S], rate: Rate) -> Frames {
        let reading = self.reading(Self::columns(lines), rate);
        self.shortest_in(rate).max(reading)
    }

    /// How many columns lines take together: what is read.
    pub fn columns<S: AsRef<str>>(lines: &[S]) -> usize {
        let breaks = lines.len().saturating_sub(1);
        let own: usize = lines.iter().map(|line| width(line.as_ref())).sum();
        own + breaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(language: &str) -> CaptionLimits {
        CaptionLimits::of(&language.parse().unwrap())
    }

    #[test]
    fn languages_have_their_own_limits() {
        assert_eq!(
            (limits("en-GB").speed, limits("en-GB").columns_a_second()),
            (20, 20)
        );
        assert_eq!(
            (limits("ja").line, limits("ja").columns_a_second()),
            (32, 14)
        );
        assert_eq!(limits("hi").speed, 22);
    }

    #[test]
    fn outputs_come_before_episodes() {
        let rules = |speed| CaptionRules {
            speed: Some(speed),
            ..CaptionRules::default()
        };
        let episode = Captions {
            rules: rules(15),
            line_length: Some(40),
            ..Captions::default()
        };
        let output = OutputCaptions {
            rules: rules(12),
            ..OutputCaptions::default()
        };
        let found = limits("en").with(&episode, &output);
        assert_eq!((found.speed, found.line), (12, 40));
        assert_eq!(limits("ja").with(&episode, &output).line, 32);
    }

    #[test]
    fn the_shortest_is_whole_frames_that_every_rate_has() {
        let frames = |num, den| limits("en").shortest_in(Rate::new(num, den).unwrap()).0;
        assert_eq!(
            [
                frames(24, 1),
                frames(25, 1),
                frames(30, 1),
                frames(30_000, 1001)
            ],
            [20, 21, 25, 25]
        );
    }

    #[test]
    fn reading_takes_its_time() {
        let rate = Rate::FPS_30;
        assert_eq!(limits("en").reading(40, rate), Frames(60));
        assert_eq!(limits("ja").reading(14, rate), Frames(30));
        assert_eq!(CaptionLimits::columns(&["ab", "日本"]), 7);
    }
}
