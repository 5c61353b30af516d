//! How a number is written: its digits, and the marks between them.

/// A sign of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// A digit, 0 to 9.
    Digit(u8),
    /// Between thousands.
    Group,
    /// Before the decimals.
    Point,
    /// Before a number below 0.
    Minus,
}

/// The signs of `value`, which is in units of the last of `decimals` digits; the last sign first.
///
/// Groups have three digits; `by_two`, all but the last have two, as in India.
pub(crate) fn figures(value: i64, decimals: u8, by_two: bool) -> Vec<Figure> {
    let mut out = Vec::new();
    let mut rest = value.unsigned_abs();
    for _ in 0..decimals {
        out.push(Figure::Digit((rest % 10) as u8));
        rest /= 10;
    }
    if decimals > 0 {
        out.push(Figure::Point);
    }
    let mut written: usize = 0;
    loop {
        let due = if by_two {
            written >= 3 && written % 2 == 1
        } else {
            written > 0 && written.is_multiple_of(3)
        };
        if due {
            out.push(Figure::Group);
        }
        out.push(Figure::Digit((rest % 10) as u8));
        rest /= 10;
        written += 1;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(Figure::Minus);
    }
    out
}
