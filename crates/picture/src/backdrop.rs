//! What lies behind the words of a card.

use workprint_model::Size;
use workprint_model::episode::Colour;

use crate::Rgba;

/// A colour that grows darker from a little above the middle to the corners, dithered so that it
/// shows no bands.
pub(crate) fn vignette(colour: Colour, size: Size) -> Rgba {
    let mut image = Rgba::transparent(size);
    let base = [colour.r, colour.g, colour.b].map(f32::from);
    let light = (base[0] * 0.30 + base[1] * 0.59 + base[2] * 0.11) / 255.0;
    // Dark colours are lifted in the middle; light ones only darken towards the corners.
    let lift = 26.0 * (1.0 - light).max(0.0);
    let fall = 0.16 + 0.34 * (1.0 - light);
    let (width, height) = (size.width as f32, size.height as f32);
    let radius = (width * width + height * height).sqrt() * 0.5;
    for_each_pixel(&mut image, |x, y, pixel| {
        let (dx, dy) = (x as f32 + 0.5 - width * 0.5, y as f32 + 0.5 - height * 0.44);
        let far = ((dx * dx + dy * dy).sqrt() / radius).min(1.0);
        let smooth = far * far * (3.0 - 2.0 * far);
        for (channel, base) in pixel.iter_mut().zip(base) {
            let value = (base + lift * (1.0 - smooth)) * (1.0 - fall * smooth);
            *channel = dithered(value, x, y);
        }
        pixel[3] = 255;
    });
    image
}

/// Darkens a picture behind words: a little everywhere, and more towards the height `middle`
/// (0 top, 1 bottom). What is transparent becomes black.
pub(crate) fn scrim(picture: &Rgba, middle: f32, strength: f32) -> Rgba {
    let mut image = picture.clone();
    let height = picture.size.height as f32;
    for_each_pixel(&mut image, |x, y, pixel| {
        let far = ((y as f32 + 0.5) / height - middle).abs() * 2.0;
        let near = (1.0 - far).clamp(0.0, 1.0);
        let smooth = near * near * (3.0 - 2.0 * near);
        let keep = 1.0 - strength * (0.5 + 0.5 * smooth);
        for channel in &mut pixel[..3] {
            *channel = dithered(f32::from(*channel) * keep, x, y);
        }
        pixel[3] = 255;
    });
    image
}

fn for_each_pixel(image: &mut Rgba, mut paint: impl FnMut(u32, u32, &mut [u8])) {
    let width = image.size.width as usize;
    for (y, row) in image.pixels.chunks_exact_mut(width * 4).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            paint(x as u32, y as u32, pixel);
        }
    }
}

/// Rounds by a threshold that differs from pixel to pixel: interleaved gradient noise
/// (Jimenez, "Next Generation Post Processing in Call of Duty: Advanced Warfare", 2014), in integers.
fn dithered(value: f32, x: u32, y: u32) -> u8 {
    let inner = (x.wrapping_mul(4_396_931)).wrapping_add(y.wrapping_mul(382_341)) & 0x03ff_ffff;
    let noise = (u64::from(inner) * 3_553_045 / 67_108_864 * 1024 / 67_108 % 1024) as f32 / 1024.0;
    (value + noise).floor().clamp(0.0, 255.0) as u8
}
