//! Where each word of a caption stands in the frame, and which part of a line belongs to it.

use parley::PositionedLayoutItem;

use super::setting::Setting;

/// A line of a caption.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Rows of the frame that belong to it: lines meet without a gap.
    pub(super) rows: (i32, i32),
    /// Top and bottom of its letters, as its fonts give them.
    pub(super) body: (f32, f32),
    /// Its words from left to right.
    pub(super) spans: Vec<Span>,
}

/// A word, or a part of one whose letters all go the same way.
#[derive(Debug, Clone)]
pub(super) struct Span {
    /// The word's number in the caption.
    pub(super) word: usize,
    /// Columns of the frame that belong to it: spans meet without a gap, midway between words.
    pub(super) columns: (i32, i32),
    /// Left and right of its letters.
    pub(super) body: (f32, f32),
    /// Whether it is read from the right.
    pub(super) right_to_left: bool,
    /// Each letter's last byte in the text, and how far it goes from where the span begins to be
    /// read; as it is read.
    pub(super) letters: Vec<(usize, f32)>,
}

impl Span {
    /// How wide its letters are.
    pub(super) fn width(&self) -> f32 {
        self.body.1 - self.body.0
    }

    /// The columns that have been read after `length` pixels of its letters.
    pub(super) fn read(&self, length: f32) -> (i32, i32) {
        let (from, to) = self.columns;
        if length >= self.width() {
            self.columns
        } else if length <= 0.0 {
            (from, from)
        } else if self.right_to_left {
            (even(self.body.1 - length).clamp(from, to), to)
        } else {
            (from, even(self.body.0 + length).clamp(from, to))
        }
    }
}

/// The nearest even number: chroma samples lie over two pixels.
pub(super) fn even(at: f32) -> i32 {
    (at / 2.0).round() as i32 * 2
}

/// The lines of a caption that is `moved` from where it was set. `bounds` (left, top, right, bottom)
/// are those of its plates.
pub(super) fn lines(setting: &Setting, moved: (i32, i32), bounds: [i32; 4]) -> Vec<Line> {
    let left = (setting.x + moved.0) as f32 - setting.laid.left();
    let top = (setting.y + moved.1) as f32;
    let mut lines: Vec<Line> = setting
        .laid
        .layout()
        .lines()
        .map(|line| {
            let metrics = line.metrics();
            let mut spans = Vec::new();
            for item in line.items() {
                if let PositionedLayoutItem::GlyphRun(run) = item {
                    run_spans(&run, &setting.words, left, &mut spans);
                }
            }
            Line {
                rows: (
                    even(top + metrics.block_min_coord),
                    even(top + metrics.block_max_coord),
                ),
                body: (
                    top + metrics.content_block_min_coord,
                    top + metrics.content_block_max_coord,
                ),
                spans,
            }
        })
        .collect();
    for line in &mut lines {
        meet(&mut line.spans, (bounds[0], bounds[2]));
    }
    for at in 1..lines.len() {
        lines[at].rows.0 = lines[at - 1].rows.1;
    }
    if let Some(first) = lines.first_mut() {
        first.rows.0 = bounds[1];
    }
    if let Some(last) = lines.last_mut() {
        last.rows.1 = bounds[3];
    }
    lines
}

/// Adds the spans of a run. A run goes one way; the letters of a word lie side by side in it.
fn run_spans(
    run: &parley::GlyphRun<'_, ()>,
    words: &[std::ops::Range<usize>],
    left: f32,
    spans: &mut Vec<Span>,
) {
    let rtl = run.run().is_rtl();
    let mut x = left + run.offset();
    let first = spans.len();
    let mut gap = true;
    for letter in run.run().visual_clusters() {
        let bytes = letter.text_range();
        let from = x;
        x += letter.advance();
        let Some(word) = word_at(words, bytes.start) else {
            gap = true;
            continue;
        };
        match spans.last_mut().filter(|span| span.word == word && !gap) {
            Some(span) => {
                span.body.1 = x;
                span.letters.push((bytes.end, x));
            }
            None => spans.push(Span {
                word,
                columns: (0, 0),
                body: (from, x),
                right_to_left: rtl,
                letters: vec![(bytes.end, x)],
            }),
        }
        gap = false;
    }
    for span in &mut spans[first..] {
        as_read(span);
    }
}

/// From right edges of letters, left to right, to how far they go as they are read.
fn as_read(span: &mut Span) {
    let (left, right) = span.body;
    if span.right_to_left {
        let mut from = left;
        for (_, edge) in &mut span.letters {
            let end = std::mem::replace(&mut from, *edge);
            *edge = right - end;
        }
        span.letters.reverse();
    } else {
        for (_, edge) in &mut span.letters {
            *edge -= left;
        }
    }
}

fn word_at(words: &[std::ops::Range<usize>], byte: usize) -> Option<usize> {
    let at = words.partition_point(|word| word.end <= byte);
    words.get(at).filter(|word| word.contains(&byte))?;
    Some(at)
}

/// Gives the room between words half to each, and the outer room to the outermost.
fn meet(spans: &mut [Span], (left, right): (i32, i32)) {
    let mut from = left;
    for at in 0..spans.len() {
        let to = match spans.get(at + 1) {
            Some(next) => even(f32::midpoint(spans[at].body.1, next.body.0)).clamp(from, right),
            None => right,
        };
        spans[at].columns = (from, to);
        from = to;
    }
}
