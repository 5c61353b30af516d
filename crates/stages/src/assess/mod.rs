//! How good a picture or a clip is that a model made, by what can be measured of it.
//!
//! Each check is 0 to 1, and the score is the least of them: whoever made a black picture does not win by its
//! right shape. What is measured is only what is wrong with a take whatever it shows; a model's opinion on what is
//! seen ([`Judge`]) is another step, whose checks stand beside these.

mod judge;
mod stills;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, TempBlob, Work};
use workprint_media::{Media, MediaErrorKind, VideoReader, VideoSpec, VideoStream};
use workprint_model::step::Estimate;
use workprint_model::takes::Assessment;
use workprint_model::{Digest, Frames, Percent, Rate, SAMPLE_RATE, Samples, Score, Size, Slot};
use workprint_picture::quality::{Grey, ramp};
use workprint_picture::{drawing, still};

use crate::Tools;
use crate::clips::animation::readable;
use crate::generate::is_drawing;
use crate::images::text;
use crate::tools::from_media;

pub use self::judge::{Judge, Judged};
pub(crate) use self::stills::{Still, stills};

/// The largest picture that is read.
const FILE_LIMIT: u64 = 256 << 20;
/// The longest side that a clip's frames are looked at.
const SIDE: u32 = 512;
/// How many frames of a clip are looked at, as far apart as can be.
const FRAMES: u32 = 16;
/// How many of a clip that is so long that they would lie more than a second apart.
const MOST_FRAMES: u32 = 64;
/// From how large a difference on, of 255, something has moved between two frames.
const MOVED: f64 = 0.5;

/// A take, to be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assess {
    /// What measures it, for clips with what decodes them.
    pub engine: String,
    /// The picture or the clip.
    pub file: Digest,
    /// The size that was asked for.
    pub size: Size,
    /// How long a clip should be, in milliseconds; of a picture nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_ms: Option<u32>,
    /// The place in the episode: `assess/generate/s4~2`.
    #[serde(skip)]
    pub slot: Slot,
}

/// What was measured of a take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessed {
    /// The take.
    pub of: Digest,
    /// How good it is.
    #[serde(flatten)]
    pub assessment: Assessment,
}

type Checks = BTreeMap<&'static str, f64>;

impl Step for Assess {
    type Tools = Tools;
    type Output = Assessed;

    const KIND: &'static str = "assess";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.file]
    }

    fn estimate(&self) -> Estimate {
        let seconds = if self.length_ms.is_some() { 1.0 } else { 0.2 };
        Estimate {
            seconds,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Assessed {
        Assessed {
            of: *key,
            assessment: Assessment::of(BTreeMap::new()),
        }
    }

    fn digests(assessed: &Assessed) -> Vec<Digest> {
        vec![Digest::of_json(&(Self::KIND, assessed))]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Assessed>, StepError> {
        let checks = match self.length_ms {
            Some(length_ms) => self.clip(length_ms, tools, work).await?,
            None => self.picture(tools, work).await?,
        };
        let hundredths = |met: f64| Score::from_hundredths((met * 100.0).round() as i32);
        let checks = checks.into_iter();
        let checks = checks.map(|(name, met)| (name.to_owned(), hundredths(met)));
        let assessed = Assessed {
            of: self.file,
            assessment: Assessment::of(checks.collect()),
        };
        // The numbers are in the ledger's row; nothing is put into the vault.
        Ok(Made::free(assessed, Vec::new()))
    }
}

impl Assess {
    async fn picture(&self, tools: &Tools, work: &Work) -> Result<Checks, StepError> {
        let bytes = tools.read(work, &self.file, FILE_LIMIT)?;
        let (asked, fonts) = (self.size, std::sync::Arc::clone(&tools.fonts));
        work.blocking(move |_| {
            let picture = if is_drawing(&bytes) {
                drawing::paint(text(&bytes)?, asked, &fonts)
            } else {
                still::decode_still(&bytes)
            };
            Ok(match picture {
                Ok(picture) => {
                    let mut checks = shape(picture.size, asked);
                    checks.extend(Grey::of(picture).checks());
                    checks
                }
                Err(_) => unreadable(),
            })
        })
        .await
    }

    async fn clip(&self, length_ms: u32, tools: &Tools, work: &Work) -> Result<Checks, StepError> {
        let path = tools.locate(work, &self.file)?;
        let (asked, media) = (self.size, tools.media.clone());
        work.blocking(
            move |work| match measure(&media, &path, (asked, length_ms), work) {
                Err(error) if error.kind() == MediaErrorKind::BadMedia => Ok(unreadable()),
                measured => measured.map_err(from_media),
            },
        )
        .await
    }
}

/// What cannot be read has one check, which says so.
fn unreadable() -> Checks {
    Checks::from([("readable", 0.0)])
}

/// How a picture's size and shape stand to those that were asked for: half of the pixels are enough.
fn shape(made: Size, asked: Size) -> Checks {
    let pixels = |size: Size| f64::from(size.width) * f64::from(size.height);
    let aspect = |size: Size| f64::from(size.width.max(1)) / f64::from(size.height.max(1));
    let off = aspect(made) / aspect(asked);
    Checks::from([
        (
            "size",
            ramp(pixels(made) / pixels(asked).max(1.0), 1.0 / 16.0, 0.5),
        ),
        ("shape", ramp(2.0 - off.max(off.recip()), 0.0, 0.9)),
    ])
}

/// The checks of a clip: of its frames each check's median, for a clip may begin in the dark.
fn measure(
    media: &Media,
    path: &std::path::Path,
    (asked, length_ms): (Size, u32),
    work: &Work,
) -> Result<Checks, workprint_media::MediaError> {
    let other = readable(path, work)?;
    let path = other.as_ref().map_or(path, TempBlob::path);
    let Some((video, length)) = picture_of(media, path)? else {
        return Ok(unreadable());
    };
    let mut checks = shape(video.shown, asked);
    let wanted = f64::from(length_ms.max(1)) / 1000.0;
    checks.insert("length", ramp(length.seconds() / wanted, 0.4, 0.9));
    let spec = looked_at(path, &video, length);
    let frames = look(media.decode_video(&spec)?, &spec, work)?;
    checks.extend(frames);
    Ok(checks)
}

/// A clip's picture and how long it is; nothing where it has none.
fn picture_of(
    media: &Media,
    path: &std::path::Path,
) -> Result<Option<(VideoStream, Samples)>, workprint_media::MediaError> {
    let (probe, ends) = media.probe_to_end(path)?;
    let length = if ends.picture.0 > 0 {
        ends.picture
    } else {
        probe.duration
    };
    Ok(probe.video.map(|video| (video, length)))
}

/// How the frames of a clip of this length are read that are looked at.
fn looked_at(path: &std::path::Path, video: &VideoStream, length: Samples) -> VideoSpec {
    VideoSpec {
        path: path.to_owned(),
        start: Samples(0),
        speed: Percent::WHOLE,
        rate: spread(length),
        size: small(video.shown),
        skip: Frames(0),
        alpha: false,
    }
}

/// The checks of the frames, and how many of them differ from the one before.
fn look(
    mut reader: VideoReader,
    spec: &VideoSpec,
    work: &Work,
) -> Result<Checks, workprint_media::MediaError> {
    let mut frame = vec![0; spec.frame_bytes()];
    let mut found: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    let (mut before, mut moved, mut count): (Option<Grey>, u32, u32) = (None, 0, 0);
    while count < MOST_FRAMES && !work.is_cancelled() && reader.next(&mut frame)? {
        let Some(grey) = Grey::of_limited(&frame, spec.size) else {
            break;
        };
        for (name, met) in grey.checks() {
            found.entry(name).or_default().push(met);
        }
        let differs = before.is_some_and(|before| before.difference(&grey) >= MOVED);
        moved += u32::from(differs);
        count += 1;
        before = Some(grey);
    }
    if count == 0 {
        return Ok(unreadable());
    }
    let steps = f64::from(count.saturating_sub(1).max(1));
    let mut checks: Checks = found
        .into_iter()
        .map(|(name, met)| (name, median(met)))
        .collect();
    checks.insert("motion", ramp(f64::from(moved) / steps, 0.1, 0.6));
    Ok(checks)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// So many frames a second that [`FRAMES`] lie over a clip of this length; one at least.
fn spread(length: Samples) -> Rate {
    let second = u64::from(SAMPLE_RATE);
    let length = length.0.clamp(second / 10, second * u64::from(FRAMES));
    Rate::new(FRAMES * SAMPLE_RATE, length as u32).unwrap_or(Rate::FPS_30)
}

/// The size, in its own shape, that frames are looked at.
fn small(shown: Size) -> Size {
    let long = u64::from(shown.width.max(shown.height).max(1));
    let most = long.min(u64::from(SIDE));
    let side = |length: u32| ((u64::from(length) * most / long) as u32 & !1).max(2);
    Size {
        width: side(shown.width),
        height: side(shown.height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Size = Size {
        width: 1328,
        height: 736,
    };

    #[test]
    fn half_of_the_pixels_in_about_the_shape_are_enough() {
        let of = |width, height| {
            let checks = shape(Size { width, height }, ASKED);
            (checks["size"], checks["shape"])
        };
        assert_eq!(of(1328, 736), (1.0, 1.0));
        assert_eq!(of(1024, 576), (1.0, 1.0));
        let (size, shape) = of(512, 512);
        assert!(
            (0.4..0.6).contains(&size) && (0.2..0.3).contains(&shape),
            "{size} {shape}"
        );
        assert!(of(736, 1328).1 < 1e-9);
        assert_eq!(of(64, 36), (0.0, 1.0));
    }

    #[test]
    fn frames_lie_over_the_whole_clip() {
        let rate = |ms: u64| spread(Samples(ms * 48));
        assert_eq!(rate(1000), Rate::new(16, 1).unwrap());
        assert_eq!(rate(8000), Rate::new(2, 1).unwrap());
        assert_eq!(rate(60_000), Rate::new(1, 1).unwrap());
        assert_eq!(rate(0), Rate::new(160, 1).unwrap());
        let size = |width, height| {
            let Size { width, height } = small(Size { width, height });
            (width, height)
        };
        assert_eq!(size(1280, 720), (512, 288));
        assert_eq!(size(720, 1280), (288, 512));
        assert_eq!(
            (size(65, 37), size(0, 0), size(9000, 1)),
            ((64, 36), (2, 2), (512, 2))
        );
    }

    #[test]
    fn the_middle_one_counts() {
        let all = [vec![1.0, 0.0, 0.5], vec![0.2, 0.9], Vec::new()];
        let medians = all.map(|values| (median(values) * 100.0).round() as i32);
        assert_eq!(medians, [50, 90, 0]);
    }
}
