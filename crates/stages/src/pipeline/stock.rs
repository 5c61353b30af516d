//! What an episode takes of stock libraries, fetched before anything is made of it.

use workprint_engine::Run;

use super::{Made, Order};
use crate::sources::{self, Sources};
use crate::stock::Stock;
use crate::tools::Tools;

/// The files of an episode, with what it names of stock libraries.
pub(super) async fn fetched(run: &Run<Tools>, order: &Order<'_>) -> Made<Sources> {
    let named = sources::mentioned(order.episode, order.show, order.dub);
    let steps = Stock::of(named.iter().map(|(path, _)| path));
    let wanted = match order.draft {
        // A draft shows what was fetched, and cards in the place of the rest.
        Some(_) => run.are_kept(&steps).await?,
        None => vec![true; steps.len()],
    };
    let steps: Vec<Stock> = steps
        .into_iter()
        .zip(wanted)
        .filter_map(|(step, wanted)| wanted.then_some(step))
        .collect();
    let takes = run.all(steps.iter().cloned()).await?;
    let mut sources = order.sources.clone();
    for (step, take) in steps.iter().zip(takes) {
        if let Ok(path) = step.item.to_string().parse() {
            sources.add(path, take.file);
        }
    }
    Ok(sources)
}
