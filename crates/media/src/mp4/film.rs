//! Writing a film in one pass: the pictures of many files, sound, a title and chapters, with its tables
//! first, so that it plays while it loads.
//!
//! The title is what Apple's `ilst` calls `©nam`. Chapters are there twice, since players know one or
//! the other: as a track of text (QuickTime File Format) and in Nero's `chpl`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use workprint_model::{Frames, Rate, SAMPLE_RATE};

use super::write::{Source, alike, delay, ftyp, length, too_long, words};
use super::{Sound, Track, boxed, frame_ticks, timescale};
use crate::Cancel;
use crate::error::{MediaError, Result};

/// `chpl` counts chapters and the bytes of their names in one byte each.
const MOST: usize = 255;

/// What a film says about itself.
#[derive(Debug)]
pub(crate) struct About<'a> {
    pub(crate) rate: Rate,
    pub(crate) title: Option<&'a str>,
    /// Three letters (ISO 639-2/T).
    pub(crate) language: [u8; 3],
    /// Where each begins, in order.
    pub(crate) chapters: &'a [(Frames, String)],
}

/// Writes a film of the tracks' pictures, one track after the other, at a constant rate, and of sound
/// beside them. Frame `n` is shown at exactly `n / rate`, and the sound begins with the first.
///
/// The tracks must be decoded alike, and each must begin with a key frame.
pub(crate) fn write_film(
    out: &Path,
    (pictures, sound): (&[Track], Option<&Sound>),
    about: &About<'_>,
    cancel: &Cancel,
) -> Result<()> {
    let film = Film::new(pictures, sound, about)?;
    let io = || MediaError::io("write", out);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(out).map_err(io())?);
    let ftyp = ftyp(film.first);
    // What the tables weigh does not depend on where the samples lie.
    let data = ftyp.len() + film.moov(0)?.len() + 16;
    file.write_all(&ftyp).map_err(io())?;
    file.write_all(&film.moov(data as u64)?).map_err(io())?;
    file.write_all(b"\0\0\0\x01mdat").map_err(io())?;
    let bytes: u64 = film.pieces.iter().map(|piece| piece.bytes).sum();
    file.write_all(&(bytes + 16).to_be_bytes()).map_err(io())?;
    film.copy_samples((&mut file, out), cancel)?;
    file.into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .map_err(io())?;
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chapters,
    Picture,
    Sound,
}

/// Samples of one track that lie together.
struct Piece {
    of: Kind,
    samples: usize,
    bytes: u64,
}

struct Film<'a> {
    pictures: &'a [Track],
    first: &'a Track,
    sound: Option<&'a Sound>,
    about: &'a About<'a>,
    /// Ticks a second of the film and of its pictures.
    scale: u32,
    /// Ticks that the pictures last.
    length: u32,
    /// The samples of the chapters' track.
    names: Vec<Vec<u8>>,
    pieces: Vec<Piece>,
}

impl<'a> Film<'a> {
    fn new(pictures: &'a [Track], sound: Option<&'a Sound>, about: &'a About<'a>) -> Result<Self> {
        let names: Vec<Vec<u8>> = about.chapters.iter().map(|(_, name)| text(name)).collect();
        let mut film = Self {
            pictures,
            first: alike(pictures)?,
            sound,
            about,
            scale: timescale(about.rate)?,
            length: length(pictures, about.rate)?,
            names,
            pieces: Vec::new(),
        };
        film.pieces = film.arranged();
        Ok(film)
    }

    /// Half a second of pictures and what is heard with it, in turn.
    fn arranged(&self) -> Vec<Piece> {
        let piece = |of, sizes: &mut dyn Iterator<Item = u64>| {
            let (samples, bytes) = sizes.fold((0, 0), |(n, sum), bytes| (n + 1, sum + bytes));
            (samples > 0).then_some(Piece { of, samples, bytes })
        };
        let names = self.names.iter().map(|name| name.len() as u64);
        let mut pieces: Vec<Piece> = piece(Kind::Chapters, &mut { names }).into_iter().collect();
        let frames: Vec<u64> = self
            .frames()
            .map(|(_, _, bytes)| u64::from(bytes))
            .collect();
        let rate = self.about.rate;
        let each = rate.num().div_ceil(2 * rate.den()).max(1) as usize;
        let (mut packets, mut heard) = (self.packets(), 0u64);
        for (number, group) in frames.chunks(each).enumerate() {
            pieces.extend(piece(Kind::Picture, &mut group.iter().copied()));
            let last = (number + 1) * each >= frames.len();
            let until = rate.sample_of(Frames(((number + 1) * each) as u64)).0;
            let mut with = std::iter::from_fn(|| {
                if heard >= until && !last {
                    return None;
                }
                let packet = packets.next()?;
                heard += u64::from(packet.ticks);
                Some(u64::from(packet.bytes))
            });
            pieces.extend(piece(Kind::Sound, &mut with));
        }
        pieces
    }

    /// Where each coded frame lies in which file, and its bytes.
    fn frames(&self) -> impl Iterator<Item = (&'a Path, u64, u32)> {
        let pictures = self.pictures;
        pictures.iter().flat_map(|track| {
            let all = track.samples.iter();
            all.map(|sample| (track.path.as_path(), sample.offset, sample.bytes))
        })
    }

    fn packets(&self) -> impl Iterator<Item = &'a super::Placed> {
        self.sound.into_iter().flat_map(|sound| &sound.samples)
    }

    fn copy_samples(&self, (to, out): (&mut impl Write, &Path), cancel: &Cancel) -> Result<()> {
        let mut frames = self.frames();
        let mut packets = self.packets();
        let mut sound = self
            .sound
            .map(|sound| Source::open(&sound.path))
            .transpose()?;
        let mut picture: Option<(&Path, Source<'_>)> = None;
        for piece in &self.pieces {
            if cancel.is_cancelled() {
                return Err(MediaError::Cancelled);
            }
            match piece.of {
                Kind::Chapters => {
                    let names = self.names.concat();
                    to.write_all(&names).map_err(MediaError::io("write", out))?;
                }
                Kind::Picture => {
                    for (path, offset, bytes) in frames.by_ref().take(piece.samples) {
                        let source = match &mut picture {
                            Some((open, source)) if *open == path => source,
                            other => &mut other.insert((path, Source::open(path)?)).1,
                        };
                        source.copy((offset, bytes), to, out)?;
                    }
                }
                Kind::Sound => {
                    for packet in packets.by_ref().take(piece.samples) {
                        if let Some(source) = &mut sound {
                            source.copy((packet.offset, packet.bytes), to, out)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The tables of a film whose samples begin at `data`.
    fn moov(&self, data: u64) -> Result<Vec<u8>> {
        let length = self.length.max(self.heard()?);
        let mvhd = [
            words(&[0, 0, 0, self.scale, length, 0x10000, 0x0100_0000, 0, 0]),
            matrix(),
            words(&[0, 0, 0, 0, 0, 0, 2]),
        ];
        let mut moov = [boxed(*b"mvhd", &mvhd.concat()), self.picture_track(data)?].concat();
        if let Some(sound) = self.sound {
            moov.extend(self.sound_track(sound, data)?);
        }
        if !self.names.is_empty() {
            moov.extend(self.chapter_track(data));
        }
        moov.extend(self.notes());
        Ok(boxed(*b"moov", &moov))
    }

    /// Ticks of the film that its sound lasts.
    fn heard(&self) -> Result<u32> {
        let samples = self.sound.map_or(0, |sound| sound.length);
        let ticks = u128::from(samples) * u128::from(self.scale);
        u32::try_from(ticks.div_ceil(u128::from(SAMPLE_RATE))).map_err(|_| too_long())
    }

    fn picture_track(&self, data: u64) -> Result<Vec<u8>> {
        let ticks = frame_ticks(self.about.rate);
        let delay = delay(self.pictures)?;
        let (mut keys, mut later) = (Vec::new(), Vec::new());
        let all = self.pictures.iter();
        let all = all.flat_map(|track| track.samples.iter().zip(0u32..));
        for ((sample, decoded), number) in all.zip(1..) {
            if sample.key {
                keys.push(number);
            }
            let ahead = (sample.shown + delay).saturating_sub(decoded);
            later.push(ahead.saturating_mul(ticks));
        }
        let sizes: Vec<u32> = self.frames().map(|(_, _, bytes)| bytes).collect();
        let mut tables = vec![stsd(&self.first.entry)];
        tables.push(boxed(*b"stts", &runs(&vec![ticks; sizes.len()])));
        if later.iter().any(|later| *later > 0) {
            tables.push(boxed(*b"ctts", &runs(&later)));
        }
        let count = words(&[0, keys.len() as u32]);
        tables.push(boxed(*b"stss", &[count, words(&keys)].concat()));
        tables.extend(self.places(Kind::Picture, &sizes, data));
        let size = self.first.size;
        Ok(trak(&Trak {
            head: [3, 1, self.length, 0, 0],
            size: [size.width << 16, size.height << 16],
            edits: &[[self.length, delay * ticks]],
            chapters: self.chapters_id(),
            times: [self.scale, self.length],
            language: self.about.language,
            handler: b"videVideoHandler",
            header: boxed(*b"vmhd", &words(&[1, 0, 0])),
            tables: tables.concat(),
        }))
    }

    fn sound_track(&self, sound: &Sound, data: u64) -> Result<Vec<u8>> {
        let ticks: Vec<u32> = sound.samples.iter().map(|packet| packet.ticks).collect();
        let sizes: Vec<u32> = sound.samples.iter().map(|packet| packet.bytes).collect();
        let all: u64 = ticks.iter().copied().map(u64::from).sum();
        let mut tables = vec![stsd(&sound.entry), boxed(*b"stts", &runs(&ticks))];
        tables.extend(self.places(Kind::Sound, &sizes, data));
        tables.push(sound.rolls.clone());
        let heard = self.heard()?;
        Ok(trak(&Trak {
            // Of the second group, as loud as it is.
            head: [3, 2, heard, 1, 0x0100_0000],
            size: [0, 0],
            edits: &[[heard, sound.begins]],
            chapters: self.chapters_id(),
            times: [SAMPLE_RATE, u32::try_from(all).map_err(|_| too_long())?],
            language: self.about.language,
            handler: b"sounSoundHandler",
            header: boxed(*b"smhd", &words(&[0, 0])),
            tables: tables.concat(),
        }))
    }

    /// The chapters' names, each shown from where its chapter begins.
    fn chapter_track(&self, data: u64) -> Vec<u8> {
        let starts: Vec<u32> = self.starts().collect();
        let ends = starts.iter().copied().skip(1).chain([self.length]);
        let ticks: Vec<u32> = starts
            .iter()
            .zip(ends)
            .map(|(from, to)| to - from)
            .collect();
        let sizes: Vec<u32> = self.names.iter().map(|name| name.len() as u32).collect();
        let first = starts.first().copied().unwrap_or(0);
        let shown = self.length - first;
        // Before the first chapter nothing is shown: an edit of nothing.
        let edits = [[first, u32::MAX], [shown, 0]];
        let mut tables = vec![stsd(&boxed(*b"text", &text_entry()))];
        tables.push(boxed(*b"stts", &runs(&ticks)));
        tables.extend(self.places(Kind::Chapters, &sizes, data));
        let header = [
            boxed(*b"gmin", &words(&[0, 0x0040_8000, 0x8000_8000, 0])),
            boxed(*b"text", &matrix()),
        ];
        trak(&Trak {
            // Not shown by itself: players find it through the other tracks.
            head: [2, self.chapters_id().unwrap_or(2), self.length, 0, 0],
            size: [0, 0],
            edits: &edits[usize::from(first == 0)..],
            chapters: None,
            times: [self.scale, self.length],
            language: *b"und",
            handler: b"textSubtitleHandler",
            header: boxed(*b"gmhd", &header.concat()),
            tables: tables.concat(),
        })
    }

    /// Where chapters begin, in ticks: in order, and within the film.
    fn starts(&self) -> impl Iterator<Item = u32> {
        let ticks = u64::from(frame_ticks(self.about.rate));
        let mut before = 0;
        self.about.chapters.iter().map(move |(frame, _)| {
            let start = u32::try_from(frame.0.saturating_mul(ticks)).unwrap_or(u32::MAX);
            before = start.clamp(before, self.length);
            before
        })
    }

    fn chapters_id(&self) -> Option<u32> {
        (!self.names.is_empty()).then_some(2 + u32::from(self.sound.is_some()))
    }

    /// The tables of where a track's samples are.
    fn places(&self, of: Kind, sizes: &[u32], data: u64) -> [Vec<u8>; 3] {
        let (mut groups, mut count) = (Vec::new(), 0u32);
        let mut offsets = Vec::new();
        let mut offset = data;
        let mut before = 0;
        for piece in &self.pieces {
            if piece.of == of {
                offsets.extend(offset.to_be_bytes());
                count += 1;
                if piece.samples != before {
                    before = piece.samples;
                    groups.extend([count, before as u32, 1]);
                }
            }
            offset += piece.bytes;
        }
        let table = |head: &[u32], rows: Vec<u8>| [words(head), rows].concat();
        let groups = table(&[0, (groups.len() / 3) as u32], words(&groups));
        [
            boxed(*b"stsc", &groups),
            boxed(*b"stsz", &table(&[0, 0, sizes.len() as u32], words(sizes))),
            boxed(*b"co64", &table(&[0, count], offsets)),
        ]
    }

    /// The title, and the chapters as Nero has them.
    fn notes(&self) -> Vec<u8> {
        let mut notes = Vec::new();
        if let Some(title) = self.about.title {
            let data = [&words(&[1, 0]), title.as_bytes()].concat();
            let title = boxed(*b"\xa9nam", &boxed(*b"data", &data));
            let hdlr = b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0";
            let meta = [words(&[0]), boxed(*b"hdlr", hdlr), boxed(*b"ilst", &title)];
            notes.extend(boxed(*b"meta", &meta.concat()));
        }
        if !self.names.is_empty() {
            let count = self.names.len().min(MOST);
            let mut chpl = [words(&[0x0100_0000, 0]), vec![count as u8]].concat();
            for (start, (_, name)) in self.starts().zip(self.about.chapters).take(count) {
                // In tenths of a microsecond.
                let at = u64::from(start) * 10_000_000 / u64::from(self.scale);
                let name = &name[..name.floor_char_boundary(MOST)];
                chpl.extend(at.to_be_bytes());
                chpl.push(name.len() as u8);
                chpl.extend(name.as_bytes());
            }
            notes.extend(boxed(*b"chpl", &chpl));
        }
        if notes.is_empty() {
            return notes;
        }
        boxed(*b"udta", &notes)
    }
}

/// What is said of a track.
struct Trak<'a> {
    /// Flags, number, ticks of the film, group, loudness.
    head: [u32; 5],
    /// Width and height, in 65536ths.
    size: [u32; 2],
    /// Ticks of the film, and from where in the track.
    edits: &'a [[u32; 2]],
    /// The track of its chapters.
    chapters: Option<u32>,
    /// Ticks a second, and how many.
    times: [u32; 2],
    language: [u8; 3],
    /// What handles it: four letters and a name.
    handler: &'a [u8],
    /// The box that tells its kind.
    header: Vec<u8>,
    tables: Vec<u8>,
}

fn trak(track: &Trak<'_>) -> Vec<u8> {
    let [flags, id, length, group, volume] = track.head;
    let tkhd = [
        words(&[flags, 0, 0, id, 0, length, 0, 0, group, volume]),
        matrix(),
        words(&track.size),
    ];
    let mut elst = words(&[0, track.edits.len() as u32]);
    for [ticks, from] in track.edits {
        elst.extend(words(&[*ticks, *from, 0x10000]));
    }
    let letters = track.language.map(|letter| u32::from(letter & 31));
    let language = letters[0] << 10 | letters[1] << 5 | letters[2];
    let mdhd = words(&[0, 0, 0, track.times[0], track.times[1], language << 16]);
    let (kind, name) = track.handler.split_at(4);
    let hdlr = [&[0; 8], kind, &[0; 12], name, &[0]].concat();
    let dref = [words(&[0, 1]), boxed(*b"url ", &words(&[1]))].concat();
    let minf = [
        track.header.clone(),
        boxed(*b"dinf", &boxed(*b"dref", &dref)),
        boxed(*b"stbl", &track.tables),
    ];
    let mdia = [
        boxed(*b"mdhd", &mdhd),
        boxed(*b"hdlr", &hdlr),
        boxed(*b"minf", &minf.concat()),
    ];
    let chapters = track.chapters.map(|id| boxed(*b"chap", &words(&[id])));
    let trak = [
        boxed(*b"tkhd", &tkhd.concat()),
        boxed(*b"edts", &boxed(*b"elst", &elst)),
        chapters.map_or(Vec::new(), |chap| boxed(*b"tref", &chap)),
        boxed(*b"mdia", &mdia.concat()),
    ];
    boxed(*b"trak", &trak.concat())
}

fn stsd(entry: &[u8]) -> Vec<u8> {
    boxed(*b"stsd", &[&words(&[0, 1]), entry].concat())
}

/// A table of (count, value) pairs.
fn runs(values: &[u32]) -> Vec<u8> {
    let mut rows: Vec<[u32; 2]> = Vec::new();
    for &value in values {
        match rows.last_mut() {
            Some([count, last]) if *last == value => *count += 1,
            _ => rows.push([1, value]),
        }
    }
    let head = words(&[0, rows.len() as u32]);
    [head, words(rows.as_flattened())].concat()
}

/// As it is.
fn matrix() -> Vec<u8> {
    words(&[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000])
}

/// A name as a sample of text: its length, its bytes, and that they are UTF-8.
fn text(name: &str) -> Vec<u8> {
    let name = &name[..name.floor_char_boundary(usize::from(u16::MAX))];
    let encoding = boxed(*b"encd", &words(&[0x100]));
    [
        &(name.len() as u16).to_be_bytes(),
        name.as_bytes(),
        &encoding,
    ]
    .concat()
}

/// How text looks that is never shown: of one font without a name.
fn text_entry() -> Vec<u8> {
    let head = [
        words(&[0, 1, 1]),
        vec![0; 18],
        vec![0, 1, 0, 0],
        words(&[0]),
    ];
    let fonts = boxed(*b"ftab", &[0, 1, 0, 1, 0]);
    [head.concat(), fonts].concat()
}
