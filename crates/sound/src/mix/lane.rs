//! The sounds that are heard at one time.

use workprint_model::Samples;
use workprint_model::timeline::PlacedSound;

use super::player::Player;
use super::{Library, duckable};
use crate::SoundError;
use crate::elementary::amplitude;

/// How far beds are down at every [`STEP`] frames of a block, 0 to 1, and at the block's end.
pub(super) type Curve<'a> = &'a [f64];

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
    heard: Vec<(usize, Player)>,
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
        curve: Option<Curve<'_>>,
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
            let place = self.heard.partition_point(|(n, _)| *n < next);
            self.heard.insert(place, (next, player));
        }
        for (n, player) in &mut self.heard {
            let item = &self.items[*n];
            let skip = item.from.0.saturating_sub(at.0) as usize;
            let part = &mut block[skip * 2..];
            self.scratch.resize(part.len(), 0.0);
            let frames = player
                .read(&mut self.scratch)
                .map_err(|error| error.in_item(&item.name))?;
            let heard = &mut self.scratch[..frames * 2];
            if let Some(curve) = curve {
                duck(heard, skip, duckable(item).to_f64(), curve);
            }
            for (out, sample) in part.iter_mut().zip(heard.iter()) {
                *out += *sample;
            }
        }
        self.heard.retain(|(_, player)| {
            if player.ended() {
                self.unusable += player.unusable();
            }
            !player.ended()
        });
        Ok(())
    }
}

/// Applies a ducking curve to interleaved stereo that begins `skip` frames into the curve's block.
fn duck(samples: &mut [f32], skip: usize, decibels: f64, curve: Curve<'_>) {
    if decibels >= 0.0 || curve.iter().all(|depth| *depth <= 0.0) {
        return;
    }
    let gains: Vec<f64> = curve.iter().map(|d| amplitude(decibels * d)).collect();
    for (n, frame) in samples.chunks_exact_mut(2).enumerate() {
        let at = skip + n;
        let (step, rest) = (at / STEP, at % STEP);
        let (from, to) = (gains[step], gains[step + 1]);
        let gain = (from + (to - from) * (rest as f64 / STEP as f64)) as f32;
        frame[0] *= gain;
        frame[1] *= gain;
    }
}
