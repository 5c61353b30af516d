//! The colours of files → sRGB: embedded profiles, and inks.

use std::sync::Arc;

use image::RgbaImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};

use crate::plate::over_255;

/// Pixels that are converted together.
const RUN: usize = 4096;

/// The largest profile that is read; those of printing presses have some two million bytes.
const MAX_PROFILE: usize = 16 << 20;

/// A profile as near to sRGB as this, in levels of 255, is taken for it.
const NEAR: u8 = 2;

fn profile(bytes: &[u8], space: DataColorSpace) -> Option<ColorProfile> {
    if bytes.len() > MAX_PROFILE {
        return None;
    }
    let profile = ColorProfile::new_from_slice(bytes).ok()?;
    (profile.color_space == space).then_some(profile)
}

fn transform(from: &ColorProfile, layout: Layout) -> Option<Arc<Transform8BitExecutor>> {
    let srgb = ColorProfile::new_srgb();
    from.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default())
        .ok()
}

/// Brings an image from the colours of an embedded ICC profile to sRGB; alpha stays.
///
/// Profiles that are broken, that are of another kind than the image (`grey` or colour), or that are
/// sRGB to within two levels, change nothing.
pub(crate) fn to_srgb(image: &mut RgbaImage, icc: &[u8], grey: bool) {
    if grey {
        let profile = profile(icc, DataColorSpace::Gray);
        if let Some(levels) = profile.and_then(|profile| grey_levels(&profile)) {
            for pixel in image.pixels_mut() {
                for channel in &mut pixel.0[..3] {
                    *channel = levels[usize::from(*channel)];
                }
            }
        }
        return;
    }
    let profile = profile(icc, DataColorSpace::Rgb);
    let Some(transform) = profile.and_then(|profile| transform(&profile, Layout::Rgb)) else {
        return;
    };
    if is_srgb(&*transform) {
        return;
    }
    let (mut from, mut to) = (vec![0; 3 * RUN], vec![0; 3 * RUN]);
    let samples: &mut [u8] = image;
    for run in samples.chunks_mut(4 * RUN) {
        let length = run.len() / 4 * 3;
        for (out, pixel) in from.chunks_exact_mut(3).zip(run.chunks_exact(4)) {
            out.copy_from_slice(&pixel[..3]);
        }
        if transform
            .transform(&from[..length], &mut to[..length])
            .is_err()
        {
            return;
        }
        for (pixel, found) in run.chunks_exact_mut(4).zip(to.chunks_exact(3)) {
            pixel[..3].copy_from_slice(found);
        }
    }
}

/// What each level of grey is in sRGB.
fn grey_levels(profile: &ColorProfile) -> Option<[u8; 256]> {
    let transform = transform(profile, Layout::Gray)?;
    let greys: Vec<u8> = (0..=255).collect();
    let mut colours = vec![0; 3 * 256];
    transform.transform(&greys, &mut colours).ok()?;
    Some(std::array::from_fn(|level| colours[3 * level]))
}

/// Whether a transform changes next to nothing, judged by nine levels of each channel and all greys.
fn is_srgb(transform: &Transform8BitExecutor) -> bool {
    let steps = || (0..=8u16).map(|step| (step * 255 / 8) as u8);
    let mut colours: Vec<u8> = (0..=255).flat_map(|level| [level; 3]).collect();
    for red in steps() {
        for green in steps() {
            colours.extend(steps().flat_map(|blue| [red, green, blue]));
        }
    }
    let mut found = vec![0; colours.len()];
    transform.transform(&colours, &mut found).is_ok()
        && colours
            .iter()
            .zip(&found)
            .all(|(was, is)| was.abs_diff(*is) <= NEAR)
}

/// Inks (cyan, magenta, yellow and black, 255 is all of it) as opaque sRGB pixels.
///
/// With a profile of inks they look as that press prints them; else each ink takes away its own part
/// of the light.
pub(crate) fn inks_to_srgb(inks: &[u8], icc: Option<&[u8]>) -> Vec<u8> {
    let profile = icc.and_then(|icc| profile(icc, DataColorSpace::Cmyk));
    // The room's word for four channels of any kind is that of red, green, blue and alpha.
    let transform = profile.and_then(|profile| transform(&profile, Layout::Rgba));
    let mut pixels = Vec::with_capacity(inks.len());
    let mut colours = vec![0; 3 * RUN];
    for run in inks.chunks(4 * RUN) {
        let colours = &mut colours[..run.len() / 4 * 3];
        let done = transform
            .as_ref()
            .is_some_and(|transform| transform.transform(run, colours).is_ok());
        if !done {
            for (out, ink) in colours.chunks_exact_mut(3).zip(run.chunks_exact(4)) {
                let light = 255 - u32::from(ink[3]);
                for (out, ink) in out.iter_mut().zip(&ink[..3]) {
                    *out = over_255((255 - u32::from(*ink)) * light);
                }
            }
        }
        for colour in colours.chunks_exact(3) {
            pixels.extend_from_slice(colour);
            pixels.push(255);
        }
    }
    pixels
}
