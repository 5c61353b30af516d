//! Captions burned into the picture.

use workprint_model::show::CaptionStyle;
use workprint_model::{Language, Size};

use crate::fonts::Fonts;
use crate::plate::Placed;
use crate::text::{Backing, Ink, Laid, Outline, Type, draw, lay};

/// No line is wider than this share of the frame.
const WIDEST: f32 = 0.9;

/// Draws a caption: `lines` exactly as given, centred, in the smallest plate that holds them.
///
/// Sizes in percent of the frame's height are of 9/16 of its width where that is less, so that
/// captions of an upright frame are as large on a telephone as the eye expects. Lines wider than 90 %
/// of the frame make all of them smaller. The lowest line's foot is `style.bottom` above the frame's
/// bottom, but the plate always stays inside the frame. Place and size are even.
pub fn caption_plate(
    lines: &[String],
    style: &CaptionStyle,
    frame: Size,
    language: &Language,
    fonts: &Fonts,
) -> Placed {
    let (width, height) = (frame.width as f32, frame.height as f32);
    let laid = lay_lines(lines, style, frame, (language, fonts));
    let size = laid.size();
    let outline = style.outline.ratio() as f32 * size;
    let ink = Ink {
        outline: (outline > 0.0).then_some(Outline {
            colour: style.outline_colour,
            width: outline,
        }),
        backing: style.box_colour.map(|colour| Backing {
            colour,
            opacity: style.box_opacity.ratio() as f32,
            pad_x: size * 0.45,
            pad_y: size * 0.16,
            radius: size * 0.22,
        }),
        ..Ink::of(style.colour)
    };
    let foot = height * (1.0 - style.bottom.ratio() as f32);
    let x = (width - laid.width()) / 2.0;
    let y = foot - laid.height();
    let plate = draw(&laid, &ink).moved(x.round() as i32, y.round() as i32);
    inside(&plate, frame).evened()
}

/// The size of captions of a style in a frame, in pixels.
fn letter_size(style: &CaptionStyle, frame: Size) -> f32 {
    let (width, height) = (frame.width as f32, frame.height as f32);
    // 9/16 of the width alone would make an upright frame's letters a third of what they were.
    let upright = width * 0.95;
    style.size.ratio() as f32 * height.min(upright)
}

fn lay_lines(
    lines: &[String],
    style: &CaptionStyle,
    frame: Size,
    (language, fonts): (&Language, &Fonts),
) -> Laid {
    let text = lines.join("\n");
    let widest = frame.width as f32 * WIDEST;
    let mut letters = Type {
        bold: style.bold,
        leading: 1.22,
        ..Type::new(letter_size(style, frame).max(4.0), language)
    };
    let mut laid = lay(&text, &letters, None, fonts);
    for _ in 0..3 {
        if laid.width() <= widest || letters.size <= 2.0 {
            break;
        }
        letters.size *= (widest / laid.width()).min(0.99);
        laid = lay(&text, &letters, None, fonts);
    }
    laid
}

/// Moved so that it lies inside the frame as far as its size lets it.
fn inside(plate: &Placed, frame: Size) -> Placed {
    let mut plate = plate.clone();
    let hold = |at: i32, length: u32, frame: u32| at.min(frame as i32 - length as i32).max(0);
    plate.x = hold(plate.x, plate.image.size.width, frame.width);
    plate.y = hold(plate.y, plate.image.size.height, frame.height);
    plate
}
