//! Reading WAV.

use std::io::{self, Read, Seek, SeekFrom};

use workprint_model::{SAMPLE_RATE, Samples};

use crate::{Sound, SoundError};

/// More chunks than this before the samples are taken for an attack.
const MOST_CHUNKS: usize = 256;
/// More bytes than this in chunks before the samples are refused: a cover picture fits.
const MOST_SKIPPED: u64 = 64 << 20;
/// A file has at most this many channels.
const MOST_CHANNELS: u16 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    U8,
    I16,
    I24,
    I32,
    F32,
    F64,
}

impl Coding {
    const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Whole samples into as many places. A function of its own, so that it is compiled here, however what
    /// calls it is.
    fn decode(self, bytes: &[u8], out: &mut [f32]) {
        match self {
            // Each with a loop of its own, as these are what the vault has.
            Self::I24 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<3>().0) {
                    *out = self.sample(bytes);
                }
            }
            Self::F32 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *out = self.sample(bytes);
                }
            }
            _ => {
                for (out, bytes) in out.iter_mut().zip(bytes.chunks_exact(self.bytes())) {
                    *out = self.sample(bytes);
                }
            }
        }
    }

    /// One sample of exactly [`bytes`](Self::bytes) bytes, full scale at ±1.
    #[inline]
    fn sample(self, bytes: &[u8]) -> f32 {
        match (self, bytes) {
            (Self::U8, &[byte]) => (f32::from(byte) - 128.0) / 128.0,
            (Self::I16, &[low, high]) => f32::from(i16::from_le_bytes([low, high])) / 32_768.0,
            (Self::I24, &[low, mid, high]) => {
                (i32::from_le_bytes([0, low, mid, high]) >> 8) as f32 / 8_388_608.0
            }
            (Self::I32, bytes) => {
                (f64::from(i32::from_le_bytes(whole(bytes))) / 2_147_483_648.0) as f32
            }
            (Self::F32, bytes) => f32::from_le_bytes(whole(bytes)),
            (Self::F64, bytes) => f64::from_le_bytes(whole(bytes)) as f32,
            _ => 0.0,
        }
    }
}

/// As many bytes, whatever they are.
fn sized(buffer: &mut Vec<u8>, bytes: usize) {
    buffer.resize(bytes, 0);
}

/// The bytes of one number; zeros where there are not as many.
fn whole<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

/// Reads a WAV file's header and stops before its samples.
///
/// Understood are RIFF and RF64, PCM of 8 to 32 bits and floats, plain or extensible, also as
/// programs write them into a pipe (without a length). Another rate than 48 kHz is refused with
/// [`SoundError::Rate`]. Memory does not depend on what the header claims.
pub fn read_wav<R: Read>(mut input: R) -> Result<WavReader<R>, SoundError> {
    let mut head = [0; 12];
    read_head(&mut input, &mut head)?;
    let large = &head[..4] == b"RF64";
    if !(large || &head[..4] == b"RIFF") || &head[8..] != b"WAVE" {
        return Err(not_wav("it does not begin with `RIFF` and `WAVE`"));
    }
    // A program that wrote into a pipe could not come back to fill the lengths in.
    let unfinished = matches!(head[4..8], [0, 0, 0, 0] | [255, 255, 255, 255]) && !large;
    let mut at = 12u64;
    let mut format = None;
    let mut long = None;
    for _ in 0..MOST_CHUNKS {
        let mut chunk = [0; 8];
        read_head(&mut input, &mut chunk)?;
        at += 8;
        let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        let mut used = 0;
        match &chunk[..4] {
            b"data" => {
                let (channels, coding) =
                    format.ok_or_else(|| not_wav("`data` comes before `fmt `"))?;
                let open = length == u32::MAX || (length == 0 && unfinished);
                let bytes = match long {
                    Some(long) if length == u32::MAX => Some(long),
                    _ if open => None,
                    _ => Some(u64::from(length)),
                };
                return Ok(WavReader::new(input, (channels, coding), bytes, at));
            }
            b"fmt " => {
                let mut body = [0; 40];
                used = body.len().min(length as usize);
                read_head(&mut input, &mut body[..used])?;
                format = Some(read_format(&body[..used])?);
            }
            b"ds64" if large => {
                let mut body = [0; 16];
                used = body.len().min(length as usize);
                read_head(&mut input, &mut body[..used])?;
                long = body[8..].try_into().ok().map(u64::from_le_bytes);
            }
            _ => {}
        }
        let padded = u64::from(length) + u64::from(length % 2);
        if at + padded > MOST_SKIPPED {
            return Err(not_wav("there is too much before its samples"));
        }
        skip(&mut input, padded - used as u64)?;
        at += padded;
    }
    Err(not_wav("there are too many chunks before its samples"))
}

fn not_wav(why: &str) -> SoundError {
    SoundError::NotWav {
        why: why.to_owned(),
    }
}

fn read_head<R: Read>(input: &mut R, out: &mut [u8]) -> Result<(), SoundError> {
    input.read_exact(out).map_err(|error| {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            not_wav("it ends within its header")
        } else {
            SoundError::Read(error)
        }
    })
}

fn skip<R: Read>(input: &mut R, bytes: u64) -> Result<(), SoundError> {
    let skipped = io::copy(&mut input.take(bytes), &mut io::sink()).map_err(SoundError::Read)?;
    if skipped < bytes {
        return Err(not_wav("it ends within its header"));
    }
    Ok(())
}

/// Channels and coding from the body of `fmt `.
fn read_format(body: &[u8]) -> Result<(u16, Coding), SoundError> {
    let half = |at: usize| -> Result<u16, SoundError> {
        match body.get(at..at + 2) {
            Some(&[a, b]) => Ok(u16::from_le_bytes([a, b])),
            _ => Err(not_wav("`fmt ` is too short")),
        }
    };
    let (tag, channels, bits) = (half(0)?, half(2)?, half(14)?);
    let rate = u32::from(half(4)?) | (u32::from(half(6)?) << 16);
    // Extensible: the true tag is the first half of the sub-format's GUID.
    let tag = if tag == 0xFFFE { half(24)? } else { tag };
    let coding = match (tag, bits) {
        (1, 8) => Coding::U8,
        (1, 16) => Coding::I16,
        (1, 24) => Coding::I24,
        (1, 32) => Coding::I32,
        (3, 32) => Coding::F32,
        (3, 64) => Coding::F64,
        _ => {
            let why = format!("its samples are of format {tag} with {bits} bits");
            return Err(SoundError::NotWav { why });
        }
    };
    if channels == 0 || channels > MOST_CHANNELS {
        return Err(SoundError::Channels { channels });
    }
    if usize::from(half(12)?) != coding.bytes() * usize::from(channels) {
        return Err(not_wav("the length of its frames contradicts their format"));
    }
    if rate != SAMPLE_RATE {
        return Err(SoundError::Rate { rate });
    }
    Ok((channels, coding))
}

/// A WAV file being read.
#[derive(Debug)]
pub struct WavReader<R> {
    input: R,
    channels: u16,
    coding: Coding,
    /// Bytes of samples, where the header tells.
    bytes: Option<u64>,
    /// Where in the input the samples begin.
    start: u64,
    /// Bytes of samples already read.
    done: u64,
    buffer: Vec<u8>,
}

impl<R: Read> WavReader<R> {
    fn new(input: R, format: (u16, Coding), bytes: Option<u64>, start: u64) -> Self {
        Self {
            input,
            channels: format.0,
            coding: format.1,
            bytes,
            start,
            done: 0,
            buffer: Vec::new(),
        }
    }

    /// How many channels, 1 to 64.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    /// How many samples each channel has according to the header; nothing where it does not tell.
    /// The file may still end earlier.
    pub fn samples(&self) -> Option<Samples> {
        self.bytes.map(|bytes| Samples(bytes / self.frame_bytes()))
    }

    /// Fills `out` with interleaved samples, as many whole frames as fit, and returns how many
    /// frames were read: fewer than fit only at the end. Floats come as they are written, whatever
    /// they are.
    pub fn read(&mut self, out: &mut [f32]) -> Result<usize, SoundError> {
        let frame = self.frame_bytes();
        let fit = (out.len() / usize::from(self.channels)) as u64;
        let left = self.bytes.map_or(u64::MAX, |bytes| bytes - self.done) / frame;
        let wanted = fit.min(left) as usize;
        let mut frames = 0;
        while frames < wanted {
            let piece = (wanted - frames).min(4096);
            sized(&mut self.buffer, piece * frame as usize);
            let bytes = fill(&mut self.input, &mut self.buffer)?;
            let got = bytes / frame as usize;
            let from = frames * usize::from(self.channels);
            let bytes_of_frames = &self.buffer[..got * frame as usize];
            self.coding.decode(bytes_of_frames, &mut out[from..]);
            frames += got;
            self.done += bytes as u64;
            if got < piece {
                self.bytes = Some(self.done);
                break;
            }
        }
        Ok(frames)
    }

    fn frame_bytes(&self) -> u64 {
        self.coding.bytes() as u64 * u64::from(self.channels)
    }
}

/// Reads until `out` is full or the input ends.
fn fill<R: Read>(input: &mut R, out: &mut [u8]) -> Result<usize, SoundError> {
    let mut filled = 0;
    while filled < out.len() {
        match input.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(SoundError::Read(error)),
        }
    }
    Ok(filled)
}

/// A WAV file that can be mixed: of known length, and begun again at will.
#[derive(Debug)]
pub struct WavSound<R>(WavReader<R>);

impl<R: Read + Seek> WavSound<R> {
    /// Reads the header and finds the true length, whatever the header says.
    pub fn open(input: R) -> Result<Self, SoundError> {
        let mut reader = read_wav(input)?;
        let end = reader
            .input
            .seek(SeekFrom::End(0))
            .map_err(SoundError::Read)?;
        let there = end.saturating_sub(reader.start);
        let bytes = reader.bytes.map_or(there, |bytes| bytes.min(there));
        reader.bytes = Some(bytes - bytes % reader.frame_bytes());
        let mut sound = Self(reader);
        sound.seek(Samples(0))?;
        Ok(sound)
    }
}

impl<R: Read + Seek> Sound for WavSound<R> {
    fn channels(&self) -> u16 {
        self.0.channels
    }

    fn samples(&self) -> Samples {
        self.0.samples().unwrap_or_default()
    }

    fn read(&mut self, out: &mut [f32]) -> Result<usize, SoundError> {
        self.0.read(out)
    }

    fn seek(&mut self, to: Samples) -> Result<(), SoundError> {
        let frame = to.0.min(self.samples().0);
        self.0.done = frame * self.0.frame_bytes();
        let start = SeekFrom::Start(self.0.start + self.0.done);
        self.0.input.seek(start).map_err(SoundError::Read)?;
        Ok(())
    }
}
