//! What the tools take and make.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::faults::{gif, png};

/// What a call comes to.
pub(super) enum Answer {
    Is(Value),
    /// Nothing, until it is taken back.
    Never,
    Ends,
    Noise,
    Flood,
}

/// The tools, as the server describes them.
pub(super) fn described() -> Vec<Value> {
    let plain = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
    let draw = json!({
        "name": "draw", "description": "Draws a picture",
        "inputSchema": {
            "type": "object", "required": ["prompt", "seed"], "additionalProperties": false,
            "properties": {
                "prompt": {"type": "string"},
                "seed": {"type": "integer", "x-mcp-header": "Seed"},
                "width": {"type": "integer", "minimum": 16},
                "height": {"type": "integer"},
                "not": {"type": "string"},
                "like": {"type": "array"},
            },
        },
    });
    let names = [
        "save", "tell", "film", "link", "leak", "two", "fail", "ask", "wait", "die", "mumble",
        "flood",
    ];
    names.map(plain).into_iter().chain([draw]).collect()
}

/// What is drawn, in base64.
pub(super) fn blob(told: &Value) -> String {
    BASE64.encode(png(told))
}

/// Calls a tool.
pub(super) fn call(name: &str, told: &Value) -> Answer {
    let text = |text: &str| json!({"type": "text", "text": text});
    let content = |all: Value| Answer::Is(json!({"content": all, "resultType": "complete"}));
    let picture = || json!({"type": "image", "data": blob(told), "mimeType": "image/png"});
    let path = told["path"].as_str().unwrap_or_default();
    match name {
        "draw" => content(json!([text("Here it is."), picture()])),
        // Writes what it drew, and says where.
        "save" | "tell" => match std::fs::write(path, png(told)) {
            Ok(()) if name == "save" => content(json!([text("saved")])),
            Ok(()) => Answer::Is(json!({
                "content": [text("saved")], "structuredContent": {"files": [{"path": path}]},
            })),
            Err(error) => {
                Answer::Is(json!({"isError": true, "content": [text(&error.to_string())]}))
            }
        },
        "film" => {
            let resource = json!({"uri": "film://1", "mimeType": "image/gif", "blob": BASE64.encode(gif(told))});
            content(json!([{"type": "resource", "resource": resource}]))
        }
        "link" => content(json!([{"type": "resource_link", "name": "it", "uri": told["uri"]}])),
        // Names a file that is not its own.
        "leak" => Answer::Is(json!({"content": [], "structuredContent": {"path": path}})),
        "two" => content(json!([picture(), picture()])),
        "fail" => Answer::Is(json!({"isError": true, "content": [text("there is no lamp")]})),
        "ask" => Answer::Is(
            json!({"resultType": "input_required", "inputRequests": {"spend": {
                "method": "elicitation/create", "params": {"message": "May I spend 2 credits?"},
            }}}),
        ),
        "wait" => Answer::Never,
        "die" => Answer::Ends,
        "mumble" => Answer::Noise,
        "flood" => Answer::Flood,
        other => {
            Answer::Is(json!({"isError": true, "content": [text(&format!("no tool {other}"))]}))
        }
    }
}
