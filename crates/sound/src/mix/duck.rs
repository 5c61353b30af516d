//! How far beds are down, from what the voices do.

use std::collections::VecDeque;

use workprint_model::Samples;
use workprint_model::sound::Ducking;
use workprint_model::timeline::{Lane, PlacedSound};

use super::lane::{Players, STEP};
use super::{Library, duckable};
use crate::SoundError;
use crate::elementary::{amplitude, raised_cosine};

/// A voice is heard where its level over 10 ms is above this, in dB under full scale.
const THRESHOLD: f64 = -45.0;
/// Milliseconds in a step.
const STEP_MS: u16 = 10;

/// Reads the voices ahead of the mix and says how far beds are to be down, for every way of going
/// down that an item asks for.
pub(super) struct Duckers<'a> {
    listener: Option<Listener<'a>>,
    followers: Vec<Follower>,
    /// Which follower each item listens to.
    of_item: Vec<Option<usize>>,
}

impl<'a> Duckers<'a> {
    pub(super) fn new(items: &'a [PlacedSound], length: Samples, library: &'a dyn Library) -> Self {
        let mut followers: Vec<Follower> = Vec::new();
        let mut of_item = Vec::with_capacity(items.len());
        for item in items {
            if duckable(item).hundredths() >= 0 {
                of_item.push(None);
                continue;
            }
            let known = followers.iter().position(|f| f.ducking == item.ducking);
            of_item.push(Some(known.unwrap_or_else(|| {
                followers.push(Follower::new(&item.ducking));
                followers.len() - 1
            })));
        }
        let ahead = followers.iter().map(|f| f.ahead).max();
        Self {
            listener: ahead.map(|ahead| Listener::new(items, length, (library, ahead))),
            followers,
            of_item,
        }
    }

    /// How many sounds are open.
    pub(super) fn open(&self) -> usize {
        self.listener.as_ref().map_or(0, |l| l.voices.open())
    }

    /// How many frames had voices in them.
    pub(super) fn under_voice(&self) -> Samples {
        let heard = |l: &Listener<'_>| Samples(l.heard.min(l.length.0));
        self.listener.as_ref().map_or(Samples(0), heard)
    }

    /// Moves on by `frames`. All calls but the last ask for whole steps.
    pub(super) fn next(&mut self, frames: usize) -> Result<(), SoundError> {
        let Some(listener) = &mut self.listener else {
            return Ok(());
        };
        let steps = frames.div_ceil(STEP) as u64;
        listener.listen(steps)?;
        for follower in &mut self.followers {
            follower.follow(listener, steps);
        }
        listener.forget(steps, &self.followers);
        Ok(())
    }

    /// How far an item is down at each step of the current block and at its end, 0 to 1.
    pub(super) fn curve(&self, item: usize) -> Option<&[f64]> {
        let follower = self.of_item.get(item).copied().flatten()?;
        Some(&self.followers[follower].points)
    }
}

/// Hears where voices are.
struct Listener<'a> {
    voices: Players<'a>,
    length: Samples,
    /// Steps that are read ahead of the mix.
    ahead: u64,
    /// Steps read.
    read: u64,
    /// Steps of the mix that are done.
    done: u64,
    /// Whether a voice is heard, for steps from `first` on.
    flags: VecDeque<bool>,
    first: u64,
    heard: u64,
    scratch: Vec<f32>,
}

impl<'a> Listener<'a> {
    fn new(items: &'a [PlacedSound], length: Samples, from: (&'a dyn Library, u64)) -> Self {
        let (library, ahead) = from;
        let voice = |item: &PlacedSound| item.lane == Lane::Voice;
        Self {
            voices: Players::new(items, length, library, voice),
            length,
            ahead,
            read: 0,
            done: 0,
            flags: VecDeque::new(),
            first: 0,
            heard: 0,
            scratch: Vec::new(),
        }
    }

    /// Reads until `steps` more steps of the mix can be decided.
    fn listen(&mut self, steps: u64) -> Result<(), SoundError> {
        while self.read < self.done + steps + self.ahead {
            let flag = self.step()?;
            self.flags.push_back(flag);
            self.read += 1;
        }
        Ok(())
    }

    /// Whether a voice is heard in the next step.
    fn step(&mut self) -> Result<bool, SoundError> {
        let at = self.read * STEP as u64;
        let frames = (STEP as u64).min(self.length.0.saturating_sub(at)) as usize;
        if frames == 0 {
            return Ok(false);
        }
        self.scratch.clear();
        self.scratch.resize(frames * 2, 0.0);
        self.voices.play(Samples(at), &mut self.scratch, None)?;
        let power = |sum: f64, s: &f32| sum + f64::from(*s) * f64::from(*s);
        let power = self.scratch.iter().fold(0.0, power);
        let threshold = amplitude(THRESHOLD);
        let heard = power > threshold * threshold * (STEP * 2) as f64;
        self.heard += u64::from(heard) * STEP as u64;
        Ok(heard)
    }

    fn heard_in(&self, step: u64) -> bool {
        let at = step.checked_sub(self.first);
        at.and_then(|at| self.flags.get(at as usize).copied())
            .unwrap_or(false)
    }

    /// Lets go of what no follower asks for again.
    fn forget(&mut self, steps: u64, followers: &[Follower]) {
        self.done += steps;
        let next = followers.iter().map(|f| f.next).min().unwrap_or(self.read);
        while self.first < next && self.flags.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// One way of going down.
struct Follower {
    ducking: Ducking,
    /// Steps from up to down, that it stays down, and from down to up.
    attack: u64,
    hold: u64,
    release: u64,
    /// Steps that it looks ahead.
    ahead: u64,
    /// The first step that it has not looked at.
    next: u64,
    /// The last step with a voice among those that it has looked at.
    last: Option<u64>,
    /// The step of the mix that comes next.
    at: u64,
    /// 0 when beds are up, 1 when they are down; moves evenly.
    position: f64,
    points: Vec<f64>,
}

impl Follower {
    fn new(ducking: &Ducking) -> Self {
        let steps = |ms: u16| u64::from(ms.div_ceil(STEP_MS));
        Self {
            ducking: ducking.clone(),
            attack: steps(ducking.attack_ms).max(1),
            hold: steps(ducking.hold_ms),
            release: steps(ducking.release_ms).max(1),
            ahead: steps(ducking.look_ahead_ms),
            next: 0,
            last: None,
            at: 0,
            position: 0.0,
            points: Vec::new(),
        }
    }

    fn follow(&mut self, listener: &Listener<'_>, steps: u64) {
        self.points.clear();
        if self.at == 0 {
            // Speech at the very beginning finds the beds already down.
            self.look(listener, self.ahead);
            self.position = f64::from(u8::from(self.wanted(0)));
        }
        self.points.push(raised_cosine(self.position));
        for _ in 0..steps {
            self.at += 1;
            self.look(listener, self.at + self.ahead);
            let change = if self.wanted(self.at) {
                1.0 / self.attack as f64
            } else {
                -1.0 / self.release as f64
            };
            self.position = (self.position + change).clamp(0.0, 1.0);
            self.points.push(raised_cosine(self.position));
        }
    }

    /// Looks at all steps before `end`.
    fn look(&mut self, listener: &Listener<'_>, end: u64) {
        while self.next < end {
            if listener.heard_in(self.next) {
                self.last = Some(self.next);
            }
            self.next += 1;
        }
    }

    /// A voice is heard soon, now, or was a short while ago.
    fn wanted(&self, at: u64) -> bool {
        self.last.is_some_and(|last| last + 1 + self.hold >= at)
    }
}
