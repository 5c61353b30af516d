//! What engines cost.

use workprint_model::Money;

use crate::order::{Effort, Order, Usage, What};

/// What a price is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nothing: it is one's own.
    Free,
    /// Each thing made, in millionths of a dollar.
    Each(i64),
    /// Each million pixels of a picture, begun ones counted whole.
    Megapixel(i64),
    /// Tokens, by the million: those that are read, and those that a picture or a text is made of.
    Tokens {
        /// Of text and references.
        read: i64,
        /// Of pictures and texts.
        made: i64,
    },
    /// Each second of a clip, begun ones counted whole.
    Second(i64),
    /// A thousand characters that are spoken.
    Characters(i64),
    /// Each minute of a sound that is listened to or made, by the second, begun ones counted whole.
    Minute(i64),
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
/// More tokens than anybody counts for a picture of 512 pixels. Most count some hundreds; the most is 8500, as one tile
/// and its base with models whose tokens are cheap.
const MOST_READ_SMALL: i64 = 9000;

impl Unit {
    /// The most that an order costs.
    pub fn quote(self, order: &Order) -> Money {
        let micros = match self {
            Self::Free => 0,
            Self::Each(each) => each,
            Self::Second(each) => each.saturating_mul(seconds(order)),
            Self::Characters(thousand) => per(characters(order), 1000, thousand),
            Self::Minute(each) => per(seconds(order), 60, each),
            Self::Megapixel(each) => each.saturating_mul(megapixels(pixels_of(order))),
            Self::Tokens { read, made } => {
                if let What::Text { most_tokens, .. } = order.what {
                    let said = tokens(i64::from(most_tokens), made);
                    let all = tokens(most_heard(order), read).saturating_add(said);
                    return Money::from_micros(all);
                }
                let effort = match order.what {
                    What::Image { effort, .. } => effort,
                    _ => Effort::High,
                };
                let made = tokens(MOST_MADE[effort as usize] * over(order), made);
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
    pub(crate) fn charge(self, order: &Order, usage: &Usage) -> Money {
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
fn over(order: &Order) -> i64 {
    let standard = 1536 * 1024;
    pixels_of(order).div_ceil(standard).max(1) as i64
}

fn pixels_of(order: &Order) -> u64 {
    u64::from(order.size().width) * u64::from(order.size().height)
}

fn megapixels(pixels: u64) -> i64 {
    i64::try_from(pixels.div_ceil(1_000_000).max(1)).unwrap_or(i64::MAX)
}

/// More tokens than what a model is told of a text has: a token is a byte at least.
fn most_heard(order: &Order) -> i64 {
    let each = match order.what {
        What::Text { small: true, .. } => MOST_READ_SMALL,
        _ => MOST_READ,
    };
    let shown = order.references.len() as i64 * each;
    let mut bytes = order.prompt.len() + 1000;
    if let What::Text {
        system,
        said,
        schema,
        ..
    } = &order.what
    {
        let said = said
            .iter()
            .map(|turn| turn.asked.len() + turn.answered.len() + 100);
        let schema = schema.as_ref().map_or(0, |schema| schema.to_string().len());
        bytes += system.len() + said.sum::<usize>() + schema;
    }
    shown + bytes as i64
}

/// What is said, the pauses between lines not counted.
fn characters(order: &Order) -> i64 {
    let count = |text: &str| text.chars().count() as i64;
    match &order.what {
        What::Dialogue { lines, .. } => lines.iter().map(|line| count(&line.text)).sum(),
        _ => count(&order.prompt),
    }
}

fn seconds(order: &Order) -> i64 {
    match order.what {
        What::Video { length_ms, .. }
        | What::Recognition { length_ms, .. }
        | What::Music { length_ms, .. }
        | What::Change { length_ms, .. } => i64::from(length_ms.div_ceil(1000).max(1)),
        _ => 1,
    }
}

/// The price of tokens, rounded up.
fn tokens(count: i64, million: i64) -> i64 {
    per(count, 1_000_000, million)
}

/// The price of so many, where `lot` of them cost `price`; rounded up.
fn per(count: i64, lot: i64, price: i64) -> i64 {
    let micros = i128::from(count) * i128::from(price);
    let lot = i128::from(lot);
    i64::try_from((micros + lot - 1) / lot).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Line;
    use serde_json::Map;
    use workprint_model::Size;

    use crate::order::Reference;

    fn order(width: u32, height: u32) -> Order {
        Order {
            model: "m".to_owned(),
            prompt: "x".repeat(100),
            seed: 1,
            references: Vec::new(),
            options: Map::new(),
            graph: None,
            what: What::Image {
                size: Size { width, height },
                effort: Effort::Medium,
            },
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
            Unit::Each(40_000).charge(&order(9, 9), &pixels(1)).micros,
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

    #[test]
    fn clips_cost_by_the_second_and_lines_by_the_character() {
        let of = |what| Order {
            what,
            ..order(9, 9)
        };
        let clip = |length_ms| {
            let size = Size {
                width: 9,
                height: 9,
            };
            Unit::Second(50_000).quote(&of(What::Video { size, length_ms }))
        };
        assert_eq!(clip(5000).micros, 250_000);
        assert_eq!(clip(5001).micros, 300_000);
        let line = of(What::Speech {
            voice: "v".to_owned(),
            speed: 100,
            direction: None,
            language: "en".to_owned(),
        });
        assert_eq!(Unit::Characters(165_000).quote(&line).micros, 16_500);
        assert_eq!(Unit::Characters(1).quote(&line).micros, 1);
        assert_eq!(Unit::Free.quote(&line).micros, 0);
        let said = |text: &str| Line {
            voice: "v".to_owned(),
            text: text.to_owned(),
        };
        let talk = of(What::Dialogue {
            lines: vec![said("Is it?"), said("Ja, é.")],
            language: "en".to_owned(),
        });
        assert_eq!(Unit::Characters(100_000).quote(&talk).micros, 1200);
        let sound = of(What::Recognition {
            length_ms: 61_001,
            language: "en".to_owned(),
        });
        assert_eq!(Unit::Minute(6000).quote(&sound).micros, 6200);
        let music = of(What::Music {
            length_ms: 90_000,
            instrumental: true,
        });
        assert_eq!(Unit::Minute(300_000).quote(&music).micros, 450_000);
        let changed = of(What::Change {
            voice: "v".to_owned(),
            length_ms: 1500,
        });
        assert_eq!(Unit::Minute(120_000).quote(&changed).micros, 4000);
    }

    #[test]
    fn a_text_costs_what_was_counted_and_never_more_than_its_limit() {
        let text = Order {
            what: What::Text {
                system: "s".repeat(400),
                said: Vec::new(),
                schema: None,
                small: false,
                most_tokens: 1000,
            },
            ..order(9, 9)
        };
        let price = Unit::Tokens {
            read: 1_000_000,
            made: 10_000_000,
        };
        let usage = |tokens_in, tokens_out| Usage {
            tokens_in,
            tokens_out,
            pixels: 0,
        };
        // Of 500 bytes no more than 500 tokens are read, and 1000 for what stands around them.
        assert_eq!(price.quote(&text).micros, 1500 + 10_000);
        assert_eq!(price.charge(&text, &usage(130, 40)).micros, 130 + 400);
        assert_eq!(price.charge(&text, &usage(0, 0)), price.quote(&text));
        // Pictures are read too, small ones by fewer tokens.
        let shown = |are_small: bool| {
            let mut shown = text.clone();
            let picture = Reference {
                media_type: "image/png".to_owned(),
                bytes: Vec::new(),
            };
            shown.references = vec![picture; 4];
            if let What::Text { small, .. } = &mut shown.what {
                *small = are_small;
            }
            price.quote(&shown).micros - price.quote(&text).micros
        };
        assert_eq!((shown(false), shown(true)), (80_000, 36_000));
    }
}
