//! Bars: upright, or lying where their labels need the room.

use vello_cpu::kurbo::Rect;
use workprint_model::episode::{ChartSpec, ChartValue};
use workprint_model::graphic::{Content, Edge, Motion};

use super::{Panel, colour_of, panel, part, written};
use crate::art::ArtError;
use crate::graphic::Drawn;
use crate::graphic::set::{Board, Parts, Round, Set, even};
use crate::text::{Ink, Laid, Type};

/// A bar, where it is when it has grown, and its words.
struct Bar<'c> {
    value: &'c ChartValue,
    rect: Rect,
    edge: Edge,
    amount: Laid,
    amount_at: (f64, f64),
    label: Option<(Laid, (f64, f64))>,
}

/// Upright bars, or lying ones where the labels need the room.
pub(in crate::graphic) fn bars(set: &Set<'_>, chart: &ChartSpec) -> Result<Drawn, ArtError> {
    let Panel { mut board, plot } = panel(set);
    let slot = plot.width() / chart.values.len().max(1) as f64;
    let label = set.sans(0.024, false);
    let wide = |value: &ChartValue| f64::from(set.line(&value.label, &label, f64::MAX).width());
    let lying = chart.values.iter().any(|value| wide(value) > slot * 1.25);
    let bars = if lying {
        Lying::new(set, chart, plot).bars()
    } else {
        Upright::new(set, chart, plot).bars()
    };
    let mut amounts = Board::over(plot.inflate(set.unit * 0.04, set.unit * 0.04));
    let mut shapes = Board::over(plot);
    for bar in &bars {
        let (colour, opacity) = colour_of(set, chart, bar.value);
        let corners = corners(bar.edge, set.unit * 0.005);
        shapes.panel(bar.rect, corners, colour, opacity);
        amounts.words(&bar.amount, &Ink::of(set.on_panel()), bar.amount_at);
        if let Some((label, at)) = &bar.label {
            let ink = Ink {
                opacity: 0.86,
                ..Ink::of(set.on_panel())
            };
            board.words(label, &ink, *at);
        }
    }
    board.rect(axis(set, &bars, lying, plot), set.on_panel(), 0.3);
    put_together(chart, &bars, [board, shapes, amounts])
}

/// The panel, then each bar and its amount as windows of one picture of all of them.
fn put_together(
    chart: &ChartSpec,
    bars: &[Bar<'_>],
    [board, shapes, amounts]: [Board; 3],
) -> Result<Drawn, ArtError> {
    let mut parts = Parts::default();
    parts.still(board)?;
    let shapes = parts.keep(&shapes.placed().cropped().evened())?;
    let amounts = parts.keep(&amounts.placed().cropped().evened())?;
    for (index, bar) in bars.iter().enumerate() {
        let (after_ms, over_ms) = beat(chart, index);
        let motion = Motion::Grow {
            after_ms,
            over_ms,
            edge: bar.edge,
        };
        if let Some(window) = even(bar.rect) {
            parts.part(Content::Plate(shapes.clone()), Some(window), motion);
        }
        let (x, y) = bar.amount_at;
        let (wide, tall) = (bar.amount.width(), bar.amount.height());
        let words = Rect::new(x, y, x + f64::from(wide), y + f64::from(tall));
        let motion = Motion::Appear {
            after_ms: after_ms + over_ms / 2,
            over_ms: over_ms / 3,
        };
        let window = even(words.inflate(2.0, 2.0));
        parts.part(Content::Plate(amounts.clone()), window, motion);
    }
    parts.finish()
}

/// Round corners at the end that is free.
const fn corners(edge: Edge, radius: f64) -> Round {
    let [mut a, mut b, mut c, mut d] = [radius; 4];
    match edge {
        Edge::Bottom => (c, d) = (0.0, 0.0),
        Edge::Top => (a, b) = (0.0, 0.0),
        Edge::Left => (a, d) = (0.0, 0.0),
        Edge::Right => (b, c) = (0.0, 0.0),
    }
    Round {
        left_top: a,
        right_top: b,
        right_bottom: c,
        left_bottom: d,
    }
}

/// The line that bars stand on.
fn axis(set: &Set<'_>, bars: &[Bar<'_>], lying: bool, plot: Rect) -> Rect {
    let thick = set.thick(0.002, 1.0);
    let foot = bars.first().map_or(0.0, |bar| match bar.edge {
        Edge::Bottom => bar.rect.y1,
        Edge::Top => bar.rect.y0,
        Edge::Left => bar.rect.x0,
        Edge::Right => bar.rect.x1,
    });
    if lying {
        Rect::new(foot - thick, plot.y0, foot, plot.y1)
    } else {
        Rect::new(plot.x0, foot, plot.x1, foot + thick)
    }
}

/// How upright bars are laid.
struct Upright<'s, 'a, 'c> {
    set: &'s Set<'a>,
    chart: &'c ChartSpec,
    plot: Rect,
    slot: f64,
    amounts: Type<'a>,
    labels: Type<'a>,
    /// Room for the labels below.
    foot: f64,
}

impl<'s, 'a, 'c> Upright<'s, 'a, 'c> {
    fn new(set: &'s Set<'a>, chart: &'c ChartSpec, plot: Rect) -> Self {
        let slot = plot.width() / chart.values.len().max(1) as f64;
        let (mut amounts, mut labels) = (set.sans(0.026, true), set.sans(0.024, false));
        // One size for all of them, which is what makes a chart look calm.
        let values = || chart.values.iter();
        let widest = |style: &Type<'_>, text: &dyn Fn(&ChartValue) -> String| {
            let widths = values().map(|value| set.line(&text(value), style, f64::MAX).width());
            widths.fold(1.0, f32::max)
        };
        let amount = |value: &ChartValue| written(set, chart, value.value.thousandths());
        amounts.size *= (slot as f32 * 0.98 / widest(&amounts, &amount)).min(1.0);
        labels.size *=
            (slot as f32 * 0.94 / widest(&labels, &|value| value.label.clone())).min(1.0);
        let labelled = values().any(|value| !value.label.is_empty());
        Self {
            foot: if labelled {
                f64::from(labels.size) * 1.7
            } else {
                0.0
            },
            set,
            chart,
            plot,
            slot,
            amounts,
            labels,
        }
    }

    fn bars(&self) -> Vec<Bar<'c>> {
        let (base, low, high) = scale(self.chart);
        let over = f64::from(self.amounts.size) * 1.3;
        let under = if low < base { over } else { 0.0 };
        let (top, bottom) = (self.plot.y0 + over, self.plot.y1 - self.foot - under);
        let y_of = |value: i64| snap(bottom - part(value, low, high) * (bottom - top).max(4.0));
        let zero = y_of(base);
        let values = self.chart.values.iter().enumerate();
        let bars = values.map(|(index, value)| {
            let number = value.value.thousandths();
            let at = y_of(number);
            let (edge, y0, y1) = if number >= base {
                (Edge::Bottom, at.min(zero - 2.0), zero)
            } else {
                (Edge::Top, zero, at.max(zero + 2.0))
            };
            self.bar(value, index, (edge, y0, y1))
        });
        bars.collect()
    }

    fn bar(
        &self,
        value: &'c ChartValue,
        index: usize,
        (edge, y0, y1): (Edge, f64, f64),
    ) -> Bar<'c> {
        let set = self.set;
        let along = self.slot * (index as f64 + 0.5);
        let middle = if set.rtl() {
            self.plot.x1 - along
        } else {
            self.plot.x0 + along
        };
        let wide = (self.slot * 0.62).min(set.unit * 0.13);
        let left = snap(middle - wide / 2.0);
        let right = snap(middle + wide / 2.0).max(left + 2.0);
        let amount = written(set, self.chart, value.value.thousandths());
        let amount = set.line(&amount, &self.amounts, f64::MAX);
        let over = f64::from(self.amounts.size) * 1.3;
        let amount_y = if edge == Edge::Bottom { y0 - over } else { y1 };
        let label = (!value.label.is_empty()).then(|| {
            let laid = set.line(&value.label, &self.labels, f64::MAX);
            let x = middle - f64::from(laid.width()) / 2.0;
            let y = self.plot.y1 - self.foot + f64::from(self.labels.size) * 0.35;
            (laid, (x, y))
        });
        Bar {
            value,
            rect: Rect::new(left, y0, right, y1),
            edge,
            amount_at: (middle - f64::from(amount.width()) / 2.0, amount_y),
            amount,
            label,
        }
    }
}

/// How lying bars are laid.
struct Lying<'s, 'a, 'c> {
    set: &'s Set<'a>,
    chart: &'c ChartSpec,
    plot: Rect,
    row: f64,
    labels: Vec<Laid>,
    amounts: Vec<Laid>,
    gap: f64,
}

impl<'s, 'a, 'c> Lying<'s, 'a, 'c> {
    fn new(set: &'s Set<'a>, chart: &'c ChartSpec, plot: Rect) -> Self {
        let row = plot.height() / chart.values.len().max(1) as f64;
        let size = set.letters(0.027).min((row * 0.62) as f32);
        let style = |bold: bool| Type {
            size,
            ..set.sans(0.027, bold)
        };
        let room = plot.width() * 0.36;
        let label = |value: &ChartValue| set.line(&value.label, &style(false), room);
        let amount = |value: &ChartValue| {
            let text = written(set, chart, value.value.thousandths());
            set.line(&text, &style(true), f64::MAX)
        };
        Self {
            labels: chart.values.iter().map(label).collect(),
            amounts: chart.values.iter().map(amount).collect(),
            gap: set.unit * 0.014,
            set,
            chart,
            plot,
            row,
        }
    }

    fn bars(self) -> Vec<Bar<'c>> {
        let widest = |laids: &[Laid]| f64::from(laids.iter().map(Laid::width).fold(0.0, f32::max));
        let (base, low, high) = scale(self.chart);
        let after = widest(&self.amounts) + self.gap;
        let below = if low < base { after } else { 0.0 };
        let before = widest(&self.labels) + self.gap + below;
        let (plot, flip) = (self.plot, self.set.rtl());
        let room = (plot.width() - before - after).max(8.0);
        let x_of = |value: i64| {
            let along = before + part(value, low, high) * room;
            snap(if flip {
                plot.x1 - along
            } else {
                plot.x0 + along
            })
        };
        let zero = x_of(base);
        let mut bars = Vec::new();
        for (index, value) in self.chart.values.iter().enumerate() {
            let number = value.value.thousandths();
            let at = x_of(number);
            let span = if (number >= base) == flip {
                (Edge::Right, at.min(zero - 2.0), zero)
            } else {
                (Edge::Left, zero, at.max(zero + 2.0))
            };
            bars.push(self.bar(value, index, span));
        }
        bars
    }

    fn bar(
        &self,
        value: &'c ChartValue,
        index: usize,
        (edge, x0, x1): (Edge, f64, f64),
    ) -> Bar<'c> {
        let (label, amount) = (self.labels[index].clone(), self.amounts[index].clone());
        let middle = self.plot.y0 + self.row * (index as f64 + 0.5);
        let high = (self.row * 0.56).min(self.set.unit * 0.06);
        let top = snap(middle - high / 2.0);
        let bottom = snap(middle + high / 2.0).max(top + 2.0);
        let amount_x = match edge {
            Edge::Left => x1 + self.gap * 0.7,
            _ => x0 - self.gap * 0.7 - f64::from(amount.width()),
        };
        let label_x = if self.set.rtl() {
            self.plot.x1 - f64::from(label.width())
        } else {
            self.plot.x0
        };
        let centre = |laid: &Laid| middle - f64::from(laid.height()) / 2.0;
        Bar {
            value,
            rect: Rect::new(x0, top, x1, bottom),
            edge,
            amount_at: (amount_x, centre(&amount)),
            label: Some((label.clone(), (label_x, centre(&label)))),
            amount,
        }
    }
}

/// When bar `index` begins to grow, and for how long, in milliseconds.
fn beat(chart: &ChartSpec, index: usize) -> (u32, u32) {
    let (count, over) = (chart.values.len().max(1) as u32, chart.over_ms);
    // Each begins a little after the one before; the last ends with the chart's time.
    let spread = over * 2 / 5;
    (200 + spread * index as u32 / count, over - spread)
}

/// The scale of bars: its base, and the lowest and the highest value on it, in thousandths.
fn scale(chart: &ChartSpec) -> (i64, i64, i64) {
    let values = || chart.values.iter().map(|value| value.value.thousandths());
    let base = chart.base.unwrap_or_default().thousandths();
    let low = values().min().unwrap_or(0).min(base);
    let high = values().max().unwrap_or(0).max(base);
    (base, low, if low == high { high + 1 } else { high })
}

/// An even place, so that chroma, which is halved, keeps the edges clean.
fn snap(at: f64) -> f64 {
    (at / 2.0).round() * 2.0
}
