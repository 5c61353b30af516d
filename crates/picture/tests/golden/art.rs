//! Pictures to paint with, drawn by sums of whole numbers or by the room's own SVG.

use std::sync::LazyLock;

use workprint_model::Size;
use workprint_picture::svg::{SvgLayers, layers};
use workprint_picture::{Fonts, Rgba};

use crate::scene::drawn;

const VALLEY: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 272">
<g data-depth="0">
<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#1d2a52"/><stop offset=".55" stop-color="#b0577a"/><stop offset=".8" stop-color="#f7b267"/>
</linearGradient>
<rect x="-100" y="-60" width="680" height="400" fill="url(#sky)"/>
<circle cx="330" cy="140" r="34" fill="#ffe9b0"/>
</g>
<g data-depth="30">
<path d="M-80 190 L40 120 L120 170 L210 96 L300 176 L390 128 L560 200 V340 H-80Z" fill="#6b4a73"/>
<path d="M210 96 L190 115 L206 112 L214 122 L224 109Z" fill="#f3d9d0"/>
</g>
<g data-depth="60">
<path d="M-80 232 Q60 170 200 214 T560 206 V340 H-80Z" fill="#3c3357"/>
<path d="M112 190 h40 v34 h-40z" fill="#e8c9a0"/>
<path d="M104 192 L132 168 L160 192Z" fill="#b8323c"/>
<path d="M120 200 h10 v10 h-10z M136 200 h10 v10 h-10z" fill="#2e5ea8"/>
</g>
<g data-depth="100">
<path d="M-80 258 Q120 232 300 252 T560 242 V340 H-80Z" fill="#1f5a3a"/>
<path d="M426 160 l26 88 h-52z" fill="#12402a"/>
<path d="M40 196 l18 60 h-36z" fill="#12402a"/>
</g>
</svg>"##;

/// A house in a valley at dusk, in four layers, as large as `frame` times `zoom`.
pub(crate) fn valley(frame: Size, zoom: f32) -> SvgLayers {
    layers(
        VALLEY,
        frame,
        zoom,
        &"en".parse().unwrap(),
        Fonts::built_in(),
    )
    .unwrap()
}

/// The valley in one layer, covering `size` from its middle.
pub(crate) fn photo(size: Size) -> Rgba {
    let flat = VALLEY.replace("data-depth", "data-far");
    let drawn = layers(&flat, size, 1.0, &"en".parse().unwrap(), Fonts::built_in()).unwrap();
    let whole = &drawn.layers[0].1;
    let (left, top) = (
        (whole.size.width - size.width) / 2,
        (whole.size.height - size.height) / 2,
    );
    part(whole, left, top, size)
}

/// The valley at 480x272, which is twice [`crate::stage::WIDE`].
pub(crate) fn large() -> &'static Rgba {
    static LARGE: LazyLock<Rgba> = LazyLock::new(|| {
        photo(Size {
            width: 480,
            height: 272,
        })
    });
    &LARGE
}

fn part(image: &Rgba, left: u32, top: u32, size: Size) -> Rgba {
    drawn(size.width, size.height, |x, y| {
        let at = ((y + top) * image.size.width + x + left) as usize * 4;
        [0, 1, 2, 3].map(|channel| image.pixels[at + channel])
    })
}

/// A chart that tells how a picture was scaled: rings that narrow to one pixel, bars of one, two and
/// four pixels in both directions, and patches of colour with hard edges.
pub(crate) fn chart(size: Size) -> Rgba {
    let Size { width, height } = size;
    let half = (width / 2).max(1);
    drawn(width, height, |x, y| {
        if x < half {
            // The phase of x² + y² turns by half at the ring's edge, where a ring is a pixel wide.
            let (dx, dy) = (
                i64::from(x) - i64::from(half / 2),
                i64::from(y) - i64::from(height / 2),
            );
            let phase = (dx * dx + dy * dy) * 256 / i64::from(half.max(height)) % 512;
            let level = if phase < 256 { phase } else { 511 - phase } as u8;
            return [level, level, level, 255];
        }
        let (column, row) = (
            (x - half) * 3 / (width - half).max(1),
            y * 4 / height.max(1),
        );
        match (row, column) {
            (0, _) => grey(if x / (1 << column) % 2 == 0 { 255 } else { 0 }),
            (1, _) => grey(if y / (1 << column) % 2 == 0 { 255 } else { 0 }),
            (2, 0) => [220, 30, 30, 255],
            (2, 1) => [30, 190, 60, 255],
            (2, _) => [30, 60, 220, 255],
            (_, 0) => [240, 210, 30, 255],
            (_, 1) => [200, 40, 200, 255],
            _ => [20, 200, 220, 255],
        }
    })
}

fn grey(level: u8) -> [u8; 4] {
    [level, level, level, 255]
}

/// A disc whose alpha falls softly to nothing at the picture's edge.
pub(crate) fn glow(side: u32, [red, green, blue]: [u8; 3]) -> Rgba {
    let radius = i64::from(side) * i64::from(side);
    drawn(side, side, |x, y| {
        let (dx, dy) = (
            2 * i64::from(x) + 1 - i64::from(side),
            2 * i64::from(y) + 1 - i64::from(side),
        );
        let alpha = (255 - (dx * dx + dy * dy) * 255 / radius.max(1)).max(0) as u32;
        let through = |channel: u8| (u32::from(channel) * alpha / 255) as u8;
        [through(red), through(green), through(blue), alpha as u8]
    })
}

/// A ball that rolls from left to right by a hundredth of the width each frame, over a floor.
pub(crate) fn ball(size: Size, frame: u64) -> Rgba {
    let Size { width, height } = size;
    let radius = i64::from(height / 5).max(1);
    let middle = (
        radius + i64::from(width) * (frame % 80) as i64 / 100,
        i64::from(height) * 13 / 20,
    );
    drawn(width, height, |x, y| {
        let (dx, dy) = (i64::from(x) - middle.0, i64::from(y) - middle.1);
        if dx * dx + dy * dy <= radius * radius {
            let lit = (150 - (dx + dy) * 60 / radius).clamp(60, 255) as u8;
            return [lit, lit / 3, lit / 4, 255];
        }
        let far = y * 255 / height.max(1);
        if y > height * 17 / 20 {
            return [90, 70, 50, 255];
        }
        [(60 + far / 4) as u8, (90 + far / 3) as u8, 150, 255]
    })
}

/// A picture at another size: the nearest pixels.
pub(crate) fn scaled(image: &Rgba, size: Size) -> Rgba {
    let near = |at: u32, of: u32, from: u32| (2 * at + 1) * from / (2 * of);
    drawn(size.width, size.height, |x, y| {
        let from = (
            near(x, size.width, image.size.width),
            near(y, size.height, image.size.height),
        );
        let at = (from.1 * image.size.width + from.0) as usize * 4;
        [0, 1, 2, 3].map(|channel| image.pixels[at + channel])
    })
}
