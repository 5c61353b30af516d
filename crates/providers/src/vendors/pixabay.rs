//! Pixabay: `GET /api/?q=` and `/api/videos/?q=`, by `id=` one thing alone. The key is a part of the query.
//!
//! Accounts see pictures of 1280 pixels; those that the library has allowed more see larger ones too, which are taken
//! then. What it answers must be kept for a day and no file of it be shown from its own address.

use std::time::Duration;

use serde_json::Value;
use workprint_model::Size;
use workprint_model::stock::StockKind;

use crate::http::Request;
use crate::stock::{Found, Library, Row, Search, Shape, Told, fitting, query};

/// Pixabay's row.
pub(super) const ROW: Row = Row {
    id: "pixabay",
    name: "Pixabay",
    url: "https://pixabay.com/api",
    key: ("PIXABAY_API_KEY", "?key"),
    allows: (100, Duration::from_mins(1)),
    licence: (
        "Pixabay Content License",
        "https://pixabay.com/service/license-summary/",
    ),
    library: &Pixabay,
    complaint: |_| None,
    explain: |_| None,
};

#[derive(Debug)]
struct Pixabay;

/// The path of what is asked.
fn path(kind: StockKind, told: &[(&str, String)]) -> String {
    match kind {
        StockKind::Photos => format!("?{}", query(told)),
        StockKind::Videos => format!("videos/?{}", query(told)),
    }
}

impl Library for Pixabay {
    fn search(&self, search: &Search) -> Request {
        let mut told = vec![
            ("q", search.words.clone()),
            ("per_page", search.count.to_string()),
            ("page", search.page.to_string()),
            ("safesearch", "true".to_owned()),
        ];
        if search.kind == StockKind::Photos {
            told.push(("image_type", "photo".to_owned()));
            told.extend(search.shape.map(|shape| {
                let shape = match shape {
                    Shape::Wide => "horizontal",
                    Shape::Tall => "vertical",
                };
                ("orientation", shape.to_owned())
            }));
        }
        Request::get(path(search.kind, &told))
    }

    fn found(&self, _: StockKind, body: &Value) -> Option<Vec<Value>> {
        body["hits"].as_array().cloned()
    }

    fn ask(&self, kind: StockKind, id: u64) -> Request {
        Request::get(path(kind, &[("id", id.to_string())]))
    }

    fn one(&self, _: StockKind, mut body: Value) -> Option<Value> {
        let hits = body["hits"].as_array_mut()?;
        (hits.len() == 1).then(|| hits.remove(0))
    }

    fn read(&self, kind: StockKind, thing: &Value, row: &Row) -> Option<Found> {
        let (size, file) = match kind {
            StockKind::Photos => picture(thing)?,
            StockKind::Videos => {
                let files = thing["videos"].as_object()?;
                let (size, file) = fitting(files.values().filter_map(film))?;
                ((Some(size.width.into()), Some(size.height.into())), file)
            }
        };
        let author = thing["user"].as_str()?;
        let told = Told {
            id: thing["id"].as_u64(),
            title: thing["tags"].as_str().unwrap_or_default(),
            author,
            author_page: match thing["user_id"].as_u64() {
                Some(id) => format!("https://pixabay.com/users/{author}-{id}/"),
                None => String::new(),
            },
            page: thing["pageURL"].as_str()?,
            size,
            seconds: thing["duration"].as_f64(),
            file,
        };
        row.item(kind, &told)
    }
}

/// A width and a height, as far as they are told.
type Sides = (Option<u64>, Option<u64>);

/// The largest picture that the account sees, and the size of that.
fn picture(thing: &Value) -> Option<(Sides, &str)> {
    let whole = (
        thing["imageWidth"].as_u64()?,
        thing["imageHeight"].as_u64()?,
    );
    // The longer side is so long at most, whatever the picture's shape.
    let known = [
        ("imageURL", u64::MAX),
        ("fullHDURL", 1920),
        ("largeImageURL", 1280),
    ];
    let of = |(name, most): (&str, u64)| {
        let url = thing[name].as_str().filter(|url| !url.is_empty())?;
        let longest = whole.0.max(whole.1).max(1);
        let side = |side: u64| {
            if longest > most {
                (side.saturating_mul(most) / longest).max(1)
            } else {
                side
            }
        };
        Some(((Some(side(whole.0)), Some(side(whole.1))), url))
    };
    known.into_iter().find_map(of)
}

/// A file of a video; one that there is none of has an empty address.
fn film(file: &Value) -> Option<(Size, &str)> {
    let side = |name: &str| u32::try_from(file[name].as_u64()?).ok();
    let size = Size {
        width: side("width").filter(|side| *side > 0)?,
        height: side("height").filter(|side| *side > 0)?,
    };
    Some((size, file["url"].as_str().filter(|url| !url.is_empty())?))
}
