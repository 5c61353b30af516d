//! Voices and pronunciations of a show: names that mean something, words that can be found.

use crate::tree::{Node, Problem, Value, brief};

/// Engines that are built in.
const BUILT_IN: [&str; 2] = ["espeak", "file"];

pub(super) fn in_show(root: &Node<'_>, problems: &mut Vec<Problem>) {
    let engines = root.find("engines");
    let engines = engines.and_then(|engines| engines.find("voices"));
    for engine in engines.map_or(&[][..], Node::fields) {
        if BUILT_IN.contains(&&*engine.key) {
            let message = format!("`{}` is built in and cannot be described", engine.key);
            problems.push(
                Problem::new(engine.key_span, "manifest.reserved-name", message)
                    .hint("give the engine another name, and begin its voices with that"),
            );
        }
    }
    for word in root.find("lexicon").map_or(&[][..], Node::fields) {
        if crate::is_full(problems) {
            return;
        }
        let key = &*word.key;
        if !is_word(key) {
            let message = format!("`{}` is not one word, so it is never found", brief(key));
            problems.push(
                Problem::new(word.key_span, "manifest.lexicon", message)
                    .hint("give each word an entry of its own, without marks around it"),
            );
        }
        if !is_told(&word.node) {
            let message = format!("nothing tells how `{}` is said", brief(key));
            problems.push(
                Problem::new(word.node.span, "manifest.lexicon", message)
                    .hint("write it in other letters, or give `say` or `ipa`"),
            );
        }
    }
}

/// Whether a text has words that look like this.
fn is_word(key: &str) -> bool {
    let marks = |c: char| matches!(c, '\'' | '’' | '-') || !c.is_ascii() && !c.is_whitespace();
    key.starts_with(char::is_alphanumeric) && key.chars().all(|c| c.is_alphanumeric() || marks(c))
}

fn is_told(node: &Node<'_>) -> bool {
    let says = |node: &Node<'_>| node.text().is_none_or(|text| !text.trim().is_empty());
    match &node.value {
        Value::Object(_) => ["say", "ipa"]
            .iter()
            .any(|name| node.find(name).is_some_and(says)),
        _ => says(node),
    }
}
