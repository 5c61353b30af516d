//! How far beds are down, from what the voices do.

use workprint_model::Samples;
use workprint_model::timeline::{Lane, PlacedSound};

use super::Library;
use super::lane::{Players, STEP};
use crate::SoundError;
use crate::elementary::{amplitude, raised_cosine};

/// A voice is heard where its level over 10 ms is above this, in dB under full scale.
const THRESHOLD: f64 = -45.0;
/// Steps that beds stay down after a voice: 300 ms.
const HOLD: u64 = 30;
/// Steps from up to down: 150 ms, and one more to be down when the voice begins within a step.
const ATTACK: usize = 15;
/// Steps from down to up: 600 ms.
const RELEASE: usize = 60;
/// Steps read ahead of the mix.
const AHEAD: usize = ATTACK + 1;

/// Reads the voices a little ahead of the mix and says how far beds are to be down.
pub(super) struct Ducker<'a> {
    voices: Players<'a>,
    /// Place of the reader.
    read_to: u64,
    length: Samples,
    /// Steps since the reader, which is [`AHEAD`] of the mix, heard a voice.
    since: u64,
    /// 0 when beds are up, 1 when they are down; moves evenly.
    position: f64,
    heard: u64,
    points: Vec<f64>,
    scratch: Vec<f32>,
}

impl<'a> Ducker<'a> {
    pub(super) fn new(items: &'a [PlacedSound], length: Samples, library: &'a dyn Library) -> Self {
        let voice = |item: &PlacedSound| item.lane == Lane::Voice;
        Self {
            voices: Players::new(items, length, library, voice),
            read_to: 0,
            length,
            since: u64::MAX,
            position: 0.0,
            heard: 0,
            points: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// How many sounds are open.
    pub(super) fn open(&self) -> usize {
        self.voices.open()
    }

    /// How many frames had voices in them.
    pub(super) fn under_voice(&self) -> Samples {
        Samples(self.heard.min(self.length.0))
    }

    /// How far beds are down at each step of the next `frames` frames and at their end.
    /// All calls but the last ask for whole steps.
    pub(super) fn next(&mut self, frames: usize) -> Result<&[f64], SoundError> {
        self.points.clear();
        if self.read_to == 0 {
            for _ in 0..AHEAD {
                self.listen()?;
            }
            // Speech at the very beginning finds the beds already down.
            self.position = f64::from(u8::from(self.wanted()));
        }
        self.points.push(raised_cosine(self.position));
        for _ in 0..frames.div_ceil(STEP) {
            self.listen()?;
            let change = if self.wanted() {
                1.0 / ATTACK as f64
            } else {
                -1.0 / RELEASE as f64
            };
            self.position = (self.position + change).clamp(0.0, 1.0);
            self.points.push(raised_cosine(self.position));
        }
        Ok(&self.points)
    }

    /// A voice is heard soon, now, or was a short while ago.
    fn wanted(&self) -> bool {
        self.since <= HOLD + AHEAD as u64
    }

    /// Reads one step of the voices.
    fn listen(&mut self) -> Result<(), SoundError> {
        let frames = (STEP as u64).min(self.length.0.saturating_sub(self.read_to)) as usize;
        self.scratch.clear();
        self.scratch.resize(frames * 2, 0.0);
        if frames > 0 {
            self.voices
                .play(Samples(self.read_to), &mut self.scratch, None)?;
        }
        self.read_to += STEP as u64;
        let power: f64 = self
            .scratch
            .iter()
            .map(|s| f64::from(*s) * f64::from(*s))
            .sum();
        let threshold = amplitude(THRESHOLD);
        let heard = power > threshold * threshold * (STEP * 2) as f64;
        self.heard += u64::from(heard) * STEP as u64;
        self.since = if heard {
            0
        } else {
            self.since.saturating_add(1)
        };
        Ok(())
    }
}
