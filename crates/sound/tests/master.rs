//! Mixes become masters.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]

use workprint_sound::loudness::measure;
use workprint_sound::master::{MasterTarget, finish, play};
use workprint_sound::{Limiter, MemorySound, Sink, SoundError};

/// Something between speech and music, different for each seed: bursts with pauses, tones, clicks.
fn programme(seed: u32) -> Vec<f32> {
    let mut state = u64::from(seed) * 77 + 5;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f32 / 2_147_483_648.0
    };
    let seconds = 6 + seed as usize % 7;
    let level = 0.01 * 4f32.powf(random() * 3.0);
    let pitch = 60.0 + 8000.0 * random() * random();
    let (mut talk, mut low) = (0.0f32, 0.0f32);
    let mut out = Vec::new();
    for n in 0..seconds * 48_000 {
        if n % 9600 == 0 {
            talk = if random() < 0.3 { 0.0 } else { random() };
        }
        let hiss = random() * 2.0 - 1.0;
        low += (hiss - low) * 0.15;
        let tone = (n as f32 * pitch / 48_000.0 * std::f32::consts::TAU).sin();
        let click = if random() < 0.00005 { 20.0 } else { 1.0 };
        let mid = level * (low * talk * 3.0 + tone * 0.3) * click;
        let side = level * hiss * 0.1;
        out.extend([mid + side, mid - side]);
    }
    out
}

/// True peak by a filter of its own: 4 times, 32 frames to either side, Hann window.
fn true_peak(stereo: &[f32]) -> f64 {
    let reach = 32i64;
    let mut peak = 0.0f64;
    for channel in 0..2 {
        let samples: Vec<f64> = stereo[channel..]
            .iter()
            .step_by(2)
            .map(|s| f64::from(*s))
            .collect();
        for quarter in 0..4 {
            let part = f64::from(quarter) / 4.0;
            let taps: Vec<f64> = (1 - reach..=reach)
                .map(|n| {
                    let x = n as f64 - part;
                    let sinc = if x == 0.0 {
                        1.0
                    } else {
                        (x * std::f64::consts::PI).sin() / (x * std::f64::consts::PI)
                    };
                    sinc * (0.5 + 0.5 * (x / reach as f64 * std::f64::consts::PI).cos())
                })
                .collect();
            for window in samples.windows(taps.len()) {
                let sum: f64 = window.iter().zip(&taps).map(|(s, t)| s * t).sum();
                peak = peak.max(sum.abs());
            }
        }
    }
    20.0 * peak.log10()
}

fn master(mix: &[f32], target: MasterTarget) -> (Vec<f32>, workprint_sound::master::MasterPlan) {
    let mut sound = MemorySound::new(2, mix.to_vec());
    let mut out = Vec::new();
    let plan = finish(
        &mut |sink: &mut Sink<'_>| play(&mut sound, sink),
        target,
        &mut |block| {
            out.extend_from_slice(block);
            Ok(())
        },
    )
    .unwrap();
    (out, plan)
}

#[test]
fn twenty_programmes_reach_their_loudness_under_the_ceiling() {
    let mut limited = 0;
    for seed in 0..20 {
        let mix = programme(seed);
        let target = MasterTarget {
            loudness: [-14.0, -16.0, -23.0, -18.0][seed as usize % 4],
            ceiling: [-1.0, -1.5][seed as usize % 2],
        };
        let (out, plan) = master(&mix, target);
        assert_eq!(out.len(), mix.len());
        let measured = measure(&mut |sink| sink(&out)).unwrap();
        let loudness = measured.integrated.unwrap();
        assert!(
            (loudness - target.loudness).abs() <= 0.1,
            "{seed}: {loudness} {plan:?}"
        );
        assert!(measured.true_peak <= target.ceiling, "{seed}: {measured:?}");
        let peak = true_peak(&out);
        assert!(peak <= target.ceiling, "{seed}: {peak} {plan:?}");
        assert!(!plan.missed && !plan.silent);
        assert!((plan.after.integrated.unwrap() - loudness).abs() < 0.01);
        limited += u32::from(plan.reduction < -0.5);
    }
    assert!(limited >= 8, "only {limited} needed the limiter");
}

#[test]
fn under_the_ceiling_the_limiter_changes_nothing() {
    let mix = programme(3);
    let mut limiter = Limiter::new(0.0, 0.0);
    let mut out = Vec::new();
    let mut keep = |block: &[f32]| -> Result<(), SoundError> {
        out.extend_from_slice(block);
        Ok(())
    };
    for block in mix.chunks(2 * 777) {
        limiter.process(block, &mut keep).unwrap();
    }
    let reduction = limiter.finish(&mut keep).unwrap();
    assert!(reduction.abs() < 1e-12);
    assert_eq!(out.len(), mix.len());
    assert!(
        out.iter()
            .zip(&mix)
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
}

#[test]
fn a_peak_is_turned_down_smoothly_and_in_its_place() {
    let mut mix = vec![0.1f32; 2 * 48_000];
    mix[2 * 24_000] = 2.0;
    let mut limiter = Limiter::new(0.0, -1.0);
    let mut out = Vec::new();
    let mut keep = |block: &[f32]| -> Result<(), SoundError> {
        out.extend_from_slice(block);
        Ok(())
    };
    limiter.process(&mix, &mut keep).unwrap();
    let reduction = limiter.finish(&mut keep).unwrap();
    let ceiling = 10f32.powf(-0.05);
    assert!(
        (out[2 * 24_000] - ceiling).abs() < 0.02,
        "{}",
        out[2 * 24_000]
    );
    assert!((-8.0..-6.5).contains(&reduction), "{reduction}");
    // The other channel goes down as much, at most 2 dB a millisecond, and both come back.
    let right: Vec<f32> = out.iter().skip(1).step_by(2).copied().collect();
    assert!((right[23_700] - 0.1).abs() < 1e-6);
    assert!(right[24_000] < 0.045 && right[24_480] < 0.08);
    assert!((right[47_000] - 0.1).abs() < 0.001);
    let steepest = right
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0, f32::max);
    assert!(steepest < 0.001, "{steepest}");
}

#[test]
fn any_blocks_give_the_same_bits() {
    let mix: Vec<f32> = programme(8).iter().map(|s| s * 30.0).collect();
    let run = |frames: usize| {
        let mut limiter = Limiter::new(3.0, -2.0);
        let mut out = Vec::new();
        let mut keep = |block: &[f32]| -> Result<(), SoundError> {
            out.extend(block.iter().map(|s| s.to_bits()));
            Ok(())
        };
        for block in mix.chunks(frames * 2) {
            limiter.process(block, &mut keep).unwrap();
        }
        limiter.finish(&mut keep).unwrap();
        out
    };
    let whole = run(1 << 20);
    assert_eq!(whole.len(), mix.len());
    assert!(whole == run(1) && whole == run(4800));
}

#[test]
fn silence_stays_silence() {
    let target = MasterTarget {
        loudness: -14.0,
        ceiling: -1.0,
    };
    for mix in [vec![], vec![0.0; 2 * 96_000], vec![1e-6; 2 * 96_000]] {
        let (out, plan) = master(&mix, target);
        assert_eq!(out, mix);
        assert!(plan.silent && !plan.missed);
        assert!(plan.mastering.gain.abs() < 1e-12);
    }
}

#[test]
fn too_quiet_a_mix_gets_forty_decibels_and_no_more() {
    let mix: Vec<f32> = (0..480_000)
        .map(|n| 0.000_6 * ((n / 2) as f32 * 0.13).sin())
        .collect();
    let target = MasterTarget {
        loudness: -14.0,
        ceiling: -1.0,
    };
    let (_, plan) = master(&mix, target);
    assert!((plan.mastering.gain - 40.0).abs() < 1e-9, "{plan:?}");
    assert!(plan.missed);
}
