//! A line over a grid.

use vello_cpu::kurbo::{BezPath, Rect};
use workprint_model::Quantity;
use workprint_model::episode::{ChartSpec, ChartValue};
use workprint_model::graphic::{Edge, Motion};

use super::{Panel, panel, part, written};
use crate::art::ArtError;
use crate::graphic::Drawn;
use crate::graphic::set::{Board, Parts, Round, Set};
use crate::text::{Ink, Laid};

/// A line over a grid, which is drawn from its beginning on; its last value stays.
pub(in crate::graphic) fn line(set: &Set<'_>, chart: &ChartSpec) -> Result<Drawn, ArtError> {
    let Panel { mut board, plot } = panel(set);
    let grid = Grid::new(set, chart, plot);
    grid.draw(&mut board, set);
    let last = chart.values.len().saturating_sub(1).max(1) as f64;
    let values = chart.values.iter().enumerate();
    let points: Vec<(f64, f64)> = values
        .map(|(index, value)| {
            let x = grid.inner.x0 + grid.inner.width() * index as f64 / last;
            (x, grid.y_of(value.value.thousandths()))
        })
        .collect();
    line_labels(&mut board, set, (chart, &points), grid.foot);
    let mut parts = Parts::default();
    parts.still(board)?;
    let over_ms = chart.over_ms;
    let motion = Motion::Reveal {
        after_ms: 200,
        over_ms,
        edge: Edge::Left,
    };
    parts.add(&curve(set, &points, grid.inner).placed(), None, motion)?;
    for (index, value) in chart.values.iter().enumerate() {
        let is_last = index + 1 == chart.values.len();
        if !is_last && !value.highlight {
            continue;
        }
        let mark = marked(set, chart, (value, points[index]), plot);
        // The line slows down towards its end; this is when it has come by.
        let share = index as u64 * u64::from(over_ms) / chart.values.len() as u64;
        let after = if is_last {
            u64::from(over_ms) * 3 / 4
        } else {
            share / 2
        };
        let motion = Motion::Appear {
            after_ms: 200 + after as u32,
            over_ms: 250,
        };
        parts.add(&mark.placed(), None, motion)?;
    }
    parts.finish()
}

/// The lines behind a line, and what stands beside them.
struct Grid {
    ticks: Vec<i64>,
    labels: Vec<Laid>,
    inner: Rect,
    /// Where the labels below begin.
    foot: f64,
}

impl Grid {
    fn new(set: &Set<'_>, chart: &ChartSpec, plot: Rect) -> Self {
        let ticks = ticks(chart);
        let small = set.sans(0.021, false);
        // The grid has no more decimals than it needs.
        let needed = ticks
            .iter()
            .map(|tick| Quantity::from_thousandths(*tick).decimals());
        let rough = ChartSpec {
            decimals: needed.max().unwrap_or(0).min(chart.decimals),
            ..chart.clone()
        };
        let label = |tick: &i64| set.line(&written(set, &rough, *tick), &small, f64::MAX);
        let labels: Vec<Laid> = ticks.iter().map(label).collect();
        let widest = f64::from(labels.iter().map(Laid::width).fold(0.0, f32::max));
        let size = f64::from(small.size);
        let labelled = chart.values.iter().any(|value| !value.label.is_empty());
        let below = if labelled { size * 1.9 } else { 0.0 };
        Self {
            ticks,
            labels,
            inner: Rect::new(
                plot.x0 + widest + set.unit * 0.016,
                plot.y0 + size * 1.6,
                plot.x1 - size * 1.4,
                plot.y1 - below - size * 0.5,
            ),
            foot: plot.y1 - below + size * 0.45,
        }
    }

    fn y_of(&self, value: i64) -> f64 {
        let (low, high) = (self.ticks[0], self.ticks[self.ticks.len() - 1]);
        self.inner.y1 - part(value, low, high) * self.inner.height()
    }

    fn draw(&self, board: &mut Board, set: &Set<'_>) {
        let thin = set.thick(0.0016, 1.0);
        let right = self.inner.x1 + set.unit * 0.02;
        for (tick, label) in self.ticks.iter().zip(&self.labels) {
            let y = self.y_of(*tick).round();
            let across = Rect::new(self.inner.x0, y, right, y + thin);
            board.rect(across, set.on_panel(), 0.16);
            let x = self.inner.x0 - set.unit * 0.012 - f64::from(label.width());
            board.words(label, &quiet(set), (x, y - f64::from(label.height()) / 2.0));
        }
    }
}

/// What stands around a line.
fn quiet(set: &Set<'_>) -> Ink {
    Ink {
        opacity: 0.66,
        ..Ink::of(set.on_panel())
    }
}

/// The labels along the foot, as many as there is room for.
fn line_labels(
    board: &mut Board,
    set: &Set<'_>,
    (chart, points): (&ChartSpec, &[(f64, f64)]),
    y: f64,
) {
    let small = set.sans(0.021, false);
    let labels: Vec<Laid> = chart
        .values
        .iter()
        .map(|value| set.line(&value.label, &small, f64::MAX))
        .collect();
    let widest = f64::from(labels.iter().map(Laid::width).fold(1.0, f32::max)) + set.unit * 0.02;
    let span = points.last().map_or(0.0, |last| last.0 - points[0].0);
    let fits = ((span / widest) as usize).max(1);
    let step = labels.len().div_ceil(fits).max(1);
    for (index, (label, (x, _))) in labels.iter().zip(points).enumerate() {
        // Counted from the end: the last value is what is being told about.
        if (labels.len() - 1 - index).is_multiple_of(step) && !chart.values[index].label.is_empty()
        {
            board.words(label, &quiet(set), (x - f64::from(label.width()) / 2.0, y));
        }
    }
}

/// The line, and a breath of its colour under it.
fn curve(set: &Set<'_>, points: &[(f64, f64)], inner: Rect) -> Board {
    let thick = set.thick(0.0062, 2.0);
    let mut board = Board::over(inner.inflate(thick, thick));
    board.shapes(|canvas, (dx, dy)| {
        let mut path = BezPath::new();
        for (index, (x, y)) in points.iter().enumerate() {
            let at = (x + dx, y + dy);
            if index == 0 {
                path.move_to(at);
            } else {
                path.line_to(at);
            }
        }
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let mut under = path.clone();
            under.line_to((last.0 + dx, inner.y1 + dy));
            under.line_to((first.0 + dx, inner.y1 + dy));
            under.close_path();
            canvas.paint(set.theme.accent, 0.14);
            canvas.fill(&under);
        }
        canvas.paint(set.theme.accent, 1.0);
        canvas.stroke(&path, thick);
    });
    board
}

/// A dot at a point, and its value over it.
fn marked(
    set: &Set<'_>,
    chart: &ChartSpec,
    (value, (x, y)): (&ChartValue, (f64, f64)),
    plot: Rect,
) -> Board {
    let amount = set.line(
        &written(set, chart, value.value.thousandths()),
        &set.sans(0.03, true),
        plot.width(),
    );
    let radius = set.unit * 0.011;
    let (wide, tall) = (f64::from(amount.width()), f64::from(amount.height()));
    let left = (x - wide / 2.0).clamp(plot.x0, (plot.x1 - wide).max(plot.x0));
    let mut top = y - radius * 1.6 - tall;
    if top < plot.y0 - tall * 0.4 {
        top = y + radius * 1.4;
    }
    let mut board = Board::over(
        Rect::new(
            left.min(x - radius * 2.0),
            top.min(y - radius * 2.0),
            (left + wide).max(x + radius * 2.0),
            (top + tall).max(y + radius * 2.0),
        )
        .inflate(4.0, 4.0),
    );
    let dot = |radius: f64| Rect::new(x - radius, y - radius, x + radius, y + radius);
    board.panel(dot(radius), Round::all(radius), set.theme.primary, 1.0);
    board.panel(
        dot(radius * 0.72),
        Round::all(radius),
        set.theme.accent,
        1.0,
    );
    board.words(&amount, &Ink::of(set.on_panel()), (left, top));
    board
}

/// The lines of a grid, in thousandths: two to six round numbers around all values.
fn ticks(chart: &ChartSpec) -> Vec<i64> {
    let values = || chart.values.iter().map(|value| value.value.thousandths());
    let (low, high) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
    let base = chart.base.map(|base| base.thousandths().min(low));
    let low = base.unwrap_or(if low >= 0 && low * 2 <= high { 0 } else { low });
    let span = (high - low).max(1);
    // No finer than what is written.
    let mut unit = [1000, 100, 10, 1][usize::from(chart.decimals.min(3))];
    let step = loop {
        let step = [1, 2, 5]
            .map(|times| unit * times)
            .into_iter()
            .find(|step| span / step < 5);
        if let Some(step) = step {
            break step;
        }
        unit = unit.saturating_mul(10);
    };
    let first = base.unwrap_or_else(|| low.div_euclid(step) * step);
    let mut ticks = vec![first];
    let mut at = first;
    while at < high || ticks.len() < 2 {
        at = at.saturating_add(step);
        ticks.push(at);
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[i64], decimals: u8) -> ChartSpec {
        let values: Vec<_> = values
            .iter()
            .map(|value| serde_json::json!({ "value": *value as f64 / 1000.0 }))
            .collect();
        serde_json::from_value(serde_json::json!({ "values": values, "decimals": decimals }))
            .expect("a chart")
    }

    #[test]
    fn grids_are_round_and_hold_all_values() {
        assert_eq!(
            ticks(&chart(&[0, 98_000], 0)),
            [0, 20_000, 40_000, 60_000, 80_000, 100_000]
        );
        assert_eq!(
            ticks(&chart(&[1_200, 1_480], 1)),
            [1_200, 1_300, 1_400, 1_500]
        );
        assert_eq!(ticks(&chart(&[7_000, 7_000], 0)), [7_000, 8_000]);
        let wild = ticks(&chart(&[-1_000_000_000_000_000, 1_000_000_000_000_000], 0));
        assert!((2..9).contains(&wild.len()), "{wild:?}");
    }
}
