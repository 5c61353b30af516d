//! Draws the pictures of `docs/guide/pictures.md`, out of the first example's art, with the painter
//! that paints films: `cargo run -p workprint-picture --example draw-moves`.

mod shared;

use std::path::{Path, PathBuf};

use shared::{Desk, Outcome, picture, root, sheet, shot, timeline, write};
use workprint_model::episode::{
    Blend, Colour, Crop, Direction, Ease, Fit, Focus, Framing, Move, MoveKind,
};
use workprint_model::timeline::{
    Entry, Pass, PassKind, PlacedOverlay, PlacedPicture, PlacedShot, Plate, Still, StillLayer,
};
use workprint_model::{Artifact, Frames, Language, OverlayId, Percent, Size};
use workprint_picture::{Fonts, Rgba, Yuv, svg, to_rgb8};

const WIDE: Size = Size {
    width: 160,
    height: 90,
};
/// Between the frames of a strip, in pixels.
const GAP: u32 = 4;
/// How long the shots of strips are, in frames.
const LENGTH: u64 = 60;

fn main() -> Outcome {
    let root = root();
    let album = Album {
        art: root.join("examples/first-light/media/art"),
        out: root.join("docs/guide/images/pictures"),
    };
    std::fs::create_dir_all(&album.out)?;
    album.moves()?;
    album.transitions()?;
    album.fits()?;
    album.blends()?;
    album.shapes()
}

struct Album {
    art: PathBuf,
    out: PathBuf,
}

impl Album {
    fn moves(&self) -> Outcome {
        let kinds = [
            ("push", MoveKind::Push, 30),
            ("pull", MoveKind::Pull, 30),
            ("pan-left", MoveKind::PanLeft, 30),
            ("pan-right", MoveKind::PanRight, 30),
            ("tilt-up", MoveKind::TiltUp, 30),
            ("tilt-down", MoveKind::TiltDown, 30),
            ("rotate", MoveKind::Rotate, 12),
            ("drift", MoveKind::Drift, 10),
            ("shake", MoveKind::Shake, 5),
            ("hold", MoveKind::Hold, 20),
        ];
        for (name, kind, amount) in kinds {
            let mut desk = Desk::default();
            let mut shot = drawn(&mut desk, &self.art.join("wide-night.svg"), WIDE)?;
            shot.focus = Some(focus(60, 45));
            shot.camera = Move {
                kind: Some(kind),
                amount: Some(Percent::new(amount)),
                seed: Some(7),
                ..Move::default()
            };
            // Slow moves over all of the shot, a shake from frame to frame.
            let step = if kind == MoveKind::Shake {
                3
            } else {
                (LENGTH - 1) / 4
            };
            let line = timeline(WIDE, vec![shot]);
            let frames = (0..5).map(|at| desk.paint(&line, at * step));
            self.strip(&format!("move-{name}"), frames)?;
        }
        Ok(())
    }

    fn transitions(&self) -> Outcome {
        let pass = |kind| {
            Entry::Pass(Pass {
                length: Frames(24),
                kind,
                ease: Ease::Smooth,
            })
        };
        let entries = [
            ("dissolve", Entry::Dissolve(Frames(24))),
            ("dip", Entry::Dip(Frames(24), Colour::new(0, 0, 0))),
            (
                "wipe",
                pass(PassKind::Wipe(Direction::Right, Percent::new(20))),
            ),
            ("push", pass(PassKind::Push(Direction::Left))),
            ("slide", pass(PassKind::Slide(Direction::Left))),
            ("iris", pass(PassKind::Iris(Percent::new(4)))),
            ("zoom-through", pass(PassKind::ZoomThrough)),
            ("whip", pass(PassKind::Whip(Direction::Left))),
        ];
        for (name, entry) in entries {
            let mut desk = Desk::default();
            let mut first = drawn(&mut desk, &self.art.join("wide-night.svg"), WIDE)?;
            first.focus = Some(focus(66, 40));
            let mut second = drawn(&mut desk, &self.art.join("wick-close.svg"), WIDE)?;
            second.focus = Some(focus(50, 42));
            second.entry = entry;
            let line = timeline(WIDE, vec![first, second]);
            let frames = [3, 8, 12, 16, 21].map(|at| desk.paint(&line, LENGTH + at));
            self.strip(&format!("transition-{name}"), frames.into_iter())?;
        }
        Ok(())
    }

    fn fits(&self) -> Outcome {
        let tall = Size {
            width: 90,
            height: 130,
        };
        let mut frames = Vec::new();
        for fit in [Fit::Cover, Fit::Contain, Fit::Blur, Fit::Fill] {
            let mut desk = Desk::default();
            let mut shot = drawn(&mut desk, &self.art.join("wick-close.svg"), tall)?;
            shot.picture = cut(&mut desk, &shot.picture, tall)?;
            shot.fit = fit;
            frames.push(desk.paint(&timeline(WIDE, vec![shot]), 0));
        }
        self.strip("fits", frames.into_iter())?;
        let crops = [(0, 0, 0, 0), (20, 0, 20, 0), (35, 10, 5, 30)];
        let mut frames = Vec::new();
        for (left, top, right, bottom) in crops {
            let mut desk = Desk::default();
            let mut shot = drawn(&mut desk, &self.art.join("two-shot-dawn.svg"), WIDE)?;
            shot.fit = Fit::Contain;
            let [left, top, right, bottom] = [left, top, right, bottom].map(Percent::new);
            shot.crop = Crop {
                left,
                top,
                right,
                bottom,
            };
            frames.push(desk.paint(&timeline(WIDE, vec![shot]), 0));
        }
        self.strip("crops", frames.into_iter())
    }

    fn blends(&self) -> Outcome {
        let mut desk = Desk::default();
        let shot = drawn(&mut desk, &self.art.join("two-shot-dawn.svg"), WIDE)?;
        let plate = desk.add("plate", &glow(WIDE));
        for rows in [&Blend::ALL[..5], &Blend::ALL[5..]] {
            let frames = rows.iter().map(|&blend| {
                let mut line = timeline(WIDE, vec![shot.clone()]);
                line.overlays = vec![overlay(&plate, blend)];
                desk.paint(&line, 0)
            });
            self.strip(&format!("blends-{}", rows.len()), frames)?;
        }
        Ok(())
    }

    fn shapes(&self) -> Outcome {
        let shapes = [(160, 90), (126, 126), (112, 140), (90, 160)];
        for (name, focus) in [("without", None), ("with", Some(focus(65, 45)))] {
            let mut frames = Vec::new();
            for (width, height) in shapes {
                let frame = Size { width, height };
                let mut desk = Desk::default();
                let mut shot = drawn(&mut desk, &self.art.join("wide-night.svg"), frame)?;
                shot.focus = focus;
                frames.push(desk.paint(&timeline(frame, vec![shot]), 0));
            }
            self.strip(&format!("shapes-{name}-focus"), frames.into_iter())?;
        }
        Ok(())
    }

    /// Frames side by side.
    fn strip(&self, name: &str, frames: impl Iterator<Item = Outcome<Yuv>>) -> Outcome {
        let frames = frames.collect::<Outcome<Vec<_>>>()?;
        let path = self.out.join(format!("{name}.jpg"));
        write(&path, &sheet(&frames, frames.len(), GAP)?)
    }
}

/// A shot of a drawing, in its layers.
fn drawn(desk: &mut Desk, file: &Path, frame: Size) -> Outcome<PlacedShot> {
    let language: Language = "en".parse()?;
    let text = std::fs::read_to_string(file)?;
    let drawn = svg::layers(&text, frame, 1.5, &language, Fonts::built_in())?;
    let name = file.to_string_lossy();
    let layers = drawn.layers.iter().zip(&drawn.blends).enumerate();
    let layers = layers.map(|(number, ((depth, picture), blend))| StillLayer {
        image: desk.add(&format!("{name} {number}"), picture),
        x: 0,
        y: 0,
        size: picture.size,
        depth: *depth,
        blend: *blend,
    });
    let still = Still {
        layers: layers.collect(),
        size: drawn.size,
        bleed_x: drawn.bleed_x,
        bleed_y: drawn.bleed_y,
        parallax: Percent::WHOLE,
    };
    Ok(in_the_middle(PlacedPicture::Still(still)))
}

/// A picture in one layer and another shape: what a frame of `size` shows of it.
fn cut(desk: &mut Desk, whole: &PlacedPicture, size: Size) -> Outcome<PlacedPicture> {
    let mut shot = in_the_middle(whole.clone());
    shot.focus = Some(focus(50, 45));
    let frame = desk.paint(&timeline(size, vec![shot]), 0)?;
    let pixels = to_rgb8(&frame);
    let pixels = pixels
        .chunks_exact(3)
        .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]);
    let image = Rgba {
        size,
        pixels: pixels.collect(),
    };
    Ok(picture(desk.add("cut", &image), size))
}

/// A shot that looks at the middle of its picture, wherever its focus is.
fn in_the_middle(picture: PlacedPicture) -> PlacedShot {
    let camera = Move {
        from: middle(),
        to: middle(),
        ..Move::default()
    };
    PlacedShot {
        camera,
        ..shot(LENGTH, picture)
    }
}

fn focus(x: i32, y: i32) -> Focus {
    Focus {
        x: Percent::new(x),
        y: Percent::new(y),
    }
}

fn middle() -> Framing {
    Framing {
        zoom: Percent::WHOLE,
        x: Some(Percent::new(50)),
        y: Some(Percent::new(50)),
    }
}

fn overlay(image: &Artifact, blend: Blend) -> PlacedOverlay {
    PlacedOverlay {
        id: OverlayId::slug("glow", "overlay"),
        parts: vec![workprint_model::graphic::Part::still(Plate {
            image: image.clone(),
            x: 0,
            y: 0,
            size: WIDE,
        })],
        clip: None,
        enter: workprint_model::episode::Passage::Fade,
        leave: workprint_model::episode::Passage::Fade,
        from: Frames(0),
        length: Frames(LENGTH),
        fade: Frames(0),
        blend,
        opacity: Percent::WHOLE,
    }
}

/// A rainbow from dark to light in the middle of a frame.
fn glow(size: Size) -> Rgba {
    let (width, height) = (size.width as i32, size.height as i32);
    let hue =
        |at: i32| ((at.rem_euclid(width) * 6 - 3 * width).abs() * 255 / width - 255).clamp(0, 255);
    let pixels = (0..height).flat_map(|y| {
        (0..width).flat_map(move |x| {
            let inside = (width / 8..width * 7 / 8).contains(&x)
                && (height / 6..height * 5 / 6).contains(&y);
            let light = (height * 5 / 6 - y) * 255 / (height * 2 / 3);
            let shade = |part: i32| {
                let part = 60 + part * 195 / 255;
                (if light < 128 {
                    part * light / 128
                } else {
                    part + (255 - part) * (light - 128) / 128
                }) as u8
            };
            let colour = [hue(x), hue(x + width * 2 / 3), hue(x + width / 3)].map(shade);
            if inside {
                [colour[0], colour[1], colour[2], 255]
            } else {
                [0; 4]
            }
        })
    });
    Rgba {
        size,
        pixels: pixels.collect(),
    }
}
