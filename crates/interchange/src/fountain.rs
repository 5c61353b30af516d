//! Fountain, the plain-text screenplay format (fountain.io).
//!
//! | Fountain | episode |
//! | --- | --- |
//! | `Title:` of the title page | the title; the other keys go to `notes` |
//! | scene heading | scene |
//! | character, parenthetical, dialogue | cue: speaker, direction, text |
//! | action | a picture to be made from these words, seen with the next line or in silence |
//! | `DISSOLVE TO:`, `FADE …`, `WIPE TO:` … | how the next shot enters |
//! | centred text | card |
//! | section, synopsis, note | a line of `notes` |
//! | note `[[shot id: media/file.png]]` | the file as the picture of the next line |
//!
//! Dual dialogue is said one after the other. Emphasis in dialogue becomes stress where it stands around
//! whole words, and is left out elsewhere, as are scene numbers and page breaks.

use std::fmt::Write as _;

use jumpcut::{Element, ElementText};
use workprint_model::Percent;
use workprint_model::episode::{
    CardSpec, CastMember, Colour, Cue, Direction, Ease, Episode, Iris, Passing, Picture, Shot,
    Sweep, Transition, Wipe,
};
use workprint_model::markup::{Piece, pieces};

use crate::Imported;
use crate::draft::{Draft, spoken_name, tidy};
use crate::stress::{Run, push};

/// Makes an episode of a screenplay of up to [`crate::MAX_BYTES`]. Any text gives an episode that
/// follows all rules of a manifest; what could not be taken over is in the notes.
pub fn import(text: &str) -> Imported {
    if text.len() > crate::MAX_BYTES {
        return Draft::refused(text.len());
    }
    let play = jumpcut::parse(&prepare(text));
    let mut draft = Draft::new();
    let mut keys: Vec<(&String, &Vec<ElementText>)> = play.metadata.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    for (key, values) in keys {
        let values: Vec<String> = values.iter().map(words).collect();
        if key == "title" {
            draft.title(&unescaped(&values.join(" ")));
        } else {
            draft.remark(&format!("{key}: {}", values.join(" ")));
        }
    }
    for element in &play.elements {
        add(&mut draft, element);
    }
    draft.finish()
}

/// Rewrites what the parser does not expect: boneyards with asterisks inside, white space at the end
/// of lines, headings that run into the next line. Sections become notes, as both are only kept for
/// people, and the parser stops at a row of more than 255 `#`.
fn prepare(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some((before, after)) = rest.split_once("/*") {
        let Some((_, after)) = after.split_once("*/") else {
            break;
        };
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    let mut out = String::with_capacity(kept.len());
    let mut after_blank = true;
    for line in kept.lines() {
        let blank = line.chars().all(|c| is_invisible(c) || c.is_whitespace());
        let line = line.replace("\\_", UNDERSCORE);
        let end = if blank { "" } else { line.trim_end() };
        let seen = end.trim_start_matches(is_invisible);
        if seen.starts_with('#') {
            let words = seen.trim_start_matches('#').replace(['[', ']'], " ");
            let _ = write!(out, "\n[[{} ]]\n", words.trim());
        } else if let Some(note) = whole_note(end) {
            let _ = write!(out, "[[{}]]", note.replace(']', BRACKET));
        } else if end.is_empty() && line == "  " {
            // Two spaces keep a dialogue going over an empty line.
            out.push_str(&line);
        } else {
            out.push_str(end);
        }
        out.push('\n');
        if after_blank && is_heading(end) {
            out.push('\n');
        }
        after_blank = end.is_empty() && line != "  ";
    }
    out
}

/// What the parser would misread, and characters that no text has to stand for it: a closing bracket
/// inside a note, and an underscore that is none of emphasis, which would still end it.
const BRACKET: &str = "\u{fdd0}";
const UNDERSCORE: &str = "\u{fdd1}";

/// A text with what the parser would have misread.
fn restored(text: &str) -> String {
    text.replace(BRACKET, "]").replace(UNDERSCORE, "_")
}

/// All words of a text, emphasised or not.
fn words(text: &ElementText) -> String {
    restored(&text.plain_text())
}

/// The note that a line is, where nothing else stands in it.
fn whole_note(line: &str) -> Option<&str> {
    let inner = line.strip_prefix("[[")?.strip_suffix("]]")?;
    (!inner.contains("[[") && !inner.contains("]]")).then_some(inner)
}

/// Characters that the parser looks through at the start of a line.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// What a heading begins with, where it has no dot before it.
const PLACES: [&str; 16] = [
    "INT ",
    "INT.",
    "EXT ",
    "EXT.",
    "EST ",
    "EST.",
    "I/E ",
    "I/E.",
    "INT/EXT ",
    "INT/EXT.",
    "EXT/INT ",
    "EXT/INT.",
    "INT./EXT ",
    "INT./EXT.",
    "EXT./INT ",
    "EXT./INT.",
];

fn is_heading(line: &str) -> bool {
    PLACES.iter().any(|place| {
        line.get(..place.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(place))
    })
}

fn add(draft: &mut Draft, element: &Element) {
    match element {
        Element::SceneHeading(text, attributes) => {
            draft.scene(&unescaped(&words(text)));
            notes(draft, attributes);
        }
        Element::Action(text, attributes) => {
            let text = unescaped(&words(text));
            if attributes.centered {
                card(draft, &text);
            } else if let Some(transition) = fade(&text) {
                draft.transition(transition);
            } else {
                draft.action(&text);
            }
            notes(draft, attributes);
        }
        Element::ColdOpening(text, _) | Element::NewAct(text, _) | Element::EndOfAct(text, _) => {
            card(draft, &words(text));
        }
        Element::DialogueBlock(block) => dialogue(draft, block),
        Element::DualDialogueBlock(blocks) => {
            draft.note(
                "import.dual-dialogue",
                "dual dialogue is said one after the other",
                "cut the lines in the order you want",
            );
            for block in blocks {
                add(draft, block);
            }
        }
        Element::Transition(text, attributes) => {
            let text = words(text);
            draft.transition(fade(&text).unwrap_or(Transition::Cut));
            notes(draft, attributes);
        }
        Element::Lyric(text, _) | Element::Dialogue(text, _) | Element::Character(text, _) => {
            draft.action(&words(text));
        }
        Element::Section(text, _, _)
        | Element::Synopsis(text)
        | Element::Parenthetical(text, _) => {
            draft.remark(&words(text));
        }
        Element::PageBreak => {}
    }
}

fn card(draft: &mut Draft, text: &str) {
    let (title, subtitle) = text.split_once('\n').unwrap_or((text, ""));
    draft.card(title, subtitle);
}

/// The transition that a line of capitals names, when it is not a cut.
fn fade(text: &str) -> Option<Transition> {
    let text = text.trim();
    let name = text.trim_end_matches([':', '.']);
    if text.len() > 40 || text.chars().any(char::is_lowercase) {
        return None;
    }
    if name.ends_with("DISSOLVE TO") || name == "DISSOLVE" || name == "CROSSFADE TO" {
        return Some(Transition::Dissolve { ms: 500 });
    }
    if let Some(passing) = passing(name) {
        return Some(passing);
    }
    let fades = [
        "FADE IN",
        "FADE OUT",
        "FADE TO",
        "FADE TO BLACK",
        "FADE TO WHITE",
    ];
    fades.contains(&name).then(|| Transition::Dip {
        ms: 1000,
        colour: match name {
            "FADE TO WHITE" => Colour::new(255, 255, 255),
            _ => Colour::new(0, 0, 0),
        },
    })
}

/// The transitions in which both pictures are seen in parts of the frame.
fn passing(name: &str) -> Option<Transition> {
    let sweep = |ms| Sweep {
        ms,
        direction: Direction::Left,
        ease: Ease::Smooth,
    };
    Some(match name {
        "WIPE TO" => Transition::Wipe(Wipe {
            ms: 700,
            direction: Direction::Right,
            softness: Percent::new(10),
            ease: Ease::Smooth,
        }),
        "PUSH TO" => Transition::Push(sweep(700)),
        "SLIDE TO" => Transition::Slide(sweep(700)),
        "IRIS TO" | "IRIS IN" => Transition::Iris(Iris {
            ms: 800,
            softness: Percent::new(2),
            ease: Ease::Smooth,
        }),
        "ZOOM TO" => Transition::ZoomThrough(Passing {
            ms: 800,
            ease: Ease::Smooth,
        }),
        "WHIP PAN TO" | "WHIP TO" | "SWISH PAN TO" => Transition::Whip(sweep(400)),
        _ => return None,
    })
}

/// Notes in the text: a shot's file is taken as the next picture, the others are kept for people.
fn notes(draft: &mut Draft, attributes: &jumpcut::Attributes) {
    for note in attributes.notes.iter().flatten() {
        let note = restored(note);
        match note
            .trim()
            .strip_prefix("shot ")
            .and_then(|shot| shot.split_once(": "))
        {
            Some((_, file)) => draft.file(file.trim()),
            None => draft.remark(&note),
        }
    }
}

/// A character's block. Every parenthetical between lines begins a cue of its own, as a direction is
/// said of a whole cue. A last parenthetical that directs nothing is what is said.
fn dialogue(draft: &mut Draft, block: &[Element]) {
    let mut name = String::new();
    let mut directions: Vec<&ElementText> = Vec::new();
    let mut said: Vec<Run> = Vec::new();
    for element in block {
        match element {
            Element::Character(text, _) => {
                let text = words(text);
                let end = text.find('(').filter(|at| *at > 0).unwrap_or(text.len());
                name = tidy(text[..end].trim_end_matches('^'));
            }
            Element::Parenthetical(text, attributes) => {
                notes(draft, attributes);
                if !said.is_empty() {
                    draft.speech(&name, Some(&directed(&directions)), &said);
                    said.clear();
                    directions.clear();
                }
                directions.push(text);
            }
            Element::Dialogue(text, attributes) | Element::Lyric(text, attributes) => {
                notes(draft, attributes);
                say(&mut said, text);
            }
            other => add(draft, other),
        }
    }
    if is_empty(&said) {
        said.clear();
        if let Some(text) = directions.pop() {
            say(&mut said, text);
        }
    }
    draft.speech(&name, Some(&directed(&directions)), &said);
}

/// What stands inside parentheticals.
fn directed(directions: &[&ElementText]) -> String {
    let inner = directions.iter().map(|direction| {
        let text = words(direction);
        let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
        inner.map(str::to_owned).unwrap_or(text)
    });
    inner.collect::<Vec<_>>().join("; ")
}

/// Adds a line of dialogue to what is said.
fn say(said: &mut Vec<Run>, text: &ElementText) {
    match text {
        ElementText::Plain(text) => push(said, &unescaped(&restored(text)), false),
        ElementText::Styled(runs) => {
            for (at, run) in runs.iter().enumerate() {
                let mut text = restored(&run.content);
                if at == 0 {
                    text = unescaped(&text);
                }
                push(said, &text, !run.text_style.is_empty());
            }
        }
    }
    push(said, "\n", false);
}

fn is_empty(said: &[Run]) -> bool {
    said.iter().all(|run| run.text.trim().is_empty())
}

/// Writes an episode as a screenplay. [`import`] reads it back with the same scenes, speakers, texts,
/// directions, cards and files in the same order; ids, voices, times and sounds have no place in a
/// screenplay.
pub fn export(episode: &Episode) -> String {
    let mut out = title_page(&episode.title);
    let opening = episode
        .cues()
        .next()
        .filter(|cue| is_title_card(cue, &episode.title))
        .map(|cue| &cue.id);
    for (index, scene) in episode.scenes.iter().enumerate() {
        let id = (index > 0).then(|| scene.id.to_string());
        if let Some(heading) = scene.heading.as_deref().map(tidy).or(id) {
            let heading = if is_heading(&heading) {
                line(&heading)
            } else {
                format!(".{}", marked_line(&heading))
            };
            // The last `#1#` of a heading is its number, which is left out.
            let number = if has_number(&heading) { " #1#" } else { "" };
            let _ = write!(out, "{heading}{number}\n\n");
        }
        for cue in &scene.cues {
            if opening != Some(&cue.id) {
                write_cue(&mut out, cue, &episode.cast);
            }
        }
    }
    out
}

fn title_page(title: &str) -> String {
    let title = tidy(title);
    if title.ends_with(':') {
        // `Title: Road to:` in one line would be a transition.
        format!("Title:\n    {}\n\n", marked_line(&title))
    } else if title.starts_with('\\') {
        format!("Title: {}\n\n", marked_line(&title))
    } else {
        format!("Title: {}\n\n", line(&title))
    }
}

/// Whether the last word of a heading is taken for its number.
fn has_number(heading: &str) -> bool {
    heading
        .rsplit_once(" #")
        .is_some_and(|(_, number)| number.is_empty() || number.ends_with('#'))
}

/// The card that [`import`] puts before everything.
fn is_title_card(cue: &Cue, title: &str) -> bool {
    let shows_title = |shot: &Shot| matches!(&shot.picture, Picture::Card(CardSpec { title: words, subtitle: None, .. }) if words == title);
    cue.text.is_none() && cue.shots.len() == 1 && cue.shots.iter().all(shows_title)
}

fn write_cue(out: &mut String, cue: &Cue, cast: &[CastMember]) {
    for shot in &cue.shots {
        write_shot(out, shot);
    }
    let (Some(speaker), Some(text)) = (&cue.speaker, cue.spoken()) else {
        return;
    };
    let name = cast
        .iter()
        .find(|member| member.id == *speaker)
        .and_then(|member| member.name.as_deref())
        .unwrap_or(speaker.as_str());
    let upper = name.to_uppercase();
    let is_plain = upper.starts_with(char::is_alphabetic) && !is_heading(&upper);
    if is_plain && spoken_name(&upper) == name {
        out.push_str(&line(&upper));
    } else {
        let _ = write!(out, "@{}", line(name));
    }
    out.push('\n');
    if let Some(direction) = &cue.direction {
        let _ = writeln!(out, "({})", line(direction));
    }
    let _ = write!(out, "{}\n\n", said_line(text));
}

fn write_shot(out: &mut String, shot: &Shot) {
    match shot.transition {
        Transition::Cut => {}
        Transition::Dissolve { .. } => out.push_str("> DISSOLVE TO:\n\n"),
        Transition::Dip { colour, .. } if colour == Colour::new(255, 255, 255) => {
            out.push_str("> FADE TO WHITE:\n\n");
        }
        Transition::Dip { .. } => out.push_str("> FADE TO:\n\n"),
        Transition::Wipe(_) => out.push_str("> WIPE TO:\n\n"),
        Transition::Push(_) => out.push_str("> PUSH TO:\n\n"),
        Transition::Slide(_) => out.push_str("> SLIDE TO:\n\n"),
        Transition::Iris(_) => out.push_str("> IRIS TO:\n\n"),
        Transition::ZoomThrough(_) => out.push_str("> ZOOM TO:\n\n"),
        Transition::Whip(_) => out.push_str("> WHIP PAN TO:\n\n"),
    }
    let text = match &shot.picture {
        Picture::Image(image) => format!("[[shot {}: {}]]", shot.id, image.file),
        Picture::Clip(clip) => format!("[[shot {}: {}]]", shot.id, clip.file),
        Picture::Prompt(prompt) => format!("!{}", marked_line(&prompt.text)),
        Picture::Plate(plate) => match plate.to {
            Some(to) => format!("!A plate from {} to {to}.", plate.colour),
            None => format!("!A plate of {}.", plate.colour),
        },
        Picture::Card(card) => {
            let subtitle = card.subtitle.as_deref().map(line);
            let subtitle = subtitle.map_or_else(String::new, |text| format!("\n> {text} <"));
            format!("> {} <{subtitle}", line(&card.title))
        }
    };
    let _ = write!(out, "{text}\n\n");
}

/// A text in one line, with everything escaped that Fountain would take for emphasis.
fn line(text: &str) -> String {
    escaped(&tidy(text))
}

/// Everything escaped that Fountain would take for emphasis. A note's opening brackets get a space
/// between them, as Fountain knows no escape for them.
fn escaped(text: &str) -> String {
    text.replace('*', "\\*")
        .replace('_', "\\_")
        .replace("[[", "[ [")
}

/// What begins a line that means something.
const MARKS: [char; 8] = ['#', '~', '>', '!', '@', '.', '=', '\\'];

/// A text in one line, behind a backslash where it would be taken for something else.
fn marked_line(text: &str) -> String {
    let text = tidy(text);
    let backslash = if text.starts_with(MARKS) { "\\" } else { "" };
    line(&format!("{backslash}{text}"))
}

/// What is said in one line: stress in italics, pauses as they are written in a manifest.
fn said_line(text: &str) -> String {
    let text = tidy(text);
    let Some(all) = pieces(&text) else {
        return marked_line(&text);
    };
    let mut out = String::new();
    for piece in all {
        match piece {
            Piece::Said(words) => {
                let backslash = out.is_empty() && words.starts_with(MARKS);
                out.push_str(if backslash { "\\" } else { "" });
                out.push_str(&escaped(&words));
            }
            // A slash and a star would begin a comment.
            Piece::Stressed(words) if out.ends_with('/') || words.ends_with('/') => {
                let _ = write!(out, "_{}_", escaped(&words));
            }
            Piece::Stressed(words) => {
                let _ = write!(out, "*{}*", escaped(&words));
            }
            Piece::Pause(length) => {
                let swallows = out.is_empty() || out.ends_with(' ');
                let space = if swallows { " " } else { "" };
                let _ = write!(out, "[pause {}ms]{space}", length.0);
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A line without the backslash that [`marked_line`] has put there.
fn unescaped(line: &str) -> String {
    let inner = line
        .strip_prefix('\\')
        .filter(|inner| inner.starts_with(MARKS));
    inner.unwrap_or(line).to_owned()
}
