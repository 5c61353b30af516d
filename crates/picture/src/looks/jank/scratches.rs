//! Scratches: thin lines along the film, that last for many pictures and wander a little.

use workprint_model::{Percent, Size};

use super::marks::mark;
use super::of_whole;
use crate::random::Dice;
use crate::yuv::YuvMut;

/// How many scratches there can be at once.
const LANES: u64 = 7;

/// How scratched the film is.
#[derive(Debug)]
pub(super) struct Scratches {
    /// Of 65536.
    amount: i64,
    size: Size,
}

/// A scratch at one picture.
struct Line {
    /// Where it is at the top, and how far aside at the bottom, in pixels.
    x: f64,
    lean: f64,
    /// Half of its width, in pixels.
    half: f64,
    /// Of 256.
    strength: i32,
    luma: i32,
    /// Wavers down the picture.
    waver: Dice,
    /// How much of it is missing, of 65536.
    gaps: i64,
}

impl Scratches {
    pub(super) fn new(amount: Percent, size: Size) -> Self {
        Self {
            amount: of_whole(amount),
            size,
        }
    }

    /// Lays the scratches of picture `number` over a frame.
    pub(super) fn draw(&self, dice: &Dice, number: u64, frame: &mut YuvMut<'_>) {
        if self.amount == 0 {
            return;
        }
        for lane in 0..LANES {
            if let Some(line) = self.line(&dice.at(&[lane]), number) {
                self.scratch(&line, frame);
            }
        }
    }

    /// The scratch of a lane, where it has one at this picture.
    fn line(&self, dice: &Dice, number: u64) -> Option<Line> {
        let mut lane = dice.at(&[0]);
        let length = 30 + lane.below(70);
        let number = number + lane.below(length);
        let (turn, within) = (number / length, number % length);
        let mut own = dice.at(&[1, turn]);
        if own.share() * 100 > self.amount * 62 {
            return None;
        }
        let (begins, lasts) = (own.below(length / 2), 4 + own.below(length));
        if within < begins || within > begins + lasts {
            return None;
        }
        let scale = f64::from(self.size.height) / 1080.0;
        let part = |value: i64| value as f64 / 65_536.0;
        let drift = part(own.signed()) * 22.0 * scale * within as f64 / length as f64;
        let jump = part(dice.at(&[2, number]).signed()) * 1.1 * scale;
        let light = own.below(100) < 62;
        let fading = (lasts + begins - within).min(within - begins + 1).min(4) as i32;
        Some(Line {
            x: part(own.share()) * f64::from(self.size.width) + drift + jump,
            lean: part(own.signed()) * 6.0 * scale,
            half: (0.75 + 0.55 * part(own.share()) * part(own.share())) * scale.max(0.5),
            strength: (50 + own.below(105) as i32) * fading / 4,
            luma: if light { 225 } else { 24 },
            waver: dice.at(&[3, turn]),
            gaps: own.share() * 3 / 4,
        })
    }

    fn scratch(&self, line: &Line, frame: &mut YuvMut<'_>) {
        let height = self.size.height;
        let step = (height / 14).max(2);
        let part = |value: i64| value as f64 / 65_536.0;
        for y in 0..height {
            let (knot, within) = (u64::from(y / step), f64::from(y % step) / f64::from(step));
            let between = |kind: u64, of: fn(&mut Dice) -> i64| {
                let at = |knot: u64| part(of(&mut line.waver.at(&[kind, knot])));
                at(knot) + (at(knot + 1) - at(knot)) * within
            };
            let there = between(0, Dice::share) * 1.6 - part(line.gaps) * 1.2;
            let strength = (f64::from(line.strength) * (there * 2.0).clamp(0.0, 1.0)) as i32;
            if strength == 0 {
                continue;
            }
            let aside = between(1, Dice::signed) * line.half * 1.2;
            let x = line.x + line.lean * f64::from(y) / f64::from(height) + aside;
            let first = (x - line.half - 0.5).floor() as i32;
            for column in first..=first + (2.0 * line.half).ceil() as i32 + 1 {
                let away = (f64::from(column) + 0.5 - x).abs();
                let cover = (line.half + 0.5 - away).clamp(0.0, 1.0);
                mark(
                    frame,
                    (column, y as i32),
                    (f64::from(strength) * cover) as i32,
                    line.luma,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yuv::Yuv;

    #[test]
    fn scratches_are_lines_that_last() {
        let size = Size {
            width: 480,
            height: 270,
        };
        let scratches = Scratches::new(Percent::new(100), size);
        let dice = Dice::new([1, 2, 3]);
        let lines: Vec<bool> = (0..200)
            .map(|number| scratches.line(&dice.at(&[0]), number).is_some())
            .collect();
        let changes = lines.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(lines.contains(&true) && lines.contains(&false) && changes < 20);
        let mut frame = Yuv::new(size).unwrap();
        frame.fill([120, 128, 128]);
        scratches.draw(&dice, 40, &mut frame.lent());
        let columns = (0..480).filter(|&x| {
            let column = (0..270).filter(|y| frame.planes()[0][y * 480 + x] != 120);
            column.count() > 30
        });
        let columns = columns.count();
        assert!((1..60).contains(&columns), "{columns}");
    }
}
