//! Textures of many small sounds: rain, a fire, clapping hands; and the air of a room.

use super::filter::{Band, LowPass, Pink, Wander, edge};
use super::random::Random;
use super::{RATE, Voice, decay};
use crate::elementary::{cosine, sine};

/// A short burst of noise through a band.
struct Grain {
    band: Band,
    middle: f64,
    narrow: f64,
    level: f64,
    fall: f64,
    sides: [f64; 2],
}

impl Grain {
    /// `shape` is its middle in Hz, its width against that, its level, and seconds to fall by 60 dB.
    fn new(shape: (f64, f64, f64, f64), pan: f64) -> Self {
        let turn = (pan.clamp(-1.0, 1.0) + 1.0) / 8.0;
        Self {
            band: Band::default(),
            middle: shape.0,
            narrow: shape.1,
            level: shape.2,
            fall: decay(shape.3),
            sides: [cosine(turn), sine(turn)],
        }
    }

    fn add(&mut self, noise: f64, out: &mut [f64; 2]) {
        let value = self.band.next(noise * self.level, self.middle, self.narrow);
        self.level *= self.fall;
        out[0] += value * self.sides[0];
        out[1] += value * self.sides[1];
    }
}

/// What makes grains.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Texture {
    RoomTone,
    Rain,
    Fire,
    Applause,
}

/// Hands of one who claps: when next, and how fast, how high and where.
struct Hands {
    next: f64,
    pace: f64,
    middle: f64,
    level: f64,
    pan: f64,
}

/// A texture being made.
pub(super) struct Grains {
    texture: Texture,
    random: Random,
    sounding: Vec<Grain>,
    hands: Vec<Hands>,
    ears: [(Pink, Random, LowPass, Band); 2],
    /// What both ears hear.
    shared: (Pink, Random),
    swell: Wander,
    at: u64,
}

impl Grains {
    pub(super) fn new(texture: Texture, seed: u32) -> Self {
        let mut random = Random::new(seed, 1);
        let ear = |n: u64| {
            let noise = Random::new(seed, 10 + n);
            (Pink::default(), noise, LowPass::default(), Band::default())
        };
        let hands = (0..if texture == Texture::Applause { 26 } else { 0 })
            .map(|n| Hands {
                next: random.between(0.0, 0.45) + f64::from(n) * 0.012,
                pace: random.between(0.2, 0.3),
                middle: random.between(750.0, 2100.0),
                level: random.between(0.3, 1.0),
                pan: random.between(-0.9, 0.9),
            })
            .collect();
        Self {
            texture,
            random,
            sounding: Vec::new(),
            hands,
            ears: [ear(0), ear(1)],
            shared: (Pink::default(), Random::new(seed, 12)),
            swell: Wander::new(Random::new(seed, 2), 2.0, 6.0),
            at: 0,
        }
    }

    /// What begins at this frame.
    fn begin(&mut self, swell: f64) {
        let random = &mut self.random;
        match self.texture {
            Texture::RoomTone => {}
            Texture::Rain => {
                if random.chance((70.0 + 60.0 * swell) / RATE) {
                    let near = random.part();
                    let shape = (
                        random.between(1300.0, 5200.0),
                        random.between(0.12, 0.5),
                        0.35 + 1.3 * near * near * near,
                        random.between(0.012, 0.05),
                    );
                    self.sounding
                        .push(Grain::new(shape, random.between(-0.9, 0.9)));
                }
            }
            Texture::Fire => {
                if random.chance((9.0 + 22.0 * swell) / RATE) {
                    let size = random.part();
                    let shape = (
                        random.between(900.0, 4800.0),
                        random.between(0.4, 1.1),
                        0.25 + 2.6 * size * size * size * size,
                        random.between(0.008, 0.035),
                    );
                    self.sounding
                        .push(Grain::new(shape, random.between(-0.6, 0.6)));
                }
            }
            Texture::Applause => {
                let now = self.at as f64 / RATE;
                for hands in &mut self.hands {
                    if hands.next <= now {
                        hands.next = now + hands.pace * random.between(0.85, 1.18);
                        let middle = hands.middle * random.between(0.92, 1.08);
                        let level = hands.level * random.between(0.6, 1.0) * 1.5;
                        self.sounding
                            .push(Grain::new((middle, 0.7, level, 0.045), hands.pan));
                    }
                }
            }
        }
    }

    /// What never stops: the levels of a low part, and of one around a frequency.
    fn bed(&self, swell: f64) -> (f64, f64, f64, f64) {
        match self.texture {
            Texture::RoomTone => (220.0, 0.30, 700.0, 0.05),
            Texture::Rain => (300.0, 0.05, 3600.0, 0.20 + 0.12 * swell),
            Texture::Fire => (
                150.0 + 90.0 * swell,
                0.34 + 0.3 * swell,
                520.0,
                0.05 * swell,
            ),
            Texture::Applause => (200.0, 0.0, 1700.0, 0.035),
        }
    }
}

impl Voice for Grains {
    fn next(&mut self) -> [f64; 2] {
        let swell = self.swell.next();
        self.begin(swell);
        let (low, low_level, middle, level) = self.bed(swell);
        let part = edge(low);
        let mut out = [0.0; 2];
        let (pink, random) = &mut self.shared;
        let both = pink.next(random) * 0.8;
        for (out, (pink, random, pass, band)) in out.iter_mut().zip(&mut self.ears) {
            let noise = both + pink.next(random) * 0.6;
            *out = pass.next(noise, part) * low_level + band.next(noise, middle, 1.6) * level;
        }
        for grain in &mut self.sounding {
            let noise = self.random.noise();
            grain.add(noise, &mut out);
        }
        if self.at.is_multiple_of(480) {
            self.sounding.retain(|grain| grain.level > 1e-4);
        }
        self.at += 1;
        out
    }
}
