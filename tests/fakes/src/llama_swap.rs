//! llama-swap, in front of two models.

use axum::Json;
use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::openai::of_ones_own;
use crate::{Asked, Kind, Shop};

pub(crate) const KIND: Kind = Kind {
    vendor: "llama-swap",
    base: "",
    key: ("", ""),
    models: &[("text", "own"), ("recognisers", "own")],
    charges: 0,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    if (asked.method, asked.path) == (&Method::GET, "/running") {
        let one = json!({"model": "own", "state": "ready", "cmd": "", "proxy": "", "ttl": 0});
        let all = if shop.has_loaded() {
            vec![one]
        } else {
            Vec::new()
        };
        return Json(json!({"running": all})).into_response();
    }
    if asked.method == Method::POST {
        shop.load(true);
    }
    of_ones_own(shop, asked)
}
