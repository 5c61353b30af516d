//! What is saved loads again as the same value, and follows the published schema.

mod generate;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;
use workprint_manifest::{
    Source, load_episode, load_lock, load_show, save_episode, save_lock, save_show, schema_episode,
    schema_lock, schema_show,
};
use workprint_model::show::Show;

fn source(text: &str) -> Source<'_> {
    Source { file: "file", text }
}

fn any_show() -> Show {
    let text = "format = \"workprint.show/1\"\ntitle = \"Any\"\n";
    load_show(source(text)).value.expect("a show")
}

fn follows(schema: &str, value: &Value) -> Result<(), TestCaseError> {
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator: Validator = jsonschema::validator_for(&schema).expect("a schema");
    let problem = validator
        .iter_errors(value)
        .next()
        .map(|error| error.to_string());
    prop_assert_eq!(problem, None);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn episodes_come_back(episode in generate::episodes()) {
        let text = save_episode(&episode);
        let loaded = load_episode(source(&text), &any_show());
        prop_assert_eq!(&loaded.diagnostics, &vec![]);
        prop_assert_eq!(loaded.value, Some(episode));
        follows(&schema_episode(), &serde_json::from_str(&text).unwrap())?;
    }

    #[test]
    fn shows_come_back(show in generate::shows()) {
        let text = save_show(&show);
        let loaded = load_show(source(&text));
        prop_assert_eq!(&loaded.diagnostics, &vec![]);
        prop_assert_eq!(loaded.value, Some(show));
        follows(&schema_show(), &toml::from_str(&text).unwrap())?;
    }

    #[test]
    fn locks_come_back(lock in generate::locks()) {
        let text = save_lock(&lock);
        let loaded = load_lock(source(&text));
        prop_assert_eq!(&loaded.diagnostics, &vec![]);
        prop_assert_eq!(loaded.value, Some(lock));
        follows(&schema_lock(), &serde_json::from_str(&text).unwrap())?;
    }
}
