//! Mono: black and white through a coloured glass, printed in a tone.

use workprint_model::look::Mono;

use super::colour::{Change, luma};

/// Black and white, as weights of the channels, and a tone.
#[derive(Debug)]
pub(super) struct Toned {
    amount: f64,
    weights: [f64; 3],
    /// What the tone's red, green and blue differ from grey in the middle.
    tone: [f64; 3],
}

impl Toned {
    pub(super) fn new(mono: &Mono) -> Self {
        let filter = &mono.filter;
        // A filter takes away most, but never all, of what it does not let through.
        let let_through = |value: u8| 0.04 + 0.96 * f64::from(value) / 255.0;
        let own = [filter.r, filter.g, filter.b].map(let_through);
        let weights = [
            own[0] * luma([1.0, 0.0, 0.0]),
            own[1] * luma([0.0, 1.0, 0.0]),
            own[2] * luma([0.0, 0.0, 1.0]),
        ];
        let sum: f64 = weights.iter().sum();
        let tone = mono.tone.map_or([0.0; 3], |tone| {
            let rgb = [tone.r, tone.g, tone.b].map(|value| f64::from(value) / 255.0);
            let grey = luma(rgb);
            rgb.map(|value| value - grey)
        });
        Self {
            amount: mono.amount.ratio().clamp(0.0, 1.0),
            weights: weights.map(|weight| weight / sum),
            tone,
        }
    }
}

impl Change for Toned {
    fn of(&self, rgb: [f64; 3]) -> [f64; 3] {
        let [red, green, blue] = self.weights;
        let grey = red * rgb[0] + green * rgb[1] + blue * rgb[2];
        // Black and white stay neutral; 1 in the middle.
        let middle = 4.0 * grey * (1.0 - grey);
        [0, 1, 2].map(|channel| {
            let toned = (grey + self.tone[channel] * middle).clamp(0.0, 1.0);
            rgb[channel] + (toned - rgb[channel]) * self.amount
        })
    }
}

#[cfg(test)]
mod tests {
    use workprint_model::Percent;
    use workprint_model::episode::Colour;

    use super::*;

    #[test]
    fn filters_lighten_their_own_colour() {
        let of = |filter, rgb| {
            let mono = Mono {
                filter,
                ..Mono::default()
            };
            Toned::new(&mono).of(rgb)[0]
        };
        let (white, red) = (Colour::new(255, 255, 255), Colour::new(255, 40, 20));
        let sky = [0.3, 0.5, 0.9];
        assert!((of(white, sky) - luma(sky)).abs() < 1e-9);
        assert!(of(red, sky) < luma(sky) - 0.05);
        assert!(of(red, [0.9, 0.2, 0.1]) > luma([0.9, 0.2, 0.1]) + 0.1);
        assert!((of(red, [0.5; 3]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_tone_colours_the_middle_alone() {
        let mono = Mono {
            tone: Some(Colour::new(180, 140, 90)),
            amount: Percent::new(100),
            ..Mono::default()
        };
        let toned = Toned::new(&mono);
        let [red, green, blue] = toned.of([0.5; 3]);
        assert!(red > green && green > blue);
        for end in [0.0, 1.0] {
            assert!(
                toned
                    .of([end; 3])
                    .iter()
                    .all(|value| (value - end).abs() < 1e-9)
            );
        }
    }
}
