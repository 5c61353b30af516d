//! Frames of a clip, for those who see no films.

use std::path::Path;

use workprint_engine::{TempBlob, Work};
use workprint_media::{Media, MediaError};
use workprint_model::{Frames, Rate, SAMPLE_RATE, Samples, Size};
use workprint_picture::{Yuv, still, to_rgb8};

use crate::clips::animation::readable;

use super::{MOST_FRAMES, looked_at, picture_of};

/// A frame of a clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Still {
    /// When it is seen, in milliseconds from the clip's start.
    pub(crate) at_ms: u32,
    /// The frame, as PNG.
    pub(crate) png: Vec<u8>,
}

/// So many of the frames that are measured of a clip, in the order of time, each from the middle of an equal part of
/// it. Fewer where the file has fewer, none where it has no picture.
pub(crate) fn stills(
    media: &Media,
    path: &Path,
    count: u32,
    work: &Work,
) -> Result<Vec<Still>, MediaError> {
    let other = readable(path, work)?;
    let path = other.as_ref().map_or(path, TempBlob::path);
    let Some((video, length)) = picture_of(media, path)? else {
        return Ok(Vec::new());
    };
    let spec = looked_at(path, &video, length);
    let wanted = middles(spec.rate, length, count);
    let last = wanted.last().copied().unwrap_or_default();
    let mut reader = media.decode_video(&spec)?;
    let mut frame = vec![0; spec.frame_bytes()];
    let mut taken = Vec::new();
    for number in 0..=last {
        if work.is_cancelled() || !reader.next(&mut frame)? {
            break;
        }
        if wanted.contains(&number) {
            let at = spec.rate.sample_of(Frames(number.into())).0;
            let at_ms = u32::try_from(at * 1000 / u64::from(SAMPLE_RATE)).unwrap_or(u32::MAX);
            taken.extend(png(&frame, spec.size).map(|png| Still { at_ms, png }));
        }
    }
    Ok(taken)
}

/// The numbers of the frames in the middle of so many equal parts of what is looked at. Neither the first frame, which
/// is the picture that the clip was made of, nor the last one, which models often leave half done.
fn middles(rate: Rate, length: Samples, count: u32) -> Vec<u32> {
    let all = rate.nearest_frame(length).0;
    let all = u32::try_from(all).map_or(MOST_FRAMES, |all| all.clamp(1, MOST_FRAMES));
    let mut middles: Vec<u32> = (0..count)
        .map(|part| (2 * part + 1) * all / (2 * count))
        .collect();
    middles.dedup();
    middles
}

fn png(frame: &[u8], size: Size) -> Option<Vec<u8>> {
    let frame = Yuv {
        size,
        data: frame.to_vec(),
    };
    still::png_rgb8(&to_rgb8(&frame), size).ok()
}

#[cfg(test)]
mod tests {
    use super::super::spread;
    use super::*;

    #[test]
    fn the_middles_of_equal_parts_are_taken() {
        let of = |ms: u64, count| {
            let length = Samples(ms * 48);
            middles(spread(length), length, count)
        };
        assert_eq!(of(800, 4), [2, 6, 10, 14]);
        assert_eq!(of(5000, 4), [2, 6, 10, 14]);
        assert_eq!(of(60_000, 4), [7, 22, 37, 52]);
        assert_eq!(of(7_200_000, 4), [8, 24, 40, 56]);
        assert_eq!(of(5, 4), [0]);
        assert_eq!(of(0, 4), [0]);
    }
}
