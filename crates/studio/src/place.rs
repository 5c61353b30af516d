//! Where an episode lies.

use std::path::{Path, PathBuf};

use workprint_model::EpisodeId;

use crate::StudioError;

/// An episode on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder of show.toml.
    pub root: PathBuf,
    /// The episode.
    pub episode: EpisodeId,
}

impl Place {
    /// Finds the episode that `name` means: an id in the show around `directory`, or a path to a
    /// manifest, an episode's folder, or a show with one episode.
    pub fn find(directory: &Path, name: &str) -> Result<Self, StudioError> {
        let path = directory.join(name);
        let manifest = if path.is_file() {
            Some(path.clone())
        } else {
            None
        };
        let manifest =
            manifest.or_else(|| Some(path.join("manifest.json")).filter(|file| file.is_file()));
        if let Some(manifest) = manifest {
            return Self::of_manifest(&manifest);
        }
        if path.join("show.toml").is_file() {
            return Self::only_episode(&path);
        }
        let root = show_around(directory)?;
        let Ok(episode) = name.parse::<EpisodeId>() else {
            return Err(StudioError::request(
                format!("there is no episode `{}`", printable(name)),
                known_episodes(&root),
            ));
        };
        let place = Self { root, episode };
        if place.manifest().is_file() {
            Ok(place)
        } else {
            Err(StudioError::request(
                format!("there is no episode `{}`", place.episode),
                known_episodes(&place.root),
            ))
        }
    }

    /// Finds the show around `directory`, or at `name`.
    pub fn find_show(directory: &Path, name: Option<&str>) -> Result<PathBuf, StudioError> {
        match name {
            None => show_around(directory),
            Some(name) => {
                let path = directory.join(name);
                let found = path
                    .ancestors()
                    .find(|folder| folder.join("show.toml").is_file());
                found.map(Path::to_owned).ok_or_else(|| {
                    StudioError::request(
                        format!("there is no show.toml in or above `{}`", path.display()),
                        "make a show: `workprint new FOLDER`",
                    )
                })
            }
        }
    }

    fn of_manifest(manifest: &Path) -> Result<Self, StudioError> {
        let manifest = manifest
            .canonicalize()
            .map_err(StudioError::file("find", manifest))?;
        let folder = manifest.parent().unwrap_or(&manifest);
        let named = folder
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.parse().ok());
        let root = folder
            .parent()
            .filter(|parent| parent.ends_with("episodes"))
            .and_then(Path::parent);
        match (named, root.filter(|root| root.join("show.toml").is_file())) {
            (Some(episode), Some(root)) => Ok(Self {
                root: root.to_owned(),
                episode,
            }),
            _ => Err(StudioError::request(
                format!("`{}` is not in a show", manifest.display()),
                "an episode lies in `episodes/NAME/manifest.json` beside a show.toml; make one: `workprint new FOLDER`",
            )),
        }
    }

    fn only_episode(root: &Path) -> Result<Self, StudioError> {
        let root = root
            .canonicalize()
            .map_err(StudioError::file("find", root))?;
        match episodes(&root).as_slice() {
            [episode] => Ok(Self {
                episode: episode.clone(),
                root,
            }),
            _ => Err(StudioError::request(
                format!(
                    "`{}` is a show, and which episode is meant is not clear",
                    root.display()
                ),
                known_episodes(&root),
            )),
        }
    }

    /// The episode's folder.
    pub fn folder(&self) -> PathBuf {
        self.root.join("episodes").join(self.episode.as_str())
    }

    /// The manifest.
    pub fn manifest(&self) -> PathBuf {
        self.folder().join("manifest.json")
    }

    /// The lock.
    pub fn lock(&self) -> PathBuf {
        self.folder().join("episode.lock")
    }

    /// The folder of deliverables.
    pub fn finals(&self) -> PathBuf {
        self.folder().join("final")
    }

    /// The folder of animatics.
    pub fn animatics(&self) -> PathBuf {
        self.folder().join("animatic")
    }

    /// The folder of readouts.
    pub fn readouts(&self) -> PathBuf {
        self.folder().join("readout")
    }

    /// A path as people see it: relative to the show's folder where it lies inside.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// The ids of a show's episodes, in order.
pub(crate) fn episodes(root: &Path) -> Vec<EpisodeId> {
    let Ok(entries) = std::fs::read_dir(root.join("episodes")) else {
        return Vec::new();
    };
    let mut found: Vec<EpisodeId> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("manifest.json").is_file())
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    found.sort();
    found
}

fn known_episodes(root: &Path) -> String {
    let names: Vec<String> = episodes(root)
        .iter()
        .take(12)
        .map(|id| format!("`{id}`"))
        .collect();
    if names.is_empty() {
        format!(
            "`{}` has no episodes yet: import a script with `workprint import FILE`",
            root.display()
        )
    } else {
        format!("name one of its episodes: {}", names.join(", "))
    }
}

fn show_around(directory: &Path) -> Result<PathBuf, StudioError> {
    let found = directory
        .ancestors()
        .find(|folder| folder.join("show.toml").is_file());
    found.map(Path::to_owned).ok_or_else(|| {
        StudioError::request(
            format!("there is no show.toml in or above `{}`", directory.display()),
            "go into a show's folder, give the path of an episode, or make a show: `workprint new FOLDER`",
        )
    })
}

fn printable(text: &str) -> String {
    text.chars()
        .take(80)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
