//! Still pictures in files: read, written, made smaller.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{
    DynamicImage, ImageDecoder, ImageEncoder as _, ImageError, ImageReader, Limits, RgbaImage,
};
use workprint_model::Size;

use crate::Rgba;
use crate::art::ArtError;
use crate::canvas::MAX_SIDE;
use crate::colour::to_srgb;
use crate::jpeg::decode_inks;
use crate::plate::over_255;

/// The most pixels a picture may have.
pub const MAX_PIXELS: u64 = 100_000_000;

/// The most bytes that a picture may have once it is decoded: 16 bits in four channels are allowed half
/// as many pixels.
const MAX_BYTES: u64 = MAX_PIXELS * 4;

/// The size that a file's head tells, before anything is decoded; `None` where it tells none.
pub fn stored_size(bytes: &[u8]) -> Option<Size> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some(Size { width, height })
}

/// The size of a PNG that can be kept as it is: eight bits of grey or of red, green and blue, opaque,
/// upright, without a profile, and whole by its own checksums (ISO/IEC 15948). `None` for any other file.
pub fn plain_png(bytes: &[u8]) -> Option<Size> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let mut size = None;
    loop {
        let number = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
        let end = 8usize.checked_add(number(0)? as usize)?;
        let (named, data) = (rest.get(4..end)?, rest.get(8..end)?);
        if crc32fast::hash(named) != number(end)? {
            return None;
        }
        match (&named[..4], size) {
            (b"IHDR", None) => {
                // Depth and colour, compression, filter, interlacing.
                let (8, 0 | 2) = (*data.get(8)?, *data.get(9)?) else {
                    return None;
                };
                let (width, height) = (number(8)?, number(12)?);
                size = check_size(Size { width, height })
                    .is_ok()
                    .then_some(Size { width, height });
                size?;
            }
            (b"IEND", Some(size)) => return Some(size),
            (
                b"IDAT" | b"pHYs" | b"tEXt" | b"zTXt" | b"iTXt" | b"tIME" | b"bKGD" | b"sBIT"
                | b"sRGB" | b"gAMA" | b"cHRM",
                Some(_),
            ) => {}
            _ => return None,
        }
        rest = rest.get(end + 4..)?;
    }
}

/// Refuses sizes of no pixels, of more than [`MAX_PIXELS`], or with a side over [`MAX_SIDE`].
pub(crate) fn check_size(size: Size) -> Result<(), ArtError> {
    let pixels = u64::from(size.width) * u64::from(size.height);
    let fits = pixels > 0 && pixels <= MAX_PIXELS && size.width.max(size.height) <= MAX_SIDE;
    if fits {
        Ok(())
    } else {
        Err(ArtError::TooLarge(size))
    }
}

/// Reads a PNG, JPEG, WebP, GIF (its first picture), BMP or TIFF, of any depth and colour kind, and
/// turns it upright as its EXIF says.
///
/// Colours become sRGB: an embedded ICC profile is applied, those of an image without one are taken as
/// they are. JPEGs of inks (CMYK, YCCK) are printed on white: by their profile, or by a plain rule. Of
/// an animation it is the first picture. The size is checked before any pixel is read.
pub fn decode_still(bytes: &[u8]) -> Result<Rgba, ArtError> {
    if let Some(inks) = decode_inks(bytes) {
        return inks.map(premultiplied);
    }
    let refused = |cause: ImageError| ArtError::Still {
        hint: hint(&cause),
        cause,
    };
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| refused(ImageError::IoError(error)))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_PIXELS * 16);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|cause| match cause {
        ImageError::Limits(_) => too_large(bytes).unwrap_or_else(|| refused(cause)),
        cause => refused(cause),
    })?;
    let (width, height) = decoder.dimensions();
    check_size(Size { width, height })?;
    if decoder.total_bytes() > MAX_BYTES {
        return Err(ArtError::TooMuch(format!(
            "a picture of {width}x{height} with 16 bits a channel takes too much memory: save it with 8 bits, or make it smaller"
        )));
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let profile = decoder.icc_profile().map_err(refused)?;
    let grey = !decoder.color_type().has_color();
    let mut image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    image.apply_orientation(orientation);
    let mut image = image.into_rgba8();
    if let Some(profile) = profile {
        to_srgb(&mut image, &profile, grey);
    }
    Ok(premultiplied(image))
}

/// The error that says how large the picture is, where its header tells.
fn too_large(bytes: &[u8]) -> Option<ArtError> {
    check_size(stored_size(bytes)?).err()
}

const fn hint(cause: &ImageError) -> &'static str {
    match cause {
        ImageError::Unsupported(_) => {
            ": save it as PNG, JPEG, WebP, GIF, BMP or TIFF in RGB or grey"
        }
        ImageError::Limits(_) => ": it needs too much memory; make it smaller",
        _ => ": the file is damaged or cut short; export it again",
    }
}

fn premultiplied(image: RgbaImage) -> Rgba {
    let (width, height) = image.dimensions();
    let mut pixels = image.into_raw();
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        if alpha != 255 {
            for channel in &mut pixel[..3] {
                *channel = over_255(u32::from(*channel) * alpha);
            }
        }
    }
    Rgba {
        size: Size { width, height },
        pixels,
    }
}

fn straight(image: &Rgba) -> Vec<u8> {
    let mut pixels = image.pixels.clone();
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        if alpha != 255 && alpha != 0 {
            for channel in &mut pixel[..3] {
                *channel = ((u32::from(*channel) * 255 + alpha / 2) / alpha).min(255) as u8;
            }
        }
    }
    pixels
}

/// Writes a PNG with straight alpha, compressed for speed. The same picture gives the same bytes.
pub fn png(image: &Rgba) -> Result<Vec<u8>, ArtError> {
    let mut bytes = Vec::new();
    let Size { width, height } = image.size;
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(
            &straight(image),
            width,
            height,
            image::ExtendedColorType::Rgba8,
        )
        .map_err(|cause| ArtError::Still { hint: "", cause })?;
    Ok(bytes)
}

/// A PNG of opaque pixels: red, green and blue, 8 bits each, `size.width * size.height * 3` bytes.
pub fn png_rgb8(pixels: &[u8], size: Size) -> Result<Vec<u8>, ArtError> {
    let mut bytes = Vec::new();
    // Trying every filter on every row would take longer than all the rest.
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up)
        .write_image(
            pixels,
            size.width,
            size.height,
            image::ExtendedColorType::Rgb8,
        )
        .map_err(|cause| ArtError::Still { hint: "", cause })?;
    Ok(bytes)
}

/// Reads what [`png`] wrote: the same picture again, to the byte.
pub fn from_png(bytes: &[u8]) -> Result<Rgba, ArtError> {
    decode_still(bytes)
}

/// The middle of a picture, as much of it as has the shape of `size`, at that size.
pub(crate) fn cover(image: &Rgba, size: Size) -> Rgba {
    let (own_width, own_height) = (u64::from(image.size.width), u64::from(image.size.height));
    let (width, height) = (u64::from(size.width.max(1)), u64::from(size.height.max(1)));
    let (cut_width, cut_height) = if own_width * height >= own_height * width {
        ((own_height * width / height).max(1), own_height)
    } else {
        (own_width, (own_width * height / width).max(1))
    };
    let part = crate::plate::cut(
        image,
        ((own_width - cut_width) / 2) as i32,
        ((own_height - cut_height) / 2) as i32,
        cut_width as u32,
        cut_height as u32,
    );
    if part.size == size {
        return part;
    }
    let Some(buffer) = RgbaImage::from_raw(part.size.width, part.size.height, part.pixels) else {
        return image.clone();
    };
    // A polynomial: the same on every machine.
    let filter = image::imageops::FilterType::CatmullRom;
    let mut pixels =
        image::imageops::resize(&buffer, size.width.max(1), size.height.max(1), filter).into_raw();
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = pixel[3];
        for channel in &mut pixel[..3] {
            *channel = (*channel).min(alpha);
        }
    }
    Rgba {
        size: Size {
            width: size.width.max(1),
            height: size.height.max(1),
        },
        pixels,
    }
}

/// The picture no larger than `max` on either side, in its own shape. Smaller ones stay as they are.
pub fn fit_to(image: Rgba, max: Size) -> Rgba {
    let Size { width, height } = image.size;
    if width <= max.width && height <= max.height {
        return image;
    }
    let scale =
        (f64::from(max.width) / f64::from(width)).min(f64::from(max.height) / f64::from(height));
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let (to_width, to_height) = (side(width), side(height));
    let Some(buffer) = RgbaImage::from_raw(width, height, image.pixels) else {
        return Rgba::transparent(Size {
            width: to_width,
            height: to_height,
        });
    };
    let small = image::imageops::resize(
        &buffer,
        to_width,
        to_height,
        image::imageops::FilterType::Lanczos3,
    );
    let mut pixels = small.into_raw();
    // Ringing may leave a colour brighter than its alpha, which no premultiplied pixel can be.
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = pixel[3];
        for channel in &mut pixel[..3] {
            *channel = (*channel).min(alpha);
        }
    }
    Rgba {
        size: Size {
            width: to_width,
            height: to_height,
        },
        pixels,
    }
}
