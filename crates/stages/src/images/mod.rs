//! Images: files, SVG art and typographic cards as layers of pixels, ready to be painted.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::episode::{Blend, CardWords, Colour};
use workprint_model::step::Estimate;
use workprint_model::timeline::{Still, StillLayer};
use workprint_model::{Artifact, Digest, Language, Percent, Size, Slot};
use workprint_picture::{ArtError, Fonts, Placed, Rgba, card, still, svg};

use crate::Tools;

/// The largest still or SVG file that is read.
const FILE_LIMIT: u64 = 256 << 20;

/// One still, at the size that its shot needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Where it comes from.
    #[serde(flatten)]
    pub source: ImageSource,
    /// The frame's size.
    pub frame: Size,
    /// How much larger than the frame it is kept, so that the nearest view of a move is sharp.
    pub zoom: Percent,
    /// How far layers move against each other.
    pub parallax: Percent,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// Where a still comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum ImageSource {
    /// A raster file.
    File {
        /// The digest of its bytes.
        file: Digest,
    },
    /// An SVG.
    Svg {
        /// The digest of its bytes.
        file: Digest,
        /// Its text's language and fonts.
        language: Language,
        /// The fonts of its text.
        fonts: Digest,
    },
    /// Words on a colour or a picture.
    Card {
        /// The large line.
        title: String,
        /// The small line.
        subtitle: Option<String>,
        /// The digest of the picture behind and whether it is an SVG.
        background: Option<(Digest, bool)>,
        /// The colour behind.
        colour: Option<Colour>,
        /// The words' language.
        language: Language,
        /// The fonts.
        fonts: Digest,
    },
    /// A prompt, set as a storyboard card.
    Storyboard {
        /// What should be seen.
        prompt: String,
        /// The seed that a model would take.
        seed: u32,
        /// The shot's name.
        label: String,
        /// The prompt's language.
        language: Language,
        /// The fonts.
        fonts: Digest,
    },
}

impl Step for Image {
    type Tools = Tools;
    type Output = Still;

    const KIND: &'static str = "image";
    const REVISION: u32 = 3;
    const TAKES: bool = true;
    const PER_OUTPUT: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            frame: other.frame,
            zoom: other.zoom,
            parallax: other.parallax,
            ..self
        }
    }

    fn engine(&self) -> String {
        "workprint-image 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        match &self.source {
            ImageSource::File { file } | ImageSource::Svg { file, .. } => vec![*file],
            ImageSource::Card { background, .. } => {
                background.iter().map(|(file, _)| *file).collect()
            }
            ImageSource::Storyboard { .. } => Vec::new(),
        }
    }

    fn seed(&self) -> Option<u32> {
        match self.source {
            ImageSource::Storyboard { seed, .. } => Some(seed),
            _ => None,
        }
    }

    fn estimate(&self) -> Estimate {
        let seconds = if matches!(self.source, ImageSource::Svg { .. }) {
            1.0
        } else {
            0.5
        };
        Estimate {
            seconds,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Still {
        let image = Artifact::sketched(key, "image/png");
        Still {
            layers: vec![StillLayer {
                image,
                x: 0,
                y: 0,
                size: self.frame,
                depth: 50,
                blend: Blend::Normal,
            }],
            size: self.frame,
            bleed_x: 0,
            bleed_y: 0,
            parallax: self.parallax,
        }
    }

    fn digests(output: &Still) -> Vec<Digest> {
        output
            .layers
            .iter()
            .map(|layer| layer.image.digest)
            .collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Still>, StepError> {
        let file = match self.inputs().first() {
            Some(file) => Some((
                tools.locate(work, file)?,
                tools.read(work, file, FILE_LIMIT)?,
            )),
            None => None,
        };
        let (step, fonts) = (self.clone(), std::sync::Arc::clone(&tools.fonts));
        work.blocking(move |work| {
            let bytes = file.as_ref().map(|(_, bytes)| bytes.as_slice());
            if let Some(made) = as_it_is(&step, bytes.unwrap_or_default(), work)? {
                return Ok(made);
            }
            let _alone = alone(bytes.unwrap_or_default());
            let unusable = |error| match &file {
                Some((path, _)) => {
                    let message = format!("`{}` cannot be used", path.display());
                    StepError::permanent(message)
                        .hint("mend or replace the file, or name another one in the manifest")
                        .because(error)
                }
                None => error,
            };
            let drawn = draw(&step, bytes, &fonts).map_err(unusable)?;
            let (size, bleed_x, bleed_y) = drawn.shape();
            let mut layers = Vec::new();
            match drawn {
                Drawn::Whole(picture) => layers.extend(keep((50, Blend::Normal, picture), work)?),
                Drawn::Scene(scene) => {
                    for layer in scene.layers() {
                        let layer = layer.map_err(|error| unusable(undrawn(error)))?;
                        layers.extend(keep(layer, work)?);
                    }
                }
            }
            let artifacts = layers.iter().map(|layer| layer.image.clone()).collect();
            let still = Still {
                layers,
                size,
                bleed_x,
                bleed_y,
                parallax: step.parallax,
            };
            Ok(Made::free(still, artifacts))
        })
        .await
    }
}

/// A turn for a file whose picture takes much memory: however many steps run at once, only one such
/// picture is decoded at a time.
fn alone(file: &[u8]) -> Option<MutexGuard<'static, ()>> {
    const LARGE: u64 = 24_000_000;
    static TURN: Mutex<()> = Mutex::new(());
    let size = still::stored_size(file)?;
    let large = u64::from(size.width) * u64::from(size.height) > LARGE;
    large.then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What is drawn for a step.
enum Drawn {
    /// A picture.
    Whole(Rgba),
    /// What draws its layers one by one.
    Scene(Box<svg::Scene>),
}

impl Drawn {
    /// The picture's size, and what is drawn beyond it at the sides and at the top and bottom.
    const fn shape(&self) -> (Size, u32, u32) {
        match self {
            Self::Whole(picture) => (picture.size, 0, 0),
            Self::Scene(scene) => (scene.size, scene.bleed_x, scene.bleed_y),
        }
    }
}

fn draw(step: &Image, file: Option<&[u8]>, fonts: &Fonts) -> Result<Drawn, StepError> {
    let file = file.unwrap_or_default();
    let scene = |zoom: f32, language| {
        svg::scene(text(file)?, step.frame, zoom, language, fonts).map_err(undrawn)
    };
    let whole = match &step.source {
        ImageSource::File { .. } => {
            let picture = still::decode_still(file).map_err(undrawn)?;
            if fits(picture.size, step) {
                picture
            } else {
                let size = covering(picture.size, step.frame, step.zoom);
                still::fit_to(picture, size)
            }
        }
        ImageSource::Svg { language, .. } => {
            let scene = scene(step.zoom.ratio() as f32, language)?;
            return Ok(Drawn::Scene(Box::new(scene)));
        }
        ImageSource::Card {
            title,
            subtitle,
            background,
            colour,
            language,
            ..
        } => {
            let picture = match background {
                Some((_, true)) => Some(flat(&scene(1.0, language)?, step.frame).map_err(undrawn)?),
                Some((_, false)) => Some(cover(
                    &still::decode_still(file).map_err(undrawn)?,
                    step.frame,
                )),
                None => None,
            };
            let behind = picture.as_ref().map_or_else(
                || card::Behind::Colour(colour.unwrap_or(card::MIDNIGHT)),
                card::Behind::Picture,
            );
            let words = CardWords {
                title: title.clone(),
                subtitle: subtitle.clone(),
            };
            card::card(&words, behind, step.frame, language, fonts)
        }
        ImageSource::Storyboard {
            prompt,
            label,
            language,
            ..
        } => card::storyboard(prompt, label, step.frame, language, fonts),
    };
    Ok(Drawn::Whole(whole))
}

/// Whether a picture is no larger than the painter wants it, or a little: that the painter samples as
/// well, and scaled it would only be softer.
fn fits(picture: Size, step: &Image) -> bool {
    let size = covering(picture, step.frame, step.zoom);
    u64::from(picture.width) * 2 <= u64::from(size.width) * 3
}

/// Keeps a file that is already what would be made of it.
fn as_it_is(step: &Image, file: &[u8], work: &Work) -> Result<Option<Made<Still>>, StepError> {
    let plain = matches!(step.source, ImageSource::File { .. })
        .then(|| still::plain_png(file))
        .flatten();
    let Some(size) = plain.filter(|size| fits(*size, step)) else {
        return Ok(None);
    };
    let image = work.store().keep_bytes(file, "image/png")?;
    let still = Still {
        layers: vec![StillLayer {
            image: image.clone(),
            x: 0,
            y: 0,
            size,
            depth: 50,
            blend: Blend::Normal,
        }],
        size,
        bleed_x: 0,
        bleed_y: 0,
        parallax: step.parallax,
    };
    Ok(Some(Made::free(still, vec![image])))
}

fn undrawn(error: ArtError) -> StepError {
    StepError::permanent("the picture cannot be drawn")
        .hint("change its words or its file")
        .because(error)
}

pub(crate) fn text(file: &[u8]) -> Result<&str, StepError> {
    std::str::from_utf8(file).map_err(|error| {
        StepError::permanent("the SVG is not UTF-8 text")
            .because(error)
            .hint("save it as UTF-8")
    })
}

/// The size in which a picture covers the frame at its nearest view.
fn covering(picture: Size, frame: Size, zoom: Percent) -> Size {
    let ratio = |frame: u32, side: u32| f64::from(frame) / f64::from(side.max(1));
    let cover = ratio(frame.width, picture.width).max(ratio(frame.height, picture.height));
    let scaled = |side: u32| ((f64::from(side) * cover * zoom.ratio()).ceil() as u32).max(1);
    Size {
        width: scaled(picture.width),
        height: scaled(picture.height),
    }
}

/// A picture whose longer side is at most `LONGER` times what the frame shows of it, cut about its
/// middle: one of 1x16384 would otherwise be scaled to as many pixels as no memory holds.
fn shortened(picture: &Rgba, frame: Size) -> Rgba {
    const LONGER: u64 = 4;
    let Size { width, height } = picture.size;
    let most = |side: u32, long: u32, short: u32| {
        let shown = u64::from(side) * u64::from(long) / u64::from(short.max(1));
        u32::try_from((shown + 1) * LONGER).unwrap_or(u32::MAX)
    };
    let size = Size {
        width: width.min(most(height, frame.width, frame.height)),
        height: height.min(most(width, frame.height, frame.width)),
    };
    middle(picture.clone(), size)
}

/// A picture scaled to cover the frame and cut to it, about its middle.
fn cover(picture: &Rgba, frame: Size) -> Rgba {
    let picture = &shortened(picture, frame);
    let size = covering(picture.size, frame, Percent::WHOLE);
    let Some(buffer) = image::RgbaImage::from_raw(
        picture.size.width,
        picture.size.height,
        picture.pixels.clone(),
    ) else {
        return picture.clone();
    };
    let filter = image::imageops::FilterType::CatmullRom;
    let scaled = image::imageops::resize(&buffer, size.width, size.height, filter);
    let scaled = Rgba {
        size,
        pixels: scaled.into_raw(),
    };
    middle(scaled, frame)
}

/// A scene as one picture of the frame's size.
pub(crate) fn flat(scene: &svg::Scene, frame: Size) -> Result<Rgba, ArtError> {
    let mut out = Rgba::transparent(frame);
    for layer in scene.layers() {
        let image = middle(layer?.2, frame);
        Placed { image, x: 0, y: 0 }.over(&mut out);
    }
    Ok(out)
}

/// The middle of a picture, as large as the frame.
fn middle(picture: Rgba, frame: Size) -> Rgba {
    let half = |frame: u32, side: u32| (i64::from(frame) - i64::from(side)) as i32 / 2;
    let x = half(frame.width, picture.size.width);
    let y = half(frame.height, picture.size.height);
    let mut out = Rgba::transparent(frame);
    Placed {
        image: picture,
        x,
        y,
    }
    .over(&mut out);
    out
}

/// Keeps what is not wholly transparent of a layer; most layers of a scene are small.
fn keep(
    (depth, blend, picture): (u8, Blend, Rgba),
    work: &Work,
) -> Result<Option<StillLayer>, StepError> {
    let Some((picture, x, y)) = picture.trimmed() else {
        return Ok(None);
    };
    let png = still::png(&picture)
        .map_err(|error| StepError::permanent("the picture cannot be written").because(error))?;
    let image = work.store().keep_bytes(&png, "image/png")?;
    Ok(Some(StillLayer {
        image,
        x,
        y,
        size: picture.size,
        depth,
        blend,
    }))
}
