//! Picture: the timeline in chunks, each painted and encoded on its own.
//!
//! A chunk's key is the digest of what its frames show, counted from its own start, so that moving it
//! in time does not change it.

mod encoder;
mod sources;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::{Backend, ChunkSpec, x264_build};
use workprint_model::show::{Output, Preset};
use workprint_model::step::Estimate;
use workprint_model::timeline::{ChunkRange, Timeline};
use workprint_model::{Artifact, Digest, Encoder, Frames, Rate, Size, Slot};
use workprint_picture::resolve::PAINT_REVISION;
use workprint_picture::{AlonePainter, PictureError, Resolved, YuvMut, chunks, paint, resolve};

use crate::Tools;
use crate::tools::from_media;

pub use encoder::{Chosen, choose};
pub use sources::{FrameSources, ParkedClips, RasterCache};

/// A stretch of the timeline, to be painted and encoded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenderChunk {
    /// The painter and the encoder, with their versions.
    pub engine: String,
    /// What all frames show, together.
    pub content: Digest,
    /// What the shots show.
    pub pictures: Digest,
    /// What burned captions show.
    pub captions: Digest,
    /// What overlays show.
    pub overlays: Digest,
    /// The fonts of captions and slates, where there are any.
    pub fonts: Option<Digest>,
    /// How many frames.
    pub frames: Frames,
    /// The frame's size.
    pub size: Size,
    /// Frames a second.
    pub rate: Rate,
    /// The encoder.
    #[serde(default, skip_serializing_if = "Encoder::is_default")]
    pub encoder: Encoder,
    /// The encoder's quality.
    pub crf: u8,
    /// The encoder's effort.
    pub preset: Preset,
    /// How many frames libx264 encodes side by side.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub threads: u8,
    /// What must be made before.
    #[serde(skip)]
    pub needs: Vec<Digest>,
    /// The clips that are open while it is painted.
    #[serde(skip)]
    pub clips: Vec<Digest>,
    /// Where it lies and in which timeline.
    #[serde(skip)]
    pub at: Option<(Arc<Timeline>, ChunkRange)>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// How many pixels of a frame a thread of libx264 has to itself: twice those of 1080p. An encoder of 4K holds
/// half a gigabyte, so there is one with two threads rather than two.
const PIXELS_A_THREAD: u64 = 2 * 1920 * 1080;

/// The threads of a chunk's encoder. They decide what it writes, so they follow from the frame's size and not
/// from the machine.
fn threads(encoder: Encoder, size: Size) -> u8 {
    let pixels = u64::from(size.width) * u64::from(size.height);
    let threads = (pixels + PIXELS_A_THREAD / 2) / PIXELS_A_THREAD;
    if encoder == Encoder::X264 {
        threads.clamp(1, 16) as u8
    } else {
        1
    }
}

const fn one() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_one(threads: &u8) -> bool {
    *threads == 1
}

/// An encoded chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkTake {
    /// The encoded video.
    pub video: Artifact,
    /// How many frames.
    pub frames: Frames,
}

/// What all chunks of a film have in common.
#[derive(Debug, Clone)]
pub struct ChunkSettings<'a> {
    /// The output.
    pub output: &'a Output,
    /// The output's name, for slots.
    pub name: &'a str,
    /// ffmpeg, with its version.
    pub ffmpeg: &'a str,
    /// What encodes.
    pub chosen: &'a Chosen,
    /// The fonts.
    pub fonts: Digest,
}

impl RenderChunk {
    /// The chunk of `range`.
    pub fn of(timeline: &Arc<Timeline>, range: ChunkRange, settings: &ChunkSettings<'_>) -> Self {
        let content = chunks::content(timeline, range);
        let shot = timeline.shots.iter().rfind(|shot| shot.from <= range.from);
        let (shot, offset) = shot.map_or(("none", range.from), |s| {
            (s.id.as_str(), range.from - s.from)
        });
        let words = timeline.slate || !content.captions.is_empty();
        let fonts = words.then_some(settings.fonts);
        Self {
            engine: format!(
                "workprint-picture {PAINT_REVISION} / {}{}",
                settings.ffmpeg,
                settings.chosen.suffix()
            ),
            content: content.digest,
            pictures: content.picture_digest,
            captions: content.caption_digest,
            overlays: content.overlay_digest,
            fonts,
            frames: range.length,
            size: timeline.size,
            rate: timeline.rate,
            encoder: settings.chosen.encoder,
            crf: settings.output.crf,
            preset: settings.output.preset,
            threads: threads(settings.chosen.encoder, timeline.size),
            clips: content.clips,
            needs: content.needs,
            at: Some((Arc::clone(timeline), range)),
            slot: Slot::new(
                "chunk",
                format_args!("{}/{shot}+{}", settings.name, offset.0),
            ),
        }
    }

    fn media_type(&self) -> &'static str {
        Backend::of(self.encoder).container.media_type()
    }
}

impl Step for RenderChunk {
    type Tools = Tools;
    type Output = ChunkTake;

    const KIND: &'static str = "chunk";
    const REVISION: u32 = 6;
    const SUMMARIES: &'static [&'static str] = &["content"];

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        self.needs.clone()
    }

    fn places(&self) -> u32 {
        u32::from(self.threads)
    }

    fn opens(&self) -> &[Digest] {
        &self.clips
    }

    fn estimate(&self) -> Estimate {
        // About 12 ms a frame at 1080p on one core with libx264, and the start of the encoder.
        let pixels = f64::from(self.size.width) * f64::from(self.size.height);
        let pixel = match self.encoder {
            Encoder::X265 | Encoder::SvtAv1 => 18e-9,
            Encoder::Prores4444 => 60e-9,
            encoder if encoder.is_hardware() => 4e-9,
            _ => 6e-9,
        };
        let seconds = 0.1 + self.frames.0 as f64 * pixels * pixel;
        Estimate {
            seconds,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> ChunkTake {
        ChunkTake {
            video: Artifact::sketched(key, self.media_type()),
            frames: self.frames,
        }
    }

    fn digests(output: &ChunkTake) -> Vec<Digest> {
        vec![output.video.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<ChunkTake>, StepError> {
        let Some((timeline, range)) = self.at.clone() else {
            return Err(
                StepError::permanent("a chunk's recipe alone cannot be painted")
                    .hint("render the episode: `workprint render EPISODE`"),
            );
        };
        let sources = FrameSources::new(tools, work, &timeline);
        let (step, media) = (self.clone(), tools.media.clone());
        work.blocking(move |work| {
            let temp = work.store().temp()?;
            let spec = ChunkSpec {
                out: temp.path().to_owned(),
                encoder: step.encoder,
                size: step.size,
                rate: step.rate,
                crf: step.crf,
                preset: step.preset,
                threads: step.threads,
                build: x264_build(&step.engine),
            };
            let mut writer = media.encode_chunk(&spec).map_err(from_media)?;
            let mut easel = Easel::of(&step);
            let mut shown = None;
            for n in 0..range.length.0 {
                if work.is_cancelled() {
                    return Err(StepError::cancelled());
                }
                let resolved = resolve(&timeline, range.from + Frames(n));
                // A held picture is painted once.
                if shown.as_ref() == Some(&resolved) {
                    writer.again().map_err(from_media)?;
                } else {
                    let mut planes = writer.blank().map_err(from_media)?;
                    let painted = easel.paint(&resolved, &sources, &mut planes);
                    painted.map_err(from_picture)?;
                    writer.write(planes).map_err(from_media)?;
                    shown = Some(resolved);
                }
                if n % 15 == 14 {
                    work.progress((n * 1000 / range.length.0) as u16);
                }
            }
            writer.finish().map_err(from_media)?;
            let video = work.store().keep(temp, step.media_type())?;
            let take = ChunkTake {
                video: video.clone(),
                frames: range.length,
            };
            Ok(Made::free(take, vec![video]))
        })
        .await
    }
}

/// What paints frames as the encoder takes them.
enum Easel {
    Whole(paint::Painter),
    /// Graphics and captions alone.
    Alone(AlonePainter),
}

impl Easel {
    fn of(step: &RenderChunk) -> Self {
        if step.encoder.has_alpha() {
            Self::Alone(AlonePainter::default())
        } else {
            Self::Whole(paint::Painter::new())
        }
    }

    fn paint(
        &mut self,
        resolved: &Resolved,
        sources: &FrameSources,
        planes: &mut [u8],
    ) -> Result<(), PictureError> {
        match self {
            Self::Whole(painter) => {
                let mut frame = YuvMut {
                    size: resolved.size,
                    data: planes,
                };
                painter.paint_into(resolved, sources, &mut frame)
            }
            Self::Alone(painter) => painter.paint(resolved, sources, planes),
        }
    }
}

/// A painter's failure as a step's.
pub(crate) fn from_picture(error: PictureError) -> StepError {
    StepError::permanent("a frame cannot be painted")
        .hint("mend or replace the file that it shows; begin earlier in a clip that is too short")
        .because(error)
}
