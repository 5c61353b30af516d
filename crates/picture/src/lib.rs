//! Pictures: a timeline and a time give a frame.
//!
//! This room starts no program and touches no file. Images, clip frames and caption plates come in
//! through [`Sources`]; frames go out as [`Yuv`], the planes that encoders take.
//!
//! The way of a frame: [`resolve()`] reduces a [`Timeline`](workprint_model::timeline::Timeline) and a
//! frame's number to [`Resolved`], the simplest description of what is seen, which no longer knows
//! where in the episode it is. [`Painter`] paints that, and nothing else: previews, single frames and
//! masters come out of the same code, bit for bit. [`cut`] divides a timeline into the chunks that are
//! encoded apart, and [`content`] gives a chunk's digest, made of what its frames resolve to: an edit
//! elsewhere changes neither.
//!
//! What is painted is drawn here too: captions, cards, graphics and SVG scenes as [`Rgba`], which
//! [`Raster`] makes ready for painting.

pub mod alone;
pub mod art;
mod backdrop;
mod blur;
mod canvas;
pub mod caption;
pub mod card;
pub mod chunks;
mod colour;
pub mod contact;
pub mod drawing;
pub mod error;
pub mod fonts;
pub mod graphic;
mod jpeg;
pub mod looks;
mod maths;
mod number;
pub mod paint;
pub mod plate;
pub mod puppet;
pub mod quality;
mod random;
pub mod raster;
pub mod resolve;
pub mod rgba;
pub mod slate;
pub mod sources;
pub mod still;
pub mod svg;
mod svg_cost;
mod svg_fonts;
mod svg_mixed;
mod svg_text;
pub mod text;
pub mod yuv;

pub use alone::AlonePainter;
pub use art::ArtError;
pub use caption::CaptionArt;
pub use chunks::{ChunkContent, content, cut};
pub use error::PictureError;
pub use fonts::{Fonts, fonts_digest};
pub use looks::{Cube, CubeError};
pub use paint::{Painter, paint_frame};
pub use plate::Placed;
pub use raster::{Detail, Raster};
pub use resolve::{Resolved, resolve};
pub use rgba::Rgba;
pub use sources::{CaptionLook, Heard, PlacedRaster, SlateLook, Sources};
pub use yuv::{Yuv, YuvMut, to_rgb8};
