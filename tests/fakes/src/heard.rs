//! What is said in sounds that are played to a fake.

use serde_json::json;

use crate::{Job, Shop};

/// Words, and from when to when each is heard, in milliseconds.
pub type Saying = Vec<(String, u64, u64)>;

/// What a sound begins with that tells its own words.
const MARK: &[u8] = b"WORDS:";
/// How long a word of such a sound is heard, in milliseconds.
const WORD_MS: u64 = 200;

/// A WAV that says words to a fake, and is as long as they are: its samples are their letters.
pub fn recording(words: &str) -> Vec<u8> {
    let said = [MARK, words.as_bytes()].concat();
    let length = words.split_whitespace().count() * WORD_MS as usize * 16;
    let samples = said.iter().map(|byte| i16::from(*byte));
    let samples = samples
        .chain(std::iter::repeat(0))
        .take(length.max(said.len()));
    let samples: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let mut out = Vec::with_capacity(44 + samples.len());
    out.extend(b"RIFF");
    out.extend((36 + samples.len() as u32).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    out.extend([1, 0, 1, 0]);
    out.extend(16_000u32.to_le_bytes());
    out.extend(32_000u32.to_le_bytes());
    out.extend([2, 0, 16, 0]);
    out.extend(b"data");
    out.extend((samples.len() as u32).to_le_bytes());
    out.extend(samples);
    out
}

/// Takes an order for the words of a sound: its own, else those that this fake was told of sounds as long.
pub(crate) fn hear(shop: &Shop, model: &str, sound: &[u8]) -> (Saying, Job) {
    let saying = own(sound).unwrap_or_else(|| {
        let inner = shop.lock();
        let length_ms = sound.len().saturating_sub(44) as u64 / 32;
        let nearest = inner.sayings.iter();
        let nearest = nearest.min_by_key(|(length, _)| length.abs_diff(length_ms));
        nearest
            .map(|(_, saying)| saying.clone())
            .unwrap_or_default()
    });
    let words: Vec<&str> = saying.iter().map(|word| word.0.as_str()).collect();
    let input = json!({"prompt": words.join(" "), "words": saying});
    let job = shop.take(model, &input, "json");
    (saying, job)
}

/// The words that a sound tells of itself.
pub(crate) fn words_in(sound: &[u8]) -> Option<String> {
    let samples = sound.get(44..)?.chunks_exact(2);
    let letters = samples
        .map(|sample| sample[0])
        .take_while(|byte| *byte != 0);
    let letters: Vec<u8> = letters.collect();
    Some(String::from_utf8_lossy(letters.strip_prefix(MARK)?).into_owned())
}

fn own(sound: &[u8]) -> Option<Saying> {
    let text = words_in(sound)?;
    let words = text.split_whitespace().zip(0..);
    let word = |(word, n): (&str, u64)| (word.to_owned(), n * WORD_MS, (n + 1) * WORD_MS);
    Some(words.map(word).collect())
}

/// A field of a form (RFC 7578).
pub(crate) fn field<'a>(form: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let end = find(form, b"\r\n")?;
    let boundary = [b"\r\n", &form[..end]].concat();
    let head = find(form, format!("name=\"{name}\"").as_bytes())?;
    let body = head + find(&form[head..], b"\r\n\r\n")? + 4;
    let length = find(&form[body..], &boundary)?;
    Some(&form[body..body + length])
}

fn find(all: &[u8], wanted: &[u8]) -> Option<usize> {
    all.windows(wanted.len()).position(|part| part == wanted)
}
