//! AssemblyAI's uploads and transcripts.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::webhook::Signed;
use crate::{Asked, Job, Kind, Shop, heard, webhook};

pub(crate) const KIND: Kind = Kind {
    vendor: "assemblyai",
    base: "",
    key: ("authorization", ""),
    models: &[("recognisers", "universal-2")],
    // A second at 0.006 dollars a minute.
    charges: 100,
    has_jobs: true,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    match (asked.method, asked.path) {
        (&Method::POST, "/v2/upload") => upload(shop, asked.bytes),
        (&Method::POST, "/v2/transcript") => submit(shop, asked.body),
        (&Method::GET, path) => {
            let id = path.strip_prefix("/v2/transcript/");
            match id.and_then(|id| shop.ask(id)) {
                Some(job) => Json(transcript(&job)).into_response(),
                None => refuse(StatusCode::NOT_FOUND, "transcript not found"),
            }
        }
        _ => refuse(StatusCode::NOT_FOUND, "not found"),
    }
}

fn upload(shop: &Shop, sound: &[u8]) -> Response {
    let number = {
        let mut inner = shop.lock();
        inner.uploads.push(sound.to_vec());
        inner.uploads.len() - 1
    };
    Json(json!({"upload_url": format!("{}/upload/{number}", shop.url())})).into_response()
}

fn submit(shop: &Shop, body: &Value) -> Response {
    let url = body["audio_url"].as_str().unwrap_or_default();
    let number = url.rsplit('/').next().and_then(|n| n.parse::<usize>().ok());
    let sound = number.and_then(|n| shop.lock().uploads.get(n).cloned());
    let Some(sound) = sound else {
        return refuse(StatusCode::BAD_REQUEST, "audio_url must be a valid URL");
    };
    let Some(model) = body["speech_models"][0].as_str() else {
        return refuse(StatusCode::BAD_REQUEST, "speech_models is required");
    };
    let (_, job) = heard::hear(shop, model, &sound);
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let signed = Signed::Header(
        text("webhook_auth_header_name"),
        text("webhook_auth_header_value"),
    );
    webhook::call(shop, &job, body["webhook_url"].as_str(), signed);
    let body = json!({"id": job.id, "status": "queued", "error": null, "words": null});
    Json(body).into_response()
}

fn transcript(job: &Job) -> Value {
    let status = if job.left > 1 {
        "queued"
    } else if job.left == 1 {
        "processing"
    } else if let Some(error) = &job.fails {
        return json!({"id": job.id, "status": "error", "error": error, "words": null});
    } else {
        "completed"
    };
    if status != "completed" {
        return json!({"id": job.id, "status": status, "error": null, "words": null});
    }
    let words = job.input["words"].as_array().into_iter().flatten();
    let words = words.map(|word| {
        json!({"text": word[0], "start": word[1], "end": word[2], "confidence": 0.9, "speaker": null})
    });
    json!({
        "id": job.id, "status": "completed", "error": null, "text": job.input["prompt"],
        "words": words.collect::<Value>(), "confidence": 0.9, "language_code": "en",
    })
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}
