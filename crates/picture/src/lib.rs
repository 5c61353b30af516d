//! Pictures: a timeline and a time give a frame.

pub mod art;
mod backdrop;
mod blur;
mod canvas;
pub mod caption;
pub mod card;
pub mod fonts;
pub mod graphic;
pub mod plate;
pub mod still;
pub mod svg;
mod svg_cost;
mod svg_fonts;
pub mod text;
pub mod chunks;
pub mod error;
pub mod paint;
pub mod raster;
pub mod resolve;
pub mod rgba;
pub mod sources;
pub mod yuv;

pub use chunks::{ChunkContent, content, cut};
pub use error::PictureError;
pub use paint::{Painter, paint_frame};
pub use raster::Raster;
pub use resolve::{Resolved, resolve};
pub use rgba::Rgba;
pub use sources::{CaptionLook, PlacedRaster, Sources};
pub use yuv::{Yuv, to_rgb8};
pub use art::ArtError;
pub use fonts::{Fonts, fonts_digest};
pub use plate::Placed;
