//! Encoding with libx264 in `workprint-x264`, which stays for the next chunk and reads frames where
//! they were painted.
//!
//! It writes the packets that ffmpeg's libx264 would write, and is used only where both have the same
//! build of the library: which of the two encoded a chunk cannot be told from its bytes.

use std::collections::VecDeque;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tempfile::NamedTempFile;
use workprint_model::{Encoder, Frames, Rate, Size};

use crate::Media;
use crate::encode::{ChunkSpec, beside};
use crate::error::{MediaError, Result};
use crate::mp4::{self, Sample, Track};
use crate::planes::{Planes, Slot, share};
use crate::process::{Call, Input, Running};
use crate::program::X264_HINT;

/// Frames that may be on their way: one is painted while another is encoded.
const SLOTS: u8 = 2;

/// The byte that ends a chunk.
const END: u8 = 255;

/// The most that a coded frame may have.
const MOST_BYTES: u32 = 256 << 20;

/// NAL units that hold an encoder's notes (ISO/IEC 14496-10, table 7-1), and those that hold parameters.
const NOTES: u8 = 6;
const SEQUENCE: u8 = 7;
const PICTURE: u8 = 8;

/// Programs without a chunk, of all clones of a [`Media`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Idle(Arc<Mutex<Vec<Helper>>>);

impl Idle {
    fn take(&self) -> Option<Helper> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, helper: Helper) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(helper);
    }

    /// Ends the programs.
    pub(crate) fn clear(&self) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.clear();
    }
}

/// The program, and the memory that it reads frames from.
#[derive(Debug)]
struct Helper {
    running: Running,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// Those that are not lent to be painted.
    slots: Vec<Option<Slot>>,
    frame_bytes: usize,
}

#[derive(Serialize)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<&'a Path>,
    slots: u8,
    width: u32,
    height: u32,
    fps_num: u32,
    fps_den: u32,
    crf: u8,
    preset: &'static str,
    keyint: u32,
    threads: u8,
}

/// What the program says.
struct Message {
    letter: u8,
    number: u32,
    bytes: Vec<u8>,
}

/// A chunk that is being encoded.
#[derive(Debug)]
pub(crate) struct Writer {
    helper: Helper,
    idle: Idle,
    entry: Vec<u8>,
    packets: BufWriter<NamedTempFile>,
    written: u64,
    samples: Vec<Sample>,
    /// The slots whose frames the program has not answered, in order.
    pending: VecDeque<u8>,
    last: Option<u8>,
    sent: u64,
    out: PathBuf,
    size: Size,
    rate: Rate,
}

impl Media {
    /// Starts a chunk; nothing where the program or the library's build are not there.
    pub(crate) fn encode_with_x264(&self, spec: &ChunkSpec) -> Result<Option<Writer>> {
        let (Some(program), Some(build)) = (&self.programs.x264, &spec.build) else {
            return Ok(None);
        };
        if spec.encoder != Encoder::X264 {
            return Ok(None);
        }
        let fresh = || Helper::start(program, self);
        let helper = match self.idle.take() {
            Some(helper) => helper,
            None => fresh()?,
        };
        let opened = match helper.open(spec) {
            Ok(opened) => Some(opened),
            // It may have ended while it waited.
            Err(_) if !self.cancel.is_cancelled() => fresh()?.open(spec).ok(),
            Err(error) => return Err(error),
        };
        // Whatever keeps it from encoding, ffmpeg writes the same.
        let Some((helper, headers)) = opened.filter(|(_, headers)| note(headers) == Some(build))
        else {
            return Ok(None);
        };
        let packets = beside(&spec.out)?;
        Ok(Some(Writer {
            entry: sample_entry(&headers, spec.size).ok_or_else(|| helper.broken())?,
            helper,
            idle: self.idle.clone(),
            packets: BufWriter::with_capacity(1 << 18, packets),
            written: 0,
            samples: Vec::new(),
            pending: VecDeque::new(),
            last: None,
            sent: 0,
            out: spec.out.clone(),
            size: spec.size,
            rate: spec.rate,
        }))
    }
}

impl Helper {
    fn start(program: &Path, media: &Media) -> Result<Self> {
        let mut running = Running::start(
            Call {
                program,
                hint: X264_HINT,
                arguments: Vec::new(),
                input: Input::Pipe,
                subject: program.to_owned(),
                limit: None,
            },
            &media.cancel,
        )?;
        let pipes = (running.stdin(), running.wide_stdout());
        let (Some(stdin), Some(stdout)) = pipes else {
            return Err(running.failure());
        };
        Ok(Self {
            running,
            stdin,
            stdout: BufReader::with_capacity(1 << 18, stdout),
            slots: Vec::new(),
            frame_bytes: 0,
        })
    }

    /// Begins a chunk; the parameter sets.
    fn open(mut self, spec: &ChunkSpec) -> Result<(Self, Vec<u8>)> {
        let bytes = spec.frame_bytes();
        let mut file = None;
        if bytes != self.frame_bytes {
            let (shared, slots) = share(bytes as u64, SLOTS)
                .map_err(MediaError::io("share frames with", self.running.program()))?;
            (self.slots, self.frame_bytes) = (slots.into_iter().map(Some).collect(), bytes);
            file = Some(shared);
        }
        let request = Request {
            frames: file.as_ref().map(NamedTempFile::path),
            slots: SLOTS,
            width: spec.size.width,
            height: spec.size.height,
            fps_num: spec.rate.num(),
            fps_den: spec.rate.den(),
            crf: spec.crf,
            preset: spec.preset.name(),
            keyint: spec.key_frames(),
            threads: spec.threads,
        };
        let mut line = serde_json::to_vec(&request)
            .map_err(|error| MediaError::BadRequest(error.to_string()))?;
        line.push(b'\n');
        self.tell(&line)?;
        let answer = self.hear()?;
        if answer.letter == b'O' {
            Ok((self, answer.bytes))
        } else {
            Err(self.broken())
        }
    }

    fn tell(&mut self, bytes: &[u8]) -> Result<()> {
        let told = self.stdin.write_all(bytes);
        told.map_err(|_| self.running.failure())
    }

    fn hear(&mut self) -> Result<Message> {
        let mut head = [0; 9];
        if self.stdout.read_exact(&mut head).is_err() {
            return Err(self.running.failure());
        }
        let number =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let length = number(5);
        if length > MOST_BYTES {
            return Err(self.broken());
        }
        let mut bytes = vec![0; length as usize];
        if self.stdout.read_exact(&mut bytes).is_err() {
            return Err(self.running.failure());
        }
        if head[0] == b'X' {
            return Err(self.running.failure());
        }
        Ok(Message {
            letter: head[0],
            number: number(1),
            bytes,
        })
    }

    fn broken(&self) -> MediaError {
        MediaError::bad(
            self.running.program(),
            "its answer is not what was agreed on",
        )
    }
}

impl Writer {
    /// Memory for the next frame.
    pub(crate) fn blank(&mut self) -> Result<Planes> {
        loop {
            let free = |slot: &&mut Option<Slot>| {
                let slot = slot.as_ref().map(|slot| slot.number);
                slot.is_some_and(|number| !self.pending.contains(&number))
            };
            if let Some(slot) = self.helper.slots.iter_mut().find(free)
                && let Some(slot) = slot.take()
            {
                self.last = self.last.filter(|&last| last != slot.number);
                return Ok(Planes::shared(slot));
            }
            if self.pending.is_empty() {
                return Err(MediaError::BadRequest("all frames are lent".to_owned()));
            }
            self.answer()?;
        }
    }

    /// Encodes a frame that was lent.
    pub(crate) fn write(&mut self, planes: Planes) -> Result<()> {
        let Some(slot) = planes.into_slot() else {
            return Err(MediaError::BadRequest(
                "a frame was not lent by its encoder".to_owned(),
            ));
        };
        let number = slot.number;
        self.helper.slots[usize::from(number)] = Some(slot);
        self.last = Some(number);
        self.send(number)
    }

    /// Encodes the last frame again.
    pub(crate) fn again(&mut self) -> Result<()> {
        let last = self.last.ok_or_else(nothing_to_repeat)?;
        self.send(last)
    }

    fn send(&mut self, slot: u8) -> Result<()> {
        // What is neither read there nor here would stop both.
        if self.pending.len() == usize::from(SLOTS) {
            self.answer()?;
        }
        self.helper.tell(&[slot])?;
        self.pending.push_back(slot);
        self.sent += 1;
        Ok(())
    }

    /// Waits for all packets and writes the file.
    pub(crate) fn finish(mut self) -> Result<Frames> {
        self.helper.tell(&[END])?;
        while !self.pending.is_empty() {
            self.answer()?;
        }
        loop {
            let message = self.helper.hear()?;
            if message.letter == b'E' {
                break;
            }
            self.keep(&message)?;
        }
        let frames = self.samples.len() as u64;
        if frames != self.sent {
            let why = format!("{} frames went in and {frames} came out", self.sent);
            return Err(MediaError::bad(&self.out, why));
        }
        let packets = self
            .packets
            .into_inner()
            .map_err(|error| MediaError::io("write", &self.out)(error.into_error()))?;
        let track = Track {
            path: packets.path().to_owned(),
            size: self.size,
            entry: self.entry,
            samples: self.samples,
        };
        mp4::write_joined(&self.out, &[track], self.rate)?;
        if self.helper.slots.iter().all(Option::is_some) {
            self.idle.put(self.helper);
        }
        Ok(Frames(frames))
    }

    fn answer(&mut self) -> Result<()> {
        let message = self.helper.hear()?;
        self.pending.pop_front();
        if message.letter == b'A' {
            return Ok(());
        }
        self.keep(&message)
    }

    fn keep(&mut self, message: &Message) -> Result<()> {
        if !matches!(message.letter, b'K' | b'P') {
            return Err(self.helper.broken());
        }
        let mut bytes = 0;
        for nal in nals(&message.bytes).filter(|nal| kind(nal) != NOTES) {
            self.packets
                .write_all(&(nal.len() as u32).to_be_bytes())
                .and_then(|()| self.packets.write_all(nal))
                .map_err(MediaError::io("write", &self.out))?;
            bytes += 4 + nal.len() as u32;
        }
        self.samples.push(Sample {
            offset: self.written,
            bytes,
            shown: message.number,
            key: message.letter == b'K',
            ticks: mp4::frame_ticks(self.rate),
        });
        self.written += u64::from(bytes);
        Ok(())
    }
}

/// The error of [`Writer::again`] before the first frame.
pub(crate) fn nothing_to_repeat() -> MediaError {
    MediaError::BadRequest("there is no frame yet that could be shown again".to_owned())
}

/// The units of a packet, without the lengths before them; what is cut short is left out.
fn nals(packet: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = packet;
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let nal = rest.get(4..4usize.checked_add(length)?)?;
        rest = &rest[4 + length..];
        Some(nal)
    })
}

fn kind(nal: &[u8]) -> u8 {
    nal.first().map_or(0, |byte| byte & 31)
}

/// The build of the library, as its note about itself tells it: `164 r3095`.
fn note(headers: &[u8]) -> Option<&str> {
    let nal = nals(headers).find(|nal| kind(nal) == NOTES)?;
    let at = nal.windows(12).position(|part| part == b"x264 - core ")?;
    let rest = &nal[at + 12..];
    let words = rest.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    let end = words.map(|(at, _)| at).nth(1)?;
    std::str::from_utf8(&rest[..end]).ok()
}

/// The sample entry of H.264 in MP4 (ISO/IEC 14496-15): BT.709, limited range, square pixels.
fn sample_entry(headers: &[u8], size: Size) -> Option<Vec<u8>> {
    let find = |wanted| nals(headers).find(|nal| kind(nal) == wanted);
    let (sequence, picture) = (find(SEQUENCE)?, find(PICTURE)?);
    let length = |nal: &[u8]| u16::try_from(nal.len()).map(u16::to_be_bytes).ok();
    let mut config = vec![1];
    config.extend(sequence.get(1..4)?);
    // Lengths of four bytes; one set of either kind.
    config.extend([0xff, 0xe1]);
    config.extend(length(sequence)?);
    config.extend(sequence);
    config.push(1);
    config.extend(length(picture)?);
    config.extend(picture);
    // High profile alone says more: 4:2:0, eight bits, no extensions.
    if sequence.get(1) == Some(&100) {
        config.extend([0xfd, 0xf8, 0xf8, 0]);
    }
    let side = |side: u32| u16::try_from(side).map(u16::to_be_bytes).ok();
    let mut entry = vec![0; 6];
    entry.extend([0, 1]);
    entry.extend([0; 16]);
    entry.extend(side(size.width)?);
    entry.extend(side(size.height)?);
    entry.extend([0, 0x48, 0, 0, 0, 0x48, 0, 0, 0, 0, 0, 0, 0, 1]);
    entry.extend([0; 32]);
    entry.extend([0, 0x18, 0xff, 0xff]);
    entry.extend(mp4::boxed(*b"avcC", &config));
    entry.extend(mp4::boxed(*b"colr", b"nclx\0\x01\0\x01\0\x01\0"));
    entry.extend(mp4::boxed(*b"pasp", &[0, 0, 0, 1, 0, 0, 0, 1]));
    Some(mp4::boxed(*b"avc1", &entry))
}
