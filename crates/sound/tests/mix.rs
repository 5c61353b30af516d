//! Placed sounds become a mix.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Artifact, Decibels, Digest, Samples};
use workprint_sound::mix::{Library, MixReport, mix};
use workprint_sound::{MemorySound, Sound, SoundError};

/// Sounds by name, with a count of those that are open.
#[derive(Default)]
struct Shelf {
    sounds: BTreeMap<String, (u16, Vec<f32>)>,
    open: Rc<Cell<usize>>,
    most: Rc<Cell<usize>>,
}

struct Counted(MemorySound, Rc<Cell<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.set(self.1.get() - 1);
    }
}

impl Sound for Counted {
    fn channels(&self) -> u16 {
        self.0.channels()
    }
    fn samples(&self) -> Samples {
        self.0.samples()
    }
    fn read(&mut self, out: &mut [f32]) -> Result<usize, SoundError> {
        self.0.read(out)
    }
    fn seek(&mut self, to: Samples) -> Result<(), SoundError> {
        self.0.seek(to)
    }
}

impl Library for Shelf {
    fn open(&self, sound: &PlacedSound) -> Result<Box<dyn Sound>, SoundError> {
        let (channels, samples) = self.sounds.get(&sound.name).ok_or(SoundError::Open {
            what: sound.name.clone(),
            source: "there is no such sound".into(),
        })?;
        self.open.set(self.open.get() + 1);
        self.most.set(self.most.get().max(self.open.get()));
        let sound = MemorySound::new(*channels, samples.clone());
        Ok(Box::new(Counted(sound, Rc::clone(&self.open))))
    }
}

impl Shelf {
    fn with(mut self, name: &str, channels: u16, samples: Vec<f32>) -> Self {
        self.sounds.insert(name.to_owned(), (channels, samples));
        self
    }

    fn mix(&self, items: &[PlacedSound], length: u64) -> (Vec<f32>, MixReport) {
        let mut out = Vec::new();
        let report = mix(items, Samples(length), self, &mut |block| {
            out.extend_from_slice(block);
            Ok(())
        })
        .unwrap();
        assert_eq!(out.len() as u64, length * 2);
        (out, report)
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

fn level(stereo: &[f32], from: usize, to: usize) -> f64 {
    let part = &stereo[from * 2..to * 2];
    let power: f64 = part.iter().map(|s| f64::from(*s).powi(2)).sum();
    10.0 * (power / part.len() as f64).log10()
}

#[test]
fn a_sound_is_heard_at_its_sample() {
    for from in [0, 1, 4799, 4800, 4801, 123_457] {
        let shelf =
            Shelf::default()
                .with("click", 1, vec![0.5, 0.25])
                .with("wide", 2, vec![0.125, -0.125]);
        let items = [
            placed("click", Lane::Sfx, from, 2),
            placed("wide", Lane::Sfx, from + 1, 10),
        ];
        let (out, _) = shelf.mix(&items, from + 7);
        let at = from as usize * 2;
        assert!(out[..at].iter().all(|s| *s == 0.0));
        assert_eq!(out[at..at + 6], [0.5, 0.5, 0.375, 0.125, 0.0, 0.0]);
    }
}

#[test]
fn gain_and_fades_are_exact() {
    let shelf = Shelf::default().with("one", 1, vec![1.0; 20_000]);
    let mut item = placed("one", Lane::Sfx, 100, 10_000);
    item.gain = Decibels::new(-6);
    item.fade_in = Samples(1000);
    item.fade_out = Samples(7000);
    let (out, _) = shelf.mix(&[item], 12_000);
    let gain = 10f64.powf(-0.3);
    for n in 0..12_000usize {
        let heard = f64::from(out[n * 2]);
        let at = n as f64 - 100.0;
        let cosine = |part: f64| 0.5 - 0.5 * (part.clamp(0.0, 1.0) * std::f64::consts::PI).cos();
        let inside = (100..10_100).contains(&n);
        let rise = cosine((at + 0.5) / 1000.0);
        let fall = cosine((9999.5 - at) / 7000.0);
        let wanted = if inside { gain * rise * fall } else { 0.0 };
        assert!((heard - wanted).abs() < 1e-6, "{n}: {heard} {wanted}");
    }
}

#[test]
fn repetition_has_no_seam() {
    // 100 whole periods less the crossfade: the repetition continues the wave.
    let period = 96;
    let source = period * 100 + 960;
    let wave: Vec<f32> = (0..source)
        .map(|n| (n as f32 / period as f32 * std::f32::consts::TAU).sin())
        .collect();
    let shelf = Shelf::default().with("loop", 1, wave);
    let mut item = placed("loop", Lane::Music, 0, 100_000);
    item.repeat = true;
    let (out, _) = shelf.mix(&[item], 100_000);
    let steepest = std::f32::consts::TAU / period as f32 * std::f32::consts::SQRT_2 * 1.05;
    for n in 1..100_000 {
        let step = (out[n * 2] - out[n * 2 - 2]).abs();
        assert!(step <= steepest, "a step of {step} at {n}");
    }
    assert!(level(&out, 90_000, 100_000) > -3.5);
    // Outside the crossfades the repetition is the source itself.
    assert!((out[2 * (9600 + 2000)] - out[2 * 2000]).abs() < 1e-6);
}

#[test]
fn long_sounds_repeat_from_their_start_too() {
    let source = 60_000;
    let ramp: Vec<f32> = (0..source).map(|n| n as f32 / source as f32).collect();
    let shelf = Shelf::default().with("ramp", 1, ramp.clone());
    let mut item = placed("ramp", Lane::Music, 0, 150_000);
    item.repeat = true;
    let (out, _) = shelf.mix(&[item], 150_000);
    let round = source - 960;
    for n in [10_000, 59_000] {
        assert_eq!(out[n * 2].to_bits(), ramp[n].to_bits());
        assert_eq!(out[(n + round) * 2].to_bits(), ramp[n].to_bits());
    }
}

#[test]
fn a_sound_of_one_sample_repeats() {
    let shelf = Shelf::default().with("dot", 1, vec![0.25]);
    let mut item = placed("dot", Lane::Music, 0, 20_000);
    item.repeat = true;
    let (out, _) = shelf.mix(&[item], 20_000);
    assert!(out.iter().all(|s| *s == 0.25));
}

#[test]
fn beds_go_down_before_a_voice_and_come_back() {
    let shelf = Shelf::default()
        .with("bed", 2, noise(1, 48_000 * 2 * 20, 0.2))
        .with("line", 1, noise(2, 48_000 * 3, 0.3));
    let mut bed = placed("bed", Lane::Music, 0, 48_000 * 20);
    bed.duck = Decibels::new(-12);
    let alone = shelf.mix(std::slice::from_ref(&bed), 48_000 * 20).0;
    // Two lines with a pause of 400 ms, in which the bed stays down.
    let first = placed("line", Lane::Voice, 48_000 * 5, 48_000 * 3);
    let second = placed("line", Lane::Voice, 48_000 * 8 + 19_200, 48_000 * 3);
    let lines = [first.clone(), second.clone()];
    let voices = shelf.mix(&lines, 48_000 * 20).0;
    let (both, report) = shelf.mix(&[bed, first, second], 48_000 * 20);
    let bed: Vec<f32> = both.iter().zip(&voices).map(|(b, v)| b - v).collect();
    let depth = |seconds: f64, length: f64| {
        let (from, to) = (seconds * 48_000.0, (seconds + length) * 48_000.0);
        level(&bed, from as usize, to as usize) - level(&alone, from as usize, to as usize)
    };
    assert!(depth(1.0, 3.0).abs() < 0.01);
    assert!(depth(4.7, 0.1).abs() < 0.01, "not down too early");
    assert!(
        (depth(4.995, 0.01) + 12.0).abs() < 0.1,
        "down when speech begins"
    );
    for at in [5.0, 6.5, 8.0, 8.2, 8.38, 9.0, 11.3] {
        assert!(
            (depth(at, 0.02) + 12.0).abs() < 0.1,
            "{at}: {}",
            depth(at, 0.02)
        );
    }
    assert!((-9.0..-5.0).contains(&depth(11.9, 0.1)));
    assert!(depth(12.4, 2.0).abs() < 0.01, "back up");
    let steps = (0..1600).map(|n| depth(4.0 + f64::from(n) * 0.005, 0.005));
    let all: Vec<f64> = steps.collect();
    let steepest = all
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0, f64::max);
    assert!(steepest < 0.8, "{steepest} dB in 5 ms");
    let spoken = report.under_voice.seconds();
    assert!((spoken - 6.0).abs() < 0.05, "{spoken}");
}

#[test]
fn what_is_not_ducked_stays_as_it_is() {
    let shelf = Shelf::default()
        .with("bed", 1, vec![0.25; 48_000 * 4])
        .with("line", 1, vec![0.0; 48_000 * 4]);
    let mut bed = placed("bed", Lane::Music, 0, 48_000 * 4);
    bed.duck = Decibels::new(-12);
    let line = placed("line", Lane::Voice, 0, 48_000 * 4);
    let (out, _) = shelf.mix(&[bed, line], 48_000 * 4);
    assert!(
        out.iter().all(|s| *s == 0.25),
        "a silent voice ducks nothing"
    );
}

#[test]
fn the_end_cuts() {
    let shelf = Shelf::default().with("one", 1, vec![1.0; 10_000]);
    let items = [
        placed("one", Lane::Sfx, 1000, 10_000),
        placed("one", Lane::Sfx, 9000, 10_000),
        placed("one", Lane::Sfx, 5000, 0),
    ];
    let (out, report) = shelf.mix(&items, 6000);
    assert_eq!(report.cut, ["one"]);
    assert_eq!(report.unheard, ["one", "one"]);
    assert!(out[out.len() - 1] < 0.001);
    assert_eq!(out[5519 * 2].to_bits(), 1.0f32.to_bits());
    assert_eq!(report.length, Samples(6000));
}

#[test]
fn what_is_no_number_is_silent() {
    let mut samples = vec![0.5; 1000];
    samples[10] = f32::NAN;
    samples[11] = f32::INFINITY;
    samples[12] = -f32::INFINITY;
    samples[13] = 1e30;
    let shelf = Shelf::default().with("bad", 1, samples);
    let (out, report) = shelf.mix(&[placed("bad", Lane::Sfx, 0, 1000)], 1000);
    assert_eq!(out[20..28], [0.0; 8]);
    assert!(out[28..].iter().all(|s| *s == 0.5));
    assert_eq!(report.unusable, 8);
}

#[test]
fn sounds_are_open_only_while_they_are_heard() {
    let mut shelf = Shelf::default();
    let mut items = Vec::new();
    for n in 0..50u64 {
        let name = format!("line-{n}");
        shelf = shelf.with(&name, 1, noise(n as u32, 24_000, 0.1));
        items.push(placed(&name, Lane::Voice, n * 30_000, 24_000));
    }
    shelf = shelf.with("bed", 2, noise(99, 200_000, 0.1));
    let mut bed = placed("bed", Lane::Music, 0, 1_500_000);
    bed.duck = Decibels::new(-10);
    bed.repeat = true;
    items.push(bed);
    let (_, report) = shelf.mix(&items, 1_500_000);
    assert!(shelf.most.get() <= 5, "{} open at once", shelf.most.get());
    assert!(report.most_open <= 4);
    assert_eq!(shelf.open.get(), 0);
}

#[test]
fn the_same_items_give_the_same_bits() {
    let shelf =
        Shelf::default()
            .with("a", 2, noise(1, 100_000, 0.3))
            .with("b", 1, noise(2, 100_000, 0.3));
    let mut a = placed("a", Lane::Music, 7, 200_000);
    a.repeat = true;
    a.duck = Decibels::new(-9);
    a.fade_out = Samples(9001);
    let items = [a, placed("b", Lane::Voice, 70_001, 90_000)];
    let (one, _) = shelf.mix(&items, 222_222);
    let (two, _) = shelf.mix(&items, 222_222);
    assert!(
        one.iter()
            .zip(&two)
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
}

#[test]
fn errors_name_the_sound() {
    let shelf = Shelf::default().with("six", 6, vec![0.0; 600]);
    for name in ["six", "gone"] {
        let items = [placed(name, Lane::Sfx, 0, 100)];
        let error = mix(&items, Samples(100), &shelf, &mut |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_source_that_ends_early_ends_in_its_own_fade() {
    let shelf = Shelf::default().with("short", 1, vec![1.0; 5000]);
    let mut item = placed("short", Lane::Music, 0, 50_000);
    item.fade_out = Samples(1000);
    let (out, _) = shelf.mix(&[item], 50_000);
    assert!(out[2 * 4999] < 1e-3 && (out[2 * 4500] - 0.5).abs() < 0.01);
}
