//! Moves and crops: that what is written is read, and that something of the picture is left.

use crate::is_full;
use crate::shape::opening;
use crate::tree::{Node, Problem, Value};

/// How much of a picture's width and height a crop may take, in percent.
const MOST_CROPPED: f64 = 90.0;

/// What is wrong with a shot's framing that its schema does not say.
pub(crate) fn framing(shot: &Node<'_>, problems: &mut Vec<Problem>) {
    if is_full(problems) {
        return;
    }
    if let Some(camera) = shot.find("move") {
        named_move(camera, problems);
    }
    if let Some(crop) = shot.find("crop") {
        for (first, second, side) in [("left", "right", "width"), ("top", "bottom", "height")] {
            let taken: f64 = [first, second]
                .iter()
                .filter_map(|edge| number(crop.find(edge)?))
                .sum();
            if taken > MOST_CROPPED {
                let message = format!(
                    "`{first}` and `{second}` cut off {taken} percent of the {side}: {MOST_CROPPED} are allowed"
                );
                problems.push(
                    Problem::new(opening(crop), "manifest.out-of-range", message)
                        .hint("leave more of the picture"),
                );
            }
        }
    }
}

fn named_move(camera: &Node<'_>, problems: &mut Vec<Problem>) {
    let mut wrong = |node: &Node<'_>, message: &str, hint: &str| {
        let place = if node.fields().is_empty() {
            node.span
        } else {
            opening(node)
        };
        problems.push(Problem::new(place, "manifest.move", message).hint(hint));
    };
    let Some(kind) = camera.find("kind") else {
        for field in ["amount", "seed"] {
            if let Some(node) = camera.find(field) {
                let message = format!("`{field}` belongs to a named move, and here is none");
                wrong(node, &message, "add `kind`, or use `from` and `to`");
            }
        }
        return;
    };
    for field in ["from", "to"] {
        if let Some(node) = camera.find(field) {
            let message = format!("a move with a `kind` has no `{field}`");
            wrong(node, &message, "remove one of the two");
        }
    }
    let kind = kind.text().unwrap_or_default();
    if let Some(seed) = camera.find("seed")
        && !matches!(kind, "drift" | "shake")
    {
        let message = "only `drift` and `shake` have a `seed`";
        wrong(seed, message, "remove `seed`");
    }
    if let Some((node, amount)) = camera
        .find("amount")
        .and_then(|node| Some((node, number(node)?)))
    {
        if kind == "rotate" && amount > 45.0 {
            let message = format!("`rotate` turns by −45 to 45 degrees, and here are {amount}");
            wrong(node, &message, "turn less far");
        } else if kind != "rotate" && amount < 0.0 {
            let message = format!("`amount` is {amount}: only `rotate` may be negative");
            wrong(
                node,
                &message,
                "use the opposite move, such as `pull` for `push`",
            );
        }
    }
}

fn number(node: &Node<'_>) -> Option<f64> {
    match node.value {
        Value::Integer(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    }
}
