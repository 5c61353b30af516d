//! The door to the `c2pa` crate: how it is set up, and what keeps its faults from the rest.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use c2pa::Context;
use serde_json::json;

use crate::Identity;

/// How many megabytes of a file are held in memory while it is copied; more goes through a temporary file.
const IN_MEMORY_MB: u32 = 8;
/// A film's samples are hashed by blocks of so many kilobytes, whose hashes all stand in the statement:
/// hashed in one piece, up to 512 MiB of them would be held in memory.
const BLOCK_KB: u32 = 1024;

/// The crate's settings: nothing of the network, and these anchors of trust (PEM).
pub(crate) fn context(
    identity: Option<&Identity>,
    anchors: &[String],
) -> Result<Arc<Context>, c2pa::Error> {
    let mut settings = json!({
        "version": 1,
        "core": {
            "allowed_network_hosts": [],
            "backing_store_memory_threshold_in_mb": IN_MEMORY_MB,
            "decode_identity_assertions": false,
            "merkle_tree_chunk_size_in_kb": BLOCK_KB,
            "merkle_tree_max_proofs": 0,
        },
        "verify": {
            "remote_manifest_fetch": false,
            "ocsp_fetch": false,
            "verify_after_sign": false,
        },
        "builder": {"thumbnail": {"enabled": false}},
    });
    if let Some(identity) = identity {
        settings["signer"] = json!({"local": {
            "alg": identity.algorithm,
            "sign_cert": identity.chain,
            "private_key": identity.key,
        }});
    }
    if !anchors.is_empty() {
        settings["trust"] = json!({"user_anchors": anchors.join("\n")});
    }
    Ok(Context::new().with_settings(settings)?.into_shared())
}

/// Runs what parses foreign bytes: should a file make the crate panic, that is the file's fault and told as
/// such.
pub(crate) fn guarded<T>(act: impl FnOnce() -> c2pa::Result<T>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(done) => done.map_err(Fault::Told),
        Err(_) => Err(Fault::Panicked),
    }
}

/// Why the crate did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// It said so.
    #[error(transparent)]
    Told(c2pa::Error),
    /// It broke off.
    #[error("it is made of parts that contradict each other")]
    Panicked,
}
