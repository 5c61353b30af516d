//! espeak's reading of a text, for a voice to be laid against.

use workprint_media::{Media, MediaError, Speech, SpeechRequest};
use workprint_sound::SoundError;
use workprint_sound::align::{Line, RATE, ReadSound, Reading, narrow_integers};

use super::spoken::{Spoken, forms};

/// Words a minute of a reading.
const PACE: u16 = 150;
/// Longer texts (two minutes) are read in their likeliest form alone.
const LONG: usize = 2000;
/// The voice's variant: a formant synthesiser, whose spectra are the nearest to anybody's.
const VARIANT: &str = "+klatt";

/// Why there is no reading.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// The speech program failed.
    #[error(transparent)]
    Speech(#[from] MediaError),
    /// What it gave is no sound.
    #[error(transparent)]
    Sound(#[from] SoundError),
}

/// A text, read aloud.
#[derive(Debug, Clone)]
pub struct ReadAloud {
    /// The reading.
    pub reading: Reading,
    /// The place of each of its words in the text, in characters: from, and up to.
    pub words: Vec<(usize, usize)>,
}

/// Lets espeak read a text in a voice of its language: once for every form in which people may read
/// it; mostly that is one.
pub fn read_aloud(media: &Media, text: &str, voice: &str) -> Result<Vec<ReadAloud>, ReadingError> {
    let mut forms = forms(text, voice);
    if text.len() > LONG {
        forms.truncate(1);
    }
    forms
        .iter()
        .map(|form| read_form(media, form, voice))
        .collect()
}

/// The text in a voice: the form of it that is nearest to what is said. Nothing where the voice is so
/// short that the text cannot be in it.
pub fn find(voice: &[f32], forms: Vec<ReadAloud>) -> Option<(Line, ReadAloud)> {
    let found = forms
        .into_iter()
        .filter_map(|form| Some((Line::find(voice, &form.reading)?, form)));
    found.min_by(|left, right| left.0.distance().total_cmp(&right.0.distance()))
}

fn read_form(media: &Media, form: &Spoken, voice: &str) -> Result<ReadAloud, ReadingError> {
    let text = form.text.as_str();
    let plain = voice.split('+').next().unwrap_or(voice);
    let request = |voice: String| SpeechRequest {
        rate_wpm: PACE,
        ..SpeechRequest::new(text, voice)
    };
    let speech = match media.espeak(&request(format!("{plain}{VARIANT}"))) {
        // Some distributions leave the variants out.
        Err(MediaError::Speech { kind, .. }) if kind == "voice_unknown" => {
            media.espeak(&request(plain.to_owned()))?
        }
        answer => answer?,
    };
    Ok(ReadAloud {
        reading: reading(text, &speech)?,
        words: speech
            .words
            .iter()
            .map(|word| form.written(word.from, word.to))
            .collect(),
    })
}

fn reading(text: &str, speech: &Speech) -> Result<Reading, SoundError> {
    let samples = narrow_integers(&speech.samples, speech.sample_rate)?;
    let place = |sample: u64| {
        let place = sample * u64::from(RATE) / u64::from(speech.sample_rate.max(1));
        (place as usize).min(samples.len())
    };
    let mut at = 0;
    let mut sounds: Vec<ReadSound> = Vec::with_capacity(speech.phonemes.len());
    for sound in &speech.phonemes {
        let middle = u64::midpoint(sound.start, sound.end);
        while speech.words.get(at).is_some_and(|word| word.end <= middle) {
            at += 1;
        }
        let word = speech.words.get(at).filter(|word| word.start <= middle);
        let word = word.filter(|_| !sound.ipa.is_empty()).map(|_| at);
        match sounds.last_mut() {
            Some(last) if is_mark(&sound.ipa) && last.word == word => {
                last.name.push_str(&sound.ipa);
                last.end = place(sound.end);
            }
            _ => sounds.push(ReadSound {
                name: sound.ipa.clone(),
                word,
                start: place(sound.start),
                end: place(sound.end),
            }),
        }
    }
    Ok(Reading {
        sounds,
        sentences: sentences(text, speech),
        samples,
    })
}

/// Whether a sound's name only says how the sound before it is made, as espeak's `ʲ` does.
fn is_mark(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| matches!(c, 'ʰ'..='˿' | '\u{300}'..='\u{36f}'))
}

/// The first words of the text's sentences.
fn sentences(text: &str, speech: &Speech) -> Vec<usize> {
    let chars: Vec<char> = text.chars().collect();
    let ends = |from: usize, to: usize| {
        let between = chars.get(from..to).unwrap_or_default();
        between.iter().any(|c| {
            matches!(
                c,
                '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟' | '\n'
            )
        })
    };
    let mut out = Vec::new();
    let mut before: Option<usize> = None;
    for (index, word) in speech.words.iter().enumerate() {
        // The last word's own full stop is the last of its characters that is no letter.
        let tail = before.map(|from| {
            let letters = chars.get(from..word.from).unwrap_or_default();
            from + letters
                .iter()
                .rposition(|c| c.is_alphanumeric())
                .map_or(0, |at| at + 1)
        });
        if tail.is_none_or(|tail| ends(tail, word.from)) {
            out.push(index);
        }
        before = Some(word.from);
    }
    out
}
