//! Doctor: what this machine has, and what is missing.

use workprint_media::{BACKENDS, Trial, Which};
use workprint_model::{Encoder, Size};
use workprint_providers::stock::Row as Library;
use workprint_providers::vendors::{LIBRARIES, ROWS, Row};

use crate::{Host, Tool};

/// The programs that Workprint uses.
pub fn doctor(host: &Host) -> Vec<Tool> {
    host.tools()
}

/// A vendor that costs money, and whether its key is there.
#[derive(Debug, Clone, Copy)]
pub struct VendorState {
    /// The vendor.
    pub row: &'static Row,
    /// Whether its variable holds a key.
    pub has_key: bool,
}

/// Every vendor. Nothing is asked of any.
pub fn vendors(host: &Host) -> Vec<VendorState> {
    let state = |row: &'static Row| VendorState {
        row,
        has_key: host.secret(row.key.0).is_some(),
    };
    ROWS.iter().map(state).collect()
}

/// A stock library, and whether its key is there.
#[derive(Debug, Clone, Copy)]
pub struct LibraryState {
    /// The library.
    pub row: &'static Library,
    /// Whether its variable holds a key.
    pub has_key: bool,
}

/// Every stock library. Nothing is asked of any.
pub fn libraries(host: &Host) -> Vec<LibraryState> {
    let state = |row: &'static Library| LibraryState {
        row,
        has_key: host.secret(row.key.0).is_some(),
    };
    LIBRARIES.iter().map(state).collect()
}

/// Whether nothing that is needed is missing.
pub fn is_well(tools: &[Tool]) -> bool {
    tools
        .iter()
        .all(|tool| !tool.needed || tool.identity.is_some())
}

/// An encoder, and whether this machine can use it.
#[derive(Debug, Clone)]
pub struct EncoderState {
    /// Which.
    pub encoder: Encoder,
    /// What it runs on.
    pub device: &'static str,
    /// What it calls itself, with its version; else why it cannot be used, as what follows "because".
    pub works: Result<String, String>,
}

/// Tries every encoder with frames of 1920 by 1080, side by side. Without ffmpeg there are none.
pub fn encoders(host: &Host) -> Vec<EncoderState> {
    const SIZE: Size = Size {
        width: 1920,
        height: 1080,
    };
    if host.media().programs().path(Which::Ffmpeg).is_none() {
        return Vec::new();
    }
    let media = host.media();
    std::thread::scope(|threads| {
        let started: Vec<_> = BACKENDS
            .iter()
            .map(|row| (row, threads.spawn(|| media.try_encoder(row.encoder, SIZE))))
            .collect();
        let ended = started.into_iter().map(|(row, thread)| EncoderState {
            encoder: row.encoder,
            device: row.device,
            works: match thread.join() {
                Ok(Ok(Trial::Works { identity })) => Ok(identity),
                Ok(Ok(Trial::Refused { why })) => Err(why),
                Ok(Err(error)) => Err(crate::with_causes(&error)),
                Err(_) => Err("its trial broke off".to_owned()),
            },
        });
        ended.collect()
    })
}
