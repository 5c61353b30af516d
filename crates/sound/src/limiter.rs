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
    waiting: VecDeque<[f32; 2]>,
    /// Least gains of the window in rising order with their places: a monotonic queue.
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
    loud: Vec<f32>,
    peaks: Vec<f32>,
    out: Vec<f32>,
}

impl Limiter {
    /// A limiter that applies `gain` dB and then keeps the true peak under `ceiling` dBTP.
    pub fn new(gain: f64, ceiling: f64) -> Self {
        Self {
            gain: amplitude(gain) as f32,
            ceiling: amplitude(ceiling) as f32,
            oversampler: Oversampler::new(),
            waiting: VecDeque::with_capacity(2 * LATENCY),
            least: VecDeque::with_capacity(WINDOW as usize + 1),
            release: exp2(-std::f64::consts::LOG2_E / (RELEASE * f64::from(SAMPLE_RATE))),
            recovering: UNITY,
            averages: [Average::new(), Average::new()],
            taken: 0,
            steady: 0,
            most: UNITY,
            loud: Vec::new(),
            peaks: Vec::new(),
            out: Vec::new(),
        }
    }

    /// Takes whole frames of interleaved stereo and gives out those whose gain is certain: 5 ms
    /// fewer than were taken.
    pub fn process(&mut self, samples: &[f32], out: &mut Sink<'_>) -> Result<(), SoundError> {
        for piece in samples.chunks(16 * 1024) {
            let mut loud = std::mem::take(&mut self.loud);
            loud.clear();
            loud.extend(piece.iter().map(|sample| sample * self.gain));
            self.take(&loud);
            self.loud = loud;
            out(&self.out)?;
        }
        Ok(())
    }

    /// Gives out the last frames, and returns the largest reduction there was, in decibels, as a
    /// number not above 0.
    pub fn finish(mut self, out: &mut Sink<'_>) -> Result<f64, SoundError> {
        let left = self.waiting.len();
        self.take(&[0.0; LATENCY * 2]);
        self.out.truncate(left * 2);
        if !self.out.is_empty() {
            out(&self.out)?;
        }
        Ok(crate::elementary::decibels(self.most as f64 / UNITY as f64))
    }

    fn take(&mut self, loud: &[f32]) {
        self.out.clear();
        let mut peaks = std::mem::take(&mut self.peaks);
        peaks.clear();
        self.oversampler.peaks(loud, self.ceiling, &mut peaks);
        for (frame, peak) in loud.chunks_exact(2).zip(&peaks) {
            self.waiting.push_back([frame[0], frame[1]]);
            let gain = self.gain_for(*peak);
            if self.waiting.len() > LATENCY
                && let Some(frame) = self.waiting.pop_front()
            {
                self.most = self.most.min(gain);
                let gain = (gain as f64 / UNITY as f64) as f32;
                self.out.extend(frame.map(|sample| sample * gain));
            }
        }
        self.peaks = peaks;
    }

    /// The gain of the frame [`LATENCY`] before the one just taken.
    fn gain_for(&mut self, peak: f32) -> i64 {
        // Everything below would come to the same: most frames of most sounds.
        if self.steady > STEADY && peak <= self.ceiling {
            self.taken += 1;
            return self.recovering;
        }
        let wanted = if peak > self.ceiling {
            (f64::from(self.ceiling) / f64::from(peak) * UNITY as f64) as i64
        } else {
            UNITY
        };
        while self.least.back().is_some_and(|(_, gain)| *gain >= wanted) {
            self.least.pop_back();
        }
        self.least.push_back((self.taken, wanted));
        if self
            .least
            .front()
            .is_some_and(|(at, _)| at + WINDOW <= self.taken)
        {
            self.least.pop_front();
        }
        self.taken += 1;
        let least = self.least.front().map_or(UNITY, |(_, gain)| *gain);
        let recovered = least - ((least - self.recovering) as f64 * self.release).ceil() as i64;
        let before = std::mem::replace(&mut self.recovering, least.min(recovered));
        let same = before == self.recovering && least == UNITY;
        self.steady = if same { self.steady + 1 } else { 0 };
        let [first, second] = &mut self.averages;
        second.next(first.next(self.recovering))
    }
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
        self.at = (self.at + 1) % SMOOTH;
        self.sum / SMOOTH as i64
    }
}
