//! Sounds made from nothing.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]

use workprint_model::Samples;
use workprint_model::digest::Hasher;
use workprint_model::sound::{SynthKind, Tonic};
use workprint_sound::loudness::measure;
use workprint_sound::synth::{Arrangement, arrange, synthesise, usual_length};

const KINDS: [SynthKind; 23] = SynthKind::ALL;

fn made(kind: SynthKind, seed: u32, length: u64) -> Vec<f32> {
    let mut out = Vec::new();
    synthesise(kind, seed, Samples(length), &mut |block| {
        out.extend_from_slice(block);
        Ok(())
    })
    .unwrap();
    out
}

/// Loudest sample of some frames.
fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, s| peak.max(s.abs()))
}

/// Each sound is made once and held against all that must be true of it.
#[test]
fn every_bed_is_clean_wide_and_full() {
    for kind in KINDS.into_iter().filter(|kind| kind.is_bed()) {
        for seed in [3, 7] {
            // A bed is composed for any length.
            let out = made(kind, seed, 48_000 * 15);
            clean(kind, &out);
            wide(kind, &out);
            full(kind, &out);
        }
    }
}

#[test]
fn every_other_kind_is_clean_and_wide() {
    for kind in KINDS.into_iter().filter(|kind| !kind.is_bed()) {
        for seed in [3, 7] {
            let length = usual_length(kind).0.min(48_000 * 10);
            let out = made(kind, seed, length);
            assert_eq!(out.len() as u64, length * 2);
            clean(kind, &out);
            if seed == 3 {
                wide(kind, &out);
            }
        }
    }
}

fn clean(kind: SynthKind, out: &[f32]) {
    assert!(out.iter().all(|s| s.is_finite()));
    let highest = peak(out);
    assert!((0.2..0.7079).contains(&highest), "{kind:?}: peak {highest}");
    for channel in 0..2 {
        let all = out[channel..].iter().step_by(2);
        let offset = all.map(|s| f64::from(*s)).sum::<f64>() / (out.len() / 2) as f64;
        assert!(offset.abs() < 3e-4, "{kind:?}: offset {offset}");
    }
    // Nothing begins or ends with a click.
    let (first, last) = (peak(&out[..20]), peak(&out[out.len() - 96..]));
    assert!(first < 0.05 && last < 0.001, "{kind:?}: {first} {last}");
    let steepest = out
        .windows(3)
        .map(|w| (w[2] - w[0]).abs())
        .fold(0.0, f32::max);
    // Drops, crackles, claps and clicks are what they should be.
    let clicks = [
        SynthKind::Rain,
        SynthKind::Fire,
        SynthKind::Applause,
        SynthKind::Click,
    ];
    assert!(
        steepest < 0.5 || clicks.contains(&kind),
        "{kind:?}: a click of {steepest}"
    );
    // A click is too short for the meter.
    if let Some(loudness) = measure(&mut |sink| sink(out)).unwrap().integrated {
        let range = if kind.is_bed() {
            -24.0..-17.0
        } else {
            -28.0..-12.0
        };
        assert!(range.contains(&loudness), "{kind:?}: {loudness} LUFS");
    }
}

/// Both channels differ and add up.
fn wide(kind: SynthKind, out: &[f32]) {
    let (mut mid, mut side) = (0.0, 0.0);
    for frame in out.chunks_exact(2) {
        mid += f64::from(frame[0] + frame[1]).powi(2);
        side += f64::from(frame[0] - frame[1]).powi(2);
    }
    let width = side / mid;
    assert!((1e-5..1.0).contains(&width), "{kind:?}: {width}");
}

/// A bed has a body and air.
fn full(kind: SynthKind, out: &[f32]) {
    let frames = out.chunks_exact(2);
    let mono: Vec<f64> = frames.map(|f| f64::from(f[0] + f[1])).collect();
    // One pole each: what lies under 250 Hz, over 250 Hz, and over 2 kHz.
    let power = |hertz: f64, high: bool| {
        let part = 1.0 - (-hertz / 48_000.0 * std::f64::consts::TAU).exp();
        let mut low = 0.0;
        let sum: f64 = mono
            .iter()
            .map(|sample| {
                low += (sample - low) * part;
                if high {
                    (sample - low).powi(2)
                } else {
                    low.powi(2)
                }
            })
            .sum();
        10.0 * (sum / mono.iter().map(|s| s * s).sum::<f64>()).log10()
    };
    let (bass, middle, air) = (power(250.0, false), power(250.0, true), power(2000.0, true));
    assert!((-12.0..0.0).contains(&bass), "{kind:?}: {bass} dB of bass");
    assert!(
        (-14.0..0.0).contains(&middle),
        "{kind:?}: {middle} dB over 250 Hz"
    );
    assert!((-45.0..-6.0).contains(&air), "{kind:?}: {air} dB of air");
}

#[test]
fn beds_end_at_home_whatever_their_length() {
    for kind in SynthKind::ALL.into_iter().filter(|kind| kind.is_bed()) {
        for seconds in [9u64, 20] {
            let out = made(kind, 4, seconds * 48_000);
            let rms = |from: f64, to: f64| {
                let at = |s: f64| (s * 96_000.0) as usize / 2 * 2;
                let part = &out[at(from)..at(to)];
                let sum: f64 = part.iter().map(|s| f64::from(*s).powi(2)).sum();
                10.0 * (sum / part.len() as f64).log10()
            };
            let end = seconds as f64;
            let body = rms(end * 0.3, end * 0.6);
            assert!(body > -40.0, "{kind:?} {seconds} s: {body} dB");
            assert!(
                rms(end - 0.2, end) < body - 22.0,
                "{kind:?} {seconds} s does not end"
            );
        }
    }
}

#[test]
fn tempo_key_and_stingers_are_heard() {
    let bed = |how: &Arrangement| {
        let mut out = Vec::new();
        arrange(
            SynthKind::TenseBed,
            1,
            (Samples(480_000), how),
            &mut |block| {
                out.extend_from_slice(block);
                Ok(())
            },
        )
        .unwrap();
        out
    };
    let plain = bed(&Arrangement::default());
    for how in [
        Arrangement {
            tempo: Some(140),
            ..Arrangement::default()
        },
        Arrangement {
            key: Some(Tonic::FSharp),
            ..Arrangement::default()
        },
    ] {
        assert!(bed(&how) != plain, "{how:?}");
    }
    let how = Arrangement {
        stingers: vec![Samples(123_457), Samples(300_001)],
        ..Arrangement::default()
    };
    let stung = bed(&how);
    let differs = (0..480_000).find(|n| stung[2 * n] != plain[2 * n]);
    let first = differs.unwrap();
    assert!((123_457..123_475).contains(&first), "{first}");
    let second = peak(&stung[600_000..640_000]) - peak(&plain[600_000..640_000]);
    assert!(second > 0.05, "{second}");
    assert!(peak(&stung) < 0.7079);
}

#[test]
fn a_seed_makes_a_difference_and_the_same_seed_none() {
    for kind in KINDS {
        let one = made(kind, 1, 96_000);
        assert!(one == made(kind, 1, 96_000), "{kind:?}");
        assert!(one != made(kind, 2, 96_000), "{kind:?}");
    }
}

#[test]
fn any_length_is_exact() {
    for kind in KINDS {
        for length in [0, 1, 2, 63, 2400, 4801, 48_001] {
            let out = made(kind, 5, length);
            assert_eq!(out.len() as u64, length * 2, "{kind:?}");
            assert!(out.iter().all(|s| s.is_finite()));
            let last = out.len().saturating_sub(2);
            assert!(
                length < 63 || peak(&out[last..]) < 0.01,
                "{kind:?} {length}"
            );
        }
    }
}

#[test]
fn the_dawn_grows_lighter_and_ends_in_time() {
    let out = made(SynthKind::DawnBed, 0, usual_length(SynthKind::DawnBed).0);
    // Light is what changes from one sample to the next, against all there is.
    let light = |from: usize, to: usize| {
        let part = &out[from * 96_000..to * 96_000];
        let all: f64 = part.iter().map(|s| f64::from(*s).powi(2)).sum();
        let high: f64 = part
            .windows(3)
            .map(|w| f64::from(w[2] - w[0]).powi(2))
            .sum();
        high / all
    };
    assert!(light(40, 52) > 2.0 * light(5, 17));
    let level = |from: usize| peak(&out[from * 9600..(from + 5) * 9600]);
    assert!(level(540) > level(580) && level(595) < 0.02);
}

/// Pins the samples to the bit. A deliberate change of a sound changes its line here, and with it
/// every kept output: raise the revision of the steps that use it.
#[test]
fn the_bits_are_the_same_everywhere() {
    let mut found = Vec::new();
    for kind in KINDS {
        let mut hasher = Hasher::default();
        for sample in made(kind, 42, 144_000) {
            hasher.update(&sample.to_le_bytes());
        }
        found.push(format!("{kind:?} {}", hasher.finish().short()));
    }
    let pinned = [
        "DawnBed d7954682a024",
        "NightBed db7f48a4c0bd",
        "BrightBed 0573b1551ecb",
        "CalmBed 81b6b32911bc",
        "TenderBed e1faec408675",
        "TenseBed fdb26b1a3ae7",
        "PlayfulBed b7126438f186",
        "CuriousBed 3b2cd28c9e22",
        "HeroicBed 4cc08f36da07",
        "Waves 821fa3be250e",
        "Wind b1d7d76d6bac",
        "Rain d18fd55dd7a0",
        "Fire dd94c4786c3e",
        "RoomTone a04521189eed",
        "Applause e72ff303a3de",
        "Bell afa48733344c",
        "Switch abfa5b46e9ab",
        "Whoosh 78de9b7fd2b5",
        "Riser b9b1b48eb5db",
        "Impact 2d73f95498b4",
        "Pop a2a52b8f7752",
        "Click ed8772cfa12e",
        "Chime c588decb97d3",
    ];
    assert_eq!(found, pinned);
}
