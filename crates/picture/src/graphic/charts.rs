//! Charts: bars and lines over a panel.

mod bars;
mod line;

use vello_cpu::kurbo::Rect;
use workprint_model::Quantity;
use workprint_model::episode::{ChartSpec, ChartValue, Colour};

pub(super) use self::bars::bars;
pub(super) use self::line::line;
use super::figures::Marks;
use super::set::{Board, PANEL, Round, Set, Shape};
use crate::text::{Align, Ink, Laid, Type};

/// The chart's panel, with its title and note.
struct Panel {
    board: Board,
    plot: Rect,
}

fn panel(set: &Set<'_>) -> Panel {
    let wide = set.width([0.62, 0.9, 1.0]);
    let share = match set.shape() {
        Shape::Wide => 0.84,
        Shape::Square => 0.62,
        Shape::Tall => 0.42,
    };
    let tall = (set.safe.height() * share).min(wide * 0.85).round();
    let (x, y) = set.stand((wide, tall), (1, 1));
    let rect = Rect::new(x, y, x + wide, y + tall);
    let (pad, radius) = (set.unit * 0.04, set.unit * 0.014);
    let mut board = Board::over(rect.inflate(set.unit * 0.09, set.unit * 0.09));
    board.shadow(rect, radius, (set.unit * 0.03, 0.38));
    board.panel(rect, Round::all(radius), set.theme.primary, PANEL + 0.02);
    let mut plot = rect.inset(-pad);
    let room = plot.width();
    let at = |laid: &Laid| {
        if set.rtl() {
            plot.x1 - f64::from(laid.width())
        } else {
            plot.x0
        }
    };
    let mut top = plot.y0;
    if let Some(title) = set.word("title") {
        let style = Type {
            align: Align::Start,
            leading: 1.2,
            ..set.sans(0.036, true)
        };
        let title = set.lines(title, &style, (room, tall * 0.24));
        board.words(
            &title,
            &Ink::of(set.on_panel()),
            (at(&title), plot.y0 - pad * 0.25),
        );
        top += f64::from(title.height()) + pad * 0.35;
    }
    if let Some(note) = set.word("note") {
        let style = Type {
            align: Align::Start,
            ..set.sans(0.02, false)
        };
        let note = set.lines(note, &style, (room, tall * 0.12));
        let ink = Ink {
            opacity: 0.62,
            ..Ink::of(set.on_panel())
        };
        let y = plot.y1 - f64::from(note.height()) + pad * 0.3;
        board.words(&note, &ink, (at(&note), y));
        plot.y1 = y - pad * 0.3;
    }
    plot.y0 = top;
    Panel { board, plot }
}

/// A number of the chart, as it is written.
fn written(set: &Set<'_>, chart: &ChartSpec, thousandths: i64) -> String {
    let value = Quantity::from_thousandths(thousandths).at(chart.decimals);
    let number = Marks::of(set.language).write(value, chart.decimals, true);
    format!("{}{number}{}", chart.prefix, chart.unit)
}

fn colour_of(set: &Set<'_>, chart: &ChartSpec, value: &ChartValue) -> (Colour, f32) {
    let any = chart.values.iter().any(|value| value.highlight);
    if value.highlight || !any {
        (set.theme.accent, 1.0)
    } else {
        (set.on_panel(), 0.38)
    }
}

/// Where a value lies between two, 0 to 1.
fn part(value: i64, low: i64, high: i64) -> f64 {
    (value - low) as f64 / ((high - low) as f64).max(1.0)
}
