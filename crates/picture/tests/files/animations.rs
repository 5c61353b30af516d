//! Of pictures that move, the first is the still.

use image::codecs::gif::GifEncoder;
use image::{ExtendedColorType, Frame, ImageEncoder as _, RgbaImage};
use workprint_picture::still::decode_still;

use crate::{near, pixel};

const RED: [u8; 4] = [220, 20, 20, 255];
const BLUE: [u8; 4] = [20, 20, 220, 255];

#[test]
fn the_first_of_a_gif() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for colour in [RED, BLUE] {
        let image = RgbaImage::from_pixel(8, 6, image::Rgba(colour));
        encoder.encode_frame(Frame::new(image)).unwrap();
    }
    drop(encoder);
    let image = decode_still(&bytes).unwrap();
    assert_eq!((image.size.width, image.size.height), (8, 6));
    assert!(near(pixel(&image, 50, 50), RED, 4));
}

/// The stream inside of a lossless WebP of one colour.
fn inside(colour: [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels = colour.repeat(8 * 6);
    image::codecs::webp::WebPEncoder::new_lossless(&mut bytes)
        .write_image(&pixels, 8, 6, ExtendedColorType::Rgba8)
        .unwrap();
    bytes[12..].to_vec()
}

fn chunk(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    out.extend(name);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

#[test]
fn the_first_of_a_webp() {
    let mut body = b"WEBP".to_vec();
    // With animation, on a canvas of 8x6: sizes are stored less one.
    chunk(
        &mut body,
        *b"VP8X",
        &[0b0000_0010, 0, 0, 0, 7, 0, 0, 5, 0, 0],
    );
    chunk(&mut body, *b"ANIM", &[0; 6]);
    for colour in [RED, BLUE] {
        let mut frame = vec![0, 0, 0, 0, 0, 0, 7, 0, 0, 5, 0, 0, 100, 0, 0, 0];
        frame.extend(inside(colour));
        chunk(&mut body, *b"ANMF", &frame);
    }
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(body);
    let image = decode_still(&bytes).unwrap();
    assert_eq!((image.size.width, image.size.height), (8, 6));
    let found = pixel(&image, 50, 50);
    assert!(near(found, RED, 1), "{found:?}");
}
