//! The sounds that are heard at one time.

use workprint_model::Samples;
use workprint_model::timeline::PlacedSound;

use super::duck::Duckers;
use super::player::Player;
use super::{Library, duckable};
use crate::SoundError;
use crate::elementary::{amplitude, cosine, sine};

/// Frames between two points of a ducking curve: 10 ms.
pub(super) const STEP: usize = 480;

/// Plays items in the order of time, opening each as it begins and closing it as it ends.
pub(super) struct Players<'a> {
    items: &'a [PlacedSound],
    library: &'a dyn Library,
    length: Samples,
    /// Items still to begin, the latest first.
    waiting: Vec<usize>,
    /// Items being heard, in the order of `items`.
    heard: Vec<(usize, Player, [Bell; 2])>,
    unusable: u64,
    scratch: Vec<f32>,
}

impl<'a> Players<'a> {
    /// The items among `items` that `choose` wants, none past `length`.
    pub(super) fn new(
        items: &'a [PlacedSound],
        length: Samples,
        library: &'a dyn Library,
        choose: impl Fn(&PlacedSound) -> bool,
    ) -> Self {
        let heard = |item: &PlacedSound| item.length > Samples(0) && item.from < length;
        let mut waiting: Vec<usize> = (0..items.len())
            .filter(|n| heard(&items[*n]) && choose(&items[*n]))
            .collect();
        waiting.sort_by_key(|n| std::cmp::Reverse((items[*n].from, *n)));
        Self {
            items,
            library,
            length,
            waiting,
            heard: Vec::new(),
            unusable: 0,
            scratch: Vec::new(),
        }
    }

    /// How many sounds are open.
    pub(super) fn open(&self) -> usize {
        self.heard.len()
    }

    /// Samples that were no numbers, so far.
    pub(super) fn unusable(&self) -> u64 {
        self.unusable
    }

    /// Adds what is heard from `at` on to `block`, interleaved stereo. Blocks follow each other
    /// without gaps.
    pub(super) fn play(
        &mut self,
        at: Samples,
        block: &mut [f32],
        duckers: Option<&Duckers<'_>>,
    ) -> Result<(), SoundError> {
        let end = at.0 + (block.len() / 2) as u64;
        while let Some(&next) = self.waiting.last() {
            let item = &self.items[next];
            if item.from.0 >= end {
                break;
            }
            self.waiting.pop();
            let player = Player::open(item, self.length, self.library)
                .map_err(|error| error.in_item(&item.name))?;
            let place = self.heard.partition_point(|(n, ..)| *n < next);
            self.heard.insert(place, (next, player, Default::default()));
        }
        for (n, player, bells) in &mut self.heard {
            let item = &self.items[*n];
            let skip = item.from.0.saturating_sub(at.0) as usize;
            let part = &mut block[skip * 2..];
            self.scratch.resize(part.len(), 0.0);
            let frames = player
                .read(&mut self.scratch)
                .map_err(|error| error.in_item(&item.name))?;
            let heard = &mut self.scratch[..frames * 2];
            if let Some(curve) = duckers.and_then(|duckers| duckers.curve(*n)) {
                let duck = Duck::new(curve, duckable(item).to_f64(), skip);
                if item.ducking.speech_band {
                    duck.apply_to_speech(heard, bells);
                } else {
                    duck.apply(heard);
                }
            }
            for (out, sample) in part.iter_mut().zip(heard.iter()) {
                *out += *sample;
            }
        }
        self.heard.retain(|(_, player, _)| {
            if player.ended() {
                self.unusable += player.unusable();
            }
            !player.ended()
        });
        Ok(())
    }
}

/// A ducking curve's gains, for samples that begin `skip` frames into the curve's block.
struct Duck {
    gains: Vec<f64>,
    skip: usize,
}

impl Duck {
    fn new(curve: &[f64], decibels: f64, skip: usize) -> Self {
        let gains = curve.iter().map(|d| amplitude(decibels * d)).collect();
        Self { gains, skip }
    }

    /// Hands out each frame with its gain: between two points of the curve it goes evenly.
    fn each(&self, samples: &mut [f32], mut take: impl FnMut(&mut [f32; 2], f64)) {
        let mut frames = samples.as_chunks_mut::<2>().0;
        let mut at = self.skip;
        while !frames.is_empty() {
            let (step, rest) = (at / STEP, at % STEP);
            let (piece, others) = frames.split_at_mut((STEP - rest).min(frames.len()));
            let (from, to) = (self.gains[step], self.gains[step + 1]);
            at += piece.len();
            if from.to_bits() == to.to_bits() {
                for frame in piece {
                    take(frame, from);
                }
            } else {
                for (n, frame) in piece.iter_mut().enumerate() {
                    let part = (rest + n) as f64 / STEP as f64;
                    take(frame, from + (to - from) * part);
                }
            }
            frames = others;
        }
    }

    fn apply(&self, samples: &mut [f32]) {
        if self.gains.iter().all(|gain| *gain >= 1.0) {
            return;
        }
        self.each(samples, |frame, gain| {
            *frame = frame.map(|sample| sample * gain as f32);
        });
    }

    fn apply_to_speech(&self, samples: &mut [f32], [left, right]: &mut [Bell; 2]) {
        let coefficients = Bell::coefficients();
        self.each(samples, |[one, two], gain| {
            *one = left.next(*one, gain, coefficients);
            *two = right.next(*two, gain, coefficients);
        });
    }
}

/// Turns the band of speech down and leaves the rest: the signal less a part of what a band pass
/// gives, a state-variable filter in trapezoidal form (Zavalishin, *The Art of VA Filter Design*).
#[derive(Default)]
struct Bell {
    first: f64,
    second: f64,
}

/// The middle of the band in Hz, and its width against that: 3 dB down at 200 and 4500 Hz.
const MIDDLE: f64 = 948.7;
const WIDTH: f64 = 4.53;

impl Bell {
    /// The filter's two numbers.
    fn coefficients() -> (f64, f64) {
        let turn = MIDDLE / f64::from(workprint_model::SAMPLE_RATE) / 2.0;
        let g = sine(turn) / cosine(turn);
        (g, 1.0 / (1.0 + g * (g + WIDTH)))
    }

    /// The next sample, its band at `gain`; at 1 the sample itself.
    fn next(&mut self, input: f32, gain: f64, (g, a1): (f64, f64)) -> f32 {
        let rest = f64::from(input) - self.second;
        let v1 = a1 * self.first + g * a1 * rest;
        let v2 = self.second + g * v1;
        self.first = 2.0 * v1 - self.first;
        self.second = 2.0 * v2 - self.second;
        (f64::from(input) + (gain - 1.0) * v1 * WIDTH) as f32
    }
}
