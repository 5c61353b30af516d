//! What pictures cost.

use workprint_model::Money;

use crate::images::{Effort, ImageOrder, Usage};

/// What a price is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Each picture, in millionths of a dollar.
    Image(i64),
    /// Each million pixels of a picture, begun ones counted whole.
    Megapixel(i64),
    /// Tokens, by the million: those that are read, and those that a picture is made of.
    Tokens {
        /// Of text and references.
        read: i64,
        /// Of pictures.
        made: i64,
    },
}

/// The price of a model as its vendor published it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// The model.
    pub model: &'static str,
    /// What it costs.
    pub unit: Unit,
    /// When that was read: `2026-05`.
    pub date: &'static str,
    /// Where.
    pub source: &'static str,
}

/// More tokens than a prompt of 8000 characters and a few references have.
const MOST_READ: i64 = 20_000;

impl Unit {
    /// The most that an order costs.
    pub fn quote(self, order: &ImageOrder) -> Money {
        let micros = match self {
            Self::Image(each) => each,
            Self::Megapixel(each) => each.saturating_mul(megapixels(pixels_of(order))),
            Self::Tokens { read, made } => {
                let made = tokens(MOST_MADE[order.effort as usize] * over(order), made);
                let few = order.prompt.len() as i64 + 100;
                let words = if order.references.is_empty() {
                    few
                } else {
                    MOST_READ
                };
                tokens(words, read) + made
            }
        };
        Money::from_micros(micros)
    }

    /// What an order cost, by what the vendor counted; without a count, what was quoted.
    pub(crate) fn charge(self, order: &ImageOrder, usage: &Usage) -> Money {
        match self {
            Self::Megapixel(each) if usage.pixels > 0 => {
                Money::from_micros(each.saturating_mul(megapixels(usage.pixels)))
            }
            Self::Tokens { read, made } if usage.tokens_out > 0 => {
                let count = |tokens| i64::try_from(tokens).unwrap_or(i64::MAX);
                let all = tokens(count(usage.tokens_in), read);
                Money::from_micros(all.saturating_add(tokens(count(usage.tokens_out), made)))
            }
            _ => self.quote(order),
        }
    }
}

/// Tokens of a picture of the largest of the three standard sizes, by effort.
const MOST_MADE: [i64; 3] = [408, 1584, 6240];
const _: () = assert!(Effort::High as usize == 2);

/// How many times a picture is larger than the largest standard size, begun ones counted whole.
fn over(order: &ImageOrder) -> i64 {
    let standard = 1536 * 1024;
    pixels_of(order).div_ceil(standard).max(1) as i64
}

fn pixels_of(order: &ImageOrder) -> u64 {
    u64::from(order.size.width) * u64::from(order.size.height)
}

fn megapixels(pixels: u64) -> i64 {
    i64::try_from(pixels.div_ceil(1_000_000).max(1)).unwrap_or(i64::MAX)
}

/// The price of tokens, rounded up.
fn tokens(count: i64, million: i64) -> i64 {
    let micros = i128::from(count) * i128::from(million);
    i64::try_from((micros + 999_999) / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use workprint_model::Size;

    fn order(width: u32, height: u32) -> ImageOrder {
        ImageOrder {
            model: "m".to_owned(),
            prompt: "x".repeat(100),
            seed: 1,
            size: Size { width, height },
            effort: Effort::Medium,
            references: Vec::new(),
        }
    }

    #[test]
    fn prices_are_whole_and_never_less_than_what_is_charged() {
        let megapixel = Unit::Megapixel(3000);
        assert_eq!(megapixel.quote(&order(1000, 1000)).micros, 3000);
        assert_eq!(megapixel.quote(&order(1001, 1000)).micros, 6000);
        let pixels = |pixels| Usage {
            pixels,
            ..Usage::default()
        };
        let charged = megapixel.charge(&order(1000, 1000), &pixels(1_048_576));
        assert_eq!(charged.micros, 6000);
        assert_eq!(
            Unit::Image(40_000).charge(&order(9, 9), &pixels(1)).micros,
            40_000
        );
        // 5 and 32 dollars a million: 30 tokens are read, 1568 made.
        let tokens = Unit::Tokens {
            read: 5_000_000,
            made: 32_000_000,
        };
        let usage = Usage {
            tokens_in: 30,
            tokens_out: 1568,
            pixels: 0,
        };
        assert_eq!(
            tokens.charge(&order(1536, 1024), &usage).micros,
            150 + 50_176
        );
        assert!(tokens.quote(&order(1536, 1024)).micros >= 50_326);
        assert!(tokens.quote(&order(1024, 1024)).micros < 60_000);
    }
}
