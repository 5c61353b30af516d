//! Credits: what a finished film is made of, what of it is synthetic, and by whose leave it is shown.

use std::path::Path;

use workprint_model::Digest;
use workprint_store::Store;

use crate::credits::{Credits, markdown};
use crate::ops::render::{RenderOptions, stem_of, write_whole};
use crate::{Host, Place, StudioError};

/// The credits of the film that was delivered last, as they are now: licences are read anew. They are also
/// written beside it, as `NAME.credits.md` and `NAME.credits.json`.
pub async fn credits(
    host: &Host,
    place: Place,
    options: &RenderOptions,
) -> Result<Credits, StudioError> {
    let store = Store::open_read_only(&place.root, host.clock.clone()).await?;
    let stem = stem_of(&place, options);
    let mut film = None;
    for extension in ["mp4", "mov"] {
        let path = place.finals().join(format!("{stem}.{extension}"));
        if film.is_none() && path.is_file() {
            film = store.find_final(&place.shown(&path)).await?;
        }
    }
    let unknown = || {
        StudioError::request(
            format!("`{stem}` has not been delivered yet"),
            format!("make it first: `workprint render {}`", place.episode),
        )
    };
    let film = film.ok_or_else(unknown)?;
    let credits = Credits::of(&store, &place.root, &film.digest).await?;
    let credits = credits.ok_or_else(unknown)?;
    write(&credits, &place.finals(), &stem)?;
    Ok(credits)
}

/// The credits as Markdown, for people.
pub fn sheet(credits: &Credits) -> String {
    markdown(credits)
}

/// Writes both sheets of a film where they are missing or another film's.
pub(crate) async fn deliver(
    store: &Store,
    place: &Place,
    stem: &str,
    (film, is_new): (&Digest, bool),
) -> Result<(), StudioError> {
    let folder = place.finals();
    if !is_new && paths(&folder, stem).iter().all(|path| path.is_file()) {
        return Ok(());
    }
    match Credits::of(store, &place.root, film).await? {
        Some(credits) => write(&credits, &folder, stem),
        None => Ok(()),
    }
}

fn paths(folder: &Path, stem: &str) -> [std::path::PathBuf; 2] {
    ["md", "json"].map(|extension| folder.join(format!("{stem}.credits.{extension}")))
}

fn write(credits: &Credits, folder: &Path, stem: &str) -> Result<(), StudioError> {
    let json = serde_json::to_string_pretty(credits).unwrap_or_default() + "\n";
    for (path, text) in paths(folder, stem).iter().zip([markdown(credits), json]) {
        // What is the same is left alone: nobody's watcher wakes for nothing.
        if std::fs::read_to_string(path).ok().as_deref() != Some(text.as_str()) {
            write_whole(path, text.as_bytes())?;
        }
    }
    Ok(())
}
