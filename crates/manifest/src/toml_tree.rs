//! TOML with places.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use workprint_model::Span;

use crate::tree::{Field, Node, Problem, Value};

/// What a text means, as far as it could be read, and everything wrong with its TOML.
pub(crate) fn parse(text: &str) -> (Option<Node<'_>>, Vec<Problem>) {
    let skipped = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let (table, errors) = DeTable::parse_recoverable(&text[skipped..]);
    let problems = errors
        .iter()
        .take(crate::MOST_PROBLEMS)
        .map(|error| {
            let span = error.span().unwrap_or_default();
            let message = error.message().trim();
            let message = if message.is_empty() {
                "this is not TOML"
            } else {
                message
            };
            let problem = Problem::new(
                place(&span, skipped),
                "manifest.syntax",
                message.replace('\n', "; "),
            );
            if message.contains("duplicate key") {
                problem.hint("keep one of them")
            } else {
                problem
            }
        })
        .collect();
    let span = place(&table.span(), skipped);
    let value = object(table.into_inner(), skipped);
    (Some(Node { span, value }), problems)
}

fn place(range: &std::ops::Range<usize>, skipped: usize) -> Span {
    Span {
        start: range.start + skipped,
        end: range.end + skipped,
    }
}

fn object(table: DeTable<'_>, skipped: usize) -> Value<'_> {
    let mut fields: Vec<Field<'_>> = table
        .into_iter()
        .map(|(key, value)| Field {
            key_span: place(&key.span(), skipped),
            key: key.into_inner(),
            node: node(value, skipped),
        })
        .collect();
    fields.sort_by_key(|field| field.key_span.start);
    Value::Object(fields)
}

fn node(value: Spanned<DeValue<'_>>, skipped: usize) -> Node<'_> {
    let span = place(&value.span(), skipped);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text),
        DeValue::Integer(number) => {
            let digits = number.as_str();
            let limit = if digits.starts_with('-') {
                i64::MIN
            } else {
                i64::MAX
            };
            Value::Integer(i64::from_str_radix(digits, number.radix()).unwrap_or(limit))
        }
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => Value::Other("not a finite number"),
        },
        DeValue::Boolean(flag) => Value::Bool(flag),
        DeValue::Datetime(_) => Value::Other("a date or time"),
        DeValue::Array(items) => {
            Value::Array(items.into_iter().map(|item| node(item, skipped)).collect())
        }
        DeValue::Table(table) => object(table, skipped),
    };
    Node { span, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_the_bytes_of_the_value() {
        let text = "\u{feff}[outputs.main]\nwidth = 1_280\nrate = \"30\"\n";
        let (root, problems) = parse(text);
        assert_eq!(problems, []);
        let root = root.unwrap();
        let width = root
            .find("outputs")
            .and_then(|outputs| outputs.find("main"))
            .and_then(|main| main.find("width"))
            .unwrap();
        assert_eq!(&text[width.span.start..width.span.end], "1_280");
        assert_eq!(width.integer(), Some(1280));
    }

    #[test]
    fn several_slips_are_told_at_once() {
        let (_, problems) = parse("a = 1\na = 2\nb = \nc = 'x");
        assert!(problems.len() >= 3, "{problems:?}");
    }
}
