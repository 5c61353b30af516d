//! Writes a sheet of a puppet's mouths, moods or gestures, as films show them:
//! `cargo run -p workprint-picture --example puppet-sheet -- FILE.svg mouths|moods|gestures OUT.png`

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use workprint_model::episode::{Blend, Colour, Crop, Fit, Move};
use workprint_model::puppet::{Act, Mood};
use workprint_model::rig::{Mouth, PlacedAct, PlacedPuppet, Rig, RigPiece};
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{
    Clip, Entry, PlacedPicture, PlacedShot, Still, StillLayer, Timeline,
};
use workprint_model::{Artifact, Digest, Frames, Language, Percent, Rate, ShotId, Size};
use workprint_picture::caption::caption_plate;
use workprint_picture::puppet::{self, usual_length};
use workprint_picture::{
    CaptionArt, CaptionLook, Fonts, PictureError, Raster, Rgba, Sources, Yuv, paint_frame, still,
    to_rgb8,
};

const CELL: Size = Size {
    width: 264,
    height: 264,
};

/// The colour behind the puppet.
const WALL: [u8; 4] = [64, 58, 116, 255];

struct Memory {
    rasters: BTreeMap<Digest, Arc<Raster>>,
}

impl Sources for Memory {
    fn still(&self, image: &Artifact) -> Result<Arc<Raster>, PictureError> {
        self.rasters
            .get(&image.digest)
            .cloned()
            .ok_or_else(|| missing("the image"))
    }

    fn clip(&self, _: &Clip, _: Size, _: Frames) -> Result<Arc<Yuv>, PictureError> {
        Err(missing("the clip"))
    }

    fn caption(&self, _: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Err(missing("the caption"))
    }
}

fn missing(what: &str) -> PictureError {
    PictureError::Source {
        what: what.to_owned(),
        cause: "it is not on the sheet".into(),
    }
}

/// What one cell shows.
struct Cell {
    label: String,
    mouth: Mouth,
    mood: Mood,
    act: Option<Act>,
}

fn cells(kind: &str) -> Result<(Vec<Cell>, bool), Box<dyn Error>> {
    let plain = |label: &str| Cell {
        label: label.to_owned(),
        mouth: Mouth::X,
        mood: Mood::Neutral,
        act: None,
    };
    Ok(match kind {
        "mouths" => {
            let cell = |mouth: Mouth| Cell {
                mouth,
                ..plain(&mouth.letter().to_string())
            };
            (Mouth::ALL.into_iter().map(cell).collect(), true)
        }
        "moods" => {
            let cell = |mood: Mood| Cell {
                mood,
                ..plain(mood.name())
            };
            (Mood::ALL.into_iter().map(cell).collect(), true)
        }
        "gestures" => {
            let acts = [
                ("wave", Act::Wave),
                ("point-left", Act::PointLeft),
                ("cheer", Act::Cheer),
                ("shrug", Act::Shrug),
                ("think", Act::Think),
                ("look-right", Act::LookRight),
            ];
            let cell = |(label, act)| Cell {
                act: Some(act),
                ..plain(label)
            };
            (acts.into_iter().map(cell).collect(), false)
        }
        other => return Err(format!("`{other}` is no sheet: mouths, moods or gestures").into()),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, kind, out] = &arguments[..] else {
        return Err("name an SVG, a sheet (mouths, moods or gestures), and a PNG to write".into());
    };
    let svg = std::fs::read_to_string(file)?;
    let language: Language = "en".parse()?;
    let (cells, near) = cells(kind)?;
    let (percent, feet) = if near { (176, 168) } else { (90, 95) };
    let pixels = CELL.height * percent / 100 * 3 / 2;
    let drawn = puppet::draw(&svg, pixels, false, &language, Fonts::built_in())?;
    let mut memory = Memory {
        rasters: BTreeMap::new(),
    };
    let wall = Rgba {
        size: CELL,
        pixels: WALL.repeat((CELL.width * CELL.height) as usize),
    };
    let wall = keep(&mut memory, &wall);
    let mut pieces = Vec::new();
    for (part, placed) in &drawn.pieces {
        pieces.push(RigPiece {
            image: keep(&mut memory, &placed.image),
            x: placed.x,
            y: placed.y,
            size: placed.image.size,
            part: *part,
        });
    }
    let rig = Rig {
        height: drawn.height,
        parts: drawn.parts,
        pieces,
    };
    let columns = if cells.len() == 9 { 3 } else { cells.len() };
    let rows = cells.len().div_ceil(columns);
    let gap = 6;
    let size = Size {
        width: columns as u32 * (CELL.width + gap) - gap,
        height: rows as u32 * (CELL.height + gap) - gap,
    };
    let mut sheet = vec![255; size.width as usize * size.height as usize * 3];
    for (number, cell) in cells.iter().enumerate() {
        let standing = stand(&rig, cell, (percent, feet));
        let frame = paint_frame(&timeline(&wall, standing), Frames(12), &memory)?;
        let rgb = labelled(&to_rgb8(&frame), &cell.label, &language);
        let (x, y) = (number % columns, number / columns);
        let left = x * (CELL.width + gap) as usize;
        let top = y * (CELL.height + gap) as usize;
        for (row, line) in rgb.chunks_exact(CELL.width as usize * 3).enumerate() {
            let at = ((top + row) * size.width as usize + left) * 3;
            sheet[at..at + line.len()].copy_from_slice(line);
        }
    }
    std::fs::write(out, still::png_rgb8(&sheet, size)?)?;
    Ok(())
}

fn keep(memory: &mut Memory, image: &Rgba) -> Artifact {
    let digest = Digest::of(&[&image.size.width.to_le_bytes(), image.pixels.as_slice()].concat());
    memory
        .rasters
        .insert(digest, Arc::new(Raster::from_rgba(image)));
    Artifact {
        digest,
        media_type: "image/png".to_owned(),
        bytes: 1,
    }
}

fn stand(rig: &Rig, cell: &Cell, (percent, feet): (u32, u32)) -> PlacedPuppet {
    let act = cell.act.iter().map(|act| PlacedAct {
        act: act.clone(),
        from: Frames(0),
        length: Frames(u64::from(usual_length(act)) * 30 / 1000),
    });
    PlacedPuppet {
        rig: rig.clone(),
        x: Percent::new(50),
        y: Percent::new(feet as i32),
        height: Percent::new(percent as i32),
        depth: 50,
        idle: Percent::new(0),
        seed: 1,
        mood: cell.mood,
        talks: Vec::new(),
        mouths: vec![(Frames(0), cell.mouth)],
        looks: Vec::new(),
        acts: act.collect(),
        timed_by: Vec::new(),
    }
}

fn timeline(wall: &Artifact, puppet: PlacedPuppet) -> Timeline {
    let picture = PlacedPicture::Still(Still {
        layers: vec![StillLayer {
            image: wall.clone(),
            x: 0,
            y: 0,
            size: CELL,
            depth: 50,
            blend: Blend::Normal,
        }],
        size: CELL,
        bleed_x: 0,
        bleed_y: 0,
        parallax: Percent::new(0),
    });
    Timeline {
        rate: Rate::FPS_30,
        size: CELL,
        length: Frames(60),
        cues: Vec::new(),
        shots: vec![PlacedShot {
            looks: Vec::new(),
            id: ShotId::slug("sheet", "sheet"),
            from: Frames(0),
            length: Frames(60),
            picture,
            camera: Move::default(),
            fit: Fit::Cover,
            focus: None,
            crop: Crop::default(),
            puppets: vec![puppet],
            entry: Entry::Cut,
            timed_by: Vec::new(),
        }],
        looks: Vec::new(),
        overlays: Vec::new(),
        captions: Vec::new(),
        sounds: Vec::new(),
        chapters: Vec::new(),
        slate: false,
    }
}

/// The frame with its label at the foot.
fn labelled(rgb: &[u8], label: &str, language: &Language) -> Vec<u8> {
    let mut image = Rgba {
        size: CELL,
        pixels: rgb
            .chunks_exact(3)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
            .collect(),
    };
    let style = CaptionStyle {
        size: Percent::new(9),
        colour: Colour::new(255, 255, 255),
        bottom: Percent::new(3),
        ..CaptionStyle::default()
    };
    let look = CaptionLook {
        lines: vec![label.to_owned()],
        style,
        language: language.clone(),
        frame: CELL,
        safe: None,
        words: Vec::new(),
        heard: None,
    };
    let plate = caption_plate(&look, Fonts::built_in());
    plate.over(&mut image);
    image
        .pixels
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}
