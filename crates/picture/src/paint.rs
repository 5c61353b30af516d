//! Description of a frame → its pixels.
//!
//! All arithmetic on pixels is in whole numbers: the same description gives the same bytes on every
//! machine and on every thread.

mod axis;
mod behind;
mod blend;
mod boxed;
mod gradient;
pub(crate) mod kernel;
mod layers;
mod lean;
mod mask;
mod modes;
mod row;
mod sheet;
mod smear;

use workprint_model::episode::Blend;
use workprint_model::timeline::Timeline;
use workprint_model::{Frames, Size};

use self::behind::Behind;
use self::kernel::Kernel;
use self::lean::Leaning;
use self::sheet::{Area, Workshop};
use crate::error::PictureError;
use crate::looks::Lab;
use crate::resolve::{
    Backdrop, Bars, Base, LayerSource, Mask, Resolved, Shown, Smear, View, WHOLE, resolve,
};
use crate::sources::Sources;
use crate::yuv::{BLACK, Yuv, YuvMut, bt709};

/// Paints frames. Keeps its working memory from frame to frame: use one for each thread.
#[derive(Debug, Default)]
pub struct Painter {
    second: Option<Yuv>,
    /// A frame for what lies behind a picture.
    third: Option<Yuv>,
    /// A picture before it is blended, and its alpha.
    blended: Option<(Yuv, [Vec<u8>; 2])>,
    behind: Option<Behind>,
    kernel: Kernel,
    workshop: Workshop,
    leaning: Leaning,
    lab: Lab,
}

/// Paints one frame of a timeline, as its chunk would have it.
pub fn paint_frame(
    timeline: &Timeline,
    frame: Frames,
    sources: &dyn Sources,
) -> Result<Yuv, PictureError> {
    let mut out = Yuv::new(timeline.size)?;
    Painter::new().paint(&resolve(timeline, frame), sources, &mut out)?;
    Ok(out)
}

impl Painter {
    /// A painter that has not painted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A painter that uses the loops for any machine, whatever this one can do. It paints the same
    /// bytes, more slowly: tests hold the others against it.
    pub fn portable() -> Self {
        Self {
            kernel: Kernel::Plain,
            workshop: Workshop::portable(),
            leaning: Leaning::portable(),
            lab: Lab::portable(),
            ..Self::default()
        }
    }

    /// Paints `resolved` into `out`, whatever `out` showed before and whatever size it had.
    pub fn paint(
        &mut self,
        resolved: &Resolved,
        sources: &dyn Sources,
        out: &mut Yuv,
    ) -> Result<(), PictureError> {
        out.become_size(resolved.size)?;
        self.paint_into(resolved, sources, &mut out.lent())
    }

    /// Paints `resolved` into `out`, which has its size; what it showed before does not matter.
    pub fn paint_into(
        &mut self,
        resolved: &Resolved,
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        if Yuv::bytes(resolved.size) != out.data.len() {
            return Err(PictureError::BadSize(out.size));
        }
        same_size(|| "the frame".to_owned(), resolved.size, out.size)?;
        match &resolved.base {
            Base::Colour(colour) => out.fill(bt709(*colour)),
            Base::Shot(view) => self.view(view, Area::whole(out.size), sources, out)?,
            Base::Fade {
                view,
                colour,
                share,
            } => {
                self.view(view, Area::whole(out.size), sources, out)?;
                for (plane, value) in out.planes_mut().into_iter().zip(bt709(*colour)) {
                    blend::fade(plane, value, *share);
                }
            }
            Base::Mix { from, to, share } => {
                let whole = Area::whole(out.size);
                let views = [(from, whole), (to, whole)];
                self.both(views, sources, out, |out, second| {
                    blend::mix(out.data, &second.data, *share);
                })?;
            }
            Base::Pass {
                from,
                to,
                mask,
                smear,
            } => self.pass((from, to), (*mask, *smear), sources, out)?,
        }
        self.lab.apply(&resolved.looks, sources, out)?;
        self.lie_over(resolved, sources, out)
    }

    /// Paints what lies over the shots onto whatever `out`, of the frame's size, shows.
    pub(crate) fn lie_over(
        &mut self,
        resolved: &Resolved,
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        for shown in &resolved.overlays {
            match shown {
                Shown::Plate(plate) => self.overlay(plate, sources, out)?,
                Shown::Clip(clip) => self.boxed(clip, sources, out)?,
            }
        }
        for caption in &resolved.captions {
            let art = sources.caption(caption)?;
            for part in art.parts(caption.heard) {
                self.caption(&part, out)?;
            }
        }
        if let Some(slate) = &resolved.slate {
            let placed = sources.slate(slate)?;
            self.plate(
                &placed.raster,
                (placed.x, placed.y),
                (WHOLE, Blend::Normal),
                out,
            )?;
        }
        Ok(())
    }

    fn pass(
        &mut self,
        (from, to): (&View, &View),
        (mask, smeared): (Mask, Option<Smear>),
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        let [old, new] = mask::areas(mask, out.size);
        let kernel = self.kernel;
        self.both([(from, old), (to, new)], sources, out, |out, second| {
            mask::lay(kernel, out, second, mask);
        })?;
        if let Some(smeared) = smeared {
            smear::smear(out, smeared);
        }
        Ok(())
    }

    /// Paints the first view into `out` and the second into another frame, each in its area at least,
    /// and puts them together.
    fn both(
        &mut self,
        [(from, old), (to, new)]: [(&View, Area); 2],
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
        join: impl FnOnce(&mut YuvMut<'_>, &Yuv),
    ) -> Result<(), PictureError> {
        self.view(from, old, sources, out)?;
        let mut second = frame(self.second.take(), out.size)?;
        let painted = self.view(to, new, sources, &mut second.lent());
        join(out, &second);
        self.second = Some(second);
        painted
    }

    /// Paints a view, in `area` at least.
    fn view(
        &mut self,
        view: &View,
        area: Area,
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        // A look may need what lies beside the area.
        let area = if view.looks.is_empty() {
            area
        } else {
            Area::whole(out.size)
        };
        if view.layers.is_empty() {
            out.fill(BLACK);
        }
        if view.layers.len() > 1 {
            let stills = view.layers.iter().filter_map(|layer| match &layer.source {
                LayerSource::Still(image) => Some((image, layers::detail(&layer.window, out.size))),
                LayerSource::Clip(..) | LayerSource::Plate(_) => None,
            });
            sources.expect(&stills.collect::<Vec<_>>());
        }
        // Without bars the backdrop is seen around a picture that is turned.
        let below = view.backdrop.as_ref().filter(|_| view.bars.is_none());
        if let Some(backdrop) = below {
            self.backdrop(backdrop, area, sources, out)?;
        }
        for (number, layer) in view.layers.iter().enumerate() {
            let lowest = number == 0 && below.is_none();
            self.layer((layer, lowest), area, sources, out)?;
        }
        match (view.bars, &view.backdrop) {
            (Some(bars), None) => black_around(out, bars),
            (Some(bars), Some(backdrop)) => {
                let mut behind = frame(self.third.take(), out.size)?;
                let painted = self.backdrop(backdrop, area, sources, &mut behind.lent());
                mask::lay_around(self.kernel, out, &behind, bars);
                self.third = Some(behind);
                painted?;
            }
            (None, _) => {}
        }
        self.lab.apply(&view.looks, sources, out)
    }

    fn backdrop(
        &mut self,
        backdrop: &Backdrop,
        area: Area,
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        let known = self.behind.take();
        let behind = if let Some(known) = known.filter(|known| known.is_of(backdrop, out.size)) {
            known
        } else {
            let mut small = Behind::small(out.size)?;
            let whole = Area::whole(small.size);
            for (number, layer) in backdrop.layers.iter().enumerate() {
                self.layer((layer, number == 0), whole, sources, &mut small.lent())?;
            }
            Behind::of(backdrop, out.size, small)
        };
        let window = behind.window(backdrop);
        self.clip(&behind.picture, (window, area), out);
        self.behind = Some(behind);
        Ok(())
    }
}

/// A frame of `size`, of the memory of an older one where there is one.
fn frame(older: Option<Yuv>, size: Size) -> Result<Yuv, PictureError> {
    let mut frame = match older {
        Some(frame) => frame,
        None => Yuv::new(size)?,
    };
    frame.become_size(size)?;
    Ok(frame)
}

fn same_size(what: impl Fn() -> String, expected: Size, found: Size) -> Result<(), PictureError> {
    if expected == found {
        Ok(())
    } else {
        Err(PictureError::WrongSize {
            what: what(),
            expected,
            found,
        })
    }
}

/// Blackens what lies outside of `bars`; pixels and chroma samples cut by an edge in part.
fn black_around(out: &mut YuvMut<'_>, bars: Bars) {
    let frame = out.size;
    let across_edges = mask::open((bars.left, bars.right), frame.width);
    let down_edges = mask::open((bars.top, bars.bottom), frame.height);
    let sizes = mask::grids(frame);
    for ((plane, black), (size, grid)) in out.planes_mut().into_iter().zip(BLACK).zip(sizes) {
        let across: Vec<u16> = (0..size.width)
            .map(|at| grid.inside(0, at, across_edges))
            .collect();
        for (row, line) in plane.chunks_exact_mut(size.width as usize).enumerate() {
            match grid.inside(1, row as u32, down_edges) {
                0 => line.fill(black),
                WHOLE => blend::cover(line, black, &across),
                part => {
                    blend::cover(line, black, &across);
                    blend::fade(line, black, part);
                }
            }
        }
    }
}
