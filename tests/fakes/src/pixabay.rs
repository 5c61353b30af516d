//! Pixabay: photos and videos by the number, five of each to every search. The key is a part of the query.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::stock::{self, Thing};
use crate::{Asked, Kind, Shop};

pub(crate) const KIND: Kind = Kind {
    vendor: "pixabay",
    base: "/api",
    key: ("?key", ""),
    models: &[],
    charges: 0,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    if let Some(file) = stock::file(asked) {
        return file;
    }
    let kind = match asked.path {
        "/api/" => "photos",
        "/api/videos/" => "videos",
        _ => return refuse(StatusCode::NOT_FOUND),
    };
    let told = |name| stock::parameter(asked.query, name);
    let things = if let Some(id) = told("id") {
        stock::one(shop, &id).into_iter().collect()
    } else {
        let count = told("per_page").map_or(Some(20), |count| count.parse().ok());
        let words = told("q").filter(|words| words.len() <= 100);
        let (Some(words), Some(count @ 3..=200)) = (words, count) else {
            return refuse(StatusCode::BAD_REQUEST);
        };
        stock::all(shop, &words, count)
    };
    let hits: Vec<Value> = things.iter().map(|thing| of(shop, kind, thing)).collect();
    Json(json!({"total": 4692, "totalHits": 500, "hits": hits})).into_response()
}

fn of(shop: &Shop, kind: &str, thing: &Thing) -> Value {
    let Thing { id, title, author } = thing;
    let file = |kind, name: &str| format!("{}/media/{kind}/{name}", shop.url());
    let common = json!({
        "id": id, "tags": title, "user": author, "user_id": id, "views": 1, "downloads": 1, "likes": 1,
        "comments": 0, "userImageURL": "",
    });
    let own = if kind == "photos" {
        json!({
            "pageURL": format!("https://pixabay.com/photos/{id}/"), "type": "photo",
            "previewURL": file("photos", "preview.png"), "webformatURL": file("photos", "web.png"),
            "largeImageURL": file("photos", &format!("{id}.png")), "imageWidth": 4000, "imageHeight": 2250,
        })
    } else {
        let film = |url: String, width: u64| json!({"url": url, "width": width, "height": width * 9 / 16, "size": 1});
        json!({
            "pageURL": format!("https://pixabay.com/videos/{id}/"), "type": "film", "duration": 1,
            "videos": {
                "large": {"url": "", "width": 0, "height": 0, "size": 0},
                "medium": film(file("videos", &format!("{id}.gif")), 1280),
                "small": film(file("videos", "small.gif"), 640),
            },
        })
    };
    let mut all = common;
    if let (Value::Object(all), Value::Object(own)) = (&mut all, own) {
        all.extend(own);
    }
    all
}

fn refuse(status: StatusCode) -> Response {
    (status, "[ERROR 400] \"per_page\" is out of valid range.").into_response()
}
