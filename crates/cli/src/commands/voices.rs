use workprint_studio::ops::voices::{Named, Wanted, voices};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::ListVoices;
use crate::show::{self, BOLD, BUSY, DIM, PLAIN, cell, styled};

/// How many languages of a voice are told in a table.
const FEW: usize = 4;

pub(super) async fn run(host: &Host, args: &ListVoices) -> Result<ExitKind, StudioError> {
    let wanted = Wanted {
        words: args.query.join(" "),
        language: args.language.clone(),
        gender: args.gender.clone(),
        accent: args.accent.clone(),
        count: args.count,
        shared: args.shared,
    };
    let of = (args.show.as_deref(), args.engine.as_deref());
    let found = voices(host, of, &wanted).await?;
    if args.json {
        show::json(&found);
        return Ok(ExitKind::Done);
    }
    let rows: Vec<_> = found.voices.iter().map(row).collect();
    show::table(0, &rows);
    if rows.is_empty() {
        show::line("no voice was found");
    }
    if found.voices.iter().any(|one| one.told.owner.is_some()) {
        show::note(format_args!(
            "{} a shared voice speaks once it is among your own: add it on the vendor's pages",
            styled(BUSY, "hint:")
        ));
    }
    for silent in &found.silent {
        show::note(format_args!(
            "{}: {} {} {}",
            silent.engine,
            silent.why,
            styled(BUSY, "hint:"),
            silent.hint
        ));
    }
    Ok(ExitKind::Done)
}

fn row(one: &Named) -> Vec<show::Cell> {
    let told = &one.told;
    let languages = told.languages.iter().take(FEW).map(String::as_str);
    let mut languages = languages.collect::<Vec<_>>().join(" ");
    if told.languages.len() > FEW {
        languages.push_str(" …");
    }
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let description: String = told.description.chars().take(50).collect();
    vec![
        cell(BOLD, &one.voice),
        cell(PLAIN, &told.name),
        cell(PLAIN, languages),
        cell(PLAIN, text(&told.gender)),
        cell(PLAIN, text(&told.accent)),
        cell(PLAIN, description),
        cell(DIM, text(&told.preview)),
        cell(DIM, text(&told.licence)),
    ]
}
