//! What can encode a chunk: one row for each encoder.
//!
//! Every row writes streams whose chunks can be joined: the first frame is a key frame that nothing
//! before or after the chunk is needed for, and what a decoder must know beforehand depends on the
//! settings alone. [`Media::try_encoder`](crate::Media::try_encoder) holds a row to that on the
//! machine that it runs on.

use workprint_model::show::Preset;
use workprint_model::{Encoder, Size};

use crate::process::Arguments;

/// How the samples of a frame lie in memory, as painted frames are handed to an encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelFormat {
    /// Y, then U and V of half the width and height; one byte a sample.
    Yuv420,
    /// Y, U, V and opacity, all of one size; ten bits in two bytes, the lower first.
    Yuva444Ten,
}

impl PixelFormat {
    /// ffmpeg's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Yuv420 => "yuv420p",
            Self::Yuva444Ten => "yuva444p10le",
        }
    }

    /// How many bytes a frame has.
    pub const fn frame_bytes(self, size: Size) -> usize {
        let luma = size.width as usize * size.height as usize;
        match self {
            Self::Yuv420 => luma * 3 / 2,
            Self::Yuva444Ten => luma * 8,
        }
    }
}

/// The file that a stream lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// `.mp4`.
    Mp4,
    /// `.mov`: what editing programs expect ProRes in.
    Mov,
}

impl Container {
    /// ffmpeg's name, and the ending of a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
        }
    }
}

/// One encoder: how ffmpeg is asked for it.
#[derive(Debug)]
pub struct Backend {
    /// Which.
    pub encoder: Encoder,
    /// ffmpeg's name for it.
    pub ffmpeg: &'static str,
    /// What it runs on, for people.
    pub device: &'static str,
    /// How frames are handed over.
    pub format: PixelFormat,
    /// The file that it writes.
    pub container: Container,
    /// Options before the input: the device.
    before: &'static [&'static str],
    /// The pixel format that the encoder is given, or the filters that bring frames to the device.
    handing: Handing,
    /// Quality (0 to 51) and effort.
    effort: fn(&mut Arguments, u8, Preset),
    /// How many threads it has, where what it writes does not depend on how many there are.
    threads: fn(&mut Arguments, u8),
    /// Everything else.
    always: &'static [&'static str],
}

#[derive(Debug)]
enum Handing {
    /// In memory.
    Plain(&'static str),
    /// By filters, onto a device.
    Upload(&'static str),
}

/// Removes what encoders write about themselves.
const NO_H264_NOTES: &str = "filter_units=remove_types=6";
const NO_HEVC_NOTES: &str = "filter_units=remove_types=39|40";

const VAAPI: &[&str] = &["-init_hw_device", "vaapi=hw", "-filter_hw_device", "hw"];
const QSV: &[&str] = &["-init_hw_device", "qsv=hw"];

const H264_TAIL: &[&str] = &["-profile:v", "high", "-bf", "0", "-bsf:v", NO_H264_NOTES];
const HEVC_TAIL: &[&str] = &[
    "-profile:v",
    "main",
    "-bf",
    "0",
    "-tag:v",
    "hvc1",
    "-bsf:v",
    NO_HEVC_NOTES,
];
const AV1_TAIL: &[&str] = &["-bf", "0"];

/// All encoders but [`Encoder::Auto`], which stands for one of them.
pub static BACKENDS: &[Backend] = &[
    Backend {
        effort: |arguments, crf, preset| {
            arguments.add(["-preset", preset.name(), "-profile:v", "high"]);
            arguments.set("-crf", crf);
            // Where frames refer to one other, this takes a picture less, and changes no frame.
            if matches!(
                preset,
                Preset::Ultrafast | Preset::Superfast | Preset::Veryfast
            ) {
                arguments.set("-b-pyramid", "strict");
            }
            // Frames that wait for what comes after them are most of its memory: this is one less, of ten.
            if preset == Preset::Veryfast {
                arguments.set("-rc-lookahead", 9);
            }
        },
        // `stitchable` keeps headers independent of content; access unit delimiters keep frames apart where
        // two chunks of one frame meet; a thread that looks ahead would hold frames, and so would an encoder
        // that must see the next frame to know how long one is shown.
        threads: |arguments, threads| {
            arguments.set("-threads", threads);
            let threads = format!("threads={threads}:lookahead-threads=1:sync-lookahead=0");
            let others = "open-gop=0:stitchable=1:aud=1:force-cfr=1";
            arguments.set("-x264-params", format!("{threads}:{others}"));
        },
        always: &["-bsf:v", NO_H264_NOTES],
        ..row(Encoder::X264, "libx264", "the CPU")
    },
    Backend {
        effort: |arguments, crf, preset| {
            arguments.add(["-preset", preset.name(), "-profile:v", "main"]);
            arguments.set("-crf", on_scale(crf, X265_SCALE));
        },
        // With threads of its own, what it writes would depend on how many there are.
        always: &[
            "-threads",
            "1",
            "-x265-params",
            "pools=none:frame-threads=1:open-gop=0:info=0:aud=1",
            "-tag:v",
            "hvc1",
            "-bsf:v",
            NO_HEVC_NOTES,
        ],
        ..row(Encoder::X265, "libx265", "the CPU")
    },
    Backend {
        effort: |arguments, crf, preset| {
            arguments.set("-preset", svt_preset(preset));
            arguments.set("-crf", on_scale(crf, AV1_SCALE));
        },
        always: &["-svtav1-params", "lp=1"],
        ..row(Encoder::SvtAv1, "libsvtav1", "the CPU")
    },
    Backend {
        effort: nvenc,
        always: H264_TAIL,
        ..row(Encoder::NvencH264, "h264_nvenc", NVIDIA)
    },
    Backend {
        effort: nvenc,
        always: HEVC_TAIL,
        ..row(Encoder::NvencHevc, "hevc_nvenc", NVIDIA)
    },
    Backend {
        effort: nvenc,
        always: AV1_TAIL,
        ..row(Encoder::NvencAv1, "av1_nvenc", NVIDIA)
    },
    Backend {
        effort: qsv,
        always: H264_TAIL,
        ..quick_sync(Encoder::QsvH264, "h264_qsv")
    },
    Backend {
        effort: qsv,
        always: HEVC_TAIL,
        ..quick_sync(Encoder::QsvHevc, "hevc_qsv")
    },
    Backend {
        effort: qsv,
        always: AV1_TAIL,
        ..quick_sync(Encoder::QsvAv1, "av1_qsv")
    },
    Backend {
        always: H264_TAIL,
        ..vaapi(Encoder::VaapiH264, "h264_vaapi")
    },
    Backend {
        always: HEVC_TAIL,
        ..vaapi(Encoder::VaapiHevc, "hevc_vaapi")
    },
    Backend {
        // Its scale is that of AV1's own quantiser.
        effort: |arguments, crf, _| {
            arguments.add(["-rc_mode", "CQP"]);
            arguments.set("-global_quality", u16::from(crf.max(1)) * 5);
        },
        always: AV1_TAIL,
        ..vaapi(Encoder::VaapiAv1, "av1_vaapi")
    },
    Backend {
        effort: videotoolbox,
        always: H264_TAIL,
        ..row(Encoder::VideotoolboxH264, "h264_videotoolbox", APPLE)
    },
    Backend {
        effort: videotoolbox,
        always: HEVC_TAIL,
        ..row(Encoder::VideotoolboxHevc, "hevc_videotoolbox", APPLE)
    },
    Backend {
        format: PixelFormat::Yuva444Ten,
        container: Container::Mov,
        handing: Handing::Plain("yuva444p10le"),
        // Quantisers from 1 to 25: at 20 some 220 Mbit/s of busy 1080p.
        effort: |arguments, crf, _| arguments.set("-q:v", 1 + u32::from(crf) * 24 / 51),
        always: &[
            "-threads",
            "1",
            "-profile:v",
            "4444",
            "-alpha_bits",
            "16",
            "-vendor",
            "apl0",
        ],
        ..row(Encoder::Prores4444, "prores_ks", "the CPU")
    },
];

const NVIDIA: &str = "an NVIDIA graphics card";
const APPLE: &str = "Apple hardware";

const fn row(encoder: Encoder, ffmpeg: &'static str, device: &'static str) -> Backend {
    Backend {
        encoder,
        ffmpeg,
        device,
        format: PixelFormat::Yuv420,
        container: Container::Mp4,
        before: &[],
        handing: Handing::Plain("yuv420p"),
        effort: |_, _, _| {},
        threads: |_, _| {},
        always: &[],
    }
}

const fn quick_sync(encoder: Encoder, ffmpeg: &'static str) -> Backend {
    Backend {
        before: QSV,
        handing: Handing::Plain("nv12"),
        ..row(encoder, ffmpeg, "Intel graphics with Quick Sync")
    }
}

const fn vaapi(encoder: Encoder, ffmpeg: &'static str) -> Backend {
    Backend {
        before: VAAPI,
        handing: Handing::Upload("format=nv12,hwupload"),
        effort: |arguments, crf, _| {
            arguments.add(["-rc_mode", "CQP"]);
            arguments.set("-qp", crf.max(1));
        },
        ..row(encoder, ffmpeg, "Intel or AMD graphics with VA-API")
    }
}

/// Places on x264's scale and what looks about the same on another, measured by SSIM over stills
/// under moves and rendered clips.
type Scale = [(u8, u8); 5];

const X265_SCALE: Scale = [(0, 0), (18, 22), (23, 28), (30, 34), (51, 51)];
const AV1_SCALE: Scale = [(0, 1), (18, 26), (23, 35), (30, 46), (51, 63)];

/// What looks about the same on another scale.
fn on_scale(crf: u8, scale: Scale) -> u8 {
    let crf = crf.min(51);
    for pair in scale.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        if crf <= to {
            let (along, all) = (u16::from(crf - from), u16::from(to - from));
            return low + ((along * u16::from(high - low) + all / 2) / all) as u8;
        }
    }
    scale[scale.len() - 1].1
}

const fn svt_preset(preset: Preset) -> u8 {
    match preset {
        Preset::Ultrafast => 12,
        Preset::Superfast => 11,
        Preset::Veryfast => 10,
        Preset::Faster => 9,
        Preset::Fast => 8,
        Preset::Medium => 7,
        Preset::Slow => 5,
        Preset::Slower => 4,
    }
}

fn nvenc(arguments: &mut Arguments, crf: u8, preset: Preset) {
    let preset = match preset {
        Preset::Ultrafast => "p1",
        Preset::Superfast => "p2",
        Preset::Veryfast | Preset::Faster => "p3",
        Preset::Fast => "p4",
        Preset::Medium => "p5",
        Preset::Slow => "p6",
        Preset::Slower => "p7",
    };
    arguments.add(["-preset", preset, "-tune", "hq", "-rc", "vbr", "-b:v", "0"]);
    // 0 would leave the quality to the encoder.
    arguments.set("-cq", crf.max(1));
    arguments.add(["-strict_gop", "1"]);
}

fn qsv(arguments: &mut Arguments, crf: u8, preset: Preset) {
    let preset = match preset {
        Preset::Ultrafast | Preset::Superfast => Preset::Veryfast,
        other => other,
    };
    arguments.add(["-preset", preset.name()]);
    arguments.set("-global_quality", crf.max(1));
}

fn videotoolbox(arguments: &mut Arguments, crf: u8, _: Preset) {
    // From 100 (best) to 1.
    arguments.set("-q:v", 100u16.saturating_sub(2 * u16::from(crf)).max(1));
}

impl Backend {
    /// The row of an encoder; that of libx264 for [`Encoder::Auto`].
    pub fn of(encoder: Encoder) -> &'static Self {
        let found = BACKENDS.iter().find(|row| row.encoder == encoder);
        found.unwrap_or(&BACKENDS[0])
    }

    pub(crate) fn before_input(&self, arguments: &mut Arguments) {
        arguments.add(self.before);
    }

    /// The encoder with its settings: BT.709 in limited range, square pixels, nothing about who
    /// encoded or when.
    pub(crate) fn settings(
        &self,
        arguments: &mut Arguments,
        (crf, preset): (u8, Preset),
        threads: u8,
    ) {
        let mut filter = "setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:\
                          colorspace=bt709"
            .to_owned();
        if let Handing::Upload(filters) = self.handing {
            filter.push(',');
            filter.push_str(filters);
        }
        arguments.set("-vf", filter);
        arguments.add(["-c:v", self.ffmpeg]);
        (self.effort)(arguments, crf, preset);
        (self.threads)(arguments, threads);
        arguments.add(self.always);
        if let Handing::Plain(format) = self.handing {
            arguments.add(["-pix_fmt", format]);
        }
        arguments.add([
            "-color_range",
            "tv",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-colorspace",
            "bt709",
        ]);
        arguments.add([
            "-flags",
            "+bitexact+cgop",
            "-fflags",
            "+bitexact",
            "-map_metadata",
            "-1",
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoder_has_one_row() {
        for (number, row) in BACKENDS.iter().enumerate() {
            assert_eq!(Backend::of(row.encoder).ffmpeg, row.ffmpeg);
            assert!(
                BACKENDS[..number]
                    .iter()
                    .all(|before| before.encoder != row.encoder),
                "{}",
                row.encoder
            );
            for substitute in row.encoder.substitutes() {
                assert_eq!(Backend::of(*substitute).encoder, *substitute);
            }
        }
        assert_eq!(Backend::of(Encoder::Auto).encoder, Encoder::X264);
    }

    #[test]
    fn scales_rise_and_reach_their_ends() {
        for scale in [X265_SCALE, AV1_SCALE] {
            let all: Vec<u8> = (0..=60).map(|crf| on_scale(crf, scale)).collect();
            assert!(all.windows(2).all(|pair| pair[0] <= pair[1]), "{all:?}");
            assert_eq!(
                (all[0], all[51], all[60]),
                (scale[0].1, scale[4].1, scale[4].1)
            );
            assert!(
                scale
                    .iter()
                    .all(|&(at, value)| on_scale(at, scale) == value)
            );
        }
    }

    #[test]
    fn every_quality_is_one_that_its_encoder_takes() {
        for row in BACKENDS {
            for crf in [0, 20, 51] {
                let mut arguments = Arguments::default();
                (row.effort)(&mut arguments, crf, Preset::Veryfast);
                let words: Vec<String> = arguments
                    .0
                    .iter()
                    .map(|word| word.to_string_lossy().into_owned())
                    .collect();
                let at = words.iter().position(|word| {
                    ["-crf", "-cq", "-global_quality", "-qp", "-q:v"].contains(&word.as_str())
                });
                let value: u32 = words[at.unwrap() + 1].parse().unwrap();
                assert!(value <= 255, "{} {words:?}", row.encoder);
                assert!(crf > 0 || value <= 5 || row.encoder.name().starts_with("video"));
            }
        }
    }
}
