//! What an order fills into the places of a template.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use workprint_model::outside::EngineSpec;
use workprint_model::template::{self, Aspect, Piece, pieces};
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
    fn value(&self, place: &str) -> Option<Value> {
        let order = self.asked.order;
        let Size { width, height } = order.size();
        let path = |path: &Path| Some(path.to_string_lossy().into());
        let length = match order.what {
            What::Video { length_ms, .. } => length_ms,
            _ => 0,
        };
        match place {
            "prompt" => Some(order.prompt.as_str().into()),
            "seed" => Some(order.seed.into()),
            "width" => Some(width.into()),
            "height" => Some(height.into()),
            "model" => Some(order.model.as_str().into()),
            "show" => path(self.root),
            "out" => path(&self.asked.out()),
            "folder" => path(&self.asked.made()),
            "seconds" => Some(match length % 1000 {
                0 => (length / 1000).into(),
                _ => (f64::from(length) / 1000.0).into(),
            }),
            "milliseconds" => Some(length.into()),
            "frames" => Some(frames(length, self.asked.rate?).into()),
            "rate" => Some(self.asked.rate?.to_string().into()),
            _ => self
                .picture(place)
                .or_else(|| self.spec.options.get(place).cloned()),
        }
    }

    /// What stands in a place of a picture that goes with the order, or of all.
    fn picture(&self, place: &str) -> Option<Value> {
        let (aspect, of) = Aspect::of(place);
        let told = |index: usize| {
            let given = self.asked.order.references.get(index)?;
            Some(match aspect {
                Aspect::Path => self.given.get(index)?.to_string_lossy().into(),
                Aspect::Bytes => Value::from(given.base64()),
                Aspect::Type => given.media_type.as_str().into(),
            })
        };
        match of {
            "start" if self.asked.is_clip() => told(0),
            _ if self.asked.is_clip() => None,
            template::ALL_REFERENCES => Some((0..self.given.len()).filter_map(told).collect()),
            _ => told(template::reference(of)?),
        }
    }

    fn text(&self, place: &str) -> Option<String> {
        Some(match self.value(place)? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// A value whose texts are templates. One that is a place alone becomes what stands there, of its own kind; where
    /// nothing does, it is left out.
    pub(super) fn json(&self, value: &Value) -> Result<Option<Value>, CallError> {
        Ok(Some(match value {
            Value::String(text) => match template::only_place(text) {
                Some(place) => return Ok(self.value(place)),
                None => self.fill(text)?.into(),
            },
            Value::Array(all) => {
                let all = all.iter().filter_map(|one| self.json(one).transpose());
                Value::Array(all.collect::<Result<_, _>>()?)
            }
            Value::Object(all) => {
                let mut filled = Map::new();
                for (name, one) in all {
                    filled.extend(self.json(one)?.map(|one| (name.clone(), one)));
                }
                filled.into()
            }
            other => other.clone(),
        }))
    }

    /// A template with its places filled.
    pub(super) fn fill(&self, text: &str) -> Result<String, CallError> {
        let filled = template::fill(text, |place| self.text(place));
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

    use serde_json::json;

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
    fn arguments_are_values_and_no_text_that_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let spec = EngineSpec {
            options: BTreeMap::from([("steps".to_owned(), json!(8))]),
            ..EngineSpec::default()
        };
        let told = |order: &Order, value: Value| {
            let asked = Asked {
                order,
                rate: None,
                folder: folder.path(),
            };
            let filled = Filled::write(&asked, &spec, Path::new("/show")).unwrap();
            filled.json(&value).unwrap()
        };
        let hostile = "\", \"seed\": 1, \"x\": \"{seed}\n";
        let asked = json!({
            "p": "{prompt}", "s": "{seed}", "deep": [{"w": "{width}"}, "{reference2}"], "n": "{negative}",
            "text": "of {seed}: {prompt}", "steps": "{steps}", "all": "{references-data}", "type": "{reference-type}",
            "kept": 2.5, "url": "data:{reference1-type};base64,{reference1-data}",
        });
        let wanted = json!({
            "p": hostile, "s": 7, "deep": [{"w": 640}], "text": format!("of 7: {hostile}"), "steps": 8,
            "all": ["AQ=="], "type": "image/png", "kept": 2.5, "url": "data:image/png;base64,AQ==",
        });
        assert_eq!(told(&order(hostile, false), asked), Some(wanted));
        let clip = order("x", true);
        let wanted = json!({"s": 2.5, "start": "AQ=="});
        let asked = json!({"s": "{seconds}", "start": "{start-data}", "r": "{reference}", "all": "{references}"});
        assert_eq!(told(&clip, asked), Some(wanted));
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
