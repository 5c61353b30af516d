//! Jank: old film in a worn projector. Dust and scratches lie on the film, and the lamp flickers
//! over all of it; held frames and weave are the matter of `resolve`.

mod dust;
mod marks;
mod scratches;

use workprint_model::look::{Jank, Vignette};
use workprint_model::{Percent, Size};

use self::dust::Dust;
use self::scratches::Scratches;
use super::Effect;
use super::vignette::{Shaded, WHOLE};
use crate::paint::kernel::Kernel;
use crate::random::Dice;
use crate::resolve::Moment;
use crate::yuv::YuvMut;

/// Wear, ready for frames of one size.
#[derive(Debug)]
pub(super) struct Worn {
    seed: u64,
    dust: Dust,
    scratches: Scratches,
    /// Of 65536.
    flicker: i64,
    shade: Option<Shaded>,
}

impl Worn {
    pub(super) fn new(jank: &Jank, size: Size) -> Self {
        let vignette = Vignette {
            amount: jank.vignette,
            size: Percent::new(25),
            round: Percent::new(20),
            ..Vignette::default()
        };
        let flickers = jank.flicker.hundredths() > 0;
        let shaded = flickers || jank.vignette.hundredths() > 0;
        Self {
            seed: u64::from(jank.seed),
            dust: Dust::new(jank.dust, size),
            scratches: Scratches::new(jank.scratches, size),
            flicker: of_whole(jank.flicker),
            shade: shaded.then(|| Shaded::new(&vignette, size)),
        }
    }
}

impl Effect for Worn {
    fn apply(&mut self, frame: &mut YuvMut<'_>, moment: Option<Moment>, kernel: Kernel) {
        let mut light = WHOLE;
        if let Some(moment) = moment {
            let dice = Dice::new([self.seed, moment.salt, 0x6a61_6e6b]);
            self.scratches.draw(&dice.at(&[1]), moment.number, frame);
            self.dust.draw(&dice.at(&[2]), moment.number, frame);
            light = lamp(&dice.at(&[3]), moment.number, self.flicker);
        }
        if let Some(shade) = &self.shade {
            shade.shade(frame, light, kernel);
        }
    }
}

/// A share of 0 to 100 percent, of 65536.
fn of_whole(share: Percent) -> i64 {
    i64::from(share.hundredths().clamp(0, 10_000)) * 65_536 / 10_000
}

/// Pictures from one of the lamp's slow levels to the next.
const SLOW: u64 = 20;

/// How bright the lamp is, of [`WHOLE`]: it wanders slowly, trembles from picture to picture, and
/// now and then drops.
fn lamp(dice: &Dice, number: u64, flicker: i64) -> i32 {
    let level = |at: u64| dice.at(&[0, at]).share();
    let within = (number % SLOW) as i64;
    let (before, after) = (level(number / SLOW), level(number / SLOW + 1));
    let slow = before + (after - before) * within / SLOW as i64;
    let tremble = dice.at(&[1, number]).share();
    let drop = if dice.at(&[2, number]).below(37) == 0 {
        65_536
    } else {
        0
    };
    // At most a sixth of the light.
    let dark = (slow * 5 + tremble * 7 + drop * 6) / 18;
    let dark = (dark * flicker) >> 16;
    WHOLE - ((dark * i64::from(WHOLE) / 6) >> 16) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lamp_trembles_within_its_reach() {
        let dice = Dice::new([1, 2, 3]);
        let lights: Vec<i32> = (0..400).map(|number| lamp(&dice, number, 65_536)).collect();
        let (least, most) = (lights.iter().min().unwrap(), lights.iter().max().unwrap());
        assert!(*least > WHOLE * 5 / 6 - 2 && *most <= WHOLE && most - least > WHOLE / 12);
        assert!((0..50).all(|number| lamp(&dice, number, 0) == WHOLE));
    }
}
