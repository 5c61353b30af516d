//! Made-up voices, for the tests of alignment.

use super::{RATE, ReadSound, Reading};

/// Sounds that differ as speech sounds do: their name, two resonances in Hz, and how much hiss.
const SOUNDS: [(&str, f32, f32, f32); 6] = [
    ("a", 750.0, 1250.0, 0.0),
    ("i", 300.0, 2300.0, 0.0),
    ("u", 320.0, 800.0, 0.0),
    ("s", 5000.0, 6500.0, 1.0),
    ("m", 250.0, 1100.0, 0.05),
    ("ʃ", 2500.0, 3800.0, 1.0),
];

/// Half a second of silence, then words of two sounds each, 80 ms a sound times `pace` in percent;
/// where a word's number is in `pauses`, 300 ms of silence come before it.
pub(crate) fn speak(
    words: &[(usize, usize)],
    pace: usize,
    (seed, pauses): (u32, &[usize]),
) -> Reading {
    let mut out = Reading::default();
    let mut state = seed.max(1);
    let mut hiss = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    let silence = |out: &mut Reading, count: usize, hiss: &mut dyn FnMut() -> f32| {
        let start = out.samples.len();
        out.samples.extend((0..count).map(|_| 0.0005 * hiss()));
        out.sounds.push(ReadSound {
            name: String::new(),
            word: None,
            start,
            end: start + count,
        });
    };
    silence(&mut out, 8000, &mut hiss);
    for (number, word) in words.iter().enumerate() {
        if pauses.contains(&number) {
            silence(&mut out, 4800, &mut hiss);
        }
        for sound in [word.0, word.1] {
            let (name, low, high, noise) = SOUNDS[sound];
            let start = out.samples.len();
            let count = 1280 * pace / 100;
            // Hiss is narrow, so that two hisses differ by where they lie.
            let mut narrow = 0.0;
            out.samples.extend((0..count).map(|n| {
                let turn =
                    |hertz: f32| (std::f32::consts::TAU * hertz * n as f32 / RATE as f32).sin();
                let tone = 0.2 * turn(low) + 0.1 * turn(high);
                narrow += 0.3 * (hiss() - narrow);
                let ring = 0.6 * narrow * turn(high);
                tone * (1.0 - noise) + ring * (noise + 0.02)
            }));
            out.sounds.push(ReadSound {
                name: name.to_owned(),
                word: Some(number),
                start,
                end: start + count,
            });
        }
    }
    silence(&mut out, 8000, &mut hiss);
    out.sentences = vec![0];
    out
}

/// Words of two sounds each; no two of the same follow each other.
pub(crate) fn words(count: usize, seed: usize) -> Vec<(usize, usize)> {
    let mut last = 5;
    let mut word = |n: usize| {
        let first = (last + 1 + (n * n + seed + n / 3) % 5) % 6;
        last = (first + 1 + (n + seed + n / 5) % 5) % 6;
        (first, last)
    };
    (0..count).map(&mut word).collect()
}
