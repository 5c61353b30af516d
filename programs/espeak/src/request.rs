//! The `speak` request: reading, defaults, limits.

use serde::Deserialize;

use crate::error::Failure;

/// Longest text, in Unicode scalar values.
pub(crate) const MAX_TEXT_CHARS: usize = 100_000;
/// Longest request, in bytes: room for the longest text with every character escaped.
pub(crate) const MAX_REQUEST_BYTES: usize = 2 * 1024 * 1024;
const MAX_VOICE_BYTES: usize = 120;
const MAX_WORD_GAP_MS: i64 = 5_000;
/// Longest sounds of one part of the text.
const MAX_IPA_BYTES: usize = 1_000;

/// One thing to say, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpeakRequest {
    pub(crate) text: String,
    pub(crate) voice: String,
    #[serde(default = "default_rate")]
    pub(crate) rate_wpm: i64,
    #[serde(default = "default_middle")]
    pub(crate) pitch: i64,
    #[serde(default = "default_middle")]
    pub(crate) range: i64,
    #[serde(default = "default_volume")]
    pub(crate) volume: i64,
    #[serde(default)]
    pub(crate) word_gap_ms: i64,
    #[serde(default)]
    pub(crate) stress: Vec<(usize, usize)>,
    #[serde(default)]
    pub(crate) sounds: Vec<(usize, usize, String)>,
}

fn default_rate() -> i64 {
    175
}
fn default_middle() -> i64 {
    50
}
fn default_volume() -> i64 {
    100
}

impl SpeakRequest {
    /// Reads a request and checks every limit.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(Failure::bad_request(
                "request_too_long",
                format!("the request is longer than {MAX_REQUEST_BYTES} bytes"),
                "split the text into scenes or paragraphs",
            ));
        }
        let request: Self = serde_json::from_slice(bytes).map_err(|error| {
            Failure::bad_request(
                "invalid_json",
                format!("the request on standard input cannot be read: {error}"),
                r#"send one JSON object such as {"text":"Hello.","voice":"en-gb"}"#,
            )
        })?;
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), Failure> {
        self.check_text()?;
        if self.voice.is_empty() || self.voice.len() > MAX_VOICE_BYTES {
            return Err(Failure::bad_request(
                "invalid_voice",
                "the voice must be a name of 1 to 120 bytes",
                "run `workprint-espeak voices` for the names",
            ));
        }
        in_range("rate_wpm", self.rate_wpm, 80, 450)?;
        in_range("pitch", self.pitch, 0, 100)?;
        in_range("range", self.range, 0, 100)?;
        in_range("volume", self.volume, 0, 200)?;
        in_range("word_gap_ms", self.word_gap_ms, 0, MAX_WORD_GAP_MS)?;
        self.check_parts("stress", self.stress.iter().copied())?;
        self.check_parts(
            "sounds",
            self.sounds.iter().map(|(from, to, _)| (*from, *to)),
        )?;
        match self
            .sounds
            .iter()
            .find(|sounds| sounds.2.len() > MAX_IPA_BYTES)
        {
            None => Ok(()),
            Some((from, to, _)) => Err(Failure::bad_request(
                "out_of_range",
                format!("the sounds of {from} to {to} are longer than {MAX_IPA_BYTES} bytes"),
                "give the sounds of a word or a name, not of a whole text",
            )),
        }
    }

    fn check_parts(
        &self,
        name: &str,
        parts: impl Iterator<Item = (usize, usize)>,
    ) -> Result<(), Failure> {
        let chars = self.text.chars().count();
        let mut last = 0;
        for (from, to) in parts {
            if from < last || from >= to || to > chars {
                return Err(Failure::bad_request(
                    "out_of_range",
                    format!("`{name}` {from} to {to} is not a later part of {chars} characters"),
                    "give parts of the text in order, each from a character up to a later one",
                ));
            }
            last = to;
        }
        Ok(())
    }

    fn check_text(&self) -> Result<(), Failure> {
        let chars = self.text.chars().count();
        if chars > MAX_TEXT_CHARS {
            return Err(Failure::bad_request(
                "text_too_long",
                format!(
                    "the text has {chars} characters; at most {MAX_TEXT_CHARS} can be spoken at once"
                ),
                "split the text into scenes or paragraphs",
            ));
        }
        if self.text.contains('\0') {
            return Err(Failure::bad_request(
                "nul_character",
                "the text contains a NUL character (U+0000)",
                "remove the character: it would end the text early",
            ));
        }
        if self.text.trim().is_empty() {
            return Err(nothing_to_say());
        }
        Ok(())
    }
}

/// A text as the library may see it: same number of characters, but without
/// those the library takes as commands (control characters such as U+0001,
/// and the private-use area it keeps for itself), and with three or more of
/// one ASCII symbol (`***`, `%%%`) spoken once: 1.51 crashes on such runs in
/// some languages. Full stops stay, because an ellipsis is a pause. Full-width
/// letters and digits become ASCII. With `brackets` two of them are none: the library would read mnemonics.
pub(crate) fn safe_text(text: &str, brackets: bool) -> String {
    let mut chars: Vec<char> = text
        .chars()
        .map(|c| if is_command(c) { ' ' } else { narrow(c) })
        .collect();
    for pair in chars.chunk_by_mut(|a, b| a == b) {
        if let ['[', others @ ..] = pair
            && brackets
        {
            others.fill(' ');
        }
    }
    for run in chars.chunk_by_mut(|a, b| a == b) {
        if let [first, _, _, ..] = run
            && first.is_ascii_punctuation()
            && *first != '.'
        {
            for extra in run.iter_mut().skip(1) {
                *extra = ' ';
            }
        }
    }
    chars.into_iter().collect()
}

/// Full-width letters and digits as ASCII: the library cannot read them.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
        }
        _ => c,
    }
}

fn is_command(c: char) -> bool {
    let private = matches!(u32::from(c), 0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF);
    private || (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// The failure for a text in which no token can be spoken.
pub(crate) fn nothing_to_say() -> Failure {
    Failure::bad_request(
        "nothing_to_say",
        "the text has no word that can be spoken",
        "write at least one word; punctuation alone is silent",
    )
}

fn in_range(name: &str, value: i64, low: i64, high: i64) -> Result<(), Failure> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Failure::bad_request(
        "out_of_range",
        format!("{name} is {value}, outside {low} to {high}"),
        format!("choose a {name} from {low} to {high}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<SpeakRequest, Failure> {
        SpeakRequest::parse(json.as_bytes())
    }

    #[test]
    fn defaults_are_the_library_defaults() -> Result<(), Failure> {
        let request = parse(r#"{"text":"a","voice":"en"}"#)?;
        assert_eq!(
            (request.rate_wpm, request.pitch, request.range),
            (175, 50, 50)
        );
        assert_eq!((request.volume, request.word_gap_ms), (100, 0));
        Ok(())
    }

    #[test]
    fn commands_become_spaces_and_keep_positions() -> Result<(), Failure> {
        let request = parse(r#"{"text":"a\u000150Pb\ue000c\nd","voice":"en"}"#)?;
        assert_eq!(safe_text(&request.text, false), "a 50Pb c\nd");
        assert_eq!(
            safe_text(&request.text, false).chars().count(),
            request.text.chars().count()
        );
        Ok(())
    }

    #[test]
    fn runs_of_a_symbol_are_spoken_once() {
        assert_eq!(
            safe_text("*** a... C++ %%%%b１Ａ", false),
            "*   a... C++ %   b1A"
        );
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(parse(r#"{"text":"a","voice":"en","ssml":true}"#).is_err());
    }
}
