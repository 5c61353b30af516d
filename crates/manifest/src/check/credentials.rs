//! A certificate and its key come together.

use crate::tree::{Node, Problem};

/// What is wrong with `[credentials]`.
pub(super) fn in_show(root: &Node<'_>, problems: &mut Vec<Problem>) {
    let Some(credentials) = root.find("credentials") else {
        return;
    };
    let has = |name: &str| credentials.find(name).is_some();
    let keys = usize::from(has("key_file")) + usize::from(has("key_env"));
    let (message, hint) = match (has("certificate"), keys) {
        (true, 0) => (
            "a certificate signs nothing without its key",
            "name the key's file in `key_file`, or the variable that holds it in `key_env`",
        ),
        (false, 1..) => (
            "a key signs nothing without its certificate",
            "name the file with the certificate in `certificate`",
        ),
        (true, 2..) => (
            "`key_file` and `key_env` both name a key",
            "leave one of them out",
        ),
        _ => return,
    };
    problems.push(Problem::new(credentials.span, "credentials.incomplete", message).hint(hint));
}
