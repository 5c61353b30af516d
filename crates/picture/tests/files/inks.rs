//! JPEGs of inks.

use workprint_picture::still::decode_still;

use crate::jpeg::{Jpeg, adobe, exif, profile};
use crate::{near, pixel};

/// What two inks look like: on the left, and on the right.
fn looks(segments: Vec<(u8, Vec<u8>)>, left: [u8; 4], right: [u8; 4]) -> [[u8; 4]; 2] {
    let file = Jpeg {
        width: 32,
        height: 16,
        halves: [&left, &right],
        segments,
    };
    let image = decode_still(&file.bytes()).unwrap();
    assert_eq!((image.size.width, image.size.height), (32, 16));
    [pixel(&image, 25, 50), pixel(&image, 75, 50)]
}

const RED: [u8; 4] = [230, 40, 20, 255];
const TEAL: [u8; 4] = [0, 102, 128, 255];

#[test]
fn adobe_stores_the_light_that_is_left() {
    // Red of a press: no cyan, much magenta and yellow. 255 is no ink.
    let [red, teal] = looks(vec![adobe(0)], [230, 40, 20, 255], [0, 204, 255, 128]);
    assert!(near(red, RED, 2), "{red:?}");
    assert!(near(teal, TEAL, 2), "{teal:?}");
}

#[test]
fn others_store_the_ink() {
    let [red, teal] = looks(Vec::new(), [25, 215, 235, 0], [255, 51, 0, 127]);
    assert!(near(red, RED, 2), "{red:?}");
    assert!(near(teal, TEAL, 2), "{teal:?}");
}

#[test]
fn inks_as_colour_differences_become_inks_again() {
    // The differences of 25, 215, 235: what Adobe's programs write of red, and black's light whole.
    let [luma, blue, red] = [160, 170, 32];
    let [red, white] = looks(vec![adobe(2)], [luma, blue, red, 255], [0, 128, 128, 255]);
    assert!(near(red, RED, 4), "{red:?}");
    assert!(near(white, [255; 4], 2), "{white:?}");
}

#[test]
fn inks_are_turned_too() {
    let file = Jpeg {
        width: 32,
        height: 16,
        halves: [&[255, 255, 255, 255], &[0, 0, 0, 255]],
        segments: vec![exif(6), adobe(0)],
    };
    let image = decode_still(&file.bytes()).unwrap();
    assert_eq!((image.size.width, image.size.height), (16, 32));
    assert!(near(pixel(&image, 50, 25), [255; 4], 1));
    assert!(near(pixel(&image, 50, 75), [0, 0, 0, 255], 1));
}

#[test]
fn inks_cut_short_are_told_or_shown_as_far_as_they_go() {
    let bytes = Jpeg {
        width: 64,
        height: 64,
        halves: [&[255, 255, 255, 255], &[0, 0, 0, 255]],
        segments: vec![adobe(0)],
    }
    .bytes();
    for at in 0..bytes.len() {
        // No panic; where it is read, it has its size.
        if let Ok(image) = decode_still(&bytes[..at]) {
            assert_eq!((image.size.width, image.size.height), (64, 64));
        }
    }
}

/// A press of our own: an ICC profile of version 2 that says in Lab what sixteen mixtures of whole inks
/// look like.
fn press() -> Vec<u8> {
    // Lightness in 255 steps, and two colour differences around 128.
    let look = |mixture: usize| match mixture {
        0b0000 => [255, 128, 128],
        0b1000 => [153, 118, 98],
        0b0100 => [128, 190, 128],
        0b0010 => [230, 118, 190],
        0b1110 => [102, 150, 160],
        _ if mixture % 2 == 1 => [0, 128, 128],
        _ => [80, 128, 128],
    };
    let mut table = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for place in 0..9 {
        table.extend(u32::from(place % 4 == 0).wrapping_mul(65_536).to_be_bytes());
    }
    table.extend((0..4).flat_map(|_| 0..=255u8));
    table.extend((0..16).flat_map(look));
    table.extend((0..3).flat_map(|_| 0..=255u8));
    let mut icc = vec![0; 128];
    icc[8] = 2;
    icc[12..24].copy_from_slice(b"prtrCMYKLab ");
    icc[36..40].copy_from_slice(b"acsp");
    for (at, value) in [(68, 63_190u32), (72, 65_536), (76, 54_061)] {
        icc[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    icc.extend(1u32.to_be_bytes());
    icc.extend(b"A2B0");
    icc.extend(144u32.to_be_bytes());
    icc.extend((table.len() as u32).to_be_bytes());
    icc.extend(table);
    let length = icc.len() as u32;
    icc[..4].copy_from_slice(&length.to_be_bytes());
    icc
}

#[test]
fn inks_look_as_their_press_prints_them() {
    // Without a profile they would be pure: 0, 255, 255 for cyan.
    for (inks, expected) in [
        ([0, 0, 0, 0], [255, 255, 255]),
        ([255, 0, 0, 0], [93, 151, 197]),
        ([0, 255, 0, 0], [209, 60, 122]),
        ([255, 255, 255, 0], [136, 79, 42]),
        ([0, 0, 0, 255], [0, 0, 0]),
    ] {
        let stored = inks.map(|ink: u8| 255 - ink);
        let segments = vec![profile(&press()), adobe(0)];
        let [found, _] = looks(segments, stored, stored);
        let [red, green, blue] = expected;
        assert!(
            near(found, [red, green, blue, 255], 4),
            "{inks:?}: {found:?}"
        );
    }
}
