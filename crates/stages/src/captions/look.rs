//! How captions are set where they are burned, for files that repeat it.

use workprint_interchange::captions::AssLook;
use workprint_model::Size;
use workprint_model::timeline::PlacedCaption;
use workprint_picture::caption::{family, fitted};
use workprint_picture::{CaptionLook, Fonts};

/// The family and the size of a caption's letters.
pub(super) fn as_burned(caption: &PlacedCaption, frame: Size, fonts: &Fonts) -> AssLook {
    let look = CaptionLook {
        lines: caption.lines.clone(),
        style: caption.style.clone(),
        language: caption.language.clone(),
        frame,
        safe: caption.safe,
        words: Vec::new(),
        heard: None,
    };
    let family = family(&look);
    AssLook {
        font: family.name.to_owned(),
        line: family.line.unsigned_abs(),
        below: family.below,
        above: family.above,
        fitted: fitted(&look, fonts),
    }
}
