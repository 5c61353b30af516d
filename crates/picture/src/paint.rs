//! Description of a frame → its pixels.
//!
//! All arithmetic on pixels is in whole numbers: the same description gives the same bytes on every
//! machine and on every thread.

mod axis;
mod blend;
mod kernel;
mod row;
mod sheet;

use workprint_model::timeline::{Plate, Timeline};
use workprint_model::{Frames, Size};

use self::axis::Beyond;
use self::sheet::{Area, Grid, Placement, Sheet, Workshop};
use crate::error::PictureError;
use crate::raster::Raster;
use crate::resolve::{Bars, Base, Layer, LayerSource, ONE, Resolved, View, WHOLE, Window, resolve};
use crate::sources::Sources;
use crate::yuv::{BLACK, Yuv, bt709, chroma_size};

/// A level is sampled up to two of its samples to one: enlarging the next one would be softer.
const LUMA_LIMIT: i64 = 2 * ONE;
/// Colour may be softer, and is painted in half the time.
const CHROMA_LIMIT: i64 = ONE + ONE / 2;

/// Paints frames. Keeps its working memory from frame to frame: use one for each thread.
#[derive(Debug, Default)]
pub struct Painter {
    second: Option<Yuv>,
    workshop: Workshop,
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
            workshop: Workshop::portable(),
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
        match &resolved.base {
            Base::Colour(colour) => out.fill(bt709(*colour)),
            Base::Shot(view) => self.view(view, sources, out)?,
            Base::Fade {
                view,
                colour,
                share,
            } => {
                self.view(view, sources, out)?;
                for (plane, value) in out.planes_mut().into_iter().zip(bt709(*colour)) {
                    blend::fade(plane, value, *share);
                }
            }
            Base::Mix { from, to, share } => self.mix((from, to, *share), sources, out)?,
        }
        for shown in &resolved.overlays {
            let Plate { image, x, y, size } = &shown.plate;
            let raster = sources.still(image)?;
            same_size(
                || format!("the image `{}`", image.digest.short()),
                *size,
                raster.size(),
            )?;
            self.plate(&raster, (*x, *y), shown.opacity, out);
        }
        for caption in &resolved.captions {
            let placed = sources.caption(caption)?;
            self.plate(&placed.raster, (placed.x, placed.y), WHOLE, out);
        }
        Ok(())
    }

    fn mix(
        &mut self,
        (from, to, share): (&View, &View, u16),
        sources: &dyn Sources,
        out: &mut Yuv,
    ) -> Result<(), PictureError> {
        self.view(from, sources, out)?;
        let mut second = match self.second.take() {
            Some(frame) => frame,
            None => Yuv::new(out.size)?,
        };
        second.become_size(out.size)?;
        let painted = self.view(to, sources, &mut second);
        blend::mix(&mut out.data, &second.data, share);
        self.second = Some(second);
        painted
    }

    fn view(
        &mut self,
        view: &View,
        sources: &dyn Sources,
        out: &mut Yuv,
    ) -> Result<(), PictureError> {
        if view.layers.is_empty() {
            out.fill(BLACK);
        }
        for (number, layer) in view.layers.iter().enumerate() {
            self.layer(layer, number == 0, sources, out)?;
        }
        if let Some(bars) = view.bars {
            black_around(out, bars);
        }
        Ok(())
    }

    fn layer(
        &mut self,
        Layer {
            source,
            size,
            window,
            cut,
        }: &Layer,
        lowest: bool,
        sources: &dyn Sources,
        out: &mut Yuv,
    ) -> Result<(), PictureError> {
        let placement = Placement {
            window: *window,
            area: Area::whole(out.size),
            opacity: WHOLE,
            beyond: Beyond::Edge,
        };
        match source {
            LayerSource::Still(image) => {
                let raster = sources.still(image)?;
                same_size(
                    || format!("the image `{}`", image.digest.short()),
                    *size,
                    raster.size(),
                )?;
                if lowest && !raster.is_opaque() {
                    out.fill(BLACK);
                }
                let beyond = if *cut { Beyond::Nothing } else { Beyond::Edge };
                self.raster(
                    &raster,
                    Placement {
                        beyond,
                        ..placement
                    },
                    out,
                );
            }
            LayerSource::Clip(clip, frame) => {
                let picture = sources.clip(clip, *size, *frame)?;
                let whole = picture.data.len() == Yuv::bytes(picture.size);
                let found = if whole {
                    picture.size
                } else {
                    Size {
                        width: 0,
                        height: 0,
                    }
                };
                let what = || {
                    format!(
                        "frame {} of the clip `{}`",
                        frame.0,
                        clip.video.digest.short()
                    )
                };
                same_size(what, *size, found)?;
                self.clip(&picture, placement, out);
            }
        }
        Ok(())
    }

    /// A picture pixel for pixel, where it lies in the frame.
    fn plate(&mut self, raster: &Raster, (x, y): (i32, i32), opacity: u16, out: &mut Yuv) {
        let area = Area::of(raster.size(), (x, y), out.size);
        let window = Window {
            left: -i64::from(x) * ONE,
            top: -i64::from(y) * ONE,
            width: i64::from(out.size.width) * ONE,
            height: i64::from(out.size.height) * ONE,
        };
        // Without alpha there is no nothing to go over to.
        let beyond = if raster.is_opaque() {
            Beyond::Edge
        } else {
            Beyond::Nothing
        };
        self.raster(
            raster,
            Placement {
                window,
                area,
                opacity,
                beyond,
            },
            out,
        );
    }

    fn raster(&mut self, raster: &Raster, placement: Placement, out: &mut Yuv) {
        let size = out.size;
        let step = placement.window.width / i64::from(size.width);
        let [y, u, v] = out.planes_mut();
        let (level, number) = raster.level(step, LUMA_LIMIT);
        let sheet = Sheet::of_level(level, &[0], Grid::level(number));
        self.workshop
            .draw(&sheet, placement, (size, Grid::LUMA), &mut [y]);
        let (level, number) = raster.level(step * 2, CHROMA_LIMIT);
        let sheet = Sheet::of_level(level, &[1, 2], Grid::level(number));
        self.workshop
            .draw(&sheet, placement, (size, Grid::CHROMA), &mut [u, v]);
    }

    fn clip(&mut self, picture: &Yuv, placement: Placement, out: &mut Yuv) {
        let size = out.size;
        let [from_y, from_u, from_v] = picture.planes();
        let [y, u, v] = out.planes_mut();
        let sheet = Sheet::opaque(picture.size, vec![from_y], Grid::LUMA);
        self.workshop
            .draw(&sheet, placement, (size, Grid::LUMA), &mut [y]);
        let sheet = Sheet::opaque(
            chroma_size(picture.size),
            vec![from_u, from_v],
            Grid::CHROMA,
        );
        self.workshop
            .draw(&sheet, placement, (size, Grid::CHROMA), &mut [u, v]);
    }
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
fn black_around(out: &mut Yuv, bars: Bars) {
    let (luma, chroma) = (out.size, chroma_size(out.size));
    // Samples at the frame's own edges may reach beyond it.
    let open = |(from, to): (i64, i64), end: u32| {
        let far = 8 * ONE;
        let end = i64::from(end) * ONE;
        (
            if from <= 0 { -far } else { from },
            if to >= end { end + far } else { to },
        )
    };
    let across_edges = open((bars.left, bars.right), out.size.width);
    let down_edges = open((bars.top, bars.bottom), out.size.height);
    let sizes = [
        (luma, Grid::LUMA),
        (chroma, Grid::CHROMA),
        (chroma, Grid::CHROMA),
    ];
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
