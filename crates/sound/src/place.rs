//! Where a sound lies in another one that has it among other sounds.

use rustfft::FftPlannerScalar;
use rustfft::num_complex::Complex;

/// A sound, found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its first sample in the other.
    pub at: usize,
    /// How like the two are there: 1 for the same sound at any level, 0 for another one. A voice that is
    /// as loud as the music around it is at about 0.7.
    pub likeness: f32,
}

/// Places that are so nearly as like as the best are as good: a tone is the same after each of its periods.
const TIED: f32 = 0.01;

/// Finds where `sound` lies in `film`, both mono at the same rate: the place where they correlate best,
/// the level of either left out of account; among places as good as one another the one that is
/// `expected`. Nothing where one of them is silent or `film` is shorter.
///
/// Correlates by Fourier transforms as long as `film`: 16 bytes and some 100 operations a sample.
pub fn find(sound: &[f32], film: &[f32], expected: usize) -> Option<Found> {
    let places = film.len().checked_sub(sound.len())? + 1;
    let own = energy(sound);
    if own <= 0.0 {
        return None;
    }
    // What there is of the film under the sound, moved from place to place. A sum goes astray by so much
    // that what is quieter still is taken for silence.
    let mut around = energy(&film[..sound.len()]);
    let silence = energy(film) * 1e-12;
    let mut likeness = Vec::with_capacity(places);
    for (at, product) in products(sound, film).into_iter().take(places).enumerate() {
        let alike = f64::from(product) / (own * around.max(silence)).sqrt();
        likeness.push(if around > silence { alike as f32 } else { 0.0 });
        let next = film.get(at + sound.len()).copied().unwrap_or_default();
        around += f64::from(next).powi(2) - f64::from(film[at]).powi(2);
    }
    let most = likeness.iter().fold(0.0, |most: f32, own| most.max(*own));
    let good = (0..places).filter(|at| likeness[*at] > 0.0 && likeness[*at] >= most - TIED);
    let mut at = good.min_by_key(|at| at.abs_diff(expected))?;
    // From there to the top.
    loop {
        let sides = [at.checked_sub(1), Some(at + 1).filter(|at| *at < places)];
        let higher = sides.into_iter().flatten();
        match higher.max_by(|left, right| likeness[*left].total_cmp(&likeness[*right])) {
            Some(side) if likeness[side] > likeness[at] => at = side,
            _ => break,
        }
    }
    Some(Found {
        at,
        likeness: likeness[at],
    })
}

/// The sum of the products of `sound` and what lies under it in `film`, for every place in it; past the
/// last whole one it is of no use.
fn products(sound: &[f32], film: &[f32]) -> Vec<f32> {
    let length = film.len().next_power_of_two();
    // The planner without vector instructions: the same bits on every machine.
    let mut planner = FftPlannerScalar::new();
    // Both at once: one is the real part, the other the imaginary part.
    let mut both = vec![Complex::new(0.0f32, 0.0); length];
    for (both, sample) in both.iter_mut().zip(film) {
        both.re = *sample;
    }
    for (both, sample) in both.iter_mut().zip(sound) {
        both.im = *sample;
    }
    planner.plan_fft_forward(length).process(&mut both);
    let mut product: Vec<Complex<f32>> = (0..length)
        .map(|n| {
            let (here, there) = (both[n], both[(length - n) % length].conj());
            let film = (here + there) * 0.5;
            let sound = (here - there) * Complex::new(0.0, -0.5);
            film * sound.conj()
        })
        .collect();
    planner.plan_fft_inverse(length).process(&mut product);
    let scale = 1.0 / length as f32;
    product.iter().map(|sum| sum.re * scale).collect()
}

/// The stretch of `length` samples with the most energy: its first sample.
pub fn loudest(sound: &[f32], length: usize) -> usize {
    let Some(last) = sound.len().checked_sub(length) else {
        return 0;
    };
    let square = |at: usize| f64::from(sound[at]).powi(2);
    let mut now = energy(&sound[..length]);
    let (mut most, mut best) = (now, 0);
    for from in 1..=last {
        now += square(from + length - 1) - square(from - 1);
        if now > most {
            (most, best) = (now, from);
        }
    }
    best
}

fn energy(sound: &[f32]) -> f64 {
    sound.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise in bursts, the same for the same seed.
    fn noise(seed: u32, count: usize) -> Vec<f32> {
        let mut state = seed | 1;
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as f32 / u32::MAX as f32 - 0.5
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn a_sound_is_found_under_another_and_at_another_level() {
        let (voice, music) = (noise(7, 2000), noise(99, 9000));
        for (at, gain) in [(0, 1.0), (1234, 0.3), (7000, 0.5)] {
            let mut film = music.clone();
            for (sample, own) in film[at..].iter_mut().zip(&voice) {
                *sample += gain * own;
            }
            let found = find(&voice, &film, 3000).unwrap();
            assert_eq!(found.at, at);
            let wanted = gain / (1.0 + gain * gain).sqrt();
            assert!((found.likeness - wanted).abs() < 0.05, "{}", found.likeness);
        }
        assert!(find(&voice, &music, 0).unwrap().likeness < 0.15);
    }

    #[test]
    fn likeness_is_that_of_the_sums() {
        let (sound, film) = (noise(5, 30), noise(6, 77));
        let found = find(&sound, &film, 0).unwrap();
        let under = &film[found.at..found.at + 30];
        let sum: f32 = sound.iter().zip(under).map(|(a, b)| a * b).sum();
        let wanted = sum / (energy(&sound) * energy(under)).sqrt() as f32;
        assert!((found.likeness - wanted).abs() < 1e-5);
    }

    #[test]
    fn a_tone_is_where_it_is_expected() {
        let tone: Vec<f32> = (0..9000)
            .map(|n| (n as f32 * 330.0 / 16_000.0 * std::f32::consts::TAU).sin())
            .collect();
        for expected in [0, 700, 4321] {
            let found = find(&tone[..2000], &tone[..], expected).unwrap();
            assert!(found.at.abs_diff(expected) <= 48, "{}", found.at);
        }
    }

    #[test]
    fn silence_and_short_films_have_nothing() {
        let voice = noise(3, 500);
        assert_eq!(find(&voice, &voice[..400], 0), None);
        assert_eq!(find(&[0.0; 50], &voice, 0), None);
        assert_eq!(find(&voice, &[0.0; 900], 0), None);
        assert_eq!(find(&voice, &voice, 0).unwrap().at, 0);
        let silent_before = [vec![0.0; 3000], voice.clone(), vec![0.0; 3000]].concat();
        assert_eq!(find(&voice, &silent_before, 0).unwrap().at, 3000);
    }

    #[test]
    fn the_loudest_stretch_is_found() {
        let mut sound = vec![0.01; 1000];
        sound[600..700].fill(0.5);
        assert_eq!(loudest(&sound, 100), 600);
        assert_eq!(loudest(&sound, 2000), 0);
    }
}
