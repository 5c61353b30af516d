//! Looks: changes of a picture that has been painted.
//!
//! Each look is one file. It is made ready once for a size ([`make_ready`]) and then applied to frame
//! after frame of planar YUV 4:2:0, in whole numbers: tables are computed in doubles with `+ − × ÷`
//! and square roots alone and rounded at once, so that all machines give the same bytes. Looks that
//! change every colour by itself ([`colour`]) are put together into one table when they stand next
//! to each other.

mod blur;
mod colour;
mod comic;
mod cube;
mod dither;
mod glow;
mod grade;
mod grain;
mod jank;
mod kernel;
mod letterbox;
mod mono;
pub(crate) mod oklab;
mod range;
mod sharpen;
mod soft;
mod vignette;

use std::fmt::Debug;
use std::sync::Arc;

use workprint_model::Size;
use workprint_model::look::Look;
use workprint_model::timeline::PlacedLook;

pub use self::cube::{Cube, CubeError, MOST_BYTES as MOST_CUBE_BYTES};
pub(crate) use self::dither::BAYER;
use crate::error::PictureError;
use crate::paint::kernel::Kernel;
use crate::resolve::{Moment, ShownLook};
use crate::sources::Sources;
use crate::yuv::YuvMut;

/// How many looks are held ready: a dissolve between two shots of a film needs three lists.
const MOST_READY: usize = 12;

/// A look, ready for frames of one size.
trait Effect: Debug + Send {
    /// Changes a frame of the size that it was made ready for.
    fn apply(&mut self, frame: &mut YuvMut<'_>, moment: Option<Moment>, kernel: Kernel);
}

/// Applies looks to frames, and holds them ready from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct Lab {
    ready: Vec<Ready>,
    kernel: Kernel,
}

#[derive(Debug)]
struct Ready {
    size: Size,
    looks: Vec<PlacedLook>,
    effect: Box<dyn Effect>,
}

impl Lab {
    /// One with the loops for any machine.
    pub(crate) const fn portable() -> Self {
        Self {
            ready: Vec::new(),
            kernel: Kernel::Plain,
        }
    }

    /// Changes `frame` by one look after the other.
    pub(crate) fn apply(
        &mut self,
        looks: &[ShownLook],
        sources: &dyn Sources,
        frame: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        let mut rest = looks;
        while let Some(first) = rest.first() {
            let colours = rest.iter().take_while(|shown| colour::is(&shown.look.look));
            let (these, after) = rest.split_at(colours.count().max(1));
            let kernel = self.kernel;
            let effect = self.ready(these, sources, frame.size)?;
            effect.apply(frame, first.moment, kernel);
            rest = after;
        }
        Ok(())
    }

    fn ready(
        &mut self,
        looks: &[ShownLook],
        sources: &dyn Sources,
        size: Size,
    ) -> Result<&mut dyn Effect, PictureError> {
        let same = |ready: &Ready| {
            let known = ready.looks.iter();
            ready.size == size && known.eq(looks.iter().map(|shown| &shown.look))
        };
        if let Some(found) = self.ready.iter().position(same) {
            // The last used is the last in the list.
            self.ready[found..].rotate_left(1);
        } else {
            if self.ready.len() >= MOST_READY {
                self.ready.remove(0);
            }
            let looks: Vec<_> = looks.iter().map(|shown| shown.look.clone()).collect();
            let effect = make_ready(&looks, sources, size)?;
            self.ready.push(Ready {
                size,
                looks,
                effect,
            });
        }
        match self.ready.last_mut() {
            Some(ready) => Ok(&mut *ready.effect),
            None => Err(PictureError::BadSize(size)),
        }
    }
}

/// Makes a look ready, or several that are colours alone.
fn make_ready(
    looks: &[PlacedLook],
    sources: &dyn Sources,
    size: Size,
) -> Result<Box<dyn Effect>, PictureError> {
    Ok(match looks.first().map(|first| &first.look) {
        Some(Look::Blur(blur)) => Box::new(blur::Blurred::new(blur, size)),
        Some(Look::Sharpen(sharpen)) => Box::new(sharpen::Sharpened::new(sharpen, size)),
        Some(Look::Glow(glow)) => Box::new(glow::Glowing::new(glow, size)),
        Some(Look::Grain(grain)) => Box::new(grain::Grainy::new(grain, size)),
        Some(Look::Vignette(vignette)) => Box::new(vignette::Shaded::new(vignette, size)),
        Some(Look::Letterbox(bars)) => Box::new(letterbox::Barred::new(bars, size)),
        Some(Look::Jank(jank)) => Box::new(jank::Worn::new(jank, size)),
        Some(Look::Comic(comic)) => Box::new(comic::Printed::new(comic, size)),
        Some(Look::Named(_) | Look::Grade(_) | Look::Lut(_) | Look::Mono(_)) | None => {
            Box::new(colours(looks, sources)?)
        }
    })
}

fn colours(looks: &[PlacedLook], sources: &dyn Sources) -> Result<colour::Coloured, PictureError> {
    let mut changes: Vec<Box<dyn colour::Change>> = Vec::new();
    for PlacedLook { look, cube } in looks {
        match (look, cube) {
            (Look::Grade(grade), _) => changes.push(Box::new(grade::Graded::new(grade))),
            (Look::Mono(mono), _) => changes.push(Box::new(mono::Toned::new(mono))),
            (Look::Lut(lut), Some(file)) => {
                let cube: Arc<Cube> = sources.cube(file)?;
                changes.push(Box::new(cube::Looked::new(cube, lut.amount)));
            }
            (Look::Lut(lut), None) => {
                return Err(PictureError::Source {
                    what: format!("the table of colours `{}`", lut.file),
                    cause: "its file was not looked for".into(),
                });
            }
            _ => {}
        }
    }
    Ok(colour::Coloured::new(changes))
}

#[cfg(test)]
mod tests;
