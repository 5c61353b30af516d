//! What a run takes of memory when its pictures promise or hold much.

use serde_json::json;
use workprint_tests::{Production, Rendered};

use crate::bench::{MANIFEST, SHOW, silent};

use crate::png::{Head, bomb, png_head};

/// A run over one still of this file, alone in its process: how it ended, and its most memory in MiB.
fn run(still: &[u8]) -> (Rendered, u64) {
    let production = Production::small();
    production.write("show.toml", SHOW);
    let picture = json!({"image": {"file": "media/stills/x.png"}});
    production.write(MANIFEST, &silent(&picture).to_string());
    std::fs::write(production.root().join("media/stills/x.png"), still).unwrap();
    let (said, kib) = production
        .start(&["render", "pilot", "--json"])
        .finish_measured();
    (Rendered::of(&said), kib / 1024)
}

#[test]
fn a_picture_beyond_all_size_takes_no_memory() {
    let small = crate::samples::picture("png", "64x36");
    let (rendered, usual) = run(&small);
    assert_eq!(rendered.code, 0, "{}", rendered.err);
    let full = |bits, kind| {
        let side = 20_000;
        let head = Head {
            width: side,
            height: side,
            bits,
            kind,
        };
        (side, bomb(head))
    };
    // Heads over bodies that are no picture, and whole ones of zeroes.
    let heads = [15_000, 30_000, 65_000].map(|side| (side, png_head(side, side, 5000)));
    for (side, file) in heads.into_iter().chain([full(1, 0), full(8, 2)]) {
        let (rendered, most) = run(&file);
        assert_ne!(rendered.code, 0, "{side}");
        let told = format!("{:?}", rendered.events);
        let too_large = told.contains(&format!("{side}x{side} is too large"));
        assert!(too_large, "{told}");
        assert!(told.contains("media/stills/x.png"), "{told}");
        // The file itself is read: some megabytes.
        let room = usual + 32 + file.len() as u64 / (1 << 19);
        assert!(most < room, "{side}: {most} MiB, usually {usual}");
    }
}

/// A hundred million pixels are allowed: they take what they have, once and a little.
#[test]
fn a_bomb_takes_what_its_picture_takes() {
    let small = crate::samples::picture("png", "64x36");
    let (_, usual) = run(&small);
    for (bits, kind, width) in [(8, 0, 16_000), (8, 6, 16_000), (16, 6, 8_000)] {
        let file = bomb(Head {
            width,
            height: 6_200,
            bits,
            kind,
        });
        assert!(file.len() < 4 << 20);
        let (rendered, most) = run(&file);
        assert_eq!(rendered.code, 0, "{}", rendered.err);
        let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(kind)];
        let pixels = u64::from(width) * 6_200;
        let read = pixels * channels * u64::from(bits) / 8;
        // What is not of four channels of 8 bits becomes that.
        let turned = if (bits, kind) == (8, 6) {
            0
        } else {
            pixels * 4
        };
        let own = (read + turned) >> 20;
        let room = usual + own + 32;
        let case = format!("{bits} bits of kind {kind}, {own} MiB");
        assert!(most < room, "{case}: {most} MiB, usually {usual}");
    }
}
