//! Premultiplied 8-bit RGBA pictures: what text, graphics and SVG are drawn into.

use workprint_model::Size;

use crate::plate::{cut, ink};

/// A picture of premultiplied sRGB, 4 bytes a pixel (red, green, blue, alpha), rows from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Rgba {
    /// Its size; neither side is 0.
    pub size: Size,
    /// `size.width * size.height * 4` bytes.
    pub pixels: Vec<u8>,
}

impl Rgba {
    /// A wholly transparent picture.
    pub fn transparent(size: Size) -> Self {
        Self {
            size,
            pixels: vec![0; size.width as usize * size.height as usize * 4],
        }
    }

    /// The part that is not wholly transparent, with a transparent edge of two pixels so that it blends
    /// into nothing, and its place; `None` where there is none. All of it where little would be gained.
    pub fn trimmed(self) -> Option<(Self, u32, u32)> {
        const EDGE: u32 = 2;
        let found = ink(&self)?;
        let (x, y) = (
            found.left.saturating_sub(EDGE),
            found.top.saturating_sub(EDGE),
        );
        let width = (found.right + EDGE).min(self.size.width) - x;
        let height = (found.bottom + EDGE).min(self.size.height) - y;
        let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
        if area(width, height) * 10 > area(self.size.width, self.size.height) * 9 {
            return Some((self, 0, 0));
        }
        Some((cut(&self, x as i32, y as i32, width, height), x, y))
    }
}

impl std::fmt::Debug for Rgba {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rgba({})", self.size)
    }
}
