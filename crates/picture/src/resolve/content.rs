//! Digests of what a frame shows.

use workprint_model::digest::Hasher;
use workprint_model::episode::Colour;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{Clip, Plate};
use workprint_model::{Digest, Size};

use super::{Bars, Base, Layer, LayerSource, Resolved, ShownPlate, View, Window};
use crate::sources::CaptionLook;

/// Raised whenever the same description would be painted differently, so that nothing painted
/// before is taken for what would be painted now.
const PAINT_REVISION: u32 = 1;

impl Resolved {
    /// A digest of everything that decides how the frame looks. Fields are written in a fixed order,
    /// numbers in eight bytes, texts and lists with their lengths.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::default();
        number(&mut hasher, PAINT_REVISION);
        size(&mut hasher, self.size);
        self.write_picture(&mut hasher);
        self.write_overlays(&mut hasher);
        self.write_captions(&mut hasher);
        hasher.finish()
    }

    fn write_picture(&self, hasher: &mut Hasher) {
        self.base.write(hasher);
    }

    fn write_overlays(&self, hasher: &mut Hasher) {
        write_overlays(&self.overlays, hasher);
    }

    fn write_captions(&self, hasher: &mut Hasher) {
        write_captions(&self.captions, hasher);
    }
}

impl Base {
    pub(crate) fn write(&self, hasher: &mut Hasher) {
        match self {
            Self::Colour(value) => {
                number(hasher, 0);
                colour(hasher, *value);
            }
            Self::Shot(shot) => {
                number(hasher, 1);
                view(hasher, shot);
            }
            Self::Fade {
                view: shot,
                colour: behind,
                share,
            } => {
                number(hasher, 2);
                view(hasher, shot);
                colour(hasher, *behind);
                number(hasher, *share);
            }
            Self::Mix { from, to, share } => {
                number(hasher, 3);
                view(hasher, from);
                view(hasher, to);
                number(hasher, *share);
            }
        }
    }
}

pub(crate) fn write_overlays(overlays: &[ShownPlate], hasher: &mut Hasher) {
    length(hasher, overlays.len());
    for ShownPlate {
        plate:
            Plate {
                image,
                x,
                y,
                size: plate_size,
            },
        opacity,
    } in overlays
    {
        hasher.update(image.digest.as_bytes());
        number(hasher, *x);
        number(hasher, *y);
        size(hasher, *plate_size);
        number(hasher, *opacity);
    }
}

pub(crate) fn write_captions(captions: &[CaptionLook], hasher: &mut Hasher) {
    length(hasher, captions.len());
    for caption in captions {
        caption.write(hasher);
    }
}

impl CaptionLook {
    /// A digest of everything that decides how the caption looks: the key of its plate.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::default();
        self.write(&mut hasher);
        hasher.finish()
    }

    fn write(&self, hasher: &mut Hasher) {
        let Self {
            lines,
            style,
            language,
            frame,
        } = self;
        length(hasher, lines.len());
        for line in lines {
            text(hasher, line);
        }
        caption_style(hasher, style);
        text(hasher, language.as_str());
        size(hasher, *frame);
    }
}

/// What every digest of frames begins with: the painter's revision and the frame's size.
pub(crate) fn begin(frame: Size) -> Hasher {
    let mut hasher = Hasher::default();
    number(&mut hasher, PAINT_REVISION);
    size(&mut hasher, frame);
    hasher
}

fn view(hasher: &mut Hasher, view: &View) {
    length(hasher, view.layers.len());
    for Layer {
        source,
        size: layer_size,
        window,
        cut,
    } in &view.layers
    {
        match source {
            LayerSource::Still(image) => {
                number(hasher, 0);
                hasher.update(image.digest.as_bytes());
            }
            // Where the clip ends and what follows is already decided by the frame's number.
            LayerSource::Clip(
                Clip {
                    video,
                    size: shape,
                    start,
                    speed,
                    frames: _,
                    then: _,
                },
                frame,
            ) => {
                number(hasher, 1);
                hasher.update(video.digest.as_bytes());
                size(hasher, *shape);
                wide(hasher, start.0);
                number(hasher, speed.hundredths());
                wide(hasher, frame.0);
            }
        }
        size(hasher, *layer_size);
        let Window {
            left,
            top,
            width,
            height,
        } = *window;
        numbers(hasher, [left, top, width, height]);
        number(hasher, u8::from(*cut));
    }
    number(hasher, u8::from(view.bars.is_some()));
    if let Some(Bars {
        left,
        top,
        right,
        bottom,
    }) = view.bars
    {
        numbers(hasher, [left, top, right, bottom]);
    }
}

fn caption_style(hasher: &mut Hasher, style: &CaptionStyle) {
    let CaptionStyle {
        size,
        colour: letters,
        outline_colour,
        outline,
        box_colour,
        box_opacity,
        bold,
        bottom,
    } = style;
    numbers(
        hasher,
        [size, outline, box_opacity, bottom].map(|share| i64::from(share.hundredths())),
    );
    colour(hasher, *letters);
    colour(hasher, *outline_colour);
    number(hasher, u8::from(box_colour.is_some()));
    colour(hasher, box_colour.unwrap_or(Colour::new(0, 0, 0)));
    number(hasher, u8::from(*bold));
}

fn number(hasher: &mut Hasher, value: impl Into<i64>) {
    hasher.update(&value.into().to_le_bytes());
}

fn numbers(hasher: &mut Hasher, values: [i64; 4]) {
    for value in values {
        number(hasher, value);
    }
}

fn wide(hasher: &mut Hasher, value: u64) {
    hasher.update(&value.to_le_bytes());
}

fn length(hasher: &mut Hasher, value: usize) {
    wide(hasher, value as u64);
}

fn text(hasher: &mut Hasher, value: &str) {
    length(hasher, value.len());
    hasher.update(value.as_bytes());
}

fn size(hasher: &mut Hasher, value: Size) {
    number(hasher, value.width);
    number(hasher, value.height);
}

fn colour(hasher: &mut Hasher, Colour { r, g, b }: Colour) {
    hasher.update(&[r, g, b]);
}
