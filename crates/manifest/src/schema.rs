//! The published JSON Schemas, made from the model's types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use workprint_model::episode::{self, Episode};
use workprint_model::lock::{self, Lock};
use workprint_model::show::{self, Show};

/// The JSON Schema (draft 2020-12) of `manifest.json`, indented, with a line feed at the end.
pub fn schema_episode() -> String {
    text(&schema::<Episode>(episode::FORMAT, "Workprint manifest"))
}

/// The JSON Schema (draft 2020-12) of `show.toml`.
pub fn schema_show() -> String {
    text(&schema::<Show>(show::FORMAT, "Workprint show"))
}

/// The JSON Schema (draft 2020-12) of `episode.lock`.
pub fn schema_lock() -> String {
    text(&schema::<Lock>(lock::FORMAT, "Workprint lock"))
}

/// The schema of `T`, whose field `format` can only be `format`.
pub(crate) fn schema<T: JsonSchema>(format: &str, title: &str) -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), json!(format));
    schema.insert("title".to_owned(), json!(title));
    if let Some(field) = schema.pointer_mut("/properties/format") {
        field["const"] = Value::from(format);
    }
    schema
}

fn text(schema: &Schema) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is a JSON value");
    text.push('\n');
    text
}
