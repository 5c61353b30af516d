//! A room: a feedback delay network of eight lines.

use super::decay;
use super::filter::{LowPass, edge};

/// Frames in each line: primes, so that echoes do not fall together.
const LINES: [usize; 8] = [1423, 1777, 2137, 2473, 2857, 3251, 3677, 4127];
/// Frames in the two diffusers of each channel.
const DIFFUSERS: [[usize; 2]; 2] = [[223, 367], [241, 347]];

/// A delay of whole frames.
struct Line {
    values: Vec<f64>,
    at: usize,
}

impl Line {
    fn new(length: usize) -> Self {
        Self {
            values: vec![0.0; length.max(1)],
            at: 0,
        }
    }

    fn oldest(&self) -> f64 {
        self.values[self.at]
    }

    fn push(&mut self, value: f64) {
        self.values[self.at] = value;
        self.at += 1;
        if self.at == self.values.len() {
            self.at = 0;
        }
    }
}

/// Reverberation in stereo, without the sound itself.
pub(super) struct Room {
    before: [Line; 2],
    diffusers: [[Line; 2]; 2],
    lines: Vec<(Line, LowPass, f64)>,
    damping: f64,
}

impl Room {
    /// A room in which low tones fall by 60 dB in `seconds`, and those over `damped` Hz faster.
    /// `size` stretches its lines; 1 is a hall.
    pub(super) fn new(seconds: f64, damped: f64, size: f64) -> Self {
        let scaled = |frames: usize| ((frames as f64 * size) as usize).max(1);
        let line = |frames: &usize| {
            let frames = scaled(*frames);
            let mut loss = 1.0;
            let each = decay(seconds);
            for _ in 0..frames {
                loss *= each;
            }
            (Line::new(frames), LowPass::default(), loss)
        };
        Self {
            before: [Line::new(scaled(960)), Line::new(scaled(1103))],
            diffusers: DIFFUSERS.map(|pair| pair.map(|frames| Line::new(scaled(frames)))),
            lines: LINES.iter().map(line).collect(),
            damping: edge(damped),
        }
    }

    /// What the room answers to the next frame.
    pub(super) fn next(&mut self, input: [f64; 2]) -> [f64; 2] {
        let mut fed = [0.0; 2];
        for (c, fed) in fed.iter_mut().enumerate() {
            let mut value = self.before[c].oldest();
            self.before[c].push(input[c]);
            for diffuser in &mut self.diffusers[c] {
                let old = diffuser.oldest();
                let kept = value - 0.6 * old;
                diffuser.push(kept);
                value = old + 0.6 * kept;
            }
            *fed = value;
        }
        let mut taps = [0.0; 8];
        for (tap, (line, low, loss)) in taps.iter_mut().zip(&mut self.lines) {
            *tap = low.next(line.oldest(), self.damping) * *loss;
        }
        let out = [
            taps[0] - taps[2] + taps[4] - taps[6],
            taps[1] - taps[3] + taps[5] - taps[7],
        ];
        hadamard(&mut taps);
        for (n, (line, _, _)) in self.lines.iter_mut().enumerate() {
            line.push(taps[n] + fed[n % 2] * 0.35);
        }
        out
    }
}

/// Mixes all lines into each other without gain or loss.
fn hadamard(values: &mut [f64; 8]) {
    for half in [1, 2, 4] {
        for n in 0..8 {
            if n & half == 0 {
                let (a, b) = (values[n], values[n + half]);
                values[n] = a + b;
                values[n + half] = a - b;
            }
        }
    }
    for value in values {
        *value *= 0.353_553_390_593_273_8;
    }
}

/// Echoes that cross from side to side.
pub(super) struct Echo {
    sides: [Line; 2],
    low: [LowPass; 2],
    keep: f64,
    damping: f64,
}

impl Echo {
    /// Echoes every `frames` frames, each `keep` times the one before.
    pub(super) fn new(frames: usize, keep: f64) -> Self {
        Self {
            sides: [Line::new(frames), Line::new(frames)],
            low: [LowPass::default(), LowPass::default()],
            keep,
            damping: edge(3200.0),
        }
    }

    /// What comes back as the next frame goes in.
    pub(super) fn next(&mut self, input: [f64; 2]) -> [f64; 2] {
        let [left, right] = &mut self.sides;
        let out = [left.oldest(), right.oldest()];
        let soft = [
            self.low[0].next(out[0], self.damping),
            self.low[1].next(out[1], self.damping),
        ];
        left.push(soft[1] * self.keep + (input[0] + input[1]) * 0.5);
        right.push(soft[0] * self.keep);
        out
    }
}
