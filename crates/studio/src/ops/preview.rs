//! An episode laid out in time, to be looked at without being rendered.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use workprint_engine::{Mode, Pools, Reporter, Run, RunOptions, Selection, Spending};
use workprint_model::step::StepState;
use workprint_model::timeline::Timeline;
use workprint_stages::captions::Written;
use workprint_stages::picture::FrameSources;
use workprint_stages::{Tools, laid};
use workprint_store::{Store, StoreError};

use crate::ops::brief::Brief;
use crate::ops::render::RenderOptions;
use crate::{Host, Place, Production, StudioError};

/// The kinds of step that make voices and their words.
const SPOKEN: [&str; 8] = [
    "speak",
    "dialogue",
    "voice",
    "change",
    "recognise",
    "speaker",
    "align",
    "lips",
];

/// Stops the preview, and is told what happens.
pub(crate) type Observer = (CancellationToken, Reporter);

/// An episode with everything made that its frames show, as far as it can be made.
pub(crate) struct Preview {
    pub(crate) production: Production,
    pub(crate) timeline: Arc<Timeline>,
    pub(crate) written: Arc<Written>,
    tools: Arc<Tools>,
    run: Run<Tools>,
    store: Store,
    mode: Mode,
}

impl Preview {
    /// Lays an episode out. Where everything is kept nothing is written and nobody is kept from
    /// writing; else voices and pictures that are not there are made and kept, chunks are not. While
    /// another process renders, what is kept is all there is.
    pub(crate) async fn open(
        host: &Host,
        place: Place,
        options: &RenderOptions,
        observer: Observer,
    ) -> Result<Self, StudioError> {
        let selection = options.selection()?;
        Self::open_with(host, place, (options, selection), observer).await
    }

    /// The same with voices and their words alone: where a picture is not kept, its sketch stands.
    pub(crate) async fn open_spoken(
        host: &Host,
        place: Place,
        options: &RenderOptions,
        observer: Observer,
    ) -> Result<Self, StudioError> {
        let spoken = Selection {
            only: Some(SPOKEN.iter().map(|kind| (*kind).to_owned()).collect()),
            ..Selection::default()
        };
        Self::open_with(host, place, (options, spoken), observer).await
    }

    async fn open_with(
        host: &Host,
        place: Place,
        asked: (&RenderOptions, Selection),
        observer: Observer,
    ) -> Result<Self, StudioError> {
        // What is only looked at is not bought.
        let asked = (
            asked.0,
            Selection {
                free_only: true,
                ..asked.1
            },
        );
        let silent: Observer = (observer.0.clone(), Arc::new(|_| {}));
        let reading = Store::open_read_only(&place.root, host.clock.clone()).await?;
        let kept = Self::lay(host, place.clone(), &asked, (reading, silent.clone())).await?;
        let only = asked.1.only.as_ref();
        let is_kept = |step: &workprint_model::step::PlannedStep| {
            step.state == StepState::Kept || only.is_some_and(|only| !only.contains(&step.kind))
        };
        if kept.run.planned().iter().all(is_kept) {
            return Ok(kept);
        }
        kept.close(false).await?;
        match Store::open(&place.root, &host.command, host.clock.clone()).await {
            Ok(store) => Self::lay(host, place, &asked, (store, observer)).await,
            Err(StoreError::Held { .. } | StoreError::NotWritable { .. }) => {
                let reading = Store::open_read_only(&place.root, host.clock.clone()).await?;
                Self::lay(host, place, &asked, (reading, silent)).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn lay(
        host: &Host,
        place: Place,
        (options, selection): &(&RenderOptions, Selection),
        (store, (cancel, reporter)): (Store, Observer),
    ) -> Result<Self, StudioError> {
        let production = Production::open(place, &store).await?;
        let tools = production.tools(host).await?;
        let (mode, number) = if store.is_read_only() {
            (Mode::Plan, None)
        } else {
            let episode = &production.place.episode;
            let number = store.begin_run(episode, options.output(), &host.command);
            (Mode::Perform, Some(number.await?))
        };
        let brief = Brief::of(&production, options)?;
        let run = Run::new(
            RunOptions {
                mode,
                episode: production.place.episode.clone(),
                film: brief.film(),
                main_output: brief.is_main(),
                selection: selection.clone(),
                pools: Pools::new(options.jobs.unwrap_or(host.cores)),
                spending: Spending::default(),
                cancel,
            },
            Arc::clone(&tools),
            (store.clone(), number),
            production.lock.clone(),
            (reporter, host.clock.clone()),
        );
        let laid = laid(&run, &brief.order()).await;
        // What was made until it failed or was stopped stays made.
        if let Some(lock) = run.changed_lock(false).filter(|_| mode == Mode::Perform) {
            super::render::write_lock(&production.place, &lock)?;
        }
        let laid = match laid {
            Ok(laid) => laid,
            Err(error) => {
                if mode == Mode::Perform {
                    run.finish(Vec::new(), true).await?;
                }
                drop(run);
                store.close().await?;
                return Err(error.into());
            }
        };
        Ok(Self {
            production,
            timeline: laid.timeline,
            written: laid.written,
            tools,
            run,
            store,
            mode,
        })
    }

    /// Where the pictures of frames come from; each keeps what it has shown.
    pub(crate) fn sources(&self) -> FrameSources {
        FrameSources::new(&self.tools, &self.run.work(), &self.timeline)
    }

    /// The fonts of the production.
    pub(crate) fn fonts(&self) -> &workprint_picture::Fonts {
        &self.tools.fonts
    }

    /// Ends the run, where one was begun.
    pub(crate) async fn close(self, failed: bool) -> Result<(), StudioError> {
        if self.mode == Mode::Perform {
            self.run.finish(Vec::new(), failed).await?;
        }
        drop(self.run);
        Ok(self.store.close().await?)
    }
}
