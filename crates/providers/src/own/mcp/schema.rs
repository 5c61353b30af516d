//! What a tool takes: the part of JSON Schema by which a mistake in show.toml is named. What goes deeper the server
//! looks at itself.

use serde_json::{Map, Value};

use super::message::brief;

/// How deep properties are looked into.
const DEEPEST: usize = 8;

/// A tool of a server.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tool {
    takes: Value,
}

impl Tool {
    /// A tool as a server describes it.
    pub(super) fn of(mut described: Value) -> Self {
        let takes = described["inputSchema"].take();
        Self { takes }
    }

    /// What is wrong with what it would be told, by name; nothing where that fits.
    pub(super) fn misfit(&self, told: &Map<String, Value>) -> Option<String> {
        let none = Map::new();
        let known = self.takes["properties"].as_object().unwrap_or(&none);
        let needed = self.takes["required"].as_array().into_iter().flatten();
        let missing = needed
            .filter_map(Value::as_str)
            .find(|name| !told.contains_key(*name));
        if let Some(name) = missing {
            return Some(format!("it needs `{}`, which is not there", brief(name)));
        }
        let closed = self.takes["additionalProperties"] == false;
        for (name, value) in told {
            match known.get(name) {
                Some(of) => {
                    if let Some(wanted) = differs(of, value) {
                        let is = brief(&value.to_string());
                        let is: String = is.chars().take(60).collect();
                        return Some(format!("its `{name}` is {wanted}, and not `{is}`"));
                    }
                }
                None if closed => {
                    let all: Vec<String> = known
                        .keys()
                        .take(40)
                        .map(|name| format!("`{}`", brief(name)))
                        .collect();
                    return Some(format!("it takes no `{name}`; it takes {}", all.join(", ")));
                }
                None => {}
            }
        }
        None
    }

    /// The headers that the tool asks for over HTTP: values of what it is told, for whoever stands between.
    pub(super) fn headers(&self, told: &Value) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        collect(&self.takes, told, DEEPEST, &mut headers);
        headers
    }
}

fn collect(takes: &Value, told: &Value, deep: usize, headers: &mut Vec<(String, String)>) {
    let known = takes["properties"].as_object();
    for (name, of) in known.into_iter().flatten().filter(|_| deep > 0) {
        let value = &told[name];
        let text = match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) => Some(value.to_string()),
            Value::Number(number) if !number.is_f64() => Some(value.to_string()),
            _ => None,
        };
        let header = of["x-mcp-header"].as_str().filter(|name| is_token(name));
        headers.extend(
            header
                .zip(text)
                .map(|(name, text)| (format!("mcp-param-{name}"), text)),
        );
        collect(of, value, deep - 1, headers);
    }
}

/// Whether a text can be in the name of a header (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.len() <= 100 && text.bytes().all(plain)
}

/// What a value should be that is something else.
fn differs(of: &Value, value: &Value) -> Option<String> {
    let kinds: Vec<&str> = match &of["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(kind, value)) {
        let kinds: Vec<String> = kinds.iter().map(|kind| brief(kind)).collect();
        return Some(format!("of type {}", kinds.join(" or ")));
    }
    if let Some(all) = of["enum"].as_array()
        && !all.contains(value)
    {
        let all: Vec<String> = all
            .iter()
            .take(20)
            .map(|one| brief(&one.to_string()))
            .collect();
        return Some(format!("one of {}", all.join(", ")));
    }
    let number = value.as_f64()?;
    if let Some(least) = of["minimum"].as_f64().filter(|least| number < *least) {
        return Some(format!("{least} at least"));
    }
    let most = of["maximum"].as_f64().filter(|most| number > *most)?;
    Some(format!("{most} at most"))
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        // Of a kind that is not known nothing can be said.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool() -> Tool {
        Tool::of(json!({"name": "draw", "inputSchema": {
            "type": "object", "required": ["prompt"], "additionalProperties": false,
            "properties": {
                "prompt": {"type": "string", "x-mcp-header": "Prompt"},
                "seed": {"type": ["integer", "null"], "minimum": 1, "maximum": 9},
                "kind": {"enum": ["oil", "ink"]},
                "deep": {"type": "object", "properties": {"steps": {"type": "integer", "x-mcp-header": "Steps"}}},
                "bad": {"type": "string", "x-mcp-header": "a\r\nb"},
            },
        }}))
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let misfit = |told: Value| tool().misfit(told.as_object().unwrap());
        for good in [
            json!({"prompt": "x"}),
            json!({"prompt": "x", "seed": 9, "kind": "ink"}),
            json!({"prompt": "x", "seed": null, "deep": {"more": 1}}),
        ] {
            assert_eq!(misfit(good.clone()), None, "{good}");
        }
        for (bad, wanted) in [
            (json!({}), "needs `prompt`"),
            (json!({"prompt": 1}), "`prompt` is of type string"),
            (
                json!({"prompt": "x", "seed": 1.5}),
                "`seed` is of type integer or null",
            ),
            (json!({"prompt": "x", "seed": 0}), "1 at least"),
            (json!({"prompt": "x", "seed": 10}), "9 at most"),
            (
                json!({"prompt": "x", "kind": "wax"}),
                "one of \"oil\", \"ink\"",
            ),
            (
                json!({"prompt": "x", "size": 1}),
                "takes no `size`; it takes `",
            ),
        ] {
            let told = misfit(bad.clone()).unwrap_or_default();
            assert!(told.contains(wanted), "{bad}: {told}");
        }
        assert_eq!(Tool::of(json!({"name": "x"})).misfit(&Map::new()), None);
    }

    #[test]
    fn headers_are_values_that_the_tool_asks_for() {
        let told = json!({"prompt": "a lamp", "deep": {"steps": 4}, "bad": "x"});
        let wanted = [("mcp-param-Steps", "4"), ("mcp-param-Prompt", "a lamp")];
        let mut headers = tool().headers(&told);
        headers.sort_by(|one, other| other.0.cmp(&one.0));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(headers, wanted);
        assert!(tool().headers(&json!({"seed": 1})).is_empty());
    }
}
