//! Blend modes and opacities of overlays and layers.

use workprint_model::Percent;
use workprint_model::episode::Blend;
use workprint_model::timeline::PlacedPicture;
use workprint_picture::{Rgba, Yuv};

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{drawn, hold, layers, overlay, shot, still, timeline};
use crate::stage::{Stage, WIDE};

/// Every colour, dark at the bottom and light at the top, half transparent on the right.
fn rainbow() -> Rgba {
    let (width, height) = (180, 100);
    drawn(width, height, |x, y| {
        let hue = |at: u32| {
            let at = (at % width) as i32;
            ((at * 6 - 540).abs() * 255 / 180 - 255).clamp(0, 255)
        };
        let light = 255 - (y * 255 / height) as i32;
        let alpha = if x < 135 { 255 } else { 128 };
        let shade = |part: i32| {
            let lit = if light < 128 {
                part * light / 128
            } else {
                part + (255 - part) * (light - 128) / 128
            };
            (lit * alpha / 255) as u8
        };
        let [red, green, blue] = [hue(x), hue(x + 120), hue(x + 60)].map(shade);
        [red, green, blue, alpha as u8]
    })
}

fn laid(blend: Blend, opacity: i32) -> Yuv {
    let picture = still("photo", WIDE.width, WIDE.height);
    let mut line = timeline(WIDE.width, WIDE.height, vec![shot(1, picture, hold())]);
    let mut above = overlay("rainbow", (31, 19), (180, 100), 1);
    above.blend = blend;
    above.opacity = Percent::new(opacity);
    line.overlays = vec![above];
    Stage::default()
        .with("photo", &art::photo(WIDE))
        .with("rainbow", &rainbow())
        .paint(&line, 0)
}

/// A glow as a layer of the shot.
fn layered(blend: Blend) -> Yuv {
    let mut picture = layers(&[("photo", 50), ("glow", 50)], (WIDE.width, WIDE.height), 0);
    if let PlacedPicture::Still(still) = &mut picture {
        let glow = &mut still.layers[1];
        (glow.x, glow.y, glow.blend) = (90, 10, blend);
        (glow.size.width, glow.size.height) = (110, 110);
    }
    let line = timeline(WIDE.width, WIDE.height, vec![shot(1, picture, hold())]);
    Stage::default()
        .with("photo", &art::photo(WIDE))
        .with("glow", &art::glow(110, [255, 220, 120]))
        .paint(&line, 0)
}

#[test]
fn modes() {
    let mut cases: Vec<Case> = Vec::new();
    for blend in Blend::ALL {
        cases.push(case(blend.name(), move || laid(blend, 100)));
    }
    for blend in [Blend::Normal, Blend::Multiply, Blend::Screen] {
        let name = format!("{}-of-forty", blend.name());
        cases.push(case(name, move || laid(blend, 40)));
    }
    for blend in [Blend::Add, Blend::Screen, Blend::SoftLight, Blend::Multiply] {
        let name = format!("layer-{}", blend.name());
        cases.push(case(name, move || layered(blend)));
    }
    check_all("modes", &cases);
}
