//! A rush of air that passes from one side to the other.

use super::Voice;
use super::filter::{Band, Pink};
use super::random::Random;
use crate::elementary::{cosine, exp2, raised_cosine, sine};

pub(super) struct Whoosh {
    random: Random,
    pink: [Pink; 3],
    bands: [[Band; 2]; 2],
    at: u64,
    length: u64,
    /// Where in its length it passes.
    passes: f64,
    /// 1 from left to right, −1 the other way.
    way: f64,
}

impl Whoosh {
    pub(super) fn new(seed: u32, length: u64) -> Self {
        let mut random = Random::new(seed, 1);
        let passes = random.between(0.5, 0.6);
        let way = if seed.is_multiple_of(2) { 1.0 } else { -1.0 };
        Self {
            random,
            pink: Default::default(),
            bands: Default::default(),
            at: 0,
            length: length.max(1),
            passes,
            way,
        }
    }
}

impl Voice for Whoosh {
    fn next(&mut self) -> [f64; 2] {
        let x = self.at as f64 / self.length as f64;
        self.at += 1;
        let near = if x < self.passes {
            raised_cosine(x / self.passes)
        } else {
            raised_cosine((1.0 - x) / (1.0 - self.passes))
        };
        let level = near * near * near.sqrt();
        // Five octaves up as it comes near, and a little lower as it goes.
        let doppler = -0.7 * raised_cosine((x - self.passes) * 5.0 + 0.5);
        let middle = 170.0 * exp2(4.4 * near + doppler);
        let pan = self.way * (2.0 * x - 1.0) * 0.85;
        let side = (pan + 1.0) / 8.0;
        let shared = self.pink[0].next(&mut self.random);
        let mut out = [0.0; 2];
        for (c, out) in out.iter_mut().enumerate() {
            let own = self.pink[1 + c].next(&mut self.random);
            let noise = shared * 0.85 + own * 0.5;
            let [wide, low] = &mut self.bands[c];
            let air = wide.next(noise, middle, 0.9);
            let body = low.next(noise, middle * 0.28, 0.7);
            let turn = if c == 0 { cosine(side) } else { sine(side) };
            *out = (air * 1.9 + body * 0.9) * level * turn * 0.72;
        }
        out
    }
}
