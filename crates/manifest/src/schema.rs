//! The published JSON Schemas, made from the model's types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;
use workprint_model::episode::{self, Episode};
use workprint_model::json;
use workprint_model::lock::{self, Lock};
use workprint_model::show::{self, Show};

use crate::shape::Shape;

/// The JSON Schema (draft 2020-12) of `manifest.json`, indented, with a line feed at the end.
pub fn schema_episode() -> String {
    written(schema::<Episode>(episode::FORMAT, "Workprint manifest"))
}

/// The JSON Schema (draft 2020-12) of `show.toml`.
pub fn schema_show() -> String {
    written(schema::<Show>(show::FORMAT, "Workprint show"))
}

/// The JSON Schema (draft 2020-12) of `episode.lock`.
pub fn schema_lock() -> String {
    written(schema::<Lock>(lock::FORMAT, "Workprint lock"))
}

/// The schema of `T` as a check of trees. Its `format` may be any text: `upgrade` looks at that.
pub(crate) fn shape<T: JsonSchema>() -> Shape {
    Shape::new(generate::<T>().as_value())
}

fn written(schema: Schema) -> String {
    let sorted = json::sorted(schema.to_value());
    // A schema writes its keywords in an order of its own.
    let schema = Schema::try_from(sorted).expect("a schema that is sorted is one still");
    crate::pretty(&schema)
}

/// The schema of `T`, whose field `format` can only be `format`.
fn schema<T: JsonSchema>(format: &str, title: &str) -> Schema {
    let mut schema = generate::<T>();
    schema.insert("$id".to_owned(), Value::from(format));
    schema.insert("title".to_owned(), Value::from(title));
    if let Some(field) = schema.pointer_mut("/properties/format") {
        field["const"] = Value::from(format);
    }
    schema
}

fn generate<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
}
