//! Looks in time: what holds a picture, what makes a new one, and what a chunk's digest tells.

mod scene;

use std::collections::BTreeSet;

use scene::{Memory, artifact, drawn, hold, paint_all, plain, shot, still, timeline};
use workprint_model::episode::{Colour, PlateSpec};
use workprint_model::look::{Grade, Grain, Jank, Letterbox, Look, Lut, Vignette};
use workprint_model::timeline::{Entry, PlacedLook, PlacedPicture, Timeline};
use workprint_model::{Digest, Frames, Percent};
use workprint_picture::{content, cut, resolve};

fn placed(look: Look) -> PlacedLook {
    let cube = look.file().map(|file| artifact(file.as_str()));
    PlacedLook { look, cube }
}

/// A held still after `before` frames of another, with looks.
fn line(before: u64, of_shot: Vec<Look>, of_film: Vec<Look>) -> Timeline {
    let mut second = shot(30, still("b", 64, 36), hold());
    second.looks = of_shot.into_iter().map(placed).collect();
    let mut line = timeline(
        64,
        36,
        vec![shot(before, still("a", 64, 36), hold()), second],
    );
    // The same shot wherever it lies.
    line.shots[1].id = "b".parse().expect("an id");
    line.looks = of_film.into_iter().map(placed).collect();
    line
}

/// How often the painter is asked for another frame in the second shot.
fn paintings(line: &Timeline) -> usize {
    let from = line.shots[1].from.0;
    let frames: Vec<_> = (from..from + 30)
        .map(|frame| resolve(line, Frames(frame)))
        .collect();
    1 + frames.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn digest(line: &Timeline) -> Digest {
    let chunks = cut(line, &BTreeSet::new());
    content(line, *chunks.last().expect("a chunk")).digest
}

fn both(look: &Look) -> [Timeline; 2] {
    [
        line(10, vec![look.clone()], Vec::new()),
        line(10, Vec::new(), vec![look.clone()]),
    ]
}

#[test]
fn a_held_picture_stays_held_under_looks_that_do_not_move() {
    for look in [
        Look::Grade(Grade::default()),
        Look::Vignette(Vignette::default()),
        Look::Letterbox(Letterbox::default()),
    ] {
        for line in both(&look) {
            assert_eq!(paintings(&line), 1, "{look:?}");
        }
    }
}

#[test]
fn looks_that_move_make_new_pictures_as_often_as_they_say() {
    for line in both(&Look::Grain(Grain::default())) {
        assert_eq!(paintings(&line), 30);
    }
    for line in both(&Look::Jank(Jank::default())) {
        assert_eq!(paintings(&line), 16);
    }
    let still = Jank {
        weave: Percent::new(0),
        dust: Percent::new(0),
        scratches: Percent::new(0),
        flicker: Percent::new(0),
        ..Jank::default()
    };
    for line in both(&Look::Jank(still)) {
        assert_eq!(paintings(&line), 1);
    }
}

#[test]
fn a_shot_that_moved_is_the_same() {
    for look in [Look::Grain(Grain::default()), Look::Jank(Jank::default())] {
        for film in [false, true] {
            let at = |before| {
                let list = vec![look.clone()];
                let (of_shot, of_film) = if film { (vec![], list) } else { (list, vec![]) };
                digest(&line(before, of_shot, of_film))
            };
            assert_eq!(at(10), at(77), "{look:?} {film}");
        }
    }
}

#[test]
fn another_look_is_another_chunk() {
    let lut = |file: &str| {
        Look::Lut(Lut {
            file: file.parse().unwrap(),
            amount: Percent::new(100),
        })
    };
    let grain = |seed| {
        Look::Grain(Grain {
            seed,
            ..Grain::default()
        })
    };
    let looks = [
        vec![],
        vec![Look::Grade(Grade::default())],
        vec![grain(0)],
        vec![grain(1)],
        vec![grain(0), Look::Grade(Grade::default())],
        vec![Look::Grade(Grade::default()), grain(0)],
        vec![lut("media/one.cube")],
        vec![lut("media/two.cube")],
    ];
    let digests = |entry: Entry| {
        let of = |of_shot, of_film| {
            let mut line = line(10, of_shot, of_film);
            line.shots[1].entry = entry;
            digest(&line)
        };
        looks
            .clone()
            .map(|list| (of(list.clone(), vec![]), of(vec![], list)))
    };
    let different = |digests: &[(Digest, Digest)]| {
        let all = digests.iter().flat_map(|(shot, film)| [*shot, *film]);
        all.collect::<BTreeSet<_>>().len()
    };
    // Over one shot alone, the film's looks are the shot's: it is the same chunk.
    let alone = digests(Entry::Cut);
    for (list, (of_shot, of_film)) in looks.iter().zip(&alone) {
        assert_eq!(of_shot, of_film, "{list:?}");
    }
    assert_eq!(different(&alone), looks.len());
    // Over two that melt into each other they are not: the first has no looks of its own.
    let melting = digests(Entry::Dissolve(Frames(10)));
    assert_eq!(different(&melting), 2 * looks.len() - 1);
}

#[test]
fn what_has_the_same_digest_is_painted_the_same() {
    let dots = |x: u32, y: u32| {
        let luma = (x * 5 + y * 3) as u8;
        [luma, luma / 2, 255 - luma, 255]
    };
    let sources = Memory::default()
        .with("a", &plain(64, 36, [90, 90, 90, 255]))
        .with("b", &drawn(64, 36, dots));
    let list = vec![Look::Jank(Jank::default())];
    let none = paint_all(&line(10, vec![], vec![]), &sources);
    let of_shot = paint_all(&line(10, list.clone(), vec![]), &sources);
    let of_film = paint_all(&line(10, vec![], list), &sources);
    assert!(of_shot[..10] == none[..10]);
    for at in 10..40 {
        assert!(of_shot[at] == of_film[at], "frame {at}");
        assert!(of_shot[at] != none[at], "frame {at}");
    }
}

#[test]
fn the_same_table_with_other_bytes_is_another_chunk_and_is_needed() {
    let lut = Look::Lut(Lut {
        file: "media/one.cube".parse().unwrap(),
        amount: Percent::new(100),
    });
    for film in [false, true] {
        let with = |bytes: &str| {
            let mut line = line(10, vec![], vec![]);
            let look = PlacedLook {
                look: lut.clone(),
                cube: Some(artifact(bytes)),
            };
            if film {
                line.looks = vec![look];
            } else {
                line.shots[1].looks = vec![look];
            }
            line
        };
        assert_ne!(digest(&with("one")), digest(&with("two")));
        let line = with("one");
        let chunk = *cut(&line, &BTreeSet::new()).last().unwrap();
        assert!(
            content(&line, chunk)
                .needs
                .contains(&artifact("one").digest)
        );
    }
}

#[test]
fn plates_are_told_apart_and_held() {
    let line = |colour| {
        let plate = PlateSpec {
            to: Some(Colour::new(9, 9, 9)),
            ..PlateSpec::plain(colour)
        };
        let mut line = line(10, vec![], vec![]);
        line.shots[1].picture = PlacedPicture::Plate(plate);
        line
    };
    let (red, blue) = (line(Colour::new(200, 0, 0)), line(Colour::new(0, 0, 200)));
    assert_ne!(digest(&red), digest(&blue));
    assert_eq!(paintings(&red), 1);
}
