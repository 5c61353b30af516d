//! Schema: the published JSON Schemas of the stored formats.

use crate::StudioError;

/// A schema by the name of its format: `manifest`, `show` or `lock`.
pub fn schema(name: &str) -> Result<String, StudioError> {
    match name {
        "manifest" => Ok(workprint_manifest::schema_episode()),
        "show" => Ok(workprint_manifest::schema_show()),
        "lock" => Ok(workprint_manifest::schema_lock()),
        _ => Err(StudioError::request(
            format!(
                "there is no schema `{}`",
                name.chars().take(40).collect::<String>()
            ),
            "name one of: `manifest`, `show`, `lock`",
        )),
    }
}
