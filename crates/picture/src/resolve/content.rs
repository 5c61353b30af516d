//! Digests of what a frame shows.

use workprint_model::digest::Hasher;
use workprint_model::episode::{Blend, Colour, PlateSpec};
use workprint_model::graphic::Area;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{Clip, PlacedLook, Plate, WordPlace};
use workprint_model::{Digest, Frames, SafeBox, Size};

use super::{
    Bars, Base, Layer, LayerSource, Mask, Resolved, Shown, ShownClip, ShownLook, ShownPlate, Smear,
    View, WHOLE, Window,
};
use crate::sources::{CaptionLook, Heard, SlateLook};

/// Raised whenever the same description would be painted differently, so that nothing painted
/// before is taken for what would be painted now.
pub const PAINT_REVISION: u32 = 4;

impl Resolved {
    /// A digest of everything that decides how the frame looks. Fields are written in a fixed order,
    /// numbers in eight bytes, texts and lists with their lengths.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::default();
        number(&mut hasher, PAINT_REVISION);
        size(&mut hasher, self.size);
        self.write_picture(&mut hasher);
        write_looks(&self.looks, &mut hasher);
        self.write_overlays(&mut hasher);
        self.write_captions(&mut hasher);
        write_slate(self.slate.as_ref(), &mut hasher);
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
            Self::Pass {
                from,
                to,
                mask: seen,
                smear,
            } => {
                number(hasher, 4);
                view(hasher, from);
                view(hasher, to);
                mask(hasher, *seen);
                let Smear { axis, length } = smear.unwrap_or(Smear { axis: 0, length: 0 });
                number(hasher, axis as i64);
                number(hasher, length);
            }
        }
    }
}

/// Nothing is written where there are no looks.
pub(crate) fn write_looks(looks: &[ShownLook], hasher: &mut Hasher) {
    if looks.is_empty() {
        return;
    }
    hasher.update(b"looks");
    length(hasher, looks.len());
    for ShownLook { look, moment } in looks {
        let PlacedLook { look, cube } = look;
        // All that is written in a manifest, by name, with its numbers: what a look is made of
        // grows, and nothing may be left out.
        text(hasher, &serde_json::to_string(look).unwrap_or_default());
        number(hasher, u8::from(cube.is_some()));
        if let Some(cube) = cube {
            hasher.update(cube.digest.as_bytes());
        }
        number(hasher, u8::from(moment.is_some()));
        if let Some(moment) = moment {
            wide(hasher, moment.number);
            wide(hasher, moment.salt);
        }
    }
}

fn plate_spec(hasher: &mut Hasher, plate: &PlateSpec) {
    let PlateSpec {
        colour: from,
        to,
        angle,
        radial,
        x,
        y,
    } = plate;
    colour(hasher, *from);
    number(hasher, u8::from(to.is_some()));
    colour(hasher, to.unwrap_or(*from));
    let middle = [x, y].map(|place| i64::from(place.hundredths()));
    let angle = i64::from(*angle);
    numbers(hasher, [angle, i64::from(*radial), middle[0], middle[1]]);
}

pub(crate) fn write_overlays(overlays: &[Shown], hasher: &mut Hasher) {
    length(hasher, overlays.len());
    for shown in overlays {
        match shown {
            Shown::Plate(plate) => shown_plate(hasher, plate),
            Shown::Clip(clip) => shown_clip(hasher, clip),
        }
    }
}

fn shown_plate(hasher: &mut Hasher, shown: &ShownPlate) {
    let ShownPlate {
        plate:
            Plate {
                image,
                x,
                y,
                size: plate_size,
            },
        opacity,
        shift,
        window,
        blend,
    } = shown;
    hasher.update(image.digest.as_bytes());
    number(hasher, *x);
    number(hasher, *y);
    size(hasher, *plate_size);
    // Opacity and blend end far below: what lies above tells what follows.
    let moves = i64::from(*shift != (0, 0)) << 16;
    let cut = i64::from(window.is_some()) << 17;
    number(hasher, marked(*opacity, *blend) | moves | cut);
    if moves != 0 {
        number(hasher, shift.0);
        number(hasher, shift.1);
    }
    if let Some(window) = window {
        area(hasher, window);
    }
}

fn shown_clip(hasher: &mut Hasher, shown: &ShownClip) {
    let ShownClip {
        clip,
        frame,
        size: clip_size,
        area: place,
        radius,
        opacity,
        window,
    } = shown;
    // No image has this digest.
    hasher.update(&[0xff; 32]);
    clip_at(hasher, clip, *frame);
    size(hasher, *clip_size);
    area(hasher, place);
    number(hasher, *radius);
    number(hasher, *opacity);
    number(hasher, u8::from(window.is_some()));
    if let Some(window) = window {
        area(hasher, window);
    }
}

fn area(hasher: &mut Hasher, area: &Area) {
    number(hasher, area.x);
    number(hasher, area.y);
    size(hasher, area.size);
}

/// An opacity as it was always written, and, where the blend is not the usual one, with its mark.
fn marked(opacity: u16, blend: Blend) -> i64 {
    i64::from(opacity) + 1000 * blend as i64
}

/// Without a slate nothing is written: frames without one have the digests that they always had.
pub(crate) fn write_slate(slate: Option<&SlateLook>, hasher: &mut Hasher) {
    let Some(SlateLook { shot, time, frame }) = slate else {
        return;
    };
    text(hasher, shot);
    text(hasher, time);
    size(hasher, *frame);
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
            safe,
            words,
            heard,
        } = self;
        length(hasher, lines.len());
        for line in lines {
            text(hasher, line);
        }
        caption_style(hasher, style);
        text(hasher, language.as_str());
        size(hasher, *frame);
        if let Some(SafeBox {
            left,
            top,
            right,
            bottom,
        }) = safe
        {
            // No list has this length, nor the next: what follows is not taken for another caption.
            number(hasher, -2);
            let sides = [left, top, right, bottom];
            numbers(hasher, sides.map(|side| i64::from(side.hundredths())));
        }
        if let Some(Heard { word, step }) = heard {
            number(hasher, -3);
            length(hasher, words.len());
            for WordPlace { line, start, end } in words {
                number(hasher, *line);
                number(hasher, *start);
                number(hasher, *end);
            }
            number(hasher, *word);
            number(hasher, *step);
        }
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
    layers(hasher, &view.layers);
    let kinds = u8::from(view.bars.is_some()) + 2 * u8::from(view.backdrop.is_some());
    number(hasher, kinds);
    if let Some(edges) = view.bars {
        bars(hasher, edges);
    }
    if let Some(behind) = &view.backdrop {
        layers(hasher, &behind.layers);
        window(hasher, behind.window);
        numbers(hasher, [behind.window.lean[0], behind.window.lean[1], 0, 0]);
    }
    write_looks(&view.looks, hasher);
}

fn layers(hasher: &mut Hasher, layers: &[Layer]) {
    length(hasher, layers.len());
    for layer in layers {
        self::layer(hasher, layer);
    }
}

fn layer(hasher: &mut Hasher, layer: &Layer) {
    match &layer.source {
        LayerSource::Still(image) => {
            number(hasher, 0);
            hasher.update(image.digest.as_bytes());
        }
        LayerSource::Clip(clip, frame) => {
            number(hasher, 1);
            clip_at(hasher, clip, *frame);
        }
        LayerSource::Plate(plate) => {
            number(hasher, 2);
            plate_spec(hasher, plate);
        }
    }
    size(hasher, layer.size);
    window(hasher, layer.window);
    // What is as usual is written as it was before there was anything else.
    let blended = (layer.blend, layer.opacity) != (Blend::Normal, WHOLE);
    let kinds = [layer.cut, layer.window.leans(), blended];
    let kinds = kinds
        .iter()
        .rev()
        .fold(0, |sum, &kind| 2 * sum + i64::from(kind));
    number(hasher, kinds);
    if layer.window.leans() {
        number(hasher, layer.window.lean[0]);
        number(hasher, layer.window.lean[1]);
    }
    if blended {
        number(hasher, marked(layer.opacity, layer.blend));
    }
}

fn window(hasher: &mut Hasher, window: Window) {
    let Window {
        left,
        top,
        width,
        height,
        lean: _,
    } = window;
    numbers(hasher, [left, top, width, height]);
}

fn bars(hasher: &mut Hasher, bars: Bars) {
    let Bars {
        left,
        top,
        right,
        bottom,
    } = bars;
    numbers(hasher, [left, top, right, bottom]);
}

fn mask(hasher: &mut Hasher, mask: Mask) {
    match mask {
        Mask::Line {
            axis,
            at,
            soft,
            beyond,
        } => {
            number(hasher, 0);
            numbers(hasher, [axis as i64, at, soft, i64::from(beyond)]);
        }
        Mask::Circle {
            centre,
            radius,
            soft,
        } => {
            number(hasher, 1);
            numbers(hasher, [centre[0], centre[1], radius, soft]);
        }
        Mask::Rectangle { edges, soft, share } => {
            number(hasher, 2);
            bars(hasher, edges);
            number(hasher, soft);
            number(hasher, share);
        }
    }
}

/// A clip's frame. Where the clip ends and what follows is already decided by the frame's number.
fn clip_at(hasher: &mut Hasher, clip: &Clip, frame: Frames) {
    let Clip {
        video,
        size: shape,
        start,
        speed,
        frames: _,
        then: _,
    } = clip;
    hasher.update(video.digest.as_bytes());
    size(hasher, *shape);
    wide(hasher, start.0);
    number(hasher, speed.hundredths());
    wide(hasher, frame.0);
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
        place,
        effect,
        accent,
        accent_letters,
        upper,
        shadow,
        // Decide on lines and their times, not on how these are drawn.
        line_length: _,
        lines: _,
        words: _,
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
    let plain = CaptionStyle::default();
    if (*place, *effect, *upper, *shadow) != (plain.place, plain.effect, plain.upper, plain.shadow)
    {
        // No list has this length: what follows is not taken for another caption.
        number(hasher, -1);
        number(hasher, *place as u8);
        number(hasher, *effect as u8);
        colour(hasher, *accent);
        number(hasher, u8::from(accent_letters.is_some()));
        colour(hasher, accent_letters.unwrap_or(Colour::new(0, 0, 0)));
        number(hasher, u8::from(*upper));
        number(hasher, shadow.hundredths());
    }
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
