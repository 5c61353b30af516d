//! What the tests of vendors that speak share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Map;

use crate::http::Reply;
use crate::order::{Order, What};

/// A line that is said calmly and a tenth faster.
pub(super) fn order(model: &str, voice: &str, text: &str) -> Order {
    Order {
        model: model.to_owned(),
        prompt: text.to_owned(),
        seed: 0,
        references: Vec::new(),
        options: Map::new(),
        graph: None,
        what: What::Speech {
            voice: voice.to_owned(),
            speed: 110,
            direction: Some("calmly".to_owned()),
            language: "en-GB".to_owned(),
        },
    }
}

/// A reply of status 200.
pub(crate) fn reply(body: &str) -> Reply {
    Reply {
        url: "https://vendor.example".to_owned(),
        status: 200,
        media_type: String::new(),
        body: body.as_bytes().to_vec(),
    }
}

/// A sound in base64.
pub(super) fn wav() -> String {
    BASE64.encode(crate::speech::wav(24_000, &[0; 480]))
}
