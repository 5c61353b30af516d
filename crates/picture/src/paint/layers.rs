//! Painting one layer or plate.

use std::sync::Arc;

use workprint_model::episode::Blend;
use workprint_model::timeline::{Clip, Plate};
use workprint_model::{Frames, Size};

use super::axis::Beyond;
use super::gradient;
use super::modes::{self, Over};
use super::sheet::{Area, Grid, Placement, Sheet};
use super::{Painter, frame, same_size};
use crate::caption::CaptionPart;
use crate::error::PictureError;
use crate::raster::{Alpha, Detail, Raster, halve};
use crate::resolve::{Layer, LayerSource, ONE, PIXEL, ShownPlate, WHOLE, Window};
use crate::sources::Sources;
use crate::yuv::{BLACK, Yuv, YuvMut, chroma_size};

impl Painter {
    pub(super) fn layer(
        &mut self,
        (layer, lowest): (&Layer, bool),
        area: Area,
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        let Layer {
            source,
            size,
            window,
            cut,
            blend,
            opacity,
        } = layer;
        // Of a frame, little is painted by what is small.
        let area = if *cut && !window.leans() {
            area.within(Area::covered(*window, *size, out.size))
        } else {
            area
        };
        let placement = Placement {
            window: *window,
            area,
            opacity: *opacity,
            beyond: if *cut { Beyond::Nothing } else { Beyond::Edge },
        };
        let covers = !cut && *opacity == WHOLE && blend.is_normal();
        match source {
            LayerSource::Still(image) => {
                let raster = sources.still_in(image, detail(window, out.size))?;
                same_size(
                    || format!("the image `{}`", image.digest.short()),
                    *size,
                    raster.size(),
                )?;
                if lowest && !(covers && raster.is_opaque()) {
                    out.fill(BLACK);
                }
                self.raster(&raster, placement, *blend, out)
            }
            LayerSource::Clip(clip, frame) => {
                let picture = clip_frame(sources, clip, *size, *frame)?;
                if lowest && !covers {
                    out.fill(BLACK);
                }
                self.planes(&picture, placement, out);
                Ok(())
            }
            LayerSource::Plate(plate) => {
                gradient::fill(plate, window, out);
                Ok(())
            }
        }
    }

    /// A picture pixel for pixel, where it lies in the frame.
    pub(super) fn plate(
        &mut self,
        raster: &Raster,
        at: (i32, i32),
        (opacity, blend): (u16, Blend),
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        self.raster(
            raster,
            pixel_for_pixel(raster, at, opacity, out.size),
            blend,
            out,
        )
    }

    /// A part of a caption.
    pub(super) fn caption(
        &mut self,
        part: &CaptionPart,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        let mut placement = pixel_for_pixel(&part.plate, part.at, part.opacity, out.size);
        if let Some(within) = part.within {
            placement.area = placement.area.within(Area::part(within));
        }
        self.raster(&part.plate, placement, Blend::Normal, out)
    }

    /// A picture over the shots, where it is now.
    pub(super) fn overlay(
        &mut self,
        shown: &ShownPlate,
        sources: &dyn Sources,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        let Plate { image, x, y, size } = &shown.plate;
        let raster = sources.still_in(image, Detail::of_step(ONE))?;
        same_size(
            || format!("the image `{}`", image.digest.short()),
            *size,
            raster.size(),
        )?;
        let own = shown.area();
        let mut area = Area::of(own.size, (own.x, own.y), out.size);
        if let Some(window) = &shown.window {
            area = area.within(Area::of(window.size, (window.x, window.y), out.size));
        }
        let fine = |at: i32, shift: i32| {
            -i64::from(at) * ONE - i64::from(shift) * (ONE / i64::from(PIXEL))
        };
        let placement = Placement {
            window: Window::upright(
                fine(*x, shown.shift.0),
                fine(*y, shown.shift.1),
                i64::from(out.size.width) * ONE,
                i64::from(out.size.height) * ONE,
            ),
            area,
            opacity: shown.opacity,
            // Without alpha there is no nothing to go over to.
            beyond: if raster.is_opaque() {
                Beyond::Edge
            } else {
                Beyond::Nothing
            },
        };
        self.raster(&raster, placement, shown.blend, out)
    }

    fn raster(
        &mut self,
        raster: &Raster,
        placement: Placement,
        blend: Blend,
        out: &mut YuvMut<'_>,
    ) -> Result<(), PictureError> {
        if blend.is_normal() {
            self.over(raster, placement, out);
            return Ok(());
        }
        let (older, [mut alpha, mut chroma_alpha]) = match self.blended.take() {
            Some((older, alphas)) => (Some(older), alphas),
            None => (None, [Vec::new(), Vec::new()]),
        };
        let mut picture = frame(older, out.size)?;
        picture.fill([0; 3]);
        self.over(raster, placement, &mut picture.lent());
        let [luma, chroma, _] = picture.planes();
        for (plane, length) in [(&mut alpha, luma.len()), (&mut chroma_alpha, chroma.len())] {
            plane.clear();
            plane.resize(length, 0);
        }
        self.alpha(raster, placement, out.size, [&mut alpha, &mut chroma_alpha]);
        let over = Over {
            picture: &picture,
            alpha: &alpha,
            chroma_alpha: &chroma_alpha,
        };
        modes::lay(out, &over, blend);
        self.blended = Some((picture, [alpha, chroma_alpha]));
        Ok(())
    }

    fn over(&mut self, raster: &Raster, placement: Placement, out: &mut YuvMut<'_>) {
        let size = out.size;
        let detail = detail(&placement.window, size);
        let [y, u, v] = out.planes_mut();
        let sheet = Sheet::of_level(raster.luma(detail));
        self.draw(&sheet, placement, (size, Grid::LUMA), &mut [y]);
        let sheet = Sheet::of_level(raster.chroma(detail));
        self.draw(&sheet, placement, (size, Grid::CHROMA), &mut [u, v]);
    }

    /// The alpha that a picture has in a frame, sampled as its luma and as its chroma are.
    fn alpha(
        &mut self,
        raster: &Raster,
        placement: Placement,
        size: Size,
        [luma, chroma]: [&mut [u8]; 2],
    ) {
        let detail = detail(&placement.window, size);
        let kinds = [
            (luma, Grid::LUMA, raster.luma(detail)),
            (chroma, Grid::CHROMA, raster.chroma(detail)),
        ];
        for (out, grid, level) in kinds {
            let [width, height] = level.sides;
            let ones;
            let alpha = if let Some(alpha) = level.alpha {
                alpha
            } else {
                ones = Alpha::opaque(width, height);
                &ones
            };
            let sheet = Sheet::of_level(level).of_alpha(alpha);
            self.draw(&sheet, placement, (size, grid), &mut [out]);
        }
    }

    /// An opaque picture of a frame's kind, of which `window` fills the frame.
    pub(super) fn clip(
        &mut self,
        picture: &Yuv,
        (window, area): (Window, Area),
        out: &mut YuvMut<'_>,
    ) {
        let placement = Placement {
            window,
            area,
            opacity: WHOLE,
            beyond: Beyond::Edge,
        };
        self.planes(picture, placement, out);
    }

    pub(super) fn planes(&mut self, picture: &Yuv, placement: Placement, out: &mut YuvMut<'_>) {
        let size = out.size;
        let step = step(&placement.window, size);
        let chroma = chroma_size(picture.size);
        let [from_y, from_u, from_v] = picture.planes();
        let luma = Halved::of(vec![from_y], picture.size, (Grid::LUMA, step));
        let colour = Halved::of(vec![from_u, from_v], chroma, (Grid::CHROMA, step));
        let [y, u, v] = out.planes_mut();
        self.draw(&luma.sheet(), placement, (size, Grid::LUMA), &mut [y]);
        self.draw(
            &colour.sheet(),
            placement,
            (size, Grid::CHROMA),
            &mut [u, v],
        );
    }

    fn draw(
        &mut self,
        sheet: &Sheet<'_>,
        placement: Placement,
        (frame, grid): (Size, Grid),
        out: &mut [&mut [u8]],
    ) {
        if placement.window.leans() {
            self.leaning.draw(sheet, placement, (frame, grid), out);
        } else if placement.beyond == Beyond::Nothing && sheet.alpha().is_none() {
            let [width, height] = sheet.sides();
            let ones = Alpha::opaque(width, height);
            let sheet = sheet.with_alpha(&ones);
            self.workshop.draw(&sheet, placement, (frame, grid), out);
        } else {
            self.workshop.draw(sheet, placement, (frame, grid), out);
        }
    }
}

/// A clip's frame of the size that it must have.
pub(super) fn clip_frame(
    sources: &dyn Sources,
    clip: &Clip,
    size: Size,
    frame: Frames,
) -> Result<Arc<Yuv>, PictureError> {
    let picture = sources.clip(clip, size, frame)?;
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
    same_size(what, size, found)?;
    Ok(picture)
}

/// How much of a picture is seen where `window` of it fills a frame.
pub(super) fn detail(window: &Window, frame: Size) -> Detail {
    Detail::of_step(step(window, frame))
}

/// How many of a picture's pixels go to one of the frame, in 1/65536.
fn step(window: &Window, frame: Size) -> i64 {
    let frame_width = i64::from(frame.width);
    if !window.leans() {
        return window.width / frame_width;
    }
    let square = |side: i64| i128::from(side) * i128::from(side);
    let length = (square(window.width) + square(window.lean[1])).isqrt();
    length as i64 / frame_width
}

/// Planes without alpha, made smaller by halves until a frame's step is less than two samples.
struct Halved<'a> {
    given: Vec<&'a [u8]>,
    made: Vec<Vec<u8>>,
    size: Size,
    grid: Grid,
}

impl<'a> Halved<'a> {
    fn of(given: Vec<&'a [u8]>, mut size: Size, (mut grid, mut step): (Grid, i64)) -> Self {
        let mut made: Vec<Vec<u8>> = Vec::new();
        while step >= 2 * ONE && size.width.max(size.height) > 2 {
            let (width, height) = (size.width as usize, size.height as usize);
            made = if made.is_empty() {
                given
                    .iter()
                    .map(|plane| halve(plane, width, height))
                    .collect()
            } else {
                made.iter()
                    .map(|plane| halve(plane, width, height))
                    .collect()
            };
            (step, grid) = (step / 2, grid.halved());
            size = Size {
                width: size.width.div_ceil(2),
                height: size.height.div_ceil(2),
            };
        }
        Self {
            given,
            made,
            size,
            grid,
        }
    }

    fn sheet(&self) -> Sheet<'_> {
        let planes = if self.made.is_empty() {
            self.given.clone()
        } else {
            self.made.iter().map(Vec::as_slice).collect()
        };
        Sheet::opaque(self.size, planes, self.grid)
    }
}

/// How a picture lies in a frame of `size` that is not enlarged.
fn pixel_for_pixel(raster: &Raster, (x, y): (i32, i32), opacity: u16, size: Size) -> Placement {
    Placement {
        window: Window::upright(
            -i64::from(x) * ONE,
            -i64::from(y) * ONE,
            i64::from(size.width) * ONE,
            i64::from(size.height) * ONE,
        ),
        area: Area::of(raster.size(), (x, y), size),
        opacity,
        // Without alpha there is no nothing to go over to.
        beyond: if raster.is_opaque() {
            Beyond::Edge
        } else {
            Beyond::Nothing
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::tests::{speck, uncropped};

    /// What is left out of a raster is not seen: upright and leaning, enlarged and made smaller, against
    /// nothing and with edges that go on.
    #[test]
    fn a_cropped_picture_is_painted_as_the_whole() {
        let size = Size {
            width: 64,
            height: 48,
        };
        let frame = Size {
            width: 58,
            height: 40,
        };
        let boxes = [
            [20, 17, 37, 30],
            [0, 0, 9, 48],
            [50, 40, 64, 48],
            [10, 0, 64, 5],
            [7, 7, 7, 7],
        ];
        let mut painter = Painter::new();
        for (seed, seen) in boxes.into_iter().enumerate() {
            let image = speck(size, seen, seed as u64);
            let (cropped, whole) = (Raster::from_rgba(&image), uncropped(&image));
            let shapes = [(1, 0), (1, 9), (3, 0), (3, -40), (6, 100)];
            for ((larger, lean), beyond) in shapes
                .into_iter()
                .flat_map(|shape| [Beyond::Edge, Beyond::Nothing].map(|beyond| (shape, beyond)))
            {
                let window = Window {
                    lean: [lean * ONE / 7, -lean * ONE / 9],
                    ..Window::upright(
                        -5 * ONE - 777,
                        -3 * ONE,
                        larger * 33 * ONE,
                        larger * 21 * ONE,
                    )
                };
                let placement = Placement {
                    window,
                    area: Area::whole(frame),
                    opacity: WHOLE - 50,
                    beyond,
                };
                let painted = [&cropped, &whole].map(|raster| {
                    let mut out = Yuv::new(frame).unwrap();
                    painter.over(raster, placement, &mut out.lent());
                    let mut alphas = [vec![0; 58 * 40], vec![0; 29 * 20]];
                    let [luma, chroma] = &mut alphas;
                    painter.alpha(raster, placement, frame, [luma, chroma]);
                    (out, alphas)
                });
                let [one, other] = painted;
                assert!(one == other, "{seen:?} {larger} {lean} {beyond:?}");
            }
        }
    }
}
