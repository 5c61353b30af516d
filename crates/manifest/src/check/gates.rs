//! Gates of a show.

use crate::tree::{Node, Problem};

pub(super) fn in_show(root: &Node<'_>, problems: &mut Vec<Problem>) {
    let Some(gates) = root.find("gates") else {
        return;
    };
    if let (Some(_), Some(before)) = (gates.find("review"), gates.find("master")) {
        let message = "`review` and `master` are the same gate, which is said twice";
        problems.push(
            Problem::new(before.span, "manifest.said-twice", message)
                .hint("leave `master` out: it is what `review` was called before"),
        );
    }
}
