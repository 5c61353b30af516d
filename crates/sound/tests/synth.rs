//! Sounds made from nothing.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]

use workprint_model::Samples;
use workprint_model::digest::Hasher;
use workprint_model::sound::SynthKind;
use workprint_sound::loudness::measure;
use workprint_sound::synth::{synthesise, usual_length};

const KINDS: [SynthKind; 8] = [
    SynthKind::DawnBed,
    SynthKind::NightBed,
    SynthKind::BrightBed,
    SynthKind::Waves,
    SynthKind::Wind,
    SynthKind::Bell,
    SynthKind::Switch,
    SynthKind::Whoosh,
];

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

#[test]
fn every_kind_is_clean_at_its_usual_length() {
    for kind in KINDS {
        for seed in [0, 7] {
            let length = usual_length(kind).0;
            let out = made(kind, seed, length);
            assert_eq!(out.len() as u64, length * 2);
            assert!(out.iter().all(|s| s.is_finite()));
            let highest = peak(&out);
            assert!((0.2..0.7079).contains(&highest), "{kind:?}: peak {highest}");
            for channel in 0..2 {
                let sum: f64 = out[channel..]
                    .iter()
                    .step_by(2)
                    .map(|s| f64::from(*s))
                    .sum();
                let offset = sum / length as f64;
                assert!(offset.abs() < 3e-4, "{kind:?}: offset {offset}");
            }
            // Nothing begins or ends with a click.
            let (first, last) = (peak(&out[..20]), peak(&out[out.len() - 96..]));
            assert!(first < 0.05 && last < 0.001, "{kind:?}: {first} {last}");
            let steepest = out
                .windows(3)
                .map(|w| (w[2] - w[0]).abs())
                .fold(0.0, f32::max);
            assert!(steepest < 0.5, "{kind:?}: a click of {steepest}");
            let loudness = measure(&mut |sink| sink(&out)).unwrap().integrated.unwrap();
            assert!(
                (-28.0..-12.0).contains(&loudness),
                "{kind:?}: {loudness} LUFS"
            );
        }
    }
}

#[test]
fn both_channels_differ_and_add_up() {
    for kind in KINDS {
        let out = made(kind, 3, usual_length(kind).0);
        let (mut mid, mut side) = (0.0, 0.0);
        for frame in out.chunks_exact(2) {
            mid += f64::from(frame[0] + frame[1]).powi(2);
            side += f64::from(frame[0] - frame[1]).powi(2);
        }
        let width = side / mid;
        assert!((0.001..1.0).contains(&width), "{kind:?}: {width}");
    }
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
        "Waves 821fa3be250e",
        "Wind b1d7d76d6bac",
        "Bell afa48733344c",
        "Switch abfa5b46e9ab",
        "Whoosh 78de9b7fd2b5",
    ];
    assert_eq!(found, pinned);
}
