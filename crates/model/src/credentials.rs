//! Content credentials: what films are signed with, and what they tell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How finished films are signed, and what their credentials tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CredentialsSpec {
    /// Sign every finished film.
    pub sign: bool,
    /// The file with the certificate, and after it those that vouch for it, as PEM: a path from the
    /// show's folder, or from `~/`. Where it is missing, a key and a certificate are made for this user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub certificate: Option<String>,
    /// The file with the certificate's key, as PEM: a path like that of the certificate. Keep it out of
    /// version control.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub key_file: Option<String>,
    /// The environment variable with the certificate's key, as PEM, instead of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$")
    )]
    pub key_env: Option<String>,
    /// Tell the prompts of generated pictures in the credentials, where everybody can read them.
    pub prompts: bool,
}

impl Default for CredentialsSpec {
    fn default() -> Self {
        Self {
            sign: true,
            certificate: None,
            key_file: None,
            key_env: None,
            prompts: false,
        }
    }
}

impl CredentialsSpec {
    /// Whether nothing is said.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}
