//! Which chunk of a film shows what, from the film's recipe.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::Planned;

/// A chunk of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its slot.
    pub slot: String,
    /// Its first frame.
    pub from: u64,
    /// The frame after its last.
    pub to: u64,
}

/// A film in time.
#[derive(Debug, Clone)]
pub struct Laid {
    /// How many frames the timeline has.
    pub length: u64,
    /// The chunks, in order.
    pub chunks: Vec<Chunk>,
    timeline: Value,
}

impl Laid {
    /// Reads the recipe of a film, as `explain --json` gives it, and takes the chunks' slots from a
    /// plan of the same state.
    pub(crate) fn of(explained: &Value, planned: &Planned, vault: &Path) -> Self {
        let steps = explained["steps"].as_array().into_iter().flatten();
        let master = steps.clone().find(|step| step["kind"] == "master");
        let Some(master) = master else {
            panic!("no master in {explained}");
        };
        let digest = master["output"]["timeline"]["digest"].as_str();
        let digest = digest.unwrap_or_else(|| panic!("no timeline in {master}"));
        let path = vault.join("vault").join(&digest[..2]).join(&digest[2..]);
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("no timeline at {}: {error}", path.display()));
        let timeline: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let slots = planned
            .steps()
            .iter()
            .filter(|step| step["kind"] == "chunk");
        let slots = slots.map(|step| step["slot"].as_str().unwrap_or_default().to_owned());
        let encoded = master["params"]["chunks"].as_array().into_iter().flatten();
        let mut from = 0;
        let chunks: Vec<Chunk> = slots
            .zip(encoded.clone())
            .map(|(slot, chunk)| {
                let to = from + number(&chunk["frames"]);
                let chunk = Chunk { slot, from, to };
                from = to;
                chunk
            })
            .collect();
        assert_eq!(chunks.len(), encoded.count(), "the plan has other chunks");
        Self {
            length: number(&timeline["length"]),
            chunks,
            timeline,
        }
    }

    /// All chunks' slots.
    pub fn all(&self) -> BTreeSet<String> {
        self.meeting(0, self.length)
    }

    /// The chunks that show a shot, also while it gives way to the next.
    pub fn shot(&self, id: &str) -> BTreeSet<String> {
        let shots = self.list("shots");
        let at = shots.iter().position(|shot| shot["id"] == id);
        let at = at.unwrap_or_else(|| panic!("no shot `{id}`"));
        let (from, to) = range(&shots[at]);
        let tail = shots.get(at + 1).map_or(0, |next| entry(&next["entry"]));
        self.meeting(from, to + tail)
    }

    /// The chunks that show a burned caption of a cue.
    pub fn captions_of(&self, cue: &str) -> BTreeSet<String> {
        self.burned(|caption| caption["cue"] == cue)
    }

    /// The chunks that show any burned caption.
    pub fn captioned(&self) -> BTreeSet<String> {
        self.burned(|_| true)
    }

    /// The chunks that show an overlay.
    pub fn overlay(&self, id: &str) -> BTreeSet<String> {
        let mut overlays = self.list("overlays").iter();
        match overlays.find(|overlay| overlay["id"] == id) {
            Some(overlay) => self.meeting(range(overlay).0, range(overlay).1),
            None => panic!("no overlay `{id}`"),
        }
    }

    /// The cue's first frame and the frame after its last.
    pub fn cue(&self, id: &str) -> (u64, u64) {
        let mut cues = self.list("cues").iter();
        match cues.find(|cue| cue["id"] == id) {
            Some(cue) => range(cue),
            None => panic!("no cue `{id}`"),
        }
    }

    /// Every stretch with burned captions or a graphic: from, up to.
    pub fn words(&self) -> Vec<(u64, u64)> {
        let captions = self.list("captions").iter();
        let burned = captions.filter(|caption| caption["burn"] != false);
        burned.chain(self.list("overlays")).map(range).collect()
    }

    fn burned(&self, wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let captions = self.list("captions").iter();
        captions
            .filter(|caption| caption["burn"] != false && wanted(caption))
            .flat_map(|caption| self.meeting(range(caption).0, range(caption).1))
            .collect()
    }

    fn list(&self, name: &str) -> &[Value] {
        self.timeline[name].as_array().map_or(&[], Vec::as_slice)
    }

    fn meeting(&self, from: u64, to: u64) -> BTreeSet<String> {
        let meets = |chunk: &&Chunk| chunk.from < to && from < chunk.to;
        let chunks = self.chunks.iter().filter(meets);
        chunks.map(|chunk| chunk.slot.clone()).collect()
    }
}

fn range(placed: &Value) -> (u64, u64) {
    let from = number(&placed["from"]);
    (from, from + number(&placed["length"]))
}

/// The frames of `"cut"`, `{"dissolve": 9}` or `{"dip": [9, "#000000"]}`.
fn entry(entry: &Value) -> u64 {
    entry["dissolve"]
        .as_u64()
        .or(entry["dip"][0].as_u64())
        .unwrap_or(0)
}

fn number(value: &Value) -> u64 {
    match value.as_u64() {
        Some(number) => number,
        None => panic!("not a whole number: {value}"),
    }
}
