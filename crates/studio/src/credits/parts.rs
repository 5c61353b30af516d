//! What was made for a film, by kind, engine and model.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use workprint_credentials::Origin;
use workprint_engine::Step as _;
use workprint_model::step::StepRecord;
use workprint_model::{Digest, Money};
use workprint_stages::generate::Dialogue;
use workprint_stages::images::{Image, ImageSource};
use workprint_stages::smooth::Smooth;
use workprint_stages::sounds::{MakeSound, Origin as SoundOrigin};
use workprint_stages::voice::{Voice, VoiceSource};

/// What a part of a film is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Lines that are spoken.
    Voices,
    /// Pictures of prompts.
    Pictures,
    /// Clips of prompts.
    Clips,
    /// Music and effects.
    Sounds,
    /// Frames between a clip's own.
    Interpolation,
    /// Larger pictures and clips than there were.
    Upscaling,
    /// Cards, titles, charts and the like.
    Graphics,
}

impl What {
    /// In words, for a sheet: one and several.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Voices => ("spoken line", "spoken lines"),
            Self::Pictures => ("picture of a prompt", "pictures of prompts"),
            Self::Clips => ("clip of a prompt", "clips of prompts"),
            Self::Sounds => ("sound", "sounds"),
            Self::Interpolation => ("interpolated clip", "interpolated clips"),
            Self::Upscaling => ("enlarged picture or clip", "enlarged pictures and clips"),
            Self::Graphics => ("card or graphic", "cards and graphics"),
        }
    }
}

/// Things of one kind by one engine or model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What they are.
    pub what: What,
    /// Where they come from.
    pub origin: Option<Origin>,
    /// What made them: the engine, and its model or voice.
    pub made_by: String,
    /// What each is in the episode: slots.
    pub slots: Vec<String>,
    /// The licence of what was made, where one is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// What they cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
}

/// Something that a vendor's model made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Generated {
    pub(crate) slot: String,
    pub(crate) what: What,
    pub(crate) made_by: String,
    pub(crate) digest: Digest,
    pub(crate) seed: Option<u32>,
    pub(crate) prompt: Option<String>,
}

/// What was made for a film. Sounds count when they are heard.
pub(super) fn parts(recipe: &[StepRecord], heard: Option<&BTreeSet<Digest>>) -> Vec<Part> {
    let mut parts: BTreeMap<(What, String, Option<String>), Part> = BTreeMap::new();
    for step in recipe {
        let is_sound = matches!(step.kind.as_str(), "voice" | "sound");
        let is_heard = |all: &BTreeSet<Digest>| {
            let mut made = step.artifacts.iter();
            made.any(|made| all.contains(&made.digest))
        };
        if is_sound && !heard.is_none_or(is_heard) {
            continue;
        }
        for ((what, origin, made_by), cost) in costs(step) {
            let key = (what, made_by.clone(), step.licence.clone());
            let part = parts.entry(key).or_insert_with(|| Part {
                what,
                origin: Some(origin),
                made_by,
                slots: Vec::new(),
                licence: step.licence.clone(),
                cost: Money::ZERO,
            });
            let slot = step.slot.to_string();
            // What was bought of a line is told with the line.
            let of_line = matches!(step.kind.as_str(), "speak" | "change" | Dialogue::KIND);
            if !of_line && !part.slots.contains(&slot) {
                part.slots.push(slot);
            }
            part.cost = part.cost + cost;
        }
    }
    let parts = parts.into_values();
    parts.filter(|part| !part.slots.is_empty()).collect()
}

/// What a step made, and what it cost. A conversation's cost is shared out among its voices, by what each says.
fn costs(step: &StepRecord) -> Vec<((What, Origin, String), Money)> {
    if step.kind != Dialogue::KIND {
        return made(step)
            .map(|made| (made, step.cost))
            .into_iter()
            .collect();
    }
    let lines = params::<Dialogue>(step).map_or_else(Vec::new, |dialogue| dialogue.lines);
    let mut voices: BTreeMap<&str, i64> = BTreeMap::new();
    for line in &lines {
        *voices.entry(&line.voice).or_default() += line.text.chars().count() as i64;
    }
    let (mut left, mut micros) = (voices.values().sum::<i64>(), step.cost.micros);
    let share = |(voice, characters): (&str, i64)| {
        // The last one takes what is left of both.
        let own = i128::from(micros) * i128::from(characters) / i128::from(left.max(1));
        let own = i64::try_from(own).unwrap_or(micros);
        (left, micros) = (left - characters, micros - own);
        let by = bought(&model(step), voice);
        ((What::Voices, Origin::Model, by), Money::from_micros(own))
    };
    voices.into_iter().map(share).collect()
}

/// What a step made, where that comes from and what did it; nothing of steps that pass on what a person
/// brought or that only measure.
fn made(step: &StepRecord) -> Option<(What, Origin, String)> {
    match step.kind.as_str() {
        "voice" => voice(step),
        "generate" | "animate" | "compose" => {
            Some((generated_what(step), Origin::Model, model(step)))
        }
        "speak" | "change" => {
            let voice = step.params["voice"].as_str().unwrap_or_default();
            Some((What::Voices, Origin::Model, bought(&model(step), voice)))
        }
        "sound" => match params::<MakeSound>(step)?.source {
            SoundOrigin::Synth { .. } => {
                Some((What::Sounds, Origin::Algorithm, step.engine.clone()))
            }
            SoundOrigin::File { .. } => None,
        },
        "image" => match params::<Image>(step)?.source {
            ImageSource::Card { .. } | ImageSource::Storyboard { .. } => {
                Some((What::Graphics, Origin::Drawn, step.engine.clone()))
            }
            ImageSource::File { .. } | ImageSource::Svg { .. } => None,
        },
        "graphic" => Some((What::Graphics, Origin::Drawn, step.engine.clone())),
        "upscale" | "upscale-clip" => {
            let model = step.params["model"].as_str().unwrap_or_default();
            let by = format!("{} {model}", step.engine);
            Some((What::Upscaling, Origin::Enhanced, by))
        }
        "smooth" => {
            let by = params::<Smooth>(step)?.engine;
            Some((What::Interpolation, Origin::Enhanced, by))
        }
        _ => None,
    }
}

fn params<T: serde::de::DeserializeOwned>(step: &StepRecord) -> Option<T> {
    serde_json::from_value(step.params.clone()).ok()
}

fn voice(step: &StepRecord) -> Option<(What, Origin, String)> {
    let (origin, by) = match params::<Voice>(step)?.source {
        VoiceSource::Espeak { voice, .. } => {
            (Origin::Algorithm, format!("{}, voice {voice}", step.engine))
        }
        VoiceSource::Server(asked) => {
            let model = asked.model.map(|model| format!(" {model}"));
            let model = model.unwrap_or_default();
            let by = format!("{}{model}, voice {}", asked.name, asked.voice);
            (Origin::Model, by)
        }
        VoiceSource::Bought(line) => (Origin::Model, bought(&line.model, &line.voice)),
        VoiceSource::File { .. } | VoiceSource::Silence { .. } => return None,
    };
    Some((What::Voices, origin, by))
}

fn bought(model: &str, voice: &str) -> String {
    format!("{model}, voice {voice}")
}

fn generated_what(step: &StepRecord) -> What {
    let media_type = super::first(step).map_or("", |made| made.media_type.as_str());
    match media_type.split('/').next() {
        Some("video") => What::Clips,
        Some("audio") => What::Sounds,
        _ => What::Pictures,
    }
}

fn model(step: &StepRecord) -> String {
    let text = |name: &str| step.params[name].as_str();
    match (text("vendor"), text("model")) {
        (Some(vendor), Some(model)) => format!("{vendor} {model}"),
        _ => step.engine.clone(),
    }
}

/// Everything in a film that a vendor's model made, one by one.
pub(super) fn generated(recipe: &[StepRecord]) -> Vec<Generated> {
    let is_model =
        |step: &&StepRecord| matches!(step.kind.as_str(), "generate" | "animate" | "compose");
    let steps = recipe.iter().filter(is_model);
    // A drawing that could not be used is seen nowhere.
    let steps = steps.filter(|step| step.output["fault"].is_null());
    let one = |step: &StepRecord| {
        Some(Generated {
            slot: step.slot.to_string(),
            what: generated_what(step),
            made_by: model(step),
            digest: super::first(step)?.digest,
            seed: step.seed,
            prompt: step.params["prompt"].as_str().map(str::to_owned),
        })
    };
    steps.filter_map(one).collect()
}
