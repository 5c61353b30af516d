//! Lines come in at any rate and level.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]

use workprint_model::{Decibels, Samples};
use workprint_sound::loudness::measure;
use workprint_sound::resample;
use workprint_sound::voice::{LineLevel, trim_and_level};

/// Something like speech: syllables of a few harmonics, with silence of `before` and `after`.
fn line(before: usize, length: usize, after: usize, level: f32) -> Vec<f32> {
    let voice = (0..length).map(|n| {
        let t = n as f32 / 48_000.0;
        let syllable = (t * 4.0 * std::f32::consts::PI).sin().abs() + 0.2;
        let tone: f32 = (1..6)
            .map(|h| (t * 140.0 * h as f32 * std::f32::consts::TAU).sin() / h as f32)
            .sum();
        level * syllable * tone
    });
    let mut out = vec![0.0; before];
    out.extend(voice);
    out.resize(out.len() + after, 0.0);
    out
}

#[test]
fn silence_is_trimmed_and_loudness_reached() {
    for level in [0.003, 0.1, 0.4] {
        let samples = line(30_000, 96_000, 50_000, level);
        let leveled = trim_and_level(&samples, &LineLevel::default()).unwrap();
        assert!((29_000..=30_000).contains(&leveled.trimmed_start.0));
        assert!((49_000..=50_000).contains(&leveled.trimmed_end.0));
        let kept = samples.len() as u64 - leveled.trimmed_start.0 - leveled.trimmed_end.0;
        assert_eq!(leveled.samples.len() as u64, kept);
        let stereo: Vec<f32> = leveled.samples.iter().flat_map(|s| [*s; 2]).collect();
        let heard = measure(&mut |sink| sink(&stereo))
            .unwrap()
            .integrated
            .unwrap();
        assert!((heard + 20.0).abs() < 0.1, "{level}: {heard}");
        assert!((leveled.loudness.unwrap() - heard).abs() < 0.1);
        assert!(leveled.samples[0].abs() < 1e-3);
        assert!(leveled.samples[leveled.samples.len() - 1].abs() < 1e-3);
    }
}

#[test]
fn peaks_stay_under_their_limit() {
    let mut samples = line(0, 96_000, 0, 0.01);
    samples[50_000] = 0.9;
    let leveled = trim_and_level(&samples, &LineLevel::default()).unwrap();
    let peak = leveled.samples.iter().fold(0.0f32, |p, s| p.max(s.abs()));
    assert!((peak - 10f32.powf(-3.0 / 20.0)).abs() < 1e-4, "{peak}");
    assert!(leveled.loudness.unwrap() < -21.0);
}

#[test]
fn short_lines_are_levelled_too() {
    let samples = line(5000, 9600, 5000, 0.05);
    let leveled = trim_and_level(&samples, &LineLevel::default()).unwrap();
    assert!((leveled.loudness.unwrap() + 20.0).abs() < 0.1);
    assert!(leveled.samples.len() < 11_100);
}

#[test]
fn silence_and_nonsense_do_no_harm() {
    let spec = LineLevel::default();
    for samples in [
        vec![],
        vec![0.0; 5000],
        vec![f32::NAN; 5000],
        vec![1e-5; 5000],
    ] {
        let leveled = trim_and_level(&samples, &spec).unwrap();
        assert_eq!(leveled.samples.len(), samples.len());
        assert_eq!(leveled.trimmed_start, Samples(0));
        assert_eq!(leveled.loudness, None);
        assert!(leveled.samples.iter().all(|s| s.is_finite()));
    }
    let mut samples = line(100, 20_000, 100, 0.2);
    samples[7000] = f32::INFINITY;
    let strict = LineLevel {
        target: Decibels::new(-30),
        ..spec
    };
    let leveled = trim_and_level(&samples, &strict).unwrap();
    assert!((leveled.loudness.unwrap() + 30.0).abs() < 0.1);
    assert!(trim_and_level(&[0.5], &spec).is_ok());
}

#[test]
fn resampling_keeps_length_place_and_tone() {
    for from in [8000u32, 16_000, 22_050, 24_000, 44_100, 96_000, 11_127] {
        let count = from as usize + 7;
        let tone = |rate: f64, n: usize| (n as f64 / rate * 997.0 * std::f64::consts::TAU).sin();
        let mono: Vec<f32> = (0..count)
            .map(|n| tone(f64::from(from), n) as f32)
            .collect();
        let out = resample(&mono, from).unwrap();
        let wanted = (count as f64 * 48_000.0 / f64::from(from)).round() as usize;
        assert_eq!(out.len(), wanted, "{from}");
        let mut worst = 0.0f64;
        for (n, heard) in out.iter().enumerate().take(46_000).skip(2000) {
            worst = worst.max((f64::from(*heard) - tone(48_000.0, n)).abs());
        }
        assert!(worst < 3e-4, "{from}: {worst}");
    }
}

#[test]
fn resampling_down_does_not_fold() {
    // 40 kHz cannot be heard and must not come back as 8 kHz.
    let mono: Vec<f32> = (0..96_000)
        .map(|n| (f64::from(n) / 96_000.0 * 40_000.0 * std::f64::consts::TAU).sin() as f32)
        .collect();
    let out = resample(&mono, 96_000).unwrap();
    let worst = out[1000..47_000].iter().fold(0.0f32, |p, s| p.max(s.abs()));
    assert!(worst < 1e-4, "{worst}");
}

#[test]
fn impossible_rates_are_refused_and_the_same_rate_is_kept() {
    assert!(resample(&[0.5], 0).is_err());
    assert!(resample(&[0.5], u32::MAX).is_err());
    assert_eq!(resample(&[0.5, f32::NAN], 48_000).unwrap(), [0.5, 0.0]);
    assert!(resample(&[], 44_100).unwrap().is_empty());
}
