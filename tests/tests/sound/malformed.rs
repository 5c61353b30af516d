//! Files that are not as they should be give the right sound or a clear word.

use crate::desk::Desk;
use crate::signals::level_of;

/// A WAV with any header.
fn wav(format: u16, channels: u16, rate: u32, bits: u16, samples: &[u8]) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + samples.len() as u32).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0");
    out.extend(format.to_le_bytes());
    out.extend(channels.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend((rate * u32::from(frame)).to_le_bytes());
    out.extend(frame.to_le_bytes());
    out.extend(bits.to_le_bytes());
    out.extend(b"data");
    out.extend((samples.len() as u32).to_le_bytes());
    out.extend_from_slice(samples);
    out
}

/// A second of a sine of 1 kHz and amplitude 0.25 in one of the channels, as floats.
fn floats(rate: u32, channels: u16, loud: u16) -> Vec<u8> {
    let frames = 0..rate * u32::from(channels);
    let sample = |n: u32| {
        let (frame, channel) = (n / u32::from(channels), n % u32::from(channels));
        let turn = f64::from(frame) * 1000.0 / f64::from(rate) * std::f64::consts::TAU;
        let on = channel == u32::from(loud) || channels == 1;
        if on { (turn.sin() * 0.25) as f32 } else { 0.0 }
    };
    frames.flat_map(|n| sample(n).to_le_bytes()).collect()
}

/// The length in frames and the level of 1 kHz in the left channel.
async fn heard(name: &str, bytes: &[u8]) -> Result<(u64, f64), String> {
    let desk = Desk::new().await;
    let (_, file) = desk.file(name, bytes);
    let take = desk.decode(file).await?;
    let samples = desk.samples(&take.sound);
    assert_eq!(samples.len() as u64, take.length.0 * 2);
    assert!(samples.iter().all(|sample| sample.is_finite()));
    let seconds = take.length.0 as f64 / 48_000.0;
    Ok((
        take.length.0,
        level_of(1000.0, &samples, 0.1, seconds - 0.1),
    ))
}

/// A quarter of full scale.
const LEVEL: f64 = -12.04;

#[tokio::test]
async fn other_rates_and_channels_sound_as_they_should() {
    let cases = [
        (
            "8 kHz mono",
            wav(3, 1, 8000, 32, &floats(8000, 1, 0)),
            LEVEL,
        ),
        (
            "192 kHz",
            wav(3, 2, 192_000, 32, &floats(192_000, 2, 0)),
            LEVEL,
        ),
        (
            "44.1 kHz",
            wav(3, 1, 44_100, 32, &floats(44_100, 1, 0)),
            LEVEL,
        ),
    ];
    for (name, bytes, level) in cases {
        let (length, found) = heard("x.wav", &bytes).await.unwrap();
        assert!(length.abs_diff(48_000) <= 1, "{name}: {length}");
        assert!((found - level).abs() < 0.1, "{name}: {found}");
    }
    // 7.1: the front left and the centre are heard on the left, the front right is not, and no
    // channel at full scale clips.
    for (channel, least, most) in [
        (0, -22.0, -12.0),
        (2, -26.0, -14.0),
        (1, f64::NEG_INFINITY, -80.0),
    ] {
        let bytes = wav(3, 8, 48_000, 32, &floats(48_000, 8, channel));
        let (length, found) = heard("x.wav", &bytes).await.unwrap();
        assert_eq!(length, 48_000);
        assert!(
            (least..=most).contains(&found),
            "channel {channel}: {found}"
        );
    }
}

#[tokio::test]
async fn what_is_cut_short_or_no_number_is_heard_as_far_as_it_goes() {
    // The header promises a second; half of it is there.
    let whole = wav(3, 1, 48_000, 32, &floats(48_000, 1, 0));
    let (length, found) = heard("x.wav", &whole[..44 + 96_000]).await.unwrap();
    assert_eq!(length, 24_000);
    assert!((found - LEVEL).abs() < 0.1, "{found}");
    let mut nan = floats(48_000, 1, 0);
    for (n, value) in [f32::NAN, f32::INFINITY, -f32::INFINITY, f32::NAN]
        .iter()
        .enumerate()
    {
        let at = 4 * (20_000 + 7 * n);
        nan[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    let (length, found) = heard("x.wav", &wav(3, 1, 48_000, 32, &nan)).await.unwrap();
    assert_eq!(length, 48_000);
    assert!((found - LEVEL).abs() < 0.1, "{found}");
    // Four bits of a wrong length in the header: as much as is there.
    let mut wrong = whole.clone();
    wrong[40..44].copy_from_slice(&0x7fff_0000u32.to_le_bytes());
    assert_eq!(heard("x.wav", &wrong).await.unwrap().0, 48_000);
}

#[tokio::test]
async fn what_cannot_be_heard_is_told() {
    let mut random = vec![0u8; 4000];
    let mut state = 9u32;
    for byte in &mut random {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    let cases: [(&str, Vec<u8>); 6] = [
        ("nothing.wav", Vec::new()),
        ("no-samples.wav", wav(1, 2, 48_000, 16, &[])),
        ("noise.wav", random),
        (
            "header.wav",
            wav(1, 1, 48_000, 16, &[0; 400])[..30].to_vec(),
        ),
        ("no-channels.wav", wav(1, 0, 48_000, 16, &[0; 400])),
        ("picture.mp3", b"\x89PNG\r\n\x1a\n and so on".to_vec()),
    ];
    for (name, bytes) in cases {
        let told = heard(name, &bytes).await.expect_err(name);
        assert!(told.contains(name), "`{name}` is not named: {told}");
        println!("{name}: {told}");
        assert!(told.len() < 2000 && !told.contains("panicked"), "{told}");
    }
}
