//! What is in a file.

use std::fs::File;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

use serde::Deserialize;
use workprint_model::{Frames, Percent, Rate, SAMPLE_RATE, Samples, Size};

use crate::Media;
use crate::ends::{LONGEST, Last, Piece};
use crate::error::{MediaError, Result};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// The demuxers that may open a file. None of them opens a second file: no playlists, no scripts,
/// no patterns of file names.
pub(crate) const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,\
flv,asf,mxf,nut,ivf,yuv4mpegpipe,h264,hevc,gif,apng,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,\
tiff_pipe,ppm_pipe,pgm_pipe,wav,w64,aiff,caf,flac,ogg,mp3,aac,ac3,eac3,amr,au";

/// The largest width or height that is read.
const MAX_SIDE: u32 = 16_384;

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// ffmpeg's name of the container, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// How long it plays; 0 where the file does not say, as with stills.
    pub duration: Samples,
    /// The first picture that is not cover art.
    pub video: Option<VideoStream>,
    /// The first sound.
    pub audio: Option<AudioStream>,
}

/// The picture of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoStream {
    /// ffmpeg's name of the codec, such as `h264`.
    pub codec: String,
    /// The size of the pictures as they are stored.
    pub coded: Size,
    /// The size as shown: pixel shape and rotation applied.
    pub shown: Size,
    /// Frames a second on average; `None` where the file does not say or says something absurd.
    pub rate: Option<Rate>,
    /// A still picture.
    pub is_still: bool,
    /// ffmpeg's name of the pixel format, such as `yuv420p`.
    pub pixel_format: String,
    /// It can have transparent parts.
    pub alpha: bool,
    /// Fields of two moments are woven into one frame.
    pub interlaced: bool,
    /// The colour tags.
    pub colour: ColourTags,
    /// How many frames, where the container says.
    pub frames: Option<Frames>,
    /// When the picture ends, counted from the file's beginning; 0 where the file does not say.
    pub duration: Samples,
}

/// ffmpeg's names of a file's colour tags; `None` where untagged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColourTags {
    /// `tv` or `pc`.
    pub range: Option<String>,
    /// The matrix, such as `bt709`.
    pub matrix: Option<String>,
    /// The transfer curve.
    pub transfer: Option<String>,
    /// The primaries.
    pub primaries: Option<String>,
}

/// The sound of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioStream {
    /// ffmpeg's name of the codec, such as `aac`.
    pub codec: String,
    /// How many channels.
    pub channels: u32,
    /// Samples a second.
    pub rate: u32,
}

impl VideoStream {
    /// How many frames [`Media::decode_video`] gives at `rate` from `start` at `speed`, from what
    /// the container says. A broken file gives fewer.
    pub fn frames_at(&self, rate: Rate, start: Samples, speed: Percent) -> Frames {
        if self.is_still {
            return Frames(1);
        }
        let hundredths = u128::try_from(speed.hundredths()).unwrap_or(0).max(1);
        let left = u128::from((self.duration - start).0) * 10_000 / hundredths;
        // The grace that the reader gives too: a duration rounded up is not a frame more.
        let grace = u64::from(SAMPLE_RATE) * u64::from(rate.den()) / (8 * u64::from(rate.num()));
        let shown = u64::try_from(left)
            .unwrap_or(u64::MAX)
            .saturating_sub(grace);
        rate.frames_covering(Samples(shown))
    }
}

impl Media {
    /// Looks into a file, for at most 30 seconds; see [`Self::probe_within`]. A file that was looked into
    /// before and did not change since is not looked into again.
    pub fn probe(&self, path: &Path) -> Result<Probe> {
        let file = stamp(path)?;
        if self.cancel.is_cancelled() {
            return Err(MediaError::Cancelled);
        }
        let known = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(probe) = known.get(&file) {
            return Ok(probe.clone());
        }
        drop(known);
        let probe = self.probe_within(path, Duration::from_secs(30))?;
        self.remember(file, &probe);
        Ok(probe)
    }

    fn remember(&self, file: [u64; 5], probe: &Probe) {
        /// How many files are remembered.
        const MOST: usize = 256;
        let mut known = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(file, probe.clone());
    }

    /// As [`Self::probe`], with where the last pieces of a whole file end; for short files.
    pub(crate) fn probe_with_pieces(&self, path: &Path) -> Result<(Probe, Last)> {
        #[derive(Deserialize)]
        struct Raw<'a> {
            #[serde(flatten)]
            probe: RawProbe,
            #[serde(default, borrow)]
            packets: Vec<Piece<'a>>,
        }
        let file = stamp(path)?;
        let pieces = "packet=codec_type,pts_time,duration_time,flags";
        let more = ["-show_entries", pieces];
        let json = self.ask_ffprobe(path, &more, (Duration::from_secs(30), LONGEST))?;
        let raw: Raw<'_> = serde_json::from_slice(&json).map_err(|error| odd(path, &error))?;
        let last = Last::of(raw.packets, raw.probe.format.start_time.as_deref());
        let probe = raw.probe.check(path)?;
        self.remember(file, &probe);
        Ok((probe, last))
    }

    /// Looks into a file, for at most `limit`.
    ///
    /// Fails with [`MediaError::BadMedia`] for anything but a regular file of a container that holds
    /// its own content (a playlist or script that names other files is refused), for files without
    /// picture and sound, and for absurd sizes.
    pub fn probe_within(&self, path: &Path, limit: Duration) -> Result<Probe> {
        let json = self.ask_ffprobe(path, &[], (limit, 4 << 20))?;
        let raw: RawProbe = serde_json::from_slice(&json).map_err(|error| odd(path, &error))?;
        raw.check(path)
    }

    /// What ffprobe tells of a file, in JSON of at most so many bytes.
    fn ask_ffprobe(
        &self,
        path: &Path,
        more: &[&str],
        (limit, most): (Duration, u64),
    ) -> Result<Vec<u8>> {
        let mut arguments = Arguments::default();
        arguments.add(["-hide_banner", "-v", "error"]);
        arguments.add(SAFE_INPUT);
        arguments.add(["-of", "json=compact=1", "-show_format", "-show_streams"]);
        arguments.add(more);
        arguments.add(["-i", "file:/dev/stdin"]);
        let call = Call {
            program: &self.programs.ffprobe,
            hint: FFMPEG_HINT,
            arguments: arguments.0,
            input: Input::File(open(path)?),
            subject: path.to_owned(),
            limit: Some(limit),
        };
        let running = Running::start(call, &self.cancel)?;
        running.output(most).map_err(|error| of_input(error, path))
    }
}

fn odd(path: &Path, error: &serde_json::Error) -> MediaError {
    MediaError::bad(path, format!("its description is odd: {error}"))
}

/// What tells a file from others, and from what it was before.
fn stamp(path: &Path) -> Result<[u64; 5]> {
    use std::os::unix::fs::MetadataExt;
    let about = std::fs::metadata(path).map_err(MediaError::io("read", path))?;
    Ok([
        about.dev(),
        about.ino(),
        about.len(),
        about.mtime().cast_unsigned(),
        about.mtime_nsec().cast_unsigned(),
    ])
}

/// Options before an input that comes from a user.
pub(crate) const SAFE_INPUT: [&str; 4] = [
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    FORMATS,
];

/// Opens a user's file for a program to read. Anything but a regular file is refused.
pub(crate) fn open(path: &Path) -> Result<File> {
    let about = std::fs::metadata(path).map_err(MediaError::io("read", path))?;
    if !about.is_file() {
        return Err(MediaError::bad(path, "it is not a regular file"));
    }
    if about.len() == 0 {
        return Err(MediaError::bad(path, "it is empty"));
    }
    File::open(path).map_err(MediaError::io("read", path))
}

/// Turns the failure of a program that read `path` into one about `path`.
pub(crate) fn of_input(error: MediaError, path: &Path) -> MediaError {
    let MediaError::Failed(report) = error else {
        return error;
    };
    let why = if report.stderr.contains("No such filter: 'zscale'") {
        "its colours are HDR or wide, and this ffmpeg has no `zscale` to bring them to BT.709: install an ffmpeg with libzimg, or convert the file"
    } else if report.stderr.contains("not on whitelist") {
        "it is not a kind of file that is read here: playlists and scripts that name other files are refused"
    } else if report.stderr.contains("Invalid data found") || report.stderr.contains("moov atom") {
        "it is broken, cut short, or not a picture, video or sound"
    } else {
        "ffmpeg cannot read it"
    };
    MediaError::BadMedia {
        path: path.to_owned(),
        why: why.to_owned(),
        report: Some(report),
    }
}

#[derive(Deserialize)]
struct RawProbe {
    #[serde(default)]
    streams: Vec<RawStream>,
    format: RawFormat,
}

#[derive(Deserialize)]
struct RawFormat {
    format_name: String,
    start_time: Option<String>,
    duration: Option<String>,
}

#[derive(Deserialize)]
struct RawStream {
    codec_type: Option<String>,
    codec_name: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    pix_fmt: Option<String>,
    field_order: Option<String>,
    color_range: Option<String>,
    color_space: Option<String>,
    color_transfer: Option<String>,
    color_primaries: Option<String>,
    nb_frames: Option<String>,
    start_time: Option<String>,
    duration: Option<String>,
    channels: Option<u32>,
    sample_rate: Option<String>,
    #[serde(default)]
    disposition: RawDisposition,
    #[serde(default)]
    tags: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    side_data_list: Vec<RawSideData>,
}

#[derive(Deserialize, Default)]
struct RawDisposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Deserialize)]
struct RawSideData {
    rotation: Option<f64>,
}

impl RawProbe {
    fn check(self, path: &Path) -> Result<Probe> {
        let is = |stream: &&RawStream, kind| stream.codec_type.as_deref() == Some(kind);
        let duration = samples(self.format.duration.as_deref());
        let still = self.format.format_name.ends_with("_pipe");
        let video = self
            .streams
            .iter()
            .find(|stream| is(stream, "video") && stream.disposition.attached_pic == 0)
            .map(|stream| stream.video(path, still, &self.format))
            .transpose()?;
        let audio = self
            .streams
            .iter()
            .find(|stream| is(stream, "audio"))
            .map(|stream| stream.audio(path))
            .transpose()?;
        if video.is_none() && audio.is_none() {
            return Err(MediaError::bad(path, "it has neither picture nor sound"));
        }
        Ok(Probe {
            container: self.format.format_name,
            duration,
            video,
            audio,
        })
    }
}

impl RawStream {
    fn video(&self, path: &Path, still: bool, format: &RawFormat) -> Result<VideoStream> {
        let coded = Size {
            width: self.width.unwrap_or(0),
            height: self.height.unwrap_or(0),
        };
        let sides = 1..=MAX_SIDE;
        if coded.width == 0 && self.codec_name.as_deref() == Some("webp") {
            return Err(MediaError::bad(
                path,
                "it is an animated WebP, which ffmpeg cannot read: convert it to GIF, WebM or MP4",
            ));
        }
        if !sides.contains(&coded.width) || !sides.contains(&coded.height) {
            return Err(MediaError::bad(
                path,
                format!("its picture is {coded}: each side must be 1 to {MAX_SIDE} pixels"),
            ));
        }
        let pixel_format = self.pix_fmt.clone().unwrap_or_default();
        Ok(VideoStream {
            codec: self.codec_name.clone().unwrap_or_default(),
            coded,
            shown: self.shown(coded),
            rate: rate(self.avg_frame_rate.as_deref())
                .or_else(|| rate(self.r_frame_rate.as_deref())),
            is_still: still,
            alpha: has_alpha(&pixel_format) || self.tag("alpha_mode") == Some("1"),
            interlaced: matches!(self.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
            colour: ColourTags {
                range: tagged(self.color_range.as_ref()),
                matrix: tagged(self.color_space.as_ref()),
                transfer: tagged(self.color_transfer.as_ref()),
                primaries: tagged(self.color_primaries.as_ref()),
            },
            frames: self
                .nb_frames
                .as_deref()
                .and_then(|text| text.parse().ok())
                .map(Frames),
            duration: if still { Samples(0) } else { self.end(format) },
            pixel_format,
        })
    }

    /// When the stream ends, counted from the beginning of the file.
    fn end(&self, format: &RawFormat) -> Samples {
        let own = samples(self.duration.as_deref());
        if own == Samples(0) {
            return samples(format.duration.as_deref());
        }
        let start = |text: &Option<String>| samples(text.as_deref());
        own + (start(&self.start_time) - start(&format.start_time))
    }

    fn shown(&self, coded: Size) -> Size {
        let mut shown = coded;
        if let Some((num, den)) = self
            .sample_aspect_ratio
            .as_deref()
            .and_then(|text| text.split_once(':'))
            && let (Ok(num), Ok(den)) = (num.parse::<u32>(), den.parse::<u32>())
            && num > 0
            && den > 0
        {
            // Pixels are made wider or higher, never thrown away.
            let (num, den) = (u64::from(num), u64::from(den));
            if num > den {
                shown.width = stretched(coded.width, num, den);
            } else {
                shown.height = stretched(coded.height, den, num);
            }
        }
        let turned = self.side_data_list.iter().find_map(|side| side.rotation);
        if turned.is_some_and(|angle| (angle.abs() % 180.0 - 90.0).abs() < 45.0) {
            std::mem::swap(&mut shown.width, &mut shown.height);
        }
        shown
    }

    fn audio(&self, path: &Path) -> Result<AudioStream> {
        let rate = self
            .sample_rate
            .as_deref()
            .and_then(|text| text.parse().ok());
        match (self.channels, rate) {
            (Some(channels @ 1..=64), Some(rate @ 1..=1_000_000)) => Ok(AudioStream {
                codec: self.codec_name.clone().unwrap_or_default(),
                channels,
                rate,
            }),
            _ => Err(MediaError::bad(
                path,
                "its sound has no usable rate or channels",
            )),
        }
    }

    fn tag(&self, name: &str) -> Option<&str> {
        self.tags
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| value.as_str())
    }
}

fn stretched(side: u32, num: u64, den: u64) -> u32 {
    let side = (u64::from(side) * num + den / 2) / den;
    u32::try_from(side).unwrap_or(MAX_SIDE).clamp(1, MAX_SIDE)
}

fn tagged(text: Option<&String>) -> Option<String> {
    text.filter(|text| *text != "unknown" && *text != "reserved")
        .cloned()
}

fn rate(text: Option<&str>) -> Option<Rate> {
    text?.parse().ok()
}

fn has_alpha(pixel_format: &str) -> bool {
    pixel_format.starts_with("yuva")
        || pixel_format.starts_with("gbrap")
        || ["rgba", "bgra", "argb", "abgr", "ya8", "ya16", "pal8"]
            .iter()
            .any(|name| pixel_format.starts_with(name))
}

/// Seconds with decimals as ffprobe writes them, in whole samples, without a float on the way.
pub(crate) fn samples(text: Option<&str>) -> Samples {
    let exact = || {
        let text = text?;
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let whole: u64 = whole.parse().ok()?;
        let micros: u64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
        let micros = whole.checked_mul(1_000_000)?.checked_add(micros)?;
        let samples = u128::from(micros) * u128::from(SAMPLE_RATE);
        u64::try_from((samples + 500_000) / 1_000_000).ok()
    };
    Samples(exact().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_become_whole_samples() {
        assert_eq!(samples(Some("1.5")), Samples(72_000));
        assert_eq!(samples(Some("0.033367")), Samples(1602));
        for text in ["N/A", "-1.0", "1e9", "99999999999999999999", "", "1.é"] {
            assert_eq!(samples(Some(text)), Samples(0), "{text}");
        }
    }

    #[test]
    fn names_of_formats_with_alpha() {
        assert!(has_alpha("yuva444p10le") && has_alpha("rgba") && has_alpha("gbrap12le"));
        assert!(!has_alpha("yuv420p") && !has_alpha("rgb24") && !has_alpha("gbrp"));
    }
}
