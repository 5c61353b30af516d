//! Premultiplied 8-bit RGBA pictures: what text, graphics and SVG are drawn into.

use workprint_model::Size;

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
}

impl std::fmt::Debug for Rgba {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rgba({})", self.size)
    }
}
