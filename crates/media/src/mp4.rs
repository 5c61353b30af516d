//! The part of MP4 (ISO/IEC 14496-12) that joining needs: the samples of a file of ours, and a file that
//! shows the pictures of many, one after the other, at a constant rate, with sound and chapters.
//!
//! ffmpeg's own ways of joining (concat demuxer, raw streams) round the times of short chunks or
//! lose frames of them; here every time is `n / rate` by construction.

mod film;
mod read;
mod write;

use std::path::PathBuf;

use workprint_model::{Rate, Size};

use crate::error::{MediaError, Result};

pub(crate) use film::{About, write_film};
pub(crate) use read::{is_same_sound, sound_begins};
pub(crate) use write::{boxed, write_joined};

/// The picture track of a file.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) path: PathBuf,
    pub(crate) size: Size,
    /// The sample entry (`avc1`, `hvc1`, `av01`, `ap4h`) without bit rates: how the samples are
    /// decoded.
    pub(crate) entry: Vec<u8>,
    /// In the order of decoding.
    pub(crate) samples: Vec<Sample>,
}

/// One coded frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) offset: u64,
    pub(crate) bytes: u32,
    /// Its place among the track's samples in the order of showing.
    pub(crate) shown: u32,
    /// Decoding may begin here.
    pub(crate) key: bool,
    /// How long it is decoded before the next, in ticks of the track.
    pub(crate) ticks: u32,
}

/// The sound of a file that [`Media::encode_sound`](crate::Media::encode_sound) wrote.
#[derive(Debug)]
pub(crate) struct Sound {
    path: PathBuf,
    /// The sample entry (`mp4a`).
    entry: Vec<u8>,
    /// Samples at 48 kHz before the sound begins, which the encoder needed to start.
    begins: u32,
    /// Samples at 48 kHz that are heard.
    length: u64,
    /// The boxes that tell how many packets early decoding must begin.
    rolls: Vec<u8>,
    samples: Vec<Placed>,
}

/// Where a packet lies in its file.
#[derive(Debug, Clone, Copy)]
struct Placed {
    offset: u64,
    bytes: u32,
    ticks: u32,
}

/// The ticks a second of a picture track, so that a frame of `rate` lasts a whole number of them.
pub(crate) fn timescale(rate: Rate) -> Result<u32> {
    let times = 10_000u32.div_ceil(rate.num());
    rate.num()
        .checked_mul(times)
        .filter(|scale| i32::try_from(*scale).is_ok() && rate.den().checked_mul(times).is_some())
        .ok_or_else(|| MediaError::BadRequest(format!("the rate `{rate}` is too fine for MP4")))
}

/// How many ticks of [`timescale`] a frame lasts.
pub(crate) fn frame_ticks(rate: Rate) -> u32 {
    rate.den() * 10_000u32.div_ceil(rate.num())
}
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::path::Path;

    use super::*;

    #[test]
    fn a_frame_lasts_a_whole_number_of_ticks() {
        for (num, den) in [(24_000, 1001), (25, 1), (30, 1), (60, 1), (240, 1), (1, 1)] {
            let rate = Rate::new(num, den).unwrap();
            let scale = u64::from(timescale(rate).unwrap());
            assert!(scale >= 10_000);
            let frame = u64::from(frame_ticks(rate));
            assert_eq!(frame * u64::from(num), scale * u64::from(den));
        }
    }

    fn track(path: &Path) -> Track {
        std::fs::write(path, (0..250).collect::<Vec<u8>>()).unwrap();
        // I P B B P: decoded 0 1 2 3 4, shown 0 3 1 2 4.
        let places = [(0, 90), (3, 40), (1, 20), (2, 10), (4, 30)];
        let mut offset = 7;
        let samples = places.map(|(shown, bytes)| {
            offset += u64::from(bytes);
            Sample {
                offset: offset - u64::from(bytes),
                bytes,
                shown,
                key: shown == 0,
                ticks: 1001,
            }
        });
        let mut entry = vec![0; 86];
        entry[3] = 86;
        entry[33] = 96;
        entry[35] = 64;
        Track {
            path: path.to_owned(),
            size: Size {
                width: 96,
                height: 64,
            },
            entry,
            samples: samples.to_vec(),
        }
    }

    fn joined(dir: &Path) -> PathBuf {
        let out = dir.join("joined.mp4");
        let tracks = [track(&dir.join("one")), track(&dir.join("two"))];
        write_joined(&out, &tracks, Rate::new(30_000, 1001).unwrap()).unwrap();
        out
    }

    #[test]
    fn what_is_written_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let found = Track::read(&joined(dir.path())).unwrap();
        let one = track(&dir.path().join("one"));
        assert_eq!((found.size, &found.entry), (one.size, &one.entry));
        let shown: Vec<u32> = found.samples.iter().map(|sample| sample.shown).collect();
        assert_eq!(shown, [0, 3, 1, 2, 4, 5, 8, 6, 7, 9]);
        let bytes = std::fs::read(&found.path).unwrap();
        let written = std::fs::read(&one.path).unwrap();
        for (found, sample) in found.samples.iter().zip(one.samples.iter().cycle()) {
            assert_eq!(
                (found.key, found.ticks, found.bytes),
                (sample.key, 1001, sample.bytes)
            );
            let of = |file: &[u8], sample: &Sample| {
                file[sample.offset as usize..][..sample.bytes as usize].to_vec()
            };
            assert_eq!(of(&bytes, found), of(&written, sample));
        }
    }

    #[test]
    fn a_film_that_is_given_up_is_not_written_on() {
        let dir = tempfile::tempdir().unwrap();
        let tracks = [track(&dir.path().join("one"))];
        let about = About {
            rate: Rate::FPS_30,
            title: None,
            language: *b"und",
            chapters: &[],
        };
        let (out, cancel) = (dir.path().join("film.mp4"), crate::Cancel::default());
        write_film(&out, (&tracks, None), &about, &cancel).unwrap();
        assert_eq!(Track::read(&out).unwrap().samples.len(), 5);
        cancel.cancel();
        let given_up = write_film(&out, (&tracks, None), &about, &cancel);
        assert!(matches!(given_up, Err(MediaError::Cancelled)));
    }

    proptest! {
        #[test]
        fn a_damaged_file_is_read_or_refused(at in 0usize..1200, value: u8, more in 0usize..1200) {
            let dir = tempfile::tempdir().unwrap();
            let path = joined(dir.path());
            let mut bytes = std::fs::read(&path).unwrap();
            for at in [at, more] {
                let length = bytes.len();
                bytes[at % length] = value;
            }
            std::fs::write(&path, bytes).unwrap();
            if let Ok(track) = Track::read(&path) {
                let out = dir.path().join("again.mp4");
                let _ = write_joined(&out, &[track], Rate::FPS_30);
            }
        }

        #[test]
        fn any_bytes_are_tables_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x.mp4");
            std::fs::write(&path, boxed(*b"moov", &boxed(*b"trak", &bytes))).unwrap();
            prop_assert!(Track::read(&path).is_err());
        }
    }
}
