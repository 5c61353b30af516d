//! fal's queue.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::webhook::Signed;
use crate::{Asked, Job, Kind, Shop, file_url, webhook};

pub(crate) const KIND: Kind = Kind {
    vendor: "fal",
    base: "",
    key: ("authorization", "Key "),
    models: &[
        ("images", "fal-ai/flux/schnell"),
        ("clips", "fal-ai/kling-video/v2.1/standard/image-to-video"),
    ],
    charges: 3000,
    has_jobs: true,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let (method, body) = (asked.method, asked.body);
    let path = asked.path.trim_matches('/');
    if path == ".well-known/jwks.json" {
        return Json(webhook::jwks()).into_response();
    }
    let Some((app, rest)) = path.split_once("/requests/") else {
        return submit(shop, path, (asked.query, body));
    };
    let (id, act) = rest.split_once('/').unwrap_or((rest, ""));
    let Some(job) = shop.look(id).filter(|job| job.model.starts_with(app)) else {
        return missing();
    };
    match (method, act) {
        (&Method::GET, "status") => status(shop, &job),
        (&Method::GET, "") => result(shop, &job),
        (&Method::PUT, "cancel") => {
            shop.cancel(id);
            let body = Json(json!({"status": "CANCELLATION_REQUESTED"}));
            (StatusCode::ACCEPTED, body).into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn missing() -> Response {
    let body = Json(json!({"detail": "Request not found"}));
    (StatusCode::NOT_FOUND, body).into_response()
}

fn submit(shop: &Shop, model: &str, (query, input): (&str, &Value)) -> Response {
    if !input["prompt"].is_string() {
        let fault = json!({"detail": [{"loc": ["body", "prompt"], "msg": "field required", "type": "missing"}]});
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(fault)).into_response();
    }
    let made = if model.contains("video") {
        "gif"
    } else {
        "png"
    };
    let job = shop.take(model, input, made);
    let hook = webhook::parameter(query, "fal_webhook");
    webhook::call(shop, &job, hook.as_deref(), Signed::Fal);
    let base = base(shop, &job);
    Json(json!({
        "request_id": job.id, "gateway_request_id": job.id, "status": "IN_QUEUE", "queue_position": 0,
        "response_url": base, "status_url": format!("{base}/status"),
        "cancel_url": format!("{base}/cancel"),
    }))
    .into_response()
}

/// A request's address has the first two names of an app alone.
fn base(shop: &Shop, job: &Job) -> String {
    let app: Vec<&str> = job.model.split('/').take(2).collect();
    format!("{}/{}/requests/{}", shop.url(), app.join("/"), job.id)
}

fn status(shop: &Shop, job: &Job) -> Response {
    let job = shop.ask(&job.id).unwrap_or_else(|| job.clone());
    let base = base(shop, &job);
    let body = if job.left > 1 {
        json!({"status": "IN_QUEUE", "queue_position": job.left})
    } else if job.left == 1 {
        json!({"status": "IN_PROGRESS", "logs": null})
    } else if let Some(error) = &job.fails {
        json!({"status": "COMPLETED", "logs": [], "error": error, "error_type": "x", "response_url": base})
    } else {
        json!({"status": "COMPLETED", "logs": [], "metrics": {"inference_time": 0.7}, "response_url": base})
    };
    let code = if job.left == 0 {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    (code, Json(body)).into_response()
}

fn result(shop: &Shop, job: &Job) -> Response {
    if job.made == "gif" {
        let video =
            json!({"url": file_url(shop, job), "content_type": "image/gif", "file_name": "a.gif"});
        return Json(json!({"video": video})).into_response();
    }
    Json(json!({
        "images": [{
            "url": file_url(shop, job), "content_type": "image/png", "file_name": "a.png",
            "file_size": 1000,
            "width": job.input["image_size"]["width"], "height": job.input["image_size"]["height"],
        }],
        "seed": job.input["seed"],
    }))
    .into_response()
}
