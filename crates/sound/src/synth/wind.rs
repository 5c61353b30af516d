//! Wind: gusts through bands that wander, now and then a whistle.

use super::Voice;
use super::filter::{Band, LowPass, Pink, Wander, edge};
use super::random::Random;

/// What one ear hears.
struct Ear {
    pink: Pink,
    random: Random,
    howl: [Band; 2],
    whistle: [Band; 2],
    low: LowPass,
    turn: Wander,
}

pub(super) struct Wind {
    ears: [Ear; 2],
    gust: Wander,
    flutter: Wander,
    pitch: Wander,
    low_edge: f64,
}

impl Wind {
    pub(super) fn new(seed: u32) -> Self {
        let ear = |n: u64| Ear {
            pink: Pink::default(),
            random: Random::new(seed, 10 + n),
            howl: Default::default(),
            whistle: Default::default(),
            low: LowPass::default(),
            turn: Wander::new(Random::new(seed, 20 + n), 1.2, 3.5),
        };
        Self {
            ears: [ear(0), ear(1)],
            gust: Wander::new(Random::new(seed, 1), 1.8, 4.5),
            flutter: Wander::new(Random::new(seed, 2), 0.12, 0.4),
            pitch: Wander::new(Random::new(seed, 3), 1.5, 4.0),
            low_edge: edge(160.0),
        }
    }
}

impl Voice for Wind {
    fn next(&mut self) -> [f64; 2] {
        let gust = self.gust.next();
        let force = 0.22 + 0.78 * gust * (0.82 + 0.18 * self.flutter.next());
        let high = self.pitch.next();
        let mut out = [0.0; 2];
        for (out, ear) in out.iter_mut().zip(&mut self.ears) {
            let noise = ear.pink.next(&mut ear.random);
            let turn = ear.turn.next();
            let middle = 210.0 + 420.0 * force + 170.0 * turn;
            let [first, second] = &mut ear.howl;
            let howl =
                first.next(noise, middle, 0.75) + 0.6 * second.next(noise, middle * 2.3, 0.6);
            let tone = 640.0 + 520.0 * high + 40.0 * turn;
            let [third, fourth] = &mut ear.whistle;
            let whistle = fourth.next(third.next(noise, tone, 0.09), tone, 0.09);
            let low = ear.low.next(noise, self.low_edge);
            let bright = force * force;
            *out =
                howl * force * 0.58 + whistle * bright * force * 0.95 + low * (0.09 + 0.2 * gust);
        }
        out
    }
}
