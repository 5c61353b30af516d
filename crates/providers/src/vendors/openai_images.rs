//! OpenAI's row, and its images: `POST /v1/images/generations`, and `/v1/images/edits` where there are references.
//!
//! The answer is the picture. There is no key of one's own for an order and no list of orders: one whose
//! answer was lost waits for a person.

use serde_json::json;

use super::openai_chat::{Chats, complaint, said};
use super::openai_speech::OpenaiSpeech;
use super::openai_transcriptions::Transcriptions;
use super::{Price, Row, Unit};
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{
    Capability, Delivery, Effort, Order, Parcel, Submitted, Usage, Vendor, What, base64,
};

/// OpenAI's row.
pub(super) const ROW: Row = Row {
    id: "openai",
    name: "OpenAI",
    url: "https://api.openai.com/v1",
    key: ("OPENAI_API_KEY", "Authorization", "Bearer "),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 16,
    per_minute: 60,
    at_once: 4,
    makes: &[
        (Capability::Image, &OpenaiImages),
        (Capability::Speech, &OpenaiSpeech),
        (Capability::Text, &Chats::OF_OPENAI),
        (Capability::Recognition, &Transcriptions),
    ],
    complaint: |reply| complaint(reply),
    explain: said,
    prices: &[
        price("gpt-image-1-mini", 2_000_000, 8_000_000),
        price("gpt-image-1.5", 5_000_000, 32_000_000),
    ],
};

const fn price(model: &'static str, read: i64, made: i64) -> Price {
    Price {
        model,
        unit: Unit::Tokens { read, made },
        date: "2026-05",
        source: "https://platform.openai.com/docs/pricing",
    }
}

#[derive(Debug)]
struct OpenaiImages;

/// The standard size of the same shape.
fn size(order: &Order) -> &'static str {
    let size = order.size();
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    if width * 5 > height * 6 {
        "1536x1024"
    } else if height * 5 > width * 6 {
        "1024x1536"
    } else {
        "1024x1024"
    }
}

impl Vendor for OpenaiImages {
    fn submit(&self, order: &Order, _: &str) -> Request {
        let quality = match order.what {
            What::Image {
                effort: Effort::Low,
                ..
            } => "low",
            What::Image {
                effort: Effort::High,
                ..
            } => "high",
            _ => "medium",
        };
        let mut body = json!({
            "model": order.model,
            "prompt": order.prompt,
            "n": 1,
            "size": size(order),
            "quality": quality,
            "output_format": "png",
        });
        if order.references.is_empty() {
            return Request::post("images/generations", order.with_options(body));
        }
        let images = order.references.iter();
        let images = images.map(|reference| json!({"image_url": reference.data_url()}));
        body["images"] = images.collect();
        Request::post("images/edits", order.with_options(body))
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let first = &body["data"][0];
        let parcel = match (base64(&first["b64_json"]), first["url"].as_str()) {
            (Some(bytes), _) => Parcel::Bytes(bytes),
            (None, Some(url)) => Parcel::At(url.to_owned()),
            (None, None) => return Err(reply.unexpected("`b64_json`")),
        };
        let count = |name: &str| body["usage"][name].as_u64().unwrap_or_default();
        let usage = Usage {
            tokens_in: count("input_tokens"),
            tokens_out: count("output_tokens"),
            pixels: 0,
        };
        let delivery = Delivery::of(parcel);
        Ok(Submitted::Done(Delivery { usage, ..delivery }))
    }
}
