//! What encodes the picture of a film.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What encodes an output's picture. Only what this machine can do is used: where a trial fails,
/// libx264, or the software encoder of the same kind of stream, takes its place.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Encoder {
    /// The best hardware for H.264 that works here, else libx264.
    Auto,
    /// libx264: H.264 on the CPU. The same frames give the same bytes on every machine.
    #[default]
    X264,
    /// libx265: HEVC on the CPU.
    X265,
    /// SVT-AV1: AV1 on the CPU.
    SvtAv1,
    /// NVIDIA NVENC: H.264.
    NvencH264,
    /// NVIDIA NVENC: HEVC.
    NvencHevc,
    /// NVIDIA NVENC: AV1.
    NvencAv1,
    /// Intel Quick Sync: H.264.
    QsvH264,
    /// Intel Quick Sync: HEVC.
    QsvHevc,
    /// Intel Quick Sync: AV1.
    QsvAv1,
    /// VA-API (Intel and AMD on Linux): H.264.
    VaapiH264,
    /// VA-API: HEVC.
    VaapiHevc,
    /// VA-API: AV1.
    VaapiAv1,
    /// Apple VideoToolbox: H.264.
    VideotoolboxH264,
    /// Apple VideoToolbox: HEVC.
    VideotoolboxHevc,
    /// Apple ProRes 4444 with alpha in a `.mov`: graphics and captions alone, on transparency.
    #[serde(rename = "prores-4444")]
    Prores4444,
}

/// The kind of stream that an encoder writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// H.264, also called AVC.
    H264,
    /// HEVC, also called H.265.
    Hevc,
    /// AV1.
    Av1,
    /// Apple ProRes 4444.
    Prores4444,
}

impl Encoder {
    /// Every encoder, in the order in which people are told of them.
    pub const ALL: [Self; 16] = [
        Self::Auto,
        Self::X264,
        Self::X265,
        Self::SvtAv1,
        Self::NvencH264,
        Self::NvencHevc,
        Self::NvencAv1,
        Self::QsvH264,
        Self::QsvHevc,
        Self::QsvAv1,
        Self::VaapiH264,
        Self::VaapiHevc,
        Self::VaapiAv1,
        Self::VideotoolboxH264,
        Self::VideotoolboxHevc,
        Self::Prores4444,
    ];

    /// Hardware for H.264, the best first: what [`Encoder::Auto`] tries.
    pub const AUTO: [Self; 4] = [
        Self::VideotoolboxH264,
        Self::NvencH264,
        Self::QsvH264,
        Self::VaapiH264,
    ];

    /// Its name, as `show.toml` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::X264 => "x264",
            Self::X265 => "x265",
            Self::SvtAv1 => "svt-av1",
            Self::NvencH264 => "nvenc-h264",
            Self::NvencHevc => "nvenc-hevc",
            Self::NvencAv1 => "nvenc-av1",
            Self::QsvH264 => "qsv-h264",
            Self::QsvHevc => "qsv-hevc",
            Self::QsvAv1 => "qsv-av1",
            Self::VaapiH264 => "vaapi-h264",
            Self::VaapiHevc => "vaapi-hevc",
            Self::VaapiAv1 => "vaapi-av1",
            Self::VideotoolboxH264 => "videotoolbox-h264",
            Self::VideotoolboxHevc => "videotoolbox-hevc",
            Self::Prores4444 => "prores-4444",
        }
    }

    /// What it writes.
    pub const fn codec(self) -> Codec {
        match self {
            Self::Auto
            | Self::X264
            | Self::NvencH264
            | Self::QsvH264
            | Self::VaapiH264
            | Self::VideotoolboxH264 => Codec::H264,
            Self::X265
            | Self::NvencHevc
            | Self::QsvHevc
            | Self::VaapiHevc
            | Self::VideotoolboxHevc => Codec::Hevc,
            Self::SvtAv1 | Self::NvencAv1 | Self::QsvAv1 | Self::VaapiAv1 => Codec::Av1,
            Self::Prores4444 => Codec::Prores4444,
        }
    }

    /// Whether it writes graphics and captions alone, with how opaque they are.
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::Prores4444)
    }

    /// Whether it runs on a graphics card or another circuit of its own.
    pub const fn is_hardware(self) -> bool {
        !matches!(
            self,
            Self::Auto | Self::X264 | Self::X265 | Self::SvtAv1 | Self::Prores4444
        )
    }

    /// What takes its place where it does not work, the nearest first; nothing can stand in for
    /// transparency.
    pub const fn substitutes(self) -> &'static [Self] {
        match self {
            Self::X264 | Self::Prores4444 => &[],
            Self::NvencHevc | Self::QsvHevc | Self::VaapiHevc | Self::VideotoolboxHevc => {
                &[Self::X265, Self::X264]
            }
            Self::NvencAv1 | Self::QsvAv1 | Self::VaapiAv1 => &[Self::SvtAv1, Self::X264],
            _ => &[Self::X264],
        }
    }

    /// Whether it is the one that is used where none is named.
    pub const fn is_default(&self) -> bool {
        matches!(self, Self::X264)
    }
}

impl std::fmt::Display for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_format() {
        for encoder in Encoder::ALL {
            let written = serde_json::to_string(&encoder).unwrap();
            assert_eq!(written, format!("\"{encoder}\""));
        }
        let unknown = serde_json::from_str::<Encoder>("\"none\"").unwrap_err();
        let all = Encoder::ALL
            .map(|encoder| format!("`{encoder}`"))
            .join(", ");
        let told = unknown.to_string();
        assert!(told.contains(&format!("one of {all} at")), "{told}");
    }

    #[test]
    fn a_substitute_is_software_of_the_same_kind_where_there_is_one() {
        for encoder in [Encoder::NvencHevc, Encoder::VaapiAv1, Encoder::QsvH264] {
            let first = encoder.substitutes()[0];
            assert_eq!(first.codec(), encoder.codec());
            assert!(!first.is_hardware());
            assert_eq!(encoder.substitutes().last(), Some(&Encoder::X264));
        }
        assert!(Encoder::X264.substitutes().is_empty());
    }
}
