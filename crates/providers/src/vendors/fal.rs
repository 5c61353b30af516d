//! fal's queue: `POST https://queue.fal.run/MODEL`, then the addresses that the reply names.
//!
//! A clip's model is told of its length by the show's `options`, for each has its own words for that. A
//! job that failed is `COMPLETED` too, with `error`. There is no key of one's own for an order, and no
//! list of orders: one whose outcome is not known waits for a person.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use reqwest::{Method, Url};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{Price, Row, Unit};
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{Capability, Delivery, Order, Parcel, Polled, Submitted, Usage, Vendor, What};
use crate::webhook::{Call, FORGED, Hook, UNSIGNED, Webhook};

/// fal's row.
pub(super) const ROW: Row = Row {
    id: "fal",
    name: "fal",
    url: "https://queue.fal.run",
    key: ("FAL_KEY", "Authorization", "Key "),
    has_jobs: true,
    takes_key: false,
    can_find: false,
    references: 1,
    per_minute: 600,
    at_once: 10,
    makes: &[(Capability::Image, &Fal), (Capability::Video, &Fal)],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        let detail = body
            .get("detail")
            .filter(|_| body.get("request_id").is_none())?;
        Some(detail_text(detail))
    },
    explain: |body| body.get("detail").map(detail_text),
    prices: &[
        price("fal-ai/flux/schnell", 3000),
        price("fal-ai/flux/dev", 25_000),
        price("fal-ai/flux/dev/image-to-image", 25_000),
        clips("fal-ai/kling-video/v2.1/standard/image-to-video", 50_000),
    ],
};

const fn clips(model: &'static str, micros: i64) -> Price {
    Price {
        unit: Unit::Second(micros),
        ..price(model, 0)
    }
}

const fn price(model: &'static str, micros: i64) -> Price {
    Price {
        model,
        unit: Unit::Megapixel(micros),
        date: "2026-05",
        source: "https://fal.ai/pricing",
    }
}

#[derive(Debug)]
struct Fal;

/// A list of faults as FastAPI words them, or a text.
fn detail_text(detail: &Value) -> String {
    let one = |fault: &Value| {
        let loc = fault["loc"].as_array().into_iter().flatten();
        let place: Vec<String> = loc
            .map(|part| {
                part.as_str()
                    .map_or_else(|| part.to_string(), str::to_owned)
            })
            .collect();
        let said = fault["msg"].as_str().unwrap_or_default();
        format!("{}: {said}", place.join("."))
    };
    match detail {
        Value::String(text) => text.clone(),
        Value::Array(faults) => faults.iter().map(one).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// One of the addresses that a job has.
fn address(job: &str, name: &str) -> Option<String> {
    let job: Value = serde_json::from_str(job).ok()?;
    text(&job, name).map(str::to_owned)
}

impl Vendor for Fal {
    fn submit(&self, order: &Order, _: &str) -> Request {
        let mut input = match order.what {
            What::Image { size, .. } => json!({
                "prompt": order.prompt,
                "seed": order.seed,
                "image_size": {"width": size.width, "height": size.height},
                "num_images": 1,
                "output_format": "png",
            }),
            // What else there is to say, and how, differs from model to model.
            _ => json!({"prompt": order.prompt, "seed": order.seed}),
        };
        if let Some(reference) = order.references.first() {
            input["image_url"] = reference.data_url().into();
        }
        Request::post(&order.model, order.with_options(input))
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let wanted = ["request_id", "status_url", "response_url", "cancel_url"];
        let all: Option<serde_json::Map<String, Value>> = wanted
            .iter()
            .map(|name| Some(((*name).to_owned(), text(&body, name)?.into())))
            .collect();
        let job = all.ok_or_else(|| reply.unexpected("an order's `request_id` and addresses"))?;
        Ok(Submitted::Job(Value::Object(job).to_string()))
    }

    fn poll(&self, job: &str) -> Option<Request> {
        address(job, "status_url").map(Request::named)
    }

    fn polled(&self, _: &str, reply: &Reply) -> Result<Polled, CallError> {
        let body = reply.json()?;
        match text(&body, "status") {
            Some("IN_QUEUE" | "IN_PROGRESS") => Ok(Polled::Pending),
            Some("COMPLETED") => match text(&body, "error") {
                Some(error) => Ok(Polled::Failed(error.to_owned())),
                None => match text(&body, "response_url") {
                    Some(url) => Ok(Polled::Ready(Request::named(url))),
                    // Its result lies where its status does.
                    None => Ok(Polled::Ready(Request::named(
                        reply.url.trim_end_matches("/status"),
                    ))),
                },
            },
            _ => Err(reply.unexpected("a job's `status`")),
        }
    }

    fn made(&self, _: &str, reply: &Reply) -> Result<Polled, CallError> {
        let body = reply.json()?;
        let image = body["images"].get(0);
        let Some(made) = image.or_else(|| body.get("video")) else {
            return Err(reply.unexpected("`images` or `video`"));
        };
        let url = text(made, "url").ok_or_else(|| reply.unexpected("a `url`"))?;
        let side = |name: &str| made[name].as_u64().unwrap_or_default();
        let pixels = side("width").saturating_mul(side("height"));
        let delivery = Delivery::of(Parcel::At(url.to_owned()));
        let usage = Usage {
            pixels,
            ..Usage::default()
        };
        Ok(Polled::Done(Delivery { usage, ..delivery }))
    }

    fn webhook(&self) -> Option<&'static dyn Webhook> {
        Some(&Calls)
    }

    fn cancel(&self, job: &str) -> Vec<Request> {
        let url = address(job, "cancel_url");
        let stop = url.map(|url| Request::named(url).by(Method::PUT));
        stop.into_iter().collect()
    }

    fn adopt(&self, url: &str, id: &str, model: &str) -> Option<String> {
        // Below an app's first two names nothing is part of a request's address.
        let app: Vec<&str> = model.split('/').take(2).collect();
        let base = format!("{url}/{}/requests/{id}", app.join("/"));
        let job = json!({
            "request_id": id, "status_url": format!("{base}/status"), "response_url": base,
            "cancel_url": format!("{base}/cancel"),
        });
        Some(job.to_string())
    }
}

/// Where its public keys lie: the documents name both.
const KEYS: [&str; 2] = [
    "https://rest.fal.ai/.well-known/jwks.json",
    "https://rest.alpha.fal.ai/.well-known/jwks.json",
];
/// How many of them are tried.
const MOST_KEYS: usize = 16;

/// fal's calls, signed by one of its keys.
#[derive(Debug)]
struct Calls;

impl Webhook for Calls {
    fn name(&self, request: &mut Request, hook: &Hook) {
        request.ask_with("fal_webhook", &hook.url);
    }

    fn keys(&self, url: &str) -> Vec<Request> {
        let host = |url: &str| Url::parse(url).ok()?.host_str().map(str::to_owned);
        if host(url) == host(ROW.url) {
            return KEYS.map(Request::named).into();
        }
        // Another server than its own has keys of its own.
        vec![Request::get(".well-known/jwks.json")]
    }

    fn check(&self, call: &Call<'_>) -> Result<(), &'static str> {
        let header = |name: &str| call.header(name).ok_or(UNSIGNED);
        let request = header("x-fal-webhook-request-id")?;
        let user = header("x-fal-webhook-user-id")?;
        let time = call.time("x-fal-webhook-timestamp")?;
        let signature = hex::decode(header("x-fal-webhook-signature")?).map_err(|_| UNSIGNED)?;
        let body = hex::encode(digest(&SHA256, call.body));
        let signed = [request, user, time, &body].join("\n");
        let all = call.keys["keys"].as_array().into_iter().flatten();
        let all = all.take(MOST_KEYS).filter_map(|key| key["x"].as_str());
        let mut all = all.filter_map(|key| BASE64.decode(key).ok());
        let is_right = all.any(|key| {
            let key = UnparsedPublicKey::new(&ED25519, key);
            key.verify(signed.as_bytes(), &signature).is_ok()
        });
        is_right.then_some(()).ok_or(FORGED)
    }
}
