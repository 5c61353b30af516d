//! Writes a sheet of a puppet's mouths, moods or gestures, as films show them:
//! `cargo run -p workprint-picture --example puppet-sheet -- FILE.svg mouths|moods|gestures OUT.jpg`

mod shared;

use std::path::Path;

use shared::{Desk, Outcome, picture, sheet, shot, timeline, write};
use workprint_model::episode::Colour;
use workprint_model::puppet::{Act, Mood};
use workprint_model::rig::{Mouth, PlacedAct, PlacedPuppet, Rig, RigPiece};
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::PlacedCaption;
use workprint_model::{CueId, Frames, Language, Percent, Size};
use workprint_picture::puppet::{self, usual_length};
use workprint_picture::{Fonts, Rgba};

const CELL: Size = Size {
    width: 264,
    height: 264,
};

/// The colour behind the puppet.
const WALL: [u8; 4] = [64, 58, 116, 255];

/// What one cell shows.
struct Cell {
    label: String,
    mouth: Mouth,
    mood: Mood,
    act: Option<Act>,
}

fn cells(kind: &str) -> Outcome<(Vec<Cell>, bool)> {
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

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, kind, out] = &arguments[..] else {
        return Err("name an SVG, a sheet (mouths, moods or gestures), and a JPEG to write".into());
    };
    let svg = std::fs::read_to_string(file)?;
    let language: Language = "en".parse()?;
    let (cells, near) = cells(kind)?;
    let (percent, feet) = if near { (176, 168) } else { (90, 95) };
    let pixels = CELL.height * percent / 100 * 3 / 2;
    let drawn = puppet::draw(&svg, pixels, false, &language, Fonts::built_in())?;
    let mut desk = Desk::default();
    let wall = Rgba {
        size: CELL,
        pixels: WALL.repeat((CELL.width * CELL.height) as usize),
    };
    let wall = picture(desk.add("wall", &wall), CELL);
    let mut pieces = Vec::new();
    for (number, (part, placed)) in drawn.pieces.iter().enumerate() {
        pieces.push(RigPiece {
            image: desk.add(&format!("piece {number}"), &placed.image),
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
    let mut frames = Vec::new();
    for cell in &cells {
        let mut shot = shot(60, wall.clone());
        shot.puppets = vec![stand(&rig, cell, (percent, feet))];
        let mut line = timeline(CELL, vec![shot]);
        line.captions = vec![label(&cell.label, &language)];
        frames.push(desk.paint(&line, 12)?);
    }
    write(Path::new(out), &sheet(&frames, columns, 6)?)
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

/// The label at the foot.
fn label(label: &str, language: &Language) -> PlacedCaption {
    PlacedCaption {
        cue: CueId::slug("label", "cue"),
        speaker: None,
        second: None,
        lines: vec![label.to_owned()],
        from: Frames(0),
        length: Frames(60),
        style: CaptionStyle {
            size: Percent::new(9),
            colour: Colour::new(255, 255, 255),
            bottom: Percent::new(3),
            ..CaptionStyle::default()
        },
        language: language.clone(),
        burn: true,
        words: Vec::new(),
        safe: None,
        timed_by: Vec::new(),
    }
}
