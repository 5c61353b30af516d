//! An ASS file as players show it stands where the burned captions stand.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers may fail as the test itself may"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use workprint_interchange::captions::{AssLook, ass};
use workprint_model::caption::CaptionPlace;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{Clip, PlacedCaption, Timeline};
use workprint_model::{Artifact, Frames, Rate, Safe, Size};
use workprint_picture::caption::{family, fitted};
use workprint_picture::{
    CaptionArt, CaptionLook, Fonts, PictureError, Raster, Sources, Yuv, paint_frame,
};

/// Nothing but captions.
struct OnlyCaptions;

impl Sources for OnlyCaptions {
    fn still(&self, _: &Artifact) -> Result<Arc<Raster>, PictureError> {
        unreachable!("there is no shot")
    }

    fn clip(&self, _: &Clip, _: Size, _: Frames) -> Result<Arc<Yuv>, PictureError> {
        unreachable!("there is no shot")
    }

    fn caption(&self, look: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Ok(Arc::new(CaptionArt::draw(look, Fonts::built_in())))
    }
}

/// Left, top, right and bottom of what is bright.
fn bright(luma: &[u8], size: Size) -> [i64; 4] {
    let width = size.width as usize;
    let lit = (0..luma.len()).filter(|&at| luma[at] > 140);
    let mut found = [i64::MAX, i64::MAX, 0, 0];
    for at in lit {
        let (x, y) = ((at % width) as i64, (at / width) as i64);
        found = [
            found[0].min(x),
            found[1].min(y),
            found[2].max(x),
            found[3].max(y),
        ];
    }
    assert!(found[2] > 0, "nothing is seen");
    found
}

fn burned(caption: &PlacedCaption, size: Size) -> [i64; 4] {
    let line = Timeline {
        rate: Rate::FPS_30,
        size,
        length: Frames(30),
        cues: Vec::new(),
        shots: Vec::new(),
        overlays: Vec::new(),
        captions: vec![caption.clone()],
        sounds: Vec::new(),
        looks: Vec::new(),
        slate: false,
        chapters: Vec::new(),
    };
    let frame = paint_frame(&line, Frames(10), &OnlyCaptions).unwrap();
    bright(frame.planes()[0], size)
}

fn as_burned(caption: &PlacedCaption, size: Size) -> AssLook {
    let look = CaptionLook {
        lines: caption.lines.clone(),
        style: caption.style.clone(),
        language: caption.language.clone(),
        frame: size,
        safe: caption.safe,
        words: Vec::new(),
        heard: None,
    };
    let family = family(&look);
    AssLook {
        font: family.name.to_owned(),
        line: family.line.unsigned_abs(),
        below: family.below,
        above: family.above,
        fitted: fitted(&look, Fonts::built_in()),
    }
}

/// What libass shows of the file after a third of a second.
#[expect(
    clippy::disallowed_methods,
    reason = "the player under test is ffmpeg with libass"
)]
fn played(caption: &PlacedCaption, size: Size) -> [i64; 4] {
    let folder = tempfile::tempdir().unwrap();
    let look = |caption: &PlacedCaption| as_burned(caption, size);
    let text = ass(
        std::slice::from_ref(caption),
        (Rate::FPS_30, size),
        look,
        |_| None,
    );
    std::fs::write(folder.path().join("c.ass"), text).unwrap();
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../picture/fonts");
    std::os::unix::fs::symlink(fonts.canonicalize().unwrap(), folder.path().join("fonts")).unwrap();
    let output = Command::new("ffmpeg")
        .current_dir(folder.path())
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .arg(format!(
            "color=black:s={}x{}:r=30:d=1",
            size.width, size.height
        ))
        .args([
            "-vf",
            "format=gray,ass=c.ass:fontsdir=fonts,trim=start_frame=10",
        ])
        .args(["-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        !told.contains("No such filter"),
        "this ffmpeg has no libass: install one that was built with `--enable-libass`, as Debian's is"
    );
    assert!(output.status.success(), "{told}");
    bright(&output.stdout, size)
}

fn caption(style: CaptionStyle, tag: &str, lines: &[&str]) -> PlacedCaption {
    PlacedCaption {
        cue: "c1".parse().unwrap(),
        speaker: None,
        second: None,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        from: Frames(0),
        length: Frames(30),
        style,
        language: tag.parse().unwrap(),
        burn: true,
        words: Vec::new(),
        safe: None,
        timed_by: Vec::new(),
    }
}

#[test]
fn players_show_captions_where_they_are_burned() {
    let wide = Size {
        width: 1280,
        height: 720,
    };
    let upright = Size {
        width: 720,
        height: 1280,
    };
    let style = |name: &str| CaptionStyle::built_in(name).unwrap();
    let two = &["She had kept the lamp burning", "for a hundred years"][..];
    let top = CaptionStyle {
        place: CaptionPlace::Top,
        ..style("outline")
    };
    let safe = PlacedCaption {
        safe: Some(Safe::Vertical.margins()),
        ..caption(style("outline"), "en", &["The sun comes", "up again"])
    };
    let middle = PlacedCaption {
        safe: Some(Safe::Vertical.margins()),
        ..caption(style("big"), "en", &["the sun", "came up"])
    };
    let long = "A line that is far too long for an upright frame";
    let cases = [
        ("outline", caption(style("outline"), "en", two), wide),
        ("plain", caption(style("plain"), "en", two), wide),
        ("top", caption(top, "en", two), wide),
        (
            "big",
            caption(style("big"), "en", &["the sun", "came up"]),
            upright,
        ),
        ("safe", safe, upright),
        ("middle of a safe box", middle, upright),
        ("fitted", caption(style("outline"), "en", &[long]), upright),
        (
            "arabic",
            caption(style("outline"), "ar", &["أشرقت الشمس من جديد"]),
            wide,
        ),
        (
            "japanese",
            caption(style("outline"), "ja", &["太陽が昇りました"]),
            wide,
        ),
    ];
    for (name, caption, size) in cases {
        let ours = burned(&caption, size);
        let theirs = played(&caption, size);
        // A third of a letter: fonts' lines are of different heights, and players round.
        let near = i64::from(caption.style.letter_size(size)) / 300;
        for side in 0..4 {
            let off = (ours[side] - theirs[side]).abs();
            assert!(off <= near, "{name}: burned {ours:?}, played {theirs:?}");
        }
    }
}
