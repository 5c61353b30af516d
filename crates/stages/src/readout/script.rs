//! What a readout tells: who says what, when, how fast, and what is missing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use workprint_model::words::units;
use workprint_model::{CastId, CueId, Language, Samples, SceneId};

/// The name and version of the JSON form, in its `format` field.
pub(super) const FORMAT: &str = "workprint.readout/1";

/// An episode's script in time. Times are milliseconds from the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The episode's title.
    pub title: String,
    /// The show's.
    pub show: String,
    /// The language that is spoken.
    pub language: Language,
    /// How long everything is.
    pub length_ms: u64,
    /// Where chapters begin, and their titles.
    pub chapters: Vec<(u64, String)>,
    /// Where scenes begin.
    pub scenes: Vec<ScriptScene>,
    /// What is said, in order.
    pub lines: Vec<ScriptLine>,
}

/// A scene of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptScene {
    /// The scene.
    pub id: SceneId,
    /// Its heading for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// When it begins.
    pub from_ms: u64,
}

/// A line of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptLine {
    /// The cue.
    pub cue: CueId,
    /// Who speaks.
    pub speaker: Option<CastId>,
    /// The speaker's name.
    pub name: String,
    /// What is written.
    pub text: String,
    /// Its language, where it is not the script's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When the voice begins.
    pub from_ms: u64,
    /// When it has ended.
    pub to_ms: u64,
    /// How many words it has; characters, where a script has no spaces.
    pub words: u64,
    /// Why nobody is heard, where nobody is: its times are a guess then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// What else should be known of its voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ScriptLine {
    /// How long it is heard.
    pub(super) fn length_ms(&self) -> u64 {
        self.to_ms - self.from_ms
    }
}

/// What somebody says in all, or everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spoken {
    /// Lines.
    pub lines: u64,
    /// Words in them.
    pub words: u64,
    /// How long they are heard.
    pub length_ms: u64,
    /// Lines that nobody is heard in.
    pub missing: u64,
}

impl Spoken {
    fn add(&mut self, line: &ScriptLine) {
        self.lines += 1;
        self.words += line.words;
        self.length_ms += line.length_ms();
        self.missing += u64::from(line.missing.is_some());
    }

    /// Words a minute while somebody speaks, rounded; nothing where nobody does.
    pub fn pace(&self) -> Option<u64> {
        pace(self.words, self.length_ms)
    }
}

/// Words a minute, rounded.
pub(super) fn pace(words: u64, length_ms: u64) -> Option<u64> {
    (length_ms > 0).then(|| (words * 60_000 + length_ms / 2) / length_ms)
}

/// How many words are spoken of a text: what has a letter or a digit in it.
pub(crate) fn count_words(text: &str) -> u64 {
    let spoken =
        |unit: &&workprint_model::words::Unit<'_>| unit.text.contains(char::is_alphanumeric);
    units(text).iter().filter(spoken).count() as u64
}

/// Samples as milliseconds.
pub(crate) fn ms(samples: Samples) -> u64 {
    u64::try_from(samples.millis().0).unwrap_or_default()
}

#[derive(Serialize)]
struct Told<'a> {
    format: &'static str,
    #[serde(flatten)]
    script: &'a Script,
    total: Total,
    speakers: Vec<Speaker<'a>>,
}

#[derive(Serialize)]
struct Total {
    #[serde(flatten)]
    spoken: Spoken,
    words_per_minute: Option<u64>,
}

#[derive(Serialize)]
struct Speaker<'a> {
    #[serde(rename = "speaker")]
    id: Option<&'a CastId>,
    name: &'a str,
    #[serde(flatten)]
    total: Total,
}

impl Total {
    fn of(spoken: Spoken) -> Self {
        Self {
            spoken,
            words_per_minute: spoken.pace(),
        }
    }
}

impl Script {
    /// Everything that is said.
    pub fn total(&self) -> Spoken {
        let mut total = Spoken::default();
        self.lines.iter().for_each(|line| total.add(line));
        total
    }

    /// What each speaker says, in the order in which they begin to speak.
    pub fn speakers(&self) -> Vec<(Option<&CastId>, &str, Spoken)> {
        let mut places: BTreeMap<Option<&CastId>, usize> = BTreeMap::new();
        let mut speakers: Vec<(Option<&CastId>, &str, Spoken)> = Vec::new();
        for line in &self.lines {
            let speaker = line.speaker.as_ref();
            let place = *places.entry(speaker).or_insert_with(|| {
                speakers.push((speaker, &line.name, Spoken::default()));
                speakers.len() - 1
            });
            speakers[place].2.add(line);
        }
        speakers
    }

    /// As JSON, with a format and its version, and totals.
    pub(super) fn json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let speakers = self.speakers().into_iter();
        let speakers = speakers.map(|(id, name, spoken)| Speaker {
            id,
            name,
            total: Total::of(spoken),
        });
        serde_json::to_vec_pretty(&Told {
            format: FORMAT,
            script: self,
            total: Total::of(self.total()),
            speakers: speakers.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_is_spoken() {
        assert_eq!(count_words("Now – 3 o'clock, you!"), 4);
        assert_eq!(count_words("太阳。"), 2);
        assert_eq!(count_words("… !"), 0);
        assert_eq!(pace(160, 60_000), Some(160));
        assert_eq!(pace(1, 0), None);
    }
}
