//! Answers that come in parts: events as servers send them, and lines of JSON.

use serde_json::Value;

/// What a part makes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// More must come.
    More,
    /// It is whole, though something may be told of it yet.
    Enough,
    /// Nothing comes any more.
    Last,
}

/// Puts a part to what came before it, so that in the end there is what the vendor answers where nothing comes in
/// parts.
pub type Join = fn(whole: &mut Value, part: &Value) -> Joined;

/// How the parts of a reply are told apart.
#[derive(Debug)]
pub(crate) enum Parts {
    /// By blank lines.
    Events(Events),
    /// By the ends of lines.
    Lines {
        /// The most bytes of one.
        most: usize,
        line: Vec<u8>,
    },
}

impl Parts {
    /// Those of a media type; nothing where it comes whole.
    pub(crate) fn of(media_type: &str, most: usize) -> Option<Self> {
        match media_type {
            "text/event-stream" => Some(Self::Events(Events::new(most))),
            "application/x-ndjson" | "application/jsonl" => Some(Self::Lines {
                most,
                line: Vec::new(),
            }),
            _ => None,
        }
    }

    /// The parts that are whole with these bytes; nothing where one is too large.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Option<Vec<String>> {
        match self {
            Self::Events(events) => events.add(bytes),
            Self::Lines { most, line } => {
                let mut whole = Vec::new();
                for part in bytes.split_inclusive(|byte| *byte == b'\n') {
                    line.extend_from_slice(part);
                    if part.ends_with(b"\n") {
                        let text = String::from_utf8_lossy(line).trim().to_owned();
                        whole.extend(Some(text).filter(|text| !text.is_empty()));
                        line.clear();
                    }
                }
                (line.len() <= *most).then_some(whole)
            }
        }
    }
}

/// A stream of events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), of which only the data
/// count.
#[derive(Debug)]
pub(crate) struct Events {
    /// The most bytes of one.
    most: usize,
    line: Vec<u8>,
    data: String,
    /// The line before ended with a carriage return, which a line feed may follow.
    returned: bool,
}

impl Events {
    pub(crate) const fn new(most: usize) -> Self {
        Self {
            most,
            line: Vec::new(),
            data: String::new(),
            returned: false,
        }
    }

    /// The data of the events that are whole with these bytes; nothing where one is too large.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Option<Vec<String>> {
        let mut whole = Vec::new();
        for &byte in bytes {
            if std::mem::take(&mut self.returned) && byte == b'\n' {
                continue;
            }
            if byte != b'\n' && byte != b'\r' {
                self.line.push(byte);
                continue;
            }
            self.returned = byte == b'\r';
            let line = std::mem::take(&mut self.line);
            if line.is_empty() {
                let data = std::mem::take(&mut self.data);
                whole.extend(Some(data).filter(|data| !data.is_empty()));
            } else if let Some(data) = line.strip_prefix(b"data:") {
                let data = data.strip_prefix(b" ").unwrap_or(data);
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(&String::from_utf8_lossy(data));
            }
        }
        (self.line.len() + self.data.len() <= self.most).then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_pieces_of_any_size() {
        let stream = "id: 1\ndata:\n\n: alive\r\nevent: message\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\ndata:é\n\ndata: cut";
        for size in [1, 2, 3, 7, 1000] {
            let mut events = Events::new(100);
            let parts = stream.as_bytes().chunks(size);
            let all: Vec<String> = parts.flat_map(|part| events.add(part).unwrap()).collect();
            assert_eq!(all, ["{\"a\":\n1}", "é"], "{size}");
        }
        let mut events = Events::new(4);
        assert!(events.add(b"aaaa").is_some());
        assert_eq!(events.add(b"a"), None);
    }

    #[test]
    fn lines_come_in_pieces_of_any_size() {
        let stream = "{\"a\":1}\n\r\n{\"b\":\"é\"}\r\n{\"cut";
        for size in [1, 2, 3, 7, 1000] {
            let mut lines = Parts::of("application/x-ndjson", 100).unwrap();
            let parts = stream.as_bytes().chunks(size);
            let all: Vec<String> = parts.flat_map(|part| lines.add(part).unwrap()).collect();
            assert_eq!(all, ["{\"a\":1}", "{\"b\":\"é\"}"], "{size}");
        }
        let mut lines = Parts::of("application/x-ndjson", 4).unwrap();
        assert_eq!(lines.add(b"aaaaa"), None);
        assert!(Parts::of("application/json", 4).is_none());
    }
}
