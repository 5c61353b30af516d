//! A frame in another size: every sample the mean of what it covers.

use workprint_model::Size;

use crate::Rgba;
use crate::yuv::{Yuv, chroma_size, to_rgb8};

/// A frame at another size, as opaque sRGB. Sides of `to` are at least 1.
pub fn small(frame: &Yuv, to: Size) -> Rgba {
    let to = Size {
        width: to.width.clamp(1, 4096),
        height: to.height.clamp(1, 4096),
    };
    let (from_chroma, to_chroma) = (chroma_size(frame.size), chroma_size(to));
    let [y, u, v] = frame.planes();
    let mut data = mean(y, frame.size, to);
    data.extend(mean(u, from_chroma, to_chroma));
    data.extend(mean(v, from_chroma, to_chroma));
    let rgb = to_rgb8(&Yuv { size: to, data });
    let mut pixels = Vec::with_capacity(rgb.len() / 3 * 4);
    for pixel in rgb.chunks_exact(3) {
        pixels.extend([pixel[0], pixel[1], pixel[2], 255]);
    }
    pixels.resize(to.width as usize * to.height as usize * 4, 255);
    Rgba { size: to, pixels }
}

/// A plane at another size.
fn mean(plane: &[u8], from: Size, to: Size) -> Vec<u8> {
    let across = shares(from.width, to.width);
    let down = shares(from.height, to.height);
    let width = from.width.max(1) as usize;
    let area = u64::from(from.width) * u64::from(from.height);
    let mut out = Vec::with_capacity(to.width as usize * to.height as usize);
    let mut row = vec![0u32; width];
    for lines in &down {
        row.fill(0);
        for &(line, weight) in lines {
            let Some(line) = plane.get(line * width..(line + 1) * width) else {
                continue;
            };
            for (sum, &sample) in row.iter_mut().zip(line) {
                *sum += u32::from(sample) * weight;
            }
        }
        for columns in &across {
            let sum: u64 = columns
                .iter()
                .map(|&(column, weight)| u64::from(row[column]) * u64::from(weight))
                .sum();
            out.push(((sum + area / 2) / area.max(1)) as u8);
        }
    }
    out
}

/// Which of `from` samples each of `to` covers, and how much of each: all of one's weights together
/// are `from`.
fn shares(from: u32, to: u32) -> Vec<Vec<(usize, u32)>> {
    let (from, to) = (u64::from(from.max(1)), u64::from(to.max(1)));
    let covered = |at: u64| {
        let (start, end) = (at * from, (at + 1) * from);
        let samples = start / to..end.div_ceil(to);
        let weight = move |sample: u64| {
            let common = ((sample + 1) * to).min(end) - (sample * to).max(start);
            (sample as usize, common as u32)
        };
        samples.map(weight).collect()
    };
    (0..to).map(covered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_whole() {
        for (from, to) in [(7, 3), (3, 7), (5, 5), (1, 4), (1920, 442)] {
            let shares = shares(from, to);
            assert_eq!(shares.len(), to as usize);
            for share in &shares {
                let all: u32 = share.iter().map(|(_, weight)| weight).sum();
                assert_eq!(all, from);
                assert!(share.iter().all(|(at, _)| *at < from as usize));
            }
        }
    }

    #[test]
    fn one_colour_stays_and_halves_meet_in_the_middle() {
        let size = |width, height| Size { width, height };
        let mut frame = Yuv::new(size(96, 54)).unwrap();
        frame.fill([100, 128, 128]);
        let flat = small(&frame, size(31, 17));
        assert!(flat.pixels.chunks_exact(4).all(|p| p == &flat.pixels[..4]));
        let plane = [0, 200, 0, 200];
        assert_eq!(mean(&plane, size(4, 1), size(2, 1)), [100, 100]);
        assert_eq!(
            mean(&plane, size(2, 2), size(2, 4)),
            [0, 200, 0, 200, 0, 200, 0, 200]
        );
    }
}
