//! Words one under the other.

use super::set::Board;
use crate::text::{Ink, Laid};

/// Rows of words, flush on the side where reading begins.
#[derive(Default)]
pub(super) struct Column {
    /// Words, how they look, and the room over them.
    rows: Vec<(Laid, Ink, f64)>,
}

impl Column {
    /// Adds words where there are any; the room over the first row is left out.
    pub(super) fn add(&mut self, laid: Option<Laid>, ink: Ink, over: f64) {
        let over = if self.rows.is_empty() { 0.0 } else { over };
        self.rows.extend(laid.map(|laid| (laid, ink, over)));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn width(&self) -> f64 {
        let widths = self.rows.iter().map(|(laid, ..)| laid.width());
        f64::from(widths.fold(0.0, f32::max))
    }

    pub(super) fn height(&self) -> f64 {
        let rows = self.rows.iter();
        rows.map(|(laid, _, over)| f64::from(laid.height()) + over)
            .sum()
    }

    /// Draws them in a room that is `wide`, flush right or left.
    pub(super) fn draw(&self, board: &mut Board, (x, y): (f64, f64), (wide, right): (f64, bool)) {
        let mut y = y;
        for (laid, ink, over) in &self.rows {
            y += over;
            let left = if right {
                x + wide - f64::from(laid.width())
            } else {
                x
            };
            board.words(laid, ink, (left, y));
            y += f64::from(laid.height());
        }
    }
}

/// Ink of a colour that is not all there.
pub(super) fn dim(colour: workprint_model::episode::Colour, opacity: f32) -> Ink {
    Ink {
        opacity,
        ..Ink::of(colour)
    }
}
