//! Slates: a shot's name and the time code over the frames of a draft.

use workprint_model::Size;
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{hold, shot, still, timeline};
use crate::stage::{Stage, TALL, WIDE};

fn slated(frame: Size, name: &str, at: u64) -> Yuv {
    let Size { width, height } = frame;
    let only = shot(at + 1, still("photo", width, height), hold());
    let mut line = timeline(width, height, vec![only]);
    line.shots[0].id = name.parse().unwrap();
    line.slate = true;
    Stage::default()
        .with("photo", &art::photo(frame))
        .paint(&line, at)
}

#[test]
fn slates() {
    check_all(
        "slates",
        &[
            case("wide", || slated(WIDE, "door", 4117)),
            case("tall", || slated(TALL, "s12b", 71)),
            case("a-long-name", || {
                slated(WIDE, "the-keeper-walks-down-all-of-the-stairs", 0)
            }),
        ],
    );
}
