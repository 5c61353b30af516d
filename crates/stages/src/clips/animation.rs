//! Animated WebP, which ffmpeg cannot read, as an animated PNG, which it reads: frame by frame and without a loss.
//!
//! The chunks of a WebP file: <https://developers.google.com/speed/webp/docs/riff_container>.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom};
use std::path::Path;

use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, ImageDecoder, ImageError, Limits};
use workprint_engine::{TempBlob, Work};
use workprint_media::MediaError;

/// The longest side.
const MOST_SIDE: u32 = 8192;
/// What the decoder may hold, in bytes.
const MOST_BYTES: u64 = 1 << 30;
/// How long a frame stands that gives no time, in milliseconds: as in browsers.
const UNTIMED_MS: u16 = 100;

/// A file that ffmpeg reads, in the place of an animated WebP; `None` where it is none.
pub(crate) fn readable(path: &Path, work: &Work) -> Result<Option<TempBlob>, MediaError> {
    let frames = File::open(path).and_then(|file| frames_of(BufReader::new(file)));
    let Some(count) = frames.map_err(MediaError::io("read", path))? else {
        return Ok(None);
    };
    let temp = work.store().temp().map_err(std::io::Error::other);
    let mut temp = temp.map_err(MediaError::io("take apart", path))?;
    convert(path, temp.file(), (count, work))?;
    Ok(Some(temp))
}

/// How many frames an animated WebP has; `None` where a file is none.
fn frames_of(mut file: impl Read + Seek) -> std::io::Result<Option<u32>> {
    let mut head = [0; 21];
    let length = file.seek(SeekFrom::End(0))?;
    if length < head.len() as u64 {
        return Ok(None);
    }
    file.rewind()?;
    file.read_exact(&mut head)?;
    let is_webp = &head[..4] == b"RIFF" && &head[8..16] == b"WEBPVP8X";
    // The second bit of an extended file's flags says that it moves.
    if !is_webp || head[20] & 2 == 0 {
        return Ok(None);
    }
    let (mut at, mut count) = (12, 0);
    while at + 8 <= length {
        let mut chunk = [0; 8];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut chunk)?;
        let [.., a, b, c, d] = chunk;
        count += u32::from(&chunk[..4] == b"ANMF");
        // Chunks of odd lengths are followed by a byte of nothing.
        at += 8 + u64::from(u32::from_le_bytes([a, b, c, d])).next_multiple_of(2);
    }
    Ok(Some(count))
}

/// Writes a picture's frames one after the other, so that no more than one of them is held.
fn convert(path: &Path, out: &File, (count, work): (u32, &Work)) -> Result<(), MediaError> {
    let broken = |why: &dyn Display| {
        MediaError::bad(path, format!("it is an animated WebP, and broken: {why}"))
    };
    let unread = |error: ImageError| broken(&error);
    let unwritten = |error: png::EncodingError| MediaError::io("take apart", path)(error.into());
    let file = File::open(path).map_err(MediaError::io("read", path))?;
    let mut decoder = WebPDecoder::new(BufReader::new(file)).map_err(unread)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    decoder.set_limits(limits).map_err(unread)?;
    let (width, height) = decoder.dimensions();
    let mut encoder = png::Encoder::new(BufWriter::new(out), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_animated(count.max(1), 1).map_err(unwritten)?;
    let mut writer = encoder.write_header().map_err(unwritten)?;
    let mut written = 0;
    for frame in decoder.into_frames().take(count as usize) {
        if work.is_cancelled() {
            return Err(MediaError::Cancelled);
        }
        let frame = frame.map_err(unread)?;
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let ms = u16::try_from(numerator / denominator.max(1)).unwrap_or(u16::MAX);
        let ms = if ms == 0 { UNTIMED_MS } else { ms };
        writer.set_frame_delay(ms, 1000).map_err(unwritten)?;
        writer.write_image_data(frame.buffer()).map_err(unwritten)?;
        written += 1;
    }
    if written < count.max(1) {
        return Err(broken(&format!(
            "{written} of its {count} frames are there"
        )));
    }
    writer.finish().map_err(unwritten)
}
