//! A film of a thousand chunks: nothing shifts, in the picture or the sound.
//!
//! The chunks are ten different ones over and over: what is shown here is that joining loses no frame,
//! and that every time is exact. That a thousand clips are laid out without a shift is a test of the
//! timeline, in the stages.

use std::path::{Path, PathBuf};

use workprint_model::{Frames, Rate};

use crate::fixtures::{SMALL, ask, chunk, hashes, make, media, painted, rate};
use crate::join::{film, steady_packets};

const CHUNKS: usize = 1000;
const LENGTHS: [u64; 10] = [1, 3, 5, 7, 1, 3, 1, 9, 1, 5];

/// Which of the chunks comes at a place.
const fn which(place: usize) -> usize {
    (place * 7 + place / 10) % LENGTHS.len()
}

#[test]
fn a_thousand_chunks_of_odd_lengths_drift_by_nothing() {
    let (media, rate) = (media(), rate("24000/1001"));
    let dir = tempfile::tempdir().unwrap();
    let mut from = 0;
    let files: Vec<PathBuf> = (0..)
        .zip(LENGTHS)
        .map(|(number, length)| {
            from += 100;
            let out = dir.path().join(format!("chunk-{number}.mp4"));
            chunk(&media, out, rate, from, length)
        })
        .collect();
    let hashes = hashes(&files);
    let order: Vec<usize> = (0..CHUNKS).map(which).collect();
    let chunks: Vec<PathBuf> = order.iter().map(|&at| files[at].clone()).collect();
    let wanted: Vec<&String> = order.iter().flat_map(|&at| &hashes[at]).collect();
    let total = wanted.len() as u64;

    let starts: Vec<u64> = order
        .iter()
        .scan(0, |from, &at| {
            let start = *from;
            *from += LENGTHS[at];
            Some(rate.sample_of(Frames(start)).0)
        })
        .collect();
    let samples = rate.sample_of(Frames(total)).0;
    assert_eq!(samples, total * 2002);
    let mix = dir.path().join("mix.wav");
    let clicks = write_clicks(&mix, &starts, samples);

    let spec = film(dir.path().join("film.mp4"), rate, total);
    // As a film is made: the sound is encoded alone, measured, and copied.
    let sound = dir.path().join("sound.mp4");
    media.encode_sound(&mix, 128, &sound).unwrap();
    media.join(&chunks, Some(&sound), &spec).unwrap();

    let found = media.frame_md5(&spec.out).unwrap();
    assert_eq!(found.len() as u64, total, "no frame is lost or added");
    for (number, (found, wanted)) in (0..).zip(found.iter().zip(&wanted)) {
        assert_eq!((found.pts, &found.md5), (number, *wanted), "frame {number}");
    }
    steady_packets(&spec.out, rate);
    heard_where_written(dir.path(), &spec.out, (&clicks, &starts));
    let length = ask(
        "-select_streams a -show_entries stream=duration_ts",
        &spec.out,
    );
    assert_eq!(length.trim(), samples.to_string(), "the sound's own length");
}

/// A WAV with a short whistle at each start; its samples.
fn write_clicks(path: &Path, starts: &[u64], samples: u64) -> Vec<i16> {
    let mut sound = vec![0i16; samples as usize];
    for (number, &start) in starts.iter().enumerate() {
        // Each of another pitch, so that one is not taken for its neighbour.
        let period = 16 + number % 13;
        for (at, sample) in sound.iter_mut().skip(start as usize).take(400).enumerate() {
            let phase = (at % period) as i32 * 4 - 2 * period as i32;
            let loud = 400 - at as i32;
            *sample =
                (phase.abs() - period as i32).saturating_mul(loud * 40 / period as i32) as i16;
        }
    }
    let bytes = (sound.len() * 4) as u32;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    wav.extend(48_000u32.to_le_bytes());
    wav.extend((48_000u32 * 4).to_le_bytes());
    wav.extend([4, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    wav.extend(
        sound
            .iter()
            .flat_map(|sample| [sample.to_le_bytes(); 2])
            .flatten(),
    );
    std::fs::write(path, wav).unwrap();
    sound
}

/// Holds every tenth whistle of a film's sound, and the last, against the one that was written: it is
/// most like itself at no shift at all.
fn heard_where_written(dir: &Path, film: &Path, (written, starts): (&[i16], &[u64])) {
    let raw = dir.join("heard.s16");
    make(
        &format!("-i {} -map 0:a -ac 1 -f s16le", film.display()),
        &raw,
    );
    let heard: Vec<i16> = std::fs::read(&raw)
        .unwrap()
        .chunks_exact(2)
        .map(|two| i16::from_le_bytes([two[0], two[1]]))
        .collect();
    assert!(heard.len() >= written.len() - 1024, "{}", heard.len());
    for &start in starts.iter().step_by(10).chain(starts.last()).skip(1) {
        let start = start as usize;
        let pattern = &written[start..(start + 600).min(written.len())];
        let alike = |shift: i64| -> i64 {
            let from = (start as i64 + shift) as usize;
            let pairs = pattern.iter().zip(heard.iter().skip(from));
            pairs.map(|(a, b)| i64::from(*a) * i64::from(*b)).sum()
        };
        let best = (-200..=200).max_by_key(|shift| alike(*shift));
        assert_eq!(best, Some(0), "the whistle at sample {start}");
    }
}

/// The same frames in one pass: as many, at the same times.
#[test]
fn joined_chunks_have_the_times_of_one_pass() {
    let media = media();
    for text in ["24000/1001", "25", "30000/1001", "60"] {
        let rate: Rate = text.parse().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut from = 0;
        let mut files = Vec::new();
        for (number, length) in [1, 2, 7, 1, 31, 48, 3].into_iter().enumerate() {
            let out = dir.path().join(format!("chunk-{number}.mp4"));
            files.push(chunk(&media, out, rate, from, length));
            from += length;
        }
        let joined = film(dir.path().join("joined.mp4"), rate, from);
        media.join(&files, None, &joined).unwrap();
        let whole = chunk(&media, dir.path().join("whole.mp4"), rate, 0, from);
        let one = film(dir.path().join("one.mp4"), rate, from);
        media.join(&[whole], None, &one).unwrap();

        let times = |path: &Path| {
            let packets = ask("-select_streams v -show_entries packet=pts,duration", path);
            let mut packets: Vec<(i64, String)> = packets
                .lines()
                .map(|line| {
                    let (pts, rest) = line.split_once(',').unwrap();
                    (pts.parse().unwrap(), rest.trim_end_matches(',').to_owned())
                })
                .collect();
            packets.sort_unstable();
            packets
        };
        assert_eq!(times(&joined.out), times(&one.out), "{text}");
        let of_stream = "-select_streams v -show_entries stream=time_base,start_pts,duration_ts,nb_frames,r_frame_rate,avg_frame_rate";
        assert_eq!(
            ask(of_stream, &joined.out),
            ask(of_stream, &one.out),
            "{text}"
        );
        for path in [&joined.out, &one.out] {
            every_frame_is_its_own(&gray(path, dir.path()), from, text);
        }
    }
}

/// Each frame is more like the one that was painted for its place than like its neighbours.
fn every_frame_is_its_own(decoded: &[u8], count: u64, text: &str) {
    let luma = (SMALL.width * SMALL.height) as usize;
    assert_eq!(decoded.len() as u64, count * luma as u64, "{text}");
    for (number, frame) in (0..).zip(decoded.chunks_exact(luma)) {
        let off = |painted: Vec<u8>| -> u64 {
            let pairs = frame.iter().zip(&painted[..luma]);
            pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
        };
        let own = off(painted(SMALL, number));
        for other in [number.saturating_sub(1), number + 1] {
            let near = other == number || own < off(painted(SMALL, other));
            assert!(near, "{text}: frame {number} is more like {other}");
        }
    }
}

/// The luma of all frames.
fn gray(path: &Path, dir: &Path) -> Vec<u8> {
    let raw = dir.join("frames.gray");
    make(
        &format!(
            "-i {} -f rawvideo -pix_fmt gray -color_range tv",
            path.display()
        ),
        &raw,
    );
    std::fs::read(raw).unwrap()
}
