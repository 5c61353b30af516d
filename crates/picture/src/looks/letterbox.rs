//! Letterbox: bars that give the picture another shape.

use workprint_model::Size;
use workprint_model::look::Letterbox;

use super::Effect;
use crate::paint::kernel::Kernel;
use crate::resolve::Moment;
use crate::yuv::{YuvMut, bt709, chroma_size};

/// Bars of whole pairs of pixels, so that their edges are sharp in colour too.
#[derive(Debug)]
pub(super) struct Barred {
    /// Width of the bar at either side.
    across: u32,
    /// Height of the bar at top and bottom.
    down: u32,
    colour: [u8; 3],
}

impl Barred {
    pub(super) fn new(bars: &Letterbox, size: Size) -> Self {
        let ratio = u64::from(bars.ratio.hundredths().clamp(25, 400).unsigned_abs());
        let (width, height) = (u64::from(size.width), u64::from(size.height));
        // Where the picture is to be wider than the frame, bars lie above and below.
        let bar = |side: u64, inner: u64| {
            let pairs = (side.saturating_sub(inner) + 2) / 4;
            (pairs * 2).min(side / 2) as u32
        };
        let wider = width * 100 < ratio * height;
        Self {
            across: if wider {
                0
            } else {
                bar(width, (ratio * height + 50) / 100)
            },
            down: if wider {
                bar(height, (100 * width + ratio / 2) / ratio)
            } else {
                0
            },
            colour: bt709(bars.colour),
        }
    }
}

impl Effect for Barred {
    fn apply(&mut self, frame: &mut YuvMut<'_>, _: Option<Moment>, _: Kernel) {
        let chroma = chroma_size(frame.size);
        let sizes = [(frame.size, 1), (chroma, 2), (chroma, 2)];
        for ((plane, value), (size, scale)) in
            frame.planes_mut().into_iter().zip(self.colour).zip(sizes)
        {
            let (across, down) = ((self.across / scale) as usize, (self.down / scale) as usize);
            let (width, height) = (size.width as usize, size.height as usize);
            if down > 0 {
                plane[..down * width].fill(value);
                plane[(height - down) * width..].fill(value);
            }
            if across > 0 {
                for row in plane.chunks_exact_mut(width) {
                    row[..across].fill(value);
                    row[width - across..].fill(value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use workprint_model::Aspect;

    use super::*;

    fn bars(width: u32, height: u32, hundredths: i32) -> (u32, u32) {
        let look = Letterbox {
            ratio: Aspect::from_hundredths(hundredths),
            ..Letterbox::default()
        };
        let barred = Barred::new(&look, Size { width, height });
        (barred.across, barred.down)
    }

    #[test]
    fn bars_are_as_high_as_the_ratio_asks() {
        // 1920 / 2.39 = 803.3: bars of 138.
        assert_eq!(bars(1920, 1080, 239), (0, 138));
        assert_eq!(bars(1920, 1080, 133), (242, 0));
        assert_eq!(bars(1920, 1080, 178), (0, 0));
        assert_eq!(bars(1080, 1920, 100), (0, 420));
        assert_eq!(bars(16, 16, 400), (0, 6));
    }
}
