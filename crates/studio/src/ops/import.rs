//! Import a script as a new episode; export an episode as a script.

use std::fs;

use workprint_interchange::{Imported, fountain, markdown};
use workprint_model::{Diagnostic, EpisodeId};

use crate::ops::render::write_whole;
use crate::production::Texts;
use crate::{Host, Place, StudioError};

/// The largest script that is read.
const SCRIPT_LIMIT: u64 = 4 << 20;

/// Makes an episode of a Fountain (`.fountain`, `.spmd`) or Markdown (`.md`) script in the show
/// around the current folder, or at `show`. Returns it with what could not be taken over.
pub fn import(
    host: &Host,
    script: &str,
    show: Option<&str>,
    name: Option<&str>,
) -> Result<(Place, Vec<Diagnostic>), StudioError> {
    let path = host.directory.join(script);
    let root = Place::find_show(&host.directory, show)?;
    let meta = fs::metadata(&path).map_err(StudioError::file("read", &path))?;
    if !meta.is_file() || meta.len() > SCRIPT_LIMIT {
        return Err(StudioError::request(
            format!("`{}` is not a script of at most 4 MiB", path.display()),
            "name a .fountain or .md file",
        ));
    }
    let bytes = fs::read(&path).map_err(StudioError::file("read", &path))?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(StudioError::request(
            format!("`{}` is not UTF-8 text", path.display()),
            "save it as UTF-8",
        ));
    };
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let Imported { episode, notes } = match extension.as_str() {
        "fountain" | "spmd" | "txt" => fountain::import(&text),
        "md" | "markdown" => markdown::import(&text),
        _ => {
            return Err(StudioError::request(
                format!(
                    "`{}` is neither Fountain nor Markdown by its name",
                    path.display()
                ),
                "name a .fountain or .md file",
            ));
        }
    };
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("episode");
    let id = match name {
        Some(name) => name
            .parse()
            .map_err(|error: workprint_model::id::NotAnId| {
                StudioError::request(error.to_string(), "use a name such as `pilot`")
            })?,
        None => EpisodeId::slug(stem, "episode"),
    };
    let place = Place { root, episode: id };
    if place.folder().exists() {
        return Err(StudioError::request(
            format!("the episode `{}` is there already", place.episode),
            "give another name: `--name NAME`",
        ));
    }
    let folder = place.folder();
    fs::create_dir_all(&folder).map_err(StudioError::file("make", &folder))?;
    write_whole(
        &place.manifest(),
        workprint_manifest::save_episode(&episode).as_bytes(),
    )?;
    Ok((place, notes))
}

/// An episode as Fountain text.
pub fn export(place: &Place) -> Result<String, StudioError> {
    let texts = Texts::read(place)?;
    match texts.episode {
        Some(episode) => Ok(fountain::export(&episode)),
        None => Err(StudioError::Diagnostics(texts.diagnostics)),
    }
}
