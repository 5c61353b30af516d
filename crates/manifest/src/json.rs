//! JSON with places. Small slips (a trailing or missing comma, a repeated key, a comment) are
//! reported and read over, so that one of them does not hide what else is wrong.

use std::borrow::Cow;

use workprint_model::Span;

use crate::tree::{Field, MAX_DEPTH, Node, Problem, Value, brief};

const SYNTAX: &str = "manifest.syntax";

/// What a text means, as far as it could be read, and everything wrong with its JSON. The spans
/// count from the start of `text`, where a byte order mark is passed over.
pub(crate) fn parse(text: &str) -> (Option<Node<'_>>, Vec<Problem>) {
    let mut parser = Parser {
        text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        problems: Vec::new(),
    };
    let root = parser.root().ok();
    (root, parser.problems)
}

/// Reading cannot go on; the problem is in the list.
struct Stopped;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    problems: Vec<Problem>,
}

impl<'a> Parser<'a> {
    fn root(&mut self) -> Result<Node<'a>, Stopped> {
        self.space();
        if self.at == self.text.len() {
            return Err(self.stop("the file is empty"));
        }
        let root = self.value(0)?;
        self.space();
        if self.at < self.text.len() {
            self.say("there is more text after the end of the value", None);
        }
        Ok(root)
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Stopped> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth + 1)?,
            Some(b'[') => self.array(depth + 1)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.stop("the file ends where a value is expected")),
        };
        Ok(Node {
            span: Span {
                start,
                end: self.at,
            },
            value,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Stopped> {
        self.enter(depth)?;
        let open = self.at;
        self.at += 1;
        let mut fields: Vec<Field<'a>> = Vec::new();
        loop {
            self.space();
            if self.closes(b'}', fields.is_empty(), open)? {
                self.repeated_keys(&mut fields);
                return Ok(Value::Object(fields));
            }
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.stop_hint(
                    "a field's name in double quotes is expected",
                    "write each field as `\"name\": value`",
                ));
            }
            let key = self.string()?;
            let key_span = Span {
                start,
                end: self.at,
            };
            self.space();
            if self.peek() == Some(b':') {
                self.at += 1;
            } else if matches!(self.peek(), None | Some(b',' | b'}' | b']')) {
                return Err(self.stop(&format!(
                    "`:` and a value are expected after `{}`",
                    brief(&key)
                )));
            } else {
                self.say("`:` is missing after the field's name", None);
            }
            self.space();
            let node = self.value(depth)?;
            fields.push(Field {
                key,
                key_span,
                node,
            });
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Stopped> {
        self.enter(depth)?;
        let open = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            if self.closes(b']', items.is_empty(), open)? {
                return Ok(Value::Array(items));
            }
            items.push(self.value(depth)?);
        }
    }

    fn enter(&mut self, depth: usize) -> Result<(), Stopped> {
        if depth > MAX_DEPTH {
            return Err(self.stop(&format!("values are nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(())
    }

    /// Steps over a comma between elements, or over `mark`, which ends them.
    fn closes(&mut self, mark: u8, first: bool, open: usize) -> Result<bool, Stopped> {
        if self.peek() == Some(b',') && !first {
            let comma = self.at;
            self.at += 1;
            self.space();
            if self.peek() == Some(mark) {
                let span = Span {
                    start: comma,
                    end: comma + 1,
                };
                self.problems.push(
                    Problem::new(
                        span,
                        SYNTAX,
                        format!("a comma stands before the closing `{}`", char::from(mark)),
                    )
                    .hint("remove the comma"),
                );
            }
        } else if !first && !matches!(self.peek(), None | Some(b'}' | b']')) {
            self.say(
                "a comma is missing before this",
                Some("add `,` after the value before"),
            );
        }
        match self.peek() {
            Some(byte) if byte == mark => {
                self.at += 1;
                Ok(true)
            }
            Some(b'}' | b']') => {
                Err(self.stop(&format!("`{}` is expected here", char::from(mark))))
            }
            None => {
                self.at = open;
                Err(self.stop_hint(
                    &format!("this is never closed: `{}` is missing", char::from(mark)),
                    "add it, or look for a missing quote",
                ))
            }
            Some(_) => Ok(false),
        }
    }

    /// Reports repeated keys and keeps the last of each, as most readers do.
    fn repeated_keys(&mut self, fields: &mut Vec<Field<'a>>) {
        let mut order: Vec<usize> = (0..fields.len()).collect();
        order.sort_by(|a, b| fields[*a].key.cmp(&fields[*b].key).then(a.cmp(b)));
        let mut drop = Vec::new();
        for pair in order.windows(2) {
            if fields[pair[0]].key == fields[pair[1]].key && !crate::is_full(&self.problems) {
                let again = &fields[pair[1]];
                self.problems.push(
                    Problem::new(
                        again.key_span,
                        "manifest.duplicate-field",
                        format!("the field `{}` is given twice", brief(&again.key)),
                    )
                    .hint("keep one of them"),
                );
                drop.push(pair[0]);
            }
        }
        drop.sort_unstable();
        for index in drop.into_iter().rev() {
            fields.remove(index);
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Stopped> {
        let open = self.at;
        self.at += 1;
        let bytes = self.text.as_bytes();
        let mut owned: Option<String> = None;
        let mut from = self.at;
        loop {
            match bytes.get(self.at) {
                Some(b'"') => {
                    let rest = &self.text[from..self.at];
                    self.at += 1;
                    return Ok(match owned {
                        Some(text) => Cow::Owned(text + rest),
                        None => Cow::Borrowed(rest),
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(&self.text[from..self.at]);
                    let c = self.escape()?;
                    owned.get_or_insert_default().push(c);
                    from = self.at;
                }
                None | Some(b'\n' | b'\r') => {
                    self.at = open;
                    return Err(self.stop_hint(
                        "this text has no closing quote in its line",
                        "add `\"`; write `\\n` for a line break inside a text",
                    ));
                }
                Some(0..0x20) => {
                    self.say(
                        "a control character stands in a text",
                        Some("write it as an escape, such as `\\t`"),
                    );
                    self.at += 1;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stopped> {
        let start = self.at;
        let letter = self.text.as_bytes().get(start + 1).copied();
        self.at += 2;
        let c = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => {
                self.at = start;
                return Err(self.stop_hint(
                    "`\\` begins no known escape here",
                    "write `\\\\` for a backslash",
                ));
            }
        };
        Ok(c)
    }

    /// `\uXXXX`, or a pair of them for a character beyond U+FFFF.
    fn unicode(&mut self, start: usize) -> Result<char, Stopped> {
        let unit = |at: usize| {
            let digits = self.text.get(at + 2..at + 6)?;
            let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
            (self.text.get(at..at + 2) == Some("\\u") && plain)
                .then(|| u32::from_str_radix(digits, 16).ok())
                .flatten()
        };
        let decoded = unit(start).and_then(|first| {
            if let Some(c) = char::from_u32(first) {
                return Some((c, 6));
            }
            let second = unit(start + 6).filter(|second| (0xdc00..0xe000).contains(second))?;
            let high = first.checked_sub(0xd800).filter(|high| *high < 0x400)?;
            char::from_u32(0x1_0000 + (high << 10) + (second - 0xdc00)).map(|c| (c, 12))
        });
        if let Some((c, length)) = decoded {
            self.at = start + length;
            Ok(c)
        } else {
            self.at = start;
            Err(self.stop("`\\u` is not followed by four digits that name a character"))
        }
    }

    fn number(&mut self) -> Result<Value<'a>, Stopped> {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let length = rest
            .iter()
            .take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let text = &self.text[start..start + length];
        if !is_number(text) {
            return Err(self.stop(&format!(
                "`{}` is not a number as JSON writes it",
                brief(text)
            )));
        }
        self.at += length;
        if text.bytes().any(|b| matches!(b, b'.' | b'e' | b'E')) {
            return match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::Float(number)),
                _ => {
                    self.at = start;
                    Err(self.stop("this number is too large"))
                }
            };
        }
        let limit = if text.starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        };
        Ok(Value::Integer(text.parse().unwrap_or(limit)))
    }

    /// `true`, `false`, `null`, or what cannot be a value.
    fn word(&mut self) -> Result<Value<'a>, Stopped> {
        let rest = &self.text[self.at..];
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let value = match word {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "null" | "None" => Value::Null,
            "" => {
                let c: String = rest.chars().take(1).collect();
                return Err(match c.as_str() {
                    "'" => self.stop_hint("`'` begins no value", "write texts in double quotes"),
                    _ => self.stop(&format!("`{}` is not expected here", brief(&c))),
                });
            }
            _ => {
                let message = format!("`{}` is not a value", brief(word));
                return Err(self.stop_hint(&message, "write texts in double quotes"));
            }
        };
        if word.starts_with(char::is_uppercase) {
            self.say(
                &format!("`{word}` is not a value"),
                Some("write it as JSON does: `true`, `false`, `null`"),
            );
        }
        self.at += length;
        Ok(value)
    }

    /// Passes over white space, and over comments after reporting them.
    fn space(&mut self) {
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            self.at += rest
                .iter()
                .take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
                .count();
            let rest = &self.text[self.at..];
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return;
            };
            self.say(
                "comments are not allowed in JSON",
                Some("use the field `notes`"),
            );
            self.at += length;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reports something at the next character and goes on.
    fn say(&mut self, message: &str, hint: Option<&str>) {
        let length = self.text[self.at..]
            .chars()
            .next()
            .map_or(0, char::len_utf8);
        let span = Span {
            start: self.at,
            end: self.at + length,
        };
        if !crate::is_full(&self.problems) {
            let mut problem = Problem::new(span, SYNTAX, message);
            problem.hints.extend(hint.map(str::to_owned));
            self.problems.push(problem);
        }
    }

    fn stop(&mut self, message: &str) -> Stopped {
        self.problems.truncate(crate::MOST_PROBLEMS - 1);
        self.say(message, None);
        Stopped
    }

    fn stop_hint(&mut self, message: &str, hint: &str) -> Stopped {
        self.problems.truncate(crate::MOST_PROBLEMS - 1);
        self.say(message, Some(hint));
        Stopped
    }
}

/// JSON's grammar of numbers (RFC 8259, section 6).
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn messages(text: &str) -> Vec<String> {
        parse(text).1.into_iter().map(|p| p.message).collect()
    }

    #[test]
    fn spans_are_the_bytes_of_the_value() {
        let text = "\u{feff}{\"a\": [1, \"é\\u00e9\"]}";
        let (root, problems) = parse(text);
        assert!(problems.is_empty());
        let root = root.unwrap();
        let item = &root.list("a")[1];
        assert_eq!(&text[item.span.start..item.span.end], "\"é\\u00e9\"");
        assert_eq!(item.text(), Some("éé"));
    }

    #[test]
    fn slips_are_read_over() {
        let (root, problems) = parse("{\"a\": [1 2,], // x\n \"a\": True,}");
        assert_eq!(root.unwrap().find("a").unwrap().value, Value::Bool(true));
        assert_eq!(problems.len(), 6);
    }

    #[test]
    fn what_cannot_be_read_is_told_once() {
        assert_eq!(
            messages("{\"a\": \"b\n}"),
            ["this text has no closing quote in its line"]
        );
        assert_eq!(messages("[1, [2"), ["this is never closed: `]` is missing"]);
        assert_eq!(messages(""), ["the file is empty"]);
        assert_eq!(messages("[01]"), ["`01` is not a number as JSON writes it"]);
        assert_eq!(
            messages(&"[".repeat(100_000)),
            ["values are nested deeper than 64 levels"]
        );
    }

    fn same(node: &Node<'_>, value: &serde_json::Value) -> bool {
        match (&node.value, value) {
            (Value::Null, serde_json::Value::Null) => true,
            (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
            // The strict reader has `-0` as a number with a fraction.
            (Value::Integer(0), b) => b.as_f64() == Some(0.0),
            (Value::Integer(a), b) => b.as_i64() == Some(*a),
            (Value::Float(a), b) => b.as_f64() == Some(*a),
            (Value::String(a), serde_json::Value::String(b)) => a == b,
            (Value::Array(a), serde_json::Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (Value::Object(a), serde_json::Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|f| b.get(&*f.key).is_some_and(|v| same(&f.node, v)))
            }
            _ => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn agrees_with_the_strict_reader(text in r#"([\[\]{},:"a0-9.eE\\u \n-]|"a":|true|null|\\"|é){0,24}"#) {
            let (root, problems) = parse(&text);
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(value) => {
                    let again = problems.iter().all(|p| p.code == "manifest.duplicate-field");
                    prop_assert!(again, "{problems:?}");
                    prop_assert!(same(&root.unwrap(), &value));
                }
                Err(_) => prop_assert!(!problems.is_empty()),
            }
        }
    }
}
