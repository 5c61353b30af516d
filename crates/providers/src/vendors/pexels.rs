//! Pexels: `GET /v1/search` and `/v1/photos/ID`, `/videos/search` and `/videos/videos/ID`.
//!
//! A photo is taken as it was uploaded, a video in the largest of its files that is no larger than a film needs.

use std::time::Duration;

use serde_json::Value;
use workprint_model::Size;
use workprint_model::stock::StockKind;

use crate::http::Request;
use crate::stock::{Found, Library, Row, Search, Shape, Told, fitting, query};

/// Pexels' row.
pub(super) const ROW: Row = Row {
    id: "pexels",
    name: "Pexels",
    url: "https://api.pexels.com",
    key: ("PEXELS_API_KEY", "Authorization"),
    allows: (200, Duration::from_hours(1)),
    licence: ("Pexels License", "https://www.pexels.com/license/"),
    library: &Pexels,
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        Some(body["error"].as_str()?.to_owned())
    },
    explain: |body| Some(body["error"].as_str()?.to_owned()),
};

#[derive(Debug)]
struct Pexels;

impl Library for Pexels {
    fn search(&self, search: &Search) -> Request {
        let mut told = vec![
            ("query", search.words.clone()),
            ("per_page", search.count.to_string()),
            ("page", search.page.to_string()),
        ];
        told.extend(search.shape.map(|shape| {
            let shape = match shape {
                Shape::Wide => "landscape",
                Shape::Tall => "portrait",
            };
            ("orientation", shape.to_owned())
        }));
        let path = match search.kind {
            StockKind::Photos => "v1/search",
            StockKind::Videos => "videos/search",
        };
        Request::get(format!("{path}?{}", query(&told)))
    }

    fn found(&self, kind: StockKind, body: &Value) -> Option<Vec<Value>> {
        body[kind.name()].as_array().cloned()
    }

    fn ask(&self, kind: StockKind, id: u64) -> Request {
        Request::get(match kind {
            StockKind::Photos => format!("v1/photos/{id}"),
            StockKind::Videos => format!("videos/videos/{id}"),
        })
    }

    fn one(&self, _: StockKind, body: Value) -> Option<Value> {
        Some(body)
    }

    fn read(&self, kind: StockKind, thing: &Value, row: &Row) -> Option<Found> {
        let text = |value: &'_ Value| value.as_str().unwrap_or_default().to_owned();
        let side = |name: &str| thing[name].as_u64();
        let (author, author_page, title) = match kind {
            StockKind::Photos => (
                text(&thing["photographer"]),
                text(&thing["photographer_url"]),
                text(&thing["alt"]),
            ),
            // A video has no words but those of its page's address.
            StockKind::Videos => (
                text(&thing["user"]["name"]),
                text(&thing["user"]["url"]),
                named(thing["url"].as_str().unwrap_or_default()),
            ),
        };
        let (size, file) = match kind {
            StockKind::Photos => (
                (side("width"), side("height")),
                text(&thing["src"]["original"]),
            ),
            StockKind::Videos => {
                let files = thing["video_files"].as_array()?;
                let (size, file) = fitting(files.iter().filter_map(film))?;
                let (width, height) = (size.width.into(), size.height.into());
                ((Some(width), Some(height)), file.to_owned())
            }
        };
        let told = Told {
            id: thing["id"].as_u64(),
            title: &title,
            author: &author,
            author_page,
            page: thing["url"].as_str()?,
            size,
            seconds: thing["duration"].as_f64(),
            file: &file,
        };
        row.item(kind, &told)
    }
}

/// A file of a video that is an MP4 and tells its size.
fn film(file: &Value) -> Option<(Size, &str)> {
    let is_film = file["file_type"] == "video/mp4" && file["quality"] != "hls";
    let side = |name: &str| u32::try_from(file[name].as_u64()?).ok();
    let size = Size {
        width: side("width")?,
        height: side("height")?,
    };
    Some((size, file["link"].as_str().filter(|_| is_film)?))
}

/// The words in a page's address: `https://www.pexels.com/video/a-lamp-at-night-857195/`.
fn named(page: &str) -> String {
    let name = page.trim_end_matches('/').rsplit('/').next();
    let words = name.unwrap_or_default().split('-');
    let words = words.filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}
