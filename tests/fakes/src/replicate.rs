//! Replicate's predictions.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::webhook::Signed;
use crate::{Asked, Job, Kind, Shop, file_url, webhook};

pub(crate) const KIND: Kind = Kind {
    vendor: "replicate",
    base: "",
    key: ("authorization", "Bearer "),
    models: &[
        ("images", "black-forest-labs/flux-schnell"),
        ("clips", "kwaivgi/kling-v2.1"),
    ],
    charges: 3000,
    has_jobs: true,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let (method, body) = (asked.method, asked.body);
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        (&Method::POST, ["v1", "models", owner, name, "predictions"]) => {
            submit(shop, &format!("{owner}/{name}"), body)
        }
        (&Method::POST, ["v1", "predictions"]) => {
            let version = body["version"].as_str().unwrap_or_default();
            submit(shop, version, body)
        }
        (&Method::GET, ["v1", "webhooks", "default", "secret"]) => {
            Json(webhook::secret()).into_response()
        }
        (&Method::GET, ["v1", "predictions"]) => {
            let all: Vec<Value> = shop.all().iter().map(|job| prediction(shop, job)).collect();
            Json(json!({"previous": null, "next": null, "results": all})).into_response()
        }
        (&Method::GET, ["v1", "predictions", id]) => match shop.ask(id) {
            Some(job) => Json(prediction(shop, &job)).into_response(),
            None => missing(),
        },
        (&Method::POST, ["v1", "predictions", id, "cancel"]) => {
            shop.cancel(id);
            match shop.look(id) {
                Some(job) => Json(prediction(shop, &job)).into_response(),
                None => missing(),
            }
        }
        _ => missing(),
    }
}

fn missing() -> Response {
    let body = json!({"title": "Not found", "detail": "The requested resource could not be found.", "status": 404});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

fn submit(shop: &Shop, model: &str, body: &Value) -> Response {
    let input = &body["input"];
    if !input["prompt"].is_string() {
        let body = json!({
            "title": "Input validation failed", "detail": "- input: prompt is required\n", "status": 422,
        });
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response();
    }
    let made = if model.contains("kling") {
        "gif"
    } else {
        "png"
    };
    let job = shop.take(model, input, made);
    let hook = body["webhook"].as_str();
    // Nothing else is heard than the end.
    let hook = hook.filter(|_| body["webhook_events_filter"] == json!(["completed"]));
    webhook::call(shop, &job, hook, Signed::Standard);
    (StatusCode::CREATED, Json(prediction(shop, &job))).into_response()
}

fn prediction(shop: &Shop, job: &Job) -> Value {
    let (status, output, error) = if job.cancelled {
        ("canceled", Value::Null, Value::Null)
    } else if job.left > 1 {
        ("starting", Value::Null, Value::Null)
    } else if job.left == 1 {
        ("processing", Value::Null, Value::Null)
    } else if let Some(error) = &job.fails {
        ("failed", Value::Null, json!(error))
    } else {
        let url = json!(file_url(shop, job));
        let output = if job.made == "gif" { url } else { json!([url]) };
        ("succeeded", output, Value::Null)
    };
    json!({
        "id": job.id, "model": job.model, "version": "hidden", "status": status, "input": job.input,
        "output": output, "error": error, "logs": "", "metrics": {"predict_time": 0.7},
        "created_at": job.at, "urls": {
            "get": format!("{}/v1/predictions/{}", shop.url(), job.id),
            "cancel": format!("{}/v1/predictions/{}/cancel", shop.url(), job.id),
        },
    })
}
