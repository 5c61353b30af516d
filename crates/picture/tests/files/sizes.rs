//! Sizes from nothing to too much.

use workprint_model::Size;
use workprint_picture::still::{decode_still, fit_to, stored_size};

use crate::jpeg::Jpeg;
use crate::png::{Head, bomb, png};

const fn head(width: u32, height: u32, bits: u8, kind: u8) -> Head {
    Head {
        width,
        height,
        bits,
        kind,
    }
}

#[test]
fn one_pixel_is_a_picture() {
    let image = decode_still(&png(head(1, 1, 8, 2), &[], &[vec![9, 8, 7]])).unwrap();
    assert_eq!(image.pixels, [9, 8, 7, 255]);
}

#[test]
fn what_is_too_large_is_refused_with_its_size() {
    let jpeg = Jpeg {
        width: 20_000,
        height: 20_000,
        halves: [&[9, 128, 128], &[9, 128, 128]],
        segments: Vec::new(),
    };
    let mut head_alone = jpeg.bytes();
    head_alone.truncate(400);
    for (kind, bytes) in [
        ("grey", bomb(head(20_000, 20_000, 1, 0))),
        ("colour", bomb(head(20_000, 20_000, 8, 2))),
        ("jpeg", jpeg.bytes()),
        ("the head of a jpeg", head_alone),
    ] {
        let error = decode_still(&bytes).unwrap_err().to_string();
        assert!(
            error.contains("20000x20000 is too large"),
            "{kind}: {error}"
        );
        assert!(error.contains("make it smaller"), "{kind}: {error}");
    }
    let long = decode_still(&bomb(head(16_385, 1, 8, 0))).unwrap_err();
    assert!(long.to_string().contains("16385x1 is too large"), "{long}");
}

/// Twice the bits are half the pixels.
#[test]
fn what_takes_too_much_memory_is_refused() {
    let error = decode_still(&bomb(head(10_000, 9000, 16, 6)))
        .unwrap_err()
        .to_string();
    assert!(error.contains("save it with 8 bits"), "{error}");
    assert_eq!(
        stored_size(&bomb(head(10_000, 9000, 16, 6))),
        Some(Size {
            width: 10_000,
            height: 9000
        })
    );
    assert_eq!(stored_size(b"nothing"), None);
}

#[test]
fn a_size_of_nothing_is_refused() {
    for (width, height) in [(0, 5), (5, 0)] {
        let bytes = png(head(width, height, 8, 0), &[], &[vec![0; 5]]);
        decode_still(&bytes).unwrap_err();
    }
}

#[test]
fn what_is_just_not_too_large_is_read() {
    let image = decode_still(&bomb(head(16_384, 600, 8, 0))).unwrap();
    assert_eq!(image.pixels.len(), 16_384 * 600 * 4);
    let small = fit_to(
        image,
        Size {
            width: 1920,
            height: 1080,
        },
    );
    assert_eq!((small.size.width, small.size.height), (1920, 70));
    assert!(
        small
            .pixels
            .chunks_exact(4)
            .all(|pixel| pixel == [0, 0, 0, 255])
    );
}

#[test]
fn a_file_cut_short_is_told() {
    let bytes = png(head(64, 64, 8, 2), &[], &vec![vec![90; 192]; 64]);
    for at in [0, 1, 8, 20, 40, 100, bytes.len() / 2, bytes.len() - 20] {
        let error = decode_still(&bytes[..at]).unwrap_err();
        assert!(
            error.to_string().contains("cannot be read"),
            "{at}: {error}"
        );
    }
}
