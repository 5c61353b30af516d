//! Render: from a manifest to finished films.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
pub use workprint_engine::Reporter;
use workprint_engine::{Mode, Pools, Purchase, Run, RunOptions, Selection};
use workprint_model::event::Event;
use workprint_model::step::RunSummary;
use workprint_model::{Artifact, Diagnostic, Language};
pub use workprint_stages::STAGES;
pub use workprint_stages::StandIn;
use workprint_stages::{FETCHED, Film, Order, PAID, Tools, film};
use workprint_store::Store;

use crate::ops::brief::Brief;
use crate::ops::plan::Planner;
use crate::ops::{credits, readout};
use crate::seals::Seal;
use crate::webhooks::Ears;
use crate::{Host, Place, Production, StudioError, finals};

/// What to render.
#[derive(Debug, Clone, Default)]
pub struct RenderOptions {
    /// The output; `main` where it is `None`.
    pub output: Option<String>,
    /// Forget kept results from this stage on.
    pub from: Option<String>,
    /// Run this stage alone.
    pub only: Option<String>,
    /// Another language.
    pub dub: Option<Language>,
    /// How many steps at once; one for each core where it is `None`.
    pub jobs: Option<usize>,
    /// Make an animatic of the output instead: a small film to judge the timing by, whatever is
    /// missing. It costs nothing, chooses no takes and replaces no final.
    pub animatic: Option<StandIn>,
    /// Make a readout instead: the voices alone, whatever else is missing.
    pub readout: bool,
}

impl RenderOptions {
    pub(crate) fn output(&self) -> &str {
        self.output.as_deref().unwrap_or("main")
    }

    /// Whether it is made before everything is there.
    pub(crate) fn is_draft(&self) -> bool {
        self.animatic.is_some() || self.readout
    }

    /// Which kinds of step the options ask for.
    pub(crate) fn selection(&self) -> Result<Selection, StudioError> {
        let fresh = match &self.from {
            None => BTreeSet::new(),
            Some(stage) => {
                let at = stage_number(stage)?;
                let mut fresh = kinds(&STAGES[at..]);
                // What was bought or fetched is so again only where its own stage is named.
                let named = kinds(&STAGES[at..=at]);
                fresh.retain(|kind| named.contains(kind) || !asks_others(kind));
                fresh
            }
        };
        let only = match &self.only {
            None => None,
            Some(stage) => {
                let at = stage_number(stage)?;
                Some(kinds(&STAGES[at..=at]))
            }
        };
        Ok(Selection {
            fresh,
            only,
            free_only: self.animatic.is_some(),
        })
    }
}

/// Whether a kind of step is bought or fetched.
fn asks_others(kind: &str) -> bool {
    PAID.contains(&kind) || FETCHED.contains(&kind)
}

fn kinds(stages: &[(&str, &[&str])]) -> BTreeSet<String> {
    stages
        .iter()
        .flat_map(|(_, kinds)| kinds.iter().map(|kind| (*kind).to_owned()))
        .collect()
}

/// A stage by name, or by its number counted from 1.
fn stage_number(stage: &str) -> Result<usize, StudioError> {
    let by_name = STAGES
        .iter()
        .position(|(name, kinds)| *name == stage || kinds.contains(&stage));
    let by_number = stage
        .parse::<usize>()
        .ok()
        .filter(|n| (1..=STAGES.len()).contains(n))
        .map(|n| n - 1);
    by_name.or(by_number).ok_or_else(|| {
        let known: Vec<&str> = STAGES.iter().map(|(name, _)| *name).collect();
        StudioError::request(
            format!(
                "there is no stage `{}`",
                stage.chars().take(40).collect::<String>()
            ),
            format!("name one of: {}", known.join(", ")),
        )
    })
}

/// Renders an episode, telling `reporter` what happens. The last event is always
/// [`Event::RunFinished`] once the run has begun.
pub async fn render(
    host: &Host,
    place: Place,
    options: &RenderOptions,
    cancel: CancellationToken,
    reporter: Reporter,
) -> Result<RunSummary, StudioError> {
    let selection = options.selection()?;
    let store = Store::open(&place.root, &host.command, host.clock.clone()).await?;
    let result = render_in(
        host,
        place,
        (options, selection),
        (cancel, reporter),
        &store,
    )
    .await;
    store.close().await?;
    result
}

async fn render_in(
    host: &Host,
    place: Place,
    (options, selection): (&RenderOptions, Selection),
    (cancel, reporter): (CancellationToken, Reporter),
    store: &Store,
) -> Result<RunSummary, StudioError> {
    let production = Production::open_for(place, store, options).await?;
    let brief = Brief::of(&production, options)?;
    let tools = production.tools(host).await?;
    // Before anything is made: what cannot be signed then should not cost hours first.
    let seal = seal_of(host, &production, options)?;
    let episode = production.place.episode.clone();
    let number = store
        .begin_run(&episode, &brief.name, &host.command)
        .await?;
    let planner = Planner {
        host,
        production: &production,
        selection: selection.clone(),
        brief: &brief,
        tools: &tools,
        store,
    };
    let purchases = planner.purchases(options).await?;
    let ears = Ears::open(host, &production, (store, &tools), &purchases);
    let whole = selection.only.is_none() && options.dub.is_none() && !options.readout;
    let asked_part = selection.only.is_some();
    let run = Run::new(
        RunOptions {
            mode: Mode::Perform,
            episode,
            film: brief.film(),
            main_output: brief.is_main(),
            selection,
            pools: Pools::new(options.jobs.unwrap_or(host.cores)),
            spending: brief.spending(host.boundary.clone()),
            cancel: cancel.clone(),
        },
        Arc::clone(&tools),
        (store.clone(), Some(number)),
        production.lock.clone(),
        (reporter, host.clock.clone()),
    );
    tell_start(&run, &production, (number, &brief.name));
    let stop = stop_programs(host, &cancel);
    let asked = (&purchases[..], asked_part, seal);
    let order = brief.order();
    let made = Box::pin(make(&run, &production, options, &order, asked));
    let result = Ears::hear_during(ears, &run, made).await;
    stop.abort();
    // Takes are locked even when something failed or was stopped: they were made, and may have cost.
    // What an animatic made is kept too, but chooses nothing.
    let lock = run.changed_lock(whole && result.is_ok());
    if let Some(lock) = lock.filter(|_| options.animatic.is_none()) {
        store.still_writes().await?;
        write_lock(&production.place, &lock)?;
    }
    let (finals, error) = match result {
        Ok(finals) => (finals, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let failed = error.is_some_and(|error| tell_failure(&run, &error));
    Ok(run.finish(finals, failed).await?)
}

/// Tells that a run begins, and what should be known of the production.
fn tell_start(run: &Run<Tools>, production: &Production, (number, output): (u64, &str)) {
    run.emit(Event::RunStarted {
        run: number,
        episode: production.place.episode.clone(),
        output: output.to_owned(),
    });
    for warning in &production.warnings {
        run.diagnose(warning.clone());
    }
}

/// Makes what is asked for, and asks before anything is ordered that needs a yes.
async fn make(
    run: &Run<Tools>,
    production: &Production,
    options: &RenderOptions,
    order: &Order<'_>,
    (purchases, partial, seal): (&[Purchase], bool, Option<Seal>),
) -> Result<Vec<String>, StudioError> {
    run.ask_before_spending(purchases).await?;
    if options.readout {
        return readout::make(run, production, options, order).await;
    }
    let made = film(run, order).await;
    deliver(run, production, options, (made, partial, seal)).await
}

/// How the finished film is signed; a draft is not.
fn seal_of(
    host: &Host,
    production: &Production,
    options: &RenderOptions,
) -> Result<Option<Seal>, StudioError> {
    if options.is_draft() {
        return Ok(None);
    }
    Seal::of(host, &production.place.root, &production.show.credentials)
}

/// Tells why a run could not go on; `false` where a person stopped it.
fn tell_failure(run: &Run<Tools>, error: &StudioError) -> bool {
    let failed = error.exit() != crate::ExitKind::Cancelled;
    if failed {
        let mut diagnostic = Diagnostic::error("run.failed", crate::with_causes(error));
        diagnostic.hints = error.hints();
        run.diagnose(diagnostic);
    }
    failed
}

/// Programs are killed as soon as the run is stopped, whatever thread waits for them.
fn stop_programs(host: &Host, cancel: &CancellationToken) -> tokio::task::AbortHandle {
    let (programs, cancel) = (host.cancel.clone(), cancel.clone());
    let mut tasks = tokio::task::JoinSet::new();
    let handle = tasks.spawn(async move {
        cancel.cancelled().await;
        programs.cancel();
    });
    tasks.detach_all();
    handle
}

async fn deliver(
    run: &Run<Tools>,
    production: &Production,
    options: &RenderOptions,
    made: (
        Result<Film, workprint_engine::EngineError>,
        bool,
        Option<Seal>,
    ),
) -> Result<Vec<String>, StudioError> {
    let (film, partial, seal) = (made.0?, made.1, made.2);
    let mut finals = Vec::new();
    let stem = stem(production, options);
    let movie = film_extension(&film.master.film);
    let (folder, earlier) = if options.animatic.is_some() {
        (production.place.animatics(), finals::Earlier::Replace)
    } else {
        (production.place.finals(), finals::Earlier::Archive)
    };
    let captions = film.captions.each().into_iter();
    let mut files: Vec<(String, &Artifact)> = std::iter::once((movie, &film.master.film))
        .chain(captions)
        .map(|(name, artifact)| (name.to_owned(), artifact))
        .collect();
    if let Some(stems) = &film.stems {
        let lanes = stems.lanes.iter();
        files.extend(lanes.map(|(lane, stem)| (format!("stems/{}.wav", lane.name()), stem)));
        files.push(("stems/sounds.json".to_owned(), &stems.sheet));
    }
    // Captions of a film that is not finished would not fit the one that stands there.
    let proof = film.proof.iter().map(|proof| &proof.report);
    let whole = files
        .iter()
        .map(|(_, artifact)| *artifact)
        .chain(proof)
        .all(|artifact| run.is_made(&artifact.digest));
    for (extension, artifact) in files {
        if options.animatic.is_some() && extension != movie {
            continue;
        }
        if (whole || (partial && extension != movie)) && run.is_made(&artifact.digest) {
            let (store, place) = (run.store(), &production.place);
            let target = folder.join(format!("{stem}.{extension}"));
            let seal = seal.as_ref().filter(|_| extension == movie);
            let events = finals::deliver(store, place, (&target, earlier), artifact, seal).await?;
            let is_new = !events.is_empty();
            for event in events {
                run.emit(event);
            }
            if extension == movie && options.animatic.is_none() {
                credits::deliver(store, place, &stem, (&artifact.digest, is_new)).await?;
            }
            finals.push(place.shown(&target));
        }
    }
    Ok(finals)
}

fn film_extension(film: &Artifact) -> &'static str {
    if film.media_type == "video/quicktime" {
        "mov"
    } else {
        "mp4"
    }
}

/// `pilot`, `pilot.draft`, `pilot.es`.
pub(crate) fn stem(production: &Production, options: &RenderOptions) -> String {
    stem_of(&production.place, options)
}

/// The same of an episode that was not read.
pub(crate) fn stem_of(place: &Place, options: &RenderOptions) -> String {
    let mut stem = place.episode.to_string();
    if options.output() != "main" {
        stem.push('.');
        stem.push_str(options.output());
    }
    if let Some(language) = &options.dub {
        stem.push('.');
        stem.push_str(language.as_str());
    }
    stem
}

pub(crate) fn write_lock(
    place: &Place,
    lock: &workprint_model::lock::Lock,
) -> Result<(), StudioError> {
    write_whole(
        &place.lock(),
        workprint_manifest::save_lock(lock).as_bytes(),
    )
}

/// Writes a file so that it is either the old one or the new one, whole.
pub(crate) fn write_whole(path: &std::path::Path, bytes: &[u8]) -> Result<(), StudioError> {
    let part = path.with_extension("part");
    let write = || {
        let mut file = std::fs::File::create(&part)?;
        std::io::Write::write_all(&mut file, bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().map_err(StudioError::file("write", path))
}
