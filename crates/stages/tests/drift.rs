//! Times of a long episode: nothing adds up to a shift between what is seen and what is heard.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers may fail as the test itself may"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use workprint_model::episode::{ClipEnd, Episode};
use workprint_model::show::{Output, Show};
use workprint_model::timeline::{Clip, PlacedPicture, Timeline};
use workprint_model::{Artifact, Digest, Frames, Percent, Rate, Samples, ShotId, Size};
use workprint_stages::timeline::{Materials, lay};

const CLIPS: u64 = 1000;

/// Odd lengths in frames, from 1 to 97, in no order.
fn length(number: u64) -> u64 {
    (number * 7919 + 13) % 49 * 2 + 1
}

/// A thousand clips with their own sound, each as long as [`length`] says.
fn laid(rate: Rate) -> Timeline {
    let cues: Vec<_> = (0..CLIPS)
        .map(|number| {
            // To a millisecond, as people write: the frame is the nearest one.
            let frames = u128::from(length(number)) * 1000 * u128::from(rate.den());
            let ms = (frames + u128::from(rate.num()) / 2) / u128::from(rate.num());
            let clip = json!({"clip": {"file": "media/c.mp4", "sound_db": 0}});
            json!({"id": format!("c{number}"), "hold_ms": ms as u64,
                "shots": [{"id": format!("s{number}"), "picture": clip}]})
        })
        .collect();
    let episode: Episode = serde_json::from_value(json!({
        "format": "workprint.manifest/1", "title": "Long", "language": "en",
        "scenes": [{"id": "all", "cues": cues}],
    }))
    .unwrap();
    let show: Show =
        serde_json::from_value(json!({"format": "workprint.show/1", "title": "Show"})).unwrap();
    let video = Artifact {
        digest: Digest::of(b"clip"),
        media_type: "video/mp4".to_owned(),
        bytes: 1,
    };
    let clip = PlacedPicture::Clip(Clip {
        video: video.clone(),
        size: Size {
            width: 64,
            height: 36,
        },
        start: Samples(0),
        speed: Percent::WHOLE,
        frames: Frames(200),
        then: ClipEnd::Hold,
    });
    let ids: Vec<ShotId> = episode.shots().map(|shot| shot.id.clone()).collect();
    let minute = Samples(60 * 48_000);
    let materials = Materials {
        pictures: ids.iter().map(|id| (id.clone(), clip.clone())).collect(),
        clip_sounds: ids
            .into_iter()
            .map(|id| (id, (video.clone(), minute)))
            .collect(),
        ..Materials::default()
    };
    let output = Output {
        rate,
        ..Output::default()
    };
    lay(&episode, &show, &output, &materials)
}

/// Where a frame begins, in thousand-millionths of a sample, by another way than the model's.
fn exact(rate: Rate, frame: u64) -> i128 {
    i128::from(frame) * 48_000 * i128::from(rate.den()) * 1_000_000_000 / i128::from(rate.num())
}

#[test]
fn a_thousand_clips_of_odd_lengths_drift_by_nothing() {
    for text in ["24000/1001", "30000/1001", "60000/1001", "25", "24"] {
        let rate: Rate = text.parse().unwrap();
        let line = laid(rate);
        let total: u64 = (0..CLIPS).map(length).sum();
        assert_eq!(line.length, Frames(total), "{text}");
        let sounds: BTreeMap<&str, _> = line.sounds.iter().map(|s| (s.name.as_str(), s)).collect();
        let mut from = 0;
        for (number, shot) in (0..).zip(&line.shots) {
            assert_eq!(
                (shot.from.0, shot.length.0),
                (from, length(number)),
                "{text}"
            );
            let sound = sounds[shot.id.as_str()];
            let off = i128::from(sound.from.0) * 1_000_000_000 - exact(rate, from);
            assert!(
                off.abs() <= 500_000_000,
                "{text}: clip {number} is off by {off}"
            );
            from += shot.length.0;
            // The next sound begins with the sample after this one's last.
            assert_eq!(
                sound.from + sound.length,
                rate.sample_of(Frames(from)),
                "{text}"
            );
        }
        let end = i128::from(line.samples().0) * 1_000_000_000;
        assert!((end - exact(rate, total)).abs() <= 500_000_000, "{text}");
        if text == "24000/1001" {
            assert_eq!(line.samples(), Samples(total * 2002), "not rounded at all");
        }
    }
}

#[test]
fn chunks_of_a_thousand_clips_are_the_clips() {
    let line = laid("24000/1001".parse().unwrap());
    let chunks = workprint_picture::cut(&line, &BTreeSet::new());
    let mut from = Frames(0);
    for chunk in &chunks {
        assert_eq!(chunk.from, from);
        from = from + chunk.length;
    }
    assert_eq!(from, line.length);
    let starts: BTreeSet<u64> = chunks.iter().map(|chunk| chunk.from.0).collect();
    assert!(line.shots.iter().all(|shot| starts.contains(&shot.from.0)));
}
