//! Mouth shapes in time → the mouth of every frame.
//!
//! What an animator does by hand: mouths run a little ahead of the sound, each is held long enough
//! to be read, lips that must meet do meet, and the mouth closes when nothing is said.

use workprint_model::rig::{Mouth, Shaped};
use workprint_model::{Frames, Millis, Rate, Samples};

/// How far mouths run ahead of the sound: about a frame.
const AHEAD: u64 = 1920;

/// How long a mouth is held at least: two frames at 24 to 30 frames a second.
const HOLD: Millis = Millis(70);

/// How early the mouth opens before the first sound.
const OPENING: u64 = 1440;

/// A voice's mouth shapes and where in a shot it is heard.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The shapes, in order, counted from the voice's start.
    pub shapes: &'a [Shaped],
    /// The voice's start, in samples after the shot's; less than 0 where it began before.
    pub start: i64,
}

/// A mouth that begins at a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    from: u64,
    mouth: Mouth,
}

/// The mouth from each of these frames of a shot on, for the voices heard in its first `length`
/// frames; at rest before the first. Frames rise, neighbours differ, and every mouth but one that a
/// voice cuts off is held for about 70 ms.
pub fn track(lines: &[Line<'_>], rate: Rate, length: Frames) -> Vec<(Frames, Mouth)> {
    let hold = rate.frames_of(HOLD).0.max(1);
    let mut keys: Vec<Key> = Vec::new();
    for line in lines {
        for key in held(&beats(line, rate), hold) {
            // A voice that begins while another is heard takes the mouth over.
            while keys.last().is_some_and(|last| last.from >= key.from) {
                keys.pop();
            }
            if keys.last().map_or(Mouth::X, |last| last.mouth) != key.mouth {
                keys.push(key);
            }
        }
    }
    let shown = keys.into_iter().take_while(|key| key.from < length.0);
    shown.map(|key| (Frames(key.from), key.mouth)).collect()
}

/// A stretch of frames with one shape.
#[derive(Debug, Clone, Copy)]
struct Beat {
    from: u64,
    to: u64,
    mouth: Mouth,
}

/// The shapes in frames, each at least one frame long or left out, and the rest after them.
fn beats(line: &Line<'_>, rate: Rate) -> Vec<Beat> {
    let frame = |sample: u64, ahead: u64| {
        let at = line
            .start
            .saturating_add_unsigned(sample)
            .saturating_sub_unsigned(ahead);
        rate.nearest_frame(Samples(at.max(0).unsigned_abs())).0
    };
    let mut out: Vec<Beat> = Vec::new();
    for (index, shaped) in line.shapes.iter().enumerate() {
        let ahead = if index == 0 { AHEAD + OPENING } else { AHEAD };
        let last = index + 1 == line.shapes.len();
        let from = frame(shaped.start.0, ahead).max(out.last().map_or(0, |beat| beat.to));
        // The last sound is heard to its end.
        let to = frame(shaped.end.0, if last { 0 } else { AHEAD });
        if to > from {
            out.push(Beat {
                from,
                to,
                mouth: shaped.mouth,
            });
        }
    }
    if let Some(end) = out.last().map(|beat| beat.to) {
        out.push(Beat {
            from: end,
            to: u64::MAX,
            mouth: Mouth::X,
        });
    }
    out
}

/// How much a shape must be seen: lips that meet and teeth on a lip are missed at once, the shapes
/// of consonants hardly, and rest comes soon enough.
const fn weight(mouth: Mouth) -> u8 {
    match mouth {
        Mouth::A | Mouth::G => 3,
        Mouth::D | Mouth::E | Mouth::F | Mouth::C => 2,
        Mouth::B | Mouth::H | Mouth::X => 1,
    }
}

/// Gives every beat `hold` frames: a short one takes them from a neighbour that matters less, or is
/// left out.
fn held(beats: &[Beat], hold: u64) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for beat in beats {
        let mut from = beat.from;
        while let Some(last) = keys.last().copied() {
            if last.mouth == beat.mouth || from >= last.from.saturating_add(hold) {
                break;
            }
            if weight(beat.mouth) > weight(last.mouth) {
                // The weaker one before is left out, and its frames are this one's.
                keys.pop();
                from = from.min(last.from).max(beat.from.saturating_sub(hold));
                if keys.last().is_some_and(|before| before.mouth == beat.mouth) {
                    break;
                }
                continue;
            }
            from = last.from.saturating_add(hold);
        }
        let same = keys.last().is_some_and(|last| last.mouth == beat.mouth);
        // A beat that its neighbours leave no frame is left out, unless it must be seen.
        let room = beat.to.saturating_sub(from);
        let shown = room > 0 || (weight(beat.mouth) > 2 && from <= beat.to.saturating_add(1));
        if !same && shown {
            keys.push(Key {
                from,
                mouth: beat.mouth,
            });
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use workprint_model::words::Phoneme;

    use super::super::visemes::shapes;
    use super::*;

    const MS: u64 = 48;

    fn fps(num: u32, den: u32) -> Rate {
        Rate::new(num, den).unwrap()
    }

    fn said(names: &[(&str, u64)]) -> Vec<Shaped> {
        let mut at = 0;
        let sounds: Vec<Phoneme> = names
            .iter()
            .map(|(name, ms)| {
                let start = at;
                at += ms * MS;
                Phoneme {
                    ipa: (*name).to_owned(),
                    start: Samples(start),
                    end: Samples(at),
                }
            })
            .collect();
        shapes(&sounds)
    }

    fn tracked(names: &[(&str, u64)], start_ms: i64, rate: Rate) -> Vec<(u64, char)> {
        let shapes = said(names);
        let line = Line {
            shapes: &shapes,
            start: start_ms * MS as i64,
        };
        let keys = track(&[line], rate, Frames(10_000));
        keys.into_iter()
            .map(|(from, mouth)| (from.0, mouth.letter()))
            .collect()
    }

    #[test]
    fn a_word_opens_early_and_ends_at_rest() {
        // "mama" in the middle of a second of silence.
        let keys = tracked(
            &[("m", 100), ("ɑː", 200), ("m", 100), ("ə", 200)],
            1000,
            Rate::FPS_30,
        );
        assert_eq!(
            keys,
            [(28, 'A'), (32, 'D'), (38, 'A'), (41, 'C'), (48, 'X')]
        );
    }

    #[test]
    fn a_very_short_closure_is_seen_all_the_same() {
        // A "b" of 30 ms between two vowels takes two frames.
        let keys = tracked(&[("a", 200), ("b", 30), ("a", 200)], 0, Rate::FPS_30);
        let at = keys.iter().position(|key| key.1 == 'A').unwrap();
        assert!(keys[at + 1].0 - keys[at].0 >= 2, "{keys:?}");
    }

    #[test]
    fn very_short_tongue_sounds_are_left_out() {
        let keys = tracked(&[("a", 150), ("ɾ", 20), ("a", 150)], 0, Rate::FPS_30);
        assert!(keys.iter().all(|key| key.1 != 'B'), "{keys:?}");
    }

    #[test]
    fn pauses_close_the_mouth() {
        let keys = tracked(&[("a", 300), ("", 400), ("a", 300)], 0, Rate::FPS_30);
        let letters: String = keys.iter().map(|key| key.1).collect();
        assert_eq!(letters, "DXDX");
    }

    #[test]
    fn a_voice_that_began_before_the_shot_goes_on_in_it() {
        let keys = tracked(&[("a", 500), ("u", 500)], -250, Rate::FPS_30);
        assert_eq!(keys, [(0, 'D'), (6, 'F'), (23, 'X')]);
    }

    #[test]
    fn the_hold_is_a_time_and_not_a_number_of_frames() {
        let sounds: Vec<(&str, u64)> = ["t", "a", "b", "i", "m", "u"].map(|name| (name, 45)).into();
        for (rate, hold) in [
            (fps(24, 1), 2),
            (fps(30, 1), 2),
            (fps(60, 1), 4),
            (fps(12, 1), 1),
        ] {
            let keys = tracked(&sounds, 100, rate);
            for pair in keys.windows(2) {
                assert!(pair[1].0 - pair[0].0 >= hold, "{rate}: {keys:?}");
            }
        }
    }

    #[test]
    fn a_second_voice_takes_over() {
        let (first, second) = (said(&[("a", 1000)]), said(&[("u", 500)]));
        let lines = [
            Line {
                shapes: &first,
                start: 0,
            },
            Line {
                shapes: &second,
                start: 500 * MS as i64,
            },
        ];
        let keys = track(&lines, Rate::FPS_30, Frames(100));
        let letters: String = keys.iter().map(|key| key.1.letter()).collect();
        assert_eq!(letters, "DFX");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn mouths_are_held_rise_and_differ(
            sounds in prop::collection::vec(("[a-zθɑɔʃŋː]{0,3}", 1u64..260), 1..60),
            start in -3000i64..3000,
            rate in prop_oneof![Just((24, 1)), Just((30, 1)), Just((60, 1)), Just((24_000, 1001))],
        ) {
            let rate = fps(rate.0, rate.1);
            let hold = rate.frames_of(HOLD).0;
            let sounds: Vec<(&str, u64)> = sounds.iter().map(|(name, ms)| (name.as_str(), *ms)).collect();
            let keys = tracked(&sounds, start, rate);
            for pair in keys.windows(2) {
                prop_assert!(pair[1].0 >= pair[0].0 + hold, "{:?}", keys);
                prop_assert!(pair[1].1 != pair[0].1);
            }
            if let Some(last) = keys.last() {
                prop_assert_eq!(last.1, 'X');
            }
        }
    }
}
