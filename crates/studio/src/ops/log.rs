//! Log: what happened in a show's runs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use workprint_model::event::Event;
use workprint_store::{RunRecord, Store};

use crate::{Host, Place, StudioError};

/// The latest runs of a show, the newest first.
pub async fn runs(
    host: &Host,
    show: Option<&str>,
    limit: u32,
) -> Result<Vec<RunRecord>, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    Ok(store.runs(limit).await?)
}

/// What happened in one run.
pub async fn events(host: &Host, show: Option<&str>, run: u64) -> Result<Vec<Event>, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    Ok(store.events(run).await?)
}

/// Milliseconds since 1970 as `20261121T094500Z`, for names of files.
pub(crate) fn stamp(ms: i64) -> String {
    format_utc(ms, "%Y%m%dT%H%M%SZ")
}

/// Milliseconds since 1970 as `2026-11-21 09:45:00 UTC`, for people.
pub fn readable(ms: i64) -> String {
    format_utc(ms, "%Y-%m-%d %H:%M:%S UTC")
}

/// Milliseconds since 1970 as `2026-11-21T09:45:00Z`, for programs.
pub(crate) fn rfc3339(ms: i64) -> String {
    format_utc(ms, "%Y-%m-%dT%H:%M:%SZ")
}

fn format_utc(ms: i64, format: &str) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(TimeZone::UTC).strftime(format).to_string()
}
