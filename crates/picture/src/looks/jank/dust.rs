//! Dust, blotches and hair: new in every picture, but for a hair that sticks in the gate.

use workprint_model::{Percent, Size};

use super::marks::{Dot, Stamp};
use super::of_whole;
use crate::random::Dice;
use crate::yuv::YuvMut;

/// How dark dirt on the print is, and how bright dirt on the negative.
const TONES: [i32; 2] = [22, 222];
/// Pictures for which a hair may stick in the gate.
const STUCK: u64 = 75;

/// How much dirt there is.
#[derive(Debug)]
pub(super) struct Dust {
    /// Of 65536.
    amount: i64,
    size: [f64; 2],
    /// Pixels to one of a frame of 1080.
    scale: f64,
}

impl Dust {
    pub(super) fn new(amount: Percent, size: Size) -> Self {
        Self {
            amount: of_whole(amount),
            size: [f64::from(size.width), f64::from(size.height)],
            scale: f64::from(size.height) / 1080.0,
        }
    }

    /// Lays the dirt of picture `number` over a frame.
    pub(super) fn draw(&self, dice: &Dice, number: u64, frame: &mut YuvMut<'_>) {
        if self.amount == 0 {
            return;
        }
        let own = dice.at(&[1, number]);
        let mut count = own.at(&[0]);
        // Some pictures are clean, some are dirty.
        let often = (count.share() * count.share()) >> 16;
        let most = 1 + ((often * self.amount * 34) >> 32) as u64;
        for speck in 0..count.below(most + 1) {
            self.speck(own.at(&[1, speck]), frame);
        }
        let mut hair = own.at(&[2]);
        if hair.share() * 5 < self.amount {
            let place = [self.along(0, hair.share()), self.along(1, hair.share())];
            self.hair(hair, place, 190, frame);
        }
        self.stuck(dice, number, frame);
    }

    /// The place at a share of 65536 along an axis.
    fn along(&self, axis: usize, share: i64) -> f64 {
        self.size[axis] * share as f64 / 65_536.0
    }

    fn speck(&self, mut dice: Dice, frame: &mut YuvMut<'_>) {
        let middle = [self.along(0, dice.share()), self.along(1, dice.share())];
        // Most are small: the fourth power of an even number.
        let part = dice.share() as f64 / 65_536.0;
        let radius =
            (0.9 + 1.3 * part + 7.0 * part * part * part * part * part * part) * self.scale;
        let stretch = 0.4 + dice.share() as f64 / 65_536.0;
        let mut aside = |reach: f64| dice.signed() as f64 / 65_536.0 * reach;
        let mut dots = vec![Dot {
            x: middle[0],
            y: middle[1],
            radius: radius.max(0.45),
        }];
        for _ in 0..4 {
            dots.push(Dot {
                x: middle[0] + aside(radius * 1.3),
                y: middle[1] + aside(radius * 1.3 * stretch),
                radius: (radius * 0.6 + aside(radius * 0.3)).max(0.3),
            });
        }
        let tone = TONES[usize::from(dice.below(100) < 48)];
        let strength = 130 + dice.below(110) as i32;
        Stamp::dots(&dots).press(frame, strength, tone);
    }

    /// A hair from a place, that bends as it goes.
    fn hair(&self, mut dice: Dice, place: [f64; 2], strength: i32, frame: &mut YuvMut<'_>) {
        let steps = 14 + dice.below(34);
        let step = 2.4 * self.scale.max(0.25);
        let mut heading = turned([1.0, 0.0], dice.signed() as f64 / 65_536.0 * 8.0);
        let mut bend = dice.signed() as f64 / 65_536.0 * 0.07;
        let thick = (0.55 + 0.45 * dice.share() as f64 / 65_536.0) * self.scale;
        let [mut x, mut y] = place;
        let mut dots = Vec::new();
        for at in 0..steps * 2 {
            // Thinner at both ends.
            let end = at.min(steps * 2 - at) as f64 / steps as f64;
            dots.push(Dot {
                x,
                y,
                radius: (thick * (0.55 + 0.45 * end)).max(0.35),
            });
            bend = (bend + dice.signed() as f64 / 65_536.0 * 0.018).clamp(-0.11, 0.11);
            heading = turned(heading, bend);
            x += heading[0] * step / 2.0;
            y += heading[1] * step / 2.0;
        }
        let tone = TONES[usize::from(dice.below(100) < 25)];
        Stamp::dots(&dots).press(frame, strength, tone);
    }

    /// A hair that hangs into the picture from the gate's edge for a while, and trembles.
    fn stuck(&self, dice: &Dice, number: u64, frame: &mut YuvMut<'_>) {
        let (turn, within) = (number / STUCK, number % STUCK);
        let mut own = dice.at(&[2, turn]);
        let (begins, lasts) = (own.below(STUCK / 2), 12 + own.below(STUCK));
        if own.share() * 5 > self.amount * 2 || within < begins || within > begins + lasts {
            return;
        }
        let mut tremble = dice.at(&[3, number]);
        let mut jump = || tremble.signed() as f64 / 65_536.0 * 0.9 * self.scale;
        let at_top = own.below(2) == 0;
        let edge = if at_top { -1.0 } else { self.size[1] + 1.0 };
        let across = self.along(0, own.share());
        let place = [across + jump(), edge + jump()];
        self.hair(own, place, 215, frame);
    }
}

/// A direction turned by about `angle` radians (twice its arc tangent's half, exactly a turn).
fn turned([x, y]: [f64; 2], angle: f64) -> [f64; 2] {
    let half = angle / 2.0;
    let whole = 1.0 + half * half;
    let (cosine, sine) = ((1.0 - half * half) / whole, 2.0 * half / whole);
    [x * cosine - y * sine, x * sine + y * cosine]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yuv::Yuv;

    #[test]
    fn there_is_dirt_and_not_too_much() {
        let size = Size {
            width: 480,
            height: 270,
        };
        let dust = Dust::new(Percent::new(50), size);
        let dice = Dice::new([1, 2, 3]);
        let mut dirty = Vec::new();
        for number in 0..60 {
            let mut frame = Yuv::new(size).unwrap();
            frame.fill([120, 128, 128]);
            dust.draw(&dice, number, &mut frame.lent());
            dirty.push(frame.planes()[0].iter().filter(|&&y| y != 120).count());
        }
        let sum: usize = dirty.iter().sum();
        assert!(sum > 1000, "{sum}");
        assert!(
            dirty.iter().all(|&count| count < 480 * 270 / 50),
            "{dirty:?}"
        );
        assert!(dirty.iter().any(|&count| count < 60), "{dirty:?}");
    }
}
