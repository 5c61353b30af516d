//! The part of MP4 (ISO/IEC 14496-12) that joining needs: the picture's samples of a file of ours,
//! and a file that shows the samples of many, one after the other, at a constant rate.
//!
//! ffmpeg's own ways of joining (concat demuxer, raw streams) round the times of short chunks or
//! lose frames of them; here every time is `n / rate` by construction.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use workprint_model::{Rate, Size};

use crate::error::{MediaError, Result};

/// The most bytes of tables that are read of one file: over ten hours of picture.
const MAX_TABLES: u64 = 256 << 20;

/// The most frames that are read of one file: eighteen hours at 60 a second.
const MAX_SAMPLES: usize = 4 << 20;
/// No coded frame waits longer than this for those that are decoded first: H.264 keeps 16.
const MAX_DELAY: u32 = 32;

/// The picture track of a file.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) path: PathBuf,
    pub(crate) size: Size,
    /// The `avc1` box without bit rates: how the samples are decoded.
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

/// The ticks a second of a picture track, so that a frame of `rate` lasts a whole number of them.
pub(crate) fn timescale(rate: Rate) -> Result<u32> {
    let times = 10_000u32.div_ceil(rate.num());
    rate.num()
        .checked_mul(times)
        .filter(|scale| i32::try_from(*scale).is_ok() && rate.den().checked_mul(times).is_some())
        .ok_or_else(|| MediaError::BadRequest(format!("the rate `{rate}` is too fine for MP4")))
}

/// How many ticks of [`timescale`] a frame lasts.
fn frame_ticks(rate: Rate) -> u32 {
    rate.den() * 10_000u32.div_ceil(rate.num())
}

impl Track {
    /// Reads the tables of the first picture track of a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let tables = tables(path)?;
        let broken = || MediaError::bad(path, "its MP4 tables are broken");
        let moov = Bytes(&tables);
        let trak = moov
            .all(*b"trak")
            .find(|trak| {
                let hdlr = trak.find(*b"mdia").and_then(|mdia| mdia.find(*b"hdlr"));
                hdlr.is_some_and(|hdlr| hdlr.0.get(8..12) == Some(b"vide"))
            })
            .ok_or_else(|| MediaError::bad(path, "it has no picture"))?;
        Self::of_trak(path, trak).ok_or_else(broken)
    }

    fn of_trak(path: &Path, trak: Bytes<'_>) -> Option<Self> {
        let stbl = trak.find(*b"mdia")?.find(*b"minf")?.find(*b"stbl")?;
        let sizes = stbl.find(*b"stsz")?;
        let count = sizes.u32(8)? as usize;
        let common = sizes.u32(4)?;
        if common == 0 && sizes.0.len() < 12 + count.checked_mul(4)? {
            return None;
        }
        // Times are run-length coded: a count from a header is held against the file's own tables.
        if count > MAX_SAMPLES {
            return None;
        }
        let ticks = runs(stbl.find(*b"stts")?, count)?;
        let later = match stbl.find(*b"ctts") {
            Some(ctts) => runs(ctts, count)?,
            None => vec![0; count],
        };
        let shown = shown_order(&ticks, &later);
        let offsets = offsets(stbl, count, |at| sample_bytes(sizes, common, at))?;
        let mut samples = Vec::with_capacity(count);
        for at in 0..count {
            samples.push(Sample {
                offset: offsets[at],
                bytes: sample_bytes(sizes, common, at)?,
                shown: shown[at],
                key: false,
                ticks: ticks[at],
            });
        }
        mark_keys(&mut samples, stbl.find(*b"stss"))?;
        let (entry, size) = sample_entry(stbl.find(*b"stsd")?)?;
        Some(Self {
            path: path.to_owned(),
            size,
            entry,
            samples,
        })
    }
}

/// The content of the file's `moov` box.
fn tables(path: &Path) -> Result<Vec<u8>> {
    let io = || MediaError::io("read", path);
    let mut file = BufReader::new(File::open(path).map_err(io())?);
    let length = file.get_ref().metadata().map_err(io())?.len();
    let mut at = 0;
    while at + 8 <= length {
        file.seek(SeekFrom::Start(at)).map_err(io())?;
        let mut head = [0; 16];
        file.read_exact(&mut head[..8]).map_err(io())?;
        let mut header = 8;
        let mut bytes = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        if bytes == 1 {
            file.read_exact(&mut head[8..]).map_err(io())?;
            header = 16;
            bytes = head[8..]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        }
        if bytes < header || bytes > length - at {
            return Err(MediaError::bad(path, "it is cut short"));
        }
        if &head[4..8] == b"moov" {
            if bytes > MAX_TABLES {
                return Err(MediaError::bad(path, "its MP4 tables are too long"));
            }
            let mut tables = vec![0; (bytes - header) as usize];
            file.read_exact(&mut tables).map_err(io())?;
            return Ok(tables);
        }
        at += bytes;
    }
    Err(MediaError::bad(
        path,
        "it has no MP4 tables: it was never finished",
    ))
}

/// A box's content.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn u32(self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..at.checked_add(4)?)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }

    /// The boxes inside, with their names and whole bytes.
    fn boxes(self) -> impl Iterator<Item = ([u8; 4], &'a [u8])> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let bytes = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
            let name = rest.get(4..8)?.try_into().ok()?;
            if bytes < 8 {
                return None;
            }
            let whole = rest.get(..bytes)?;
            rest = &rest[bytes..];
            Some((name, whole))
        })
    }

    fn all(self, name: [u8; 4]) -> impl Iterator<Item = Self> {
        self.boxes()
            .filter(move |(found, _)| *found == name)
            .map(|(_, whole)| Self(&whole[8..]))
    }

    fn find(self, name: [u8; 4]) -> Option<Self> {
        self.all(name).next()
    }
}

/// The values of a table of (count, value) pairs, written out; exactly `count` of them.
fn runs(table: Bytes<'_>, count: usize) -> Option<Vec<u32>> {
    let mut values = Vec::with_capacity(count);
    for run in 0..table.u32(4)? as usize {
        let times = table.u32(8 + run * 8)? as usize;
        if times > count - values.len() {
            return None;
        }
        values.resize(values.len() + times, table.u32(12 + run * 8)?);
    }
    (values.len() == count).then_some(values)
}

/// Each sample's place in the order of showing.
fn shown_order(ticks: &[u32], later: &[u32]) -> Vec<u32> {
    let mut decoded: i64 = 0;
    let mut times: Vec<(i64, usize)> = Vec::with_capacity(ticks.len());
    for (at, (ticks, later)) in ticks.iter().zip(later).enumerate() {
        // Signed in version 1 of the table; a version 0 above i32 does not occur.
        times.push((decoded + i64::from(later.cast_signed()), at));
        decoded += i64::from(*ticks);
    }
    times.sort_unstable();
    let mut shown = vec![0; times.len()];
    for (place, (_, at)) in times.into_iter().enumerate() {
        shown[at] = place as u32;
    }
    shown
}

fn sample_bytes(sizes: Bytes<'_>, common: u32, at: usize) -> Option<u32> {
    if common == 0 {
        sizes.u32(12 + at * 4)
    } else {
        Some(common)
    }
}

/// Where each sample begins in the file.
fn offsets(
    stbl: Bytes<'_>,
    count: usize,
    bytes: impl Fn(usize) -> Option<u32>,
) -> Option<Vec<u64>> {
    let groups = stbl.find(*b"stsc")?;
    let (table, wide) = match stbl.find(*b"stco") {
        Some(table) => (table, false),
        None => (stbl.find(*b"co64")?, true),
    };
    let mut offsets = Vec::with_capacity(count);
    let mut group = 0;
    let mut each = 0;
    for chunk in 0..table.u32(4)? {
        while group < groups.u32(4)? as usize && groups.u32(8 + group * 12)? == chunk + 1 {
            each = groups.u32(12 + group * 12)?;
            group += 1;
        }
        let at = chunk as usize;
        let mut offset = if wide {
            u64::from(table.u32(8 + at * 8)?) << 32 | u64::from(table.u32(12 + at * 8)?)
        } else {
            u64::from(table.u32(8 + at * 4)?)
        };
        for _ in 0..each {
            if offsets.len() == count {
                return None;
            }
            let length = bytes(offsets.len())?;
            offsets.push(offset);
            offset = offset.checked_add(u64::from(length))?;
        }
    }
    (offsets.len() == count).then_some(offsets)
}

fn mark_keys(samples: &mut [Sample], stss: Option<Bytes<'_>>) -> Option<()> {
    let Some(stss) = stss else {
        for sample in samples {
            sample.key = true;
        }
        return Some(());
    };
    for at in 0..stss.u32(4)? as usize {
        let number = stss.u32(8 + at * 4)? as usize;
        samples.get_mut(number.checked_sub(1)?)?.key = true;
    }
    Some(())
}

/// The first sample entry without its bit rates, and the size in it.
fn sample_entry(stsd: Bytes<'_>) -> Option<(Vec<u8>, Size)> {
    const FIXED: usize = 86;
    let (_, whole) = Bytes(stsd.0.get(8..)?).boxes().next()?;
    let mut entry = whole.get(..FIXED)?.to_vec();
    for (name, inner) in Bytes(&whole[FIXED..]).boxes() {
        if &name != b"btrt" {
            entry.extend_from_slice(inner);
        }
    }
    let length = u32::try_from(entry.len()).ok()?;
    entry[..4].copy_from_slice(&length.to_be_bytes());
    let side = |at: usize| u32::from(u16::from_be_bytes([entry[at], entry[at + 1]]));
    let size = Size {
        width: side(32),
        height: side(34),
    };
    Some((entry, size))
}

/// Writes a film of the tracks' samples, one track after the other, at a constant rate.
///
/// Frame `n` is shown at exactly `n / rate`. The tracks must be decoded alike, and each must begin
/// with a key frame.
pub(crate) fn write_joined(out: &Path, tracks: &[Track], rate: Rate) -> Result<()> {
    let Some(first) = tracks.first() else {
        return Err(MediaError::BadRequest(
            "there are no chunks to join".to_owned(),
        ));
    };
    for track in tracks {
        if track.entry != first.entry {
            let why = "it was encoded with other settings than the chunks before it";
            return Err(MediaError::bad(&track.path, why));
        }
        if !track.samples.first().is_some_and(|sample| sample.key) {
            return Err(MediaError::bad(
                &track.path,
                "it does not begin with a key frame",
            ));
        }
    }
    let io = || MediaError::io("write", out);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(out).map_err(io())?);
    let ftyp = boxed(*b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41");
    let bytes: u64 = tracks
        .iter()
        .flat_map(|track| &track.samples)
        .map(|sample| u64::from(sample.bytes))
        .sum();
    file.write_all(&ftyp).map_err(io())?;
    file.write_all(b"\0\0\0\x01mdat").map_err(io())?;
    file.write_all(&(bytes + 16).to_be_bytes()).map_err(io())?;
    for track in tracks {
        copy_samples(track, &mut file, out)?;
    }
    let data = ftyp.len() as u64 + 16;
    file.write_all(&moov(tracks, first, rate, data)?)
        .map_err(io())?;
    file.into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .map_err(io())?;
    Ok(())
}

fn copy_samples(track: &Track, to: &mut impl Write, out: &Path) -> Result<()> {
    let read = || MediaError::io("read", &track.path);
    let file = File::open(&track.path).map_err(read())?;
    let length = file.metadata().map_err(read())?.len();
    let mut from = BufReader::with_capacity(1 << 20, file);
    let mut at = 0u64;
    let mut buffer = Vec::new();
    for sample in &track.samples {
        if sample.offset.saturating_add(u64::from(sample.bytes)) > length {
            return Err(MediaError::bad(&track.path, "it is cut short"));
        }
        let step = sample.offset.cast_signed() - at.cast_signed();
        from.seek_relative(step).map_err(read())?;
        buffer.resize(sample.bytes as usize, 0);
        from.read_exact(&mut buffer).map_err(read())?;
        to.write_all(&buffer)
            .map_err(MediaError::io("write", out))?;
        at = sample.offset + u64::from(sample.bytes);
    }
    Ok(())
}

fn moov(tracks: &[Track], first: &Track, rate: Rate, data: u64) -> Result<Vec<u8>> {
    let scale = timescale(rate)?;
    let ticks = frame_ticks(rate);
    let count: u64 = tracks.iter().map(|track| track.samples.len() as u64).sum();
    let length = u32::try_from(count)
        .ok()
        .and_then(|count| count.checked_mul(ticks))
        .ok_or_else(|| MediaError::BadRequest("the film is too long for MP4".to_owned()))?;
    let delay = delay(tracks);
    if delay > MAX_DELAY {
        let why = "its frames are further out of order than they can be";
        return Err(MediaError::bad(&first.path, why));
    }
    let matrix = words(&[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000]);
    let mvhd = [
        words(&[0, 0, 0, scale, length, 0x10000, 0x0100_0000, 0, 0]),
        matrix.clone(),
        words(&[0, 0, 0, 0, 0, 0, 2]),
    ];
    let tkhd = [
        words(&[3, 0, 0, 1, 0, length, 0, 0, 0, 0]),
        matrix,
        words(&[first.size.width << 16, first.size.height << 16]),
    ];
    let elst = words(&[0, 1, length, delay * ticks, 0x10000]);
    let mdhd = words(&[0, 0, 0, scale, length, 0x55c4_0000]);
    let hdlr = b"\0\0\0\0\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0VideoHandler\0";
    let dref = [words(&[0, 1]), boxed(*b"url ", &words(&[1]))].concat();
    let minf = [
        boxed(*b"vmhd", &words(&[1, 0, 0])),
        boxed(*b"dinf", &boxed(*b"dref", &dref)),
        boxed(*b"stbl", &stbl(tracks, first, (ticks, delay), data)),
    ];
    let mdia = [
        boxed(*b"mdhd", &mdhd),
        boxed(*b"hdlr", hdlr),
        boxed(*b"minf", &minf.concat()),
    ];
    let trak = [
        boxed(*b"tkhd", &tkhd.concat()),
        boxed(*b"edts", &boxed(*b"elst", &elst)),
        boxed(*b"mdia", &mdia.concat()),
    ];
    let moov = [
        boxed(*b"mvhd", &mvhd.concat()),
        boxed(*b"trak", &trak.concat()),
    ];
    Ok(boxed(*b"moov", &moov.concat()))
}

/// How many frames decoding must be ahead of showing, so that no frame is late.
fn delay(tracks: &[Track]) -> u32 {
    tracks
        .iter()
        .flat_map(|track| track.samples.iter().zip(0u32..))
        .map(|(sample, decoded)| decoded.saturating_sub(sample.shown))
        .max()
        .unwrap_or(0)
}

fn stbl(tracks: &[Track], first: &Track, (ticks, delay): (u32, u32), data: u64) -> Vec<u8> {
    let samples = || tracks.iter().flat_map(|track| &track.samples);
    let count = samples().count() as u32;
    let mut later = Vec::new();
    let mut keys = Vec::new();
    let mut groups = vec![0, tracks.len() as u32];
    let mut offsets = words(&[0, tracks.len() as u32]);
    let mut offset = data;
    let mut number = 0;
    for (track, group) in tracks.iter().zip(1..) {
        groups.extend([group, track.samples.len() as u32, 1]);
        offsets.extend(offset.to_be_bytes());
        for (sample, decoded) in track.samples.iter().zip(0..) {
            number += 1;
            if sample.key {
                keys.push(number);
            }
            let ahead = (sample.shown + delay).saturating_sub(decoded);
            later.extend([1, ahead.saturating_mul(ticks)]);
            offset += u64::from(sample.bytes);
        }
    }
    let sizes: Vec<u32> = samples().map(|sample| sample.bytes).collect();
    let table = |head: &[u32], rows: &[u32]| [words(head), words(rows)].concat();
    [
        boxed(*b"stsd", &[words(&[0, 1]), first.entry.clone()].concat()),
        boxed(*b"stts", &words(&[0, 1, count, ticks])),
        boxed(*b"ctts", &table(&[0, count], &later)),
        boxed(*b"stss", &table(&[0, keys.len() as u32], &keys)),
        boxed(*b"stsc", &words(&groups)),
        boxed(*b"stsz", &table(&[0, 0, count], &sizes)),
        boxed(*b"co64", &offsets),
    ]
    .concat()
}

fn words(values: &[u32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

fn boxed(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    // Tables stay below 4 GiB: `moov` bounds the number of samples.
    let mut bytes = (content.len() as u32 + 8).to_be_bytes().to_vec();
    bytes.extend(name);
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
