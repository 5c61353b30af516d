//! What overlays show: that their graphics have what they need, and nothing that they cannot show.

use workprint_model::graphic::{BuiltIn, Shows};

use crate::shape::opening;
use crate::tree::{Node, Problem, Value, brief};

/// The most bars of a chart.
const MOST_BARS: usize = 24;

/// What an overlay may show besides words, and which graphics show it.
const FIGURES: [(&str, &str); 6] = [
    (
        "pictures",
        "`over-shoulder`, `picture-in-picture` or an SVG of your own",
    ),
    ("clip", "`picture-in-picture`"),
    ("frame", "`picture-in-picture`"),
    ("count", "`counter`"),
    ("chart", "`bar-chart` or `line-chart`"),
    ("credits", "`credits`"),
];

/// Everything wrong with an overlay that its schema does not say.
pub(crate) fn overlay(node: &Node<'_>, problems: &mut Vec<Problem>) {
    let Some(graphic) = node.find("graphic") else {
        return;
    };
    let Some(name) = graphic.text() else {
        return;
    };
    let built_in = BuiltIn::find(name);
    if let Some(built_in) = built_in {
        words(node, built_in, problems);
        needs(node, built_in, problems);
    }
    for (figure, shown_by) in FIGURES {
        let takes: &[&str] = match built_in.map(|built_in| built_in.shows) {
            None | Some(Shows::Picture) => &["pictures"],
            Some(Shows::PictureOrClip) => &["pictures", "clip", "frame"],
            Some(Shows::Count) => &["count"],
            Some(Shows::Chart) => &["chart"],
            Some(Shows::Credits) => &["credits"],
            Some(Shows::Words) => &[],
        };
        let shows = takes.contains(&figure);
        let Some(given) = node.find(figure).filter(|given| !shows && !is_empty(given)) else {
            continue;
        };
        let message = format!("the graphic `{}` has no place for `{figure}`", brief(name));
        say(
            problems,
            Problem::new(opening(given), "overlay.unused", message)
                .hint(format!("take it out, or use {shown_by}")),
        );
    }
    if let Some(clip) = node.find("clip")
        && let Some(sound) = clip.find("sound_db")
    {
        let message = "a clip in an overlay is silent";
        say(
            problems,
            Problem::new(sound.span, "overlay.unused", message)
                .hint("take `sound_db` out, and add the sound to `sfx`"),
        );
    }
}

fn say(problems: &mut Vec<Problem>, problem: Problem) {
    if !crate::is_full(problems) {
        problems.push(problem);
    }
}

fn is_empty(node: &Node<'_>) -> bool {
    match node.value {
        Value::Array(_) => node.items().is_empty(),
        Value::Object(_) => node.fields().is_empty(),
        _ => false,
    }
}

fn filled(words: &Node<'_>, field: &str) -> bool {
    words
        .find(field)
        .is_some_and(|node| node.text().is_none_or(|text| !text.trim().is_empty()))
}

/// The words of a built-in graphic, in every language: fields that it has not, and fields that it
/// cannot do without.
fn words(node: &Node<'_>, built_in: &BuiltIn, problems: &mut Vec<Problem>) {
    let known: Vec<&str> = built_in
        .needs
        .iter()
        .chain(built_in.takes)
        .copied()
        .collect();
    let own = node.find("fields");
    let dubs = node.find("dub").map_or(&[][..], Node::fields);
    for words in own.into_iter().chain(dubs.iter().map(|dub| &dub.node)) {
        for field in words
            .fields()
            .iter()
            .filter(|field| !known.contains(&&*field.key))
        {
            let message = format!(
                "the graphic `{}` has no field `{}`",
                built_in.name,
                brief(&field.key)
            );
            say(
                problems,
                Problem::new(field.key_span, "overlay.fields", message)
                    .hint_nearest(&field.key, &known)
                    .hint(format!("it takes {}", listed(&known))),
            );
        }
        for field in built_in.needs.iter().filter(|field| !filled(words, field)) {
            let message = format!("the graphic `{}` needs the field `{field}`", built_in.name);
            let place = words
                .find(field)
                .map_or_else(|| opening(words), |node| node.span);
            say(
                problems,
                Problem::new(place, "overlay.fields", message).hint("write something there"),
            );
        }
    }
    if own.is_none()
        && let Some(field) = built_in.needs.first()
    {
        let message = format!("the graphic `{}` needs the field `{field}`", built_in.name);
        say(
            problems,
            Problem::new(opening(node), "overlay.fields", message).hint("add it to `fields`"),
        );
    }
}

/// What a built-in graphic shows besides words.
fn needs(node: &Node<'_>, built_in: &BuiltIn, problems: &mut Vec<Problem>) {
    let missing = match built_in.shows {
        Shows::Words => None,
        Shows::Picture | Shows::PictureOrClip => {
            picture(node, built_in, problems);
            None
        }
        Shows::Count => Some(("count", "add it, such as `\"count\": { \"to\": 100 }`")),
        Shows::Chart => {
            chart(node, built_in, problems);
            Some((
                "chart",
                "add it, such as `\"chart\": { \"values\": [{ \"label\": \"A\", \"value\": 1 }] }`",
            ))
        }
        Shows::Credits => {
            credits(node, problems);
            Some(("credits", "add roles and names to it"))
        }
    };
    if let Some((what, hint)) = missing
        && node.find(what).is_none_or(is_empty)
    {
        say(problems, lacks(node, built_in, &format!("`{what}`"), hint));
    }
}

fn lacks(node: &Node<'_>, built_in: &BuiltIn, what: &str, hint: &str) -> Problem {
    let message = format!("the graphic `{}` needs {what}", built_in.name);
    Problem::new(opening(node), "overlay.missing", message).hint(hint)
}

/// The picture of a built-in graphic.
fn picture(node: &Node<'_>, built_in: &BuiltIn, problems: &mut Vec<Problem>) {
    let pictures = node.find("pictures");
    for field in pictures.map_or(&[][..], Node::fields) {
        if field.key != "picture" {
            let message = format!(
                "the graphic `{}` has no picture `{}`",
                built_in.name,
                brief(&field.key)
            );
            let problem = Problem::new(field.key_span, "overlay.fields", message);
            say(problems, problem.hint("call it `picture`"));
        }
    }
    let picture = pictures.and_then(|pictures| pictures.find("picture"));
    let has = |field| {
        node.find("fields")
            .is_some_and(|words| filled(words, field))
    };
    match (built_in.shows, picture, node.find("clip")) {
        (Shows::Picture, None, _) if !has("title") && !has("text") => {
            let hint = "add `pictures.picture` or `fields.title`";
            say(problems, lacks(node, built_in, "a picture or words", hint));
        }
        (Shows::PictureOrClip, None, None) => {
            let hint = "add `clip` or `pictures.picture`";
            say(problems, lacks(node, built_in, "a clip or a picture", hint));
        }
        (Shows::PictureOrClip, Some(picture), Some(_)) => {
            let message = "this box can show a clip or a picture, not both";
            let problem = Problem::new(picture.span, "overlay.unused", message);
            say(problems, problem.hint("keep one of them"));
        }
        _ => {}
    }
}

fn chart(node: &Node<'_>, built_in: &BuiltIn, problems: &mut Vec<Problem>) {
    let Some(chart) = node.find("chart") else {
        return;
    };
    let values = chart.list("values");
    if built_in.name == "bar-chart"
        && let Some(over) = values.get(MOST_BARS)
    {
        let message = format!(
            "a bar chart has at most {MOST_BARS} bars, and this has {}",
            values.len()
        );
        say(
            problems,
            Problem::new(opening(over), "overlay.chart", message)
                .hint("join some, or use `line-chart`"),
        );
    }
    if built_in.name == "line-chart" && values.len() == 1 {
        let message = "a line needs two values";
        say(
            problems,
            Problem::new(opening(&values[0]), "overlay.chart", message)
                .hint("add another, or use `number`"),
        );
    }
}

fn credits(node: &Node<'_>, problems: &mut Vec<Problem>) {
    for credit in node.list("credits") {
        let has = |field: &str| filled(credit, field);
        let names = credit
            .list("names")
            .iter()
            .any(|name| name.text().is_none_or(|name| !name.trim().is_empty()));
        if !has("heading") && !has("role") && !names {
            say(
                problems,
                Problem::new(opening(credit), "manifest.empty", "this credit is empty")
                    .hint("add `role` and `names`, or `heading`"),
            );
        }
    }
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
