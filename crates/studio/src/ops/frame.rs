//! Frame: any frame of an episode as a picture, painted by the code that renders.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use workprint_model::{Frames, Millis, Rate};
use workprint_picture::{Yuv, paint_frame, to_rgb8};

use crate::ops::preview::Preview;
use crate::ops::render::RenderOptions;
use crate::{Host, Place, StudioError};

/// Which frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// By its number, counted from 0.
    Frame(u64),
    /// The one that is on at this time.
    Time(Millis),
}

impl At {
    /// The frame's number.
    pub(crate) fn frame(self, rate: Rate) -> Frames {
        match self {
            Self::Frame(number) => Frames(number),
            Self::Time(time) => {
                let sample = time.samples();
                let near = rate.nearest_frame(sample);
                if rate.sample_of(near) > sample {
                    near - Frames(1)
                } else {
                    near
                }
            }
        }
    }
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
    let observer = (CancellationToken::new(), Arc::new(|_: &_| {}) as _);
    let preview = Preview::open(host, place, options, observer).await?;
    let picture = paint(&preview, at).await;
    preview.close(picture.is_err()).await?;
    picture
}

async fn paint(preview: &Preview, at: At) -> Result<Picture, StudioError> {
    let timeline = Arc::clone(&preview.timeline);
    let (number, length) = (at.frame(timeline.rate), timeline.length);
    if number >= length {
        let last = length - Frames(1);
        return Err(StudioError::request(
            format!("there is no frame {}", number.0),
            format!("name one of 0 to {}", last.0),
        ));
    }
    let sources = preview.sources();
    let painted =
        tokio::task::spawn_blocking(move || paint_frame(&timeline, number, &sources)).await;
    match painted {
        Ok(Ok(frame)) => Ok(Picture {
            frame: number,
            length,
            png: png(&frame)?,
        }),
        Ok(Err(error)) => Err(cannot_paint(number, &error)),
        Err(error) => Err(cannot_paint(number, &error)),
    }
}

fn cannot_paint(number: Frames, error: &dyn std::error::Error) -> StudioError {
    StudioError::Step {
        message: format!(
            "frame {} cannot be painted: {}",
            number.0,
            crate::with_causes(error)
        ),
        hints: vec!["see what is missing: `workprint plan EPISODE`".to_owned()],
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
