//! A voice without times of its own, aligned by its text.

use serde::{Deserialize, Serialize};
use workprint_engine::StepError;
use workprint_media::Media;
use workprint_model::words::Phoneme;
use workprint_model::{SAMPLE_RATE, Samples};
use workprint_sound::align::{Found, Line, RATE, Speaker, narrow};
use workprint_sound::{SoundError, wav};

use super::reading::{ReadAloud, ReadingError, find, read_aloud};
use crate::tools::from_media;
use crate::voice::{SpokenEvents, SpokenWord};

/// A line is no longer than 20 minutes, at 24 bits.
pub(super) const MOST_BYTES: u64 = SAMPLE_RATE as u64 * 60 * 20 * 3 + 4096;
/// Samples that are narrowed together, 30 s, and what is looked at on either side of them.
const BLOCK: usize = SAMPLE_RATE as usize * 30;
const MARGIN: usize = 960;
/// Samples of [`SAMPLE_RATE`] to one of [`RATE`].
const STEP: u64 = (SAMPLE_RATE / RATE) as u64;
/// Starts on which the two stages differ by more than 100 ms are doubted.
const DOUBT: u64 = RATE as u64 / 10;
/// What is said and not written is told from 300 ms on.
const UNWRITTEN: u64 = RATE as u64 * 3 / 10;
/// A word said in less than so many hundredths of the time it takes at the line's pace was left out.
const LEFT_OUT: u64 = 35;
/// Words are told to be left out that take this long (200 ms) in the reading.
const LEAST: u64 = RATE as u64 / 5;

/// From this distance on the voice has little to do with the text.
pub(crate) const STRANGE: u32 = 500;

/// What an alignment by text thinks of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// How far the voice is from espeak's reading, in thousandths: 270 to 340 where what is said is
    /// what is written, 1000 for what has nothing to do with it; 1000 too where nothing was found.
    pub distance: u32,
    /// Words whose starts the two stages put more than 100 ms apart.
    pub doubtful: u32,
    /// Of so many words.
    pub words: u32,
    /// Written words that seem to be left out: characters from, and up to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<(usize, usize)>,
    /// Where something is said that is not written, between sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwritten: Vec<(Samples, Samples)>,
}

/// Aligns a voice (a WAV at 48 kHz) with a text that is read in an espeak voice, with what is known of
/// the voice.
pub(super) fn align(
    media: &Media,
    wav: &[u8],
    (text, reader): (&str, &str),
    speaker: Option<&Speaker>,
) -> Result<(SpokenEvents, Judgement), StepError> {
    let (found, _) = find_in(media, wav, text, reader)?;
    let Some((line, read)) = found else {
        let nothing = Judgement {
            distance: 1000,
            ..Judgement::default()
        };
        return Ok((SpokenEvents::default(), nothing));
    };
    Ok(told(line, &read, speaker))
}

/// A text found in a voice, and how long that is; nothing where the text cannot be in it.
pub(crate) fn find_in(
    media: &Media,
    wav: &[u8],
    text: &str,
    reader: &str,
) -> Result<(Option<(Line, ReadAloud)>, Samples), StepError> {
    let voice = narrowed(wav)
        .map_err(|error| StepError::permanent("the voice cannot be read").because(error))?;
    let forms = read_aloud(media, text, reader).map_err(|error| match error {
        ReadingError::Speech(error) => from_media(error),
        ReadingError::Sound(error) => {
            StepError::permanent("espeak's reading cannot be used").because(error)
        }
    })?;
    let length = Samples(voice.len() as u64 * STEP);
    Ok((find(&voice, forms), length))
}

/// Whether a line seems to say what is written.
pub(crate) fn is_plausible(line: &Line) -> bool {
    thousandths(line.distance()) < STRANGE
}

fn thousandths(distance: f32) -> u32 {
    (distance.clamp(0.0, 1.0) * 1000.0).round() as u32
}

/// The times found, and what is to be thought of them.
fn told(line: Line, read: &ReadAloud, speaker: Option<&Speaker>) -> (SpokenEvents, Judgement) {
    let found = line.refine(speaker);
    let distance = thousandths(found.distance);
    let words = found.words.iter().map(|word| {
        let (from, to) = read.words[word.word];
        SpokenWord {
            from,
            to,
            start: Samples(word.start * STEP),
            end: Samples(word.end * STEP),
        }
    });
    let events = SpokenEvents {
        words: words.collect(),
        // Sounds of another text would move the mouth to nothing that is heard.
        phonemes: if distance < STRANGE {
            phonemes(&found)
        } else {
            Vec::new()
        },
    };
    let judgement = Judgement {
        distance,
        doubtful: found.words.iter().filter(|word| word.doubt > DOUBT).count() as u32,
        words: found.words.len() as u32,
        left_out: left_out(&found, read),
        unwritten: unwritten(&found),
    };
    (events, judgement)
}

/// What is said between sentences and not written; what a breath divides is one.
fn unwritten(found: &Found) -> Vec<(Samples, Samples)> {
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for &(from, to) in &found.unwritten {
        match joined.last_mut() {
            Some(last) if from < last.1 + UNWRITTEN => last.1 = to,
            _ => joined.push((from, to)),
        }
    }
    joined.retain(|(from, to)| to - from >= UNWRITTEN);
    let wide = |at: u64| Samples(at * STEP);
    joined
        .iter()
        .map(|(from, to)| (wide(*from), wide(*to)))
        .collect()
}

/// The sounds, and between them the silences, without names.
fn phonemes(found: &Found) -> Vec<Phoneme> {
    let mut out: Vec<Phoneme> = Vec::with_capacity(found.sounds.len());
    for sound in &found.sounds {
        let (start, end) = (Samples(sound.start * STEP), Samples(sound.end * STEP));
        let before = out.last().map(|last| last.end);
        if let Some(before) = before.filter(|before| *before < start) {
            out.push(Phoneme {
                ipa: String::new(),
                start: before,
                end: start,
            });
        }
        out.push(Phoneme {
            ipa: sound.name.clone(),
            start,
            end,
        });
    }
    out
}

/// Words that are much shorter than they are in the reading at the line's own pace.
fn left_out(found: &Found, read: &ReadAloud) -> Vec<(usize, usize)> {
    let mut lengths = vec![0; read.words.len()];
    for sound in &read.reading.sounds {
        if let Some(length) = sound.word.and_then(|word| lengths.get_mut(word)) {
            *length += (sound.end - sound.start) as u64;
        }
    }
    let shares = found.words.iter().filter(|word| lengths[word.word] > 0);
    let mut shares: Vec<u64> = shares
        .map(|word| (word.end - word.start) * 100 / lengths[word.word])
        .collect();
    shares.sort_unstable();
    let pace = shares.get(shares.len() / 2).copied().unwrap_or(100);
    let short = found.words.iter().filter(|word| {
        let length = lengths[word.word];
        length >= LEAST && (word.end - word.start) * 10_000 < length * pace * LEFT_OUT
    });
    short.map(|word| read.words[word.word]).collect()
}

/// A mono WAV, brought to [`RATE`] block by block.
fn narrowed(bytes: &[u8]) -> Result<Vec<f32>, SoundError> {
    let mut reader = wav::read_wav(bytes)?;
    let channels = usize::from(reader.channels().max(1));
    let mut block = vec![0.0; BLOCK * channels];
    // Begins with the margin of the block before.
    let mut wide: Vec<f32> = Vec::new();
    let mut out = Vec::new();
    let mut before = 0;
    loop {
        let count = reader.read(&mut block)?;
        wide.extend(block[..count * channels].iter().step_by(channels));
        let last = count * channels < block.len();
        let keep = if last {
            wide.len()
        } else {
            wide.len() - MARGIN
        };
        let narrow = narrow(&wide, SAMPLE_RATE)?;
        let place = |sample: usize| (sample / STEP as usize).min(narrow.len());
        out.extend_from_slice(
            &narrow[place(before)..if last { narrow.len() } else { place(keep) }],
        );
        if last {
            return Ok(out);
        }
        before = MARGIN;
        wide.drain(..keep - MARGIN);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use workprint_sound::align::{FoundWord, ReadSound, Reading};
    use workprint_sound::wav::{WavBits, write_wav};

    use super::*;

    #[test]
    fn blocks_are_narrowed_as_the_whole_is() {
        for count in [0, 5, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 777] {
            let wave = |n: usize| ((n * n / 999) % 1000) as f32 / 2000.0 - 0.25;
            let voice: Vec<f32> = (0..count).map(wave).collect();
            let mut wav = write_wav(Cursor::new(Vec::new()), 1, WavBits::I24).unwrap();
            wav.write(&voice).unwrap();
            let bytes = wav.finish().unwrap().into_inner();
            let (blocks, whole) = (
                narrowed(&bytes).unwrap(),
                narrow(&voice, SAMPLE_RATE).unwrap(),
            );
            assert_eq!(blocks.len(), whole.len(), "{count}");
            let worst = blocks.iter().zip(&whole).map(|(a, b)| (a - b).abs());
            assert!(worst.fold(0.0, f32::max) < 1e-5, "{count}");
        }
    }

    #[test]
    fn words_that_take_no_time_were_left_out() {
        let sound = |word: usize| ReadSound {
            name: "a".to_owned(),
            word: Some(word),
            start: word * 8000,
            end: word * 8000 + 8000,
        };
        let read = ReadAloud {
            reading: Reading {
                sounds: (0..5).map(sound).collect(),
                ..Reading::default()
            },
            words: (0..5).map(|word| (word * 3, word * 3 + 2)).collect(),
        };
        // Twice as fast as the reading, but for one word.
        let word = |word: usize| FoundWord {
            word,
            start: word as u64 * 4000,
            end: word as u64 * 4000 + if word == 2 { 1000 } else { 4000 },
            doubt: 0,
        };
        let found = Found {
            words: (0..5).map(word).collect(),
            sounds: Vec::new(),
            distance: 0.3,
            unwritten: vec![(0, 4000), (6000, 9000), (40_000, 41_000)],
        };
        assert_eq!(left_out(&found, &read), [(6, 8)]);
        assert_eq!(unwritten(&found), [(Samples(0), Samples(27_000))]);
    }
}
