//! Pictures and clips that are enlarged before they are painted.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::episode::{ClipSpec, Picture, Shot};
use workprint_model::{Artifact, Diagnostic, ShotId, Slot};

use super::{Made, Order, find_file};
use crate::clips::ClipTake;
use crate::tools::Tools;
use crate::upscale::{UpscaleClip, UpscaleImage};

/// The program that enlarges; tells where it is missing.
fn program(run: &Run<Tools>) -> Option<String> {
    let program = run.tools().identities.realesrgan.clone();
    if program.is_none() {
        run.diagnose(
            Diagnostic::warning(
                "upscale.no-program",
                "`upscale` asks for realesrgan-ncnn-vulkan, which is not installed; what it would enlarge is shown as it is",
            )
            .hint("unpack a release of github.com/xinntao/Real-ESRGAN with its folder `models`, put it on the search path, or leave `upscale` out"),
        );
    }
    program
}

/// The files of stills that ask for it, enlarged. A drawing is as sharp as the frame anyway, and a file that was put in
/// a picture's place is taken as it is.
pub(super) async fn images(
    run: &Run<Tools>,
    order: &Order<'_>,
    shots: &[&Shot],
) -> Made<BTreeMap<ShotId, Artifact>> {
    let wanted = shots.iter().filter_map(|shot| {
        let Picture::Image(spec) = &shot.picture else {
            return None;
        };
        let by_hand = ["image", "generate"].map(|kind| Slot::new(kind, &shot.id));
        let by_hand = by_hand
            .iter()
            .any(|slot| order.hand_made.contains_key(slot));
        let file = find_file(order, &spec.file);
        let fits = spec.upscale > 1 && !by_hand && file.media_type != "image/svg+xml";
        fits.then_some((&shot.id, spec.upscale, file.digest))
    });
    let wanted: Vec<_> = wanted.collect();
    let Some(engine) = (!wanted.is_empty()).then(|| program(run)).flatten() else {
        return Ok(BTreeMap::new());
    };
    let steps = wanted.iter().map(|(id, factor, file)| UpscaleImage {
        engine: engine.clone(),
        model: order.show.engines.upscale,
        factor: *factor,
        file: *file,
        slot: Slot::new("upscale", id),
    });
    let made = run.all(steps).await?;
    let ids = wanted.into_iter().map(|(id, _, _)| id.clone());
    Ok(ids.zip(made).collect())
}

/// The clips, those that ask for it enlarged; a file that was put in a clip's place is taken as it is.
pub(super) async fn clips(
    run: &Run<Tools>,
    order: &Order<'_>,
    clips: &[(String, &ClipSpec)],
    mut takes: Vec<ClipTake>,
) -> Made<Vec<ClipTake>> {
    let wanted = (0..clips.len()).filter(|&index| {
        let (name, spec) = &clips[index];
        spec.upscale > 1 && !order.hand_made.contains_key(&Slot::new("clip", name))
    });
    let wanted: Vec<usize> = wanted.collect();
    let Some(engine) = (!wanted.is_empty()).then(|| program(run)).flatten() else {
        return Ok(takes);
    };
    let steps = wanted.iter().map(|&index| UpscaleClip {
        engine: engine.clone(),
        model: order.show.engines.upscale,
        factor: clips[index].1.upscale,
        clip: takes[index].clone(),
        slot: Slot::new("upscale-clip", &clips[index].0),
    });
    let made = run.all(steps).await?;
    for (index, take) in wanted.into_iter().zip(made) {
        takes[index] = take;
    }
    Ok(takes)
}
