//! Questions about pictures that a text model answers in a given shape.
//!
//! A [`Question`] says what is asked and which type the answer has; its [`Shape`] is what the model is told of
//! that type, and what its answer is held against. An answer is somebody else's text: it counts only where the
//! shape fits.

use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The longest answer that is read.
pub const MOST_ANSWER: usize = 64 << 10;
/// The longest fault that is told.
const TOLD: usize = 300;
/// How many faults are told.
const FAULTS: usize = 3;

/// Something that is asked about pictures.
pub trait Question {
    /// What is answered: a struct. Doc comments of its fields are shown to the model.
    type Answer: DeserializeOwned + JsonSchema;

    /// What the model is told before all: what it is to judge, and by which measure.
    fn system(&self) -> String;

    /// What is asked, of the pictures in their order.
    fn prompt(&self) -> String;
}

/// What an answer must be like: a JSON Schema whose top is an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape(Value);

impl Shape {
    /// The shape of a type, as all vendors take it: nothing is referred to, every object is closed, and all of its
    /// fields are needed. One that may be missing is `null`.
    pub fn of<A: JsonSchema>() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        let settings = settings.with_transform(RecursiveTransform(close));
        let schema = settings.into_generator().into_root_schema_for::<A>();
        let mut schema = schema.to_value();
        if let Some(top) = schema.as_object_mut() {
            top.remove("title");
        }
        Self(schema)
    }

    /// The shape that a schema says.
    pub const fn from_schema(schema: Value) -> Self {
        Self(schema)
    }

    /// As JSON Schema.
    pub const fn schema(&self) -> &Value {
        &self.0
    }

    /// The value in an answer; else what is wrong with it, in words for the model. What stands around the object,
    /// a fence or a sentence, is not looked at.
    pub fn read(&self, answer: &[u8]) -> Result<Value, String> {
        if answer.len() > MOST_ANSWER {
            return Err(format!("it is longer than {MOST_ANSWER} bytes"));
        }
        let text = String::from_utf8_lossy(answer);
        let (from, to) = (text.find('{'), text.rfind('}'));
        let object = from.zip(to).and_then(|(from, to)| text.get(from..=to));
        let object = object.ok_or("it is no JSON object")?;
        let value: Value = serde_json::from_str(object)
            .map_err(|error| short(format!("it is no JSON object: {error}")))?;
        let validator = jsonschema::validator_for(&self.0)
            .map_err(|error| short(format!("the shape is none: {error}")))?;
        let faults = validator.iter_errors(&value).take(FAULTS);
        let faults: Vec<String> = faults
            .map(|fault| short(format!("`{}`: {}", fault.instance_path(), fault.masked())))
            .collect();
        if faults.is_empty() {
            Ok(value)
        } else {
            Err(faults.join("; "))
        }
    }
}

fn short(text: String) -> String {
    if text.len() <= TOLD {
        return text;
    }
    text.chars().take(TOLD).collect()
}

/// Vendors with strict schemas want every object closed and complete, and know few formats.
fn close(schema: &mut Schema) {
    schema.remove("format");
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    let names: Value = properties.keys().map(String::as_str).collect();
    let closed = Map::from_iter([
        ("required".to_owned(), names),
        ("additionalProperties".to_owned(), false.into()),
    ]);
    for (name, value) in closed {
        schema.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Seen {
        /// How sharp it is, 0 to 100.
        #[schemars(range(min = 0, max = 100))]
        sharp: u8,
        faults: Vec<Fault>,
        #[serde(default)]
        note: Option<String>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Fault {
        what: String,
    }

    #[test]
    fn a_type_is_told_closed_complete_and_without_references() {
        let fault = json!({
            "type": "object", "properties": {"what": {"type": "string"}},
            "required": ["what"], "additionalProperties": false,
        });
        let wanted = json!({
            "type": "object", "additionalProperties": false,
            "required": ["faults", "note", "sharp"],
            "properties": {
                "sharp": {"type": "integer", "minimum": 0, "maximum": 100, "description": "How sharp it is, 0 to 100."},
                "faults": {"type": "array", "items": fault},
                "note": {"type": ["string", "null"], "default": null},
            },
        });
        let mut told = Shape::of::<Seen>().schema().clone();
        let names = told["required"].as_array_mut().unwrap();
        names.sort_by_key(ToString::to_string);
        assert_eq!(told, wanted);
    }

    #[test]
    fn only_what_has_the_shape_is_an_answer() {
        let shape = Shape::of::<Seen>();
        let good = json!({"sharp": 40, "faults": [{"what": "six fingers"}], "note": null});
        let fenced = format!("Here it is:\n```json\n{good}\n```\n");
        assert_eq!(shape.read(fenced.as_bytes()), Ok(good));
        for (bad, wanted) in [
            ("no", "no JSON object"),
            ("}{", "no JSON object"),
            ("{\"sharp\": }", "no JSON object: "),
            (
                "{\"sharp\": 101, \"faults\": [], \"note\": null}",
                "`/sharp`: ",
            ),
            ("{\"sharp\": 1, \"note\": null}", "\"faults\""),
            (
                "{\"sharp\": 1, \"faults\": [{\"what\": 1}], \"note\": null}",
                "`/faults/0/what`: ",
            ),
            (
                "{\"sharp\": 1, \"faults\": [], \"note\": null, \"more\": 1}",
                "more",
            ),
        ] {
            let told = shape.read(bad.as_bytes()).unwrap_err();
            assert!(told.contains(wanted), "{bad}: {told}");
        }
        let long = vec![b' '; MOST_ANSWER + 1];
        assert!(shape.read(&long).unwrap_err().contains("longer"));
    }
}
