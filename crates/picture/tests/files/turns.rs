//! Pictures that say how they are to be turned.

use image::{ExtendedColorType, ImageEncoder as _};
use workprint_picture::Rgba;
use workprint_picture::still::decode_still;

use crate::jpeg::{Jpeg, exif, tiff};
use crate::pixel;
use crate::png::{Head, png};

/// How a picture that is bright on the right, 32 wide and 16 high, lies once it is turned: whether it
/// stands, and where it is bright.
const TURNS: [(u16, bool, (u32, u32)); 8] = [
    (1, false, (75, 50)),
    (2, false, (25, 50)),
    (3, false, (25, 50)),
    (4, false, (75, 50)),
    (5, true, (50, 75)),
    (6, true, (50, 75)),
    (7, true, (50, 25)),
    (8, true, (50, 25)),
];

fn lies(image: &Rgba, orientation: u16) {
    let (_, stands, bright) = TURNS[usize::from(orientation) - 1];
    let size = (image.size.width, image.size.height);
    assert_eq!(
        size,
        if stands { (16, 32) } else { (32, 16) },
        "{orientation}"
    );
    assert!(pixel(image, bright.0, bright.1)[0] > 200, "{orientation}");
    let dark = (100 - bright.0, 100 - bright.1);
    assert!(pixel(image, dark.0, dark.1)[0] < 60, "{orientation}");
}

#[test]
fn jpegs_are_turned_in_all_eight_ways() {
    for (orientation, ..) in TURNS {
        let file = Jpeg {
            width: 32,
            height: 16,
            halves: [&[20, 128, 128], &[240, 128, 128]],
            segments: vec![exif(orientation)],
        };
        lies(&decode_still(&file.bytes()).unwrap(), orientation);
    }
}

/// The two that mirror and the two that turn by a half differ in what is above.
#[test]
fn above_and_below_are_told_apart() {
    let rows: Vec<Vec<u8>> = (0..16)
        .map(|y| vec![if y < 8 { 20 } else { 240 }; 32])
        .collect();
    let head = Head {
        width: 32,
        height: 16,
        bits: 8,
        kind: 0,
    };
    for (orientation, bright) in [(1, 75), (2, 75), (3, 25), (4, 25)] {
        let image = decode_still(&png(head, &[(b"eXIf", tiff(orientation))], &rows)).unwrap();
        assert!(pixel(&image, 50, bright)[0] > 200, "{orientation}");
        assert!(pixel(&image, 50, 100 - bright)[0] < 60, "{orientation}");
    }
    for (orientation, bright) in [(5, 75), (6, 25), (7, 25), (8, 75)] {
        let image = decode_still(&png(head, &[(b"eXIf", tiff(orientation))], &rows)).unwrap();
        assert!(pixel(&image, bright, 50)[0] > 200, "{orientation}");
        assert!(pixel(&image, 100 - bright, 50)[0] < 60, "{orientation}");
    }
}

#[test]
fn webps_are_turned_too() {
    let pixels: Vec<u8> = (0..16)
        .flat_map(|_| (0..32).flat_map(|x| [if x < 16 { 20 } else { 240 }; 3]))
        .collect();
    for (orientation, ..) in TURNS {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
        encoder.set_exif_metadata(tiff(orientation)).unwrap();
        encoder
            .write_image(&pixels, 32, 16, ExtendedColorType::Rgb8)
            .unwrap();
        lies(&decode_still(&bytes).unwrap(), orientation);
    }
}

#[test]
fn a_turn_that_is_none_turns_nothing() {
    for orientation in [0, 9, 65_535] {
        let file = Jpeg {
            width: 32,
            height: 16,
            halves: [&[20, 128, 128], &[240, 128, 128]],
            segments: vec![exif(orientation)],
        };
        lies(&decode_still(&file.bytes()).unwrap(), 1);
    }
}
