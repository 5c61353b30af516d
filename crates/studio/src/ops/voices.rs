//! Voices: those that the engines of a show have, to be named in a manifest.

use std::path::{Path, PathBuf};

use futures::future::join_all;
use serde::Serialize;
use workprint_model::Dollars;
use workprint_model::show::{EngineSpec, Engines, VoiceEngineSpec};
use workprint_providers::order::Capability;
use workprint_providers::vendors::{self, Accounts, Row};
use workprint_providers::voices::{EspeakVoices, HasVoices};
pub use workprint_providers::voices::{MOST_VOICES, Voice, Wanted};

use crate::production::read_show;
use crate::{Host, Place, StudioError};

/// The name that espeak's voices begin with.
const ESPEAK: &str = "espeak";
/// The longest search, in characters.
const MOST_WORDS: usize = 100;

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Voices {
    /// Everything, engine after engine, each in the order in which it lists it.
    pub voices: Vec<Named>,
    /// The engines that gave no answer.
    pub silent: Vec<Silent>,
}

/// A voice that a manifest may name.
#[derive(Debug, Clone, Serialize)]
pub struct Named {
    /// How a manifest names it: `espeak:en-gb`.
    pub voice: String,
    /// What its engine tells of it.
    #[serde(flatten)]
    pub told: Voice,
}

/// An engine that gave no answer.
#[derive(Debug, Clone, Serialize)]
pub struct Silent {
    /// Which.
    pub engine: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub hint: String,
}

type Source = Result<Box<dyn HasVoices>, (String, String)>;

/// The voices that are wanted of one engine, or of all that the show around the folder describes, and of espeak.
/// Nothing that costs money is asked.
pub async fn voices(
    host: &Host,
    (show, engine): (Option<&str>, Option<&str>),
    wanted: &Wanted,
) -> Result<Voices, StudioError> {
    let wanted = checked(wanted)?;
    let (root, engines) = described(host, show)?;
    let names: Vec<&str> = match engine {
        Some(name) => vec![name],
        None => [ESPEAK]
            .into_iter()
            // espeak's are nobody's to share.
            .filter(|_| !wanted.shared)
            .chain(engines.voices.keys().map(String::as_str))
            .collect(),
    };
    let asked = names.iter().map(|name| {
        let source = source(host, (&root, &engines), name);
        let wanted = wanted.clone();
        async move {
            let source = source?;
            let told = tokio::task::spawn_blocking(move || {
                let told = source.voices(&wanted);
                told.map_err(|error| (crate::with_causes(&error), error.hint()))
            });
            told.await
                .unwrap_or_else(|error| Err((error.to_string(), String::new())))
        }
    });
    let answers = join_all(asked).await;
    let (mut voices, mut silent) = (Vec::new(), Vec::new());
    for (name, answer) in names.iter().zip(answers) {
        match answer {
            Ok(told) => voices.extend(told.into_iter().map(|told| Named {
                voice: format!("{name}:{}", told.id),
                told,
            })),
            Err((why, hint)) => silent.push(Silent {
                engine: (*name).to_owned(),
                why,
                hint,
            }),
        }
    }
    // Where one at least has told, those that did not are no matter.
    if silent.len() == names.len() && !silent.is_empty() {
        let why: Vec<&str> = silent.iter().map(|one| one.why.as_str()).collect();
        return Err(StudioError::Step {
            message: why.join("; "),
            hints: silent.iter().map(|one| one.hint.clone()).collect(),
        });
    }
    Ok(Voices { voices, silent })
}

/// What is asked for, as it is sent.
fn checked(wanted: &Wanted) -> Result<Wanted, StudioError> {
    let words: Vec<&str> = wanted.words.split_whitespace().collect();
    let words = words.join(" ");
    let parts = [&wanted.language, &wanted.gender, &wanted.accent];
    let mut parts = parts.into_iter().flatten().chain([&words]);
    let is_long = parts.any(|part| part.chars().count() > MOST_WORDS);
    drop(parts);
    if is_long {
        return Err(StudioError::request(
            format!("a search has {MOST_WORDS} characters at most"),
            "name the voice in a few words",
        ));
    }
    Ok(Wanted {
        words,
        count: wanted.count.clamp(1, MOST_VOICES),
        ..wanted.clone()
    })
}

/// The engines of a show; none where there is no show around the folder, and none was named.
fn described(host: &Host, show: Option<&str>) -> Result<(PathBuf, Engines), StudioError> {
    match (Place::find_show(&host.directory, show), show) {
        (Ok(root), _) => Ok((root.clone(), read_show(&root)?.engines)),
        (Err(error), Some(_)) => Err(error),
        (Err(_), None) => Ok((host.directory.clone(), Engines::default())),
    }
}

/// An engine, ready to be asked; else what is wrong with it, and what to do.
fn source(host: &Host, (root, engines): (&Path, &Engines), name: &str) -> Source {
    if name == ESPEAK {
        return Ok(Box::new(EspeakVoices(host.media())));
    }
    match engines.voices.get(name) {
        Some(VoiceEngineSpec::Own(engine)) => vendors::voices(engine, root)
            .map_err(|error| (crate::with_causes(&error), error.hint())),
        Some(VoiceEngineSpec::Vendor(spec)) => vendor(host, root, spec),
        // A vendor may be asked before a show describes it.
        None if Row::find(name).is_some_and(|row| row.format(Capability::Speech).is_some()) => {
            let spec = EngineSpec {
                vendor: name.to_owned(),
                model: "any".to_owned(),
                ..EngineSpec::default()
            };
            vendor(host, root, &spec)
        }
        None => {
            let known = [ESPEAK]
                .into_iter()
                .chain(engines.voices.keys().map(String::as_str));
            let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
            let name: String = name.chars().take(40).collect();
            Err((
                format!("no engine `{name}` speaks"),
                format!(
                    "name one of: {}, or describe it in `[engines.voices]`",
                    known.join(", ")
                ),
            ))
        }
    }
}

fn vendor(host: &Host, root: &Path, spec: &EngineSpec) -> Source {
    let (key, looked) = host.key(spec, root);
    // What its model costs is no matter: nothing is ordered.
    let spec = EngineSpec {
        price: spec.price.or_else(|| "0".parse::<Dollars>().ok()),
        ..spec.clone()
    };
    let engine = Accounts::default().engine(Capability::Speech, &spec, key, &looked);
    match engine {
        Ok(engine) => Ok(Box::new(engine)),
        Err(error) => Err((error.to_string(), error.hint())),
    }
}
