//! Somebody else, or something else, that is handed a bundle and gives a file back.
//!
//! A bundle is a folder of the show with everything that is needed to make what is ordered. Its name is that
//! of the order, so that an order never has two; it is there as a whole or not at all. What comes back is left
//! where it is.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::Own;
use super::asked::{Asked, seconds};
use crate::error::CallError;
use crate::order::{Capability, What};

/// Where bundles lie, unless the show says otherwise.
const FOLDER: &str = "hand-off";
/// What a bundle holds besides references.
const README: &str = "README.md";
const PROMPT: &str = "prompt.txt";
const SHEET: &str = "order.json";
/// A file that was written to so long ago is whole.
const SETTLED: i64 = 5000;
/// A file that stays the same for so long is, too.
const PAUSE: Duration = Duration::from_secs(1);

/// What lies in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing yet; the file that is waited for.
    Nothing(String),
    /// What is wanted, as far as its name tells.
    File(PathBuf),
    /// Something else.
    Wrong {
        /// The file, from the show's folder.
        file: String,
        /// What is wrong with it.
        why: String,
        /// What to do.
        hint: String,
    },
}

impl Own {
    /// The bundle of an order, from the show's folder.
    pub fn bundle(&self, title: &str, key: &str) -> String {
        let folder = self.spec.folder.as_deref().unwrap_or(FOLDER);
        let folder = folder.trim_end_matches('/');
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        };
        let title: String = title.chars().take(60).map(plain).collect();
        let key = key.split('-').next().unwrap_or_default();
        format!("{folder}/{title}-{key}")
    }

    /// Whether a bundle is there.
    pub fn is_handed(&self, bundle: &str) -> bool {
        self.around.locate(bundle).join(SHEET).is_file()
    }

    /// Writes a bundle, unless it is there already.
    pub fn hand_off(&self, asked: &Asked<'_>, bundle: &str) -> Result<(), CallError> {
        if self.is_handed(bundle) {
            return Ok(());
        }
        let whole = self.around.locate(bundle);
        let name = whole.file_name().unwrap_or_default().to_string_lossy();
        let part = whole.with_file_name(format!(".{name}.part"));
        let cannot = |path: &Path| {
            let path = path.to_owned();
            move |source| CallError::File { path, source }
        };
        // What a killed run left half-written.
        let _ = fs::remove_dir_all(&part);
        fs::create_dir_all(&part).map_err(cannot(&part))?;
        let write = |name: &str, bytes: &[u8]| {
            let path = part.join(name);
            fs::write(&path, bytes).map_err(cannot(&path))
        };
        let mut given = Vec::new();
        for (index, file) in asked.order.references.iter().enumerate() {
            let name = asked.name(index, file);
            write(&name, &file.bytes)?;
            given.push(name);
        }
        write(PROMPT, format!("{}\n", asked.order.prompt).as_bytes())?;
        write(README, readme(asked, bundle, &given).as_bytes())?;
        let sheet = format!("{:#}\n", sheet(asked, &given, &self.spec.options));
        write(SHEET, sheet.as_bytes())?;
        fs::rename(&part, &whole).map_err(cannot(&whole))
    }

    /// Looks what lies in a bundle. A file that is still written to is waited for: it counts as not there.
    /// `now` is in milliseconds since 1970.
    pub async fn look(&self, bundle: &str, now: i64) -> Result<Given, CallError> {
        let wanted = Wanted::of(self.makes);
        let folder = self.around.locate(bundle);
        let given = wanted.look(&folder, bundle)?;
        let Given::File(file) = &given else {
            return Ok(given);
        };
        let before = state(file)?;
        if !(SETTLED..).contains(&(now - before.1)) {
            tokio::time::sleep(PAUSE).await;
            if state(file)? != before {
                return Ok(wanted.nothing(bundle));
            }
        }
        Ok(given)
    }
}

/// The file that is waited for in a bundle.
pub fn awaited(bundle: &str, makes: Capability) -> String {
    format!("{bundle}/{}", Wanted::of(makes).file())
}

/// How long a file is, and when it was written to: milliseconds since 1970.
fn state(file: &Path) -> Result<(u64, i64), CallError> {
    let meta = fs::symlink_metadata(file).and_then(|meta| Ok((meta.len(), meta.modified()?)));
    let (length, modified) = meta.map_err(|source| CallError::File {
        path: file.to_owned(),
        source,
    })?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok((length, since.as_millis() as i64))
}

/// What must come back.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    name: &'static str,
    endings: &'static [&'static str],
}

impl Wanted {
    const fn of(makes: Capability) -> Self {
        match makes {
            Capability::Video => Self {
                name: "clip",
                endings: &["mp4", "mov", "m4v", "webm", "mkv", "gif"],
            },
            _ => Self {
                name: "picture",
                endings: &["png", "jpg", "jpeg", "webp", "gif"],
            },
        }
    }

    /// The file by the ending that is best.
    fn file(self) -> String {
        format!("{}.{}", self.name, self.endings[0])
    }

    fn nothing(self, bundle: &str) -> Given {
        Given::Nothing(format!("{bundle}/{}", self.file()))
    }

    fn look(self, folder: &Path, bundle: &str) -> Result<Given, CallError> {
        let all = beside(folder).map_err(|source| CallError::File {
            path: folder.to_owned(),
            source,
        })?;
        let named = |path: &&PathBuf| {
            let stem = path.file_stem().unwrap_or_default();
            stem.eq_ignore_ascii_case(self.name)
        };
        let fits = |path: &&PathBuf| self.endings.contains(&ending(path).as_str());
        let wrong = |path: &Path, why: &str, hint: String| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Given::Wrong {
                file: format!("{bundle}/{name}"),
                why: why.to_owned(),
                hint,
            }
        };
        let found: Vec<&PathBuf> = all.iter().filter(named).collect();
        Ok(match found.as_slice() {
            [] => match all.iter().find(fits) {
                Some(other) => wrong(
                    other,
                    "it does not have the name that is asked for",
                    format!("give it the name `{}.{}`", self.name, ending(other)),
                ),
                None => self.nothing(bundle),
            },
            [one] if !fits(one) => {
                let all: Vec<String> = self.endings.iter().map(|e| format!("`.{e}`")).collect();
                let hint = format!("give a file that ends in {}", all.join(", "));
                wrong(one, "files of its kind are not taken", hint)
            }
            [one] if !fs::symlink_metadata(one).is_ok_and(|meta| meta.is_file()) => {
                let hint = "put the file itself there".to_owned();
                wrong(one, "it is a link or a folder", hint)
            }
            [one] => Given::File((*one).clone()),
            [first, ..] => {
                let why = format!("there are {} of that name", found.len());
                wrong(first, &why, "leave only the one that is meant".to_owned())
            }
        })
    }
}

/// What lies in a bundle besides what was handed out, in order; nothing where the bundle is gone.
pub fn returned(folder: &Path) -> Vec<PathBuf> {
    beside(folder).unwrap_or_default()
}

fn beside(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut all: Vec<PathBuf> = paths.filter(|path| !is_ours(path)).collect();
    all.sort();
    Ok(all)
}

fn ending(path: &Path) -> String {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    ending.to_ascii_lowercase()
}

/// Whether a file is of the bundle itself, or hidden.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [README, PROMPT, SHEET].contains(&&*name)
        || ["start.", "reference-", "."]
            .iter()
            .any(|start| name.starts_with(start))
}

/// What is wanted, for programs.
fn sheet(asked: &Asked<'_>, given: &[String], options: &impl serde::Serialize) -> Value {
    let order = asked.order;
    let wanted = Wanted::of(order.capability());
    let mut sheet = json!({
        "format": "workprint.hand-off/1",
        "makes": wanted.name,
        "model": order.model,
        "prompt": order.prompt,
        "seed": order.seed,
        "width": order.size().width,
        "height": order.size().height,
        "options": options,
        "given": given,
        "deliver": {"name": wanted.name, "endings": wanted.endings},
    });
    if let What::Video { length_ms, .. } = order.what {
        sheet["length_ms"] = length_ms.into();
        sheet["rate"] = json!(asked.rate.map(|rate| rate.to_string()));
    }
    sheet
}

/// What is wanted, for people.
fn readme(asked: &Asked<'_>, bundle: &str, given: &[String]) -> String {
    let order = asked.order;
    let (wanted, size) = (Wanted::of(order.capability()), order.size());
    let endings: Vec<String> = wanted.endings.iter().map(|e| format!("`.{e}`")).collect();
    let (width, height) = (size.width, size.height);
    let prompt: Vec<String> = order
        .prompt
        .lines()
        .map(|line| format!("> {line}"))
        .collect();
    let mut text = format!(
        "# {} is wanted\n\n{}\n\n",
        if wanted.name == "clip" {
            "A clip"
        } else {
            "A picture"
        },
        prompt.join("\n"),
    );
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "- {width} by {height} pixels, or more of the same shape"
    );
    if let What::Video { length_ms, .. } = order.what {
        let _ = writeln!(text, "- {} seconds, without sound", seconds(length_ms));
    }
    for name in given {
        let told = if name.starts_with("start.") {
            "the clip begins with this picture"
        } else {
            "what it should be like"
        };
        let _ = writeln!(text, "- `{name}`: {told}");
    }
    let _ = write!(
        text,
        "- `{PROMPT}` is the text above, `{SHEET}` all of this for programs\n\n\
         Put the file here as `{}` (or with {}), under its last name only when it is whole. It is taken by the next \
         `workprint render`, or by one that waits for it, and left where it is. The bundle is `{bundle}`, seed {}, for `{}`.\n",
        wanted.file(),
        endings.join(", "),
        order.seed,
        order.model,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(makes: Capability, files: &[&str]) -> Given {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            fs::write(folder.path().join(name), name).unwrap();
        }
        match Wanted::of(makes).look(folder.path(), "b").unwrap() {
            Given::File(path) => Given::File(path.file_name().unwrap().into()),
            other => other,
        }
    }

    #[test]
    fn only_what_has_the_name_is_taken() {
        let ours = [
            "README.md",
            "prompt.txt",
            "order.json",
            "start.png",
            ".picture.png.swp",
        ];
        let file = |name: &str| Given::File(name.into());
        let nothing = |name: &str| Given::Nothing(format!("b/{name}"));
        assert_eq!(looked(Capability::Video, &ours), nothing("clip.mp4"));
        assert_eq!(looked(Capability::Image, &ours), nothing("picture.png"));
        for name in ["picture.png", "Picture.JPG", "picture.webp"] {
            assert_eq!(
                looked(Capability::Image, &["work.kra", name]),
                file(name),
                "{name}"
            );
        }
        assert_eq!(looked(Capability::Video, &["clip.mov"]), file("clip.mov"));
        assert_eq!(
            looked(Capability::Image, &["picture.png.part"]),
            nothing("picture.png")
        );
        for (files, wanted) in [
            (&["final.png"][..], "`picture.png`"),
            (&["picture.psd"], "`.jpg`"),
            (&["picture.png", "picture.jpg"], "only the one"),
        ] {
            let Given::Wrong { hint, file, .. } = looked(Capability::Image, files) else {
                panic!("{files:?} are taken");
            };
            assert!(hint.contains(wanted) && file.starts_with("b/"), "{hint}");
        }
    }
}
