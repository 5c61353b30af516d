//! Stills of every kind of file: each gives the right picture or says what is wrong with it.
//!
//! The files are written here, byte by byte where no encoder at hand writes such ones.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers may fail as the test itself may"
)]

mod jpeg;
mod png;

mod animations;
mod depths;
mod inks;
mod profiles;
mod sizes;
mod turns;

use workprint_picture::Rgba;

/// The pixel in the middle of a part of a picture, told in hundredths of its sides.
fn pixel(image: &Rgba, across: u32, down: u32) -> [u8; 4] {
    let x = image.size.width * across / 100;
    let y = image.size.height * down / 100;
    let at = ((y * image.size.width + x) * 4) as usize;
    [0, 1, 2, 3].map(|channel| image.pixels[at + channel])
}

/// Whether two colours differ by at most `by` in each channel.
fn near(found: [u8; 4], expected: [u8; 4], by: u8) -> bool {
    found
        .iter()
        .zip(expected)
        .all(|(found, expected)| found.abs_diff(expected) <= by)
}
