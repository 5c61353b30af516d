//! RunPod's endpoints, with a worker that makes pictures and one that makes clips.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::webhook::Signed;
use crate::{Asked, Job, Kind, Shop, file_url, webhook};

pub(crate) const KIND: Kind = Kind {
    vendor: "runpod",
    base: "",
    key: ("authorization", "Bearer "),
    models: &[("images", "k4v2pictures"), ("clips", "k4v2clips")],
    charges: 40_000,
    has_jobs: true,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    match (asked.method, parts.as_slice()) {
        (&Method::POST, [endpoint, "run"]) => {
            let input = &asked.body["input"];
            if !input["prompt"].is_string() {
                return refuse(StatusCode::BAD_REQUEST, "prompt is a required input");
            }
            // A clip is told how long it is to be.
            let made = if input["seconds"].is_number() {
                "gif"
            } else {
                "png"
            };
            let job = shop.take(endpoint, input, made);
            webhook::call(shop, &job, asked.body["webhook"].as_str(), Signed::Plain);
            Json(json!({"id": job.id, "status": "IN_QUEUE"})).into_response()
        }
        (&Method::GET, [endpoint, "status", id]) => match shop.ask(id) {
            Some(job) if job.model == *endpoint => Json(status(shop, &job)).into_response(),
            _ => refuse(StatusCode::NOT_FOUND, "job not found"),
        },
        (&Method::POST, [_, "cancel", id]) if shop.cancel(id) => {
            Json(json!({"id": id, "status": "CANCELLED"})).into_response()
        }
        _ => refuse(StatusCode::NOT_FOUND, "not found"),
    }
}

fn status(shop: &Shop, job: &Job) -> Value {
    let mut told = json!({"id": job.id, "delayTime": 120, "executionTime": 900, "workerId": "w1"});
    let (status, more) = if job.cancelled {
        ("CANCELLED", Value::Null)
    } else if job.left > 1 {
        ("IN_QUEUE", Value::Null)
    } else if job.left == 1 {
        ("IN_PROGRESS", Value::Null)
    } else if let Some(error) = &job.fails {
        ("FAILED", json!({"error": error}))
    } else {
        let image = json!({"filename": "a", "type": "s3_url", "data": file_url(shop, job)});
        ("COMPLETED", json!({"output": {"images": [image]}}))
    };
    told["status"] = status.into();
    for (name, value) in more.as_object().into_iter().flatten() {
        told[name] = value.clone();
    }
    told
}

fn refuse(status: StatusCode, why: &str) -> Response {
    let body = json!({"title": "error", "status": status.as_u16(), "detail": why});
    (status, Json(body)).into_response()
}
