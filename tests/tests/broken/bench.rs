//! A tiny production that is broken and mended, over and over.

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use workprint_model::Diagnostic;
use workprint_model::event::Event;
use workprint_model::step::{RunStatus, RunSummary};
use workprint_studio::ops::plan::{Plan, plan};
use workprint_studio::ops::render::{RenderOptions, render};
use workprint_studio::{Host, Place, StudioError, ops};
use workprint_tests::{Production, kept_folder, program};

use crate::judge;

/// Longer than any answer takes on a slow machine.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) const MANIFEST: &str = "episodes/pilot/manifest.json";
pub(crate) const LOCK: &str = "episodes/pilot/episode.lock";
pub(crate) const SHOW: &str = r#"format = "workprint.show/1"
title = "Tiny"

[outputs.main]
width = 64
height = 36
rate = "10"
crf = 40
preset = "ultrafast"

[timing]
lead_ms = 0
tail_ms = 50
"#;

/// Everything below a folder: its length, its time of writing, and where it leads if it is a link.
type Tree = BTreeMap<PathBuf, (u64, Option<SystemTime>, Option<PathBuf>)>;

/// A production that is whole whenever nothing is being tried on it.
pub(crate) struct Bench {
    pub(crate) production: Production,
    runtime: Option<Runtime>,
    host: Host,
}

/// Two cues of less than a second: a silent one over a still, and a spoken one over a card.
pub(crate) fn tiny() -> Value {
    let shot = |id: &str, picture: Value| json!([{"id": id, "picture": picture}]);
    let still = json!({"image": {"file": "media/stills/3.png"}});
    let card = json!({"card": {"title": "Tiny"}});
    json!({
        "format": "workprint.manifest/1",
        "title": "Tiny",
        "language": "en-GB",
        "cast": [{"id": "ann", "voice": {"name": "espeak:en-gb", "rate": 400}}],
        "scenes": [{"id": "one", "cues": [
            {"id": "c1", "hold_ms": 200, "shots": shot("s1", still)},
            {"id": "c2", "speaker": "ann", "text": "Hi.", "shots": shot("s2", card)},
        ]}],
    })
}

/// One silent cue over one picture.
pub(crate) fn silent(picture: &Value) -> Value {
    let mut manifest = tiny();
    manifest["scenes"][0]["cues"] =
        json!([{"id": "c1", "hold_ms": 200, "shots": [{"id": "s1", "picture": picture}]}]);
    manifest
}

impl Bench {
    /// A production that was never rendered. Beside it lies a file that nobody may touch.
    pub(crate) fn new() -> Self {
        judge::watch_panics();
        let production = Production::rich();
        production.write("show.toml", SHOW);
        production.write(MANIFEST, &tiny().to_string());
        fs::write(production.root().join("../outside.png"), "mine").unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let beside = program("workprint-espeak").parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = [beside].into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(all).unwrap();
        let root = production.root().to_owned();
        let host = Host::find(
            &path,
            Some(kept_folder()),
            root,
            "t".to_owned(),
            "broken".to_owned(),
        );
        Self {
            production,
            runtime: Some(runtime),
            host,
        }
    }

    /// A production that was rendered once.
    pub(crate) fn rendered() -> Self {
        let bench = Self::new();
        bench.is_whole("the beginning");
        bench
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.production.root().join(path)
    }

    fn place(&self) -> Result<Place, StudioError> {
        Place::find(self.production.root(), "pilot")
    }

    /// Waits for an answer; a panic or none at all fails the test.
    fn answer<T>(&self, case: &str, asked: impl Future<Output = T>) -> T {
        let runtime = self.runtime.as_ref().unwrap();
        let wait = || runtime.block_on(async { tokio::time::timeout(PATIENCE, asked).await });
        let answer = std::panic::catch_unwind(AssertUnwindSafe(wait));
        judge::no_panics(case);
        let answer = answer.ok().and_then(Result::ok);
        assert!(answer.is_some(), "{case}: no answer");
        answer.unwrap()
    }

    fn text_of(&self, file: &str) -> Option<String> {
        let path = self.path(file);
        // A pipe would be waited for.
        path.is_file().then(|| fs::read_to_string(path).ok())?
    }

    /// Everything that is wrong, judged; `Err` holds an error's text.
    pub(crate) fn check(&self, case: &str) -> Result<Vec<Diagnostic>, String> {
        let before = self.tree();
        let asked = async { ops::check::check(&self.host, self.place()?).await };
        let checked = self.answer(case, asked);
        assert_eq!(self.tree(), before, "{case}: a check touches nothing");
        match checked {
            Ok(all) => {
                judge::diagnostics(case, &all, |file| self.text_of(file));
                Ok(all)
            }
            Err(error) => {
                judge::error(case, &error, |file| self.text_of(file));
                Err(error.to_string())
            }
        }
    }

    /// What would be done, judged.
    pub(crate) fn plan(&self, case: &str) -> Result<Plan, StudioError> {
        let before = self.tree();
        let options = RenderOptions::default();
        let asked = async { plan(&self.host, self.place()?, &options).await };
        let planned = self.answer(case, asked);
        assert_eq!(self.tree(), before, "{case}: a plan touches nothing");
        if let Err(error) = &planned {
            judge::error(case, error, |file| self.text_of(file));
        }
        planned
    }

    /// Checks and, where nothing is wrong, plans. Says whether something was.
    pub(crate) fn look(&self, case: &str) -> bool {
        match self.check(case) {
            Ok(all) if !all.iter().any(Diagnostic::is_error) => self.plan(case).is_err(),
            _ => true,
        }
    }

    /// Checks and expects an error whose text has `told`.
    pub(crate) fn refuses(&self, case: &str, told: &str) {
        let all = match self.check(case) {
            Ok(all) => all
                .iter()
                .map(|one| format!("{one} {:?}", one.hints))
                .collect(),
            Err(text) => vec![text],
        };
        let found = all.iter().any(|text| text.contains(told));
        assert!(found, "{case}: `{told}` is not in {all:#?}");
        assert!(self.plan(case).is_err(), "{case}: planned nevertheless");
    }

    /// Renders and judges. Where it does not come to its end, every deliverable is as it was.
    pub(crate) fn render(&self, case: &str) -> Result<(RunSummary, Vec<Event>), StudioError> {
        let before = (self.tree(), self.finals());
        let told = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&told);
        let options = RenderOptions::default();
        let asked = async {
            let reporter =
                Arc::new(move |event: &Event| listener.lock().unwrap().push(event.clone()));
            let place = self.place()?;
            render(
                &self.host,
                place,
                &options,
                CancellationToken::new(),
                reporter,
            )
            .await
        };
        let result = self.answer(case, asked);
        let events = std::mem::take(&mut *told.lock().unwrap());
        assert_eq!(self.tree(), before.0, "{case}: something else was touched");
        let parts = self.parts();
        assert!(parts.is_empty(), "{case}: left behind: {parts:?}");
        let complete = matches!(&result, Ok(summary) if summary.status == RunStatus::Complete);
        if !complete {
            assert_eq!(self.finals(), before.1, "{case}: a final of a broken run");
        }
        match result {
            Ok(summary) => {
                judge::run(case, &summary, &events);
                Ok((summary, events))
            }
            Err(error) => {
                judge::error(case, &error, |file| self.text_of(file));
                Err(error)
            }
        }
    }

    /// Whether it renders to its end; either way it is judged.
    pub(crate) fn renders(&self, case: &str) -> bool {
        matches!(self.render(case), Ok((summary, _)) if summary.status == RunStatus::Complete)
    }

    /// Renders and expects a failure whose text has `told`.
    pub(crate) fn fails(&self, case: &str, told: &str) {
        let text = match self.render(case) {
            Ok((_, events)) => format!("{events:?}"),
            Err(error) => format!("{error:?}"),
        };
        assert!(text.contains(told), "{case}: `{told}` is not in {text}");
    }

    /// Nothing is wrong any more: it renders, and the film can be played.
    pub(crate) fn is_whole(&self, case: &str) {
        let (summary, events) = self.render(case).unwrap();
        assert_eq!(summary.status, RunStatus::Complete, "{case}: {events:#?}");
        let film = fs::metadata(self.path("episodes/pilot/final/pilot.mp4"));
        assert!(film.is_ok_and(|film| film.len() > 500), "{case}: no film");
    }

    /// The files of the production and around it, without what a run may write.
    fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        let top = self.production.root().parent().unwrap();
        let skip = [
            self.production.vault(),
            self.production.finals(),
            self.path(LOCK),
        ];
        walk(top, &mut |path, meta| {
            if skip.contains(&path.to_owned()) {
                return false;
            }
            // Writing the lock and the first final are changes of their folder.
            let written = (!meta.is_dir()).then(|| meta.modified().unwrap());
            let length = if meta.is_dir() { 0 } else { meta.len() };
            tree.insert(path.to_owned(), (length, written, fs::read_link(path).ok()));
            true
        });
        tree
    }

    fn finals(&self) -> Tree {
        let mut tree = Tree::new();
        walk(&self.production.finals(), &mut |path, meta| {
            tree.insert(path.to_owned(), (meta.len(), meta.modified().ok(), None));
            true
        });
        tree
    }

    /// Half-written files anywhere in the production.
    fn parts(&self) -> Vec<PathBuf> {
        let mut parts = Vec::new();
        walk(self.production.root(), &mut |path, _| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let in_vault = path
                .parent()
                .is_some_and(|folder| folder.ends_with("vault/tmp"));
            if in_vault || name.ends_with(".part") {
                parts.push(path.to_owned());
            }
            true
        });
        parts
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A thread that never comes back must not keep the test from failing.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Shows everything below a folder to `see`, which says whether to look inside.
fn walk(folder: &Path, see: &mut impl FnMut(&Path, &fs::Metadata) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let Ok(meta) = fs::symlink_metadata(&path) else {
            continue;
        };
        if see(&path, &meta) && meta.is_dir() {
            walk(&path, see);
        }
    }
}
