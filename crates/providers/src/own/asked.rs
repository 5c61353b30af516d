//! What an order fills into the places of a template.

use std::path::{Path, PathBuf};

use serde_json::Value;
use workprint_model::outside::EngineSpec;
use workprint_model::template::{self, Piece, pieces};
use workprint_model::{Rate, Size};

use crate::error::CallError;
use crate::order::{Capability, Order, Reference, What};

/// An order, and the folder in which it is made: `given` below it holds what goes with it, `made` is empty.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What is ordered.
    pub order: &'a Order,
    /// The frames a second of the film that a clip is for.
    pub rate: Option<Rate>,
    /// The folder.
    pub folder: &'a Path,
}

/// Whole paths, and what is told besides.
#[derive(Debug)]
pub(super) struct Filled<'a> {
    asked: &'a Asked<'a>,
    spec: &'a EngineSpec,
    root: &'a Path,
    given: Vec<PathBuf>,
}

impl Asked<'_> {
    /// The empty folder.
    pub(super) fn made(&self) -> PathBuf {
        self.folder.join("made")
    }

    /// The file that is asked for.
    pub(super) fn out(&self) -> PathBuf {
        self.made().join(match self.order.capability() {
            Capability::Video => "clip.mp4",
            _ => "picture.png",
        })
    }

    fn is_clip(&self) -> bool {
        self.order.capability() == Capability::Video
    }

    /// The name of a file that goes with it, counted from 0: a clip's first frame, else a reference.
    pub(super) fn name(&self, index: usize, file: &Reference) -> String {
        let ending = match file.media_type.as_str() {
            "image/png" => "png",
            "image/webp" => "webp",
            _ => "jpg",
        };
        if self.is_clip() && index == 0 {
            return format!("start.{ending}");
        }
        format!("reference-{}.{ending}", index + 1)
    }
}

impl<'a> Filled<'a> {
    /// Writes what goes with an order into its folder.
    pub(super) fn write(
        asked: &'a Asked<'a>,
        spec: &'a EngineSpec,
        root: &'a Path,
    ) -> Result<Self, CallError> {
        let cannot = |path: &Path| {
            let path = path.to_owned();
            move |source| CallError::File { path, source }
        };
        let given = asked.folder.join("given");
        for folder in [&given, &asked.made()] {
            std::fs::create_dir_all(folder).map_err(cannot(folder))?;
        }
        let mut paths = Vec::new();
        for (index, file) in asked.order.references.iter().enumerate() {
            let path = given.join(asked.name(index, file));
            std::fs::write(&path, &file.bytes).map_err(cannot(&path))?;
            paths.push(path);
        }
        Ok(Self {
            asked,
            spec,
            root,
            given: paths,
        })
    }

    /// What stands in a place.
    fn value(&self, place: &str) -> Option<String> {
        let order = self.asked.order;
        let Size { width, height } = order.size();
        let path = |path: &Path| Some(path.to_string_lossy().into_owned());
        let length = match order.what {
            What::Video { length_ms, .. } => length_ms,
            _ => 0,
        };
        match place {
            "prompt" => Some(order.prompt.clone()),
            "seed" => Some(order.seed.to_string()),
            "width" => Some(width.to_string()),
            "height" => Some(height.to_string()),
            "model" => Some(order.model.clone()),
            "show" => path(self.root),
            "out" => path(&self.asked.out()),
            "folder" => path(&self.asked.made()),
            "seconds" => Some(seconds(length)),
            "milliseconds" => Some(length.to_string()),
            "frames" => Some(frames(length, self.asked.rate?).to_string()),
            "rate" => Some(self.asked.rate?.to_string()),
            "start" if self.asked.is_clip() => path(self.given.first()?),
            _ => match template::reference(place) {
                Some(index) if !self.asked.is_clip() => path(self.given.get(index)?),
                _ => self.option(place),
            },
        }
    }

    fn option(&self, name: &str) -> Option<String> {
        Some(match self.spec.options.get(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    /// A template with its places filled.
    pub(super) fn fill(&self, text: &str) -> Result<String, CallError> {
        let filled = template::fill(text, |place| self.value(place));
        let filled = filled.map_err(|error| CallError::Order {
            what: format!("`{text}` cannot be filled in: {error}"),
            hint: "correct it in show.toml",
        })?;
        if filled.contains('\0') {
            return Err(CallError::Order {
                what: "what it is told holds a character that no program can be handed".to_owned(),
                hint: "take the character U+0000 out of the prompt",
            });
        }
        Ok(filled)
    }

    /// A template that becomes an argument of a program. What was written by hand begins it, else a program
    /// could take a prompt for one of its options.
    pub(super) fn argument(&self, text: &str) -> Result<String, CallError> {
        let filled = self.fill(text)?;
        let first = pieces(text).unwrap_or_default().first().copied();
        if let Some(Piece::Place(name)) = first
            && filled.starts_with('-')
        {
            return Err(CallError::Order {
                what: format!(
                    "the program would take `{{{name}}}` for an option: it begins with `-`"
                ),
                hint: "begin the prompt with another character, or write `--NAME={prompt}` as one argument",
            });
        }
        Ok(filled)
    }
}

/// Milliseconds as seconds, without zeros at the end.
pub(super) fn seconds(milliseconds: u32) -> String {
    let text = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The frames that cover a length.
fn frames(milliseconds: u32, rate: Rate) -> u64 {
    let per_ms = u64::from(rate.den()) * 1000;
    (u64::from(milliseconds) * u64::from(rate.num())).div_ceil(per_ms)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Map, json};

    use super::*;

    fn order(prompt: &str, clip: bool) -> Order {
        let size = Size {
            width: 640,
            height: 360,
        };
        Order {
            model: "m".to_owned(),
            prompt: prompt.to_owned(),
            seed: 7,
            references: vec![Reference {
                media_type: "image/png".to_owned(),
                bytes: vec![1],
            }],
            options: Map::new(),
            graph: None,
            what: if clip {
                What::Video {
                    size,
                    length_ms: 2500,
                }
            } else {
                What::Image {
                    size,
                    effort: crate::order::Effort::Low,
                }
            },
        }
    }

    #[test]
    fn places_are_filled_by_what_is_ordered() {
        let folder = tempfile::tempdir().unwrap();
        let spec = EngineSpec {
            options: BTreeMap::from([
                ("negative".to_owned(), json!("fog")),
                ("steps".to_owned(), json!(8)),
            ]),
            ..EngineSpec::default()
        };
        let told = |order: &Order, text: &str| {
            let asked = Asked {
                order,
                rate: Rate::new(30_000, 1001).ok(),
                folder: folder.path(),
            };
            let filled = Filled::write(&asked, &spec, Path::new("/show")).unwrap();
            let told = filled.argument(text).map_err(|error| error.to_string());
            told.map(|told| told.replace(&*folder.path().to_string_lossy(), "T"))
        };
        let clip = order("a {seed}; $(x)", true);
        for (text, wanted) in [
            ("{prompt}", "a {seed}; $(x)"),
            ("{seed}:{width}x{height}:{steps}:{model}", "7:640x360:8:m"),
            ("not {negative}", "not fog"),
            (
                "{seconds} {milliseconds} {frames} {rate}",
                "2.5 2500 75 30000/1001",
            ),
            ("{start}", "T/given/start.png"),
            ("{out}|{folder}|{show}/a", "T/made/clip.mp4|T/made|/show/a"),
        ] {
            assert_eq!(told(&clip, text).as_deref(), Ok(wanted), "{text}");
        }
        let still = order("x", false);
        let given = "T/given/reference-1.png||T/made/picture.png";
        let text = "{reference1}|{reference2}|{out}";
        assert_eq!(told(&still, text).as_deref(), Ok(given));
        assert_eq!(
            std::fs::read(folder.path().join("given/start.png")).unwrap(),
            [1]
        );
    }

    #[test]
    fn a_prompt_is_never_taken_for_an_option() {
        let folder = tempfile::tempdir().unwrap();
        let spec = EngineSpec::default();
        for (prompt, text, good) in [
            ("--delete", "{prompt}", false),
            ("--delete", "--prompt={prompt}", true),
            ("a\0b", "--prompt={prompt}", false),
            ("- a", "{prompt}", false),
        ] {
            let order = order(prompt, false);
            let asked = Asked {
                order: &order,
                rate: None,
                folder: folder.path(),
            };
            let filled = Filled::write(&asked, &spec, Path::new("/")).unwrap();
            assert_eq!(filled.argument(text).is_ok(), good, "{prompt} in {text}");
        }
    }
}
