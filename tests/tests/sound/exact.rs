//! An impulse comes out at the sample where it was put.

use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Decibels, Samples};

use crate::desk::{Desk, decoding, mix_of};
use crate::signals::Random;

/// A WAV of 16 bits at 48 kHz, mono.
fn wav(samples: &[i16]) -> Vec<u8> {
    let mut out = b"RIFF".to_vec();
    out.extend((36 + samples.len() as u32 * 2).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(48_000u32.to_le_bytes());
    out.extend(96_000u32.to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend((samples.len() as u32 * 2).to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_impulse_is_where_it_was_put_in_stems_and_master() {
    let desk = Desk::new().await;
    // At sample 1234 of a file that begins to be heard at its sample 1000.
    let mut samples = vec![0i16; 5000];
    samples[1234] = 20_000;
    let (_, file) = desk.file("impulse.wav", &wav(&samples));
    let take = desk.run().step(decoding(file)).await.unwrap();
    let length = 48_000 * 20;
    let mut random = Random::new(1);
    let mut places: Vec<u64> = (0..20u64)
        .map(|n| n * 48_000 + (random.next() * 40_000.0) as u64 + 1000)
        .collect();
    places[0] = 0;
    places[19] = length - 235;
    let lanes = [
        Lane::Sfx,
        Lane::Music,
        Lane::Clip,
        Lane::Voice,
        Lane::Reactions,
    ];
    let sounds = places
        .iter()
        .zip(lanes.iter().cycle())
        .map(|(place, lane)| PlacedSound {
            skip: Samples(1000),
            ..PlacedSound::plain("dot", *lane, &take.sound, (Samples(*place), Samples(4000)))
        });
    let mix = mix_of(sounds.collect(), length);
    let stems = desk.stems(&mix).await;
    assert_eq!(stems.lanes.len(), 5);
    let mut found = Vec::new();
    for (_, stem) in &stems.lanes {
        let samples = desk.samples(stem);
        assert_eq!(samples.len() as u64, length * 2);
        let loud = (0..length).filter(|n| samples[2 * *n as usize] > 0.0);
        found.extend(loud);
    }
    found.sort_unstable();
    let wanted: Vec<u64> = places.iter().map(|place| place + 234).collect();
    assert_eq!(found, wanted);
    // The MP4 declares the encoder's delay, and whoever plays it leaves it out.
    let mut mix = mix;
    mix.loudness = Decibels::new(-30);
    let (_, soundtrack) = desk.soundtrack(mix, 192).await;
    let heard = desk.heard(&desk.path_of(&soundtrack.sound));
    // The last frame of AAC is filled up; the film's own end cuts that off.
    let over = (heard.len() as u64 / 2).checked_sub(length).unwrap();
    assert!(over < 1024, "{over} samples too many");
    for place in wanted {
        let near = place.saturating_sub(2000)..(place + 2000).min(length);
        let loudest = near.max_by(|a, b| {
            let level = |n: &u64| heard[2 * *n as usize].abs();
            level(a).total_cmp(&level(b))
        });
        assert_eq!(loudest, Some(place));
    }
}
