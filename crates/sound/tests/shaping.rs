//! What a placed sound can be: trimmed, faded along curves, automated, panned, ducked its own way.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]

use std::collections::BTreeMap;

use workprint_model::episode::Ease;
use workprint_model::sound::{Ducking, FadeCurve};
use workprint_model::timeline::{Lane, PlacedLevel, PlacedSound, rows};
use workprint_model::{Artifact, Decibels, Digest, Samples};
use workprint_sound::mix::{Library, match_voices, mix, mix_lanes};
use workprint_sound::{MemorySound, Sound, SoundError};

#[derive(Default)]
struct Shelf(BTreeMap<String, (u16, Vec<f32>)>);

impl Library for Shelf {
    fn open(&self, sound: &PlacedSound) -> Result<Box<dyn Sound>, SoundError> {
        let (channels, samples) = &self.0[&sound.name];
        Ok(Box::new(MemorySound::new(*channels, samples.clone())))
    }
}

impl Shelf {
    fn with(mut self, name: &str, channels: u16, samples: Vec<f32>) -> Self {
        self.0.insert(name.to_owned(), (channels, samples));
        self
    }

    fn mix(&self, items: &[PlacedSound], length: u64) -> Vec<f32> {
        let mut out = Vec::new();
        mix(items, Samples(length), self, &mut |block| {
            out.extend_from_slice(block);
            Ok(())
        })
        .unwrap();
        out
    }
}

fn placed(name: &str, lane: Lane, from: u64, length: u64) -> PlacedSound {
    let sound = Artifact {
        digest: Digest::of(name.as_bytes()),
        media_type: "audio/wav".to_owned(),
        bytes: 0,
    };
    PlacedSound::plain(name, lane, &sound, (Samples(from), Samples(length)))
}

fn noise(seed: u32, count: usize, level: f32) -> Vec<f32> {
    let mut state = u64::from(seed) * 2 + 1;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / 8_388_608.0 - 1.0) * level
    })
    .take(count)
    .collect()
}

fn tone(hertz: f64, count: usize, level: f64) -> Vec<f32> {
    let sample = |n: usize| (n as f64 * hertz / 48_000.0 * std::f64::consts::TAU).sin() * level;
    (0..count).map(|n| sample(n) as f32).collect()
}

/// Level of both channels together between two frames, in decibels.
fn level(stereo: &[f32], from: usize, to: usize) -> f64 {
    let part = &stereo[from * 2..to * 2];
    let power: f64 = part.iter().map(|s| f64::from(*s).powi(2)).sum();
    10.0 * (power / part.len() as f64).log10()
}

fn close(found: f64, wanted: f64, by: f64) {
    assert!((found - wanted).abs() <= by, "{found} is not {wanted}");
}

#[test]
fn a_trimmed_sound_begins_where_it_is_cut_and_repeats_from_there() {
    let ramp: Vec<f32> = (0..200_000u32).map(|n| n as f32 / 200_000.0).collect();
    let shelf = Shelf::default().with("ramp", 1, ramp.clone());
    let mut item = placed("ramp", Lane::Sfx, 777, 1000);
    item.skip = Samples(123_456);
    let out = shelf.mix(std::slice::from_ref(&item), 5000);
    let left: Vec<f32> = out.iter().step_by(2).copied().collect();
    assert!(left[..777].iter().all(|s| *s == 0.0));
    assert_eq!(left[777..1777], ramp[123_456..124_456]);
    assert!(left[1777..].iter().all(|s| *s == 0.0));
    // Again from the cut, not from the file's beginning: nothing under it is ever heard.
    for skip in [150_000, 199_000] {
        item.skip = Samples(skip);
        item.length = Samples(160_000);
        item.repeat = true;
        let out = shelf.mix(std::slice::from_ref(&item), 170_000);
        let heard = &out[2 * 778..2 * 160_000];
        let least = heard.iter().copied().fold(1.0, f32::min);
        assert!(least >= skip as f32 / 200_000.0 - 1e-6, "{least}");
    }
}

#[test]
fn fades_follow_their_curves() {
    let shelf = Shelf::default().with("one", 1, vec![1.0; 10_000]);
    let mut item = placed("one", Lane::Sfx, 0, 10_000);
    item.fade_in = Samples(4000);
    item.fade_out = Samples(4000);
    for (curve, half) in [
        (FadeCurve::Smooth, 0.5),
        (FadeCurve::Linear, 0.5),
        (FadeCurve::EqualPower, 0.5f32.sqrt()),
        (FadeCurve::Exponential, 10f32.powf(-1.5)),
    ] {
        item.fade_in_curve = curve;
        item.fade_out_curve = curve;
        let out = shelf.mix(std::slice::from_ref(&item), 10_000);
        assert!((out[4000] - half).abs() < 1e-3, "{curve:?}: {}", out[4000]);
        assert!((out[2 * 8000] - half).abs() < 1e-3, "{curve:?}");
        assert_eq!(out[2 * 5000], 1.0);
        assert!(out[2 * 9999] < 0.0011, "{curve:?}: {}", out[2 * 9999]);
    }
}

#[test]
fn levels_are_reached_at_their_samples() {
    let shelf = Shelf::default().with("one", 1, vec![1.0; 48_000]);
    let mut item = placed("one", Lane::Music, 100, 48_000);
    let at = |at, gain, ease| PlacedLevel {
        at: Samples(at),
        gain: Decibels::new(gain),
        ease,
    };
    item.levels = vec![
        at(1000, -12, Ease::Linear),
        at(13_001, 0, Ease::Linear),
        at(20_000, 0, Ease::Smooth),
        at(20_000, -20, Ease::Smooth),
        at(30_000, 6, Ease::Smooth),
    ];
    let out = shelf.mix(&[item], 48_100);
    let decibels = |frame: usize| 20.0 * f64::from(out[2 * (100 + frame)]).log10();
    close(decibels(0), -12.0, 0.001);
    close(decibels(1000), -12.0, 0.001);
    close(decibels(7000), -6.0, 0.01);
    close(decibels(13_001), 0.0, 0.001);
    close(decibels(19_999), 0.0, 0.001);
    close(decibels(20_000), -20.0, 0.001);
    close(decibels(22_500), -20.0 + 26.0 * 0.156_25, 0.02);
    close(decibels(25_000), -7.0, 0.02);
    close(decibels(40_000), 6.0, 0.001);
}

#[test]
fn a_pan_moves_a_sound_and_keeps_its_power() {
    let shelf = Shelf::default().with("tone", 1, tone(440.0, 48_000, 0.5));
    let mut item = placed("tone", Lane::Sfx, 0, 48_000);
    let middle = level(&shelf.mix(std::slice::from_ref(&item), 48_000), 0, 48_000);
    for pan in [-100, -40, 25, 100] {
        item.pan = pan;
        let out = shelf.mix(std::slice::from_ref(&item), 48_000);
        close(level(&out, 0, 48_000), middle, 0.01);
        let side = |c: usize| out.iter().skip(c).step_by(2).map(|s| s * s).sum::<f32>();
        assert_eq!(side(0) > side(1), pan < 0);
    }
    assert!(
        shelf
            .mix(&[item], 48_000)
            .iter()
            .step_by(2)
            .all(|left| left.abs() < 1e-6)
    );
}

/// A bed of `samples` under a voice from 4 s to 6 s, ducked by 12 dB; what the bed alone comes to.
fn under_voice(samples: Vec<f32>, ducking: Ducking) -> Vec<f32> {
    let shelf = Shelf::default()
        .with("bed", 1, samples)
        .with("line", 1, tone(300.0, 96_000, 0.2));
    let mut bed = placed("bed", Lane::Music, 0, 480_000);
    bed.duck = Decibels::new(-12);
    bed.ducking = ducking;
    let items = [bed, placed("line", Lane::Voice, 192_000, 96_000)];
    let mut out = Vec::new();
    mix_lanes(&items, Samples(480_000), &shelf, &mut |lanes| {
        let music = lanes.iter().find(|(lane, _)| *lane == Lane::Music);
        out.extend_from_slice(&music.unwrap().1);
        Ok(())
    })
    .unwrap();
    out
}

#[test]
fn ducking_goes_down_and_comes_back_as_it_is_told() {
    let bed = tone(1000.0, 480_000, 0.3);
    let open = 20.0 * (0.3f64 / 2f64.sqrt()).log10();
    for (attack, hold, release, ahead) in [
        (150, 300, 600, 160),
        (20, 0, 100, 0),
        (1000, 1500, 2000, 500),
    ] {
        let ducking = Ducking {
            attack_ms: attack,
            hold_ms: hold,
            release_ms: release,
            look_ahead_ms: ahead,
            speech_band: false,
        };
        let out = under_voice(bed.clone(), ducking);
        // In milliseconds; the voice is heard from 4000 to 6000.
        let at = |ms: usize| level(&out, ms * 48 - 240, ms * 48 + 240);
        let (attack, hold) = (usize::from(attack), usize::from(hold));
        let (release, ahead) = (usize::from(release), usize::from(ahead));
        let begins = 4000 - ahead;
        close(at(begins - 20), open, 0.05);
        close(at(begins + attack + 20), open - 12.0, 0.05);
        close(at(6000 + hold - 20), open - 12.0, 0.05);
        close(at(begins + attack / 2), open - 6.0, 1.8);
        close(at(6000 + hold + release / 2), open - 6.0, 1.8);
        close(at(6000 + hold + release + 30), open, 0.05);
    }
}

#[test]
fn the_band_of_speech_alone_can_go_down() {
    let ducking = Ducking {
        speech_band: true,
        ..Ducking::default()
    };
    for (hertz, least, most) in [
        (948.7, -12.1, -11.8),
        (400.0, -11.5, -5.0),
        (2500.0, -11.5, -5.0),
        (40.0, -1.2, 0.0),
        (15_000.0, -1.5, 0.0),
    ] {
        let out = under_voice(tone(hertz, 480_000, 0.3), ducking.clone());
        let down = level(&out, 220_000, 280_000) - level(&out, 48_000, 120_000);
        assert!((least..=most).contains(&down), "{hertz} Hz: {down} dB");
        close(
            level(&out, 400_000, 470_000),
            level(&out, 48_000, 120_000),
            0.03,
        );
    }
    // Without a voice near, the sound is what it was, to the bit.
    let bed = noise(3, 480_000, 0.3);
    let out = under_voice(bed.clone(), ducking);
    assert!(
        out.iter()
            .step_by(2)
            .zip(&bed)
            .take(150_000)
            .all(|(a, b)| a == b)
    );
}

#[test]
fn lanes_add_up_to_the_mix_to_the_bit() {
    let mut shelf = Shelf::default();
    let mut items = Vec::new();
    for (n, lane) in Lane::ALL.into_iter().cycle().take(23).enumerate() {
        let name = format!("item-{n}");
        shelf = shelf.with(&name, 1 + (n % 2) as u16, noise(n as u32, 60_000, 0.2));
        let mut item = placed(&name, lane, n as u64 * 7001, 29_000);
        item.duck = Decibels::new(-6);
        item.pan = (n as i8) * 4 - 40;
        items.push(item);
    }
    let whole = shelf.mix(&items, 200_000);
    let mut sum = vec![0.0f32; 400_000];
    let mut at = 0;
    mix_lanes(&items, Samples(200_000), &shelf, &mut |lanes| {
        assert_eq!(lanes.len(), 5);
        let length = lanes[0].1.len();
        for (_, block) in lanes {
            for (sum, sample) in sum[at..at + length].iter_mut().zip(block) {
                *sum += sample;
            }
        }
        at += length;
        Ok(())
    })
    .unwrap();
    assert!(
        whole
            .iter()
            .zip(&sum)
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
}

#[test]
fn speakers_are_brought_to_one_loudness() {
    let line = |level: f64| tone(500.0, 96_000, level);
    let shelf = Shelf::default()
        .with("a1", 1, line(0.1))
        .with("a2", 1, line(0.1))
        .with("b1", 1, line(0.02))
        .with("c1", 1, vec![0.0; 96_000]);
    let items: Vec<PlacedSound> = ["a1", "a2", "b1", "c1"]
        .iter()
        .enumerate()
        .map(|(n, name)| PlacedSound {
            speaker: Some(name[..1].parse().unwrap()),
            // A line's own gain is meant to be heard.
            gain: Decibels::new(n as i32),
            ..placed(name, Lane::Voice, n as u64 * 100_000, 96_000)
        })
        .collect();
    let matched = match_voices(&items, &shelf).unwrap();
    let names: Vec<&str> = matched.iter().map(|m| m.speaker.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    // A 500 Hz sine in both channels is about 0.7 LU under its level in dBFS.
    let (a, b) = (&matched[0], &matched[1]);
    close(a.loudness.unwrap() + a.gain, -20.0, 0.01);
    close(
        a.loudness.unwrap() - b.loudness.unwrap(),
        20.0 * 5f64.log10(),
        0.05,
    );
    close(b.gain, 12.0, 1e-9);
    assert!(matched[2].loudness.is_none() && matched[2].gain == 0.0);
}

#[test]
fn overlapping_sounds_are_packed_into_rows() {
    let spans = [
        (0, 100),
        (50, 100),
        (100, 10),
        (120, 100),
        (149, 5),
        (150, 9),
    ];
    let mut items: Vec<PlacedSound> = spans
        .iter()
        .map(|(from, length)| placed("x", Lane::Reactions, *from, *length))
        .collect();
    items.push(placed("alone", Lane::Sfx, 60, 10));
    assert_eq!(rows(&items), [0, 1, 0, 0, 2, 1, 0]);
    items.reverse();
    assert_eq!(rows(&items), [0, 1, 2, 0, 0, 1, 0]);
}
