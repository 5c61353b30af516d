//! Takes of a show.

use crate::tree::{Node, Problem};

/// Takes are ordered again below a floor; without one there is nothing below it.
pub(super) fn in_show(root: &Node<'_>, problems: &mut Vec<Problem>) {
    let Some(takes) = root.find("takes") else {
        return;
    };
    let retry = takes.find("retry_below_floor");
    let retry = retry.filter(|retry| retry.integer().is_some_and(|count| count > 0));
    if let (Some(retry), None) = (retry, takes.find("floor")) {
        let message = "`retry_below_floor` says nothing without a `floor`";
        problems.push(
            Problem::new(retry.span, "takes.no-floor", message)
                .hint("say under [takes] what score a take needs: `floor = 0.6`"),
        );
    }
}
