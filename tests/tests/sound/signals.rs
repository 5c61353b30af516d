//! Signals to mix, and what is measured of them.

/// Random numbers from 0 to 1, the same for a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u32) -> Self {
        Self(u64::from(seed) * 77 + 5)
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / 2_147_483_648.0
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

pub(crate) fn tone(hertz: f64, seconds: f64, level: f64) -> Vec<f32> {
    let sample = |n: usize| (n as f64 * hertz / 48_000.0 * std::f64::consts::TAU).sin() * level;
    (0..(seconds * 48_000.0) as usize)
        .map(|n| sample(n) as f32)
        .collect()
}

/// Something like speech, mono: a buzz through two formants that move, in syllables with pauses.
pub(crate) fn speech(seed: u32, seconds: f64, level: f64) -> Vec<f32> {
    let mut random = Random::new(seed);
    let pitch = random.between(85.0, 240.0);
    let (mut formants, mut state) = ([(500.0, 1500.0); 2], [[0.0f64; 2]; 2]);
    let (mut phase, mut loud, mut until) = (0.0, 0.0, 0);
    let (mut envelope, mut voiced) = (0.0, true);
    let mut out = Vec::new();
    for n in 0..(seconds * 48_000.0) as usize {
        if n >= until {
            until = n + (random.between(0.08, 0.3) * 48_000.0) as usize;
            loud = if random.next() < 0.2 {
                0.0
            } else {
                random.between(0.4, 1.0)
            };
            voiced = random.next() < 0.8;
            formants[0].0 = random.between(300.0, 900.0);
            formants[0].1 = random.between(900.0, 2600.0);
        }
        envelope += (loud - envelope) * 0.002;
        phase = (phase + pitch / 48_000.0) % 1.0;
        let source = if voiced {
            if phase < 0.1 { 1.0 } else { -0.11 }
        } else {
            random.between(-0.5, 0.5)
        };
        let mut sum = 0.0;
        for (hertz, [one, two]) in [formants[0].0, formants[0].1].into_iter().zip(&mut state) {
            let turn = hertz / 48_000.0 * std::f64::consts::TAU;
            let next = source * 0.05 + 1.97 * turn.cos() * *one - 0.97 * *two;
            *two = *one;
            *one = next;
            sum += next;
        }
        out.push((sum * envelope * level) as f32);
    }
    out
}

/// The level of a sine of `hertz` in stereo samples from second to second, in decibels.
pub(crate) fn level_of(hertz: f64, stereo: &[f32], from: f64, to: f64) -> f64 {
    let range = (from * 48_000.0) as usize..(to * 48_000.0) as usize;
    let (mut re, mut im) = (0.0, 0.0);
    for n in range.clone() {
        let turn = n as f64 * hertz / 48_000.0 * std::f64::consts::TAU;
        // A Hann window keeps what lies beside it out.
        let x = (n - range.start) as f64 / range.len() as f64 * std::f64::consts::TAU;
        let sample = f64::from(stereo[2 * n]) * (0.5 - 0.5 * x.cos());
        re += sample * turn.cos();
        im += sample * turn.sin();
    }
    20.0 * (4.0 * re.hypot(im) / range.len() as f64).log10()
}
