//! Words that must fit a few lines.

use workprint_model::words::{join, units};

use crate::fonts::Fonts;
use crate::text::{Laid, Type, lay};

/// A text, and where it may be cut off.
#[derive(Debug, Clone, Copy)]
pub(super) enum Words<'a> {
    /// Between any two characters.
    Letters(&'a str),
    /// Between words, or characters of scripts without spaces.
    Units(&'a str),
}

impl Words<'_> {
    fn pieces(&self) -> usize {
        match self {
            Self::Letters(text) => text.chars().count(),
            Self::Units(text) => units(text).len(),
        }
    }

    fn first(&self, pieces: usize) -> String {
        let mut text = match self {
            Self::Letters(text) => text.chars().take(pieces).collect(),
            Self::Units(text) => join(&units(text)[..pieces]),
        };
        text.truncate(
            text.trim_end_matches([' ', ',', ';', ':', '.', '–', '—'])
                .len(),
        );
        text.push('…');
        text
    }
}

/// Lays as much of a text as fits `lines` lines of `width` pixels, with an ellipsis where something
/// is left out.
pub(super) fn shorten(
    words: &Words<'_>,
    style: &Type<'_>,
    (width, lines): (f32, usize),
    fonts: &Fonts,
) -> Laid {
    let (Words::Letters(text) | Words::Units(text)) = *words;
    let within = (lines > 1).then_some(width);
    let fits = |laid: &Laid| laid.lines() <= lines && laid.width() <= width;
    let all = lay(text, style, within, fonts);
    if fits(&all) {
        return all;
    }
    let (mut short, mut long) = (0, words.pieces());
    while long - short > 1 {
        let middle = usize::midpoint(short, long);
        if fits(&lay(&words.first(middle), style, within, fonts)) {
            short = middle;
        } else {
            long = middle;
        }
    }
    lay(&words.first(short), style, within, fonts)
}

#[cfg(test)]
mod tests {
    use workprint_model::Language;

    use super::*;

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        assert_eq!(Words::Units("One lamp, then another").first(2), "One lamp…");
        assert_eq!(Words::Units("太阳升起了").first(2), "太阳…");
        assert_eq!(Words::Letters("a-long-name").first(6), "a-long…");
    }

    #[test]
    fn as_much_is_kept_as_fits() {
        let language: Language = "en".parse().unwrap();
        let style = Type::new(16.0, &language);
        let fonts = Fonts::built_in();
        let text = "word ".repeat(80);
        let laid = shorten(&Words::Units(&text), &style, (200.0, 3), fonts);
        assert_eq!(laid.lines(), 3);
        assert!(laid.width() <= 200.0);
        let one = shorten(&Words::Letters("Ann"), &style, (200.0, 1), fonts);
        assert!(one.width() < 60.0);
        let none = shorten(&Words::Letters("Ann"), &style, (1.0, 1), fonts);
        assert_eq!(none.lines(), 1);
    }
}
