//! Writing WAV.

use std::io::{Seek, SeekFrom, Write};

use workprint_model::SAMPLE_RATE;

use crate::SoundError;

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WavBits {
    /// Whole numbers of 16 bits.
    I16,
    /// Whole numbers of 24 bits.
    I24,
    /// Floats of 32 bits, neither rounded nor clipped.
    F32,
}

impl WavBits {
    const fn bytes(self) -> u16 {
        match self {
            Self::I16 => 2,
            Self::I24 => 3,
            Self::F32 => 4,
        }
    }
}

impl WavBits {
    /// Puts samples into `buffer` as they are written, in place of what is in it. A function of its own, so
    /// that it is compiled here, however what calls it is.
    fn code(self, samples: &[f32], buffer: &mut Vec<u8>) {
        buffer.resize(samples.len() * usize::from(self.bytes()), 0);
        match self {
            Self::I16 => {
                for (out, sample) in buffer.as_chunks_mut().0.iter_mut().zip(samples) {
                    *out = (whole(*sample, 15) as i16).to_le_bytes();
                }
            }
            Self::I24 => {
                for (out, sample) in buffer.as_chunks_mut().0.iter_mut().zip(samples) {
                    let [low, mid, high, _] = whole(*sample, 23).to_le_bytes();
                    *out = [low, mid, high];
                }
            }
            Self::F32 => {
                for (out, sample) in buffer.as_chunks_mut().0.iter_mut().zip(samples) {
                    let finite = if sample.is_finite() { *sample } else { 0.0 };
                    *out = finite.to_le_bytes();
                }
            }
        }
    }
}

/// Bytes before the first sample: RIFF, room for `ds64`, `fmt `, the head of `data`.
const HEADER: u64 = 12 + 36 + 24 + 8;

/// Begins a 48 kHz WAV file in `out`, at its current place, which must be its beginning.
///
/// The same samples always give the same bytes. A file of more than 4 GiB becomes RF64
/// (EBU Tech 3306), for which room is left in the header.
pub fn write_wav<W: Write + Seek>(
    out: W,
    channels: u16,
    bits: WavBits,
) -> Result<WavWriter<W>, SoundError> {
    if channels == 0 {
        return Err(SoundError::Channels { channels });
    }
    let mut writer = WavWriter {
        out,
        channels,
        bits,
        bytes: 0,
        buffer: Vec::new(),
        largest: u64::from(u32::MAX),
    };
    let header = writer.header();
    writer.out.write_all(&header).map_err(SoundError::Write)?;
    Ok(writer)
}

/// A WAV file being written. Without [`finish`](Self::finish) its header says it is empty.
#[derive(Debug)]
pub struct WavWriter<W> {
    out: W,
    channels: u16,
    bits: WavBits,
    bytes: u64,
    buffer: Vec<u8>,
    /// The most bytes that a plain RIFF file may have.
    largest: u64,
}

impl<W: Write + Seek> WavWriter<W> {
    /// Appends interleaved samples: whole frames, full scale at ±1.
    ///
    /// Whole numbers are rounded to nearest (halves away from 0) without dither and clipped to
    /// full scale; what is not a number is written as 0.
    pub fn write(&mut self, samples: &[f32]) -> Result<(), SoundError> {
        debug_assert_eq!(samples.len() % usize::from(self.channels), 0);
        for piece in samples.chunks(16 * 1024) {
            self.bits.code(piece, &mut self.buffer);
            self.out
                .write_all(&self.buffer)
                .map_err(SoundError::Write)?;
            self.bytes += self.buffer.len() as u64;
        }
        Ok(())
    }

    /// Writes the lengths into the header and returns the writer, flushed.
    pub fn finish(mut self) -> Result<W, SoundError> {
        if self.bytes % 2 == 1 {
            self.out.write_all(&[0]).map_err(SoundError::Write)?;
        }
        let header = self.header();
        let end = SeekFrom::End(0);
        (|| {
            self.out.seek(SeekFrom::Start(0))?;
            self.out.write_all(&header)?;
            self.out.seek(end)?;
            self.out.flush()
        })()
        .map_err(SoundError::Write)?;
        Ok(self.out)
    }

    fn header(&self) -> Vec<u8> {
        let riff = HEADER - 8 + self.bytes + self.bytes % 2;
        let large = riff > self.largest;
        let short = |length: u64| if large { u32::MAX } else { length as u32 };
        let frame = self.bits.bytes() * self.channels;
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend_from_slice(if large { b"RF64" } else { b"RIFF" });
        header.extend_from_slice(&short(riff).to_le_bytes());
        header.extend_from_slice(b"WAVE");
        header.extend_from_slice(if large { b"ds64" } else { b"JUNK" });
        header.extend_from_slice(&28u32.to_le_bytes());
        let exact = |length: u64| if large { length } else { 0 };
        for length in [riff, self.bytes, self.bytes / u64::from(frame)] {
            header.extend_from_slice(&exact(length).to_le_bytes());
        }
        header.extend_from_slice(&0u32.to_le_bytes());
        header.extend_from_slice(b"fmt ");
        header.extend_from_slice(&16u32.to_le_bytes());
        let format: u16 = if self.bits == WavBits::F32 { 3 } else { 1 };
        header.extend_from_slice(&format.to_le_bytes());
        header.extend_from_slice(&self.channels.to_le_bytes());
        header.extend_from_slice(&SAMPLE_RATE.to_le_bytes());
        header.extend_from_slice(&(SAMPLE_RATE * u32::from(frame)).to_le_bytes());
        header.extend_from_slice(&frame.to_le_bytes());
        header.extend_from_slice(&(self.bits.bytes() * 8).to_le_bytes());
        header.extend_from_slice(b"data");
        header.extend_from_slice(&short(self.bytes).to_le_bytes());
        header
    }
}

/// A sample as a whole number with `bits` bits besides the sign.
fn whole(sample: f32, bits: u32) -> i32 {
    let scale = f64::from(1u32 << bits);
    let scaled = (f64::from(sample) * scale).clamp(-scale, scale - 1.0);
    // Exact, as a float of 32 bits has none to lose here, and without the call that rounding would be. What
    // is not a number becomes 0.
    (scaled + 0.5f64.copysign(scaled)) as i32
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::wav::read_wav;

    #[test]
    fn a_file_too_large_for_riff_is_rf64() {
        let mut writer = write_wav(Cursor::new(Vec::new()), 2, WavBits::I16).unwrap();
        writer.largest = 100;
        writer.write(&[0.25; 64]).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        assert_eq!(&bytes[..16], b"RF64\xff\xff\xff\xffWAVEds64");
        let mut reader = read_wav(bytes.as_slice()).unwrap();
        assert_eq!(reader.samples().map(|samples| samples.0), Some(32));
        let mut out = [0.0; 100];
        assert_eq!(reader.read(&mut out).unwrap(), 32);
        assert_eq!(out[..64], [0.25; 64]);
    }
}
