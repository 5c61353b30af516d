//! What shots show.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::episode::{CardSpec, ClipSpec, ImageSpec, MotionSpec, Picture, Shot};
use workprint_model::show::{EngineSpec, SmoothEngine};
use workprint_model::timeline::{Clip, PlacedPicture};
use workprint_model::{
    Artifact, Diagnostic, Frames, MediaPath, Millis, Percent, SAMPLE_RATE, Samples, ShotId, Slot,
};

use super::best::best;
use super::{Made, Order, find_file, upscaled};
use crate::clips::{ClipTake, LookIntoClip};
use crate::generate::{Animate, Generate, Model, backed};
use crate::images::{Image, ImageSource};
use crate::smooth::Smooth;
use crate::tools::Tools;

const SVG: &str = "image/svg+xml";

pub(super) async fn pictures(
    run: &Run<Tools>,
    order: &Order<'_>,
) -> Made<BTreeMap<ShotId, PlacedPicture>> {
    let shots: Vec<&Shot> = order.episode.shots().collect();
    let stills: Vec<&Shot> = shots
        .iter()
        .copied()
        .filter(|shot| match shot.picture {
            Picture::Clip(_) => false,
            Picture::Plate(_) => order.hand_made.contains_key(&Slot::new("image", &shot.id)),
            _ => true,
        })
        .collect();
    let clips: Vec<(&Shot, &ClipSpec)> = shots
        .iter()
        .filter_map(|shot| match &shot.picture {
            Picture::Clip(clip) => Some((*shot, clip)),
            _ => None,
        })
        .collect();
    let painted = generated(run, order, &stills);
    let made = async {
        let painted = painted.await?;
        let moving = animated(run, order, &stills, &painted).await?;
        let stills: Vec<&Shot> = stills
            .iter()
            .copied()
            .filter(|shot| !moving.contains_key(&shot.id))
            .collect();
        let large = upscaled::images(run, order, &stills).await?;
        let steps = stills
            .iter()
            .map(|shot| image_step(run, order, shot, (&painted, &large)));
        let made = run.all(steps).await?;
        Ok((stills, made, moving))
    };
    let clips = clip_pictures(run, order, &clips);
    let ((stills, made, moving), clips) = futures::try_join!(made, clips)?;
    let stills = stills.iter().zip(made).map(|(shot, mut still)| {
        // Parallax is the shot's, whatever take was pinned.
        if let Picture::Image(spec) = &shot.picture {
            still.parallax = spec.parallax;
        }
        (shot.id.clone(), PlacedPicture::Still(still))
    });
    let plates = shots.iter().filter_map(|shot| match &shot.picture {
        Picture::Plate(plate) => Some((shot.id.clone(), PlacedPicture::Plate(plate.clone()))),
        _ => None,
    });
    // A file that was put in a plate's place is a still, and wins.
    let pictures = plates.chain(stills).chain(clips).chain(moving).collect();
    if order.draft.is_some() {
        return carded(run, order, pictures).await;
    }
    Ok(pictures)
}

/// The pictures, those that cannot be had exchanged for cards that say what is missing.
async fn carded(
    run: &Run<Tools>,
    order: &Order<'_>,
    mut pictures: BTreeMap<ShotId, PlacedPicture>,
) -> Made<BTreeMap<ShotId, PlacedPicture>> {
    let is_missing = |picture: &PlacedPicture| match picture {
        PlacedPicture::Still(still) => {
            let mut layers = still.layers.iter();
            layers.any(|layer| run.is_missing(&layer.image.digest))
        }
        PlacedPicture::Clip(clip) => run.is_missing(&clip.video.digest),
        PlacedPicture::Plate(_) => false,
    };
    let missing: Vec<&Shot> = order
        .episode
        .shots()
        .filter(|shot| pictures.get(&shot.id).is_some_and(is_missing))
        .collect();
    let cards = missing.iter().map(|shot| Image {
        source: ImageSource::Storyboard {
            prompt: named(&shot.picture),
            seed: 0,
            label: shot.id.to_string(),
            language: order.episode.language.clone(),
            fonts: *run.tools().fonts.digest(),
        },
        frame: order.output.size(),
        zoom: Percent::WHOLE,
        parallax: Percent::new(0),
        slot: Slot::new("image", format_args!("{}~card", shot.id)),
    });
    let cards = run.all(cards).await?;
    for (shot, card) in missing.into_iter().zip(cards) {
        pictures.insert(shot.id.clone(), PlacedPicture::Still(card));
    }
    Ok(pictures)
}

/// What a card says in place of a picture.
fn named(picture: &Picture) -> String {
    match picture {
        Picture::Image(image) => image.file.to_string(),
        Picture::Clip(clip) => clip.file.to_string(),
        Picture::Card(card) => card.title.clone(),
        Picture::Prompt(prompt) => prompt.text.clone(),
        Picture::Plate(plate) => plate.colour.to_string(),
    }
}

/// The nearest view of a shot's move, and what a crop leaves of the picture enlarged as far, in
/// steps of a tenth so that small edits keep the picture.
pub(super) fn nearest_zoom(shot: &Shot) -> Percent {
    let nearest = shot
        .camera
        .map_or(Percent::WHOLE, |camera| camera.nearest());
    let left = |first: Percent, second: Percent| {
        (10_000 - i64::from(first.hundredths()) - i64::from(second.hundredths())).max(1000)
    };
    let crop = shot.crop;
    let least = left(crop.left, crop.right).min(left(crop.top, crop.bottom));
    let hundredths = (i64::from(nearest.hundredths()) * 10_000 / least).clamp(10_000, 20_000);
    Percent::from_hundredths((hundredths as i32 + 999) / 1000 * 1000)
}

/// The pictures that models make of prompts; a file in the place of one comes before it.
async fn generated<'a>(
    run: &Run<Tools>,
    order: &Order<'_>,
    shots: &[&'a Shot],
) -> Made<BTreeMap<&'a ShotId, Artifact>> {
    let (engines, takes) = (&order.show.engines, order.show.takes.pictures);
    // The same for every output: made once.
    let frame = order
        .show
        .outputs
        .get("main")
        .unwrap_or(order.output)
        .size();
    let steps = shots.iter().filter_map(|shot| {
        let Picture::Prompt(prompt) = &shot.picture else {
            return None;
        };
        let (name, spec) = engines.image_of(prompt)?;
        let slot = Slot::new("generate", &shot.id);
        let own = [&Slot::new("image", &shot.id), &slot];
        if own.iter().any(|slot| order.hand_made.contains_key(slot)) {
            return None;
        }
        let references = prompt.references.iter();
        let references = references
            .map(|file| find_file(order, file).digest)
            .collect();
        let asked = (prompt.text.as_str(), prompt.seed);
        let of = |engine: (&str, &EngineSpec)| {
            let model = (model_of(order, engine), engine.1);
            Generate::of(model, asked, Vec::clone(&references), frame, slot.clone())
        };
        let step = match engines.drawn_by(spec) {
            Some(text) => of(text).drawn(text.1, spec.quality),
            None if spec.is_illustrator() => return None,
            None => of((name, spec)),
        };
        let others = spec.fallbacks(&engines.images).map(of);
        let step = backed(step, others, |step| &mut step.otherwise);
        Some((&shot.id, prompt.takes.unwrap_or(takes), step))
    });
    best(run, order, steps.collect()).await
}

/// An engine as the key of a step has it.
pub(super) fn model_of(order: &Order<'_>, (name, spec): (&str, &EngineSpec)) -> Model {
    let graph = spec.graph.as_ref();
    let graph = graph.map(|file| find_file(order, file).digest);
    let files = spec.files().map(|file| {
        let digest = find_file(order, &file).digest;
        (file, digest)
    });
    Model {
        files: files.collect(),
        ..Model::of((name, spec), graph)
    }
}

/// The clips that models make of pictures; a file in the place of one comes before it.
async fn animated(
    run: &Run<Tools>,
    order: &Order<'_>,
    shots: &[&Shot],
    painted: &BTreeMap<&ShotId, Artifact>,
) -> Made<BTreeMap<ShotId, PlacedPicture>> {
    let output = order.show.outputs.get("main").unwrap_or(order.output);
    let wanted: BTreeMap<&ShotId, &MotionSpec> = shots
        .iter()
        .filter_map(|shot| match &shot.picture {
            Picture::Prompt(prompt) => Some((&shot.id, prompt.clip.as_ref()?)),
            _ => None,
        })
        .collect();
    let steps = shots.iter().filter_map(|shot| {
        let Picture::Prompt(prompt) = &shot.picture else {
            return None;
        };
        let motion = prompt.clip.as_ref()?;
        let (name, spec) = order.show.engines.clip_of(prompt)?;
        let [slot, image, generate] =
            ["animate", "image", "generate"].map(|kind| Slot::new(kind, &shot.id));
        if order.hand_made.contains_key(&slot) {
            return None;
        }
        let by_hand = [image, generate];
        let mut by_hand = by_hand.iter().filter_map(|slot| order.hand_made.get(slot));
        let painted = painted.get(&shot.id).map(|file| &file.digest);
        let first = *by_hand.next().or(painted)?;
        let asked = (motion.text.as_str(), motion.seed);
        let of = |engine: (&str, &EngineSpec)| {
            let model = (model_of(order, engine), engine.1);
            let of = (first, motion.length_ms);
            Animate::of(model, asked, of, output, slot.clone())
        };
        let others = spec.fallbacks(&order.show.engines.clips).map(of);
        let step = backed(of((name, spec)), others, |step| &mut step.otherwise);
        let takes = motion.takes.unwrap_or(order.show.takes.clips);
        Some((&shot.id, takes, step))
    });
    let mut files = best(run, order, steps.collect()).await?;
    for id in wanted.keys() {
        if let Some(digest) = order.hand_made.get(&Slot::new("animate", id)) {
            let by_hand = Artifact {
                digest: *digest,
                media_type: "video/mp4".to_owned(),
                bytes: 0,
            };
            files.insert(id, by_hand);
        }
    }
    placed(run, order, &wanted, files).await
}

/// The clips as shots show them.
async fn placed(
    run: &Run<Tools>,
    order: &Order<'_>,
    wanted: &BTreeMap<&ShotId, &MotionSpec>,
    files: BTreeMap<&ShotId, Artifact>,
) -> Made<BTreeMap<ShotId, PlacedPicture>> {
    let (ids, steps): (Vec<&ShotId>, Vec<LookIntoClip>) = files
        .into_iter()
        .map(|(id, file)| (id, look(run, order, &file, Slot::new("clip", id))))
        .unzip();
    let takes = run.all(steps).await?;
    let placed = ids.into_iter().zip(takes).map(|(id, take)| {
        let clip = Clip {
            frames: covering(order, take.duration),
            video: take.video,
            size: take.size,
            start: Samples(0),
            speed: Percent::new(100),
            then: wanted[id].then,
        };
        (id.clone(), PlacedPicture::Clip(clip))
    });
    Ok(placed.collect())
}

fn look(run: &Run<Tools>, order: &Order<'_>, file: &Artifact, slot: Slot) -> LookIntoClip {
    LookIntoClip {
        engine: run.tools().identities.ffmpeg.clone(),
        file: file.digest,
        bytes: file.bytes,
        frame: Some(order.output.size()),
        slot,
    }
}

/// The frames that something is shown for.
fn covering(order: &Order<'_>, shown: Samples) -> Frames {
    // A sample or two of rounding in a container's duration is not a frame.
    let shown = Samples(shown.0.saturating_sub(2));
    order.output.rate.frames_covering(shown).max(Frames(1))
}

fn image_step(
    run: &Run<Tools>,
    order: &Order<'_>,
    shot: &Shot,
    (painted, large): (&BTreeMap<&ShotId, Artifact>, &BTreeMap<ShotId, Artifact>),
) -> Image {
    let slot = Slot::new("image", &shot.id);
    let parallax = match &shot.picture {
        Picture::Image(spec) => spec.parallax,
        _ => Percent::new(0),
    };
    let bought = Slot::new("generate", &shot.id);
    let own = [&slot, &bought];
    let own = own.into_iter().find_map(|slot| order.hand_made.get(slot));
    let (source, slot) = match (&shot.picture, own) {
        (_, Some(&file)) => (ImageSource::File { file }, slot),
        (Picture::Image(_), None) if large.contains_key(&shot.id) => {
            (of_file(run, order, &large[&shot.id]), slot)
        }
        (Picture::Image(ImageSpec { file, .. }) | Picture::Clip(ClipSpec { file, .. }), None) => {
            (from_file(run, order, file), slot)
        }
        (Picture::Card(card), None) => card_source(run, order, card, shot),
        // A plate needs no image, unless a file was put in its place.
        (Picture::Plate(plate), None) => {
            let colour = CardSpec {
                title: String::new(),
                subtitle: None,
                background: None,
                colour: Some(plate.colour),
                dub: BTreeMap::new(),
            };
            card_source(run, order, &colour, shot)
        }
        (Picture::Prompt(_), None) if painted.contains_key(&shot.id) => {
            (of_file(run, order, &painted[&shot.id]), slot)
        }
        (Picture::Prompt(spec), None) => {
            let source = ImageSource::Storyboard {
                prompt: spec.text.clone(),
                seed: spec.seed,
                label: shot.id.to_string(),
                language: order.episode.language.clone(),
                fonts: *run.tools().fonts.digest(),
            };
            (source, slot)
        }
    };
    Image {
        source,
        frame: order.output.size(),
        zoom: nearest_zoom(shot),
        parallax,
        slot,
    }
}

fn from_file(run: &Run<Tools>, order: &Order<'_>, path: &MediaPath) -> ImageSource {
    of_file(run, order, &find_file(order, path))
}

fn of_file(run: &Run<Tools>, order: &Order<'_>, file: &Artifact) -> ImageSource {
    let is_svg = file.media_type == SVG;
    let file = file.digest;
    if is_svg {
        let language = order.episode.language.clone();
        ImageSource::Svg {
            file,
            language,
            fonts: *run.tools().fonts.digest(),
        }
    } else {
        ImageSource::File { file }
    }
}

/// A card's words in the language that is made; a dub has a slot of its own where it has words.
fn card_source(
    run: &Run<Tools>,
    order: &Order<'_>,
    card: &CardSpec,
    shot: &Shot,
) -> (ImageSource, Slot) {
    let dubbed = order
        .dub
        .and_then(|language| Some((language, card.dub.get(language)?)));
    let (title, subtitle) = dubbed.map_or((&card.title, &card.subtitle), |(_, words)| {
        (&words.title, &words.subtitle)
    });
    let background = card.background.as_ref().map(|path| {
        let file = find_file(order, path);
        (file.digest, file.media_type == SVG)
    });
    let source = ImageSource::Card {
        title: title.clone(),
        subtitle: subtitle.clone(),
        background,
        colour: card.colour,
        language: dubbed
            .map_or(&order.episode.language, |(language, _)| language)
            .clone(),
        fonts: *run.tools().fonts.digest(),
    };
    let slot = match dubbed {
        Some((language, _)) => Slot::new("image", format_args!("{}@{language}", shot.id)),
        None => Slot::new("image", &shot.id),
    };
    (source, slot)
}

async fn clip_pictures(
    run: &Run<Tools>,
    order: &Order<'_>,
    clips: &[(&Shot, &ClipSpec)],
) -> Made<Vec<(ShotId, PlacedPicture)>> {
    let named: Vec<(String, &ClipSpec)> = clips
        .iter()
        .map(|(shot, spec)| (shot.id.to_string(), *spec))
        .collect();
    let made = placed_clips(run, order, &named).await?;
    let shots = clips.iter().map(|(shot, _)| shot.id.clone());
    Ok(shots
        .zip(made.into_iter().map(PlacedPicture::Clip))
        .collect())
}

/// Clips, each by the name of its slot.
pub(super) async fn placed_clips(
    run: &Run<Tools>,
    order: &Order<'_>,
    clips: &[(String, &ClipSpec)],
) -> Made<Vec<Clip>> {
    let takes = run
        .all(clips.iter().map(|(name, spec)| {
            let slot = Slot::new("clip", name);
            let mut file = find_file(order, &spec.file);
            if let Some(by_hand) = order.hand_made.get(&slot) {
                file.digest = *by_hand;
            }
            look(run, order, &file, slot)
        }))
        .await?;
    for ((_, spec), take) in clips.iter().zip(&takes) {
        tell_cut_short(run, &spec.file, take);
    }
    let takes = upscaled::clips(run, order, clips, takes).await?;
    let takes = smoothed(run, order, clips, takes).await?;
    let placed = clips.iter().zip(takes).map(|((_, spec), take)| {
        let start = Millis(i64::from(spec.in_ms)).samples();
        let speed = spec.speed.hundredths().max(1) as u64;
        let shown = (take.duration - start).0 * 10_000 / speed;
        let frames = covering(order, Samples(shown));
        Clip {
            video: take.video,
            size: take.size,
            start,
            speed: spec.speed,
            frames,
            then: spec.then,
        }
    });
    Ok(placed.collect())
}

/// A clip with less in it than it says is shown as far as it goes, but not silently.
fn tell_cut_short(run: &Run<Tools>, file: &MediaPath, take: &ClipTake) {
    let Some(promised) = take.promised else {
        return;
    };
    let tenths = |time: Samples| {
        let tenths = time.0 * 10 / u64::from(SAMPLE_RATE);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let message = format!(
        "`{file}` says that it plays for {} s and ends after {} s: it was cut short, or its length is wrong",
        tenths(promised),
        tenths(take.duration),
    );
    run.diagnose(
        Diagnostic::warning("clip.cut-short", message)
            .hint("copy or export the file again; what is there is shown, then its `then` counts"),
    );
}

/// The clips, those that ask for it with more frames.
async fn smoothed(
    run: &Run<Tools>,
    order: &Order<'_>,
    clips: &[(String, &ClipSpec)],
    mut takes: Vec<ClipTake>,
) -> Made<Vec<ClipTake>> {
    let rough: Vec<usize> = (0..clips.len())
        .filter(|&index| clips[index].1.smooth > 1)
        .collect();
    let wants_rife = order.show.engines.smooth == SmoothEngine::Rife;
    let rife = run.tools().identities.rife.clone().filter(|_| wants_rife);
    if wants_rife && rife.is_none() && !rough.is_empty() {
        run.diagnose(
            Diagnostic::warning(
                "smooth.no-rife",
                "show.toml asks for rife-ncnn-vulkan, which is not installed; ffmpeg interpolates instead",
            )
            .hint("install rife-ncnn-vulkan, or set `smooth = \"minterpolate\"` in show.toml"),
        );
    }
    let smoothed = run
        .all(rough.iter().map(|&index| {
            Smooth {
                engine: rife
                    .clone()
                    .unwrap_or_else(|| run.tools().identities.ffmpeg.clone()),
                rife: rife.is_some(),
                factor: clips[index].1.smooth,
                clip: takes[index].clone(),
                slot: Slot::new("smooth", &clips[index].0),
            }
        }))
        .await?;
    for (index, take) in rough.iter().zip(smoothed) {
        takes[*index] = take;
    }
    Ok(takes)
}

/// The tables of colours that looks name.
pub(super) fn cubes(order: &Order<'_>) -> BTreeMap<MediaPath, Artifact> {
    let shots = order.episode.shots().map(|shot| &shot.looks);
    let lists = shots.chain([&order.episode.looks]);
    let looks = lists.flat_map(|looks| order.show.looks_of(looks));
    let files = looks.filter_map(|look| look.file().cloned());
    files
        .map(|file| (file.clone(), find_file(order, &file)))
        .collect()
}
