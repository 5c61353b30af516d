//! Paints the pictures of `docs/guide/looks.md`:
//! `cargo run -p workprint-picture --example looks -- PICTURE FOLDER [WIDTH]`.
//!
//! PICTURE is an SVG or a still. Each look gives a JPEG with the picture before and after it; looks
//! that move give four frames that follow each other.

mod shared;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shared::{Desk, Outcome, artifact, sheet, shot, timeline, write};
use workprint_model::Size;
use workprint_model::episode::PlateSpec;
use workprint_model::look::{BUILT_IN, Look};
use workprint_model::timeline::{PlacedLook, PlacedPicture};
use workprint_picture::{Cube, Fonts, Rgba, Yuv, still, svg};

/// Name, and the look as a manifest has it.
const LOOKS: &[(&str, &str)] = &[
    (
        "grade",
        r#"{"grade":{"temperature":35,"contrast":135,"lift":{"blue":6},"gain":{"red":6}}}"#,
    ),
    ("lut", r#"{"lut":{"file":"media/teal.cube","amount":80}}"#),
    ("mono", r##"{"mono":{"filter":"#ff7a30"}}"##),
    ("blur", r#"{"blur":{"radius":1.2}}"#),
    ("sharpen", r#"{"sharpen":{"amount":180,"radius":0.3}}"#),
    ("glow", r#"{"glow":{"amount":70,"threshold":40}}"#),
    ("vignette", r#"{"vignette":{"amount":60}}"#),
    ("comic", r#"{"comic":{"dots":1.3}}"#),
    ("letterbox", r#"{"letterbox":{"ratio":2.39}}"#),
];

const MOVING: &[(&str, &str)] = &[
    ("grain", r#"{"grain":{"amount":45,"size":200}}"#),
    (
        "jank",
        r#"{"jank":{"dust":70,"scratches":75,"weave":60,"flicker":60}}"#,
    ),
];

const PLATES: &[(&str, &str)] = &[
    ("plate-down", r##"{"colour":"#0b102b","to":"#f29a5c"}"##),
    (
        "plate-round",
        r##"{"colour":"#2c6e8f","to":"#071018","radial":true,"y":40}"##,
    ),
];

/// Teal shadows and orange lights.
const CUBE: &str = "LUT_3D_SIZE 2\n0 0.04 0.06\n0.97 0.12 0.04\n0.04 0.75 0.45\n1 0.88 0.4\n\
    0.02 0.14 0.7\n0.8 0.2 0.65\n0.04 0.8 0.85\n1 0.98 0.92\n";

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let picture = PathBuf::from(arguments.next().ok_or("name a picture")?);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder")?);
    let width: u32 = arguments.next().map_or(Ok(400), |width| width.parse())?;
    std::fs::create_dir_all(&folder)?;
    let size = Size {
        width: width / 2 * 2,
        height: width * 9 / 16 / 2 * 2,
    };
    let image = read(&picture, size)?;
    let mut desk = Desk::default();
    desk.cube = Some(Arc::new(Cube::parse(CUBE)?));
    let gallery = Gallery {
        picture: shared::picture(desk.add("picture", &image), image.size),
        desk,
    };
    let before = gallery.frame(size, gallery.picture.clone(), Vec::new(), 0)?;
    let parsed = LOOKS.iter().map(|(name, text)| {
        let look: Look = serde_json::from_str(text)?;
        Ok(((*name).to_owned(), vec![look]))
    });
    let parsed: Vec<_> = parsed.collect::<Outcome<_>>()?;
    let named = BUILT_IN
        .iter()
        .map(|(name, looks)| (format!("named-{name}"), looks()));
    for (name, looks) in parsed.into_iter().chain(named) {
        let after = gallery.frame(size, gallery.picture.clone(), looks, 12)?;
        side_by_side(&folder.join(name), &[before.clone(), after])?;
    }
    for (name, text) in MOVING {
        let look: Look = serde_json::from_str(text)?;
        let frames =
            (20..24).map(|at| gallery.frame(size, gallery.picture.clone(), vec![look.clone()], at));
        let frames: Vec<Yuv> = frames.collect::<Outcome<_>>()?;
        side_by_side(&folder.join(name), &frames)?;
    }
    for (name, text) in PLATES {
        let plate: PlateSpec = serde_json::from_str(text)?;
        let frame = gallery.frame(size, PlacedPicture::Plate(plate), Vec::new(), 0)?;
        side_by_side(&folder.join(name), &[frame])?;
    }
    Ok(())
}

fn side_by_side(path: &Path, frames: &[Yuv]) -> Outcome {
    write(
        &path.with_extension("jpg"),
        &sheet(frames, frames.len(), 4)?,
    )
}

fn read(path: &Path, size: Size) -> Outcome<Rgba> {
    let bytes = std::fs::read(path)?;
    if path.extension().is_some_and(|ending| ending == "svg") {
        let text = String::from_utf8(bytes)?;
        let flat = text.replace("data-depth", "data-far");
        let drawn = svg::layers(&flat, size, 1.0, &"en".parse()?, Fonts::built_in())?;
        let (_, layer) = drawn
            .layers
            .into_iter()
            .next()
            .ok_or("the picture is empty")?;
        return Ok(layer);
    }
    Ok(still::decode_still(&bytes)?)
}

struct Gallery {
    desk: Desk,
    picture: PlacedPicture,
}

impl Gallery {
    fn frame(&self, size: Size, picture: PlacedPicture, looks: Vec<Look>, at: u64) -> Outcome<Yuv> {
        let looks = looks.into_iter().map(|look| PlacedLook {
            cube: look.file().map(|_| artifact("table")),
            look,
        });
        let mut shot = shot(100, picture);
        shot.looks = looks.collect();
        self.desk.paint(&timeline(size, vec![shot]), at)
    }
}
