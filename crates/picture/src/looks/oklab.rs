//! Oklab: a space of colours in which equal steps look equal (Ottosson, "A perceptual color space
//! for image processing", 2020).

use workprint_model::episode::Colour;

use crate::maths::pow;

/// Lightness and the two colour differences of a colour.
pub(crate) fn from_colour(colour: Colour) -> [f64; 3] {
    let rgb = [colour.r, colour.g, colour.b].map(|value| linear(f64::from(value) / 255.0));
    let cones = times(&TO_CONES, rgb).map(|value| pow(value, 1.0 / 3.0));
    times(&FROM_ROOTS, cones)
}

/// Red, green and blue of sRGB, 0 to 1, of a colour in Oklab.
pub(crate) fn to_rgb(lab: [f64; 3]) -> [f64; 3] {
    let cones = times(&TO_ROOTS, lab).map(|root| root * root * root);
    times(&FROM_CONES, cones).map(|value| encoded(value).clamp(0.0, 1.0))
}

fn times(matrix: &[[f64; 3]; 3], [x, y, z]: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * x + row[1] * y + row[2] * z)
}

const TO_CONES: [[f64; 3]; 3] = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const FROM_ROOTS: [[f64; 3]; 3] = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
const TO_ROOTS: [[f64; 3]; 3] = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const FROM_CONES: [[f64; 3]; 3] = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

/// IEC 61966-2-1.
fn linear(value: f64) -> f64 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        pow((value + 0.055) / 1.055, 2.4)
    }
}

fn encoded(value: f64) -> f64 {
    if value <= 0.003_130_8 {
        value * 12.92
    } else {
        1.055 * pow(value, 1.0 / 2.4) - 0.055
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_back() {
        for colour in [
            [0, 0, 0],
            [255, 255, 255],
            [255, 0, 0],
            [12, 200, 99],
            [1, 2, 250],
        ] {
            let back = to_rgb(from_colour(Colour::new(colour[0], colour[1], colour[2])));
            for (back, was) in back.iter().zip(colour) {
                assert!((back * 255.0 - f64::from(was)).abs() < 0.05, "{colour:?}");
            }
        }
    }
}
