//! A graphic with its words filled in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// An overlay's graphic, ready to be drawn at any size.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Graphic {
    /// Which template.
    pub template: Template,
    /// The words for the template's fields.
    pub fields: BTreeMap<String, String>,
}

/// The drawing that a graphic's words are set in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// One that Workprint brings.
    BuiltIn(String),
    /// An SVG of the user's, by the digest of its bytes.
    Svg(Digest),
}
