//! Waves on a shore: each gathers, breaks and runs back over sand.

use super::filter::{Band, LowPass, Pink, edge};
use super::random::Random;
use super::{RATE, Voice};

/// How many waves overlap at most.
const WAVES: usize = 3;

/// One wave after the other in one place.
struct Wave {
    random: Random,
    pink: [Pink; 3],
    body: [LowPass; 4],
    hiss: [Band; 2],
    at: u64,
    length: u64,
    level: f64,
    pan: f64,
    /// Where in its length it breaks.
    breaks: f64,
}

impl Wave {
    fn new(seed: u32, place: usize) -> Self {
        let mut wave = Self {
            random: Random::new(seed, 1 + place as u64),
            pink: Default::default(),
            body: Default::default(),
            hiss: Default::default(),
            at: 0,
            length: 1,
            level: 0.0,
            pan: 0.0,
            breaks: 0.4,
        };
        wave.gather();
        // They do not all begin together.
        wave.at = wave.length * place as u64 / WAVES as u64;
        wave
    }

    fn gather(&mut self) {
        self.at = 0;
        self.length = (self.random.between(7.5, 12.5) * RATE) as u64;
        self.level = self.random.between(0.55, 1.0);
        self.pan = self.random.between(-0.55, 0.55);
        self.breaks = self.random.between(0.34, 0.46);
    }

    fn next(&mut self) -> [f64; 2] {
        if self.at >= self.length {
            self.gather();
        }
        let x = self.at as f64 / self.length as f64;
        self.at += 1;
        let (swell, wash) = self.shape(x);
        let dark = edge(220.0 + 1900.0 * swell * swell);
        let middle = 2300.0 + 3200.0 * (1.0 - x);
        let shared = self.pink[0].next(&mut self.random);
        let mut out = [0.0; 2];
        for (c, out) in out.iter_mut().enumerate() {
            let own = self.pink[1 + c].next(&mut self.random);
            let noise = shared * 0.6 + own * 0.8;
            let [first, second, third, fourth] = &mut self.body;
            let low = if c == 0 {
                second.next(first.next(noise, dark), dark)
            } else {
                fourth.next(third.next(noise, dark), dark)
            };
            let hiss = self.hiss[c].next(noise, middle, 1.3);
            let side = 1.0 + self.pan * if c == 0 { -0.6 } else { 0.6 };
            *out = (low * swell * 1.5 + hiss * wash * 0.62) * self.level * side;
        }
        out
    }

    /// How strong its body and its foam are at a place from 0 to 1; both end at 0.
    fn shape(&self, x: f64) -> (f64, f64) {
        let smooth = |x: f64| {
            let x = x.clamp(0.0, 1.0);
            x * x * (3.0 - 2.0 * x)
        };
        let rise = smooth(x / self.breaks);
        let past = ((x - self.breaks) / (1.0 - self.breaks)).clamp(0.0, 1.0);
        let away = (1.0 - past) * (1.0 - past);
        let crash = smooth((x - self.breaks * 0.78) / (self.breaks * 0.3));
        (
            rise * rise * away,
            crash * away * (1.0 - 0.45 * smooth(past * 4.0)),
        )
    }
}

pub(super) struct Waves {
    near: [Wave; WAVES],
    far: [(Pink, LowPass); 2],
    random: Random,
    far_edge: f64,
}

impl Waves {
    pub(super) fn new(seed: u32) -> Self {
        Self {
            near: [Wave::new(seed, 0), Wave::new(seed, 1), Wave::new(seed, 2)],
            far: Default::default(),
            random: Random::new(seed, 9),
            far_edge: edge(420.0),
        }
    }
}

impl Voice for Waves {
    fn next(&mut self) -> [f64; 2] {
        let mut out = [0.0; 2];
        for (out, (pink, low)) in out.iter_mut().zip(&mut self.far) {
            *out = low.next(pink.next(&mut self.random), self.far_edge) * 0.06;
        }
        for wave in &mut self.near {
            let [left, right] = wave.next();
            out[0] += left * 0.3;
            out[1] += right * 0.3;
        }
        out
    }
}
