//! A clip in a box with round corners.

use workprint_model::Size;

use super::Painter;
use super::axis::Beyond;
use super::layers::clip_frame;
use super::sheet::{Area, Grid, Placement};
use crate::error::PictureError;
use crate::resolve::{ONE, ShownClip, WHOLE, Window};
use crate::sources::Sources;
use crate::yuv::YuvMut;

/// Steps along a side of a sample in which a corner's cover is counted.
const FINE: i64 = 8;

impl Painter {
    /// Paints a clip so that it covers its box, and puts back what lies outside of the round corners.
    pub(super) fn boxed(
        &mut self,
        shown: &ShownClip,
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        let place = &shown.area;
        let mut area = Area::of(place.size, (place.x, place.y), out.size);
        if let Some(window) = &shown.window {
            area = area.within(Area::of(window.size, (window.x, window.y), out.size));
        }
        let picture = clip_frame(sources, &shown.clip, shown.size, shown.frame)?;
        let corners = Corners::of(shown);
        let behind = corners.keep(area, out);
        let placement = Placement {
            window: window(shown, out.size),
            area,
            opacity: shown.opacity,
            beyond: Beyond::Edge,
        };
        self.planes(&picture, placement, out);
        corners.put_back(area, &behind, out);
        Ok(())
    }
}

/// What of the clip would fill the whole frame, so that its middle fills the box.
fn window(shown: &ShownClip, frame: Size) -> Window {
    let (clip, own) = (shown.size, shown.area.size);
    // The clip covers the box along one axis, and reaches as far beyond it on either side of the other.
    let axis = |clip: u32, own: u32, at: i32, frame: u32, scale: (u32, u32)| {
        let (clip, own, at) = (i64::from(clip), i64::from(own).max(1), i64::from(at));
        let (num, den) = (i64::from(scale.0), i64::from(scale.1).max(1));
        let shown = own * ONE * num / den;
        let first = (clip * ONE - shown) / 2;
        (
            first - at * ONE * num / den,
            i64::from(frame) * ONE * num / den,
        )
    };
    // Clip pixels to one of the box: the smaller of the two ratios.
    let wide = u64::from(clip.width) * u64::from(own.height);
    let tall = u64::from(clip.height) * u64::from(own.width);
    let scale = if wide <= tall {
        (clip.width, own.width)
    } else {
        (clip.height, own.height)
    };
    let (left, width) = axis(clip.width, own.width, shown.area.x, frame.width, scale);
    let (top, height) = axis(clip.height, own.height, shown.area.y, frame.height, scale);
    Window::upright(left, top, width.max(1), height.max(1))
}

/// The round corners of a box.
struct Corners {
    /// In pixels of the frame.
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
    radius: i64,
}

/// The samples of a plane in the rows of a box's corners, as they were.
type Kept = Vec<u8>;

impl Corners {
    fn of(shown: &ShownClip) -> Self {
        let area = &shown.area;
        let most = area.size.width.min(area.size.height) / 2;
        Self {
            left: i64::from(area.x),
            top: i64::from(area.y),
            right: i64::from(area.right()),
            bottom: i64::from(area.bottom()),
            radius: i64::from(shown.radius.min(most)),
        }
    }

    /// Calls `each` with every sample in a corner of `area`: plane, index and cover (of [`WHOLE`]).
    fn each(&self, area: Area, frame: Size, mut each: impl FnMut(usize, usize, u16)) {
        if self.radius == 0 {
            return;
        }
        for (grid, scale, planes) in [(Grid::LUMA, 1, 0..1), (Grid::CHROMA, 2, 1..3)] {
            let (columns, rows) = area.samples(grid);
            let stride = (frame.width as usize).div_ceil(scale as usize);
            let near = |at: usize, from: i64, to: i64| {
                let at = at as i64;
                at * scale < from + self.radius || (at + 1) * scale > to - self.radius
            };
            for y in rows.filter(|&y| near(y, self.top, self.bottom)) {
                let columns = columns.clone();
                for x in columns.filter(|&x| near(x, self.left, self.right)) {
                    let cover = self.cover((x as i64, y as i64), scale);
                    let index = y * stride + x;
                    for plane in planes.clone() {
                        each(plane, index, cover);
                    }
                }
            }
        }
    }

    /// How much of a sample lies inside the box.
    fn cover(&self, (x, y): (i64, i64), scale: i64) -> u16 {
        // In half steps, so that the places counted lie in the middles.
        let unit = 2 * FINE;
        let clamp = |at: i64, from: i64, to: i64| {
            let (low, high) = ((from + self.radius) * unit, (to - self.radius) * unit);
            at - at.clamp(low.min(high), high.max(low))
        };
        let mut inside = 0;
        let radius = self.radius * unit;
        for row in 0..FINE {
            let at = (y * unit + 2 * row + 1) * scale;
            let down = clamp(at, self.top, self.bottom);
            for column in 0..FINE {
                let at = (x * unit + 2 * column + 1) * scale;
                let across = clamp(at, self.left, self.right);
                inside += i64::from(across * across + down * down <= radius * radius);
            }
        }
        (inside * i64::from(WHOLE) / (FINE * FINE)) as u16
    }

    fn keep(&self, area: Area, out: &YuvMut<'_>) -> Kept {
        let planes = out.planes();
        let mut kept = Kept::new();
        self.each(area, out.size, |plane, index, _| {
            kept.push(planes[plane].get(index).copied().unwrap_or_default());
        });
        kept
    }

    fn put_back(&self, area: Area, kept: &Kept, out: &mut YuvMut<'_>) {
        let size = out.size;
        let mut planes = out.planes_mut();
        let mut kept = kept.iter();
        self.each(area, size, |plane, index, cover| {
            if let (Some(sample), Some(&before)) = (planes[plane].get_mut(index), kept.next()) {
                let sum = u16::from(*sample) * cover + u16::from(before) * (WHOLE - cover);
                *sample = ((sum + 128) >> 8) as u8;
            }
        });
    }
}
