//! What the painter asks the outside for.

use std::sync::Arc;

use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{Clip, WordPlace};
use workprint_model::{Artifact, Frames, Language, SafeBox, Size};

use crate::caption::CaptionArt;
use crate::error::PictureError;
use crate::looks::Cube;
use crate::raster::{Detail, Raster};
use crate::yuv::Yuv;

/// What the painter asks the outside for. Painting threads ask at the same time, and often for the
/// same thing again: implementations cache.
pub trait Sources: Sync {
    /// A still's layer or an overlay's plate, decoded.
    fn still(&self, image: &Artifact) -> Result<Arc<Raster>, PictureError>;

    /// The same, where no more than `detail` of it is looked at: what is kept may then be much smaller.
    /// More detail than was asked for changes no pixel.
    fn still_in(&self, image: &Artifact, detail: Detail) -> Result<Arc<Raster>, PictureError> {
        let _ = detail;
        self.still(image)
    }

    /// Says which stills will be asked for next, so that they can be made ready side by side. Nothing
    /// is wrong with doing nothing.
    fn expect(&self, images: &[(&Artifact, Detail)]) {
        let _ = images;
    }

    /// Frame `frame` of `clip`, counted from the clip's start at the timeline's rate and the clip's
    /// speed, scaled to exactly `size` (not cropped). `frame` is less than `clip.frames`.
    fn clip(&self, clip: &Clip, size: Size, frame: Frames) -> Result<Arc<Yuv>, PictureError>;

    /// A look's table of colours, read.
    fn cube(&self, file: &Artifact) -> Result<Arc<Cube>, PictureError> {
        Err(PictureError::Source {
            what: format!("the table of colours `{}`", file.digest.short()),
            cause: "there is none".into(),
        })
    }

    /// A burned caption, drawn for a frame of `caption.frame`. It is asked for with every frame: what
    /// [`CaptionArt::is_of`] a look can be given again.
    fn caption(&self, caption: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError>;

    /// The slate of a draft's frame.
    fn slate(&self, slate: &SlateLook) -> Result<Arc<PlacedRaster>, PictureError> {
        Err(PictureError::Source {
            what: format!("the slate of `{}`", slate.shot),
            cause: "slates are not drawn here".into(),
        })
    }
}

/// Everything that decides how a slate looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlateLook {
    /// The shot's name.
    pub shot: String,
    /// The frame's time code.
    pub time: String,
    /// The size of the frame that it is drawn for.
    pub frame: Size,
}

/// Everything that decides how a caption looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionLook {
    /// Its lines, from the top.
    pub lines: Vec<String>,
    /// How they are drawn.
    pub style: CaptionStyle,
    /// The language of their text.
    pub language: Language,
    /// The size of the frame that they are drawn for.
    pub frame: Size,
    /// The part of the frame that they must lie in; none is the whole frame.
    pub safe: Option<SafeBox>,
    /// Where its words stand, in order; empty where nothing shows when they are heard.
    pub words: Vec<WordPlace>,
    /// How far they have been heard.
    pub heard: Option<Heard>,
}

/// How far a caption's words have been heard, in whole steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Heard {
    /// The number of the word that is on, or was last.
    pub word: u16,
    /// How far that is: up to [`Heard::FILL`] for what runs through words, up to [`Heard::STEPS`]
    /// for what springs or comes up, characters up to [`Heard::TYPED`] for what is typed, else 0.
    pub step: u8,
}

impl Heard {
    /// A word that has been filled.
    pub const FILL: u8 = 32;
    /// A word that has come to rest.
    pub const STEPS: u8 = 8;
    /// A word that has been typed to its end, however many characters it has.
    pub const TYPED: u8 = u8::MAX;
}

/// A picture and its place in the frame.
#[derive(Debug, Clone)]
pub struct PlacedRaster {
    /// The left edge in the frame.
    pub x: i32,
    /// The top edge in the frame.
    pub y: i32,
    /// The picture, painted pixel for pixel.
    pub raster: Raster,
}
