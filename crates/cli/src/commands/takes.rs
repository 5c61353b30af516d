use workprint_model::takes::Assessment;
use workprint_studio::ops::log::readable;
use workprint_studio::ops::takes::{self, SlotTakes};
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::TakesAct;
use crate::show::{self, BOLD, DIM, GOOD, WAIT, styled};

pub(super) async fn run(host: &Host, act: TakesAct) -> Result<ExitKind, StudioError> {
    let place = |episode: &str| Place::find(&host.directory, episode);
    let slot = match act {
        TakesAct::List {
            episode,
            slot,
            json,
        } => {
            let slots = takes::list(host, place(&episode)?, slot.as_deref()).await?;
            if json {
                show::json(&slots);
            } else {
                slots.iter().for_each(tell);
            }
            return Ok(ExitKind::Done);
        }
        TakesAct::Select {
            episode,
            slot,
            take,
        } => takes::select(host, place(&episode)?, &slot, take).await?,
        TakesAct::Pin { episode, slot } => takes::pin(host, place(&episode)?, &slot).await?,
        TakesAct::Add {
            episode,
            slot,
            file,
        } => takes::add(host, place(&episode)?, &slot, &file).await?,
        TakesAct::Renew { episode, slot } => {
            Box::pin(takes::renew(host, place(&episode)?, &slot)).await?
        }
        TakesAct::Undo { episode, slot } => {
            Box::pin(takes::undo(host, place(&episode)?, &slot)).await?
        }
    };
    tell(&slot);
    Ok(ExitKind::Done)
}

fn tell(slot: &SlotTakes) {
    let pinned = if slot.pinned {
        styled(WAIT, "  pinned")
    } else {
        String::new()
    };
    show::line(format_args!("{}{pinned}", styled(BOLD, &slot.slot)));
    for take in &slot.takes {
        let mark = if take.chosen {
            styled(GOOD, "●")
        } else {
            styled(DIM, "○")
        };
        let seed = take
            .seed
            .map_or_else(String::new, |seed| format!("  seed {seed}"));
        let score = take.assessment.as_ref().map_or_else(String::new, score);
        show::line(format_args!(
            "  {mark} {:>3}  {}  {}{seed}{score}  {}",
            take.number,
            take.digest.short(),
            readable(take.made_at),
            styled(DIM, &take.engine)
        ));
        if let Some(why) = &take.why {
            show::line(format_args!("         {why}"));
        }
        if let Some(file) = &take.file {
            show::line(format_args!("         {}", styled(DIM, file)));
        }
    }
    if slot.takes.is_empty() {
        show::line(styled(DIM, "    no take yet"));
    }
}

/// A take's score, and what says least for it.
fn score(assessment: &Assessment) -> String {
    match assessment.weakest() {
        Some(check) => format!("  score {} ({check})", assessment.score),
        None => format!("  score {}", assessment.score),
    }
}
