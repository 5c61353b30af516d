//! What a raster holds is what a whole picture would.

use super::*;
use crate::yuv::from_premultiplied;

/// A picture of which nothing is left out, as large as it is transparent.
pub(crate) fn uncropped(image: &Rgba) -> Raster {
    let sides = sides(image.size, 0);
    Raster::of_seen(image, Patch::whole(sides), (Detail::FINEST, false))
}

/// A picture with something in a box of it.
pub(crate) fn speck(size: Size, [left, top, right, bottom]: [u32; 4], seed: u64) -> Rgba {
    let mut image = Rgba::transparent(size);
    let mut random = seed;
    for y in top..bottom {
        for x in left..right {
            let at = 4 * (y * size.width + x) as usize;
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let [.., red, green, blue, alpha] = (random >> 16).to_be_bytes();
            let alpha = if alpha < 60 { 0 } else { alpha };
            let pixel = [red.min(alpha), green.min(alpha), blue.min(alpha), alpha];
            image.pixels[at..at + 4].copy_from_slice(&pixel);
        }
    }
    image
}

fn grey(size: Size, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    drop(writer);
    bytes
}

const SIZE: Size = Size {
    width: 37,
    height: 23,
};
const DETAILS: [Detail; 5] = [
    Detail::FINEST,
    Detail { luma: 0, chroma: 1 },
    Detail { luma: 1, chroma: 2 },
    Detail { luma: 3, chroma: 1 },
    Detail { luma: 9, chroma: 9 },
];

/// Every sample of a level, nothing around its patch.
fn spread_out(level: &Level<'_>, plane: &[u8]) -> Vec<u8> {
    let ([width, height], patch) = (level.sides, level.patch);
    let mut all = vec![0; width * height];
    for row in 0..patch.height {
        let from = (patch.top + row) * width + patch.left;
        all[from..from + patch.width].copy_from_slice(&plane[row * patch.width..][..patch.width]);
    }
    all
}

/// Means of four, one by one.
fn smaller(plane: &[u8], [width, height]: [usize; 2]) -> Vec<u8> {
    let at = |x: usize, y: usize| u32::from(plane[y.min(height - 1) * width + x.min(width - 1)]);
    let squares = (0..height)
        .step_by(2)
        .flat_map(|y| (0..width).step_by(2).map(move |x| (x, y)));
    let sums = squares.map(|(x, y)| at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1));
    sums.map(|sum| ((sum + 2) / 4) as u8).collect()
}

#[test]
fn levels_are_those_of_the_whole_picture() {
    let boxes = [
        [0, 0, 37, 23],
        [5, 3, 6, 4],
        [30, 17, 37, 23],
        [0, 9, 20, 22],
        [3, 3, 3, 3],
    ];
    for (seed, seen) in boxes.into_iter().enumerate() {
        let image = speck(SIZE, seen, seed as u64);
        let mut planes = [(); 4].map(|()| Vec::new());
        for pixel in image.pixels.chunks_exact(4) {
            let pixel = [pixel[0], pixel[1], pixel[2], pixel[3]];
            let [y, u, v] = from_premultiplied(pixel);
            for (plane, sample) in planes.iter_mut().zip([y, u, v, pixel[3]]) {
                plane.push(if pixel[3] == 0 { 0 } else { sample });
            }
        }
        for number in 0..level_count(SIZE) {
            for detail in DETAILS {
                let raster = Raster::from_rgba_in(&image, detail);
                let asked = Detail {
                    luma: number,
                    chroma: number,
                };
                let levels = [(raster.luma(asked), 0), (raster.chroma(asked), 1)];
                for (level, first) in levels {
                    if level.number != number {
                        assert!(!raster.detail().holds(asked));
                        continue;
                    }
                    for (at, plane) in level.planes.iter().enumerate() {
                        assert!(
                            spread_out(&level, plane) == planes[first + at],
                            "{number} {detail:?}"
                        );
                    }
                    let alpha = level.alpha.unwrap();
                    assert!(spread_out(&level, &alpha.plane) == planes[3]);
                    for (row, extent) in alpha.extents.iter().enumerate() {
                        let row = &planes[3][(level.patch.top + row) * level.sides[0]..]
                            [..level.sides[0]];
                        let from = row.iter().position(|&a| a != 0).unwrap_or(0);
                        let to = row.iter().rposition(|&a| a != 0).map_or(0, |at| at + 1);
                        assert_eq!(*extent, (from as u32, to as u32));
                    }
                }
            }
            planes = planes.map(|plane| smaller(&plane, sides(SIZE, number)));
        }
    }
}

#[test]
fn only_what_is_looked_at_is_held() {
    let size = Size {
        width: 400,
        height: 300,
    };
    let image = speck(size, [100, 120, 120, 130], 7);
    let plate = Raster::plate(&image);
    // Luma and alpha of the box, and half as much colour across and down.
    assert!(
        plate.bytes() <= 2 * 20 * 10 + 2 * 10 * 5,
        "{}",
        plate.bytes()
    );
    let opaque = still::png_rgb8(&vec![9; 400 * 300 * 3], size).unwrap();
    let detail = Detail::of_step(ONE);
    let raster = Raster::from_png_in(&opaque, detail).unwrap();
    let looked = [
        raster.luma(detail).planes.len(),
        raster.chroma(detail).planes.len(),
    ];
    assert_eq!((looked, raster.bytes()), ([1, 2], 400 * 300 * 3 / 2));
}

#[test]
fn a_png_read_by_rows_is_the_same() {
    let pixels: Vec<u8> = (0..37 * 23 * 3).map(|at| (at * 7 % 251) as u8).collect();
    let coloured = still::png_rgb8(&pixels, SIZE).unwrap();
    for bytes in [coloured, grey(SIZE, &pixels[..37 * 23])] {
        assert_eq!(still::plain_png(&bytes), Some(SIZE));
        let image = still::from_png(&bytes).unwrap();
        for detail in DETAILS {
            let by_rows = Raster::from_png_in(&bytes, detail).unwrap();
            let whole = Raster::from_rgba_in(&image, detail);
            assert!(by_rows.is_opaque() && by_rows.detail() == whole.detail());
            for number in 0..level_count(SIZE) {
                let asked = Detail {
                    luma: number,
                    chroma: number,
                };
                assert!(by_rows.luma(asked).planes == whole.luma(asked).planes);
                assert!(by_rows.chroma(asked).planes == whole.chroma(asked).planes);
            }
        }
        assert!(Raster::from_png(&bytes[..bytes.len() / 2]).is_err());
    }
}

#[test]
fn an_interlaced_png_is_in_order() {
    // One row of three grey pixels in seven passes: the first pixel, then the third, then the second.
    let raw: [u8; 6] = [0, 10, 0, 30, 0, 20];
    let mut data = vec![0x78, 1, 1, 6, 0, 0xf9, 0xff];
    data.extend(raw);
    let (mut a, mut b) = (1u32, 0u32);
    for byte in raw {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    data.extend((b << 16 | a).to_be_bytes());
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let head = [0, 0, 0, 3, 0, 0, 0, 1, 8, 0, 0, 0, 1];
    for (kind, data) in [(b"IHDR", &head[..]), (b"IDAT", &data[..]), (b"IEND", &[])] {
        let named = [&kind[..], data].concat();
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend(&named);
        bytes.extend(crc32fast::hash(&named).to_be_bytes());
    }
    let raster = Raster::from_png(&bytes).unwrap();
    let greys = [10, 20, 30].map(|grey| from_premultiplied([grey, grey, grey, 255])[0]);
    assert_eq!(raster.luma(Detail::FINEST).planes, [&greys[..]]);
}
