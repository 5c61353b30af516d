//! The published schemas are up to date, and are schemas.

use serde_json::Value;
use workprint_manifest::{schema_episode, schema_lock, schema_show};

#[test]
fn published_schemas_are_up_to_date() {
    for (made, published) in [
        (
            schema_episode(),
            include_str!("../../../docs/schema/manifest.schema.json"),
        ),
        (
            schema_show(),
            include_str!("../../../docs/schema/show.schema.json"),
        ),
        (
            schema_lock(),
            include_str!("../../../docs/schema/lock.schema.json"),
        ),
    ] {
        assert!(
            made == published,
            "run `cargo run -p workprint-manifest --example write-schemas`"
        );
    }
}

#[test]
fn schemas_follow_their_own_schema() {
    for text in [schema_episode(), schema_show(), schema_lock()] {
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert!(jsonschema::meta::is_valid(&schema));
    }
}
