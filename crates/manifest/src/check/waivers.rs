//! A waiver says why.

use crate::tree::{Node, Problem};

/// The most characters of a reason.
const LONGEST: usize = 300;

/// Everything about the checks that an episode or a show waives.
pub(super) fn waivers(root: &Node<'_>, problems: &mut Vec<Problem>) {
    for waiver in root.find("waive").map_or(&[][..], Node::fields) {
        let Some(why) = waiver.node.text() else {
            continue;
        };
        if why.trim().is_empty() {
            let message = format!("`{}` is waived without a reason", waiver.key);
            problems.push(
                Problem::new(waiver.node.span, "manifest.no-reason", message)
                    .hint("write why it may fail: the proof's report tells it"),
            );
        } else if why.chars().count() > LONGEST {
            let message = format!("a reason has {LONGEST} characters at most");
            problems.push(Problem::new(waiver.node.span, "manifest.too-long", message));
        }
    }
}
