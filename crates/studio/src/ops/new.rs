//! New: a show with one episode that renders as it is.

use std::fs;
use std::path::PathBuf;

use workprint_model::EpisodeId;

use crate::{Host, Place, StudioError};

const SHOW: &str = include_str!("templates/show.toml");
const MANIFEST: &str = include_str!("templates/manifest.json");
const SCENE: &str = include_str!("templates/hills.svg");
const IGNORE: &str = ".workprint/\nepisodes/*/final/\nepisodes/*/animatic/\nepisodes/*/readout/\n";

/// Makes a show in a new or empty folder and returns its first episode.
pub fn new(host: &Host, folder: &str, title: Option<&str>) -> Result<Place, StudioError> {
    let root = host.directory.join(folder);
    let taken = fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_some());
    if taken || root.is_file() {
        return Err(StudioError::request(
            format!("`{}` is there already and is not empty", root.display()),
            "name a new folder",
        ));
    }
    let name = root
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("My show");
    let title = title.unwrap_or(name);
    let quoted = serde_json::to_string(title).unwrap_or_default();
    let files: [(PathBuf, String); 4] = [
        (root.join("show.toml"), SHOW.replace("\"TITLE\"", &quoted)),
        (
            root.join("episodes/pilot/manifest.json"),
            MANIFEST.replace("\"TITLE\"", &quoted),
        ),
        (root.join("media/art/hills.svg"), SCENE.to_owned()),
        (root.join(".gitignore"), IGNORE.to_owned()),
    ];
    for (path, text) in files {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(StudioError::file("make", folder))?;
        }
        fs::write(&path, text).map_err(StudioError::file("write", &path))?;
    }
    let root = root
        .canonicalize()
        .map_err(StudioError::file("find", &root))?;
    Ok(Place {
        root,
        episode: EpisodeId::slug("pilot", "pilot"),
    })
}
