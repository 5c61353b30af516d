//! What a run leaves in the ledger, as text.

use std::time::Duration;

use workprint_engine::Run;
use workprint_model::event::Event;

use crate::production::{Production, Setup, film};
use crate::toys::{Tools, Trouble, join, say};

/// One step at a time, so that the order is always the same.
async fn small(run: &Run<Tools>) -> Result<(), workprint_engine::EngineError> {
    let one = run.step(say("c1", "One.")).await?;
    let two = run.step(say("c2", "Two.")).await?;
    let three = run.step(say("c3", "Three.")).await?;
    run.step(join("sound", &[one.clone(), three])).await?;
    run.step(join("broken", &[one, two])).await?;
    Ok(())
}

#[tokio::test]
async fn ledger_after_a_failure_and_its_repair() {
    let show = Production::new();
    show.tools.script("voice/c2", [Trouble::Fails]);
    let now = Some(Duration::ZERO);
    show.tools.script("voice/c3", [Trouble::Busy(now)]);
    show.perform(Setup::default(), small).await;
    insta::assert_snapshot!("after_a_failure", show.dump().await);
    show.perform(Setup::default(), small).await;
    insta::assert_snapshot!("after_its_repair", show.dump().await);
}

#[tokio::test]
async fn log_has_events_in_the_order_in_which_they_were_told() {
    let show = Production::new();
    show.tools.script("voice/3", [Trouble::Fails]);
    let lines: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    let lines: Vec<(&str, &str)> = lines.iter().map(|n| (n.as_str(), n.as_str())).collect();
    let run = show
        .perform(Setup::default(), async |run| film(run, &lines).await)
        .await;
    let told: Vec<Event> = run
        .events
        .into_iter()
        .filter(|event| !matches!(event, Event::StepKept { .. } | Event::RunFinished { .. }))
        .collect();
    let store = show.open().await;
    assert_eq!(store.events(1).await.unwrap(), told);
}
