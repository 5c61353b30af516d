//! Transcripts: everything that is said, for reading (Markdown) and for programs (JSON).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use workprint_model::{CueId, Language};

/// The name and version of the JSON form, in its `format` field.
pub const FORMAT: &str = "workprint.transcript/1";

/// Everything that is said in a film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// The film's title.
    pub title: String,
    /// Its language.
    pub language: Language,
    /// Its length in milliseconds.
    pub length_ms: u64,
    /// Its chapters: when they begin, and their titles.
    pub chapters: Vec<(u64, String)>,
    /// What is said, in order.
    pub lines: Vec<TranscriptLine>,
}

/// One thing that is said. Times are milliseconds from the film's start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// The cue.
    pub cue: CueId,
    /// Who speaks, as viewers know them.
    pub speaker: Option<String>,
    /// The language where it is not the film's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When it begins.
    pub from_ms: u64,
    /// When it has ended.
    pub to_ms: u64,
    /// Exactly what is written.
    pub text: String,
    /// Its words.
    pub words: Vec<TranscriptWord>,
}

/// A word of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptWord {
    /// As written, with its punctuation.
    pub text: String,
    /// When it begins.
    pub from_ms: u64,
    /// When it has ended.
    pub to_ms: u64,
}

impl Transcript {
    /// As JSON, with a format and its version.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct File<'a> {
            format: &'a str,
            #[serde(flatten)]
            transcript: &'a Transcript,
        }
        let file = File {
            format: FORMAT,
            transcript: self,
        };
        let mut json = serde_json::to_string_pretty(&file)?;
        json.push('\n');
        Ok(json)
    }

    /// As Markdown (CommonMark): chapters as headings, a paragraph for each line with its speaker and
    /// time.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", escaped(&self.title));
        let mut chapters = self.chapters.iter().peekable();
        let mut head = |out: &mut String, until: u64| {
            while let Some((from, title)) = chapters.next_if(|(from, _)| *from <= until) {
                let _ = write!(out, "\n## {} ({})\n", escaped(title), clock(*from));
            }
        };
        for line in &self.lines {
            head(&mut out, line.from_ms);
            out.push('\n');
            if let Some(speaker) = &line.speaker {
                let _ = write!(out, "**{}** ", escaped(speaker));
            }
            let _ = writeln!(out, "({}) {}", clock(line.from_ms), escaped(&line.text));
        }
        head(&mut out, u64::MAX);
        out
    }
}

fn clock(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// What reads as the same text and as nothing else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            if matches!(
                c,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!'
            ) && needs(c, word)
            {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// An exclamation mark means something only before a bracket.
fn needs(c: char, word: &str) -> bool {
    c != '!' || word.contains("![")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(from_ms: u64, speaker: Option<&str>, text: &str) -> TranscriptLine {
        TranscriptLine {
            cue: "c1".parse().unwrap(),
            speaker: speaker.map(str::to_owned),
            language: None,
            from_ms,
            to_ms: from_ms + 900,
            text: text.to_owned(),
            words: Vec::new(),
        }
    }

    #[test]
    fn a_page_with_chapters() {
        let transcript = Transcript {
            title: "First *Light*".to_owned(),
            language: "en".parse().unwrap(),
            length_ms: 9000,
            chapters: vec![(0, "Night".to_owned()), (3000, "Morning".to_owned())],
            lines: vec![
                line(500, Some("Wick"), "Why, Ada?\nReally!"),
                line(3_700_500, None, "<b> & [x] !"),
            ],
        };
        assert_eq!(
            transcript.markdown(),
            "# First \\*Light\\*\n\n## Night (0:00)\n\n**Wick** (0:00) Why, Ada? Really!\n\
             \n## Morning (0:03)\n\n(1:01:40) \\<b\\> \\& \\[x\\] !\n"
        );
        let json: serde_json::Value = serde_json::from_str(&transcript.json().unwrap()).unwrap();
        assert_eq!(json["format"], FORMAT);
        assert_eq!(json["lines"][0]["text"], "Why, Ada?\nReally!");
    }
}
