//! Replicate's predictions: `POST /v1/models/OWNER/NAME/predictions`, then `GET /v1/predictions/ID`.
//!
//! There is no key of one's own for an order, but a list of the latest ones with what they were asked: an
//! order whose outcome is not known is looked for there. What was asked and made is deleted an hour after
//! it was made.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Price, Row, Unit, shape};
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{
    Capability, Delivery, Found, Lost, Order, Parcel, Polled, Submitted, Vendor, What,
};
use crate::webhook::{Call, Hook, Webhook};

/// Replicate's row.
pub(super) const ROW: Row = Row {
    id: "replicate",
    name: "Replicate",
    url: "https://api.replicate.com",
    key: ("REPLICATE_API_TOKEN", "Authorization", "Bearer "),
    has_jobs: true,
    takes_key: false,
    can_find: true,
    references: 1,
    per_minute: 600,
    at_once: 10,
    makes: &[
        (Capability::Image, &Replicate),
        (Capability::Video, &Replicate),
    ],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        let detail = body["detail"].as_str()?;
        body.get("id").is_none().then(|| detail.to_owned())
    },
    explain: |body| Some(body["detail"].as_str()?.trim().to_owned()),
    prices: &[
        price("black-forest-labs/flux-schnell", 3000),
        price("black-forest-labs/flux-dev", 25_000),
        price("black-forest-labs/flux-pro", 55_000),
        clips("kwaivgi/kling-v2.1", 50_000),
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
        unit: Unit::Each(micros),
        date: "2026-05",
        source: "https://replicate.com/pricing",
    }
}

#[derive(Debug)]
struct Replicate;

/// What a prediction is asked.
fn input(order: &Order) -> Value {
    let mut input = json!({
        "prompt": order.prompt,
        "seed": order.seed,
        "aspect_ratio": shape::nearest(order.size(), &SHAPES),
    });
    if order.capability() == Capability::Image {
        input["num_outputs"] = 1.into();
        input["output_format"] = "png".into();
    }
    if let Some(reference) = order.references.first() {
        let name = match order.what {
            What::Video { .. } => "start_image",
            _ => "image",
        };
        input[name] = reference.data_url().into();
    }
    order.with_options(input)
}

/// The shapes that models here know by name.
const SHAPES: [(&str, u64, u64); 11] = [
    ("1:1", 1, 1),
    ("16:9", 16, 9),
    ("21:9", 21, 9),
    ("3:2", 3, 2),
    ("2:3", 2, 3),
    ("4:5", 4, 5),
    ("5:4", 5, 4),
    ("3:4", 3, 4),
    ("4:3", 4, 3),
    ("9:16", 9, 16),
    ("9:21", 9, 21),
];

fn id(job: &Value) -> Option<&str> {
    let id = job["id"].as_str()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && !id.is_empty() && id.len() <= 64).then_some(id)
}

fn ms(prediction: &Value) -> Option<i64> {
    let at: Timestamp = prediction["created_at"].as_str()?.parse().ok()?;
    Some(at.as_millisecond())
}

/// Its clock and ours may differ so far.
const CLOCKS: i64 = 60_000;

impl Vendor for Replicate {
    fn submit(&self, order: &Order, _: &str) -> Request {
        let input = input(order);
        if let Some((_, version)) = order.model.split_once(':') {
            let body = json!({"version": version, "input": input});
            return Request::post("v1/predictions", body);
        }
        let path = format!("v1/models/{}/predictions", order.model);
        Request::post(path, json!({"input": input}))
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let id = id(&body).ok_or_else(|| reply.unexpected("a prediction's `id`"))?;
        Ok(Submitted::Job(id.to_owned()))
    }

    fn poll(&self, job: &str) -> Option<Request> {
        let job = json!({"id": job});
        id(&job).map(|id| Request::get(format!("v1/predictions/{id}")))
    }

    fn polled(&self, _: &str, reply: &Reply) -> Result<Polled, CallError> {
        let body = reply.json()?;
        match body["status"].as_str() {
            Some("starting" | "processing") => Ok(Polled::Pending),
            Some("succeeded") => {
                let output = &body["output"];
                let url = output.as_str().or_else(|| output[0].as_str());
                match url {
                    Some(url) => Ok(Polled::Done(Delivery::of(Parcel::At(url.to_owned())))),
                    None if body["data_removed"] == true => Ok(Polled::Failed(
                        "the vendor deleted what it made before it was fetched".to_owned(),
                    )),
                    None => Err(reply.unexpected("`output`")),
                }
            }
            Some("failed" | "canceled" | "aborted") => {
                let error = body["error"].as_str().or_else(|| body["status"].as_str());
                Ok(Polled::Failed(error.unwrap_or_default().to_owned()))
            }
            _ => Err(reply.unexpected("a prediction's `status`")),
        }
    }

    fn webhook(&self) -> Option<&'static dyn Webhook> {
        Some(&Calls)
    }

    fn cancel(&self, job: &str) -> Vec<Request> {
        let job = json!({"id": job});
        let paths = id(&job).map(|id| format!("v1/predictions/{id}/cancel"));
        let stop = paths.map(|path| Request::get(path).by(Method::POST));
        stop.into_iter().collect()
    }

    fn adopt(&self, _: &str, given: &str, _: &str) -> Option<String> {
        let job = json!({"id": given});
        id(&job).map(str::to_owned)
    }

    fn look(&self, _: &Lost<'_>) -> Option<Request> {
        Some(Request::get("v1/predictions"))
    }

    fn find(&self, lost: &Lost<'_>, reply: &Reply) -> Result<Found, CallError> {
        let body = reply.json()?;
        let listed = body["results"]
            .as_array()
            .ok_or_else(|| reply.unexpected("`results`"))?;
        let wanted = input(lost.order);
        let after = lost.since - CLOCKS;
        let since: Vec<&Value> = listed
            .iter()
            .filter(|one| ms(one).is_none_or(|at| at >= after))
            .collect();
        let same = |one: &&&Value| {
            let asked = &one["input"];
            let wanted = wanted.as_object().into_iter().flatten();
            // A file that was sent along is told by another address.
            let own = wanted.filter(|(name, _)| !["image", "start_image"].contains(&name.as_str()));
            let mut own = own.map(|(name, value)| asked.get(name) == Some(value));
            own.all(|same| same)
        };
        let found = since.iter().filter(same).filter_map(|one| id(one));
        let mut new = found.filter(|id| !lost.known.iter().any(|known| known == id));
        if let Some(id) = new.next() {
            // Which of two began with which picture is not told.
            let is_sure = lost.order.references.is_empty() || new.next().is_none();
            return Ok(if is_sure {
                Found::Job(id.to_owned())
            } else {
                Found::Unknown
            });
        }
        // It has none only where the list reaches back far enough and hides nothing.
        let reaches = since.len() < listed.len() || body["next"].is_null();
        let hidden = since
            .iter()
            .any(|one| !one["input"].is_object() || one["input"] == json!({}));
        Ok(if reaches && !hidden {
            Found::None
        } else {
            Found::Unknown
        })
    }
}

/// Replicate's calls, signed as Standard Webhooks says; the account's secret is asked for.
#[derive(Debug)]
struct Calls;

impl Webhook for Calls {
    fn name(&self, request: &mut Request, hook: &Hook) {
        request.add("webhook", hook.url.as_str());
        request.add("webhook_events_filter", json!(["completed"]));
    }

    fn keys(&self, _: &str) -> Vec<Request> {
        vec![Request::get("v1/webhooks/default/secret")]
    }

    fn check(&self, call: &Call<'_>) -> Result<(), &'static str> {
        call.is_signed_with(call.keys["key"].as_str().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use workprint_model::Size;

    use super::*;
    use crate::order::Reference;
    use crate::vendors::speech_cases::reply;

    fn found(order: &Order, known: &[String], listed: &[&str]) -> Found {
        let one = |id: &&str| json!({"id": id, "created_at": "2026-11-01T10:00:00Z", "input": input(order)});
        let body = json!({"results": listed.iter().map(one).collect::<Vec<_>>(), "next": null});
        let lost = Lost {
            order,
            key: "k",
            since: 0,
            known,
        };
        Replicate.find(&lost, &reply(&body.to_string())).unwrap()
    }

    #[test]
    fn orders_that_may_differ_in_a_file_alone_are_not_told_apart() {
        let size = Size {
            width: 1280,
            height: 720,
        };
        let mut order = Order {
            model: "a/b".to_owned(),
            prompt: "it turns".to_owned(),
            seed: 3,
            references: Vec::new(),
            options: serde_json::Map::new(),
            graph: None,
            what: What::Video {
                size,
                length_ms: 5000,
            },
        };
        assert_eq!(found(&order, &[], &["x", "y"]), Found::Job("x".to_owned()));
        order.references.push(Reference {
            media_type: "image/png".to_owned(),
            bytes: vec![1],
        });
        assert_eq!(found(&order, &[], &["x", "y"]), Found::Unknown);
        let known = ["x".to_owned()];
        assert_eq!(
            found(&order, &known, &["x", "y"]),
            Found::Job("y".to_owned())
        );
        assert_eq!(found(&order, &known, &["x"]), Found::None);
    }
}
