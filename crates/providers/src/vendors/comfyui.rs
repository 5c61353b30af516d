//! A ComfyUI of one's own: `POST /api/prompt` with a graph of nodes, then its queue and its history.
//!
//! The graph is a file of the show, as the editor's "Export (API)" writes it; `places` say where in it an
//! order goes. The name of a run is ours to choose, so that a lost order is found again; what the server
//! neither has in its queue nor in its history was never given to it, or was forgotten with a restart.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use workprint_model::Digest;

use super::Row;
use crate::error::CallError;
use crate::http::{Part, Reply, Request};
use crate::layers::load::Load;
use crate::order::{
    Capability, Delivery, Found, Graph, Lost, Order, Parcel, Polled, Reference, Submitted, Told,
    Vendor, What,
};

/// ComfyUI's row.
pub(super) const ROW: Row = Row {
    id: "comfyui",
    name: "ComfyUI",
    url: "http://127.0.0.1:8188",
    key: ("", "", ""),
    has_jobs: true,
    takes_key: true,
    can_find: true,
    references: 16,
    per_minute: 6000,
    at_once: 2,
    makes: &[
        (Capability::Image, &Comfyui(Capability::Image)),
        (Capability::Video, &Comfyui(Capability::Video)),
    ],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        Some(body["error"]["message"].as_str()?.to_owned())
    },
    explain: |body| {
        let said = &body["error"];
        let message = said["message"].as_str().or_else(|| said.as_str())?;
        let nodes = node_errors(&body["node_errors"]);
        Some(if nodes.is_empty() {
            format!("{message} {}", said["details"].as_str().unwrap_or_default())
        } else {
            nodes.join("; ")
        })
    },
    prices: &[],
};

/// The folder of what is uploaded.
const FOLDER: &str = "workprint";

#[derive(Debug)]
struct Comfyui(Capability);

/// What each node has against its inputs.
fn node_errors(all: &Value) -> Vec<String> {
    let mut told = Vec::new();
    for (node, errors) in all.as_object().into_iter().flatten() {
        let class = errors["class_type"].as_str().unwrap_or("a node");
        for error in errors["errors"].as_array().into_iter().flatten() {
            let input = error["extra_info"]["input_name"].as_str();
            let input = input.map_or_else(String::new, |name| format!(", input `{name}`"));
            let message = error["message"].as_str().unwrap_or_default();
            let details = error["details"].as_str().unwrap_or_default();
            told.push(format!(
                "node {node} ({class}){input}: {message}: {details}"
            ));
        }
    }
    told
}

/// The node that a place names, by its number or its title.
fn node<'a>(nodes: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let titled = |(_, node): &(&String, &Value)| node["_meta"]["title"].as_str() == Some(name);
    let found = nodes.get_key_value(name);
    let found = found.or_else(|| nodes.iter().find(titled));
    found.map(|(key, _)| key.as_str())
}

/// The node and the input of a place.
fn place<'a>(graph: &'a Graph, name: &str) -> Option<(&'a str, &'a str)> {
    let (named, input) = graph.places.get(name)?.rsplit_once('.')?;
    Some((node(&graph.nodes, named)?, input))
}

/// The node whose files are taken, where the show names one.
fn output(graph: &Graph) -> Option<&str> {
    node(&graph.nodes, graph.places.get("output")?)
}

/// The name that a reference is uploaded by: the same for the same file.
fn name(reference: &Reference) -> String {
    let ending = reference.media_type.rsplit('/').next().unwrap_or("png");
    format!("{}.{ending}", Digest::of(&reference.bytes))
}

/// What goes into the graph, by the names that places have.
fn values(order: &Order) -> Vec<(String, Value)> {
    let size = order.size();
    let mut all = vec![
        ("prompt".to_owned(), json!(order.prompt)),
        ("seed".to_owned(), json!(order.seed)),
        ("width".to_owned(), json!(size.width)),
        ("height".to_owned(), json!(size.height)),
    ];
    if let What::Video { length_ms, .. } = order.what {
        // Sixteen frames a second is what the models of today were trained at; they want 4n + 1.
        let frames = (length_ms * 16).div_ceil(1000).div_ceil(4) * 4 + 1;
        all.push(("length".to_owned(), json!(frames)));
    }
    for (index, reference) in order.references.iter().enumerate() {
        let place = match index {
            0 => "image".to_owned(),
            n => format!("image{}", n + 1),
        };
        all.push((place, json!(format!("{FOLDER}/{}", name(reference)))));
    }
    let options = order.options.iter();
    all.extend(options.map(|(name, value)| (name.clone(), value.clone())));
    all
}

impl Vendor for Comfyui {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let Some(graph) = &order.graph else {
            return Some((
                "it has no graph".to_owned(),
                "name a file in `graph`: the editor's \"Export (API)\" writes it",
            ));
        };
        let is_api = graph
            .nodes
            .values()
            .all(|node| node["class_type"].is_string());
        if !is_api || graph.nodes.is_empty() {
            return Some((
                "its graph is not what the server takes".to_owned(),
                "export it by \"Export (API)\"; what the editor saves is another format",
            ));
        }
        for (name, to) in &graph.places {
            let known = match name.as_str() {
                "output" => node(&graph.nodes, to).is_some(),
                name => place(graph, name).is_some(),
            };
            if !known {
                return Some((
                    format!("`places.{name}` names `{to}`, and its graph has no such node"),
                    "write the number or the title of a node, a point, and one of its inputs",
                ));
            }
        }
        if !order.references.is_empty() && !graph.places.contains_key("image") {
            return Some((
                "its graph has no place for a picture".to_owned(),
                "say where it goes: `image = \"10.image\"` in `places`",
            ));
        }
        None
    }

    fn load(&self) -> Vec<Request> {
        vec![Request::get("api/queue")]
    }

    fn loaded(&self, replies: &[Reply]) -> Load {
        let body = replies.first().and_then(|reply| reply.json().ok());
        let body = body.unwrap_or_default();
        let queues = ["queue_running", "queue_pending"].map(|name| &body[name]);
        let jobs = queues.map(|queue| queue.as_array().map_or(0, Vec::len));
        Load {
            jobs: u32::try_from(jobs.iter().sum::<usize>()).unwrap_or(u32::MAX),
            resident: Vec::new(),
        }
    }

    fn before(&self, order: &Order) -> Vec<Request> {
        let upload = |reference: &Reference| {
            let file = Part::file("image", &name(reference), reference);
            let text = |name, text: &str| Part::text(name, text);
            let parts = vec![
                file,
                text("subfolder", FOLDER),
                text("type", "input"),
                text("overwrite", "true"),
            ];
            Request::form("api/upload/image", parts)
        };
        order.references.iter().map(upload).collect()
    }

    fn submit(&self, order: &Order, key: &str) -> Request {
        let Some(graph) = &order.graph else {
            return Request::post("api/prompt", json!({}));
        };
        let mut nodes = graph.nodes.clone();
        for (name, value) in values(order) {
            if let Some((node, input)) = place(graph, &name) {
                nodes[node]["inputs"][input] = value;
            }
        }
        let body = json!({"prompt": nodes, "prompt_id": key, "client_id": key});
        Request::post("api/prompt", body)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let id = body["prompt_id"].as_str().filter(|id| is_id(id));
        let id = id.ok_or_else(|| reply.unexpected("a `prompt_id`"))?;
        let mut job = id.to_owned();
        if let Some(node) = order.graph.as_ref().and_then(output) {
            let _ = write!(job, " {node}");
        }
        Ok(Submitted::Job(job))
    }

    fn poll(&self, job: &str) -> Option<Request> {
        is_id(split(job).0).then(|| Request::get("api/queue"))
    }

    fn polled(&self, job: &str, reply: &Reply) -> Result<Polled, CallError> {
        let (id, _) = split(job);
        Ok(if is_queued(id, reply)? {
            Polled::Pending
        } else {
            Polled::Ready(Request::get(format!("api/history/{id}")))
        })
    }

    fn made(&self, job: &str, reply: &Reply) -> Result<Polled, CallError> {
        let (id, wanted) = split(job);
        let body = reply.json()?;
        let Some(run) = body.get(id) else {
            let why =
                "the server no longer knows the run: it was restarted, or its history was cleared";
            return Ok(Polled::Failed(why.to_owned()));
        };
        if run["status"]["status_str"] == "error" {
            return Ok(Polled::Failed(failure(&run["status"]["messages"])));
        }
        let outputs = run["outputs"].as_object();
        let outputs = outputs.into_iter().flatten();
        let of_node = outputs.filter(|(node, _)| wanted.is_none_or(|wanted| wanted == *node));
        let files = of_node.flat_map(|(_, output)| files(output));
        // What is only shown is taken where nothing is saved.
        let fitting = files.filter(|file| self.is_fit(file));
        let best = fitting.min_by_key(|file| file["type"] != "output");
        let Some(file) = best else {
            let why = format!("its graph saved nothing that is {}", self.0.told());
            return Ok(Polled::Failed(why));
        };
        let server = reply.url.split("/api/history/").next().unwrap_or_default();
        let text = |name: &str| file[name].as_str().unwrap_or_default();
        let query = [
            ("filename", text("filename")),
            ("subfolder", text("subfolder")),
            ("type", text("type")),
        ];
        let url = reqwest::Url::parse_with_params(&format!("{server}/api/view"), query);
        let url = url.map_err(|_| reply.unexpected("a file's name"))?;
        Ok(Polled::Done(Delivery::of(Parcel::At(url.into()))))
    }

    fn listen(&self, job: &str) -> Option<String> {
        let (id, _) = split(job);
        is_id(id).then(|| format!("ws?clientId={id}"))
    }

    fn heard(&self, order: &Order, job: &str, text: &str) -> Option<Told> {
        let (id, _) = split(job);
        let message: Value = serde_json::from_str(text).ok()?;
        let data = message.get("data").filter(|data| data["prompt_id"] == id)?;
        match message["type"].as_str()? {
            "progress_state" => {
                let all = order
                    .graph
                    .as_ref()
                    .map_or(1, |graph| graph.nodes.len().max(1));
                let nodes = data["nodes"].as_object()?.values();
                let done: f64 = nodes.map(|node| part(&node["value"], &node["max"])).sum();
                Some(Told::Done(
                    (done / all as f64 * 1000.0).clamp(0.0, 1000.0) as u16
                ))
            }
            "executing" if data["node"].is_null() => Some(Told::Over),
            "execution_error" | "execution_interrupted" => Some(Told::Over),
            _ => None,
        }
    }

    fn cancel(&self, job: &str) -> Vec<Request> {
        let (id, _) = split(job);
        vec![
            Request::post("api/queue", json!({"delete": [id]})),
            Request::post("api/interrupt", json!({"prompt_id": id})),
        ]
    }

    fn adopt(&self, _: &str, id: &str, _: &str) -> Option<String> {
        is_id(id).then(|| id.to_owned())
    }

    fn look(&self, _: &Lost<'_>) -> Option<Request> {
        Some(Request::get("api/queue"))
    }

    fn find(&self, lost: &Lost<'_>, reply: &Reply) -> Result<Found, CallError> {
        let mut job = lost.key.to_owned();
        if let Some(node) = lost.order.graph.as_ref().and_then(output) {
            let _ = write!(job, " {node}");
        }
        let body = reply.json()?;
        if body.get("queue_running").is_none() {
            let is_known = body.get(lost.key).is_some();
            return Ok(if is_known {
                Found::Job(job)
            } else {
                Found::None
            });
        }
        Ok(if is_queued(lost.key, reply)? {
            Found::Job(job)
        } else {
            Found::Ask(Request::get(format!("api/history/{}", lost.key)))
        })
    }
}

/// A job's text: the run's name, and the node whose files are taken.
fn split(job: &str) -> (&str, Option<&str>) {
    match job.split_once(' ') {
        Some((id, node)) => (id, Some(node)),
        None => (job, None),
    }
}

/// How much of something is done, 0 to 1.
fn part(value: &Value, max: &Value) -> f64 {
    match (value.as_f64(), max.as_f64()) {
        (Some(value), Some(max)) if max > 0.0 => (value / max).clamp(0.0, 1.0),
        _ => 0.0,
    }
}

fn is_id(id: &str) -> bool {
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && !id.is_empty() && id.len() <= 64
}

/// Whether a run waits or goes on.
fn is_queued(id: &str, reply: &Reply) -> Result<bool, CallError> {
    let body = reply.json()?;
    let lists = ["queue_running", "queue_pending"].map(|name| body[name].as_array());
    let [Some(running), Some(pending)] = lists else {
        return Err(reply.unexpected("a queue"));
    };
    Ok(running.iter().chain(pending).any(|entry| entry[1] == id))
}

/// Every file in what a node put out.
fn files(output: &Value) -> Vec<&Value> {
    let lists = output.as_object().into_iter().flatten();
    let items = lists.flat_map(|(_, list)| list.as_array().into_iter().flatten());
    items.filter(|item| item["filename"].is_string()).collect()
}

impl Comfyui {
    fn is_fit(&self, file: &Value) -> bool {
        let name = file["filename"]
            .as_str()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let ending = name.rsplit('.').next().unwrap_or_default();
        match self.0 {
            Capability::Image => ["png", "jpg", "jpeg", "webp"].contains(&ending),
            Capability::Video => ["mp4", "webm", "mkv", "mov", "gif", "webp"].contains(&ending),
            Capability::Text => ending == "txt",
            Capability::Recognition => ending == "json",
            Capability::Speech
            | Capability::Music
            | Capability::Effect
            | Capability::Change
            | Capability::Dialogue => ["wav", "flac", "mp3", "ogg", "opus"].contains(&ending),
        }
    }
}

/// Why a run failed: the node and what it says.
fn failure(messages: &Value) -> String {
    let last = messages.as_array().into_iter().flatten().rev();
    let mut told = last.filter_map(|message| match message[0].as_str()? {
        "execution_error" => {
            let of = &message[1];
            let text = |name: &str| of[name].as_str().unwrap_or_default().trim();
            Some(format!(
                "node {} ({}) failed: {}: {}",
                text("node_id"),
                text("node_type"),
                text("exception_type"),
                text("exception_message")
            ))
        }
        "execution_interrupted" => Some("it was stopped at the server".to_owned()),
        _ => None,
    });
    told.next()
        .unwrap_or_else(|| "it failed, and does not say why".to_owned())
}
