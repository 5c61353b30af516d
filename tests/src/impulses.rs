//! Impulses at known samples of a long film, found again in its stems and in its sound.

use std::io::{BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{Production, Rendered};

/// A cue of 1800 frames at 30000/1001 a second: a minute that is whole in frames and in samples.
const CUE_MS: u64 = 60_060;
const CUE_FRAMES: u64 = 1800;
const CUE_SAMPLES: u64 = 2_882_880;
/// How far from its sample an impulse is looked for.
const NEAR: u64 = 2000;

const SHOW: &str = r#"format = "workprint.show/1"
title = "Impulses"

[outputs.main]
width = 64
height = 36
rate = "30000/1001"
preset = "ultrafast"
loudness = -40
stems = true

[waive]
loudness = "a film of impulses has none worth the name"
"#;

/// A rendered film of silent minutes with an impulse in each, and one at its very end.
#[derive(Debug)]
pub struct Impulses {
    /// What the run said.
    pub run: Rendered,
    /// The samples at which the manifest puts them.
    pub wanted: Vec<u64>,
    /// How many samples the film has.
    pub length: u64,
    /// How many frames the film has, and should have.
    pub frames: (u64, u64),
    /// The stem of the effects.
    pub stem: Heard,
    /// The film's AAC as players hear it: without the delay that the file declares.
    pub film: Heard,
}

/// What of a sound is heard where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The loudest sample near each that is wanted.
    pub places: Vec<u64>,
    /// How many samples are not zero.
    pub sounding: u64,
    /// How many samples there are.
    pub length: u64,
}

impl Impulses {
    /// Renders `minutes` (of 60.06 s each) and listens to them.
    pub fn of(minutes: u64) -> Self {
        let production = Production::bare(SHOW, &manifest(minutes));
        production.impulse("media/impulse.wav");
        let run = production.render(&[]).complete();
        let wanted: Vec<u64> = moments(minutes)
            .map(|(minute, ms)| minute * CUE_SAMPLES + ms * 48)
            .collect();
        let film = production.film("pilot.mp4");
        let stem = production.finals().join("pilot.stems/sfx.wav");
        Self {
            frames: (film.frames(), minutes * CUE_FRAMES),
            length: minutes * CUE_SAMPLES,
            stem: Heard::near(&stem, &wanted),
            film: Heard::near(&production.finals().join("pilot.mp4"), &wanted),
            run,
            wanted,
        }
    }
}

impl Heard {
    fn near(path: &Path, wanted: &[u64]) -> Self {
        let mut program = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(path)
            .args(["-map", "0:a", "-ac", "2", "-f", "f32le", "-"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run ffmpeg: {error}"));
        let Some(out) = program.stdout.take() else {
            panic!("ffmpeg has no output");
        };
        let mut loudest = vec![(0.0f32, 0u64); wanted.len()];
        let (mut sounding, mut length) = (0, 0);
        let mut out = BufReader::with_capacity(1 << 18, out);
        let mut bytes = [0; 8];
        while out.read_exact(&mut bytes).is_ok() {
            let level = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).abs();
            if level > 0.0 {
                sounding += 1;
                let first = wanted.partition_point(|place| place + NEAR < length);
                for (near, place) in loudest.iter_mut().zip(wanted).skip(first) {
                    if length + NEAR < *place {
                        break;
                    }
                    if level > near.0 {
                        *near = (level, length);
                    }
                }
            }
            length += 1;
        }
        let ended = program.wait();
        assert!(ended.is_ok_and(|ended| ended.success()), "ffmpeg failed");
        Self {
            places: loudest.into_iter().map(|(_, place)| place).collect(),
            sounding,
            length,
        }
    }
}

/// Each minute with the millisecond of it, so that impulses lie at many places of the encoder's
/// frames; the last is 10 ms before the end.
fn moments(minutes: u64) -> impl Iterator<Item = (u64, u64)> {
    let each = (0..minutes).map(|minute| (minute, minute * 17));
    each.chain([(minutes - 1, CUE_MS - 10)])
}

fn manifest(minutes: u64) -> Value {
    let cues = (0..minutes).map(|minute| {
        json!({"id": format!("m{minute}"), "hold_ms": CUE_MS, "shots": [
            {"id": format!("s{minute}"), "picture": {"plate": {"colour": "#203050"}}},
        ]})
    });
    let impulses = moments(minutes).enumerate().map(|(number, (minute, ms))| {
        json!({"id": format!("i{number}"), "source": {"file": "media/impulse.wav"},
            "at": {"cue": format!("m{minute}"), "offset_ms": ms}})
    });
    json!({
        "format": "workprint.manifest/1",
        "title": "Impulses",
        "language": "en",
        "scenes": [{"id": "all", "cues": cues.collect::<Vec<_>>()}],
        "sfx": impulses.collect::<Vec<_>>(),
    })
}
