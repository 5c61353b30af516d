//! What a fake says: a tone for every letter, and silence between words.

/// How long a character is heard, in milliseconds.
pub const CHARACTER_MS: usize = 60;
/// Samples a second.
const RATE: usize = 24_000;

/// A line as a WAV of 24 kHz: each character is a tone of its own.
pub fn speech(text: &str) -> Vec<u8> {
    let length = text.chars().count() * CHARACTER_MS;
    tones(text, length as u64)
}

/// What lies between two lines of a conversation, as long as so many characters.
pub(crate) const BETWEEN: &str = "     ";

/// Lines one after the other, as a WAV of 24 kHz: each character is a tone of its own, with a pause between lines.
pub fn conversation(lines: &[&str]) -> Vec<u8> {
    speech(&lines.join(BETWEEN))
}

/// What a fake composes: the same tones, again and again for as long as is asked for.
pub fn tones(text: &str, length_ms: u64) -> Vec<u8> {
    let each = RATE * CHARACTER_MS / 1000;
    let samples = RATE * length_ms as usize / 1000;
    let bytes = samples * 2;
    let mut out = Vec::with_capacity(44 + bytes);
    out.extend(b"RIFF");
    out.extend((36 + bytes as u32).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    out.extend([1, 0, 1, 0]);
    out.extend((RATE as u32).to_le_bytes());
    out.extend((RATE as u32 * 2).to_le_bytes());
    out.extend([2, 0, 16, 0]);
    out.extend(b"data");
    out.extend((bytes as u32).to_le_bytes());
    let left = |from: usize| samples.saturating_sub(from).min(each);
    for (at, character) in text.chars().cycle().enumerate() {
        if left(at * each) == 0 {
            break;
        }
        let is_heard = character.is_alphanumeric();
        let step = f64::from(200 + u32::from(character) % 50 * 10) * std::f64::consts::TAU;
        for n in 0..left(at * each) {
            let value = (step * n as f64 / RATE as f64).sin() * 8000.0;
            let value = if is_heard { value as i16 } else { 0 };
            out.extend(value.to_le_bytes());
        }
    }
    out
}

/// What a fake makes of a line that somebody spoke: every sample of the WAV turned over.
pub fn changed(said: &[u8]) -> Vec<u8> {
    let (head, samples) = said.split_at(said.len().min(44));
    let samples = samples.iter().map(|byte| !byte);
    head.iter().copied().chain(samples).collect()
}
