//! A voice's model as bytes: a line of text that names the format and the sounds, then numbers.

use super::line::Speaker;
use super::speaker::{Learned, STATES, Tally, WIDTH};
use crate::SoundError;

const FORMAT: &str = "workprint.speaker/1";
/// The most sounds that are read.
const MOST_SOUNDS: usize = 4096;

impl Speaker {
    /// The model as bytes: `workprint.speaker/1`, the names of its sounds, each after a tab, a line
    /// feed; then, for everything, silence, its two halves and every sound's three states, a count, 39
    /// sums and 39 sums of squares as little-endian 64-bit floats.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = FORMAT.to_owned();
        for name in self.0.sounds.keys() {
            head.push('\t');
            head.extend(name.chars().filter(|c| !c.is_control()));
        }
        head.push('\n');
        let mut out = head.into_bytes();
        let learned = &self.0;
        let first = [
            &learned.global,
            &learned.silence,
            &learned.halves[0],
            &learned.halves[1],
        ];
        for sums in first.into_iter().chain(learned.sounds.values().flatten()) {
            let numbers = std::iter::once(&sums.count)
                .chain(&sums.sums)
                .chain(&sums.squares);
            out.extend(numbers.flat_map(|number| number.to_le_bytes()));
        }
        out
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SoundError> {
        read(bytes).map(Self).ok_or(SoundError::NotSpeaker)
    }
}

fn read(bytes: &[u8]) -> Option<Learned> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut fields = head.split('\t');
    let names: Vec<&str> = match fields.next() {
        Some(FORMAT) => fields.collect(),
        _ => return None,
    };
    let (numbers, rest) = bytes[end + 1..].as_chunks::<8>();
    let blocks = 4 + names.len() * STATES;
    if !rest.is_empty() || names.len() > MOST_SOUNDS || numbers.len() != blocks * (1 + 2 * WIDTH) {
        return None;
    }
    let numbers: Vec<f64> = numbers
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect();
    let mut blocks = numbers.chunks_exact(1 + 2 * WIDTH).map(sums);
    let mut next = || blocks.next().flatten();
    Some(Learned {
        global: next()?,
        silence: next()?,
        halves: [next()?, next()?],
        sounds: names
            .into_iter()
            .map(|name| Some((name.to_owned(), [next()?, next()?, next()?])))
            .collect::<Option<_>>()?,
    })
}

fn sums(numbers: &[f64]) -> Option<Tally> {
    let sound = |number: &f64| number.is_finite() && number.abs() < 1e12;
    let mut out = Tally {
        count: *numbers.first().filter(|count| **count >= 0.0)?,
        ..Tally::default()
    };
    if !numbers.iter().all(sound) {
        return None;
    }
    out.sums.copy_from_slice(&numbers[1..=WIDTH]);
    out.squares.copy_from_slice(&numbers[1 + WIDTH..]);
    Some(out)
}
