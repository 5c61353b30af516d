//! Messages of the Model Context Protocol: JSON-RPC 2.0.
//!
//! Two kinds of servers are spoken to. Since the revision of 2026-07-28 each request says for itself which version it is
//! of; before, a server is greeted by `initialize` (<https://modelcontextprotocol.io/specification>).

use serde_json::{Value, json};

/// The newest version that is spoken.
pub(super) const NEWEST: &str = "2026-07-28";
/// Those that begin with a greeting, the newest first.
pub(super) const GREETED: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// Errors of servers that know versions without a greeting: headers, capabilities, version.
const MODERN: std::ops::RangeInclusive<i64> = -32022..=-32020;
/// A version that the server does not speak.
const UNSUPPORTED: i64 = -32022;
/// The longest text of a server that is told on.
const TOLD: usize = 600;

/// An error that a server answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    code: i64,
    /// What it says.
    pub(super) text: String,
    /// The versions that it speaks, where it says so.
    pub(super) speaks: Vec<String>,
}

impl Refusal {
    /// Whether it comes from a server that knows versions without a greeting.
    pub(super) fn is_modern(&self) -> bool {
        MODERN.contains(&self.code)
    }

    /// Whether the version is refused.
    pub(super) fn is_version(&self) -> bool {
        self.code == UNSUPPORTED
    }

    fn of(error: &Value) -> Self {
        let text = error["message"].as_str().unwrap_or("no reason is given");
        let speaks = error["data"]["supported"].as_array();
        let speaks = speaks.into_iter().flatten().filter_map(Value::as_str);
        Self {
            code: error["code"].as_i64().unwrap_or_default(),
            text: brief(text),
            speaks: speaks.take(20).map(brief).collect(),
        }
    }
}

/// What a server sends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Message {
    /// The answer to the request of a number; of none where it could not read that.
    Reply(Option<u64>, Result<Value, Refusal>),
    /// It asks something itself, and waits for an answer to this name.
    Asks(Value, String),
    /// How far the request of a number is, in thousandths, where it tells of how much.
    Progress(u64, Option<u16>),
    /// Something else.
    Other,
}

impl Message {
    /// A message; nothing of what is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut message: Value = serde_json::from_slice(bytes).ok()?;
        let all = message.as_object()?;
        if let Some(method) = all.get("method") {
            let method = method.as_str()?;
            return Some(match all.get("id") {
                Some(id) => Self::Asks(id.clone(), brief(method)),
                None if method == "notifications/progress" => progress(&message["params"]),
                None => Self::Other,
            });
        }
        let id = message["id"].as_u64();
        if let Some(error) = all.get("error") {
            return Some(Self::Reply(id, Err(Refusal::of(error))));
        }
        all.get("result")?.as_object()?;
        Some(Self::Reply(Some(id?), Ok(message["result"].take())))
    }
}

fn progress(params: &Value) -> Message {
    let Some(token) = params["progressToken"].as_u64() else {
        return Message::Other;
    };
    let (done, total) = (params["progress"].as_f64(), params["total"].as_f64());
    let part = done.zip(total).map(|(done, total)| done / total);
    let part = part.filter(|part| (0.0..=1.0).contains(part));
    Message::Progress(token, part.map(|part| (part * 1000.0) as u16))
}

/// A request.
pub(super) fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

/// What is said without waiting for an answer.
pub(super) fn notification(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

/// The answer to what a server asks: that we are here, and nothing else, for nobody stands by.
pub(super) fn answer(id: &Value, method: &str) -> Value {
    if method == "ping" {
        return json!({"jsonrpc": "2.0", "id": id, "result": {}});
    }
    let error = json!({"code": -32601, "message": "Method not found"});
    json!({"jsonrpc": "2.0", "id": id, "error": error})
}

/// Who we are.
pub(super) fn client() -> Value {
    json!({"name": "workprint", "version": env!("CARGO_PKG_VERSION")})
}

/// What a request says of itself where there is no greeting.
pub(super) fn meta(version: &str) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": client(),
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// The beginning of what somebody else says, in one line.
pub(super) fn brief(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = line.chars().filter(|c| !c.is_control());
    plain.take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &Value) -> Option<Message> {
        Message::read(message.to_string().as_bytes())
    }

    #[test]
    fn messages_are_told_apart() {
        let reply = json!({"jsonrpc": "2.0", "id": 3, "result": {"a": 1}});
        assert_eq!(
            read(&reply),
            Some(Message::Reply(Some(3), Ok(json!({"a": 1}))))
        );
        let asks = json!({"jsonrpc": "2.0", "id": "x", "method": "ping"});
        assert_eq!(
            read(&asks),
            Some(Message::Asks(json!("x"), "ping".to_owned()))
        );
        let refused = json!({"id": null, "error": {"code": -32022, "message": "no\n\u{1b}[31m", "data": {"supported": ["2025-11-25"]}}});
        let Some(Message::Reply(None, Err(refusal))) = read(&refused) else {
            panic!("{refused}");
        };
        assert!(refusal.is_modern() && refusal.is_version());
        assert_eq!(
            (refusal.text.as_str(), refusal.speaks),
            ("no [31m", vec!["2025-11-25".to_owned()])
        );
        for none in [
            json!([]),
            json!({}),
            json!({"id": 3}),
            json!({"id": 3, "result": 1}),
            json!({"result": {}}),
            json!({"method": 1}),
        ] {
            assert_eq!(read(&none), None, "{none}");
        }
        assert_eq!(Message::read(b"starting ..."), None);
    }

    #[test]
    fn progress_is_a_part_of_a_whole() {
        let told = |progress: Value, total: Value| {
            let params = json!({"progressToken": 4, "progress": progress, "total": total});
            read(&notification("notifications/progress", &params))
        };
        let some = |permille| Some(Message::Progress(4, permille));
        assert_eq!(told(json!(1), json!(4)), some(Some(250)));
        assert_eq!(told(json!(1), Value::Null), some(None));
        assert_eq!(told(json!(1), json!(0)), some(None));
        assert_eq!(told(json!(5), json!(4)), some(None));
    }
}
