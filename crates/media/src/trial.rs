//! Whether an encoder works on this machine, found out by letting it encode.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use workprint_model::show::Preset;
use workprint_model::{Codec, Encoder, Rate, Size};

use crate::Media;
use crate::backend::{Backend, PixelFormat};
use crate::decode::check_size;
use crate::encode::{ChunkSpec, Watching};
use crate::error::{MediaError, Result};
use crate::mp4::{self, Track};

/// The chunks of a trial: so many frames each.
const LENGTHS: [u64; 2] = [3, 1];
/// What a trial shows does not depend on its rate.
const RATE: Rate = Rate::FPS_30;
/// A device that does not answer is no device.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// It encodes, its chunks can be joined, and the join decodes.
    Works {
        /// The encoder and its version, or its driver's, as far as it tells; for keys.
        identity: String,
    },
    /// It cannot be used here.
    Refused {
        /// Why, for people: follows "because" and ends without a stop. The same on every try that
        /// fails for the same reason.
        why: String,
    },
}

/// What was found out in this run, for each encoder and size.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trials(Arc<Mutex<BTreeMap<Tried, Arc<OnceLock<Trial>>>>>);

type Tried = (Encoder, u32, u32);

impl Media {
    /// Encodes a few frames of this size in two chunks, joins them and decodes the join. The answer
    /// is kept for as long as this [`Media`] and its clones are.
    ///
    /// # Errors
    /// When it was cancelled, ffmpeg is missing, or the trial could not be made; that an encoder does
    /// not work is an answer.
    pub fn try_encoder(&self, encoder: Encoder, size: Size) -> Result<Trial> {
        check_size(size)?;
        let slot = {
            // The map stays whole whoever panicked while holding it.
            let mut all = self.trials.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry((encoder, size.width, size.height)).or_default())
        };
        if let Some(known) = slot.get() {
            return Ok(known.clone());
        }
        let backend = Backend::of(encoder);
        let trial = match self.attempt(backend, size) {
            Ok(said) => Trial::Works {
                identity: identity(backend, &said),
            },
            Err(
                error @ (MediaError::Cancelled
                | MediaError::MissingProgram { .. }
                | MediaError::Io { .. }
                | MediaError::OutOfSpace { .. }
                | MediaError::BadRequest(_)),
            ) => return Err(error),
            Err(error) => Trial::Refused {
                why: reason(backend, size, &error),
            },
        };
        Ok(slot.get_or_init(|| trial).clone())
    }

    /// What ffmpeg said, when everything went well.
    fn attempt(&self, backend: &Backend, size: Size) -> Result<String> {
        let room = tempfile::Builder::new()
            .prefix("workprint-trial-")
            .tempdir()
            .map_err(MediaError::io("make a folder in", &std::env::temp_dir()))?;
        let mut tracks = Vec::new();
        let mut said = String::new();
        for (number, frames) in LENGTHS.into_iter().enumerate() {
            let out = room
                .path()
                .join(format!("{number}.{}", backend.container.extension()));
            said.push_str(&self.trial_chunk(backend, size, (&out, frames))?);
            tracks.push(Track::read(&out)?);
        }
        let film = room.path().join("film.mp4");
        mp4::write_joined(&film, &tracks, RATE)?;
        self.decodes(&film)?;
        Ok(said)
    }

    fn trial_chunk(&self, backend: &Backend, size: Size, to: (&Path, u64)) -> Result<String> {
        let spec = ChunkSpec {
            out: to.0.to_owned(),
            encoder: backend.encoder,
            size,
            rate: RATE,
            crf: 30,
            preset: Preset::Ultrafast,
            threads: 1,
            build: None,
        };
        let watching = Watching {
            level: "verbose",
            limit: Some(PATIENCE),
        };
        let mut writer = self.encode_chunk_watched(&spec, watching)?;
        let mut frame = vec![0; spec.frame_bytes()];
        for number in 0..to.1 {
            draw(&mut frame, backend.format, number);
            writer.copy(&frame)?;
        }
        Ok(writer.finish_telling()?.1)
    }

    /// Every frame is there, at its time.
    fn decodes(&self, film: &Path) -> Result<()> {
        let shown: Vec<i64> = self
            .frame_md5(film)?
            .into_iter()
            .map(|frame| frame.pts)
            .collect();
        let wanted: Vec<i64> = (0..).take(LENGTHS.iter().sum::<u64>() as usize).collect();
        if shown == wanted {
            return Ok(());
        }
        let why = "chunks of it, joined, do not play as they should";
        Err(MediaError::bad(film, why))
    }
}

/// A pattern that moves.
fn draw(frame: &mut [u8], format: PixelFormat, number: u64) {
    let wave = |at: usize, range: usize| (at + 7 * number as usize) % range;
    match format {
        PixelFormat::Yuv420 => {
            for (at, sample) in frame.iter_mut().enumerate() {
                *sample = 64 + wave(at, 128) as u8;
            }
        }
        PixelFormat::Yuva444Ten => {
            for (at, sample) in frame.chunks_exact_mut(2).enumerate() {
                let value = 256 + wave(at, 512) as u16;
                sample.copy_from_slice(&value.to_le_bytes());
            }
        }
    }
}

/// What stands before an encoder's or a driver's version in what ffmpeg says.
const VERSIONS: &[(&str, &str)] = &[
    ("HEVC encoder version ", ""),
    ("SVT-AV1 Encoder Lib ", ""),
    ("Loaded Nvenc version ", "Nvenc "),
    ("VAAPI driver: ", "driver "),
    ("API version is ", "MFX "),
];

fn identity(backend: &Backend, said: &str) -> String {
    let version = VERSIONS.iter().find_map(|(before, name)| {
        let (_, after) = said.split_once(before)?;
        let version: String = after
            .chars()
            .take_while(|c| !c.is_control() && *c != ',')
            .take(60)
            .collect();
        let version = version.trim_end_matches([' ', '.']);
        (!version.is_empty()).then(|| format!(" {name}{version}"))
    });
    format!("{}{}", backend.ffmpeg, version.unwrap_or_default())
}

/// What ffmpeg says when an encoder cannot be used, and what that means; the first that is found
/// counts.
const REASONS: &[(&[&str], &str)] = &[
    (
        &["Unknown encoder"],
        "this ffmpeg was built without `{ffmpeg}`",
    ),
    (
        &[
            "Cannot load libcuda",
            "Cannot load nvcuda",
            "Cannot load libnvidia-encode",
        ],
        "there is no NVIDIA driver on this machine",
    ),
    (
        &["Driver does not support the required nvenc API version"],
        "the NVIDIA driver is older than this ffmpeg asks for",
    ),
    (
        &[
            "No NVENC capable devices found",
            "No capable devices found",
            "CUDA_ERROR_NO_DEVICE",
        ],
        "there is no NVIDIA card on this machine that encodes {codec}",
    ),
    (
        &["OpenEncodeSessionEx failed"],
        "the NVIDIA card encodes as many films as it can already",
    ),
    (
        &[
            "Cannot open DRM render node",
            "Cannot open a VA display",
            "No VA display found",
            "Failed to open the drm device",
        ],
        "there is no graphics device under /dev/dri that may be opened",
    ),
    (
        &[
            "Error initializing an internal MFX session",
            "Error creating a MFX session",
        ],
        "there is no Intel graphics device with Quick Sync on this machine",
    ),
    (
        &[
            "No usable encoding profile found",
            "No usable encoding entrypoint found",
        ],
        "the graphics driver does not encode {codec}",
    ),
    (
        &[
            "Frame Dimension less than the minimum",
            "Hardware does not support encoding at size",
            "must be at least 64",
            "Current resolution is unsupported",
            "exceeds max",
        ],
        "it does not encode pictures of {size}",
    ),
];

fn reason(backend: &Backend, size: Size, error: &MediaError) -> String {
    let Some(report) = error.report() else {
        return match error {
            MediaError::TimedOut { seconds, .. } => {
                format!("it did not answer within {seconds} s")
            }
            MediaError::BadMedia { why, .. } => why.clone(),
            other => other.to_string(),
        };
    };
    let said = |pattern: &&str| report.stderr.contains(pattern);
    match REASONS.iter().find(|(signs, _)| signs.iter().any(said)) {
        Some((_, text)) => text
            .replace("{ffmpeg}", backend.ffmpeg)
            .replace("{codec}", codec_name(backend.encoder.codec()))
            .replace("{size}", &size.to_string()),
        None => format!("ffmpeg says: {}", telling_line(&report.stderr)),
    }
}

const fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "H.264",
        Codec::Hevc => "HEVC",
        Codec::Av1 => "AV1",
        Codec::Prores4444 => "ProRes",
    }
}

/// The first line that the encoder itself said, or the last one, without addresses in memory.
fn telling_line(stderr: &str) -> String {
    let own = |line: &&str| line.starts_with('[') && !line.contains("Statistics:");
    let mut lines = stderr.lines().filter(|line| !line.trim().is_empty());
    let last = stderr.lines().rfind(|line| !line.trim().is_empty());
    let line = lines.rfind(own).or(last).unwrap_or("nothing");
    let line = match line.split_once("] ") {
        Some((head, rest)) if head.contains(" @ 0x") => rest,
        _ => line,
    };
    line.trim()
        .trim_end_matches('.')
        .chars()
        .take(160)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Report;

    fn failed(stderr: &str) -> MediaError {
        MediaError::Failed(Box::new(Report {
            program: "ffmpeg".into(),
            arguments: String::new(),
            status: "exit status: 1".to_owned(),
            stderr: stderr.to_owned(),
        }))
    }

    fn why(encoder: Encoder, stderr: &str) -> String {
        let size = Size {
            width: 640,
            height: 360,
        };
        reason(Backend::of(encoder), size, &failed(stderr))
    }

    #[test]
    fn reasons_are_in_the_words_of_users() {
        let cases = [
            (
                Encoder::NvencH264,
                "[h264_nvenc @ 0x55f0d0b55d40] Cannot load libcuda.so.1\nConversion failed!",
                "there is no NVIDIA driver on this machine",
            ),
            (
                Encoder::NvencAv1,
                "Unknown encoder 'av1_nvenc'",
                "this ffmpeg was built without `av1_nvenc`",
            ),
            (
                Encoder::VaapiHevc,
                "[hevc_vaapi @ 0x1] No usable encoding profile found.",
                "the graphics driver does not encode HEVC",
            ),
            (
                Encoder::QsvH264,
                "[h264_qsv @ 0x2] Current resolution is unsupported",
                "it does not encode pictures of 640x360",
            ),
        ];
        for (encoder, stderr, wanted) in cases {
            assert_eq!(why(encoder, stderr), wanted);
        }
    }

    #[test]
    fn an_unknown_reason_has_no_addresses() {
        let said = "[h264_nvenc @ 0x55d1] Something new happened.\n[AVIOContext @ 0x5] Statistics: 0 bytes\nConversion failed!";
        assert_eq!(
            why(Encoder::NvencH264, said),
            "ffmpeg says: Something new happened"
        );
        assert_eq!(why(Encoder::NvencH264, ""), "ffmpeg says: nothing");
    }

    #[test]
    fn versions_are_found_in_what_is_said() {
        let cases = [
            (
                Encoder::X265,
                "x265 [info]: HEVC encoder version 3.5+1-f0c1022b6\nx265 [info]: build",
                "libx265 3.5+1-f0c1022b6",
            ),
            (
                Encoder::SvtAv1,
                "Svt[info]: SVT [version]:\tSVT-AV1 Encoder Lib v1.4.1\n",
                "libsvtav1 v1.4.1",
            ),
            (
                Encoder::VaapiH264,
                "[AVHWDeviceContext @ 0x1] VAAPI driver: Intel iHD driver - 23.1.1.\n",
                "h264_vaapi driver Intel iHD driver - 23.1.1",
            ),
            (Encoder::NvencH264, "nothing of the kind", "h264_nvenc"),
        ];
        for (encoder, said, wanted) in cases {
            assert_eq!(identity(Backend::of(encoder), said), wanted);
        }
    }
}
