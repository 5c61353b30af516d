//! Reading the tables of a file.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use workprint_model::{SAMPLE_RATE, Size};

use super::write::Source;
use super::{Placed, Sample, Sound, Track};
use crate::error::{MediaError, Result};

/// The most bytes of tables that are read of one file: over ten hours of picture.
const MAX_TABLES: u64 = 256 << 20;

/// The most frames that are read of one file: eighteen hours at 60 a second.
const MAX_SAMPLES: usize = 4 << 20;

/// The boxes that tell how many samples decoding must begin early.
const ROLLS: [[u8; 4]; 2] = [*b"sgpd", *b"sbgp"];

impl Track {
    /// Reads the tables of the first picture track of a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::find(path)?.ok_or_else(|| MediaError::bad(path, "it has no picture"))
    }

    /// As [`Self::read`], of a file that may have no picture.
    pub(crate) fn find(path: &Path) -> Result<Option<Self>> {
        let tables = tables(path)?;
        let Some(trak) = Bytes(&tables).track(*b"vide") else {
            return Ok(None);
        };
        let track = Self::of_trak(path, trak);
        track
            .map(Some)
            .ok_or_else(|| MediaError::bad(path, "its MP4 tables are broken"))
    }

    fn of_trak(path: &Path, trak: Bytes<'_>) -> Option<Self> {
        let stbl = trak.find(*b"mdia")?.find(*b"minf")?.find(*b"stbl")?;
        let placed = placed(stbl)?;
        let later = match stbl.find(*b"ctts") {
            Some(ctts) => runs(ctts, placed.len())?,
            None => vec![0; placed.len()],
        };
        let ticks: Vec<u32> = placed.iter().map(|sample| sample.ticks).collect();
        let shown = shown_order(&ticks, &later);
        let samples = placed.into_iter().zip(shown);
        let mut samples: Vec<Sample> = samples
            .map(|(sample, shown)| Sample {
                offset: sample.offset,
                bytes: sample.bytes,
                shown,
                key: false,
                ticks: sample.ticks,
            })
            .collect();
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

impl Sound {
    /// Reads the tables of a file that [`Media::encode_sound`](crate::Media::encode_sound) wrote.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let tables = tables(path)?;
        let Some(trak) = Bytes(&tables).track(*b"soun") else {
            return Err(MediaError::bad(path, "it has no sound"));
        };
        Self::of_trak(path, Bytes(&tables), trak)
            .ok_or_else(|| MediaError::bad(path, "the tables of its sound are broken"))
    }

    fn of_trak(path: &Path, tables: Bytes<'_>, trak: Bytes<'_>) -> Option<Self> {
        let mdia = trak.find(*b"mdia")?;
        let stbl = mdia.find(*b"minf")?.find(*b"stbl")?;
        let edits = trak.find(*b"edts")?.find(*b"elst")?;
        let (1, Some(SAMPLE_RATE)) = (edits.u32(4)?, mdia.find(*b"mdhd")?.u32(12)) else {
            return None;
        };
        let movie = u64::from(tables.find(*b"mvhd")?.u32(12)?);
        let length = u64::from(edits.u32(8)?) * u64::from(SAMPLE_RATE);
        let (_, entry) = Bytes(stbl.find(*b"stsd")?.0.get(8..)?).boxes().next()?;
        let rolls = stbl.boxes().filter(|(name, _)| ROLLS.contains(name));
        Some(Self {
            path: path.to_owned(),
            entry: entry.to_vec(),
            begins: edits.u32(12)?,
            length: length.checked_div(movie)?,
            rolls: rolls.flat_map(|(_, whole)| whole).copied().collect(),
            samples: placed(stbl)?,
        })
    }
}

/// Where a track's samples lie, and how long each lasts.
fn placed(stbl: Bytes<'_>) -> Option<Vec<Placed>> {
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
    let offsets = offsets(stbl, count, |at| sample_bytes(sizes, common, at))?;
    let all = offsets.into_iter().zip(ticks).enumerate();
    all.map(|(at, (offset, ticks))| {
        Some(Placed {
            offset,
            bytes: sample_bytes(sizes, common, at)?,
            ticks,
        })
    })
    .collect()
}

/// Whether the file at `film` has the sound of the one at `sound`: the same packets, which begin and last
/// the same.
pub(crate) fn is_same_sound(film: &Path, sound: &Path) -> Result<bool> {
    let ([Some(ours), Some(theirs)], true) = (
        [packets(film)?, packets(sound)?],
        sound_begins(film)? == sound_begins(sound)?,
    ) else {
        return Ok(false);
    };
    let last = |packet: &Placed| (packet.bytes, packet.ticks);
    if !ours.iter().map(last).eq(theirs.iter().map(last)) {
        return Ok(false);
    }
    let mut sources = [Source::open(film)?, Source::open(sound)?];
    for (own, other) in ours.iter().zip(&theirs) {
        let mut bytes = [Vec::new(), Vec::new()];
        let both = sources.iter_mut().zip(&mut bytes).zip([own, other]);
        for ((source, bytes), packet) in both {
            source.copy((packet.offset, packet.bytes), bytes, film)?;
        }
        if bytes[0] != bytes[1] {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The packets of a file's sound, where it has any.
fn packets(path: &Path) -> Result<Option<Vec<Placed>>> {
    let tables = tables(path)?;
    let Some(trak) = Bytes(&tables).track(*b"soun") else {
        return Ok(None);
    };
    let stbl = trak.find(*b"mdia").and_then(|mdia| mdia.find(*b"minf"));
    let placed = stbl.and_then(|minf| placed(minf.find(*b"stbl")?));
    placed
        .map(Some)
        .ok_or_else(|| MediaError::bad(path, "the tables of its sound are broken"))
}

/// How many samples of a file's sound come before the file begins, as its edit list says: those that the
/// encoder needed to start.
pub(crate) fn sound_begins(path: &Path) -> Result<u32> {
    let tables = tables(path)?;
    let Some(trak) = Bytes(&tables).track(*b"soun") else {
        return Err(MediaError::bad(path, "it has no sound"));
    };
    let Some(edits) = trak.find(*b"edts").and_then(|edts| edts.find(*b"elst")) else {
        return Ok(0);
    };
    // Version, flags, one entry: its duration, where in the track it begins, its rate.
    match (edits.u32(0), edits.u32(4), edits.u32(12)) {
        (Some(0), Some(1), Some(begins)) if i32::try_from(begins).is_ok() => Ok(begins),
        _ => Err(MediaError::bad(
            path,
            "its sound is cut in a way that Workprint does not write",
        )),
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

    /// The first track of a kind (`vide`, `soun`) in the tables of a file.
    fn track(self, kind: [u8; 4]) -> Option<Self> {
        self.all(*b"trak").find(|trak| {
            let hdlr = trak.find(*b"mdia").and_then(|mdia| mdia.find(*b"hdlr"));
            hdlr.is_some_and(|hdlr| hdlr.0.get(8..12) == Some(&kind))
        })
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

/// The first sample entry without its bit rates and its encoder's name, and the size in it.
fn sample_entry(stsd: Bytes<'_>) -> Option<(Vec<u8>, Size)> {
    const FIXED: usize = 86;
    const COMPRESSOR: std::ops::Range<usize> = 50..82;
    let (_, whole) = Bytes(stsd.0.get(8..)?).boxes().next()?;
    let mut entry = whole.get(..FIXED)?.to_vec();
    for (name, inner) in Bytes(&whole[FIXED..]).boxes() {
        if &name != b"btrt" {
            entry.extend_from_slice(inner);
        }
    }
    // What wrote it.
    entry[COMPRESSOR].fill(0);
    let length = u32::try_from(entry.len()).ok()?;
    entry[..4].copy_from_slice(&length.to_be_bytes());
    let side = |at: usize| u32::from(u16::from_be_bytes([entry[at], entry[at + 1]]));
    let size = Size {
        width: side(32),
        height: side(34),
    };
    Some((entry, size))
}
