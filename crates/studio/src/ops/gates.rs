//! Gates: questions that runs wait for, and their answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
pub use workprint_engine::{Gate, GateState, MetGate};
use workprint_model::event::Subject;
use workprint_model::step::StepState;
use workprint_model::{Digest, EpisodeId, Money, Slot};
use workprint_stages::STAGES;
pub use workprint_store::{Answer, Verdict};
use workprint_store::{Asked, Store};

use crate::ops::plan::planning;
use crate::ops::render::RenderOptions;
use crate::{Host, Place, Production, StudioError};

/// The fewest digits of a digest that name what it is of.
const PREFIX: usize = 4;

/// A gate of an episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EpisodeGate {
    /// The episode.
    pub episode: EpisodeId,
    /// The film: its output's name, for a dub with `@` and its language behind it.
    pub film: String,
    /// The gate.
    #[serde(flatten)]
    pub gate: Gate,
    /// How it stands.
    pub state: GateState,
    /// When a run first asked: milliseconds since 1970, UTC; nothing where none has yet.
    pub asked_at: Option<i64>,
    /// The no that it has.
    pub answer: Option<Answer>,
    /// How many steps of each stage wait behind it.
    pub behind: BTreeMap<&'static str, u64>,
    /// Where the pictures lie that it is about, from the show's folder, by the slots that they fill.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<Slot, String>,
}

/// The gates of a show.
#[derive(Debug, Clone, Default)]
pub struct Gates {
    /// Those that wait for an answer, and those with a no, by episode.
    pub gates: Vec<EpisodeGate>,
    /// Episodes that cannot be looked at, and why.
    pub unreadable: Vec<(EpisodeId, String)>,
}

/// The closed gates of an episode: those of the film that the options mean, and of others that runs asked
/// about.
pub async fn of_episode(
    host: &Host,
    place: Place,
    options: &RenderOptions,
) -> Result<Vec<EpisodeGate>, StudioError> {
    let store = Store::open_read_only(&place.root, host.clock.clone()).await?;
    let mut asked = store.not_approved().await?;
    asked.retain(|asked| asked.episode == place.episode);
    let mut gates = closed(host, &place, options, (&store, &asked)).await?;
    for film in films(&asked) {
        let other = film_options(film)?;
        if (&other.output, &other.dub) != (&options.output, &options.dub) {
            // What another output waits for is no reason not to tell of this one.
            let more = closed(host, &place, &other, (&store, &asked)).await;
            add(&mut gates, more.unwrap_or_default());
        }
    }
    Ok(gates)
}

/// The closed gates of every episode of a show that runs asked about.
pub async fn of_show(host: &Host, show: Option<&str>) -> Result<Gates, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    let asked = store.not_approved().await?;
    let episodes: BTreeSet<&EpisodeId> = asked.iter().map(|asked| &asked.episode).collect();
    let mut found = Gates::default();
    for episode in episodes {
        let own: Vec<Asked> = asked
            .iter()
            .filter(|asked| asked.episode == *episode)
            .cloned()
            .collect();
        match of_films(host, (&root, episode), (&store, &own)).await {
            Ok(gates) => found.gates.extend(gates),
            Err(error) => {
                let why = crate::with_causes(&error);
                found.unreadable.push((episode.clone(), why));
            }
        }
    }
    Ok(found)
}

async fn of_films(
    host: &Host,
    (root, episode): (&Path, &EpisodeId),
    asked: (&Store, &[Asked]),
) -> Result<Vec<EpisodeGate>, StudioError> {
    let place = Place {
        root: root.to_owned(),
        episode: episode.clone(),
    };
    let mut gates = Vec::new();
    for film in films(asked.1) {
        let options = film_options(film)?;
        add(&mut gates, closed(host, &place, &options, asked).await?);
    }
    Ok(gates)
}

/// The films that something was asked about.
fn films(asked: &[Asked]) -> BTreeSet<&str> {
    asked.iter().map(|asked| asked.film.as_str()).collect()
}

/// What makes the film of this name. What is made before everything is there has a `~` in its name.
fn film_options(film: &str) -> Result<RenderOptions, StudioError> {
    let (output, language) = match film.split_once('@') {
        Some((output, language)) => (output, Some(language)),
        None => (film, None),
    };
    let output = output.split('~').next().unwrap_or(output);
    let dub = language.map(str::parse).transpose().map_err(|_| {
        StudioError::request(
            format!("`{film}` is no film"),
            "render the episode, then look again",
        )
    })?;
    Ok(RenderOptions {
        output: (output != "main").then(|| output.to_owned()),
        dub,
        ..RenderOptions::default()
    })
}

/// Adds what is not there yet: films share what they order.
fn add(gates: &mut Vec<EpisodeGate>, more: Vec<EpisodeGate>) {
    for gate in more {
        if !gates.iter().any(|known| known.gate == gate.gate) {
            gates.push(gate);
        }
    }
}

/// The gates that a film waits for.
async fn closed(
    host: &Host,
    place: &Place,
    options: &RenderOptions,
    (store, asked): (&Store, &[Asked]),
) -> Result<Vec<EpisodeGate>, StudioError> {
    let production = Production::open(place.clone(), store).await?;
    let (run, _) = planning(host, &production, options, store).await?;
    let planned = run.planned();
    let answers = store.answers(Some(&place.episode)).await?;
    let closed = run.gates().into_iter();
    let closed = closed.filter(|met| matches!(met.state, GateState::Asked | GateState::Refused));
    let told = closed.map(|MetGate { gate, state }| {
        let own: BTreeSet<Digest> = gate.digests().into_iter().collect();
        let asked = asked
            .iter()
            .filter(|asked| asked.gate == gate.name && own.contains(&asked.digest));
        let mut behind = BTreeMap::new();
        let waiting = planned.iter().filter(|step| {
            step.state == StepState::Waiting
                && state == GateState::Asked
                && step.because == gate.why()
        });
        for step in waiting {
            let stage = STAGES
                .iter()
                .find(|(_, kinds)| kinds.contains(&step.kind.as_str()));
            *behind
                .entry(stage.map_or("other", |(stage, _)| stage))
                .or_default() += 1;
        }
        let is_no = |answer: &&Answer| {
            answer.gate == gate.name
                && answer.verdict == Verdict::Reject
                && own.contains(&answer.digest)
        };
        let no = answers.iter().rev().find(is_no);
        let files = gate.about.iter().filter_map(|one| {
            let kept = Some(store.path_of(one.shows.as_ref()?)).filter(|file| file.is_file())?;
            Some((one.slot.clone(), place.shown(&kept)))
        });
        EpisodeGate {
            files: files.collect(),
            answer: no.filter(|_| state == GateState::Refused).cloned(),
            episode: place.episode.clone(),
            film: run.options().film.clone(),
            asked_at: asked.map(|asked| asked.at).min(),
            gate,
            state,
            behind,
        }
    });
    Ok(told.collect())
}

/// Every answer about an episode, or about a show, the newest first.
pub async fn history(
    host: &Host,
    (root, episode): (&Path, Option<&EpisodeId>),
) -> Result<Vec<Answer>, StudioError> {
    let store = Store::open_read_only(root, host.clock.clone()).await?;
    let mut answers = store.answers(episode).await?;
    answers.reverse();
    Ok(answers)
}

/// What a person says to a gate.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The gate's name, or how its digest or that of something it asks about begins.
    pub gate: String,
    /// Only about what fills these slots; about everything where there is none.
    pub slots: Vec<String>,
    /// Yes or no.
    pub verdict: Verdict,
    /// Who says so; the user where it is nothing.
    pub by: Option<String>,
    /// Why.
    pub note: Option<String>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The gate's name.
    pub name: String,
    /// What it asked.
    pub question: String,
    /// What was answered about: how many things.
    pub count: usize,
    /// The most that a yes may cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
    /// Whether it took back an earlier answer.
    pub again: bool,
}

/// Answers a gate that is closed, or takes an answer back. The answer is about exactly what the gate asks
/// about now.
pub async fn answer(
    host: &Host,
    place: Place,
    options: &RenderOptions,
    reply: &Reply,
) -> Result<Answered, StudioError> {
    let store = Store::open(&place.root, &host.command, host.clock.clone()).await?;
    let production = Production::open(place, &store).await?;
    let (run, _) = planning(host, &production, options, &store).await?;
    let episode = &production.place.episode;
    let met = run.gates();
    drop(run);
    let (gate, state) = choose(&met, reply, episode)?;
    let at = host.clock.now();
    let answers: Vec<Answer> = gate
        .digests()
        .into_iter()
        .map(|digest| Answer {
            episode: episode.clone(),
            gate: gate.name.clone(),
            digest,
            verdict: reply.verdict,
            who: reply.by.clone().unwrap_or_else(|| host.user.clone()),
            at,
            note: reply.note.clone(),
        })
        .collect();
    store.record_answers(&answers).await?;
    store.close().await?;
    Ok(Answered {
        count: answers.len(),
        cost: gate.cost,
        again: state != GateState::Asked,
        name: gate.name,
        question: gate.question,
    })
}

/// What a reply is about: what is asked, or where nothing is, what has the other answer.
fn choose(
    met: &[MetGate],
    reply: &Reply,
    episode: &EpisodeId,
) -> Result<(Gate, GateState), StudioError> {
    let other = match reply.verdict {
        Verdict::Approve => GateState::Refused,
        Verdict::Reject => GateState::Approved,
    };
    let named: Vec<(Gate, GateState)> = [GateState::Asked, other]
        .into_iter()
        .flat_map(|state| met.iter().filter(move |met| met.state == state))
        .filter_map(|met| Some((named(&met.gate, &reply.gate)?, met.state)))
        .collect();
    let cut = named
        .iter()
        .find_map(|(gate, state)| Some((only(gate, &reply.slots)?, *state)));
    match (cut, named.is_empty()) {
        (Some(found), _) => Ok(found),
        (None, false) => Err(StudioError::request(
            format!(
                "`{}` asks about none of {}",
                reply.gate,
                reply.slots.join(", ")
            ),
            format!("see what it asks about: `workprint gates {episode}`"),
        )),
        (None, true) => Err(not_closed(met, reply, episode)),
    }
}

/// The gate, or the one thing of what it asks about, that a name or the beginning of a digest means.
fn named(gate: &Gate, name: &str) -> Option<Gate> {
    let begins = |digest: &Digest| name.len() >= PREFIX && digest.to_string().starts_with(name);
    if gate.name == name || begins(&gate.digest) {
        return Some(gate.clone());
    }
    let about: Vec<Subject> = gate
        .about
        .iter()
        .filter(|subject| begins(&subject.digest))
        .cloned()
        .collect();
    (!about.is_empty()).then(|| gate.with(about))
}

/// Whether something is a take of a slot, or is named itself.
fn fills(subject: &Slot, slot: &str) -> bool {
    let rest = subject.as_str().strip_prefix(slot);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
}

/// The gate with what fills these slots alone.
fn only(gate: &Gate, slots: &[String]) -> Option<Gate> {
    if slots.is_empty() {
        return Some(gate.clone());
    }
    let about: Vec<Subject> = gate
        .about
        .iter()
        .filter(|subject| slots.iter().any(|slot| fills(&subject.slot, slot)))
        .cloned()
        .collect();
    (!about.is_empty()).then(|| gate.with(about))
}

fn not_closed(met: &[MetGate], reply: &Reply, episode: &EpisodeId) -> StudioError {
    let name: String = reply.gate.chars().take(80).collect();
    let state = |wanted: GateState| {
        met.iter()
            .any(|met| met.state == wanted && met.gate.name == reply.gate)
    };
    if state(GateState::Later) {
        return StudioError::request(
            format!("what the gate `{name}` asks about is not made yet"),
            format!("render first: `workprint render {episode}`"),
        );
    }
    let same = match reply.verdict {
        Verdict::Approve => GateState::Approved,
        Verdict::Reject => GateState::Refused,
    };
    if state(same) {
        return StudioError::request(
            format!("the gate `{name}` has this answer already"),
            format!("see who gave it: `workprint gates {episode} --history`"),
        );
    }
    let closed: Vec<String> = met
        .iter()
        .filter(|met| met.state == GateState::Asked)
        .map(|met| format!("`{}`", met.gate.name))
        .collect();
    let hint = if closed.is_empty() {
        format!("no gate is closed: `workprint render {episode}`")
    } else {
        format!("closed are: {}", closed.join(", "))
    };
    StudioError::request(format!("the gate `{name}` is not closed"), hint)
}
