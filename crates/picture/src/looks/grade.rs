//! Grade: temperature and tint, lift, gamma and gain, contrast, saturation.

use workprint_model::Percent;
use workprint_model::look::Grade;

use super::colour::{Change, luma};
use crate::maths::pow;

/// Parts of a channel's curve.
const PARTS: usize = 1024;

/// A grade as a curve for each channel, and saturation.
#[derive(Debug)]
pub(super) struct Graded {
    curves: [Vec<f64>; 3],
    saturation: f64,
}

impl Graded {
    pub(super) fn new(grade: &Grade) -> Self {
        let balance = balance(share(grade.temperature), share(grade.tint));
        let wheels = [grade.lift, grade.gamma, grade.gain].map(|wheel| wheel.channels().map(share));
        let contrast = Contrast {
            slope: grade.contrast.ratio().clamp(0.0, 3.0),
            pivot: grade.pivot.ratio().clamp(0.05, 0.95),
        };
        let curve = |channel: usize| {
            let channel = Channel {
                balance: balance[channel],
                lift: wheels[0][channel],
                gamma: wheels[1][channel],
                gain: wheels[2][channel],
            };
            let values = (0..=PARTS).map(|part| part as f64 / PARTS as f64);
            values
                .map(|value| contrast.of(channel.of(value)))
                .collect::<Vec<_>>()
        };
        Self {
            curves: [curve(0), curve(1), curve(2)],
            saturation: grade.saturation.ratio().clamp(0.0, 3.0),
        }
    }
}

impl Change for Graded {
    fn of(&self, rgb: [f64; 3]) -> [f64; 3] {
        let [red, green, blue] =
            [0, 1, 2].map(|channel| along(&self.curves[channel], rgb[channel]));
        let grey = luma([red, green, blue]);
        [red, green, blue].map(|value| (grey + (value - grey) * self.saturation).clamp(0.0, 1.0))
    }
}

/// The value of a curve over 0 to 1.
fn along(curve: &[f64], value: f64) -> f64 {
    let at = value.clamp(0.0, 1.0) * PARTS as f64;
    let part = (at as usize).min(PARTS - 1);
    curve[part] + (curve[part + 1] - curve[part]) * (at - part as f64)
}

fn share(percent: Percent) -> f64 {
    percent.ratio().clamp(-2.0, 2.0)
}

/// What each channel is multiplied by: amber against blue, magenta against green. Grey stays as
/// light as it was.
fn balance(temperature: f64, tint: f64) -> [f64; 3] {
    let gains = [
        (1.0 + 0.22 * temperature) * (1.0 + 0.08 * tint),
        (1.0 + 0.02 * temperature) * (1.0 - 0.14 * tint),
        (1.0 - 0.30 * temperature) * (1.0 + 0.10 * tint),
    ];
    let grey = luma(gains);
    gains.map(|gain| gain / grey)
}

/// What is done to one channel before contrast.
struct Channel {
    balance: f64,
    lift: f64,
    gamma: f64,
    gain: f64,
}

impl Channel {
    fn of(&self, value: f64) -> f64 {
        let value = value * self.balance;
        // Lift moves black and leaves white, gain moves white and leaves black.
        let value = (value * (1.0 + self.gain) + self.lift * (1.0 - value)).clamp(0.0, 1.0);
        let gamma = if self.gamma < 0.0 {
            1.0 - self.gamma
        } else {
            1.0 / (1.0 + self.gamma)
        };
        pow(value, gamma)
    }
}

struct Contrast {
    slope: f64,
    pivot: f64,
}

impl Contrast {
    /// Less contrast is a straight line; more has the slope at the pivot and rolls off to the ends,
    /// so that nothing is cut off.
    fn of(&self, value: f64) -> f64 {
        let Self { slope, pivot } = *self;
        if slope <= 1.0 {
            pivot + (value - pivot) * slope
        } else if value < pivot {
            pivot * pow(value / pivot, slope)
        } else {
            1.0 - (1.0 - pivot) * pow((1.0 - value) / (1.0 - pivot), slope)
        }
    }
}

#[cfg(test)]
mod tests {
    use workprint_model::look::Wheel;

    use super::*;

    fn of(grade: &Grade, rgb: [f64; 3]) -> [f64; 3] {
        Graded::new(grade).of(rgb)
    }

    #[test]
    fn the_usual_grade_changes_nothing() {
        for step in 0..=100 {
            let value = f64::from(step) / 100.0;
            for out in of(&Grade::default(), [value; 3]) {
                assert!((out - value).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn wheels_move_what_they_are_named_for() {
        let wheel = |all| Wheel::all(Percent::new(all));
        let lift = Grade {
            lift: wheel(10),
            ..Grade::default()
        };
        assert!((of(&lift, [0.0; 3])[0] - 0.1).abs() < 1e-3);
        assert!((of(&lift, [1.0; 3])[0] - 1.0).abs() < 1e-3);
        let gain = Grade {
            gain: wheel(-20),
            ..Grade::default()
        };
        assert!(of(&gain, [0.0; 3])[0].abs() < 1e-3);
        assert!((of(&gain, [1.0; 3])[0] - 0.8).abs() < 1e-3);
        let gamma = Grade {
            gamma: wheel(100),
            ..Grade::default()
        };
        assert!((of(&gamma, [0.25; 3])[0] - 0.5).abs() < 1e-3);
        let red = Grade {
            gain: Wheel {
                red: Percent::new(-50),
                ..Wheel::default()
            },
            ..Grade::default()
        };
        let out = of(&red, [0.8; 3]);
        assert!((out[0] - 0.4).abs() < 1e-3 && (out[1] - 0.8).abs() < 1e-3);
    }

    #[test]
    fn contrast_keeps_pivot_and_ends_and_never_falls() {
        for slope in [0, 60, 100, 150, 300] {
            let grade = Grade {
                contrast: Percent::new(slope),
                ..Grade::default()
            };
            let values: Vec<f64> = (0..=50)
                .map(|step| of(&grade, [f64::from(step) / 50.0; 3])[0])
                .collect();
            assert!((values[20] - 0.4).abs() < 2e-3, "{slope}");
            assert!(values.windows(2).all(|pair| pair[1] >= pair[0]), "{slope}");
            if slope >= 100 {
                assert!(values[0].abs() < 1e-9 && (values[50] - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn balance_tints_and_keeps_grey_as_light() {
        let warm = Grade {
            temperature: Percent::new(50),
            ..Grade::default()
        };
        let [red, green, blue] = of(&warm, [0.5; 3]);
        assert!(red > green && green > blue);
        assert!((luma([red, green, blue]) - 0.5).abs() < 2e-3);
        let magenta = Grade {
            tint: Percent::new(50),
            ..Grade::default()
        };
        let [red, green, blue] = of(&magenta, [0.5; 3]);
        assert!(red > green && blue > green);
    }

    #[test]
    fn without_saturation_all_is_grey() {
        let grade = Grade {
            saturation: Percent::new(0),
            ..Grade::default()
        };
        let [red, green, blue] = of(&grade, [0.9, 0.3, 0.1]);
        assert!((red - green).abs() < 1e-9 && (green - blue).abs() < 1e-9);
    }
}
