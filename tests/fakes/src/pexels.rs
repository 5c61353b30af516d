//! Pexels: photos and videos by the number, five of each to every search.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::stock::{self, Thing};
use crate::{Asked, Kind, Shop};

pub(crate) const KIND: Kind = Kind {
    vendor: "pexels",
    base: "",
    key: ("authorization", ""),
    models: &[],
    charges: 0,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    if let Some(file) = stock::file(asked) {
        return file;
    }
    let search = |kind: &str| {
        let told = |name| stock::parameter(asked.query, name);
        let count = told("per_page").and_then(|count| count.parse().ok());
        let (Some(words), Some(count @ 1..=80)) = (told("query"), count) else {
            return refuse(StatusCode::BAD_REQUEST, "Bad Request");
        };
        let all = stock::all(shop, &words, count);
        let found: Vec<Value> = all.iter().map(|thing| of(shop, kind, thing)).collect();
        let next = format!("{}/v1/search?page=2", shop.url());
        Json(json!({"page": 1, "per_page": count, "total_results": 8000, "next_page": next, kind: found}))
            .into_response()
    };
    let one = |kind: &str, id: &str| match stock::one(shop, id) {
        Some(thing) => Json(of(shop, kind, &thing)).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "Not Found"),
    };
    match asked.path {
        "/v1/search" => search("photos"),
        "/videos/search" => search("videos"),
        path => match (
            path.strip_prefix("/v1/photos/"),
            path.strip_prefix("/videos/videos/"),
        ) {
            (Some(id), _) => one("photos", id),
            (_, Some(id)) => one("videos", id),
            _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
        },
    }
}

fn of(shop: &Shop, kind: &str, thing: &Thing) -> Value {
    let Thing { id, title, author } = thing;
    let file = |kind, name: &str| format!("{}/media/{kind}/{name}", shop.url());
    let person = format!("https://www.pexels.com/@{id}");
    if kind == "photos" {
        let page = format!("https://www.pexels.com/photo/{id}/");
        return json!({
            "id": id, "width": 64, "height": 36, "url": page, "alt": title, "avg_color": "#978E82",
            "photographer": author, "photographer_url": person, "photographer_id": id, "liked": false,
            "src": {"original": file("photos", &format!("{id}.png")), "tiny": file("photos", "tiny.png")},
        });
    }
    let words = title.replace(' ', "-");
    let film = |quality: &str, side: u64, name: &str| {
        json!({
            "id": id, "quality": quality, "file_type": "video/mp4", "width": side * 16, "height": side * 9,
            "fps": 25.0, "link": file("videos", name),
        })
    };
    let stream = json!({
        "id": 1, "quality": "hls", "file_type": "video/mp4", "width": null, "height": null, "fps": null,
        "link": file("videos", "stream.m3u8"),
    });
    json!({
        "id": id, "width": 3840, "height": 2160, "url": format!("https://www.pexels.com/video/{words}-{id}/"),
        "image": file("photos", "poster.png"), "duration": 1, "full_res": null, "tags": [],
        "user": {"id": id, "name": author, "url": person},
        "video_files": [
            stream, film("uhd", 240, "uhd.gif"), film("hd", 120, &format!("{id}.gif")), film("sd", 40, "sd.gif"),
        ],
        "video_pictures": [],
    })
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"error": why}))).into_response()
}
