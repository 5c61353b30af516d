//! Gates: questions that a run waits for, and their answers.

use workprint_engine::Gate;
pub use workprint_store::Verdict;
use workprint_store::{Answer, Store};

use crate::ops::plan::planning;
use crate::ops::render::RenderOptions;
use crate::{Host, Place, Production, StudioError};

/// The gates of an episode that are closed now.
pub async fn closed(
    host: &Host,
    place: Place,
    options: &RenderOptions,
) -> Result<Vec<Gate>, StudioError> {
    let store = Store::open_read_only(&place.root, host.clock.clone()).await?;
    let production = Production::open(place, &store).await?;
    let (run, _) = planning(host, &production, options, &store).await?;
    Ok(run.closed_gates())
}

/// Answers a closed gate. The answer is about exactly what the gate asks about now.
pub async fn answer(
    host: &Host,
    place: Place,
    options: &RenderOptions,
    gate: &str,
    verdict: (Verdict, Option<String>),
) -> Result<Gate, StudioError> {
    let store = Store::open(&place.root, &host.command, host.clock.clone()).await?;
    let production = Production::open(place, &store).await?;
    let (run, _) = planning(host, &production, options, &store).await?;
    let gates = run.closed_gates();
    let Some(asked) = gates.iter().find(|asked| asked.name == gate) else {
        let names: Vec<String> = gates
            .iter()
            .map(|asked| format!("`{}`", asked.name))
            .collect();
        let hint = if names.is_empty() {
            "no gate is closed: render the episode".to_owned()
        } else {
            format!("closed are: {}", names.join(", "))
        };
        let gate: String = gate.chars().take(80).collect();
        return Err(StudioError::request(
            format!("the gate `{gate}` is not closed"),
            hint,
        ));
    };
    if !run.is_settled() {
        return Err(StudioError::request(
            format!("what the gate `{gate}` asks about is not made yet"),
            format!(
                "render first: `workprint render {}`",
                production.place.episode
            ),
        ));
    }
    store
        .record_answer(&Answer {
            episode: production.place.episode.clone(),
            gate: asked.name.clone(),
            digest: asked.digest,
            verdict: verdict.0,
            who: host.user.clone(),
            at: host.clock.now(),
            note: verdict.1,
        })
        .await?;
    let asked = asked.clone();
    drop(run);
    store.close().await?;
    Ok(asked)
}
