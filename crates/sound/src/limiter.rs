//! A look-ahead true-peak limiter.

use std::collections::VecDeque;

use workprint_model::SAMPLE_RATE;

use crate::elementary::{amplitude, exp2};
use crate::oversample::{Oversampler, REACH};
use crate::{Sink, SoundError};

/// Frames in each of the two averages that smooth the gain.
const SMOOTH: usize = 97;
/// Frames between the newest known peak and the frame whose gain is then certain.
const AHEAD: usize = 2 * SMOOTH - 2 + REACH;
/// Frames in the window whose least gain is taken: a peak holds the gain down from when the
/// averages must begin to fall until the interpolation that found it is past.
const WINDOW: u64 = (AHEAD + REACH + 1) as u64;
/// Frames from taking a frame to giving it: 5 ms.
const LATENCY: usize = AHEAD + REACH;
/// Seconds in which a reduction falls to a third.
const RELEASE: f64 = 0.08;
/// After so many frames of the same gain it stays as long as no peak comes: windows hold nothing else.
const STEADY: u64 = 2 * SMOOTH as u64 + WINDOW;
/// Frames that are looked at together for whether anything is to be done.
const TOGETHER: usize = 64;
/// The gain of 1 as a whole number: sums of whole numbers do not drift.
const UNITY: i64 = 1 << 40;

/// Turns interleaved stereo down where its true peak would pass a ceiling, both channels alike.
///
/// What comes out is as long as what went in and aligned with it to the sample; where nothing comes
/// near the ceiling it is the same but for the gain. Peaks between samples are found at 4 times the
/// rate; the gain moves over 5 ms before a peak and recovers over about 80 ms. A remainder of some
/// hundredths of a decibel over the ceiling is possible, since the gain moves between two samples.
#[derive(Debug)]
pub struct Limiter {
    gain: f32,
    ceiling: f32,
    oversampler: Oversampler,
    /// Frames that wait for their gain, interleaved.
    waiting: Vec<f32>,
    /// Gains under 1 of the window in rising order with their places: a monotonic queue.
    least: VecDeque<(u64, i64)>,
    /// What remains of a reduction after one frame.
    release: f64,
    recovering: i64,
    averages: [Average; 2],
    /// Frames taken, with those that only push the last ones out.
    taken: u64,
    /// How many frames in a row the gain has been the same.
    steady: u64,
    most: i64,
    peaks: Vec<f32>,
    gains: Vec<i64>,
    out: Vec<f32>,
}

impl Limiter {
    /// A limiter that applies `gain` dB and then keeps the true peak under `ceiling` dBTP.
    pub fn new(gain: f64, ceiling: f64) -> Self {
        Self {
            gain: amplitude(gain) as f32,
            ceiling: amplitude(ceiling) as f32,
            oversampler: Oversampler::new(),
            waiting: Vec::new(),
            least: VecDeque::with_capacity(WINDOW as usize + 1),
            release: exp2(-std::f64::consts::LOG2_E / (RELEASE * f64::from(SAMPLE_RATE))),
            recovering: UNITY,
            averages: [Average::new(), Average::new()],
            taken: 0,
            steady: 0,
            most: UNITY,
            peaks: Vec::new(),
            gains: Vec::new(),
            out: Vec::new(),
        }
    }

    /// Takes whole frames of interleaved stereo and gives out those whose gain is certain: 5 ms
    /// fewer than were taken.
    pub fn process(&mut self, samples: &[f32], out: &mut Sink<'_>) -> Result<(), SoundError> {
        for piece in samples.chunks(16 * 1024) {
            self.take(piece);
            out(&self.out)?;
        }
        Ok(())
    }

    /// Gives out the last frames, and returns the largest reduction there was, in decibels, as a
    /// number not above 0.
    pub fn finish(mut self, out: &mut Sink<'_>) -> Result<f64, SoundError> {
        let left = self.waiting.len();
        self.take(&[0.0; LATENCY * 2]);
        self.out.truncate(left);
        if !self.out.is_empty() {
            out(&self.out)?;
        }
        Ok(crate::elementary::decibels(self.most as f64 / UNITY as f64))
    }

    /// Takes frames, and puts those whose gain is certain into `out`.
    fn take(&mut self, samples: &[f32]) {
        let before = self.waiting.len();
        let gain = self.gain;
        self.waiting
            .extend(samples.iter().map(|sample| sample * gain));
        self.peaks.clear();
        self.oversampler
            .peaks(&self.waiting[before..], self.ceiling, &mut self.peaks);
        self.find_gains();
        // The first gains are for frames before the first one.
        let certain = (self.waiting.len() / 2).saturating_sub(LATENCY);
        let gains = &self.gains[self.gains.len() - certain..];
        self.most = gains.iter().fold(self.most, |most, gain| most.min(*gain));
        self.out.resize(certain * 2, 0.0);
        let frames = self.waiting.as_chunks::<2>().0.iter().zip(gains);
        for (out, (frame, gain)) in self.out.as_chunks_mut::<2>().0.iter_mut().zip(frames) {
            let gain = (*gain as f64 / UNITY as f64) as f32;
            *out = frame.map(|sample| sample * gain);
        }
        self.waiting.drain(..certain * 2);
    }

    /// Finds a gain for each of the `peaks`: that of the frame [`LATENCY`] before it.
    fn find_gains(&mut self) {
        self.gains.clear();
        let peaks = std::mem::take(&mut self.peaks);
        for few in peaks.chunks(TOGETHER) {
            let quiet = few.iter().all(|peak| *peak <= self.ceiling);
            if quiet && self.steady > STEADY {
                // Everything else would come to the same: most frames of most sounds.
                self.taken += few.len() as u64;
                let gains = self.gains.len() + few.len();
                self.gains.resize(gains, self.recovering);
            } else {
                for peak in few {
                    let gain = self.gain_for(*peak);
                    self.gains.push(gain);
                }
            }
        }
        self.peaks = peaks;
    }

    fn gain_for(&mut self, peak: f32) -> i64 {
        if peak > self.ceiling {
            let wanted = (f64::from(self.ceiling) / f64::from(peak) * UNITY as f64) as i64;
            while self.least.back().is_some_and(|(_, gain)| *gain >= wanted) {
                self.least.pop_back();
            }
            self.least.push_back((self.taken, wanted));
        }
        if self
            .least
            .front()
            .is_some_and(|(at, _)| at + WINDOW <= self.taken)
        {
            self.least.pop_front();
        }
        self.taken += 1;
        let least = self.least.front().map_or(UNITY, |(_, gain)| *gain);
        let before = self.recovering;
        self.recovering = if least > before {
            least - rounded_up((least - before) as f64 * self.release)
        } else {
            least
        };
        let same = before == self.recovering && least == UNITY;
        self.steady = if same { self.steady + 1 } else { 0 };
        let [first, second] = &mut self.averages;
        second.next(first.next(self.recovering))
    }
}

/// The least whole number that is not less than a positive one: without a call, as it is made for every
/// frame.
fn rounded_up(x: f64) -> i64 {
    let whole = x as i64;
    whole + i64::from((whole as f64) < x)
}

/// The average of the last [`SMOOTH`] values.
#[derive(Debug)]
struct Average {
    values: [i64; SMOOTH],
    at: usize,
    sum: i64,
}

impl Average {
    fn new() -> Self {
        Self {
            values: [UNITY; SMOOTH],
            at: 0,
            sum: UNITY * SMOOTH as i64,
        }
    }

    fn next(&mut self, value: i64) -> i64 {
        self.sum += value - std::mem::replace(&mut self.values[self.at], value);
        self.at += 1;
        if self.at == SMOOTH {
            self.at = 0;
        }
        self.sum / SMOOTH as i64
    }
}
