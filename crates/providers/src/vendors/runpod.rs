//! RunPod's serverless endpoints: `POST /ENDPOINT/run`, then `/ENDPOINT/status/JOB`. An endpoint is a worker of the
//! user's own, so what it is told and what it answers has no form: what a worker is told are the show's `options`,
//! filled in where they have places, and what it made is the first picture or film in its answer.
//!
//! There is no key of one's own for an order and no list of orders: one whose outcome is not known waits for a
//! person. An answer is kept for half an hour.

use reqwest::{Method, Url};
use serde_json::{Map, Value, json};
use workprint_model::template::{self, ALL_REFERENCES, Aspect};

use super::Row;
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{
    Capability, Delivery, Order, Parcel, Polled, Submitted, Vendor, What, base64, data_url,
};
use crate::webhook::{Hook, Webhook};

/// RunPod's row.
pub(super) const ROW: Row = Row {
    id: "runpod",
    name: "RunPod",
    url: "https://api.runpod.ai/v2",
    key: ("RUNPOD_API_KEY", "Authorization", "Bearer "),
    has_jobs: true,
    takes_key: false,
    can_find: false,
    references: 16,
    per_minute: 3000,
    at_once: 10,
    makes: &[
        (Capability::Image, &Runpod(Capability::Image)),
        (Capability::Video, &Runpod(Capability::Video)),
    ],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        body.get("status").is_none().then_some(())?;
        said(&body)
    },
    explain: said,
    prices: &[],
};

/// The most that an order may hold, with room for what stands around it: 10 MB.
const MOST_SENT: usize = 9 << 20;
/// How deep an answer is looked into.
const DEEPEST: usize = 8;

#[derive(Debug)]
struct Runpod(Capability);

/// What an error says: a text, or one below a name.
fn said(body: &Value) -> Option<String> {
    let all = [
        &body["detail"],
        &body["error"],
        &body["error"]["message"],
        &body["title"],
    ];
    let said = all.into_iter().find_map(Value::as_str)?;
    Some(said.to_owned())
}

/// A name that stays one part of a path.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !name.is_empty() && name.len() <= 100 && name.bytes().all(plain)
}

/// The endpoint and the identifier of a job.
fn parts(job: &str) -> Option<(&str, &str)> {
    let (endpoint, id) = job.split_once('/')?;
    (is_plain(endpoint) && is_plain(id)).then_some((endpoint, id))
}

/// What stands in a place of the show's options.
fn value(order: &Order, place: &str) -> Option<Value> {
    let size = order.size();
    let length = match order.what {
        What::Video { length_ms, .. } => Some(length_ms),
        _ => None,
    };
    match place {
        "prompt" => Some(order.prompt.as_str().into()),
        "seed" => Some(order.seed.into()),
        "width" => Some(size.width.into()),
        "height" => Some(size.height.into()),
        "seconds" => Some((f64::from(length?) / 1000.0).into()),
        "milliseconds" => Some(length?.into()),
        _ => picture(order, place),
    }
}

/// A picture that goes with an order: `start` is a clip's first frame. Nothing there has a path, so all are bytes:
/// as a `data:` URL, or by `-data` in base64 alone.
fn picture(order: &Order, place: &str) -> Option<Value> {
    let (aspect, of) = Aspect::of(place);
    let told = |index: usize| {
        let given = order.references.get(index)?;
        Some(Value::from(match aspect {
            Aspect::Path => given.data_url(),
            Aspect::Bytes => given.base64(),
            Aspect::Type => given.media_type.clone(),
        }))
    };
    match of {
        "start" => told(0),
        ALL_REFERENCES => Some((0..order.references.len()).filter_map(told).collect()),
        _ => told(template::reference(of)?),
    }
}

/// A value with its places filled. A text that is a place alone becomes what stands there; where nothing does, it is
/// left out.
fn filled(order: &Order, of: &Value) -> Option<Value> {
    Some(match of {
        Value::String(text) => {
            if let Some(place) = template::only_place(text) {
                return value(order, place);
            }
            let text_of = |place: &str| {
                let value = value(order, place)?;
                Some(
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned),
                )
            };
            // What is no template is meant as it stands.
            template::fill(text, text_of)
                .unwrap_or_else(|_| text.clone())
                .into()
        }
        Value::Array(all) => all.iter().filter_map(|one| filled(order, one)).collect(),
        Value::Object(all) => {
            let all = all.iter();
            let all = all.filter_map(|(name, one)| Some((name.clone(), filled(order, one)?)));
            Value::Object(all.collect::<Map<_, _>>())
        }
        other => other.clone(),
    })
}

/// What a worker is told: the show's options alone where they have places, else what most workers take, and them.
fn input(order: &Order) -> Value {
    let options = Value::Object(order.options.clone());
    let mut texts = Vec::new();
    template::texts(&options, &mut texts);
    let has_places = texts
        .into_iter()
        .any(|text| template::places(text).next().is_some());
    if has_places {
        return filled(order, &options).unwrap_or_default();
    }
    let told = ["prompt", "seed", "width", "height", "seconds"];
    let told = told.map(|name| (name.to_owned(), value(order, name)));
    let image = ("image".to_owned(), picture(order, "start"));
    let told = told.into_iter().chain([image]);
    let told = told.filter_map(|(name, value)| Some((name, value?)));
    order.with_options(Value::Object(told.collect()))
}

impl Runpod {
    /// The first of an answer's texts that is what was ordered, or its address.
    fn made(&self, output: &Value) -> Option<Parcel> {
        let mut found = Vec::new();
        collect(output, DEEPEST, &mut found);
        let bytes = |text: &&str| {
            let bytes = data_url(text).or_else(|| base64(&Value::from(*text)))?;
            self.0.media_type(&bytes).map(|_| Parcel::Bytes(bytes))
        };
        let address = |text: &&str| {
            let url = Url::parse(text).ok()?;
            matches!(url.scheme(), "https" | "http").then(|| Parcel::At((*text).to_owned()))
        };
        let inline = found.iter().find_map(bytes);
        inline.or_else(|| found.iter().find_map(address))
    }
}

/// All texts of an answer that may be a file or its address.
fn collect<'a>(value: &'a Value, deep: usize, to: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if text.len() > 7 => to.push(text),
        Value::Array(all) if deep > 0 => all.iter().for_each(|one| collect(one, deep - 1, to)),
        Value::Object(all) if deep > 0 => all.values().for_each(|one| collect(one, deep - 1, to)),
        _ => {}
    }
}

impl Vendor for Runpod {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        if !is_plain(&order.model) {
            let what = format!("`{}` is no endpoint", order.model);
            return Some((what, "write the endpoint's identifier as `model`"));
        }
        let length = input(order).to_string().len();
        (length > MOST_SENT).then(|| {
            let what = format!("the order has {length} bytes, and {MOST_SENT} are taken");
            (what, "give smaller references, or fewer of them")
        })
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let body = json!({"input": input(order)});
        Request::post(format!("{}/run", order.model), body)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let id = body["id"].as_str().filter(|id| is_plain(id));
        let id = id.ok_or_else(|| reply.unexpected("a job's `id`"))?;
        Ok(Submitted::Job(format!("{}/{id}", order.model)))
    }

    fn poll(&self, job: &str) -> Option<Request> {
        let (endpoint, id) = parts(job)?;
        Some(Request::get(format!("{endpoint}/status/{id}")))
    }

    fn polled(&self, _: &str, reply: &Reply) -> Result<Polled, CallError> {
        let body = reply.json()?;
        match body["status"].as_str() {
            Some("IN_QUEUE" | "IN_PROGRESS" | "RUNNING") => Ok(Polled::Pending),
            // Workers tell of their own errors in what they answer.
            Some("COMPLETED") => match (said(&body["output"]), self.made(&body["output"])) {
                (Some(error), None) => Ok(Polled::Failed(error)),
                (_, Some(parcel)) => Ok(Polled::Done(Delivery::of(parcel))),
                (None, None) => Err(reply.unexpected(self.0.told())),
            },
            Some(status @ ("FAILED" | "CANCELLED" | "TIMED_OUT")) => {
                let why = said(&body).or_else(|| said(&body["output"]));
                Ok(Polled::Failed(why.unwrap_or_else(|| status.to_owned())))
            }
            _ => Err(reply.unexpected("a job's `status`")),
        }
    }

    fn webhook(&self) -> Option<&'static dyn Webhook> {
        Some(&Calls)
    }

    fn cancel(&self, job: &str) -> Vec<Request> {
        let stop = parts(job)
            .map(|(endpoint, id)| Request::get(format!("{endpoint}/cancel/{id}")).by(Method::POST));
        stop.into_iter().collect()
    }

    fn adopt(&self, _: &str, id: &str, model: &str) -> Option<String> {
        let job = format!("{model}/{id}");
        parts(&job).is_some().then_some(job)
    }
}

/// RunPod's calls. They are not signed: what nobody can guess is the address.
#[derive(Debug)]
struct Calls;

impl Webhook for Calls {
    fn name(&self, request: &mut Request, hook: &Hook) {
        request.add("webhook", hook.url.as_str());
    }
}

#[cfg(test)]
mod tests {
    use workprint_model::Size;

    use super::*;
    use crate::order::{Effort, Reference};

    fn order(options: &Value) -> Order {
        let size = Size {
            width: 64,
            height: 36,
        };
        Order {
            model: "k4v2".to_owned(),
            prompt: "a {lamp}".to_owned(),
            seed: 7,
            references: vec![Reference {
                media_type: "image/png".to_owned(),
                bytes: vec![1, 2, 3],
            }],
            options: options.as_object().cloned().unwrap_or_default(),
            graph: None,
            what: What::Image {
                size,
                effort: Effort::Low,
            },
        }
    }

    #[test]
    fn options_with_places_are_all_that_a_worker_is_told() {
        let plain = input(&order(&json!({"steps": 4, "seed": 1})));
        let image = "data:image/png;base64,AQID";
        let wanted = json!({
            "prompt": "a {lamp}", "seed": 1, "width": 64, "height": 36, "image": image, "steps": 4,
        });
        assert_eq!(plain, wanted);
        let told = input(&order(&json!({
            "workflow": {"3": {"inputs": {"seed": "{seed}", "text": "oil, {prompt}", "w": "{width}"}}},
            "images": [{"name": "a.png", "image": "{start-data}"}, "{reference2}"],
            "odd": "{", "clip": "{seconds}",
        })));
        let wanted = json!({
            "workflow": {"3": {"inputs": {"seed": 7, "text": "oil, a {lamp}", "w": 64}}},
            "images": [{"name": "a.png", "image": "AQID"}], "odd": "{",
        });
        assert_eq!(told, wanted);
    }

    #[test]
    fn what_a_worker_made_is_found_wherever_it_stands() {
        let png = "iVBORw0KGgoAAAA=";
        let of = |output: Value| Runpod(Capability::Image).made(&output);
        for output in [
            json!(png),
            json!({"message": png, "status": "success"}),
            json!({"images": [{"filename": "a.png", "type": "base64", "data": format!("data:image/png;base64,{png}")}]}),
        ] {
            assert!(
                matches!(of(output.clone()), Some(Parcel::Bytes(_))),
                "{output}"
            );
        }
        let at = Parcel::At("https://x.example/a.png".to_owned());
        assert_eq!(
            of(json!([{"url": "https://x.example/a.png", "n": 1}])),
            Some(at)
        );
        assert_eq!(
            of(json!({"text": "aGVsbG8gd29ybGQ=", "path": "/etc/passwd"})),
            None
        );
        let deep = (0..99).fold(json!(png), |inner, _| json!([inner]));
        assert_eq!(of(deep), None);
    }

    #[test]
    fn names_stay_names() {
        let vendor = Runpod(Capability::Image);
        assert!(vendor.poll("k4v2/abc-e1").is_some());
        for bad in ["k4v2", "k4v2/", "k4v2/../x", "a b/c", "k/a?b"] {
            assert!(
                vendor.poll(bad).is_none() && vendor.cancel(bad).is_empty(),
                "{bad}"
            );
        }
        let path = Order {
            model: "a/../b".to_owned(),
            ..order(&json!({}))
        };
        assert!(vendor.problem(&path).is_some());
    }
}
