//! The gain of a placed sound over time: its own, its fades, its levels, its pan.

use workprint_model::episode::Ease;
use workprint_model::sound::FadeCurve;
use workprint_model::timeline::{PlacedLevel, PlacedSound};

use crate::elementary::{amplitude, cosine, raised_cosine, sine};

/// Frames between two gains that are computed between two levels; between them it is a line.
const GRID: u64 = 64;
/// How far down an exponential fade begins, in decibels.
const FLOOR: f64 = -60.0;

/// The gain of each frame of a sound.
pub(super) struct Envelope {
    gain: f64,
    sides: [f64; 2],
    fade_in: (u64, FadeCurve),
    fade_out: (u64, FadeCurve),
    levels: Vec<PlacedLevel>,
    /// How many frames are heard.
    length: u64,
    /// The piece between two levels that was looked at last.
    piece: Piece,
}

/// A line of gain: from, to, and the gains at both ends.
#[derive(Clone, Copy, Default)]
struct Piece {
    from: u64,
    to: u64,
    ends: (f64, f64),
}

impl Envelope {
    /// That of an item of which `length` frames are heard, fading out over `fade_out` of them.
    pub(super) fn new(item: &PlacedSound, length: u64, fade_out: u64) -> Self {
        Self {
            gain: amplitude(item.gain.to_f64()),
            sides: pan(item.pan),
            fade_in: (item.fade_in.0.min(length), item.fade_in_curve),
            fade_out: (fade_out.min(length), item.fade_out_curve),
            levels: item.levels.clone(),
            length,
            piece: Piece::default(),
        }
    }

    /// Applies it to stereo frames that begin with frame `from`.
    pub(super) fn apply(&mut self, from: u64, frames: &mut [f32]) {
        let to = from + (frames.len() / 2) as u64;
        let steady = from >= self.fade_in.0 && to + self.fade_out.0 <= self.length;
        if steady && self.levels.is_empty() {
            let [left, right] = self.sides.map(|side| (self.gain * side) as f32);
            for [one, two] in frames.as_chunks_mut::<2>().0 {
                *one *= left;
                *two *= right;
            }
            return;
        }
        for (n, frame) in frames.chunks_exact_mut(2).enumerate() {
            let at = from + n as u64;
            let gain = self.gain
                * fade(at, self.fade_in)
                * fade(self.length - 1 - at, self.fade_out)
                * self.level(at);
            frame[0] *= (gain * self.sides[0]) as f32;
            frame[1] *= (gain * self.sides[1]) as f32;
        }
    }

    /// The gain of the levels at a frame.
    fn level(&mut self, at: u64) -> f64 {
        if self.levels.is_empty() {
            return 1.0;
        }
        if !(self.piece.from..self.piece.to).contains(&at) {
            self.piece = self.find(at);
        }
        let Piece { from, to, ends } = self.piece;
        let part = (at - from) as f64 / (to - from) as f64;
        ends.0 + (ends.1 - ends.0) * part
    }

    fn find(&self, at: u64) -> Piece {
        let next = self.levels.partition_point(|level| level.at.0 <= at);
        let still = |from: u64, to: u64, level: &PlacedLevel| {
            let gain = amplitude(level.gain.to_f64());
            Piece {
                from,
                to,
                ends: (gain, gain),
            }
        };
        let Some(after) = self.levels.get(next) else {
            // Past the last level; there is one, or this would not have been asked.
            return self.levels.last().map_or_else(Piece::default, |last| {
                still(last.at.0.min(at), u64::MAX, last)
            });
        };
        let Some(before) = next.checked_sub(1).and_then(|n| self.levels.get(n)) else {
            return still(0, after.at.0, after);
        };
        let (start, end) = (before.at.0, after.at.0);
        let from = start + (at - start) / GRID * GRID;
        let to = (from + GRID).min(end);
        let gain = |frame: u64| {
            let part = ease(after.ease, (frame - start) as f64 / (end - start) as f64);
            let (low, high) = (before.gain.to_f64(), after.gain.to_f64());
            amplitude(low + (high - low) * part)
        };
        Piece {
            from,
            to,
            ends: (gain(from), gain(to)),
        }
    }
}

/// The gains of both channels, 1 each in the middle: equal power, as a potentiometer does it.
fn pan(pan: i8) -> [f64; 2] {
    if pan == 0 {
        return [1.0; 2];
    }
    let turn = (f64::from(pan.clamp(-100, 100)) / 100.0 + 1.0) / 8.0;
    let side = |gain: f64| (gain * std::f64::consts::SQRT_2).max(0.0);
    [side(cosine(turn)), side(sine(turn))]
}

/// The gain `at` frames into a fade; 1 after it.
fn fade(at: u64, (length, curve): (u64, FadeCurve)) -> f64 {
    if at >= length {
        return 1.0;
    }
    let x = (at as f64 + 0.5) / length as f64;
    match curve {
        FadeCurve::Smooth => raised_cosine(x),
        FadeCurve::Linear => x,
        FadeCurve::EqualPower => sine(x / 4.0),
        FadeCurve::Exponential => amplitude(FLOOR * (1.0 - x)),
    }
}

/// How far a change has come at `x` of its way, as pictures ease too.
fn ease(ease: Ease, x: f64) -> f64 {
    match ease {
        Ease::Smooth => x * x * (3.0 - 2.0 * x),
        Ease::Linear => x,
        Ease::In => x * x,
        Ease::Out => x * (2.0 - x),
        Ease::Expo if x < 0.5 => expo(2.0 * x) / 2.0,
        Ease::Expo => 1.0 - expo(2.0 - 2.0 * x) / 2.0,
    }
}

/// Doubles ten times on its way from 0 to 1.
fn expo(x: f64) -> f64 {
    (crate::elementary::exp2(10.0 * x) - 1.0) / 1023.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eases_and_fades_begin_and_end() {
        for kind in [Ease::Smooth, Ease::Linear, Ease::In, Ease::Out, Ease::Expo] {
            assert!(ease(kind, 0.0).abs() < 1e-12 && (ease(kind, 1.0) - 1.0).abs() < 1e-12);
            let steps: Vec<f64> = (0..=100)
                .map(|n| ease(kind, f64::from(n) / 100.0))
                .collect();
            assert!(steps.is_sorted(), "{kind:?}");
        }
        for curve in [
            FadeCurve::Smooth,
            FadeCurve::Linear,
            FadeCurve::EqualPower,
            FadeCurve::Exponential,
        ] {
            let steps: Vec<f64> = (0..=1000).map(|at| fade(at, (1000, curve))).collect();
            assert!(
                steps.is_sorted() && steps[0] < 0.002 && steps[999] > 0.99,
                "{curve:?}"
            );
        }
        // Two sounds that cross at equal power keep it; half way an exponential fade is 30 dB down.
        let crossed = fade(300, (1000, FadeCurve::EqualPower)).powi(2)
            + fade(699, (1000, FadeCurve::EqualPower)).powi(2);
        assert!((crossed - 1.0).abs() < 1e-9);
        let half = crate::elementary::decibels(fade(500, (1000, FadeCurve::Exponential)));
        assert!((half + 30.0).abs() < 0.1);
    }

    #[test]
    fn a_pan_keeps_the_power() {
        for to in -100..=100i8 {
            let [left, right] = pan(to);
            assert!((left * left + right * right - 2.0).abs() < 1e-9);
            assert_eq!(left > right, to < 0);
        }
        assert!(pan(100)[0] < 1e-9);
    }
}
