//! What viewers could not read: captions without contrast, outside of the safe box, or made small.

use std::collections::BTreeMap;

use workprint_model::caption::{Against, CaptionPlace};
use workprint_model::episode::{Cue, Episode};
use workprint_model::show::{CaptionLimits, CaptionStyle, Output, Show};
use workprint_model::words::{Word, units, width};
use workprint_model::{Diagnostic, Language, Safe, Samples};
use workprint_picture::caption::fitted;
use workprint_picture::{CaptionLook, Fonts};

use super::atoms::atoms;
use super::place::{burns, style, style_name};

/// The most warnings about words.
const MOST: usize = 20;

/// What of an episode's burned captions viewers of any output could not read well. Nothing here stops
/// a run.
pub fn check(episode: &Episode, show: &Show, fonts: &Fonts) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for (name, output) in &show.outputs {
        let burned = |cue: &&Cue| cue.spoken().is_some() && burns(cue, episode, output);
        let cues: Vec<&Cue> = episode.cues().filter(burned).collect();
        let mut styles: BTreeMap<&str, CaptionStyle> = BTreeMap::new();
        for &cue in &cues {
            let known = style_name(cue, episode, output);
            styles
                .entry(known)
                .or_insert_with(|| style(cue, episode, show, output));
        }
        for (known, style) in &styles {
            if !told.contains(known) {
                told.push(known);
                out.extend(contrast(known, style));
            }
            out.extend(place(known, style, (name, output), episode));
        }
        for cue in cues {
            if out.len() < MOST {
                out.extend(long_word(cue, (episode, show), (name, output), fonts));
            }
        }
    }
    out
}

/// Letters that cannot be told from what is around them.
fn contrast(name: &str, style: &CaptionStyle) -> Option<Diagnostic> {
    let found = style.legibility();
    if found.ratio >= found.wanted {
        return None;
    }
    let (against, hint) = match found.against {
        Against::Box => (
            "against their box over the worst picture",
            "make the box more opaque, or choose colours further apart",
        ),
        Against::Outline => (
            "against the line around them",
            "choose an `outline_colour` further from `colour`",
        ),
        Against::Picture => (
            "over a picture of their own colour, with neither outline nor box",
            "give the style an `outline` of 4 or more, or a `box_colour`",
        ),
        Against::Accent => (
            "against what lies behind the word spoken",
            "choose `accent` and `accent_letters` further apart",
        ),
    };
    let message = format!(
        "captions of the style `{name}` have a contrast of {}:1 {against}: {}:1 is needed",
        decimal(found.ratio),
        decimal(found.wanted),
    );
    Some(Diagnostic::warning("captions.contrast", message).hint(hint))
}

fn decimal(hundredths: u32) -> String {
    format!("{}.{}", hundredths / 100, hundredths % 100 / 10)
}

/// Captions that stand where screens or apps cover them. With a safe box of the output's own they are
/// moved into it, and only their height can be too much.
fn place(
    name: &str,
    style: &CaptionStyle,
    (output_name, output): (&str, &Output),
    episode: &Episode,
) -> Option<Diagnostic> {
    let frame = output.size();
    let area = output.safe.unwrap_or(Safe::Title).margins().within(frame);
    let limits = CaptionLimits::of(&episode.language).with(&episode.captions, &output.captions);
    let room = style.room(&episode.captions, &limits, (frame, output.safe));
    let line = u64::from(style.letter_size(frame)) * u64::from(style.leading()) / 100;
    let height = (line * u64::from(room.lines) / 100) as u32;
    let away = (i64::from(frame.height) * i64::from(style.bottom.hundredths()) / 10_000) as u32;
    let (top, bottom) = match style.place {
        CaptionPlace::Bottom => {
            let foot = frame.height.saturating_sub(away);
            (foot.saturating_sub(height), foot)
        }
        CaptionPlace::Top => (away, away.saturating_add(height)),
        CaptionPlace::Middle => (area.top, area.top.saturating_add(height)),
    };
    let inside = if output.safe.is_some() || style.place == CaptionPlace::Middle {
        height <= area.height()
    } else {
        top >= area.top && bottom <= area.bottom
    };
    if inside {
        return None;
    }
    let message = format!(
        "captions of the style `{name}` lie in rows {top} to {bottom} of the output `{output_name}`: \
         rows {} to {} are safe",
        area.top, area.bottom,
    );
    let hint = if height > area.height() {
        "make `size` smaller, or allow fewer `lines`".to_owned()
    } else {
        format!("change `bottom` of the style, or set `safe` in `[outputs.{output_name}]`")
    };
    Some(Diagnostic::warning("captions.outside-safe", message).hint(hint))
}

/// A word that is wider than a line may be, for which the letters are made smaller.
fn long_word(
    cue: &Cue,
    (episode, show): (&Episode, &Show),
    (output_name, output): (&str, &Output),
    fonts: &Fonts,
) -> Option<Diagnostic> {
    let text = cue.spoken()?;
    let style = style(cue, episode, show, output);
    let frame = output.size();
    let language: &Language = cue.language.as_ref().unwrap_or(&episode.language);
    let limits = CaptionLimits::of(language).with(&episode.captions, &output.captions);
    let room = style.room(&episode.captions, &limits, (frame, output.safe));
    let most = usize::from(room.line_length);
    if units(text).iter().all(|unit| width(unit.text) <= most) {
        return None;
    }
    let untimed = |unit: workprint_model::words::Unit<'_>| Word {
        text: unit.text.to_owned(),
        start: Samples(0),
        end: Samples(1),
    };
    let times: Vec<Word> = units(text).into_iter().map(untimed).collect();
    let long = atoms(text, &times)
        .into_iter()
        .filter(|atom| width(&atom.text) > most);
    for atom in long {
        let look = CaptionLook {
            lines: vec![atom.text.clone()],
            style: style.clone(),
            language: language.clone(),
            frame,
            safe: output.safe.map(Safe::margins),
            words: Vec::new(),
            heard: None,
        };
        let share = fitted(&look, fonts);
        if share < 100 {
            let word: String = atom.text.chars().take(60).collect();
            let message = format!(
                "`{word}` in the cue `{}` is wider than the output `{output_name}` has room for: its \
                 caption is set at {share} % of its size",
                cue.id
            );
            return Some(
                Diagnostic::warning("captions.long-word", message)
                    .hint("write the word with a space or a hyphen, or make the letters smaller"),
            );
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use workprint_model::show::OutputCaptions;
    use workprint_model::{Percent, SafeBox};

    use super::*;

    fn episode(text: &str, style: &str) -> Episode {
        serde_json::from_value(serde_json::json!({
            "format": workprint_model::episode::FORMAT,
            "title": "Test",
            "language": "en",
            "captions": { "burn": true, "style": style },
            "scenes": [{ "id": "s", "cues": [{ "id": "c1", "speaker": "a", "text": text }] }],
        }))
        .unwrap()
    }

    fn codes(episode: &Episode, style: Option<CaptionStyle>, output: Output) -> Vec<String> {
        let mut show: Show = serde_json::from_value(serde_json::json!({
            "format": workprint_model::show::FORMAT, "title": "Show",
        }))
        .unwrap();
        show.outputs = BTreeMap::from([("main".to_owned(), output)]);
        show.caption_styles
            .extend(style.map(|style| ("own".to_owned(), style)));
        let found = check(episode, &show, Fonts::built_in());
        assert!(
            found
                .iter()
                .all(|found| !found.is_error() && found.hints.len() == 1)
        );
        found.into_iter().map(|found| found.code).collect()
    }

    fn upright(safe: Option<Safe>) -> Output {
        Output {
            width: 1080,
            height: 1920,
            safe,
            ..Output::default()
        }
    }

    #[test]
    fn built_in_styles_are_read_everywhere() {
        for name in workprint_model::caption::BUILT_IN_STYLES {
            let episode = episode("A few short words, and some more.", name);
            assert_eq!(codes(&episode, None, Output::default()), [""; 0], "{name}");
            for safe in [None, Some(Safe::Vertical), Some(Safe::Tiktok)] {
                assert_eq!(codes(&episode, None, upright(safe)), [""; 0], "{name}");
            }
        }
    }

    #[test]
    fn letters_of_no_contrast_are_told_once() {
        let bare = CaptionStyle {
            outline: Percent::new(0),
            ..CaptionStyle::default()
        };
        let episode = episode("Some words.", "own");
        assert_eq!(
            codes(&episode, Some(bare), Output::default()),
            ["captions.contrast"]
        );
    }

    #[test]
    fn captions_at_the_rim_are_told_until_they_are_moved() {
        let low = CaptionStyle {
            bottom: Percent::new(1),
            ..CaptionStyle::default()
        };
        let episode = episode("Some words.", "own");
        assert_eq!(
            codes(&episode, Some(low.clone()), Output::default()),
            ["captions.outside-safe"]
        );
        let moved = upright(Some(Safe::Tiktok));
        assert_eq!(codes(&episode, Some(low.clone()), moved), [""; 0]);
        let slit = Safe::Box(SafeBox {
            top: Percent::new(45),
            bottom: Percent::new(45),
            ..SafeBox::default()
        });
        let high = Output {
            safe: Some(slit),
            captions: OutputCaptions {
                size: Some(Percent::new(20)),
                ..OutputCaptions::default()
            },
            ..Output::default()
        };
        assert_eq!(codes(&episode, Some(low), high), ["captions.outside-safe"]);
    }

    #[test]
    fn a_word_that_is_made_smaller_is_told() {
        let long = "Donaudampfschifffahrtsgesellschaftskapitän";
        let text = format!("Der {long} schläft.");
        assert_eq!(
            codes(&episode(&text, "big"), None, upright(None)),
            ["captions.long-word"]
        );
        assert_eq!(
            codes(&episode(&text, "outline"), None, Output::default()),
            [""; 0]
        );
    }
}
