//! Frame: any frame of an episode as a picture, painted by the code that renders.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use workprint_engine::{Mode, Pools, Run, RunOptions};
use workprint_model::timeline::Timeline;
use workprint_model::{Frames, Millis};
use workprint_picture::{Yuv, paint_frame, to_rgb8};
use workprint_stages::picture::FrameSources;
use workprint_stages::{Tools, laid};
use workprint_store::{Store, StoreError};

use crate::ops::render::RenderOptions;
use crate::{Host, Place, Production, StudioError};

/// Which frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// By its number, counted from 0.
    Frame(u64),
    /// The one that is on at this time.
    Time(Millis),
}

/// A frame as PNG bytes, with its number.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Its number.
    pub frame: Frames,
    /// How many frames the episode has.
    pub length: Frames,
    /// The PNG, sRGB, 8 bits.
    pub png: Vec<u8>,
}

/// Paints a frame. Voices and pictures that are not there yet are made and kept, chunks are not.
/// While another process renders, what is kept is all there is.
pub async fn frame(
    host: &Host,
    place: Place,
    options: &RenderOptions,
    at: At,
) -> Result<Picture, StudioError> {
    let (store, mode) = match Store::open(&place.root, &host.command, host.clock.clone()).await {
        Ok(store) => (store, Mode::Perform),
        Err(StoreError::Held { .. } | StoreError::NotWritable { .. }) => (
            Store::open_read_only(&place.root, host.clock.clone()).await?,
            Mode::Plan,
        ),
        Err(error) => return Err(error.into()),
    };
    let production = Production::open(place, &store).await?;
    let output = production.output(options.output())?;
    let tools = production.tools(host, &store).await?;
    let number = match mode {
        Mode::Perform => Some(
            store
                .begin_run(&production.place.episode, options.output(), &host.command)
                .await?,
        ),
        Mode::Plan => None,
    };
    let run = Run::new(
        RunOptions {
            mode,
            episode: production.place.episode.clone(),
            main_output: options.output() == "main",
            selection: options.selection()?,
            pools: Pools::new(options.jobs.unwrap_or(host.cores)),
            cancel: CancellationToken::new(),
        },
        Arc::clone(&tools),
        (store.clone(), number),
        production.lock.clone(),
        (Arc::new(|_| {}), host.clock.clone()),
    );
    let order = production.order((options.output(), output), options.dub.as_ref());
    let timeline = laid(&run, &order).await?.timeline;
    if let Some(lock) = run.changed_lock(false).filter(|_| mode == Mode::Perform) {
        super::render::write_lock(&production.place, &lock)?;
    }
    let picture = paint(&run, &tools, timeline, at).await;
    if number.is_some() {
        run.finish(Vec::new(), picture.is_err()).await?;
    }
    drop(run);
    store.close().await?;
    picture
}

async fn paint(
    run: &Run<Tools>,
    tools: &Arc<Tools>,
    timeline: Arc<Timeline>,
    at: At,
) -> Result<Picture, StudioError> {
    let number = match at {
        At::Frame(number) => Frames(number),
        At::Time(time) => {
            let sample = time.samples();
            let near = timeline.rate.nearest_frame(sample);
            if timeline.rate.sample_of(near) > sample {
                near - Frames(1)
            } else {
                near
            }
        }
    };
    if number >= timeline.length {
        let last = timeline.length - Frames(1);
        return Err(StudioError::request(
            format!("there is no frame {}", number.0),
            format!("name one of 0 to {}", last.0),
        ));
    }
    let length = timeline.length;
    let sources = FrameSources::new(tools, &run.work(), &timeline);
    let painted = tokio::task::spawn_blocking(move || {
        let frame = paint_frame(&timeline, number, &sources)?;
        Ok::<_, workprint_picture::PictureError>(frame)
    });
    let failed = |error: &dyn std::error::Error| {
        let message = format!(
            "frame {} cannot be painted: {}",
            number.0,
            crate::with_causes(error)
        );
        StudioError::Step {
            message,
            hints: vec!["see what is missing: `workprint plan EPISODE`".to_owned()],
        }
    };
    match painted.await {
        Ok(Ok(frame)) => Ok(Picture {
            frame: number,
            length,
            png: png(&frame)?,
        }),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}

fn png(frame: &Yuv) -> Result<Vec<u8>, StudioError> {
    workprint_picture::still::png_rgb8(&to_rgb8(frame), frame.size).map_err(|error| {
        StudioError::Step {
            message: error.to_string(),
            hints: Vec::new(),
        }
    })
}
