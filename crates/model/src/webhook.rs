//! Where vendors call when a job has ended.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where vendors call when a job may have ended, so that they are asked seldom and at the right moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSpec {
    /// The address under which the world reaches this machine, through a tunnel or a reverse proxy: `https://`, or
    /// `http://` on this machine alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 8, max = 300), regex(pattern = r"^https?://.+$"))]
    pub address: Option<String>,
    /// The environment variable that the address is read from instead: it is another one on each machine. Where the
    /// variable is not set, nobody listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$")
    )]
    pub address_env: Option<String>,
    /// Where this machine listens while a render waits: an address of its own and a port, where the tunnel or the proxy
    /// leads; `127.0.0.1:8760` where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 60))]
    pub listen: Option<String>,
}

impl WebhookSpec {
    /// Where it listens, where nothing is said.
    pub const LISTEN: &'static str = "127.0.0.1:8760";

    /// Whether nothing is said.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// Where it listens.
    pub fn listen(&self) -> &str {
        self.listen.as_deref().unwrap_or(Self::LISTEN)
    }
}
