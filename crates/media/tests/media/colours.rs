//! Colours of every system, measured: a wrong matrix, range, curve or set of primaries fails.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use workprint_media::{Cancel, Media, MediaErrorKind, Programs};

use crate::fixtures::{frames, make, media, programs, spec};

const SIZE: (u32, u32) = (64, 48);

/// Y, U and V in the middle of a clip's first frame.
fn middle(path: &Path) -> [i32; 3] {
    let frame = &frames(&media(), &spec(path, "5", SIZE))[0];
    let luma = (SIZE.0 * SIZE.1) as usize;
    [
        luma / 2 + 32,
        luma + luma / 8 + 16,
        luma * 5 / 4 + luma / 8 + 16,
    ]
    .map(|at| i32::from(frame[at]))
}

fn near(found: [i32; 3], expected: [i32; 3], by: i32) -> bool {
    let mut pairs = found.iter().zip(expected);
    pairs.all(|(found, expected)| (found - expected).abs() <= by)
}

/// A clip whose samples are exactly these, of ten bits, with these tags.
fn samples(path: &Path, [luma, blue, red]: [u32; 3], tags: &str) {
    make(
        &format!(
            "-f lavfi -i color=gray:s=64x48:r=5:d=0.4,format=yuv444p10le \
             -vf geq=lum={luma}:cb={blue}:cr={red} -c:v ffv1 {tags}"
        ),
        path,
    );
}

const PQ: &str =
    "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv";
const HLG: &str =
    "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -color_range tv";

/// Grey of PQ and of HLG: the light that they mean is known from the standards (SMPTE ST 2084, ITU-R
/// BT.2100), and paper white (203 nits, ITU-R BT.2408) must become nearly all of what SDR shows.
#[test]
fn bright_light_comes_into_range() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hdr.mkv");
    // PQ has 0.58 for 203 nits and HLG 0.75: 64 + 876 times that. Decoded as if they were SDR they
    // would be 143 and 180.
    for (tags, paper, middle_grey) in [(PQ, 573, 397), (HLG, 721, 397)] {
        samples(&path, [paper, 512, 512], tags);
        let white = middle(&path);
        assert!(
            (190..=215).contains(&white[0]),
            "{tags}: paper is {white:?}"
        );
        // A grey card: 26 nits, 0.38 of either, and 0.128 of paper. A screen of BT.1886 shows so much
        // at 0.425, which is 109; decoded as if it were SDR it would be 99.
        samples(&path, [middle_grey, 512, 512], tags);
        let card = middle(&path);
        assert!(
            (106..=113).contains(&card[0]),
            "{tags}: a grey card is {card:?}"
        );
        samples(&path, [64, 512, 512], tags);
        assert!(near(middle(&path), [16, 128, 128], 1), "{tags}: black");
        samples(&path, [940, 512, 512], tags);
        let most = middle(&path);
        assert!(
            (222..=236).contains(&most[0]),
            "{tags}: the most is {most:?}"
        );
        for grey in [white, card, most] {
            assert!(
                near(grey, [grey[0], 128, 128], 1),
                "{tags}: {grey:?} is grey"
            );
        }
    }
}

/// Colours of BT.709 as BT.2020 and PQ write them come back with their hues.
#[test]
fn hues_of_bright_light_stay() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hdr.mkv");
    for (colour, hue) in [
        ("0xC02020", 0.0),
        ("0x208020", 120.0),
        ("0x2020C0", 240.0),
        ("0xC0A020", 48.0),
    ] {
        make(
            &format!(
                "-f lavfi -i color={colour}:s=64x48:r=5:d=0.4,format=gbrp -vf setparams=colorspace=gbr:range=pc:color_primaries=bt709:color_trc=bt709,zscale=\
                 transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=2020:\
                 transfer=smpte2084:matrix=2020_ncl:range=limited:npl=203,format=yuv444p10le -c:v ffv1 {PQ}"
            ),
            &path,
        );
        let found = hue_of(middle(&path));
        let off = (found - hue + 540.0) % 360.0 - 180.0;
        assert!(off.abs() < 6.0, "{colour}: {found}");
    }
}

/// The hue of a BT.709 colour, in degrees of the hexagon.
fn hue_of([luma, blue, red]: [i32; 3]) -> f64 {
    let luma = f64::from(luma - 16) * 255.0 / 219.0;
    let away = |sample: i32| f64::from(sample - 128) * 255.0 / 224.0;
    let (red, blue) = (luma + 1.5748 * away(red), luma + 1.8556 * away(blue));
    let green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152;
    let most = red.max(green).max(blue);
    let span = most - red.min(green).min(blue);
    let sector = if red >= most {
        (green - blue) / span
    } else if green >= most {
        2.0 + (blue - red) / span
    } else {
        4.0 + (red - green) / span
    };
    (60.0 * sector + 360.0) % 360.0
}

/// Wide colours of SDR: P3 and BT.2020. As if they were BT.709's, the first would be 115, 98, 177.
#[test]
fn wide_primaries_are_converted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wide.mkv");
    let p3 = "-color_primaries smpte432 -color_trc iec61966-2-1 -colorspace bt709 -color_range tv";
    // (200, 100, 50) of Display P3 is (215, 93, 31) in sRGB.
    let [red, green, blue] = [200.0, 100.0, 50.0];
    let stored = ten_bits([red, green, blue], [0.2126, 0.0722]);
    samples(&path, stored, p3);
    let found = middle(&path);
    let expected = eight_bits([215.0, 93.0, 31.0]);
    assert!(near(found, expected, 3), "{found:?} {expected:?}");

    let bt2020 =
        "-color_primaries bt2020 -color_trc bt2020-10 -colorspace bt2020nc -color_range tv";
    samples(&path, [502, 512, 512], bt2020);
    assert!(near(middle(&path), [126, 128, 128], 1), "grey stays");
    // BT.2020's red is more than BT.709 has: as much of it as there is.
    samples(&path, ten_bits([255.0, 0.0, 0.0], [0.2627, 0.0593]), bt2020);
    let found = middle(&path);
    assert!(near(found, [63, 102, 240], 3), "{found:?}");
}

/// A colour in ten bits, limited range, by the weights of red and blue.
fn ten_bits(colour: [f64; 3], [red, blue]: [f64; 2]) -> [u32; 3] {
    let [reds, greens, blues] = colour.map(|level| level / 255.0);
    let luma = red * reds + (1.0 - red - blue) * greens + blue * blues;
    let away_blue = (blues - luma) / (2.0 * (1.0 - blue));
    let away_red = (reds - luma) / (2.0 * (1.0 - red));
    [
        64.0 + 876.0 * luma,
        512.0 + 896.0 * away_blue,
        512.0 + 896.0 * away_red,
    ]
    .map(|value| value.round() as u32)
}

fn eight_bits(colour: [f64; 3]) -> [i32; 3] {
    ten_bits(colour, [0.2126, 0.0722]).map(|value| (f64::from(value) / 4.0).round() as i32)
}

/// Every matrix and range, tagged and not, in eight and ten bits.
#[test]
fn matrices_and_ranges_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("colour.mkv");
    // Green tells matrices apart by 29 of luma, and ranges by 14.
    let expected = eight_bits([30.0, 180.0, 60.0]);
    for (matrix, tag) in [
        ("bt709", "bt709"),
        ("bt601", "smpte170m"),
        ("bt601", "bt470bg"),
        ("smpte240m", "smpte240m"),
        ("fcc", "fcc"),
        ("bt2020", "bt2020nc"),
    ] {
        for range in ["tv", "pc"] {
            for format in ["yuv420p", "yuv422p10le"] {
                make(
                    &format!(
                        "-f lavfi -i color=0x1EB43C:s=64x48:r=5:d=0.4,format=gbrp -vf scale=out_color_matrix={matrix}:\
                         out_range={range},format={format} -c:v ffv1 -colorspace {tag} -color_range {range}"
                    ),
                    &path,
                );
                let found = middle(&path);
                assert!(
                    near(found, expected, 2),
                    "{tag} {range} {format}: {found:?} {expected:?}"
                );
            }
        }
    }
}

/// An untagged file is taken for what its size was made for.
#[test]
fn untagged_files_count_by_their_size() {
    let dir = tempfile::tempdir().unwrap();
    let expected = eight_bits([30.0, 180.0, 60.0]);
    for (size, matrix) in [
        ("720x576", "bt601"),
        ("640x480", "bt601"),
        ("1280x720", "bt709"),
        ("1920x1080", "bt709"),
    ] {
        let path = dir.path().join("untagged.avi");
        make(
            &format!(
                "-f lavfi -i color=0x1EB43C:s={size}:r=5:d=0.2,format=gbrp -vf scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p \
                 -c:v rawvideo"
            ),
            &path,
        );
        let found = middle(&path);
        assert!(near(found, expected, 2), "{size}: {found:?} {expected:?}");
    }
}

/// What lies behind transparent parts is black, not the colour that was hidden there.
#[test]
fn transparent_parts_lie_on_black() {
    let dir = tempfile::tempdir().unwrap();
    // Half of red: 16 + 219 · 0.2126 / 2, and half of its colour.
    let half = [39, 115, 184];
    for (name, format, codec) in [
        ("a.mov", "argb", "-c:v qtrle"),
        ("b.mov", "yuva444p10le", "-c:v prores_ks -profile:v 4444"),
        ("c.webm", "yuva420p", "-c:v libvpx-vp9 -b:v 1M"),
        ("d.mov", "rgba", "-c:v png"),
        ("e.mkv", "yuva420p", "-c:v ffv1"),
    ] {
        let path = dir.path().join(name);
        make(
            &format!("-f lavfi -i color=red@0.5:s=64x48:r=5:d=0.4,format={format} {codec}"),
            &path,
        );
        let found = middle(&path);
        assert!(near(found, half, 2), "{name}: {found:?}");
        // Nothing at all of a colour is black.
        make(
            &format!("-f lavfi -i color=red@0.0:s=64x48:r=5:d=0.4,format={format} {codec}"),
            &path,
        );
        let found = middle(&path);
        assert!(near(found, [16, 128, 128], 2), "{name}: {found:?}");
    }
}

/// An ffmpeg without the filter says what is missing, not that the file is broken.
#[test]
fn a_missing_filter_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hdr.mkv");
    samples(&path, [572, 512, 512], PQ);
    // The same ffmpeg under another name for the filter.
    let fake = dir.path().join("ffmpeg");
    let real = programs();
    let script = format!(
        "#!/bin/bash\n{} \"${{@//zscale/zscala}}\" 2> \"$0.said\"\ncode=$?\nsed s/zscala/zscale/ \"$0.said\" >&2\nexit $code\n",
        real.ffmpeg.display()
    );
    std::fs::write(&fake, script).unwrap();
    std::fs::set_permissions(&fake, Permissions::from_mode(0o755)).unwrap();
    let media = Media::new(
        Programs {
            ffmpeg: fake,
            ..real
        },
        Cancel::default(),
    );
    let spec = spec(&path, "5", SIZE);
    let mut reader = media.decode_video(&spec).unwrap();
    let error = reader.next(&mut vec![0; spec.frame_bytes()]).unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::BadMedia);
    let told = error.to_string();
    assert!(
        told.contains("zscale") && told.contains("install an ffmpeg"),
        "{told}"
    );
}
