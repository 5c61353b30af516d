//! JPEGs of inks.

use workprint_picture::still::decode_still;

use crate::jpeg::{Jpeg, adobe, exif};
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
