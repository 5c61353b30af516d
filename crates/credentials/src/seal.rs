//! Sealing: a film with a signed statement of what it was made of.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use c2pa::{Builder, Ingredient};
use serde_json::{Value, json};
use workprint_model::Digest;

use crate::engine::{context, guarded};
use crate::{CredentialsError, Identity, Origin, bounds};

/// The longest text that goes into a statement, in characters.
const LONGEST: usize = 300;

/// What a film is and what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The film's title.
    pub title: String,
    /// Its kind: `video/mp4`, `video/quicktime`.
    pub media_type: String,
    /// What it is as a whole.
    pub origin: Origin,
    /// The program that made it, with its version.
    pub made_by: (String, String),
    /// When it was made: RFC 3339.
    pub made_at: Option<String>,
    /// What it was made of.
    pub parts: Vec<Part>,
}

/// A part of a film.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// What it is called.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Where it comes from, where that is known.
    pub origin: Option<Origin>,
    /// What made it: an engine or a model.
    pub made_by: Option<String>,
    /// The digest of its bytes.
    pub digest: Option<Digest>,
    /// The seed it was made with.
    pub seed: Option<u32>,
    /// What was asked of a model, where the show says it.
    pub prompt: Option<String>,
    /// Its file, where it may carry credentials of its own, which are then kept and looked at.
    pub file: Option<PathBuf>,
}

/// What was sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Parts whose own credentials are kept in the film's, by their title.
    pub kept_marks: Vec<String>,
    /// Parts whose own credentials could not be read or do not hold, with what is wrong.
    pub broken_marks: Vec<(String, String)>,
}

/// Writes a copy of `film` with credentials to `out`, which is replaced. The copy plays as the film does:
/// one box more, and the places in its tables moved by its length.
///
/// Signatures are not the same from one time to the next, so the same film sealed twice is two files.
pub fn seal(
    film: &Path,
    out: &Path,
    statement: &Statement,
    identity: &Identity,
) -> Result<Sealed, CredentialsError> {
    let signing = |why: String| CredentialsError::Signing {
        path: film.to_owned(),
        why,
    };
    let context = context(Some(identity), &[]).map_err(|error| signing(error.to_string()))?;
    let mut builder = Builder::from_shared_context(&context)
        .with_definition(definition(statement))
        .map_err(|error| signing(error.to_string()))?;
    let mut sealed = Sealed::default();
    for (index, part) in statement.parts.iter().enumerate() {
        let told = ingredient(&label(index), part);
        if !with_marks(&mut builder, &told, part, &mut sealed) {
            let plain = Ingredient::from_json(&told.to_string());
            builder.add_ingredient(plain.map_err(|error| signing(error.to_string()))?);
        }
    }
    let mut source =
        BufReader::new(File::open(film).map_err(CredentialsError::file("read", film))?);
    let mut copy = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(out)
        .map_err(CredentialsError::file("write", out))?;
    guarded(|| builder.save_to_stream(&statement.media_type, &mut source, &mut copy))
        .map_err(|error| signing(error.to_string()))?;
    Ok(sealed)
}

/// Adds a part with the credentials that its own file carries; `false` where it carries none.
fn with_marks(builder: &mut Builder, told: &Value, part: &Part, sealed: &mut Sealed) -> bool {
    let Some(file) = &part.file else {
        return false;
    };
    let Ok(Some(media_type)) = bounds::media_type_of(file) else {
        return false;
    };
    let Ok(mut stream) = bounds::check(file, media_type)
        .and_then(|()| File::open(file).map_err(CredentialsError::file("read", file)))
    else {
        return false;
    };
    let mut told = told.clone();
    told["format"] = media_type.into();
    let before = builder.definition.ingredients.len();
    let added = guarded(|| {
        let added =
            builder.add_ingredient_from_stream(told.to_string(), media_type, &mut stream)?;
        let results = added
            .validation_results()
            .and_then(|all| all.active_manifest());
        let broken = results.and_then(|codes| {
            let unknown = c2pa::validation_status::SIGNING_CREDENTIAL_UNTRUSTED;
            codes.failure().iter().find(|code| code.code() != unknown)
        });
        let broken = broken.map(|code| code.explanation().unwrap_or(code.code()).to_owned());
        Ok((added.active_manifest().is_some(), broken))
    });
    let title = part.title.clone();
    match added {
        Ok((_, Some(broken))) => {
            sealed.broken_marks.push((title, broken));
            true
        }
        Ok((marked, None)) => {
            sealed.kept_marks.extend(marked.then_some(title));
            true
        }
        Err(fault) => {
            builder.definition.ingredients.truncate(before);
            sealed.broken_marks.push((title, fault.to_string()));
            false
        }
    }
}

fn label(index: usize) -> String {
    format!("part{index}")
}

fn short(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

fn ingredient(label: &str, part: &Part) -> Value {
    let mut told = json!({
        "title": short(&part.title),
        "relationship": "componentOf",
        "label": label,
    });
    if !part.description.is_empty() {
        told["description"] = short(&part.description).into();
    }
    told
}

/// The claim: what the film is, and what was done to make it, in the order of the C2PA's actions: one that
/// creates it first, then what was placed in it, then the assembly.
fn definition(statement: &Statement) -> Value {
    let (name, version) = &statement.made_by;
    let agent = json!({"name": name, "version": version});
    let mut created = json!({
        "action": "c2pa.created",
        "digitalSourceType": statement.origin.uri(),
        "softwareAgent": agent,
    });
    if let Some(when) = &statement.made_at {
        created["when"] = when.as_str().into();
    }
    let parts = statement.parts.iter().enumerate();
    let placed = parts.map(|(index, part)| placed(&label(index), part));
    let assembled = json!({
        "action": "c2pa.edited",
        "softwareAgent": agent,
        "description": "cut, composed, captioned, mixed and encoded",
    });
    let actions: Vec<Value> = std::iter::once(created)
        .chain(placed)
        .chain([assembled])
        .collect();
    json!({
        "title": short(&statement.title),
        "format": statement.media_type,
        "claim_generator_info": [{"name": name, "version": version}],
        "assertions": [{
            "label": "c2pa.actions.v2",
            "data": {"actions": actions, "allActionsIncluded": true},
        }],
    })
}

fn placed(label: &str, part: &Part) -> Value {
    let mut parameters = json!({"ingredientIds": [label]});
    if let Some(digest) = &part.digest {
        parameters["org.workprint.sha256"] = digest.to_string().into();
    }
    if let Some(seed) = part.seed {
        parameters["org.workprint.seed"] = seed.into();
    }
    if let Some(prompt) = &part.prompt {
        parameters["org.workprint.prompt"] = prompt.as_str().into();
    }
    let mut action = json!({"action": "c2pa.placed", "parameters": parameters});
    if let Some(origin) = part.origin {
        action["digitalSourceType"] = origin.uri().into();
    }
    if let Some(made_by) = &part.made_by {
        action["softwareAgent"] = json!({"name": short(made_by)});
    }
    if !part.description.is_empty() {
        action["description"] = short(&part.description).into();
    }
    action
}
