//! Engines in the place of others: that there are such, and that they make something that can stand there.

use workprint_model::Diagnostic;
use workprint_model::outside::EngineSpec;
use workprint_model::show::Show;
use workprint_providers::order::Capability;

/// Names in `fallback` that nothing stands behind, or not what is wanted.
pub(crate) fn check(show: &Show) -> impl Iterator<Item = Diagnostic> {
    let engines = &show.engines;
    let tables = [
        (Capability::Image, &engines.images),
        (Capability::Video, &engines.clips),
        (Capability::Recognition, &engines.recognisers),
        (Capability::Music, &engines.composers),
        (Capability::Effect, &engines.effects),
        (Capability::Change, &engines.changers),
        (Capability::Text, &engines.text),
    ];
    let all = tables.into_iter().flat_map(|(makes, table)| {
        let own = table.iter();
        own.map(move |(name, spec)| (makes, name, spec))
    });
    let voices = engines.voices.iter();
    let voices =
        voices.filter_map(|(name, engine)| Some((Capability::Speech, name, engine.vendor()?)));
    all.chain(voices)
        .flat_map(move |(makes, name, spec)| of_engine(show, makes, (name, spec)))
}

fn of_engine(show: &Show, makes: Capability, (name, spec): (&str, &EngineSpec)) -> Vec<Diagnostic> {
    let at = format!("`engines.{}.{name}`", makes.table());
    if makes == Capability::Text && !spec.fallback.is_empty() {
        let message = format!("{at} has a `fallback`, which text models do not have");
        let hint = "take it out; an illustrator, in `[engines.images]`, may have one";
        return vec![problem(message, hint)];
    }
    let mut before = vec![spec];
    let mut problems = Vec::new();
    for other in &spec.fallback {
        let found = find(show, makes, other);
        let (why, hint) = match found {
            None => (
                "is not described, or is no vendor's",
                "name others of the same table",
            ),
            Some(found) if found.is_illustrator() => (
                "is an illustrator, which is asked in the place of nobody",
                "name an engine that makes pictures",
            ),
            Some(found) if has_voices(makes) && found.vendor != spec.vendor => (
                "is of another vendor, whose voices are others",
                "name another model of the same vendor",
            ),
            Some(found) if before.iter().any(|one| one.is_same(found)) => (
                "is the same model as one before it",
                "take it out; several servers of one model are named in `urls`",
            ),
            Some(found) => {
                before.push(found);
                continue;
            }
        };
        let message = format!("{at} names `{other}` in `fallback`, which {why}");
        problems.push(problem(message, hint));
    }
    problems
}

/// Whether what it makes is in a voice that only its vendor has.
const fn has_voices(makes: Capability) -> bool {
    matches!(
        makes,
        Capability::Speech | Capability::Change | Capability::Dialogue
    )
}

fn find<'a>(show: &'a Show, makes: Capability, name: &str) -> Option<&'a EngineSpec> {
    let engines = &show.engines;
    let table = match makes {
        Capability::Image => &engines.images,
        Capability::Video => &engines.clips,
        Capability::Recognition => &engines.recognisers,
        Capability::Music => &engines.composers,
        Capability::Effect => &engines.effects,
        Capability::Change => &engines.changers,
        Capability::Text => &engines.text,
        Capability::Speech | Capability::Dialogue => return engines.voices.get(name)?.vendor(),
    };
    table.get(name)
}

fn problem(message: String, hint: &str) -> Diagnostic {
    Diagnostic::error("engine.fallback", message)
        .hint(hint)
        .in_file("show.toml")
}
