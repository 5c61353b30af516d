//! WAV bytes, good and bad.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]

use std::io::Cursor;

use proptest::prelude::*;
use workprint_model::Samples;
use workprint_sound::wav::{WavBits, WavSound, read_wav, write_wav};
use workprint_sound::{Sound, SoundError};

fn written(channels: u16, bits: WavBits, samples: &[f32]) -> Vec<u8> {
    let mut writer = write_wav(Cursor::new(Vec::new()), channels, bits).unwrap();
    for block in samples.chunks(usize::from(channels) * 1000) {
        writer.write(block).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read_all(bytes: &[u8]) -> Result<Vec<f32>, SoundError> {
    let mut reader = read_wav(bytes)?;
    let channels = usize::from(reader.channels());
    let mut out = Vec::new();
    let mut block = vec![0.0; channels * 777];
    loop {
        let frames = reader.read(&mut block)?;
        out.extend_from_slice(&block[..frames * channels]);
        if frames < 777 {
            return Ok(out);
        }
    }
}

/// A header of other programs: `fmt ` of `body`, then `data` that claims `length`.
fn foreign(body: &[u8], length: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\xff\xff\xff\xffWAVELIST\x03\0\0\0abc\0fmt ".to_vec();
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn format(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let frame = channels.wrapping_mul(bits / 8);
    let mut body = Vec::new();
    for half in [tag, channels] {
        body.extend_from_slice(&half.to_le_bytes());
    }
    body.extend_from_slice(&rate.to_le_bytes());
    body.extend_from_slice(&(rate.wrapping_mul(u32::from(frame))).to_le_bytes());
    body.extend_from_slice(&frame.to_le_bytes());
    body.extend_from_slice(&bits.to_le_bytes());
    body
}

#[test]
fn what_is_written_is_read() {
    let samples: Vec<f32> = (0..9999).map(|n| (n as f32 * 0.37).sin() * 0.99).collect();
    for (bits, error) in [
        (WavBits::I16, 0.5 / 32_768.0),
        (WavBits::I24, 0.6 / 8_388_608.0),
        (WavBits::F32, 0.0),
    ] {
        for channels in [1, 3] {
            let bytes = written(channels, bits, &samples);
            let back = read_all(&bytes).unwrap();
            assert_eq!(back.len(), samples.len());
            for (a, b) in samples.iter().zip(&back) {
                assert!((a - b).abs() <= error, "{bits:?}: {a} {b}");
            }
            let length = read_wav(bytes.as_slice()).unwrap().samples();
            assert_eq!(length, Some(Samples(9999 / u64::from(channels))));
        }
    }
}

#[test]
fn rounding_and_clipping() {
    let samples = [
        2.0,
        -2.0,
        1.0,
        -1.0,
        f32::NAN,
        f32::INFINITY,
        0.6 / 32_768.0,
        -0.4 / 32_768.0,
    ];
    let bytes = written(1, WavBits::I16, &samples);
    let words: Vec<i16> = bytes[80..]
        .chunks(2)
        .map(|b| i16::from_le_bytes([b[0], b[1]]))
        .collect();
    assert_eq!(words, [32_767, -32_768, 32_767, -32_768, 0, 32_767, 1, 0]);
    let bytes = written(1, WavBits::I24, &[1.0, -1.0, 0.5]);
    assert_eq!(bytes[80..], [255, 255, 127, 0, 0, 128, 0, 0, 64, 0]);
    assert!(read_all(&written(1, WavBits::F32, &[f32::NAN])).unwrap() == [0.0]);
}

#[test]
fn an_empty_file_is_a_file() {
    assert!(read_all(&written(2, WavBits::I24, &[])).unwrap().is_empty());
}

#[test]
fn other_programs_files_are_read() {
    let data = [0u8, 64, 0, 192, 1];
    let open = foreign(&format(1, 1, 48_000, 16), u32::MAX, &data);
    assert_eq!(read_all(&open).unwrap(), [0.5, -0.5]);
    assert_eq!(read_wav(open.as_slice()).unwrap().samples(), None);
    let mut sound = WavSound::open(Cursor::new(open)).unwrap();
    assert_eq!(sound.samples(), Samples(2));
    for _ in 0..2 {
        let mut out = [0.0; 9];
        assert_eq!(sound.read(&mut out).unwrap(), 2);
        assert_eq!(out[..2], [0.5, -0.5]);
        sound.seek(Samples(0)).unwrap();
    }
    let mut body = format(0xFFFE, 1, 48_000, 32);
    body.extend_from_slice(&[22, 0, 32, 0, 4, 0, 0, 0, 3, 0]);
    body.extend_from_slice(&[0; 14]);
    let float = foreign(&body, 4, &0.25f32.to_le_bytes());
    assert_eq!(read_all(&float).unwrap(), [0.25]);
    let eight = foreign(&format(1, 2, 48_000, 8), 2, &[0, 192]);
    assert_eq!(read_all(&eight).unwrap(), [-1.0, 0.5]);
}

#[test]
fn other_rates_and_kinds_are_refused() {
    let refused = |bytes: Vec<u8>| read_all(&bytes).unwrap_err();
    let rate = refused(foreign(&format(1, 1, 44_100, 16), 2, &[0; 2]));
    assert!(matches!(rate, SoundError::Rate { rate: 44_100 }));
    assert!(rate.to_string().contains("44100"));
    let none = refused(foreign(&format(1, 0, 48_000, 16), 2, &[0; 2]));
    assert!(matches!(none, SoundError::Channels { channels: 0 }));
    let law = refused(foreign(&format(7, 1, 48_000, 8), 2, &[0; 2]));
    assert!(law.to_string().contains("format 7"));
    for bytes in [
        b"".to_vec(),
        b"RIFF".to_vec(),
        b"OggSxxxxxxxxxxxxxxxxxx".to_vec(),
        b"RIFF\0\0\0\0WAVEdata\x02\0\0\0ab".to_vec(),
        b"RIFF\0\0\0\0WAVELIST\xff\xff\xff\xff".to_vec(),
        foreign(&[1, 0, 1], 0, &[]),
    ] {
        assert!(matches!(refused(bytes), SoundError::NotWav { .. }));
    }
    let endless = [
        b"RIFF\0\0\0\0WAVE".as_slice(),
        &b"LIST\0\0\0\0".repeat(10_000),
    ]
    .concat();
    assert!(refused(endless).to_string().contains("too many chunks"));
}

#[test]
fn a_header_that_promises_too_much_costs_nothing() {
    let huge = foreign(&format(1, 2, 48_000, 16), 0xFFFF_FFF0, &[1, 0, 2, 0, 3]);
    assert_eq!(read_all(&huge).unwrap().len(), 2);
    let sound = WavSound::open(Cursor::new(huge)).unwrap();
    assert_eq!(sound.samples(), Samples(1));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_all(&bytes);
    }

    #[test]
    fn any_damage_is_read_or_refused(at in 0usize..80, value: u8, cut in 0usize..120) {
        let mut bytes = written(2, WavBits::I16, &[0.5; 20]);
        bytes[at] = value;
        bytes.truncate(cut);
        let _ = read_all(&bytes);
        if let Ok(mut sound) = WavSound::open(Cursor::new(bytes)) {
            let mut out = vec![0.0; 200];
            let frames = sound.read(&mut out).unwrap();
            prop_assert_eq!(frames as u64, sound.samples().0.min(200 / u64::from(sound.channels())));
        }
    }
}
