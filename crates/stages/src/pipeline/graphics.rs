//! What lies over the shots.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::caption::CaptionPlace;
use workprint_model::caption_rules::CaptionLimits;
use workprint_model::episode::{Captions, CastMember, ClipSpec, Cue, Overlay, Side};
use workprint_model::graphic::{Figures, Graphic, Picture, Setting, Template};
use workprint_model::show::{CaptionStyle, Output};
use workprint_model::timeline::Clip;
use workprint_model::{Artifact, Digest, Language, OverlayId, Slot};

use super::pictures::placed_clips;
use super::{Made, Order, find_file};
use crate::captions::find_style;
use crate::graphics::DrawGraphic;
use crate::sources;
use crate::timeline::Overlaid;
use crate::tools::Tools;

/// Draws every overlay's graphic, in the order of the episode.
pub(super) async fn graphics(run: &Run<Tools>, order: &Order<'_>) -> Made<Vec<Overlaid>> {
    let overlays = &order.episode.overlays;
    let clips: Vec<(&Overlay, (String, &ClipSpec))> = overlays
        .iter()
        .filter_map(|overlay| {
            let name = format!("overlay/{}", overlay.id);
            Some((overlay, (name, overlay.clip.as_ref()?)))
        })
        .collect();
    let (ids, specs): (Vec<&OverlayId>, Vec<_>) = clips
        .into_iter()
        .map(|(overlay, spec)| (&overlay.id, spec))
        .unzip();
    let placed = placed_clips(run, order, &specs).await?;
    let mut clips: BTreeMap<&OverlayId, Clip> = ids.into_iter().zip(placed).collect();
    let steps = overlays
        .iter()
        .map(|overlay| draw(run, order, overlay, clips.get(&overlay.id)));
    let drawings = run.all(steps).await?;
    let made = overlays
        .iter()
        .zip(drawings)
        .map(|(overlay, drawing)| Overlaid {
            drawing,
            clip: clips.remove(&overlay.id),
        });
    Ok(made.collect())
}

fn draw(
    run: &Run<Tools>,
    order: &Order<'_>,
    overlay: &Overlay,
    clip: Option<&Clip>,
) -> DrawGraphic {
    let words = order.dub.and_then(|language| overlay.dub.get(language));
    let template = if sources::is_built_in(&overlay.graphic) {
        Template::BuiltIn(overlay.graphic.clone())
    } else {
        let path = sources::graphic_path(&overlay.graphic);
        let missing = || Digest::of_json(&("missing", &overlay.graphic));
        Template::Svg(path.map_or_else(missing, |path| find_file(order, &path).digest))
    };
    let figures = figures(order, overlay, clip);
    // Labels and roles have words of their own in a dub; numbers are written as it writes them.
    let tells = words.is_some() || figures.tells();
    let language = order
        .dub
        .filter(|_| tells)
        .unwrap_or(&order.episode.language);
    let slot = match order.dub.filter(|_| tells) {
        Some(_) => Slot::new("graphic", format_args!("{}@{language}", overlay.id)),
        None => Slot::new("graphic", &overlay.id),
    };
    let pictures = overlay.pictures.iter().map(|(name, path)| {
        let Artifact {
            digest: file,
            media_type,
            ..
        } = find_file(order, path);
        let svg = media_type == "image/svg+xml";
        (name.clone(), Picture { file, svg })
    });
    DrawGraphic {
        graphic: Graphic {
            template,
            fields: words.unwrap_or(&overlay.fields).clone(),
            pictures: pictures.collect(),
            setting: setting(order, overlay),
            figures,
        },
        size: order.output.size(),
        language: language.clone(),
        fonts: *run.tools().fonts.digest(),
        slot,
    }
}

fn setting(order: &Order<'_>, overlay: &Overlay) -> Setting {
    Setting {
        side: overlay.side.or_else(|| side(order, overlay)),
        place: overlay.place,
        size: overlay.size,
        safe: order.output.safe.unwrap_or_default(),
        clear: clear(order),
        theme: order.show.theme.clone(),
    }
}

/// Under the speaker, or, for what is shown beside them, on the other side.
fn side(order: &Order<'_>, overlay: &Overlay) -> Option<Side> {
    let beside = match overlay.graphic.as_str() {
        "over-shoulder" | "picture-in-picture" | "counter" | "number" => true,
        "lower-third" | "name-plate" => false,
        _ => return None,
    };
    let anchor = &overlay.from;
    let is_on = |cue: &&Cue| match (&anchor.cue, &anchor.shot) {
        (Some(id), _) => cue.id == *id,
        (None, Some(id)) => cue.shots.iter().any(|shot| shot.id == *id),
        (None, None) => false,
    };
    let speaker = order.episode.cues().find(is_on)?.speaker.as_ref()?;
    let cast = || order.episode.cast.iter().chain(&order.show.cast);
    let member: &CastMember = cast().find(|member| member.id == *speaker)?;
    let side = member.side?;
    Some(if beside { side.other() } else { side })
}

/// How much of the frame's height is free of captions, from the top and in permille; 0 where they do
/// not stand at its foot.
fn clear(order: &Order<'_>) -> u16 {
    let (captions, output) = (&order.episode.captions, order.output);
    let name = output.captions.style.as_deref();
    let style = find_style(name.unwrap_or(&captions.style), order.show).on(&output.captions);
    let language = order.dub.unwrap_or(&order.episode.language);
    over(&style, captions, (output, language))
}

fn over(
    style: &CaptionStyle,
    captions: &Captions,
    (output, language): (&Output, &Language),
) -> u16 {
    if style.place != CaptionPlace::Bottom {
        return 0;
    }
    let limits = CaptionLimits::of(language).with(captions, &output.captions);
    let room = style.room(captions, &limits, (output.size(), output.safe));
    let letters =
        i64::from(style.letter_size(output.size())) * 100 / i64::from(output.height.max(1));
    let lines = letters * i64::from(style.leading()) / 100 * i64::from(room.lines);
    // Captions are moved up into the safe box: then nothing has room below them.
    let safe = output.safe.map(|safe| safe.margins().bottom);
    let moved = safe.filter(|safe| *safe > style.bottom);
    let foot = i64::from(moved.unwrap_or(style.bottom).hundredths());
    let free = 1000 - (lines + foot) / 10 - 26;
    let least = if moved.is_some() { 300 } else { 500 };
    u16::try_from(free)
        .ok()
        .filter(|free| *free >= least)
        .unwrap_or(0)
}

/// What the overlay counts, charts or rolls, in the language that is made.
fn figures(order: &Order<'_>, overlay: &Overlay, clip: Option<&Clip>) -> Figures {
    let mut figures = Figures {
        count: overlay.count.clone(),
        chart: overlay.chart.clone(),
        credits: overlay.credits.clone(),
        frame: overlay.frame.clone(),
        clip: clip.map(|clip| clip.size),
    };
    let values = figures.chart.iter_mut().flat_map(|chart| &mut chart.values);
    for value in values {
        let words = std::mem::take(&mut value.dub);
        if let Some(label) = order.dub.and_then(|language| words.get(language)) {
            value.label.clone_from(label);
        }
    }
    for credit in &mut figures.credits {
        let words = std::mem::take(&mut credit.dub);
        let Some(words) = order.dub.and_then(|language| words.get(language)) else {
            continue;
        };
        for (own, other) in [
            (&mut credit.heading, &words.heading),
            (&mut credit.role, &words.role),
        ] {
            if !other.is_empty() {
                own.clone_from(other);
            }
        }
        if !words.names.is_empty() {
            credit.names.clone_from(&words.names);
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use workprint_model::Safe;
    use workprint_model::caption::BUILT_IN_STYLES;
    use workprint_picture::caption::caption_plate;
    use workprint_picture::{CaptionLook, Fonts};

    use super::*;

    #[test]
    fn graphics_stand_above_captions_in_every_safe_box() {
        let episode = Captions::default();
        let english: Language = "en".parse().expect("English has a code");
        for (width, height) in [(1920, 1080), (1080, 1920), (1080, 1080)] {
            for safe in [None, Some(Safe::Tiktok), Some(Safe::Vertical)] {
                let output = Output {
                    width,
                    height,
                    safe,
                    ..Output::default()
                };
                for name in BUILT_IN_STYLES {
                    let style = CaptionStyle::built_in(name).expect("a built-in style");
                    if style.place != CaptionPlace::Bottom {
                        continue;
                    }
                    let plate = caption_plate(
                        &CaptionLook {
                            lines: vec!["Ada said".to_owned(), "goodbye".to_owned()],
                            style: style.clone(),
                            language: english.clone(),
                            frame: output.size(),
                            safe: safe.map(Safe::margins),
                            words: Vec::new(),
                            heard: None,
                        },
                        Fonts::built_in(),
                    );
                    let free =
                        u32::from(over(&style, &episode, (&output, &english))) * height / 1000;
                    assert!(
                        free > 0 && i64::from(plate.y) >= i64::from(free),
                        "{name} in {safe:?} of {width}x{height}: {} under {free}",
                        plate.y
                    );
                }
            }
        }
    }
}
