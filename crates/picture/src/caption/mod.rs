//! Captions burned into the picture.
//!
//! A caption is set in type once ([`setting`]) and drawn into a few plates, each once. What changes
//! while its words are heard is only which parts of the plates are painted ([`CaptionArt::parts`]).

mod art;
mod effect;
mod setting;
mod spans;

pub use self::art::{CaptionArt, CaptionPart, FramePart};
use self::setting::Setting;
use crate::fonts::Fonts;
use crate::plate::Placed;
use crate::sources::CaptionLook;
use crate::text::draw;

/// Draws a caption at rest: its lines exactly as given, in the smallest plate that holds them.
///
/// Sizes in percent of the frame's height are of 95 % of its width where that is less, so that
/// captions of an upright frame are as large on a telephone as the eye expects. Lines wider than the
/// safe box, or than 90 % of the frame, make all of them smaller. The lowest line's foot is
/// `style.bottom` above the frame's bottom, but the plate always stays inside the safe box, and inside
/// the frame. Place and size are even.
pub fn caption_plate(look: &CaptionLook, fonts: &Fonts) -> Placed {
    let setting = Setting::of(look, fonts);
    let plate = draw(&setting.laid, &setting.ink()).moved(setting.x, setting.y);
    setting.inside(&plate).evened()
}

/// How large a caption's letters are set so that its lines fit, in percent of the size that its style
/// asks for.
pub fn fitted(look: &CaptionLook, fonts: &Fonts) -> u32 {
    let wanted = look.style.letter_size(look.frame).max(1);
    let set = Setting::of(look, fonts).laid.size();
    ((set * 10_000.0 / wanted as f32).round() as u32).clamp(1, 100)
}

/// How the letters of a caption are set, for players that set them again: all in thousandths of the
/// letter size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The family that most of them are set in.
    pub name: &'static str,
    /// How high that family's lines are (`usWinAscent` and `usWinDescent` of its OS/2 table).
    pub line: i32,
    /// How far below the foot of a line of that height the foot of a burned line lies, where both
    /// have the same baseline.
    pub below: i32,
    /// How far above the head of a line of that height the head of a burned line lies.
    pub above: i32,
}

/// The family that most of a caption is set in.
pub fn family(look: &CaptionLook) -> Family {
    let (name, lines) = crate::fonts::main_family(&look.lines.join(" "), &look.language);
    let leading = (look.style.leading() * 10).cast_signed();
    let half = (leading - lines.laid.0 - lines.laid.1) / 2;
    Family {
        name,
        line: lines.windows.0 + lines.windows.1,
        below: lines.laid.1 + half - lines.windows.1,
        above: lines.laid.0 + half - lines.windows.0,
    }
}
