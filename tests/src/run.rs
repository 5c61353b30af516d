//! Running the programs and reading what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

/// The path of a built program of this workspace.
pub fn program(name: &str) -> PathBuf {
    let me = std::env::current_exe().unwrap_or_else(|error| panic!("who am I? {error}"));
    let found = me
        .ancestors()
        .skip(1)
        .take(3)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("`{name}` is not built: run `cargo build --workspace` first, in the same profile")
    })
}

/// What a program said and how it ended.
#[derive(Debug, Clone)]
pub struct Said {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The same, after a look that it ended well.
    pub fn good(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// Standard output as one JSON value.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("no JSON: {error}\n{}\n{}", self.out, self.err))
    }
}

/// What `render --json` said.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard error.
    pub err: String,
    /// Every event, in order.
    pub events: Vec<Value>,
}

impl Rendered {
    /// Reads the events of a run, one a line. A line cut short by a kill is left out.
    pub fn of(said: &Said) -> Self {
        let events = said.out.lines();
        Self {
            code: said.code,
            err: said.err.clone(),
            events: events
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect(),
        }
    }

    /// The last event: how the run ended.
    pub fn summary(&self) -> &Value {
        let last = self.events.last();
        match last.filter(|event| event["event"] == "run.finished") {
            Some(summary) => summary,
            None => panic!("the run has no end: {last:?}\n{}", self.err),
        }
    }

    /// `complete`, `waiting`, `failed` or `cancelled`.
    pub fn status(&self) -> &str {
        self.summary()["status"].as_str().unwrap_or_default()
    }

    /// How many steps were `kept`, `performed`, `failed` or `waiting`.
    pub fn count(&self, what: &str) -> u64 {
        match self.summary()["steps"][what].as_u64() {
            Some(count) => count,
            None => panic!("no count of {what} in {}", self.summary()),
        }
    }

    /// How many steps of each kind were performed.
    pub fn by_kind(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.summary()["performed_by_kind"].clone())
            .unwrap_or_else(|error| panic!("{error}: {}", self.summary()))
    }

    /// The events of a name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.events
            .iter()
            .filter(move |event| event["event"] == name)
    }

    /// The slots of the performed steps of a kind.
    pub fn performed(&self, kind: &str) -> BTreeSet<String> {
        self.slots("step.finished", kind)
    }

    /// The slots of the kept steps of a kind.
    pub fn kept(&self, kind: &str) -> BTreeSet<String> {
        self.slots("step.kept", kind)
    }

    /// The slots of a kind in the events of a name.
    pub fn slots(&self, name: &str, kind: &str) -> BTreeSet<String> {
        let steps = self.named(name).filter(|step| step["kind"] == kind);
        steps.map(|step| text(&step["slot"])).collect()
    }

    /// The keys of all performed steps.
    pub fn keys(&self) -> Vec<String> {
        self.named("step.finished")
            .map(|step| text(&step["key"]))
            .collect()
    }

    /// The diagnostics of a code.
    pub fn diagnostics(&self, code: &str) -> Vec<&Value> {
        self.named("diagnostic")
            .map(|event| &event["diagnostic"])
            .filter(|diagnostic| diagnostic["code"] == code)
            .collect()
    }

    /// The same, after a look that the run completed.
    pub fn complete(self) -> Self {
        assert!(
            self.code == 0 && self.status() == "complete",
            "exit {}: {}\n{:#?}\n{}",
            self.code,
            self.summary(),
            self.named("step.failed")
                .chain(self.named("diagnostic"))
                .collect::<Vec<_>>(),
            self.err
        );
        self
    }
}

/// What `plan --json` said.
#[derive(Debug, Clone)]
pub struct Planned(pub Value);

impl Planned {
    /// Every step.
    pub fn steps(&self) -> &[Value] {
        match self.0["steps"].as_array() {
            Some(steps) => steps,
            None => panic!("a plan without steps: {}", self.0),
        }
    }

    /// How many steps are `kept`, to `run` or `waiting`.
    pub fn count(&self, state: &str) -> u64 {
        match self.0["totals"][state].as_u64() {
            Some(count) => count,
            None => panic!("no total of {state} in {}", self.0["totals"]),
        }
    }

    /// The slots of a kind that are planned to run.
    pub fn to_run(&self, kind: &str) -> BTreeSet<String> {
        let steps = self.steps().iter();
        steps
            .filter(|step| step["kind"] == kind && step["state"] == "run")
            .map(|step| text(&step["slot"]))
            .collect()
    }

    /// The kinds of which something is planned to run.
    pub fn kinds(&self) -> BTreeSet<String> {
        let steps = self.steps().iter().filter(|step| step["state"] == "run");
        steps.map(|step| text(&step["kind"])).collect()
    }
}

fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => panic!("not a text: {value}"),
    }
}
