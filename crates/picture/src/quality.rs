//! What can be told of a picture without knowing what it shows: whether something is seen in it, how sharp it
//! is, whether bars lie at its edges.

use workprint_model::Size;

use crate::Rgba;
use crate::still::fit_to;

/// The longest side that a picture is measured at: another would tell another sharpness.
const SIDE: u32 = 1024;
/// Into how many tiles each side is cut for sharpness.
const TILES: usize = 8;
/// What is as dark as this belongs to a bar.
const DARK: u8 = 24;
/// What is as bright as this beside a bar is a picture that begins.
const LIT: u8 = 48;
/// How many rows behind a bar may be neither: its edge, made smaller.
const EDGE: usize = 3;

/// How bright a picture is, 0 (black) to 255 (white), rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grey {
    size: Size,
    pixels: Vec<u8>,
}

impl Grey {
    /// Of a picture, on black, no longer than 1024 pixels.
    pub fn of(picture: Rgba) -> Self {
        let most = Size {
            width: SIDE,
            height: SIDE,
        };
        let small = fit_to(picture, most);
        // BT.709, in parts of 256.
        let grey = |pixel: &[u8; 4]| {
            let [red, green, blue, _] = pixel.map(u32::from);
            ((54 * red + 183 * green + 19 * blue) >> 8) as u8
        };
        Self {
            size: small.size,
            pixels: small.pixels.as_chunks().0.iter().map(grey).collect(),
        }
    }

    /// Of a plane of brightness in limited range (16 to 235); `None` where it is too short.
    pub fn of_limited(plane: &[u8], size: Size) -> Option<Self> {
        let count = size.width as usize * size.height as usize;
        let full = |value: &u8| {
            let above = u32::from(value.saturating_sub(16));
            (above * 255 / 219).min(255) as u8
        };
        Some(Self {
            size,
            pixels: plane.get(..count)?.iter().map(full).collect(),
        })
    }

    /// How far it differs from another of the same size, on average, 0 to 255; 255 where the sizes differ.
    pub fn difference(&self, other: &Self) -> f64 {
        if self.size != other.size || self.pixels.is_empty() {
            return 255.0;
        }
        let pairs = self.pixels.iter().zip(&other.pixels);
        let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / self.pixels.len() as f64
    }

    /// Its checks, each 0 to 1: `content`, `light`, `clipping`, `sharpness`, `borders`.
    pub fn checks(&self) -> [(&'static str, f64); 5] {
        let (mean, deviation) = self.spread();
        [
            ("content", ramp(deviation, 2.0, 10.0)),
            (
                "light",
                ramp(mean, 4.0, 16.0).min(ramp(255.0 - mean, 4.0, 16.0)),
            ),
            ("clipping", ramp(1.0 - self.clipped(), 0.01, 0.1)),
            ("sharpness", ramp(self.sharpness(), 5.0, 50.0)),
            ("borders", ramp(1.0 - self.bars(), 0.6, 0.95)),
        ]
    }

    /// The mean, and the standard deviation from it.
    fn spread(&self) -> (f64, f64) {
        let count = self.pixels.len().max(1) as f64;
        let (mut sum, mut squares) = (0u64, 0u64);
        for &value in &self.pixels {
            sum += u64::from(value);
            squares += u64::from(value) * u64::from(value);
        }
        let mean = sum as f64 / count;
        (mean, (squares as f64 / count - mean * mean).max(0.0).sqrt())
    }

    /// The share of pixels that are wholly black or wholly white.
    fn clipped(&self) -> f64 {
        let clipped = self.pixels.iter().filter(|&&v| v <= 2 || v >= 253);
        clipped.count() as f64 / self.pixels.len().max(1) as f64
    }

    /// The variance of the Laplacian in the sharpest of 64 tiles: a picture may have a soft background, but
    /// something in it is sharp.
    fn sharpness(&self) -> f64 {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let mut tiles = [(0u64, 0i64, 0i64); TILES * TILES];
        for y in 1..height.saturating_sub(1) {
            for x in 1..width.saturating_sub(1) {
                let at = y * width + x;
                let value = |at: usize| i64::from(self.pixels[at]);
                let around = value(at - 1) + value(at + 1) + value(at - width) + value(at + width);
                let bend = 4 * value(at) - around;
                let tile = &mut tiles[y * TILES / height * TILES + x * TILES / width];
                *tile = (tile.0 + 1, tile.1 + bend, tile.2 + bend * bend);
            }
        }
        let variance = |&(count, sum, squares): &(u64, i64, i64)| {
            let count = count.max(1) as f64;
            let mean = sum as f64 / count;
            squares as f64 / count - mean * mean
        };
        tiles.iter().map(variance).fold(0.0, f64::max)
    }

    /// The share of the picture that lies under black bars, above and below it or at both sides.
    fn bars(&self) -> f64 {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let brightest = |pixels: &mut dyn Iterator<Item = usize>| {
            pixels.map(|at| self.pixels[at]).max().unwrap_or_default()
        };
        let rows: Vec<u8> = (0..height)
            .map(|y| brightest(&mut (y * width..(y + 1) * width)))
            .collect();
        let columns: Vec<u8> = (0..width)
            .map(|x| brightest(&mut (0..height).map(|y| y * width + x)))
            .collect();
        barred(&rows).max(barred(&columns))
    }
}

/// The share of lines that are bars: dark ones at both ends, about as many at each, with a hard edge.
fn barred(lines: &[u8]) -> f64 {
    let dark = |line: &&u8| **line <= DARK;
    let first = lines.iter().take_while(dark).count();
    let last = lines.iter().rev().take_while(dark).count();
    if first == lines.len() || first.min(last) * 2 < first.max(last) {
        return 0.0;
    }
    let inside = &lines[first..lines.len() - last];
    let ends = [
        &inside[..EDGE.min(inside.len())],
        &inside[inside.len().saturating_sub(EDGE)..],
    ];
    let hard = ends.iter().all(|end| end.iter().any(|line| *line >= LIT));
    if first > 0 && hard {
        (first + last) as f64 / lines.len() as f64
    } else {
        0.0
    }
}

/// 0 up to `none`, 1 from `all` on, and straight between the two.
pub fn ramp(value: f64, none: f64, all: f64) -> f64 {
    ((value - none) / (all - none)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 320,
        height: 180,
    };

    fn grey(paint: impl Fn(u32, u32) -> u8) -> Grey {
        let places = (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y)));
        Grey {
            size: SIZE,
            pixels: places.map(|(x, y)| paint(x, y)).collect(),
        }
    }

    /// Squares of 20 pixels, light and dark.
    fn squares(x: u32, y: u32) -> u8 {
        if (x / 20 + y / 20).is_multiple_of(2) {
            60
        } else {
            190
        }
    }

    fn blurred(picture: &Grey, times: u32) -> Grey {
        let mut soft = picture.clone();
        for _ in 0..times {
            let before = soft.clone();
            soft = grey(|x, y| {
                let near = |dx: i64, dy: i64| {
                    let x = (i64::from(x) + dx).clamp(0, 319) as usize;
                    let y = (i64::from(y) + dy).clamp(0, 179) as usize;
                    u32::from(before.pixels[y * 320 + x])
                };
                let all = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
                (all.map(|(dx, dy)| near(dx, dy)).sum::<u32>() / 9) as u8
            });
        }
        soft
    }

    /// The checks that are not wholly met.
    fn against(picture: &Grey) -> Vec<&'static str> {
        let checks = picture.checks().into_iter();
        checks
            .filter(|(_, met)| *met < 1.0)
            .map(|(name, _)| name)
            .collect()
    }

    fn check(picture: &Grey, wanted: &str) -> f64 {
        let checks = picture.checks();
        checks.iter().find(|(name, _)| *name == wanted).unwrap().1
    }

    #[test]
    fn nothing_is_against_a_picture_with_something_in_it() {
        assert_eq!(against(&grey(squares)), [] as [&str; 0]);
        // A small sharp thing before a soft background, and a drawing of thin lines on white.
        let background = blurred(&grey(squares), 30);
        let thing = grey(|x, y| match (x, y) {
            (140..170, 80..100) => squares(x * 7, y * 7),
            _ => background.pixels[(y * 320 + x) as usize],
        });
        assert_eq!(against(&thing), [] as [&str; 0]);
        let lines = grey(|x, y| if x % 16 == 0 || y % 16 == 0 { 0 } else { 240 });
        assert_eq!(against(&lines), [] as [&str; 0]);
    }

    #[test]
    fn each_fault_has_its_check() {
        for flat in [0, 255] {
            let flat = grey(|_, _| flat);
            assert_eq!(
                against(&flat),
                ["content", "light", "clipping", "sharpness"]
            );
            assert!(check(&flat, "content") < 1e-9);
        }
        assert_eq!(against(&grey(|_, _| 100)), ["content", "sharpness"]);
        let soft = blurred(&grey(squares), 40);
        assert_eq!(against(&soft), ["sharpness"]);
        let softer = [2, 6, 12, 40].map(|times| blurred(&grey(squares), times).sharpness());
        assert!(softer.is_sorted_by(|a, b| a > b), "{softer:?}");
    }

    #[test]
    fn bars_are_told_from_night() {
        let boxed = grey(|x, y| {
            if (23..157).contains(&y) {
                squares(x, y)
            } else {
                0
            }
        });
        let pillars = grey(|x, y| {
            if (80..240).contains(&x) {
                squares(x, y)
            } else {
                16
            }
        });
        assert!(
            (boxed.bars() - 46.0 / 180.0).abs() < 1e-9,
            "{}",
            boxed.bars()
        );
        assert!(check(&boxed, "borders") < 0.6);
        assert_eq!((pillars.bars(), check(&pillars, "borders")), (0.5, 0.0));
        // A dark sky that grows lighter, and darkness below alone.
        let night = grey(|x, y| (y.min(179 - y) / 3) as u8 + (x % 2) as u8);
        let ground = grey(|x, y| if y < 120 { squares(x, y) } else { 0 });
        assert_eq!((night.bars(), ground.bars()), (0.0, 0.0));
    }

    #[test]
    fn what_stands_still_differs_by_nothing() {
        let (one, other) = (grey(squares), grey(|x, y| squares(x + 1, y)));
        assert!(one.difference(&one) < 1e-9);
        assert!((5.0..10.0).contains(&one.difference(&other)));
        let plane = vec![235; 4];
        let two = Size {
            width: 2,
            height: 2,
        };
        assert_eq!(Grey::of_limited(&plane, two).unwrap().pixels, [255; 4]);
        assert_eq!(Grey::of_limited(&plane, SIZE), None);
        let small = Grey::of_limited(&plane, two).unwrap();
        assert!(one.difference(&small) > 254.0);
    }

    #[test]
    fn colours_are_weighed() {
        let picture = Rgba {
            size: Size {
                width: 4,
                height: 1,
            },
            pixels: [
                [255, 255, 255, 255],
                [255, 0, 0, 255],
                [0, 255, 0, 255],
                [0; 4],
            ]
            .concat(),
        };
        assert_eq!(Grey::of(picture).pixels, [255, 53, 182, 0]);
    }
}
