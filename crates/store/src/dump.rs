//! The whole ledger as text, for tests and for people.

use std::fmt::Write as _;

use crate::{Store, StoreError};

/// Tables and a query of one text column each. What differs between machines (inodes, file times,
/// process ids) is left out.
const TABLES: &[(&str, &str)] = &[
    (
        "runs",
        "SELECT format('%d %s/%s by `%s` %d..%s %s', id, episode, output, holder, began_at,
            coalesce(ended_at, ''), coalesce(summary, 'not ended')) FROM runs ORDER BY id",
    ),
    (
        "events",
        "SELECT format('%d.%d @%d %s', run, number, at, event) FROM events ORDER BY run, number",
    ),
    (
        "steps",
        "SELECT format('%d %s %s/%d %s by %s %s -> %s @%d +%dms %d micros seed %s licence %s run %s%s%s',
            id, key, kind, revision, slot, engine, params, output, made_at, took_ms, cost_micros,
            coalesce(seed, '-'), coalesce(licence, '-'), coalesce(run, '-'),
            coalesce(' instead ' || instead, '') || iif(let_go, ' let go', ''),
            iif(forgotten_at IS NULL, '', ' forgotten')) FROM steps ORDER BY id",
    ),
    (
        "artifacts",
        "SELECT format('%d.%d %s %s %d bytes', step, position, digest, media_type, bytes)
            FROM artifacts ORDER BY step, position",
    ),
    (
        "inputs",
        "SELECT format('%d.%d %s', step, position, digest) FROM inputs ORDER BY step, position",
    ),
    (
        "takes",
        "SELECT format('%s %d', slot, step) FROM takes ORDER BY slot, step",
    ),
    (
        "slots",
        "SELECT format('%s %d', slot, step) FROM slots ORDER BY slot",
    ),
    (
        "answers",
        "SELECT format('%d %s/%s %s %s by %s @%d %s', id, episode, gate, digest, verdict, who, at,
            coalesce(note, '-')) FROM answers ORDER BY id",
    ),
    (
        "asked",
        "SELECT format('%s/%s %s for %s @%d', episode, gate, digest, film, at)
            FROM asked ORDER BY episode, gate, digest",
    ),
    (
        "attempts",
        "SELECT format('%s %d failed `%s` not before %d @%d', key, failed, error, not_before, at)
            FROM attempts ORDER BY key",
    ),
    (
        "choices",
        "SELECT format('%d %s %s was %s @%d', id, episode, slot, coalesce(previous, '-'), at)
            FROM choices ORDER BY id",
    ),
    (
        "jobs",
        "SELECT format('%d %s %s %s/%d of %s by %s %s (%s%s) %s `%s` reserved %d charge %d %s %s @%d',
            id, kind, slot, episode, run, key, vendor, model, account,
            coalesce(' at ' || server, '') || coalesce(' instead ' || instead, ''), state, coalesce(remote, '-'),
            reserved, charge, artifacts, coalesce(error, '-'), created_at) FROM jobs ORDER BY id",
    ),
    (
        "files",
        "SELECT format('%s %s %d bytes', path, digest, size) FROM files ORDER BY path",
    ),
    (
        "finals",
        "SELECT format('%s %s %d bytes @%d%s', path, digest, bytes, written_at,
            coalesce(' sealed ' || sealed, '')) FROM finals ORDER BY path",
    ),
];

impl Store {
    /// The whole ledger as stable text: one line per row, tables that are empty left out, digests
    /// cut to twelve digits. Not a format to read back.
    pub async fn dump(&self) -> Result<String, StoreError> {
        if !self.is_read_only() {
            self.flush().await?;
        }
        let mut reader = self.0.ledger.reader().await?;
        let mut text = String::new();
        for (table, query) in TABLES {
            let lines: Vec<String> = sqlx::query_scalar(*query)
                .fetch_all(&mut *reader)
                .await
                .map_err(self.0.ledger.fail("print"))?;
            if lines.is_empty() {
                continue;
            }
            // Writing to a String does not fail.
            let _ = writeln!(text, "{table}");
            for line in lines {
                let _ = writeln!(text, "  {}", shorten(&line));
            }
        }
        Ok(text)
    }
}

/// Cuts every run of exactly 64 hexadecimal digits to its first twelve.
fn shorten(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(start);
        let length = from
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(from.len());
        out.push_str(before);
        out.push_str(&from[..if length == 64 { 12 } else { length }]);
        rest = &from[length..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn only_whole_digests_are_cut() {
        let digest = "ab".repeat(32);
        let line = format!("deed {digest} `{digest}0` é");
        assert_eq!(shorten(&line), format!("deed abababababab `{digest}0` é"));
    }
}
