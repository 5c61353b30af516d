use workprint_studio::ops::engines::{EngineState, ServerState, Status, Use, engines};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Engines;
use crate::show::{self, BAD, BOLD, BUSY, DIM, GOOD, PLAIN, WAIT, cell, styled};

/// How many shots or speakers are named before the others are counted.
const NAMED: usize = 6;

pub(super) async fn run(host: &Host, args: &Engines) -> Result<ExitKind, StudioError> {
    let found = engines(host, args.show.as_deref(), args.episode.as_deref()).await?;
    if args.json {
        show::json(&found);
        return Ok(ExitKind::Done);
    }
    let rows = found.engines.iter().flat_map(|engine| {
        let servers = engine.servers.iter().map(server);
        std::iter::once(row(engine)).chain(servers)
    });
    show::table(0, &rows.collect::<Vec<_>>());
    if !found.uses.is_empty() {
        show::line(styled(BOLD, "\nwhat makes what"));
        show::table(2, &found.uses.iter().map(made).collect::<Vec<_>>());
    }
    for engine in &found.engines {
        if let Some(hint) = &engine.hint {
            let name = format_args!("{}/{}", engine.table, engine.name);
            show::note(format_args!("{} {name}: {hint}", styled(BUSY, "hint:")));
        }
    }
    Ok(ExitKind::Done)
}

fn marked(status: Status) -> show::Cell {
    let (style, mark) = match status {
        Status::Up => (GOOD, "✓"),
        Status::Unasked => (WAIT, "–"),
        Status::Down => (BAD, "✗"),
    };
    cell(style, mark)
}

/// A server, below its engine.
fn server(server: &ServerState) -> Vec<show::Cell> {
    vec![
        cell(PLAIN, ""),
        marked(server.status),
        cell(DIM, ""),
        cell(DIM, &server.url),
        cell(DIM, ""),
        cell(PLAIN, &server.found),
    ]
}

fn row(engine: &EngineState) -> Vec<show::Cell> {
    let name = match engine.table {
        "programs" => engine.name.clone(),
        table => format!("{table}/{}", engine.name),
    };
    let mut found = engine.found.clone();
    if !engine.fallback.is_empty() {
        found = format!("{found}; else {}", engine.fallback.join(", "));
    }
    vec![
        marked(engine.status),
        cell(BOLD, name),
        cell(DIM, if engine.is_default { "default" } else { "" }),
        cell(
            PLAIN,
            format_args!("{} {}", engine.vendor, engine.model)
                .to_string()
                .trim(),
        ),
        cell(DIM, &engine.price),
        cell(PLAIN, found),
    ]
}

fn made(made: &Use) -> Vec<show::Cell> {
    let mut of = made.of[..made.of.len().min(NAMED)].join(", ");
    if made.of.len() > NAMED {
        of = format!("{of} and {} more", made.of.len() - NAMED);
    }
    let engine = match &made.engine {
        Some(engine) => cell(BOLD, engine),
        None => cell(WAIT, "none"),
    };
    vec![
        cell(DIM, made.step),
        cell(PLAIN, of),
        engine,
        cell(DIM, &made.why),
    ]
}
