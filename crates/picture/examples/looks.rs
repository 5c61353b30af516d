//! Paints the pictures of `docs/guide/looks.md`:
//! `cargo run -p workprint-picture --example looks -- PICTURE FOLDER [WIDTH]`.
//!
//! PICTURE is an SVG or a still. Each look gives a JPEG with the picture before and after it; looks
//! that move give four frames that follow each other.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use workprint_model::episode::{Blend, Crop, Fit, Move, PlateSpec};
use workprint_model::look::{BUILT_IN, Look};
use workprint_model::timeline::{
    Clip, Entry, PlacedLook, PlacedPicture, PlacedShot, Still, StillLayer, Timeline,
};
use workprint_model::{Artifact, Digest, Frames, Percent, Rate, ShotId, Size};
use workprint_picture::{
    CaptionArt, CaptionLook, Cube, Fonts, Painter, PictureError, Raster, Rgba, Sources, Yuv,
    resolve, still, svg, to_rgb8,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

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

struct Gallery {
    picture: Arc<Raster>,
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let picture = PathBuf::from(arguments.next().ok_or("name a picture")?);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder")?);
    let width: u32 = arguments.next().map_or(Ok(400), |width| width.parse())?;
    std::fs::create_dir_all(&folder)?;
    let size = Size {
        width: width / 2 * 2,
        height: width * 9 / 16 / 2 * 2,
    };
    let gallery = Gallery {
        picture: Arc::new(Raster::from_rgba(&read(&picture, size)?)),
    };
    let before = gallery.frame(size, gallery.picture(), Vec::new(), 0)?;
    let parsed = LOOKS.iter().map(|(name, text)| {
        let look: Look = serde_json::from_str(text)?;
        Ok(((*name).to_owned(), vec![look]))
    });
    let parsed: Vec<_> = parsed.collect::<Outcome<_>>()?;
    let named = BUILT_IN
        .iter()
        .map(|(name, looks)| (format!("named-{name}"), looks()));
    for (name, looks) in parsed.into_iter().chain(named) {
        let after = gallery.frame(size, gallery.picture(), looks, 12)?;
        write(
            &folder.join(name).with_extension("jpg"),
            &[before.clone(), after],
        )?;
    }
    for (name, text) in MOVING {
        let look: Look = serde_json::from_str(text)?;
        let frames =
            (20..24).map(|at| gallery.frame(size, gallery.picture(), vec![look.clone()], at));
        let frames: Vec<Yuv> = frames.collect::<Outcome<_>>()?;
        write(&folder.join(name).with_extension("jpg"), &frames)?;
    }
    for (name, text) in PLATES {
        let plate: PlateSpec = serde_json::from_str(text)?;
        let frame = gallery.frame(size, PlacedPicture::Plate(plate), Vec::new(), 0)?;
        write(&folder.join(name).with_extension("jpg"), &[frame])?;
    }
    Ok(())
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

impl Gallery {
    fn picture(&self) -> PlacedPicture {
        let size = self.picture.size();
        PlacedPicture::Still(Still {
            layers: vec![StillLayer {
                image: artifact(),
                x: 0,
                y: 0,
                size,
                depth: 50,
                blend: Blend::Normal,
            }],
            size,
            bleed_x: 0,
            bleed_y: 0,
            parallax: Percent::new(0),
        })
    }

    fn frame(&self, size: Size, picture: PlacedPicture, looks: Vec<Look>, at: u64) -> Outcome<Yuv> {
        let looks = looks.into_iter().map(|look| PlacedLook {
            cube: look.file().map(|_| artifact()),
            look,
        });
        let shot = PlacedShot {
            id: ShotId::slug("hill", "shot"),
            from: Frames(0),
            length: Frames(100),
            picture,
            camera: Move::default(),
            fit: Fit::Cover,
            focus: None,
            crop: Crop::default(),
            entry: Entry::Cut,
            puppets: Vec::new(),
            looks: looks.collect(),
            timed_by: Vec::new(),
        };
        let line = Timeline {
            rate: Rate::FPS_30,
            size,
            length: shot.length,
            cues: Vec::new(),
            shots: vec![shot],
            looks: Vec::new(),
            overlays: Vec::new(),
            captions: Vec::new(),
            sounds: Vec::new(),
            chapters: Vec::new(),
            slate: false,
        };
        let mut out = Yuv::new(size)?;
        Painter::new().paint(&resolve(&line, Frames(at)), self, &mut out)?;
        Ok(out)
    }
}

fn artifact() -> Artifact {
    Artifact {
        digest: Digest::of(b"picture"),
        media_type: "image/png".to_owned(),
        bytes: 1,
    }
}

fn nothing(what: &str) -> PictureError {
    PictureError::Source {
        what: what.to_owned(),
        cause: "there is none here".into(),
    }
}

impl Sources for Gallery {
    fn still(&self, _: &Artifact) -> Result<Arc<Raster>, PictureError> {
        Ok(Arc::clone(&self.picture))
    }

    fn clip(&self, _: &Clip, _: Size, _: Frames) -> Result<Arc<Yuv>, PictureError> {
        Err(nothing("a clip"))
    }

    fn cube(&self, _: &Artifact) -> Result<Arc<Cube>, PictureError> {
        Cube::parse(CUBE)
            .map(Arc::new)
            .map_err(|_| nothing("the table"))
    }

    fn caption(&self, _: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Err(nothing("a caption"))
    }
}

/// Frames beside each other, four pixels of grey between them.
fn write(path: &Path, frames: &[Yuv]) -> Outcome<()> {
    const GAP: usize = 4;
    let Some(first) = frames.first() else {
        return Ok(());
    };
    let (width, height) = (first.size.width as usize, first.size.height as usize);
    let rows: Vec<Vec<u8>> = frames.iter().map(to_rgb8).collect();
    let mut pixels = Vec::new();
    for row in 0..height {
        for (number, frame) in rows.iter().enumerate() {
            if number > 0 {
                pixels.extend([128; 3 * GAP]);
            }
            pixels.extend_from_slice(&frame[row * width * 3..][..width * 3]);
        }
    }
    let across = frames.len() * width + (frames.len() - 1) * GAP;
    let file = std::io::BufWriter::new(std::fs::File::create(path)?);
    JpegEncoder::new_with_quality(file, 84).encode(
        &pixels,
        across as u32,
        height as u32,
        image::ExtendedColorType::Rgb8,
    )?;
    Ok(())
}
