//! A line, looked for in the film by its sound.

use serde::{Deserialize, Serialize};
use workprint_engine::{StepError, Work};
use workprint_model::SAMPLE_RATE;
use workprint_sound::align::RATE;
use workprint_sound::place::{find as find_sound, loudest};

use super::hear;
use super::listen::{ListenLine, STRETCH, Stretch};
use crate::align::narrowed;
use crate::mix::failed;

/// Samples of the film on either side of a line that it is looked for in: 0.6 s.
pub(super) const MARGIN: u64 = SAMPLE_RATE as u64 * 6 / 10;
/// Of these (150 ms) on either side the line is aligned: more may be another one's.
const NEAR: usize = RATE as usize * 15 / 100;
/// The piece of a voice that is looked for wherever it may be (0.6 s), and from which likeness on it is
/// found: what is not there is found at less than 0.2.
const PIECE: (usize, f32) = (RATE as usize * 6 / 10, 0.25);
/// The piece that is looked for where it should be (4 s), and from which likeness on it is found: a voice
/// 20 dB under other sounds is at 0.1.
const WHOLE: (usize, f32) = (RATE as usize * 4, 0.1);
/// So far from its place (33 ms) that piece may be.
const BESIDE: usize = RATE as usize / 30;
/// Samples of [`SAMPLE_RATE`] to one of [`RATE`].
pub(super) const STEP: u64 = (SAMPLE_RATE / RATE) as u64;

/// What was found of a line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct HeardLine {
    /// How many samples later its voice is heard than it was placed, less than 0 where it is early;
    /// nothing where it is not heard.
    pub(super) late: Option<i64>,
    /// It has nothing to be heard.
    pub(super) is_silent: bool,
}

/// Looks for a line in `film`, the stretch around its place at [`RATE`], and keeps what is near to where it
/// should be, if its words are to be looked for there.
pub(super) fn find(
    line: &ListenLine,
    film: &[f32],
    work: &Work,
) -> Result<(HeardLine, Option<Stretch>), StepError> {
    let voice = narrowed(&work.store().read(&line.voice)?).map_err(failed)?;
    let begin = line.from.0.saturating_sub(MARGIN);
    let placed = ((line.from.0 - begin) / STEP) as usize;
    let late = by_sound(&voice, film, placed).map(|late| late * STEP as i64);
    let heard = HeardLine {
        late,
        is_silent: voice.iter().all(|sample| *sample == 0.0),
    };
    let Some(late) = late.filter(|_| line.is_read) else {
        return Ok((heard, None));
    };
    let from = placed.saturating_sub(NEAR);
    let near = film.get(from..(placed + voice.len() + NEAR).min(film.len()));
    let bytes = hear::pack(near.unwrap_or_default());
    let stretch = Stretch {
        sound: work.store().keep_bytes(&bytes, STRETCH)?,
        first: (begin + from as u64 * STEP) as i64,
        late,
    };
    Ok((heard, Some(stretch)))
}

/// How many samples later than at `placed` the voice is heard: its loudest piece wherever it is, or, where
/// other sounds are louder, more of it near its place.
fn by_sound(voice: &[f32], film: &[f32], placed: usize) -> Option<i64> {
    let look = |(length, likeness): (usize, f32), reach: usize| {
        let length = length.min(voice.len());
        let at = loudest(voice, length);
        let expected = placed + at;
        let from = expected.saturating_sub(reach);
        let to = (expected + length + reach).min(film.len());
        let film = film.get(from..to)?;
        let found = find_sound(&voice[at..at + length], film, expected - from)?;
        let late = (from + found.at) as i64 - expected as i64;
        (found.likeness >= likeness).then_some(late)
    };
    look(PIECE, (MARGIN / STEP) as usize).or_else(|| look(WHOLE, BESIDE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32, count: usize) -> Vec<f32> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / u32::MAX as f32 - 0.5
        };
        (0..count).map(next).collect()
    }

    /// A film in which `voice` begins so late after its place, 9600.
    fn film(voice: &[f32], late: i64, around: &[f32]) -> Vec<f32> {
        let mut film = around[..voice.len() + 19_200].to_vec();
        let from = (9600 + late) as usize;
        for (sample, own) in film[from..].iter_mut().zip(voice) {
            *sample += own;
        }
        film
    }

    #[test]
    fn a_voice_is_late_by_so_many_samples() {
        let voice = noise(9, 30_000);
        let silence = vec![0.0; 60_000];
        for late in [-500i64, 0, 37, 2000] {
            let film = film(&voice, late, &silence);
            assert_eq!(by_sound(&voice, &film, 9600), Some(late));
        }
        assert_eq!(by_sound(&voice, &noise(77, 50_000), 9600), None);
        assert_eq!(by_sound(&silence[..9000], &noise(77, 50_000), 9600), None);
        assert_eq!(by_sound(&voice, &voice[..5000], 9600), None);
    }

    #[test]
    fn a_voice_under_louder_sounds_is_found_where_it_should_be() {
        let voice = noise(9, 30_000);
        let loud: Vec<f32> = noise(5, 60_000).iter().map(|x| x * 6.0).collect();
        assert_eq!(by_sound(&voice, &film(&voice, 50, &loud), 9600), Some(50));
        assert_eq!(by_sound(&voice, &loud[..50_000], 9600), None);
    }
}
