//! Writing one film of the samples of many files.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use workprint_model::Rate;

use super::{Track, frame_ticks, timescale};
use crate::error::{MediaError, Result};

/// No coded frame waits longer than this for those that are decoded first: H.264 keeps 16.
const MAX_DELAY: u32 = 32;

/// Writes a film of the tracks' samples, one track after the other, at a constant rate.
///
/// Frame `n` is shown at exactly `n / rate`. The tracks must be decoded alike, and each must begin
/// with a key frame.
pub(crate) fn write_joined(out: &Path, tracks: &[Track], rate: Rate) -> Result<()> {
    let first = alike(tracks)?;
    let io = || MediaError::io("write", out);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(out).map_err(io())?);
    let ftyp = ftyp(first);
    let bytes: u64 = tracks
        .iter()
        .flat_map(|track| &track.samples)
        .map(|sample| u64::from(sample.bytes))
        .sum();
    file.write_all(&ftyp).map_err(io())?;
    file.write_all(b"\0\0\0\x01mdat").map_err(io())?;
    file.write_all(&(bytes + 16).to_be_bytes()).map_err(io())?;
    for track in tracks {
        let mut source = Source::open(&track.path)?;
        for sample in &track.samples {
            source.copy((sample.offset, sample.bytes), &mut file, out)?;
        }
    }
    let data = ftyp.len() as u64 + 16;
    file.write_all(&moov(tracks, first, rate, data)?)
        .map_err(io())?;
    file.into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .map_err(io())?;
    Ok(())
}

/// The first of the tracks, which must be decoded alike and begin with a key frame each.
pub(super) fn alike(tracks: &[Track]) -> Result<&Track> {
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
    Ok(first)
}

/// What kind of file it is.
pub(super) fn ftyp(first: &Track) -> Vec<u8> {
    let codec = first.entry.get(4..8).unwrap_or(b"avc1");
    let brands = [b"isom\0\0\x02\0isomiso2".as_slice(), codec, b"mp41"].concat();
    boxed(*b"ftyp", &brands)
}

/// A file that samples are taken of, mostly one after the other.
pub(super) struct Source<'a> {
    path: &'a Path,
    file: BufReader<File>,
    length: u64,
    at: u64,
    buffer: Vec<u8>,
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self> {
        let read = || MediaError::io("read", path);
        let file = File::open(path).map_err(read())?;
        Ok(Self {
            path,
            length: file.metadata().map_err(read())?.len(),
            file: BufReader::with_capacity(1 << 18, file),
            at: 0,
            buffer: Vec::new(),
        })
    }

    /// Copies the bytes at an offset to `out`, which is called that in errors.
    pub(super) fn copy(
        &mut self,
        (offset, bytes): (u64, u32),
        to: &mut impl Write,
        out: &Path,
    ) -> Result<()> {
        let read = || MediaError::io("read", self.path);
        if offset.saturating_add(u64::from(bytes)) > self.length {
            return Err(MediaError::bad(self.path, "it is cut short"));
        }
        let step = offset.cast_signed() - self.at.cast_signed();
        self.file.seek_relative(step).map_err(read())?;
        self.buffer.resize(bytes as usize, 0);
        self.file.read_exact(&mut self.buffer).map_err(read())?;
        self.at = offset + u64::from(bytes);
        to.write_all(&self.buffer)
            .map_err(MediaError::io("write", out))
    }
}

fn moov(tracks: &[Track], first: &Track, rate: Rate, data: u64) -> Result<Vec<u8>> {
    let scale = timescale(rate)?;
    let ticks = frame_ticks(rate);
    let length = length(tracks, rate)?;
    let delay = delay(tracks)?;
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

/// How many ticks all frames last.
pub(super) fn length(tracks: &[Track], rate: Rate) -> Result<u32> {
    let count: u64 = tracks.iter().map(|track| track.samples.len() as u64).sum();
    u32::try_from(count)
        .ok()
        .and_then(|count| count.checked_mul(frame_ticks(rate)))
        .ok_or_else(too_long)
}

pub(super) fn too_long() -> MediaError {
    MediaError::BadRequest("the film is too long for MP4".to_owned())
}

/// How many frames decoding must be ahead of showing, so that no frame is late.
pub(super) fn delay(tracks: &[Track]) -> Result<u32> {
    let delay = tracks
        .iter()
        .flat_map(|track| track.samples.iter().zip(0u32..))
        .map(|(sample, decoded)| decoded.saturating_sub(sample.shown))
        .max()
        .unwrap_or(0);
    match tracks.first() {
        Some(first) if delay > MAX_DELAY => Err(MediaError::bad(
            &first.path,
            "its frames are further out of order than they can be",
        )),
        _ => Ok(delay),
    }
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

pub(super) fn words(values: &[u32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

pub(crate) fn boxed(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    // Tables stay below 4 GiB: `moov` bounds the number of samples.
    let mut bytes = (content.len() as u32 + 8).to_be_bytes().to_vec();
    bytes.extend(name);
    bytes.extend_from_slice(content);
    bytes
}
