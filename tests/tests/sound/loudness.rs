//! Loudness and true peak after the encoder; music goes down under voices and comes back.

use workprint_model::sound::SynthKind;
use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Decibels, Samples};
use workprint_sound::synth::synthesise;
use workprint_stages::mix::Mix;
use workprint_tests::Film;

use crate::desk::{Desk, mix_of};
use crate::signals::{Random, level_of, speech, tone};

/// A mix of voices, a bed, effects and a clip, different for each seed in everything, and its encoder's
/// bit rate.
fn varied(desk: &Desk, seed: u32) -> (Mix, u16) {
    let mut random = Random::new(seed);
    let seconds = random.between(4.0, 8.0);
    let length = Samples((seconds * 48_000.0) as u64);
    let mut sounds = Vec::new();
    let mut at = random.between(0.0, 0.6);
    for line in 0..=(seed % 4) {
        let long = random.between(0.7, 2.5);
        let level = random.between(0.02, 0.9);
        let (sound, heard) = desk.sound(1, &speech(seed * 10 + line, long, level));
        let from = Samples((at * 48_000.0) as u64);
        sounds.push(PlacedSound {
            speaker: Some(["ann", "bo"][line as usize % 2].parse().unwrap()),
            pan: [0, -30, 30][line as usize % 3],
            ..PlacedSound::plain(&format!("line-{line}"), Lane::Voice, &sound, (from, heard))
        });
        at += long + random.between(0.1, 1.2);
    }
    let kinds = [
        SynthKind::DawnBed,
        SynthKind::NightBed,
        SynthKind::BrightBed,
        SynthKind::Waves,
    ];
    let mut bed = Vec::new();
    synthesise(
        kinds[seed as usize % 4],
        seed,
        Samples(96_000 * 2),
        &mut |block| {
            bed.extend_from_slice(block);
            Ok(())
        },
    )
    .unwrap();
    let (sound, _) = desk.sound(2, &bed);
    sounds.push(PlacedSound {
        gain: Decibels::from_hundredths((random.between(-20.0, 3.0) * 100.0) as i32),
        duck: Decibels::new(-10),
        repeat: true,
        fade_in: Samples(9600),
        fade_out: Samples(24_000),
        ..PlacedSound::plain("bed", Lane::Music, &sound, (Samples(0), length))
    });
    if !seed.is_multiple_of(3) {
        // Something with hard edges: clicks and a loud low tone.
        let mut hit = tone(random.between(40.0, 90.0), 0.4, 0.9);
        hit[100] = 1.0;
        hit[101] = -1.0;
        let (sound, heard) = desk.sound(1, &hit);
        for n in 0..3 {
            let from = Samples((random.between(0.0, seconds - 0.5) * 48_000.0) as u64);
            let name = format!("hit-{n}");
            sounds.push(PlacedSound::plain(&name, Lane::Sfx, &sound, (from, heard)));
        }
    }
    let mix = Mix {
        loudness: Decibels::new([-14, -16, -23, -18][seed as usize % 4]),
        ..mix_of(sounds, length.0)
    };
    (mix, [96, 128, 192, 320][(seed / 4) as usize % 4])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_varied_mixes_are_as_loud_as_asked_after_the_encoder() {
    let desk = Desk::new().await;
    for seed in 0..20 {
        let (mix, kbps) = varied(&desk, seed);
        let target = mix.loudness.to_f64();
        let (_, take) = desk.soundtrack(mix, kbps).await;
        let about = format!("{seed}: {target} LUFS at {kbps} kbit/s: {take:?}");
        assert!(!take.missed, "{about}");
        let loudness = f64::from(take.loudness.unwrap()) / 100.0;
        assert!((loudness - target).abs() <= 0.3, "{about}");
        assert!(take.true_peak.unwrap() <= -100, "{about}");
        // ffmpeg's own meter, of what ffmpeg decodes, says so too; it prints one decimal.
        let (heard, peak) = Film::at(&desk.path_of(&take.sound)).loudness();
        assert!((heard - target).abs() <= 0.35, "{heard} {about}");
        assert!(peak <= -0.95, "{peak} {about}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_encoder_with_few_bits_moves_is_put_right() {
    let desk = Desk::new().await;
    let [mut louder, mut higher] = [0, 0];
    for (seed, kbps) in [(1, 32), (3, 32), (7, 32), (17, 32), (3, 48), (16, 64)] {
        let (mix, _) = varied(&desk, seed);
        let target = mix.loudness.to_f64();
        let (mixed, take) = desk.soundtrack(mix, kbps).await;
        let about = format!("{seed}: {target} LUFS at {kbps} kbit/s: {take:?}");
        let out = desk.path_of(&mixed.sound).with_extension("once.mp4");
        let once = desk.encode(&mixed.sound, &out, kbps);
        let (loud, peak) = Film::at(&desk.path_of(&once)).loudness();
        louder += u32::from((loud - target).abs() > 0.35);
        higher += u32::from(peak > -0.95);
        let (loud, peak) = Film::at(&desk.path_of(&take.sound)).loudness();
        assert!(!take.missed, "{about}");
        assert!((loud - target).abs() <= 0.35 && peak <= -0.95, "{about}");
    }
    // Without that they would not be as asked for.
    assert!(louder >= 3 && higher >= 3, "{louder} {higher}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn music_goes_down_under_a_voice_and_comes_back_in_the_master() {
    let desk = Desk::new().await;
    let (music, long) = desk.sound(1, &tone(6000.0, 14.0, 0.2));
    // Only low, so that what is heard at 6 kHz is the music.
    let (voice, line) = desk.sound(1, &tone(200.0, 4.0, 0.3));
    for depth in [-6, -12, -20] {
        let bed = PlacedSound {
            duck: Decibels::new(depth),
            ..PlacedSound::plain("bed", Lane::Music, &music, (Samples(0), long))
        };
        let voice = PlacedSound::plain("line", Lane::Voice, &voice, (Samples(240_000), line));
        let mix = mix_of(vec![bed, voice], long.0);
        let (_, take) = desk.soundtrack(mix, 192).await;
        let heard = desk.heard(&desk.path_of(&take.sound));
        let level = |from: f64, to: f64| level_of(6000.0, &heard, from, to);
        let open = level(1.0, 4.0);
        let under = level(5.2, 8.8) - open;
        assert!(
            (under - f64::from(depth)).abs() < 0.4,
            "{depth}: {under} under the voice"
        );
        let after = level(10.2, 13.5) - open;
        assert!(after.abs() < 0.1, "{depth}: {after} after it");
    }
}
