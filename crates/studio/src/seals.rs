//! How a show's films are signed: by whom, and with which statement.

use std::path::Path;
use std::sync::Arc;

use workprint_credentials::{CredentialsError, Identity, Origin, Part, Statement};
use workprint_model::show::CredentialsSpec;
use workprint_model::{Artifact, Digest, MediaPath};
use workprint_store::Store;

use crate::credits::{Credits, What};
use crate::{Host, StudioError};

/// What the statement tells; raised when it tells something else of the same film.
const REVISION: u32 = 1;
/// The most parts of a kind that are named one by one.
const MOST: usize = 500;

/// How films are signed.
#[derive(Debug, Clone)]
pub(crate) struct Seal {
    pub(crate) identity: Arc<Identity>,
    /// Tell prompts.
    prompts: bool,
    /// The digest of all that was decided here: a film that was sealed so stays as it is.
    pub(crate) digest: Digest,
}

impl Seal {
    /// How the show wants its films signed; nothing where they are not.
    pub(crate) fn of(
        host: &Host,
        root: &Path,
        spec: &CredentialsSpec,
    ) -> Result<Option<Self>, StudioError> {
        let Some(folder) = host.credentials.as_ref().filter(|_| spec.sign) else {
            return Ok(None);
        };
        let identity = match &spec.certificate {
            None => Identity::own(folder, host.clock.now()),
            Some(certificate) => {
                let key = host.signing_key(spec, root)?;
                Identity::configured(&host.expand(root, certificate), key)
            }
        };
        let identity = identity.map_err(|error| unsigned(&error))?;
        Ok(Some(Self {
            digest: Digest::of_json(&(REVISION, identity.digest(), spec.prompts)),
            identity: Arc::new(identity),
            prompts: spec.prompts,
        }))
    }

    /// What is told of a film.
    pub(crate) async fn statement(
        &self,
        store: &Store,
        root: &Path,
        film: &Artifact,
    ) -> Result<Statement, StudioError> {
        let credits = Credits::of(store, root, &film.digest).await?;
        let credits = credits.ok_or_else(|| {
            StudioError::request(
                "the ledger does not say what the film was made of",
                "render again: `workprint render EPISODE --from master`",
            )
        })?;
        let mut parts = self.generated(store, &credits);
        parts.extend(grouped(&credits));
        parts.extend(files(root, &credits));
        Ok(Statement {
            title: credits.title.clone(),
            media_type: film.media_type.clone(),
            origin: if credits.synthetic {
                Origin::CompositeWithModel
            } else {
                Origin::Composite
            },
            made_by: ("Workprint".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            made_at: Some(crate::ops::log::rfc3339(credits.made_at)),
            parts,
        })
    }

    /// What vendors' models made, one by one.
    fn generated(&self, store: &Store, credits: &Credits) -> Vec<Part> {
        let each = credits.generated.iter().take(MOST);
        each.map(|made| Part {
            title: made.slot.clone(),
            description: made.what.words().0.to_owned(),
            origin: Some(Origin::Model),
            made_by: Some(made.made_by.clone()),
            digest: Some(made.digest),
            seed: made.seed,
            prompt: made.prompt.clone().filter(|_| self.prompts),
            file: Some(store.path_of(&made.digest)),
        })
        .collect()
    }
}

/// Everything else that was made, by kind and engine; and of vendors' models what is beyond those that are
/// named.
fn grouped(credits: &Credits) -> impl Iterator<Item = Part> {
    let is_named = |what: What| {
        let named = credits.generated.iter().any(|made| made.what == what);
        named && credits.generated.len() <= MOST
    };
    let parts = credits.parts.iter().filter(move |part| {
        !(part.origin == Some(Origin::Model) && is_named(part.what) && part.what != What::Voices)
    });
    parts.map(|part| {
        let (one, several) = part.what.words();
        let count = part.slots.len();
        let words = if count == 1 { one } else { several };
        Part {
            title: several.to_owned(),
            description: format!("{count} {words}"),
            origin: part.origin,
            made_by: Some(part.made_by.clone()),
            ..Part::default()
        }
    })
}

/// The production's own files, by their names: where they lie on somebody's disk is nobody's business.
fn files<'a>(root: &'a Path, credits: &'a Credits) -> impl Iterator<Item = Part> + 'a {
    credits.files.iter().take(MOST).map(|file| {
        let name = file.path.as_ref().map(MediaPath::as_str);
        let name = name.and_then(|path| path.rsplit('/').next());
        Part {
            title: name.map_or_else(|| file.digest.short(), str::to_owned),
            digest: Some(file.digest),
            file: file.path.as_ref().map(|path| path.below(root)),
            ..Part::default()
        }
    })
}

pub(crate) fn unsigned(error: &CredentialsError) -> StudioError {
    StudioError::Step {
        hints: vec![error.hint()],
        message: crate::with_causes(error),
    }
}
