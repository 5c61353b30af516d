//! What a run takes of memory when its pictures promise or hold much.

use serde_json::json;
use workprint_tests::{Production, Rendered};

use crate::bench::{MANIFEST, SHOW, silent};

#[path = "../../../crates/picture/tests/files/png.rs"]
#[allow(dead_code, reason = "shared with the tests of pictures")]
mod png;

use png::{Head, bomb};

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
    for (bits, kind) in [(1, 0), (8, 2)] {
        let head = Head {
            width: 20_000,
            height: 20_000,
            bits,
            kind,
        };
        let file = bomb(head);
        let (rendered, most) = run(&file);
        assert_ne!(rendered.code, 0, "{bits} bits");
        let told = format!("{:?}", rendered.events);
        assert!(told.contains("20000x20000 is too large"), "{told}");
        assert!(told.contains("media/stills/x.png"), "{told}");
        // The file itself is read: some megabytes.
        let room = usual + 32 + file.len() as u64 / (1 << 19);
        assert!(most < room, "{bits} bits: {most} MiB, usually {usual}");
    }
}

/// A hundred million pixels are allowed: they take what they have, once and a little.
#[test]
fn a_bomb_takes_what_its_picture_takes() {
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
        assert!(most < 1100, "{bits} bits of kind {kind}: {most} MiB");
    }
}
