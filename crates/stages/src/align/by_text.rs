//! A voice without times of its own, aligned by its text.

use serde::{Deserialize, Serialize};
use workprint_engine::StepError;
use workprint_media::Media;
use workprint_model::words::Phoneme;
use workprint_model::{SAMPLE_RATE, Samples};
use workprint_sound::align::{Found, FoundSlip, Line, Narrowing, RATE, Speaker};
use workprint_sound::{SoundError, wav};

use super::reading::{ReadAloud, ReadingError, find, read_aloud};
use super::recognised::Recognition;
use crate::tools::from_media;
use crate::voice::{SpokenEvents, SpokenWord};

/// A line is no longer than 20 minutes, at 24 bits.
pub(crate) const MOST_BYTES: u64 = SAMPLE_RATE as u64 * 60 * 20 * 3 + 4096;
/// Frames that are read together: a second.
const BLOCK: usize = SAMPLE_RATE as usize;
/// Samples of [`SAMPLE_RATE`] to one of [`RATE`].
const STEP: u64 = (SAMPLE_RATE / RATE) as u64;
/// Starts on which the two stages differ by more than 100 ms are doubted.
const DOUBT: u64 = RATE as u64 / 10;
/// What is said and not written is told from 300 ms on.
const UNWRITTEN: u64 = RATE as u64 * 3 / 10;
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
    /// Written words that are said once more: characters from, and up to, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeated: Vec<((usize, usize), (Samples, Samples))>,
    /// Where something is said that is not written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwritten: Vec<(Samples, Samples)>,
    /// What a recogniser heard of it; what is told of the line is then what that heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognised: Option<Recognition>,
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
    Ok(judged(found, speaker))
}

/// As [`align`], of a voice of which nothing is known, mono at [`RATE`], with what [`read`] gave.
pub(crate) fn align_narrow(voice: &[f32], forms: Vec<ReadAloud>) -> (SpokenEvents, Judgement) {
    judged(find(voice, forms), None)
}

fn judged(
    found: Option<(Line, ReadAloud)>,
    speaker: Option<&Speaker>,
) -> (SpokenEvents, Judgement) {
    if let Some((line, read)) = found {
        return told(line, &read, speaker);
    }
    let nothing = Judgement {
        distance: 1000,
        ..Judgement::default()
    };
    (SpokenEvents::default(), nothing)
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
    let length = Samples(voice.len() as u64 * STEP);
    Ok((find(&voice, read(media, text, reader)?), length))
}

/// A text, read aloud in an espeak voice: what voices are laid against.
pub(crate) fn read(media: &Media, text: &str, reader: &str) -> Result<Vec<ReadAloud>, StepError> {
    read_aloud(media, text, reader).map_err(|error| match error {
        ReadingError::Speech(error) => from_media(error),
        ReadingError::Sound(error) => {
            StepError::permanent("espeak's reading cannot be used").because(error)
        }
    })
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
        ..Judgement::default()
    };
    (events, judgement.with_slips(&found, read))
}

impl Judgement {
    /// The same with what is not said as it is written.
    fn with_slips(self, found: &Found, read: &ReadAloud) -> Self {
        let chars = |(from, to): (usize, usize)| {
            let own = read.words.get(from..to).unwrap_or_default().iter();
            let first = own.clone().map(|word| word.0).min().unwrap_or_default();
            (first, own.map(|word| word.1).max().unwrap_or_default())
        };
        let wide = |(from, to): (u64, u64)| (Samples(from * STEP), Samples(to * STEP));
        let mut out = self;
        let (mut again, mut unwritten) = (Vec::new(), found.unwritten.clone());
        for slip in &found.slips {
            match *slip {
                FoundSlip::LeftOut { words } => out.left_out.push(chars(words)),
                FoundSlip::Again { words, span } => {
                    again.push(span);
                    out.repeated.push((chars(words), wide(span)));
                }
                FoundSlip::Added { span } => unwritten.push(span),
            }
        }
        // What is said twice between two sentences is written once.
        let twice = |span: &(u64, u64)| {
            let common = |own: &(u64, u64)| own.1.min(span.1).saturating_sub(own.0.max(span.0));
            again.iter().map(common).sum::<u64>() * 2 >= span.1 - span.0
        };
        unwritten.retain(|span| !twice(span));
        unwritten.sort_unstable();
        out.unwritten = joined(&unwritten).into_iter().map(wide).collect();
        out
    }
}

/// Spans in the order of their beginnings; what a breath divides is one, what is short is none.
fn joined(spans: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut out: Vec<(u64, u64)> = Vec::new();
    for &(from, to) in spans {
        match out.last_mut() {
            Some(last) if from < last.1 + UNWRITTEN => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out.retain(|(from, to)| to - from >= UNWRITTEN);
    out
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

/// A WAV at 48 kHz, brought to [`RATE`] block by block.
pub(crate) fn narrowed(bytes: &[u8]) -> Result<Vec<f32>, SoundError> {
    let mut reader = wav::read_wav(bytes)?;
    let channels = usize::from(reader.channels().max(1));
    let mut block = vec![0.0; BLOCK * channels];
    let mut narrowing = Narrowing::default();
    loop {
        let count = reader.read(&mut block)?;
        narrowing.take(&block[..count * channels], channels)?;
        if count * channels < block.len() {
            return narrowing.finish();
        }
    }
}

#[cfg(test)]
mod tests {
    use workprint_sound::align::Reading;

    use super::*;

    #[test]
    fn what_is_said_otherwise_is_told_in_characters_and_samples() {
        let read = ReadAloud {
            reading: Reading::default(),
            words: (0..5).map(|word| (word * 3, word * 3 + 2)).collect(),
        };
        let found = Found {
            words: Vec::new(),
            sounds: Vec::new(),
            distance: 0.3,
            // The last is a sentence that is said twice.
            unwritten: vec![(0, 4000), (6000, 9000), (40_000, 41_000), (80_000, 96_000)],
            slips: vec![
                FoundSlip::LeftOut { words: (2, 4) },
                FoundSlip::Again {
                    words: (0, 1),
                    span: (81_000, 97_000),
                },
                FoundSlip::Added {
                    span: (50_000, 56_000),
                },
            ],
        };
        let judgement = Judgement::default().with_slips(&found, &read);
        assert_eq!(judgement.left_out, [(6, 11)]);
        let again = ((0, 2), (Samples(243_000), Samples(291_000)));
        assert_eq!(judgement.repeated, [again]);
        let unwritten = [
            (Samples(0), Samples(27_000)),
            (Samples(150_000), Samples(168_000)),
        ];
        assert_eq!(judgement.unwritten, unwritten);
    }
}
