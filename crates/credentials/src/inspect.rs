//! Inspecting: what a file's credentials are worth, and what they say.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use c2pa::validation_results::StatusCodes;
use c2pa::{Manifest, Reader, ValidationState};
use serde::Serialize;
use serde_json::Value;

use crate::engine::{Fault, context, guarded};
use crate::{CredentialsError, bounds};

/// The longest text of a stranger's that is passed on, in characters.
const LONGEST: usize = 300;
/// How many parts, and how many problems, are passed on.
const MOST: usize = 1000;

/// What a file's credentials are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has none.
    None,
    /// They do not hold: the file was changed after it was signed, or they are damaged.
    Invalid,
    /// They hold, and who signed is not among those that are trusted.
    Valid,
    /// They hold, and who signed is trusted.
    Trusted,
}

/// What is known of a file's credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What they are worth.
    pub state: State,
    /// The title they give.
    pub title: Option<String>,
    /// The program that made the claim.
    pub made_by: Option<String>,
    /// Who signed.
    pub signer: Option<Signer>,
    /// What the whole is said to be: the last part of the IPTC's name, `trainedAlgorithmicMedia`.
    pub source_type: Option<String>,
    /// Whether a trained model is said to have made all or some of it.
    pub synthetic: bool,
    /// What is said to be made by somebody or something.
    pub made: Vec<Made>,
    /// What it was made of.
    pub ingredients: Vec<Ingredient>,
    /// Why they do not hold.
    pub problems: Vec<Finding>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The certificate's organisation.
    pub organisation: Option<String>,
    /// The certificate's name.
    pub name: Option<String>,
    /// How it was signed: `Es256`.
    pub algorithm: Option<String>,
    /// When it was signed, where somebody vouches for that.
    pub time: Option<String>,
}

/// What is said to be made by somebody or something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// What was done: `c2pa.created`, `c2pa.placed`.
    pub action: String,
    /// What it is.
    pub description: Option<String>,
    /// The last part of the IPTC's name of what it is: `trainedAlgorithmicMedia`.
    pub source_type: String,
    /// Whether a trained model made it.
    pub synthetic: bool,
    /// What made it.
    pub made_by: Option<String>,
}

/// A part of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ingredient {
    /// What it is called.
    pub title: Option<String>,
    /// Whether it came with credentials of its own.
    pub marked: bool,
    /// What was wrong with them when it was put in.
    pub problems: Vec<String>,
}

/// Why credentials do not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The C2PA's name for it: `assertion.bmffHash.mismatch`.
    pub code: String,
    /// In words.
    pub explanation: String,
}

/// Looks into a file. Trusted are those that `anchors` (certificates as PEM) vouch for.
pub fn inspect(path: &Path, anchors: &[String]) -> Result<Report, CredentialsError> {
    let media_type = bounds::media_type_of(path)?;
    let media_type = media_type.ok_or_else(|| CredentialsError::Unsupported {
        path: path.to_owned(),
    })?;
    bounds::check(path, media_type)?;
    let file = File::open(path).map_err(CredentialsError::file("read", path))?;
    let read = guarded(|| {
        let context = context(None, anchors)?;
        let reader = Reader::from_shared_context(&context);
        reader.with_stream(media_type, BufReader::new(file))
    });
    match read {
        Ok(reader) => Ok(report(&reader)),
        Err(Fault::Told(c2pa::Error::JumbfNotFound)) => Ok(Report::of(State::None)),
        Err(fault) => {
            let mut report = Report::of(State::Invalid);
            report.problems.push(Finding {
                code: "unreadable".to_owned(),
                explanation: plain(&fault.to_string()),
            });
            Ok(report)
        }
    }
}

impl Report {
    fn of(state: State) -> Self {
        Self {
            state,
            title: None,
            made_by: None,
            signer: None,
            source_type: None,
            synthetic: false,
            made: Vec::new(),
            ingredients: Vec::new(),
            problems: Vec::new(),
        }
    }
}

fn report(reader: &Reader) -> Report {
    let state = match reader.validation_state() {
        ValidationState::Invalid => State::Invalid,
        ValidationState::Valid => State::Valid,
        ValidationState::Trusted => State::Trusted,
    };
    let mut report = Report::of(state);
    report.problems = problems(reader);
    let Some(manifest) = reader.active_manifest() else {
        report.state = State::Invalid;
        return report;
    };
    report.title = manifest.title().map(plain);
    report.made_by = made_by(manifest);
    report.signer = manifest.signature_info().map(|signed| Signer {
        organisation: signed.issuer.as_deref().map(plain),
        name: signed.common_name.as_deref().map(plain),
        algorithm: signed
            .alg
            .as_ref()
            .map(|algorithm| format!("{algorithm:?}")),
        time: signed.time.as_deref().map(plain),
    });
    report.made = actions(manifest);
    let created = report
        .made
        .iter()
        .find(|made| made.action == "c2pa.created");
    report.source_type = created.map(|made| made.source_type.clone());
    report.synthetic = report.made.iter().any(|made| made.synthetic);
    let ingredients = manifest.ingredients().iter().take(MOST);
    report.ingredients = ingredients
        .map(|ingredient| Ingredient {
            title: ingredient.title().map(plain),
            marked: ingredient.active_manifest().is_some(),
            problems: ingredient_problems(ingredient),
        })
        .collect();
    report
}

/// That nobody vouches for who signed is no fault of the file: it is why the state is not `trusted`.
fn problems(reader: &Reader) -> Vec<Finding> {
    let unknown = c2pa::validation_status::SIGNING_CREDENTIAL_UNTRUSTED;
    let all = reader.validation_status().unwrap_or_default();
    all.iter()
        .filter(|status| status.code() != unknown)
        .take(MOST)
        .map(|status| Finding {
            code: plain(status.code()),
            explanation: plain(status.explanation().unwrap_or_default()),
        })
        .collect()
}

fn ingredient_problems(ingredient: &c2pa::Ingredient) -> Vec<String> {
    let unknown = c2pa::validation_status::SIGNING_CREDENTIAL_UNTRUSTED;
    let results = ingredient.validation_results();
    let codes = results.and_then(|all| all.active_manifest());
    let failures = codes.into_iter().flat_map(StatusCodes::failure);
    failures
        .map(c2pa::validation_status::ValidationStatus::code)
        .filter(|code| *code != unknown)
        .take(MOST)
        .map(plain)
        .collect()
}

fn made_by(manifest: &Manifest) -> Option<String> {
    let info = manifest.claim_generator_info.as_ref()?.first()?;
    let version = info.version.as_deref().unwrap_or_default();
    Some(plain(format!("{} {version}", info.name).trim()))
}

/// What was made by somebody or something, as the claim tells it.
fn actions(manifest: &Manifest) -> Vec<Made> {
    let told = ["c2pa.actions.v2", "c2pa.actions"]
        .iter()
        .find_map(|label| manifest.find_assertion::<Value>(label).ok())
        .unwrap_or_default();
    let actions = told["actions"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().map(plain);
    actions
        .filter_map(|action| {
            let uri = action["digitalSourceType"].as_str()?;
            let source_type = plain(uri.rsplit('/').next().unwrap_or(uri));
            let agent = &action["softwareAgent"];
            Some(Made {
                action: text(&action["action"]).unwrap_or_default(),
                description: text(&action["description"]),
                synthetic: matches!(
                    source_type.as_str(),
                    "trainedAlgorithmicMedia"
                        | "compositeWithTrainedAlgorithmicMedia"
                        | "compositeSynthetic"
                ),
                source_type,
                made_by: text(agent).or_else(|| text(&agent["name"])),
            })
        })
        .take(MOST)
        .collect()
}

/// A stranger's text: no commands to a terminal, and no endless lines.
fn plain(text: &str) -> String {
    let tame = |c: char| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().take(LONGEST).map(tame).collect()
}
