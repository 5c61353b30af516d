//! A soft blur of one plane.

use workprint_model::Size;

/// Blurs `plane` (one byte a pixel) about as a Gaussian of standard deviation `radius / 2` does: three
/// box filters one after the other. Outside the plane is 0. The same bytes on every machine.
pub(crate) fn soften(plane: &[u8], size: Size, radius: f32) -> Vec<u8> {
    let half = (radius / 2.0).round().clamp(0.0, 500.0) as usize;
    let mut out = plane.to_vec();
    if half == 0 {
        return out;
    }
    let (width, height) = (size.width as usize, size.height as usize);
    let mut line = Vec::new();
    for _ in 0..3 {
        for row in out.chunks_exact_mut(width) {
            line.clear();
            line.extend_from_slice(row);
            slide(&line, half, |at, value| row[at] = value);
        }
        for x in 0..width {
            line.clear();
            line.extend((0..height).map(|y| out[y * width + x]));
            slide(&line, half, |y, value| out[y * width + x] = value);
        }
    }
    out
}

/// The mean of `2 * half + 1` neighbours at every place.
fn slide(line: &[u8], half: usize, mut put: impl FnMut(usize, u8)) {
    let window = 2 * half as u32 + 1;
    let mut sum: u32 = line.iter().take(half).map(|v| u32::from(*v)).sum();
    for at in 0..line.len() {
        sum += line.get(at + half).map_or(0, |v| u32::from(*v));
        put(at, ((sum + window / 2) / window) as u8);
        sum -= at.checked_sub(half).map_or(0, |gone| u32::from(line[gone]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_spreads_evenly_and_keeps_its_middle() {
        let size = Size {
            width: 21,
            height: 21,
        };
        let mut plane = vec![0; 21 * 21];
        plane[10 * 21 + 10] = 255;
        plane[10 * 21 + 11] = 255;
        let soft = soften(&plane, size, 4.0);
        assert!(soft[10 * 21 + 10] > soft[10 * 21 + 7]);
        assert_eq!(soft[10 * 21 + 8], soft[10 * 21 + 13]);
        assert_eq!(soften(&plane, size, 0.0), plane);
    }
}
