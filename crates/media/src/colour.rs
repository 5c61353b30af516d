//! The filters that bring a video's colours to BT.709 in limited range.

use workprint_model::Size;

use crate::probe::VideoStream;

/// Nits that become the white of paper, of which film shows a little less than all: ITU-R BT.2408.
const PAPER: u32 = 203;

/// The filters that scale a picture and bring its colours to BT.709 in limited range, each after a
/// comma.
///
/// Light of more than an SDR picture can show (PQ and HLG) is brought into its range by a curve that
/// leaves what is darker than paper nearly alone. The primaries of BT.2020 and P3 are converted, what
/// BT.709 has not is cut off. Those of older systems differ by less than can be seen and are left.
pub(crate) fn to_bt709(video: &VideoStream, size: Size, format: &str) -> String {
    let scale = format!(
        ",scale={}:{}:flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp",
        size.width, size.height
    );
    let matrix = matrix(video);
    match Light::of(video) {
        Light::Plain => format!(
            "{scale}:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv,format={format}"
        ),
        Light::Wide(light) => format!(
            "{scale},{},format={format}",
            light.filters(video.colour.range.as_deref() == Some("pc"))
        ),
    }
}

/// Whether the light of a picture is that of SDR and BT.709's primaries.
pub(crate) fn is_plain(video: &VideoStream) -> bool {
    matches!(Light::of(video), Light::Plain)
}

/// What the light of a picture needs.
enum Light {
    /// Its matrix and range at most.
    Plain,
    /// A conversion of light itself.
    Wide(Wide),
}

/// Light of other primaries than BT.709's, or of more than SDR can show.
struct Wide {
    matrix: &'static str,
    primaries: &'static str,
    transfer: &'static str,
    /// Whether it is brighter than SDR can show.
    bright: bool,
}

impl Light {
    fn of(video: &VideoStream) -> Self {
        let tags = &video.colour;
        let (transfer, bright) = match tags.transfer.as_deref() {
            Some("smpte2084") => ("smpte2084", true),
            Some("arib-std-b67") => ("arib-std-b67", true),
            Some("bt2020-12") => ("2020_12", false),
            Some("iec61966-2-1") => ("iec61966-2-1", false),
            _ => ("709", false),
        };
        let primaries = match tags.primaries.as_deref() {
            Some("bt2020") => "2020",
            Some("smpte432") => "smpte432",
            Some("smpte431") => "smpte431",
            Some("bt709") if bright => "709",
            // What is so bright is of BT.2020 where nothing else is said.
            _ if bright => "2020",
            _ => return Self::Plain,
        };
        let matrix = match matrix(video) {
            "bt709" => "709",
            "bt601" => "170m",
            "bt2020" if tags.matrix.as_deref() == Some("bt2020c") => "2020_cl",
            "auto" => "gbr",
            _ => "2020_ncl",
        };
        Self::Wide(Wide {
            matrix: if bright && tags.matrix.is_none() {
                "2020_ncl"
            } else {
                matrix
            },
            primaries,
            transfer,
            bright,
        })
    }
}

impl Wide {
    fn filters(&self, full: bool) -> String {
        let Self {
            matrix,
            primaries,
            transfer,
            bright,
        } = self;
        // Whole numbers of RGB on the way out: they cut off what BT.709 has not.
        let range = if full { "full" } else { "limited" };
        // Hable's and Reinhard's curves darken faces; this one is a straight line up to a third.
        let (curve, out) = if *bright {
            ("tonemap=mobius,", "709")
        } else {
            // Curves of SDR are left as they are: screens make no difference between them.
            ("", *transfer)
        };
        format!(
            "zscale=matrixin={matrix}:primariesin={primaries}:transferin={transfer}:rangein={range}:\
transfer=linear:npl={PAPER},format=gbrpf32le,zscale=primaries=709,{curve}\
zscale=transfer={out}:range=full,format=gbrp16le,\
zscale=matrixin=gbr:rangein=full:matrix=709:range=limited"
        )
    }
}

fn matrix(video: &VideoStream) -> &'static str {
    match video.colour.matrix.as_deref() {
        Some("bt709") => "bt709",
        Some("fcc") => "fcc",
        Some("smpte240m") => "smpte240m",
        Some("bt2020nc" | "bt2020c") => "bt2020",
        Some("smpte170m" | "bt470bg") => "bt601",
        Some("gbr") => "auto",
        // JPEG means BT.601 whatever its size.
        _ if video.codec == "mjpeg" || video.codec == "webp" => "bt601",
        _ if video.coded.height >= 720 || video.coded.width >= 1280 => "bt709",
        _ => "bt601",
    }
}
