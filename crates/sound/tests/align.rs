//! Alignment of made-up voices: what can be said without a synthesiser.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers may fail as the test itself may"
)]

use proptest::prelude::*;
mod made;

use made::{speak, words};
use workprint_sound::align::{Found, Line, RATE, ReadSound, Reading, Speaker, narrow};

fn worst(found: &Found, truth: &Reading) -> u64 {
    errors(found, truth).into_iter().max().unwrap()
}

/// For every word the worse of its start and end, in ms.
fn errors(found: &Found, truth: &Reading) -> Vec<u64> {
    let words = found.words.iter().map(|word| {
        let mut own = truth
            .sounds
            .iter()
            .filter(|sound| sound.word == Some(word.word));
        let start = own.clone().next().unwrap().start as u64;
        let end = own.next_back().unwrap().end as u64;
        word.start.abs_diff(start).max(word.end.abs_diff(end)) / 16
    });
    words.collect()
}

#[test]
fn words_are_found_at_another_pace_and_behind_pauses() {
    let reading = speak(&words(12, 0), 100, (1, &[]));
    for (pace, pauses) in [(100, &[][..]), (140, &[3, 8]), (70, &[1, 5, 6])] {
        let voice = speak(&words(12, 0), pace, (77, pauses));
        let found = Line::find(&voice.samples, &reading).unwrap().refine(None);
        assert_eq!(found.words.len(), 12);
        let worst = worst(&found, &voice);
        assert!(worst <= 30, "{worst} ms at {pace} %");
        assert!(
            found.distance < 0.4 && found.unwritten.is_empty(),
            "{found:?}"
        );
    }
}

#[test]
fn a_long_voice_is_found_by_way_of_a_coarse_one() {
    let words = words(400, 0);
    let reading = speak(&words, 100, (1, &[]));
    let voice = speak(&words, 120, (5, &[50, 130, 131, 290]));
    let found = Line::find(&voice.samples, &reading).unwrap().refine(None);
    let mut errors = errors(&found, &voice);
    errors.sort_unstable();
    assert!(errors[200] <= 10, "{} ms", errors[200]);
    assert!(errors[399] <= 20, "{} ms", errors[399]);
}

#[test]
fn what_is_said_and_not_written_lies_between_sentences() {
    let mut reading = speak(&words(12, 0), 100, (1, &[]));
    reading.sentences = vec![0, 6];
    let mut said = words(12, 0);
    said.splice(6..6, words(5, 3));
    let voice = speak(&said, 100, (9, &[6, 11]));
    let found = Line::find(&voice.samples, &reading).unwrap().refine(None);
    let (from, to) = *found.unwritten.first().unwrap();
    let starts = |word: usize| {
        voice
            .sounds
            .iter()
            .find(|s| s.word == Some(word))
            .unwrap()
            .start as u64
    };
    assert!(
        from >= starts(5) && to <= starts(11) && to - from > 8000,
        "{from} to {to}"
    );
    let after = found.words.iter().find(|word| word.word == 6).unwrap();
    assert!(after.start.abs_diff(starts(11)) < 480);
}

#[test]
fn a_model_is_kept_and_used_again() {
    let reading = speak(&words(12, 0), 100, (1, &[]));
    let line =
        |seed| Line::find(&speak(&words(12, 0), 110, (seed, &[4])).samples, &reading).unwrap();
    let mut lines = vec![line(3), line(4)];
    let speaker = Speaker::learn(&mut lines);
    let bytes = speaker.to_bytes();
    assert_eq!(Speaker::from_bytes(&bytes).unwrap(), speaker);
    let voice = speak(&words(12, 0), 110, (8, &[4]));
    let found = Line::find(&voice.samples, &reading)
        .unwrap()
        .refine(Some(&speaker));
    assert!(worst(&found, &voice) <= 15);
    for cut in [0, 10, 25, bytes.len() - 1] {
        assert!(Speaker::from_bytes(&bytes[..cut]).is_err(), "{cut}");
    }
    let mut broken = bytes.clone();
    let last = broken.len() - 8;
    broken[last..].copy_from_slice(&f64::NAN.to_le_bytes());
    assert!(Speaker::from_bytes(&broken).is_err());
}

#[test]
fn the_same_voice_gives_the_same_times() {
    let reading = speak(&words(12, 0), 100, (1, &[]));
    let voice = speak(&words(12, 0), 130, (2, &[2]));
    let find = || Line::find(&voice.samples, &reading).unwrap().refine(None);
    assert_eq!(find(), find());
}

#[test]
fn other_rates_are_narrowed_in_place() {
    let wide: Vec<f32> = (0..48_000)
        .map(|n| if n == 24_000 { 1.0 } else { 0.0 })
        .collect();
    for rate in [8_000, 16_000, 22_050, 44_100, 48_000, 192_000] {
        let narrow = narrow(&wide, rate).unwrap();
        let peak = (0..narrow.len())
            .max_by(|a, b| narrow[*a].total_cmp(&narrow[*b]))
            .unwrap();
        let expected = (24_000.0 * f64::from(RATE) / f64::from(rate)).round() as usize;
        assert!(peak.abs_diff(expected) <= 1, "{rate}: {peak}");
    }
    assert!(narrow(&wide, 0).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn anything_gives_times_in_order_or_nothing(
        samples in prop::collection::vec(prop_oneof![-1.0f32..1.0, Just(0.0), Just(f32::NAN), Just(f32::INFINITY)], 0..4000),
        words in prop::collection::vec((0usize..6, 0usize..6), 0..8),
        cut in 0usize..20_000,
    ) {
        let mut reading = speak(&words, 100, (1, &[]));
        reading.samples.truncate(cut);
        if let Some(line) = Line::find(&narrow(&samples, RATE).unwrap(), &reading) {
            let found = line.refine(None);
            let mut floor = 0;
            for word in &found.words {
                prop_assert!(word.start >= floor && word.end > word.start);
                floor = word.end;
            }
            prop_assert!(found.distance.is_finite());
        }
    }
}
