//! Small pictures laid on larger ones.

use workprint_model::Size;

use crate::Rgba;

/// A picture and its place in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The picture; nothing of it outside is ink.
    pub image: Rgba,
    /// Left edge in the frame; may lie outside it.
    pub x: i32,
    /// Top edge in the frame; may lie outside it.
    pub y: i32,
}

impl Placed {
    /// Cuts off wholly transparent rows and columns. A picture without ink keeps its top left pixel.
    #[must_use]
    pub fn cropped(&self) -> Self {
        let Ink {
            left,
            top,
            right,
            bottom,
        } = ink(&self.image).unwrap_or(Ink {
            left: 0,
            top: 0,
            right: 1,
            bottom: 1,
        });
        Self {
            image: cut(
                &self.image,
                left as i32,
                top as i32,
                right - left,
                bottom - top,
            ),
            x: self.x + left as i32,
            y: self.y + top as i32,
        }
    }

    /// Adds transparent rows and columns until place and size are even, as 4:2:0 chroma wants them.
    #[must_use]
    pub fn evened(&self) -> Self {
        let (x, y) = (self.x.div_euclid(2) * 2, self.y.div_euclid(2) * 2);
        let (left, top) = (self.x - x, self.y - y);
        let width = (self.image.size.width + left as u32).next_multiple_of(2);
        let height = (self.image.size.height + top as u32).next_multiple_of(2);
        Self {
            image: cut(&self.image, -left, -top, width, height),
            x,
            y,
        }
    }

    /// Moves the picture.
    #[must_use]
    pub const fn moved(mut self, x: i32, y: i32) -> Self {
        self.x += x;
        self.y += y;
        self
    }

    /// This picture and `other` over it, in the smallest picture that holds both.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let right = |placed: &Self| i64::from(placed.x) + i64::from(placed.image.size.width);
        let bottom = |placed: &Self| i64::from(placed.y) + i64::from(placed.image.size.height);
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let mut both = Rgba::transparent(Size {
            width: (right(self).max(right(other)) - i64::from(x)) as u32,
            height: (bottom(self).max(bottom(other)) - i64::from(y)) as u32,
        });
        for placed in [self, other] {
            let own = Self {
                x: placed.x - x,
                y: placed.y - y,
                ..placed.clone()
            };
            own.over(&mut both);
        }
        Self { image: both, x, y }
    }

    /// Blends this picture over `frame`.
    pub fn over(&self, frame: &mut Rgba) {
        let Some((from, to)) = overlap(self.x, self.image.size.width, frame.size.width) else {
            return;
        };
        let Some((first, last)) = overlap(self.y, self.image.size.height, frame.size.height) else {
            return;
        };
        let row = |size: Size, x: i64, y: i64| (y as usize * size.width as usize + x as usize) * 4;
        for y in first..last {
            let at = row(frame.size, from, y);
            let of = row(
                self.image.size,
                from - i64::from(self.x),
                y - i64::from(self.y),
            );
            let length = (to - from) as usize * 4;
            let above = &self.image.pixels[of..of + length];
            for (below, above) in frame.pixels[at..at + length]
                .chunks_exact_mut(4)
                .zip(above.chunks_exact(4))
            {
                let rest = 255 - u32::from(above[3]);
                for (below, above) in below.iter_mut().zip(above) {
                    *below = above.saturating_add(over_255(u32::from(*below) * rest));
                }
            }
        }
    }
}

/// `value / 255`, rounded, for products of two bytes.
pub(crate) const fn over_255(value: u32) -> u8 {
    let value = value + 128;
    ((value + (value >> 8)) >> 8) as u8
}

fn overlap(at: i32, length: u32, frame: u32) -> Option<(i64, i64)> {
    let from = i64::from(at).max(0);
    let to = (i64::from(at) + i64::from(length)).min(i64::from(frame));
    (from < to).then_some((from, to))
}

/// Where a picture's pixels are not wholly transparent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) right: u32,
    pub(crate) bottom: u32,
}

/// The smallest rectangle that holds every pixel that is not wholly transparent.
pub(crate) fn ink(image: &Rgba) -> Option<Ink> {
    let mut found: Option<Ink> = None;
    for (y, row) in image
        .pixels
        .chunks_exact(image.size.width as usize * 4)
        .enumerate()
    {
        let visible = |pixel: &[u8]| pixel[3] != 0;
        let Some(left) = row.chunks_exact(4).position(visible) else {
            continue;
        };
        let right = row.chunks_exact(4).rposition(visible).unwrap_or(left) as u32 + 1;
        let (left, y) = (left as u32, y as u32);
        let ink = found.get_or_insert(Ink {
            left,
            top: y,
            right,
            bottom: y + 1,
        });
        ink.left = ink.left.min(left);
        ink.right = ink.right.max(right);
        ink.bottom = y + 1;
    }
    found
}

/// The part of `image` from `(x, y)`, transparent where it reaches outside.
pub(crate) fn cut(image: &Rgba, x: i32, y: i32, width: u32, height: u32) -> Rgba {
    let mut part = Rgba::transparent(Size {
        width: width.max(1),
        height: height.max(1),
    });
    let Some((from, to)) = overlap(-x, image.size.width, part.size.width) else {
        return part;
    };
    let Some((first, last)) = overlap(-y, image.size.height, part.size.height) else {
        return part;
    };
    let length = (to - from) as usize * 4;
    for row in first..last {
        let at = (row as usize * part.size.width as usize + from as usize) * 4;
        let of = ((row + i64::from(y)) as usize * image.size.width as usize
            + (from + i64::from(x)) as usize)
            * 4;
        part.pixels[at..at + length].copy_from_slice(&image.pixels[of..of + length]);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(width: u32, height: u32, x: u32, y: u32) -> Rgba {
        let mut image = Rgba::transparent(Size { width, height });
        let at = (y * width + x) as usize * 4;
        image.pixels[at..at + 4].copy_from_slice(&[10, 20, 30, 128]);
        image
    }

    #[test]
    fn cropping_and_evening_keep_the_ink_in_place() {
        let placed = Placed {
            image: dot(9, 7, 4, 3),
            x: -3,
            y: 2,
        };
        let cropped = placed.cropped();
        assert_eq!((cropped.x, cropped.y, cropped.image.size.width), (1, 5, 1));
        let even = cropped.evened();
        assert_eq!((even.x, even.y), (0, 4));
        assert_eq!(even.image, dot(2, 2, 1, 1));
    }

    #[test]
    fn over_is_clipped_and_blends() {
        let mut frame = Rgba::transparent(Size {
            width: 2,
            height: 2,
        });
        frame.pixels.fill(255);
        let placed = Placed {
            image: dot(3, 3, 2, 2),
            x: -2,
            y: -2,
        };
        placed.over(&mut frame);
        assert_eq!(frame.pixels[..4], [137, 147, 157, 255]);
        assert!(frame.pixels[4..].iter().all(|byte| *byte == 255));
        Placed {
            image: dot(3, 3, 2, 2),
            x: 5,
            y: i32::MAX,
        }
        .over(&mut frame);
        Placed {
            image: dot(3, 3, 2, 2),
            x: i32::MIN,
            y: 0,
        }
        .over(&mut frame);
    }
}
