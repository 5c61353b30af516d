//! Engines that are no vendors: their settings, and the places in what they are told.

use std::collections::BTreeSet;

use workprint_model::MediaPath;
use workprint_model::outside::Way;
use workprint_model::template::{
    ALL_REFERENCES, Aspect, CLIP_PLACES, PLACES, Piece, pieces, reference,
};

use crate::tree::{Field, Node, Problem, brief};

pub(super) fn in_show(root: &Node<'_>, problems: &mut Vec<Problem>) {
    let Some(engines) = root.find("engines") else {
        return;
    };
    for table in engines.fields() {
        let is_clips = table.key == "clips";
        for engine in table.node.fields() {
            if crate::is_full(problems) {
                return;
            }
            let vendor = engine.node.find("vendor").and_then(Node::text);
            let Some(vendor) = vendor else {
                continue;
            };
            settings(&engine.node, (vendor, Way::find(vendor)), problems);
            servers(&engine.node, problems);
            match Way::find(vendor) {
                Some(Way::Command) => command(engine, is_clips, problems),
                Some(Way::Mcp) => tool(engine, is_clips, problems),
                _ => {}
            }
        }
    }
}

/// Settings that an engine does not have.
fn settings(engine: &Node<'_>, (vendor, way): (&str, Option<Way>), problems: &mut Vec<Problem>) {
    for field in engine.fields() {
        let key = &*field.key;
        let (fits, hint) = if let Some(way) = way {
            let known = way.settings();
            let all: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            let fits = matches!(key, "vendor" | "model") || known.contains(&key);
            (fits, format!("take it out; it has {}", all.join(", ")))
        } else {
            let ways = Way::ALL.into_iter();
            let ways = ways.filter(|way| way.settings().contains(&key));
            let all: Vec<String> = ways.map(|way| format!("`{}`", way.name())).collect();
            let hint = format!("take it out, or set `vendor` to {}", all.join(" or "));
            (!Way::SETTINGS.contains(&key), hint)
        };
        if !fits {
            let message = format!("`{}` has no setting `{}`", brief(vendor), brief(key));
            problems.push(Problem::new(field.key_span, "engine.setting", message).hint(hint));
        }
    }
}

/// Several servers: two at least, each once, and no other address beside them.
fn servers(engine: &Node<'_>, problems: &mut Vec<Problem>) {
    let Some(urls) = engine.find("urls") else {
        return;
    };
    if engine.find("url").is_some() {
        problems.push(
            Problem::new(
                urls.span,
                "engine.urls",
                "`url` and `urls` both name servers",
            )
            .hint("write the address of `url` into `urls`, and take `url` out"),
        );
    }
    if urls.items().len() == 1 {
        problems.push(
            Problem::new(urls.span, "engine.urls", "`urls` names one server alone")
                .hint("name it in `url`, or write the others beside it"),
        );
    }
    let mut seen = BTreeSet::new();
    for item in urls.items() {
        let Some(url) = item.text() else {
            continue;
        };
        if !seen.insert(url.trim_end_matches('/')) {
            let message = format!("`{}` stands in `urls` twice", brief(url));
            problems.push(
                Problem::new(item.span, "engine.urls", message)
                    .hint("take one out; how many jobs a server has at once is said by `at_once`"),
            );
        }
    }
}

/// The command of an engine: a program, arguments with known places, and where to write to.
fn command(engine: &Field<'_>, is_clips: bool, problems: &mut Vec<Problem>) {
    let Some(command) = engine.node.find("command") else {
        let message = format!("`{}` names no program", brief(&engine.key));
        problems.push(
            Problem::new(engine.key_span, "engine.command", message)
                .hint("name it and its arguments: `command = [\"blender\", \"-b\", \"{show}/scene.blend\", \"-o\", \"{out}\"]`"),
        );
        return;
    };
    let known = known(&engine.node, is_clips);
    let mut writes = false;
    program(command, problems);
    for argument in command.items() {
        let Some(text) = argument.text() else {
            continue;
        };
        template(argument, text, &known, problems);
        let mut places = workprint_model::template::places(text);
        writes |= places.any(|place| matches!(place, "out" | "folder"));
        file(argument, text, problems);
    }
    if !writes {
        let message = "the program is not told where to write what it makes";
        problems.push(
            Problem::new(command.span, "engine.command", message)
                .hint("hand it `{out}`, the file, or `{folder}`, the folder for it"),
        );
    }
}

/// The name of a program that is started.
fn program(command: &Node<'_>, problems: &mut Vec<Problem>) {
    let Some(program) = command.items().first() else {
        return;
    };
    let name = program.text().unwrap_or("x");
    let own = name.strip_prefix("{show}/").unwrap_or(name);
    if own.is_empty() || own.contains(['{', '}', '\0']) {
        let message = "the program's name is the first of `command`, and has no places";
        problems.push(
            Problem::new(program.span, "engine.command", message)
                .hint("write its name, its whole path, or `{show}/` and its path in the show"),
        );
    }
}

/// A tool of a server: one way to the server, the tool, and what it is told.
fn tool(engine: &Field<'_>, is_clips: bool, problems: &mut Vec<Problem>) {
    let find = |name| engine.node.find(name);
    let mut missing = |why: &str, hint: &str| {
        let message = format!("`{}` {why}", brief(&engine.key));
        problems.push(Problem::new(engine.key_span, "engine.tool", message).hint(hint));
    };
    if find("tool").is_none() {
        missing(
            "names no tool",
            "name one that its server has: `tool = \"render_scene\"`",
        );
    }
    let starts = find("command").is_some_and(|command| !command.items().is_empty());
    if starts == find("url").is_some() {
        let why = if starts {
            "names a server to start and one that runs"
        } else {
            "names no server"
        };
        missing(
            why,
            "start one by `command = [\"uvx\", \"mcp-for-blender\"]`, or name one that runs: `url = \"http://127.0.0.1:8000/mcp\"`",
        );
    }
    let known = known(&engine.node, is_clips);
    if let Some(command) = find("command") {
        program(command, problems);
        for argument in command.items() {
            if let Some(text) = argument.text() {
                template(argument, text, &known, problems);
                file(argument, text, problems);
            }
        }
    }
    if let Some(arguments) = find("arguments") {
        told(arguments, &known, problems);
    }
}

/// The texts among the arguments of a tool, however deep.
fn told(node: &Node<'_>, known: &[&str], problems: &mut Vec<Problem>) {
    if let Some(text) = node.text() {
        let places = workprint_model::template::places(text);
        let pictures: Vec<&str> = places.filter(|place| is_picture(place, known)).collect();
        template(node, text, &[known, &pictures].concat(), problems);
        file(node, text, problems);
    }
    let fields = node.fields().iter().map(|field| &field.node);
    for inner in node.items().iter().chain(fields) {
        told(inner, known, problems);
    }
}

/// Whether a place is of pictures that go with an order, where values of any kind are filled in.
fn is_picture(place: &str, known: &[&str]) -> bool {
    let (_, of) = Aspect::of(place);
    match of {
        "start" => known.contains(&"start"),
        ALL_REFERENCES => true,
        _ => reference(of).is_some(),
    }
}

/// A file of the show that an argument names.
fn file(argument: &Node<'_>, text: &str, problems: &mut Vec<Problem>) {
    let Some(path) = text.strip_prefix("{show}/") else {
        return;
    };
    if let Err(error) = path.parse::<MediaPath>() {
        problems.push(
            Problem::new(argument.span, "engine.command", error.to_string())
                .hint("name a file of the show: `{show}/tools/draw.py`"),
        );
    }
}

/// The names that places of an engine may have.
fn known<'a>(engine: &'a Node<'a>, is_clips: bool) -> Vec<&'a str> {
    let options = engine.find("options").map_or(&[][..], Node::fields);
    let clips = if is_clips { &CLIP_PLACES[..] } else { &[] };
    let own = options.iter().map(|option| &*option.key);
    PLACES
        .into_iter()
        .chain(clips.iter().copied())
        .chain(own)
        .collect()
}

/// What is wrong with a text with places.
fn template(node: &Node<'_>, text: &str, known: &[&str], problems: &mut Vec<Problem>) {
    let pieces = match pieces(text) {
        Ok(pieces) => pieces,
        Err(error) => {
            let message = format!("`{}` cannot be filled in: {error}", brief(text));
            problems.push(
                Problem::new(node.span, "engine.place", message)
                    .hint("write a brace that is no place twice: `{{`, `}}`"),
            );
            return;
        }
    };
    for piece in pieces {
        let Piece::Place(name) = piece else {
            continue;
        };
        if !known.contains(&name) && reference(name).is_none() {
            let message = format!("nothing is known of the place `{{{}}}`", brief(name));
            let all: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
            problems.push(
                Problem::new(node.span, "engine.place", message)
                    .hint_nearest(name, known)
                    .hint(format!(
                        "places are {}, and names in `options`",
                        all.join(", ")
                    )),
            );
        }
    }
}
