//! JPEGs of inks: cyan, magenta, yellow and black.

use image::metadata::Orientation;
use image::{DynamicImage, RgbaImage};
use workprint_model::Size;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::art::ArtError;
use crate::canvas::MAX_SIDE;
use crate::colour::inks_to_srgb;
use crate::still::check_size;

/// A JPEG of inks as opaque sRGB pixels, upright; `None` for any other file, and for one so broken that
/// the usual decoder has more to say about it.
pub(crate) fn decode_inks(bytes: &[u8]) -> Option<Result<RgbaImage, ArtError>> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let space = decoder.input_colorspace()?;
    // A picture of three channels may say that it is of inks too.
    let four = decoder.info().is_some_and(|about| about.components == 4);
    if !four || !matches!(space, ColorSpace::CMYK | ColorSpace::YCCK) {
        return None;
    }
    let (width, height) = decoder.dimensions()?;
    let size = Size {
        width: width as u32,
        height: height as u32,
    };
    if let Err(error) = check_size(size) {
        return Some(Err(error));
    }
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let mut inks = decoder.decode().ok()?;
    if space == ColorSpace::YCCK {
        inks.chunks_exact_mut(4).for_each(from_ycck);
    }
    // Adobe's programs store how much light is left, and say who they are; others store the ink.
    if is_adobe(bytes) {
        for ink in &mut inks {
            *ink = 255 - *ink;
        }
    }
    let turn = decoder
        .exif()
        .and_then(|exif| Orientation::from_exif_chunk(exif));
    let pixels = inks_to_srgb(&inks, decoder.icc_profile().as_deref());
    let mut image = DynamicImage::ImageRgba8(RgbaImage::from_raw(size.width, size.height, pixels)?);
    image.apply_orientation(turn.unwrap_or(Orientation::NoTransforms));
    Some(Ok(image.into_rgba8()))
}

/// ITU-T T.871: the colour differences of what is left of white.
fn from_ycck(pixel: &mut [u8]) {
    let (luma, blue, red) = (
        i32::from(pixel[0]) << 16,
        i32::from(pixel[1]) - 128,
        i32::from(pixel[2]) - 128,
    );
    let channels = [
        luma + 91_881 * red,
        luma - 22_554 * blue - 46_802 * red,
        luma + 116_130 * blue,
    ];
    for (out, channel) in pixel.iter_mut().zip(channels) {
        *out = 255 - ((channel + (1 << 15)) >> 16).clamp(0, 255) as u8;
    }
}

/// Whether a JPEG has the segment that Adobe's programs write, before its picture begins.
fn is_adobe(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker, high, low, rest @ ..]) = bytes.get(at..) {
        match marker {
            0xff => at += 1,
            0xee if rest.starts_with(b"Adobe") => return true,
            0xda => return false,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}
