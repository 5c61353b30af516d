//! Golden frames: small frames of every feature, held against references pixel for pixel.
//!
//! A topic is a file here, with one test that hands its cases to [`harness::check_all`]. A case is a
//! name and a frame, painted by the room's own door. The references are PNGs in
//! `frames/TOPIC/NAME.png`: the frame as RGB, through [`workprint_picture::to_rgb8`]. There is no
//! tolerance, because there is nothing to tolerate: the same description gives the same bytes on
//! every machine, and [`stage::Stage`] paints every frame twice, with the loops for this machine and
//! with those for any.
//!
//! ```sh
//! cargo nextest run -p workprint-picture --test golden              # all topics
//! cargo nextest run -p workprint-picture --test golden captions     # one
//! GOLDEN=update cargo nextest run -p workprint-picture --test golden captions
//! ```
//!
//! Every run writes `target/golden/index.html`, which shows what differs and all frames by topic, and
//! `target/golden/TOPIC.png`, a contact sheet. **Look at a frame before you commit its reference**: a
//! reference that nobody looked at only proves that a mistake has not changed.
//!
//! `GOLDEN=update` writes what is new or differs, and removes references that no case of the topic
//! has. Frames are small: at most 65,536 pixels and 48 KiB.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's helpers may fail as the test itself may"
)]

#[path = "../scene/mod.rs"]
mod scene;

mod art;
mod harness;
mod report;
mod stage;

mod blends;
mod caption_words;
mod captions;
mod cards;
mod clips;
mod fits;
mod framings;
mod graphics;
mod layers;
mod looks;
mod modes;
mod moves;
mod named_moves;
mod passes;
mod plates;
mod puppets;
mod sheets;
mod slates;
mod stills;
mod transitions;
mod whole;

#[test]
fn every_folder_of_references_has_a_topic() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for folder in std::fs::read_dir(here.join("frames")).unwrap() {
        let topic = folder.unwrap().file_name().into_string().unwrap();
        let file = here.join(topic.replace('-', "_")).with_extension("rs");
        assert!(
            file.is_file(),
            "`frames/{topic}` has no `{}`",
            file.display()
        );
    }
}
