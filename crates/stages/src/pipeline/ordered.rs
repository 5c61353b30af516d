//! Takes of pictures and clips, as they are ordered.

use std::collections::BTreeMap;

use workprint_engine::{Run, Step};
use workprint_model::Size;

use super::approved::approve;
use super::best::{Name, Ordered, Several, seed_of, slot_of};
use super::{Made, Order};
use crate::generate::{Animate, Generate, Picture};
use crate::tools::Tools;

impl Several for Generate {
    fn numbered(&self, number: u32) -> Self {
        Self {
            seed: seed_of(self.seed, number),
            slot: slot_of(&self.slot, number),
            candidate: true,
            otherwise: self
                .otherwise
                .as_ref()
                .map(|other| Box::new(other.numbered(number))),
            ..self.clone()
        }
    }

    fn asked(&self) -> (Size, Option<u32>) {
        (self.size, None)
    }

    fn shows(&self) -> &str {
        &self.prompt
    }

    /// A drawing that cannot be used is asked for again.
    async fn order<'a>(
        run: &Run<Tools>,
        order: &Order<'_>,
        mut takes: Vec<(Name<'a>, Self)>,
    ) -> Made<Vec<Ordered<'a, Self>>> {
        let mut made: BTreeMap<Name<'a>, (Self, Picture)> = BTreeMap::new();
        while !takes.is_empty() {
            let came = bought(run, order, takes).await?;
            takes = came
                .iter()
                .filter_map(|(name, step, picture)| Some((*name, again(order, step, picture)?)))
                .collect();
            let came = came.into_iter();
            made.extend(came.map(|(name, step, picture)| (name, (step, picture))));
        }
        let usable = made.into_iter();
        let usable = usable.filter(|(_, (_, picture))| picture.fault.is_none());
        let usable = usable.map(|(name, (step, picture))| Ordered {
            name,
            step,
            file: picture.file,
        });
        Ok(usable.collect())
    }
}

/// Another try of a drawing that cannot be used.
fn again(order: &Order<'_>, step: &Generate, picture: &Picture) -> Option<Generate> {
    let spec = order.show.engines.text.get(&step.model.engine)?;
    step.again(picture, spec)
}

impl Several for Animate {
    fn numbered(&self, number: u32) -> Self {
        Self {
            seed: seed_of(self.seed, number),
            slot: slot_of(&self.slot, number),
            candidate: true,
            otherwise: self
                .otherwise
                .as_ref()
                .map(|other| Box::new(other.numbered(number))),
            ..self.clone()
        }
    }

    fn asked(&self) -> (Size, Option<u32>) {
        (self.size, Some(self.length_ms))
    }

    fn shows(&self) -> &str {
        &self.prompt
    }

    async fn order<'a>(
        run: &Run<Tools>,
        order: &Order<'_>,
        takes: Vec<(Name<'a>, Self)>,
    ) -> Made<Vec<Ordered<'a, Self>>> {
        let takes = approve(run, order, takes).await?;
        let came = bought(run, order, takes).await?.into_iter();
        let came = came.map(|(name, step, file)| Ordered { name, step, file });
        Ok(came.collect())
    }
}

/// What is bought of others. A draft shows what was bought, and does without the rest.
async fn bought<'a, S>(
    run: &Run<Tools>,
    order: &Order<'_>,
    mut takes: Vec<(Name<'a>, S)>,
) -> Made<Vec<(Name<'a>, S, S::Output)>>
where
    S: Step<Tools = Tools>,
{
    if order.draft.is_some() {
        let steps: Vec<S> = takes.iter().map(|(_, step)| step.clone()).collect();
        let mut kept = run.are_kept(&steps).await?.into_iter();
        takes.retain(|_| kept.next().unwrap_or(false));
    }
    let steps = takes.iter().map(|(_, step)| step.clone());
    let made = run.all(steps.collect::<Vec<_>>()).await?;
    let all = takes.into_iter().zip(made);
    Ok(all
        .map(|((name, step), output)| (name, step, output))
        .collect())
}
