//! A ComfyUI server: its queue, its history, its uploads.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::{Asked, Job, Kind, Shop, made};

pub(crate) const KIND: Kind = Kind {
    vendor: "comfyui",
    base: "",
    key: ("", ""),
    models: &[("images", "own"), ("clips", "own")],
    charges: 0,
    has_jobs: true,
    answer,
};

/// A graph that this server takes, as the editor exports it: a prompt is 6.text, a seed is 3.seed, the first
/// frame of a clip 10.image. What saves is the node `9`.
pub fn graph(clip: bool) -> Map<String, Value> {
    let save = if clip {
        "SaveAnimatedWEBP"
    } else {
        "SaveImage"
    };
    let graph = json!({
        "3": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 4, "positive": ["6", 0], "latent_image": ["5", 0]}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}, "_meta": {"title": "What is seen"}},
        "9": {"class_type": save, "inputs": {"images": ["3", 0], "filename_prefix": "workprint"}},
        "10": {"class_type": "LoadImage", "inputs": {"image": ""}},
    });
    graph.as_object().cloned().unwrap_or_default()
}

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let path = asked.path.strip_prefix("/api").unwrap_or(asked.path);
    match (asked.method, path) {
        (&Method::POST, "/prompt") => submit(shop, asked.body),
        (&Method::POST, "/upload/image") => upload(asked.bytes),
        (&Method::GET, "/queue") => Json(queue(shop)).into_response(),
        (&Method::POST, "/queue") => {
            for id in asked.body["delete"].as_array().into_iter().flatten() {
                shop.cancel(id.as_str().unwrap_or_default());
            }
            StatusCode::OK.into_response()
        }
        (&Method::POST, "/interrupt") => {
            shop.cancel(asked.body["prompt_id"].as_str().unwrap_or_default());
            StatusCode::OK.into_response()
        }
        (&Method::GET, "/view") => {
            let name = asked
                .query
                .split('&')
                .find_map(|part| part.strip_prefix("filename="));
            let id = name
                .and_then(|name| name.split('_').next())
                .unwrap_or_default();
            match shop.look(id) {
                Some(job) => made(&job),
                None => StatusCode::NOT_FOUND.into_response(),
            }
        }
        (&Method::GET, path) => match path.strip_prefix("/history/") {
            Some(id) => Json(history(shop, id)).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn submit(shop: &Shop, body: &Value) -> Response {
    let refuse = |error: Value, nodes: Value| {
        let body = json!({"error": error, "node_errors": nodes});
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    };
    let Some(nodes) = body["prompt"].as_object().filter(|nodes| !nodes.is_empty()) else {
        let none = json!({"type": "no_prompt", "message": "No prompt provided", "details": "", "extra_info": {}});
        return refuse(none, json!({}));
    };
    let steps = &nodes["3"]["inputs"]["steps"];
    if steps.as_i64().is_none_or(|steps| steps < 1) {
        let error = json!({
            "type": "value_smaller_than_min", "message": "Value 0 smaller than min of 1", "details": "steps",
            "extra_info": {"input_name": "steps", "input_config": ["INT", {"min": 1}], "received_value": steps},
        });
        let failed = json!({
            "type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation",
            "details": "", "extra_info": {},
        });
        let nodes =
            json!({"3": {"class_type": "KSampler", "dependent_outputs": ["9"], "errors": [error]}});
        return refuse(failed, nodes);
    }
    let input = json!({
        "prompt": nodes["6"]["inputs"]["text"], "seed": nodes["3"]["inputs"]["seed"],
        "image": nodes["10"]["inputs"]["image"],
    });
    let id = body["prompt_id"].as_str().unwrap_or_default().to_owned();
    let is_clip = nodes["9"]["class_type"] == "SaveAnimatedWEBP";
    shop.take_as(
        id.clone(),
        "own",
        &input,
        if is_clip { "gif" } else { "png" },
    );
    Json(json!({"prompt_id": id, "number": 1, "node_errors": {}})).into_response()
}

/// A file of a form, under the name that it has there.
fn upload(form: &[u8]) -> Response {
    let text = String::from_utf8_lossy(form);
    let name = text
        .split("filename=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let is_whole = ["name=\"image\"", "name=\"subfolder\"", "name=\"overwrite\""]
        .iter()
        .all(|part| text.contains(part));
    match name.filter(|_| is_whole) {
        Some(name) => {
            Json(json!({"name": name, "subfolder": "workprint", "type": "input"})).into_response()
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Tells how far a run is each time that it is a step further, as the server's WebSocket does.
pub(crate) async fn tell(
    State(shop): State<Shop>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response {
    let id = uri.query().unwrap_or_default().replace("clientId=", "");
    upgrade.on_upgrade(move |mut socket| async move {
        let mut steps = 0;
        while let Some(job) = shop.look(&id).filter(|job| !job.cancelled) {
            steps = steps.max(job.left);
            let node = |value, max| json!({"value": value, "max": max, "state": "running", "prompt_id": id});
            let told = json!({"type": "progress_state", "data": {"prompt_id": id, "nodes": {
                "3": node(steps - job.left, steps.max(1)), "6": node(1, 1),
            }}});
            let over = json!({"type": "executing", "data": {"node": null, "prompt_id": id}});
            let text = if job.left == 0 { over } else { told };
            // A preview comes between, as pictures do.
            let preview = Message::Binary(vec![0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xd8].into());
            let sent = socket.send(preview).await.is_ok()
                && socket.send(Message::Text(text.to_string().into())).await.is_ok();
            if !sent || job.left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

fn entry(job: &Job) -> Value {
    json!([1, job.id, {}, {}, ["9"]])
}

fn queue(shop: &Shop) -> Value {
    let all = shop.all();
    let open = all.iter().filter(|job| !job.cancelled && job.left > 0);
    let (running, pending): (Vec<&Job>, Vec<&Job>) = open.partition(|job| job.left == 1);
    let told = json!({
        "queue_running": running.into_iter().map(entry).collect::<Vec<_>>(),
        "queue_pending": pending.into_iter().map(entry).collect::<Vec<_>>(),
    });
    for job in &all {
        shop.ask(&job.id);
    }
    told
}

fn history(shop: &Shop, id: &str) -> Value {
    let Some(job) = shop.look(id).filter(|job| job.cancelled || job.left == 0) else {
        return json!({});
    };
    let of = |kind: &str, more: Value| json!([kind, more]);
    let (status, messages) = if job.cancelled {
        (
            "error",
            json!([of(
                "execution_interrupted",
                json!({"node_id": "3", "node_type": "KSampler"})
            )]),
        )
    } else if let Some(error) = &job.fails {
        let error = json!({
            "node_id": "3", "node_type": "KSampler", "exception_type": "RuntimeError",
            "exception_message": error, "traceback": [],
        });
        ("error", json!([of("execution_error", error)]))
    } else {
        (
            "success",
            json!([of("execution_success", json!({"prompt_id": id}))]),
        )
    };
    let file = |kind: &str, number: u32| json!({"filename": format!("{id}_{number:05}_.{}", job.made), "subfolder": "", "type": kind});
    let outputs = if status == "success" {
        json!({"7": {"images": [file("temp", 1)]}, "9": {"images": [file("output", 2)], "animated": [job.made == "gif"]}})
    } else {
        json!({})
    };
    json!({id: {
        "prompt": entry(&job), "outputs": outputs, "meta": {},
        "status": {"status_str": status, "completed": status == "success", "messages": messages},
    }})
}
