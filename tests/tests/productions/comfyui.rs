//! A real ComfyUI, driven with graphs of nodes that need no models: `script/comfyui URL` runs these. The fake that all
//! other tests speak to says what this one says, and stands here for what can be tried without it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};
use workprint_tests::{Paid, Production, Rendered};

use crate::own::{PICTURES, RENDER};

/// The server that was started for this.
#[expect(
    clippy::disallowed_methods,
    reason = "where the server is, only its user knows"
)]
fn server() -> String {
    let url = std::env::var("COMFYUI_URL").ok();
    url.expect("COMFYUI_URL is the address of a running ComfyUI: `script/comfyui URL`")
}

/// What the server says at a path.
fn ask(path: &str) -> Value {
    let url = server();
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /api/{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    serde_json::from_str(said.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// A picture of the show, cut to its size and blurred by so much.
fn picture(blur: u32) -> Value {
    json!({
        "1": {"class_type": "LoadImage", "inputs": {"image": ""}, "_meta": {"title": "What is seen"}},
        "2": {"class_type": "ImageScale", "inputs": {
            "image": ["1", 0], "upscale_method": "lanczos", "width": 64, "height": 64, "crop": "center"}},
        "4": {"class_type": "ImageBlur", "inputs": {"image": ["2", 0], "blur_radius": blur, "sigma": 1.0}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["4", 0], "filename_prefix": "workprint"}},
    })
}

/// A clip of its first frame and of that in its opposite colours, in turns. `many` times as much is made as is needed.
fn clip(many: u32) -> Value {
    json!({
        "1": {"class_type": "LoadImage", "inputs": {"image": ""}},
        "2": {"class_type": "ImageScale", "inputs": {
            "image": ["1", 0], "upscale_method": "bilinear", "width": 320, "height": 180, "crop": "center"}},
        "3": {"class_type": "RepeatImageBatch", "inputs": {"image": ["2", 0], "amount": many}},
        "5": {"class_type": "ImageInvert", "inputs": {"image": ["3", 0]}},
        "6": {"class_type": "ImageBatch", "inputs": {"image1": ["3", 0], "image2": ["5", 0]}},
        "7": {"class_type": "RepeatImageBatch", "inputs": {"image": ["6", 0], "amount": 1}},
        "8": {"class_type": "ImageBlur", "inputs": {"image": ["7", 0], "blur_radius": 6, "sigma": 2.0}},
        "9": {"class_type": "SaveAnimatedWEBP", "inputs": {
            "images": ["8", 0], "filename_prefix": "workprint", "fps": 16.0, "lossless": false, "quality": 90,
            "method": "default"}},
    })
}

/// An episode of pictures of one drawing, and of a clip of the first.
fn production(pictures: u32, moves: bool) -> Production {
    let shot = |n: u32| {
        // Another seed is another order; no node has a place for it.
        let mut prompt = json!({"text": "a drawing", "seed": seed() + u64::from(n), "references": ["media/1.png"]});
        if moves && n == 0 {
            prompt["clip"] = json!({"text": "it turns", "length_ms": 1000, "then": "hold"});
        }
        let ms = if moves && n == 0 { 2000 } else { 1000 };
        json!({"id": format!("c{n}"), "hold_ms": ms, "shots": [{"id": format!("s{n}"), "picture": {"prompt": prompt}}]})
    };
    let cues: Vec<Value> = (0..pictures).map(shot).collect();
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Own", "language": "en", "scenes": [{"id": "one", "cues": cues}],
    });
    let url = server();
    let table = |table: &str, places: &str| {
        format!(
            "[engines.{table}.own]\nvendor = \"comfyui\"\nmodel = \"nodes\"\ngraph = \"media/graphs/{table}.json\"\n\
             url = \"{url}\"\n\n[engines.{table}.own.places]\n{places}\noutput = \"9\"\n\n"
        )
    };
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"Own\"\n\n[outputs.main]\nwidth = 320\nheight = 180\nrate = \"25\"\n\
         crf = 30\npreset = \"ultrafast\"\n\n[engines]\nimage = \"own\"\nclip = \"own\"\n\n{}{}",
        table(
            "images",
            "image = \"What is seen.image\"\nwidth = \"2.width\"\nheight = \"2.height\"\n\
             prompt = \"9.filename_prefix\""
        ),
        table("clips", "image = \"1.image\"\nlength = \"7.amount\""),
    );
    let new = Production::bare(&show, &manifest);
    graphs(&new, &picture(3), &clip(1));
    new.draw("media/1.png", 3);
    new
}

fn graphs(production: &Production, picture: &Value, clip: &Value) {
    production.write("media/graphs/images.json", &picture.to_string());
    production.write("media/graphs/clips.json", &clip.to_string());
}

/// The server keeps what it made, so that every run of these tests must order something new.
fn seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_secs() % 1_000_000_000
}

fn jobs(production: &Production) -> Vec<Value> {
    let said = production.run(&["jobs", "list", "--all", "--json"]).good();
    said.json().as_array().cloned().unwrap_or_default()
}

/// The name of the run at the server.
fn run_of(job: &Value) -> String {
    let remote = job["remote"].as_str().unwrap_or_default();
    let mut parts = remote.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    let id = parts.find(|part| part.len() == 36);
    id.unwrap().to_owned()
}

#[test]
#[ignore = "needs a ComfyUI: `script/comfyui URL`"]
fn pictures_and_a_clip_become_a_film() {
    let production = production(2, true);
    let made = Rendered::of(&production.run(&RENDER)).complete();
    assert_eq!(
        (made.by_kind()["generate"], made.by_kind()["animate"]),
        (2, 1)
    );
    let told: Vec<u64> = made
        .named("step.progress")
        .filter(|event| event["kind"] == "animate" || event["kind"] == "generate")
        .filter_map(|event| event["permille"].as_u64())
        .collect();
    assert!(told.iter().any(|part| (1..1000).contains(part)), "{told:?}");
    let film = production.film("pilot.mp4");
    assert_eq!(film.frames(), 75);
    // While the clip plays the picture turns into its opposite and back.
    let luma = film.luma_at((20, 20));
    let (dark, bright) = (luma[..25].iter().min(), luma[..25].iter().max());
    assert!(dark < Some(&90) && bright > Some(&165), "{luma:?}");
    for job in jobs(&production) {
        assert_eq!(job["state"], "done", "{job}");
        assert_eq!(
            ask(&format!("history/{}", run_of(&job)))[run_of(&job)]["status"]["status_str"],
            "success"
        );
    }
    let again = Rendered::of(&production.run(&RENDER)).complete();
    assert_eq!(again.count("performed"), 0);
}

#[test]
#[ignore = "needs a ComfyUI: `script/comfyui URL`"]
fn what_it_has_against_a_graph_names_node_and_input() {
    let production = production(1, false);
    let nothing: Value = {
        let mut graph = picture(3);
        graph["4"]["class_type"] = json!("ImageBlurr");
        graph
    };
    for (graph, all) in [
        (picture(500), ["node 4", "ImageBlur", "blur_radius"]),
        (nothing, ["ImageBlurr", "does not exist", "#4"]),
    ] {
        graphs(&production, &graph, &clip(1));
        let made = Rendered::of(&production.run(&PICTURES));
        assert_eq!(made.status(), "failed");
        let failed: Vec<String> = made
            .named("step.failed")
            .map(|step| step["message"].to_string())
            .collect();
        assert!(
            all.iter().all(|word| failed.concat().contains(word)),
            "{failed:?}"
        );
    }
}

#[test]
#[ignore = "needs a ComfyUI: `script/comfyui URL`"]
fn a_run_is_stopped_at_the_server() {
    let production = production(1, true);
    Rendered::of(&production.run(&["render", "pilot", "--json", "--only", "generate"]));
    graphs(&production, &picture(3), &clip(200));
    let mut run = production.start(&RENDER);
    assert!(run.wait_for("\"step.progress\",\"kind\":\"animate\""));
    let all = jobs(&production);
    let job = all
        .iter()
        .find(|job| job["state"] == "submitted")
        .expect("a job that is under way");
    let number = job["id"].to_string();
    production.run(&["jobs", "cancel", &number]).good();
    let made = Rendered::of(&run.finish());
    assert_eq!(made.status(), "failed", "{}", made.err);
    let queue = ask("queue");
    assert_eq!(queue["queue_running"], json!([]), "{queue}");
    let id = run_of(job);
    let messages = ask(&format!("history/{id}"))[&id]["status"]["messages"].to_string();
    assert!(messages.contains("execution_interrupted"), "{messages}");
}

#[test]
#[ignore = "needs a ComfyUI: `script/comfyui URL`"]
fn a_killed_render_goes_on_with_its_run() {
    let production = production(1, true);
    graphs(&production, &picture(3), &clip(20));
    let mut run = production.start(&RENDER);
    assert!(run.wait_for("\"step.progress\",\"kind\":\"animate\""));
    run.kill();
    drop(run.finish());
    Rendered::of(&production.run(&RENDER)).complete();
    let all = jobs(&production);
    let clips: Vec<&Value> = all.iter().filter(|job| job["kind"] == "animate").collect();
    assert_eq!(clips.len(), 1, "{all:#?}");
    let history = ask("history");
    let saved = history.as_object().into_iter().flatten();
    let same = saved.filter(|(id, _)| **id == run_of(clips[0]));
    assert_eq!(same.count(), 1);
}

#[test]
fn a_job_is_stopped_under_a_render_and_made_by_the_next() {
    let paid = Paid::new("comfyui", 1, "");
    paid.fake.slow(u32::MAX);
    let mut run = paid.production.start(&PICTURES);
    assert!(run.wait_for("step.started"));
    let job = loop {
        let jobs = paid.jobs(false);
        if let Some(job) = jobs.into_iter().find(|job| job["state"] == "submitted") {
            break job;
        }
    };
    let stop = ["jobs", "cancel", &job["id"].to_string()];
    paid.run(&stop).good();
    let made = Rendered::of(&run.finish());
    assert_eq!(made.status(), "failed", "{}", made.err);
    assert_eq!(paid.fake.cancelled(), [run_of(&job)]);
    // What is over cannot be stopped.
    let late = paid.run(&stop);
    assert!(
        late.code != 0 && late.err.contains("cannot be stopped"),
        "{}",
        late.err
    );
    paid.fake.slow(0);
    let again = paid.run(&["jobs", "retry", &job["id"].to_string()]);
    assert_eq!(again.code, 0, "{}", again.err);
    paid.buy(&[]).complete();
    paid.check_books();
}
