//! Doctor: what this machine has, and what is missing.

use crate::{Host, Tool};

/// The programs that Workprint uses.
pub fn doctor(host: &Host) -> Vec<Tool> {
    host.tools()
}

/// Whether nothing that is needed is missing.
pub fn is_well(tools: &[Tool]) -> bool {
    tools
        .iter()
        .all(|tool| !tool.needed || tool.identity.is_some())
}
