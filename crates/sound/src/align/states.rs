//! The likeliest way through the states of a sentence.

use super::frames::Frames;
use super::speaker::{Gaussians, STATES};

/// How far a state may be from where the first stage found it, in frames: 250 ms.
const SLACK: i64 = 50;

/// One state of a sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// The Gaussian; none for silence.
    gaussian: Option<usize>,
    /// The sound, counted in the sentence; none for silence.
    pub(super) sound: Option<usize>,
    /// Which of the sound's states.
    pub(super) part: usize,
    /// The frames in which it may be, from and to.
    window: (i64, i64),
}

/// A sound of a sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoken {
    /// Which of the names.
    pub(super) name: usize,
    pub(super) word: usize,
    /// Where the first stage found it, in halves of a frame from the sentence's first.
    pub(super) time: (i64, i64),
    pub(super) onset: Onset,
}

/// How a sound begins after a pause.
#[derive(Debug, Clone, Copy)]
pub(super) enum Onset {
    /// Where it is found.
    Plain,
    /// A stop: held before it bursts, so long at most, in halves of a frame.
    Held(i64),
    /// A vowel: a little later than it is found.
    Opens,
}

/// The states of a sentence in order: silence first and last and between words, where it may be left
/// out.
pub(super) fn states(sounds: &[Spoken], frames: usize) -> Vec<State> {
    let silence = |window| State {
        gaussian: None,
        sound: None,
        part: 0,
        window,
    };
    let mut out = vec![silence((0, 0))];
    let mut word = None;
    for (index, sound) in sounds.iter().enumerate() {
        if word.is_some_and(|word| word != sound.word) {
            out.push(silence((0, 0)));
        }
        word = Some(sound.word);
        let (start, end) = (sound.time.0, sound.time.1.max(sound.time.0));
        let at = |part: usize| (start + (end - start) * part as i64 / STATES as i64).div_euclid(2);
        out.extend((0..STATES).map(|part| State {
            gaussian: Some(sound.name * STATES + part),
            sound: Some(index),
            part,
            window: (at(part) - SLACK, at(part + 1) + SLACK),
        }));
    }
    out.push(silence((0, 0)));
    open_windows(&mut out, frames as i64);
    out
}

/// Silence may be from where the state before it may be to where the one after it may; windows never
/// move back.
fn open_windows(states: &mut [State], frames: i64) {
    let last = states.len() - 1;
    for index in 0..states.len() {
        if states[index].sound.is_none() {
            let low = index
                .checked_sub(1)
                .map_or(0, |before| states[before].window.0);
            let high = if index == last {
                frames
            } else {
                states[index + 1].window.1
            };
            states[index].window = (low, high);
        }
    }
    let mut high = i64::MIN;
    for state in states.iter_mut() {
        high = high.max(state.window.1);
        state.window.1 = high.min(frames);
    }
    let mut low = i64::MAX;
    for state in states.iter_mut().rev() {
        low = low.min(state.window.0);
        state.window.0 = low.max(0);
    }
}

/// For every frame its state; nothing where there is no way.
pub(super) fn likeliest(
    states: &[State],
    rows: (&Frames, std::ops::Range<usize>),
    gaussians: &Gaussians,
) -> Option<Vec<usize>> {
    let (frames, range) = rows;
    let count = range.len();
    let mut before = vec![f32::NEG_INFINITY; states.len()];
    let mut now = before.clone();
    let mut origins: Vec<(usize, Vec<u8>)> = Vec::with_capacity(count);
    let (mut first, mut past) = (0, 0);
    for (time, index) in range.enumerate() {
        let frame = frames.row(index);
        let old = (first, past);
        while past < states.len() && states[past].window.0 <= time as i64 {
            past += 1;
        }
        while first < past && states[first].window.1 <= time as i64 {
            first += 1;
        }
        let silence = gaussians.silence(frame);
        let mut steps = Vec::with_capacity(past - first);
        for place in first..past {
            let (sum, back) = if time == 0 {
                // A sentence may begin at once.
                (if place < 2 { 0.0 } else { f32::NEG_INFINITY }, 0)
            } else {
                origin(states, &before, place)
            };
            let likelihood = match states[place].gaussian {
                Some(_) if sum == f32::NEG_INFINITY => 0.0,
                Some(gaussian) => gaussians.state(gaussian, frame),
                None => silence,
            };
            now[place] = sum + likelihood;
            steps.push(back);
        }
        origins.push((first, steps));
        before[old.0..old.1].fill(f32::NEG_INFINITY);
        before[first..past].copy_from_slice(&now[first..past]);
    }
    trace(states, &before, &origins)
}

/// The likeliest place to have come from: this state, the one before, or, over a silence, the one
/// before that.
fn origin(states: &[State], before: &[f32], place: usize) -> (f32, u8) {
    let mut best = (before[place], 0);
    if place >= 1 && before[place - 1] > best.0 {
        best = (before[place - 1], 1);
    }
    let over = place >= 2 && states[place - 1].sound.is_none() && states[place].part == 0;
    if over && before[place - 2] > best.0 {
        best = (before[place - 2], 2);
    }
    best
}

fn trace(states: &[State], sums: &[f32], origins: &[(usize, Vec<u8>)]) -> Option<Vec<usize>> {
    let last = states.len().checked_sub(2)?;
    // The last silence may be left out.
    let mut place = if sums[last] > sums[last + 1] {
        last
    } else {
        last + 1
    };
    if !sums[place].is_finite() {
        return None;
    }
    let mut way = vec![0; origins.len()];
    for (time, (first, steps)) in origins.iter().enumerate().rev() {
        way[time] = place;
        let back = usize::from(*steps.get(place.checked_sub(*first)?)?);
        place = place.checked_sub(back)?;
    }
    Some(way)
}
