//! Pictures of every depth and kind of colour.

use workprint_picture::still::decode_still;

use crate::png::{Head, png};
use crate::{near, pixel};

const fn head(bits: u8, kind: u8) -> Head {
    Head {
        width: 2,
        height: 1,
        bits,
        kind,
    }
}

/// The two pixels of a PNG of one row.
fn two(head: Head, chunks: &[(&[u8; 4], Vec<u8>)], row: &[u8]) -> [[u8; 4]; 2] {
    let image = decode_still(&png(head, chunks, &[row.to_vec()])).unwrap();
    [pixel(&image, 0, 0), pixel(&image, 50, 0)]
}

#[test]
fn sixteen_bits_become_eight_rounded() {
    let grey = two(head(16, 0), &[], &[0x80, 0x7f, 0xff, 0xff]);
    // 0x807f / 257 is 127.998.
    assert_eq!(grey, [[128, 128, 128, 255], [255; 4]]);
    let row = [0x12, 0x34, 0xab, 0xcd, 0, 0, 0xff, 0xff, 0x80, 0x80, 1, 0];
    let colour = two(head(16, 2), &[], &row);
    assert_eq!(colour, [[18, 171, 0, 255], [255, 128, 1, 255]]);
    let row = [
        0xff, 0xff, 0x80, 0, 0, 0, 0x80, 0x80, 0x40, 0, 0x40, 0, 0x40, 0, 0xff, 0xff,
    ];
    let [half, _] = two(head(16, 6), &[], &row);
    assert_eq!(half, [128, 64, 0, 128], "premultiplied");
}

#[test]
fn grey_has_alpha_too() {
    let [half, none] = two(head(8, 4), &[], &[200, 128, 90, 0]);
    assert_eq!(half, [100, 100, 100, 128]);
    assert_eq!(none, [0; 4]);
    let [opaque, _] = two(head(16, 4), &[], &[0x64, 0x64, 0xff, 0xff, 0, 0, 0, 0]);
    assert_eq!(opaque, [100, 100, 100, 255]);
}

#[test]
fn few_bits_span_all_of_grey() {
    assert_eq!(two(head(1, 0), &[], &[0b0100_0000])[1], [255; 4]);
    assert_eq!(
        two(head(2, 0), &[], &[0b0110_0000]),
        [[85, 85, 85, 255], [170, 170, 170, 255]]
    );
    assert_eq!(two(head(4, 0), &[], &[0x7f])[0], [119, 119, 119, 255]);
}

#[test]
fn palettes_have_transparent_colours() {
    let palette = vec![250, 10, 20, 0, 200, 100];
    let chunks = [(b"PLTE", palette.clone()), (b"tRNS", vec![51])];
    let [thin, whole] = two(head(8, 3), &chunks, &[0, 1]);
    assert!(near(thin, [50, 2, 4, 51], 0), "{thin:?}");
    assert_eq!(whole, [0, 200, 100, 255]);
    let [one, other] = two(head(1, 3), &[(b"PLTE", palette)], &[0b0100_0000]);
    assert_eq!(
        (one, other),
        ([250, 10, 20, 255], [0, 200, 100, 255]),
        "two colours in two bits"
    );
}

#[test]
fn one_colour_of_grey_or_rgb_may_be_transparent() {
    let [none, some] = two(head(8, 0), &[(b"tRNS", vec![0, 90])], &[90, 91]);
    assert_eq!((none, some), ([0; 4], [91, 91, 91, 255]));
    let chunks = [(b"tRNS", vec![0, 1, 0, 2, 0, 3])];
    let [none, some] = two(head(8, 2), &chunks, &[1, 2, 3, 1, 2, 4]);
    assert_eq!((none, some), ([0; 4], [1, 2, 4, 255]));
}

#[test]
fn a_palette_that_is_left_is_told() {
    let bytes = png(head(8, 3), &[(b"PLTE", vec![9, 9, 9])], &[vec![0, 200]]);
    // Colour 200 of a palette of one: refused, or black, but no panic.
    drop(decode_still(&bytes));
    let none = decode_still(&png(head(8, 3), &[], &[vec![0, 0]])).unwrap_err();
    assert!(none.to_string().contains("cannot be read"), "{none}");
}
