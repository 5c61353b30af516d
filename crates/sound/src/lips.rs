//! Mouth shapes of a voice whose sounds nobody knows, from how loud it is.
//!
//! All arithmetic is in whole numbers: the shapes decide pixels.

use workprint_model::rig::{Mouth, Shaped};
use workprint_model::{SAMPLE_RATE, Samples};

/// Samples that are looked at together: 20 ms.
const WINDOW: usize = SAMPLE_RATE as usize / 50;

/// What is heard in a window.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// Mean of the squares, of full scale 2^15.
    power: u64,
    /// How often the wave crosses zero.
    crossings: u32,
}

/// The mouth shapes of a mono voice at 48 kHz, without gaps from its first sample to its last: at
/// rest in silence, wider the louder it is, hardly open where it hisses, closed for a moment where
/// it breaks off and goes on.
pub fn mouths(voice: &[f32]) -> Vec<Shaped> {
    let windows: Vec<Window> = voice.chunks(WINDOW).map(window).collect();
    let loud = loudest(&windows);
    let mut shapes: Vec<Mouth> = windows.iter().map(|window| shape(window, loud)).collect();
    close_breaks(&mut shapes);
    let mut out: Vec<Shaped> = Vec::new();
    for (index, mouth) in shapes.into_iter().enumerate() {
        let start = Samples((index * WINDOW) as u64);
        let end = Samples(((index + 1) * WINDOW).min(voice.len()) as u64);
        match out.last_mut() {
            Some(last) if last.mouth == mouth => last.end = end,
            _ => out.push(Shaped { mouth, start, end }),
        }
    }
    out
}

fn window(samples: &[f32]) -> Window {
    let (mut power, mut crossings, mut before) = (0, 0, 0);
    for sample in samples {
        let value = (sample.clamp(-1.0, 1.0) * 32_768.0) as i64;
        power += value.pow(2).unsigned_abs();
        // Hum around zero is no hiss.
        if value.abs() > 30 {
            crossings += u32::from(before != 0 && (before > 0) != (value > 0));
            before = value;
        }
    }
    Window {
        power: power / samples.len().max(1) as u64,
        crossings,
    }
}

/// The power that a tenth of the windows that sound reach: the voice's own loudness.
fn loudest(windows: &[Window]) -> u64 {
    let mut powers: Vec<u64> = windows.iter().map(|window| window.power).collect();
    powers.retain(|power| *power > 100);
    powers.sort_unstable();
    powers
        .get(powers.len() * 9 / 10)
        .copied()
        .unwrap_or(u64::MAX)
}

/// Shares of the voice's power: −26, −14 and −5 dB.
fn shape(window: &Window, loud: u64) -> Mouth {
    let Window { power, crossings } = *window;
    // 5 kHz and more of noise has some 200 crossings in 20 ms, a vowel 10 to 60.
    match power {
        _ if power.saturating_mul(400) < loud => Mouth::X,
        _ if crossings > 120 => Mouth::B,
        _ if power.saturating_mul(25) < loud => Mouth::B,
        _ if crossings < 16 => Mouth::E,
        _ if power.saturating_mul(3) < loud => Mouth::C,
        _ => Mouth::D,
    }
}

/// Silences too short to be rests are lips that meet.
fn close_breaks(shapes: &mut [Mouth]) {
    let mut at = 0;
    while at < shapes.len() {
        let end = shapes[at..]
            .iter()
            .position(|mouth| *mouth != Mouth::X)
            .map_or(shapes.len(), |more| at + more);
        if end == at {
            at += 1;
            continue;
        }
        if at > 0 && end < shapes.len() && end - at <= 5 {
            shapes[at..end].fill(Mouth::A);
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ms` of a wave of `hertz` at a level.
    fn wave(hertz: f64, level: f64, ms: usize) -> Vec<f32> {
        let step = hertz * std::f64::consts::TAU / f64::from(SAMPLE_RATE);
        (0..ms * 48)
            .map(|n| ((n as f64 * step).sin() * level) as f32)
            .collect()
    }

    fn letters(voice: &[f32]) -> String {
        mouths(voice)
            .iter()
            .map(|shaped| shaped.mouth.letter())
            .collect()
    }

    #[test]
    fn loud_is_wide_and_silence_is_rest() {
        let voice = [
            wave(0.0, 0.0, 200),
            wave(700.0, 0.5, 300),
            wave(0.0, 0.0, 60),
            wave(700.0, 0.2, 200),
            wave(6500.0, 0.3, 100),
            wave(0.0, 0.0, 300),
        ]
        .concat();
        assert_eq!(letters(&voice), "XDACBX");
    }

    #[test]
    fn any_voice_is_covered_to_its_end() {
        for voice in [
            vec![],
            vec![0.0; 7],
            vec![f32::NAN; 2000],
            wave(300.0, 1.0, 333),
        ] {
            let found = mouths(&voice);
            let end = found.last().map_or(0, |last| last.end.0);
            assert_eq!(end, voice.len() as u64);
        }
    }
}
