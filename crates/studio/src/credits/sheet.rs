//! Credits as a sheet for people.

use std::fmt::Write as _;

use workprint_credentials::Origin;

use super::{Credits, File, Part, Stocked};

/// How many slots are named for each line of the sheet.
const NAMED: usize = 12;

/// The sheet as Markdown: what is synthetic first, for that is what platforms and laws ask for.
pub(crate) fn markdown(credits: &Credits) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(out, "# Credits and disclosure: {}\n", plain(&credits.title));
    let _ = writeln!(out, "{}\n", disclosure(credits));
    let by_model = |part: &&Part| part.origin.is_some_and(Origin::is_by_model);
    let synthetic: Vec<&Part> = credits.parts.iter().filter(by_model).collect();
    let other: Vec<&Part> = credits
        .parts
        .iter()
        .filter(|part| !by_model(part))
        .collect();
    table(&mut out, "Made by trained models", &synthetic);
    table(&mut out, "Made by rules, and drawn as written", &other);
    stock(&mut out, &credits.stock);
    files(&mut out, &credits.files);
    let _ = writeln!(out, "## Cost\n\n{}\n", credits.cost.exact());
    let _ = writeln!(out, "Film: `{}`", credits.film);
    out
}

fn disclosure(credits: &Credits) -> String {
    if !credits.synthetic {
        return "**Synthetic media: none by a trained model.** What it holds of voices, sounds and graphics that were made by rules is listed below. Of the production's own files nobody has told what they are."
            .to_owned();
    }
    let mut whats: Vec<&str> = credits
        .parts
        .iter()
        .filter(|part| part.origin.is_some_and(Origin::is_by_model))
        .map(|part| part.what.words().1)
        .collect();
    whats.dedup();
    format!(
        "**Synthetic media: yes.** By trained models are: {}. Say so where the film is published.",
        whats.join(", ")
    )
}

fn table(out: &mut String, title: &str, parts: &[&Part]) {
    if parts.is_empty() {
        return;
    }
    let _ = writeln!(out, "## {title}\n");
    let _ = writeln!(
        out,
        "| what | by | in | licence | cost |\n| --- | --- | --- | --- | --- |"
    );
    for part in parts {
        let (one, several) = part.what.words();
        let count = part.slots.len();
        let words = if count == 1 { one } else { several };
        let licence = part.licence.as_deref().unwrap_or("–");
        let _ = writeln!(
            out,
            "| {count} {words} | {} | {} | {} | {} |",
            plain(&part.made_by),
            listed(&part.slots),
            plain(licence),
            part.cost.exact()
        );
    }
    out.push('\n');
}

/// Who must be named, and where what they made lies.
fn stock(out: &mut String, stock: &[Stocked]) {
    if stock.is_empty() {
        return;
    }
    let _ = writeln!(out, "## From stock libraries\n");
    let _ = writeln!(
        out,
        "Name these where the film is published.\n\n| credit | in | page | licence |\n| --- | --- | --- | --- |"
    );
    for one in stock {
        let _ = writeln!(
            out,
            "| {} | {} | <{}> | {}, <{}> |",
            plain(&one.attribution),
            listed(&one.used_for),
            linked(&one.found.page),
            plain(&one.found.licence),
            linked(&one.found.licence_page),
        );
    }
    out.push('\n');
}

/// An address that stays one between angle brackets, in a table.
fn linked(url: &str) -> String {
    let encoded = |c: char| match c {
        '<' | '>' | '|' | '`' | '\\' => format!("%{:02X}", c as u32),
        c if c.is_control() || c == ' ' => String::new(),
        c => c.to_string(),
    };
    url.chars().map(encoded).collect()
}

fn files(out: &mut String, files: &[File]) {
    if files.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Files of the production\n");
    let _ = writeln!(
        out,
        "| file | in | licence | copyright |\n| --- | --- | --- | --- |"
    );
    for file in files {
        let path = file.path.as_ref().map_or_else(
            || format!("(no longer there) {}", file.digest.short()),
            |path| plain(path.as_str()),
        );
        let licence = file.licence.as_deref().unwrap_or("**not told**");
        let copyright = file.copyright.as_deref().unwrap_or("–");
        let _ = writeln!(
            out,
            "| {path} | {} | {} | {} |",
            listed(&file.used_for),
            if file.licence.is_some() {
                plain(licence)
            } else {
                licence.to_owned()
            },
            plain(copyright)
        );
    }
    out.push('\n');
}

fn listed(slots: &[String]) -> String {
    let named: Vec<String> = slots.iter().take(NAMED).map(|slot| plain(slot)).collect();
    let more = slots.len().saturating_sub(NAMED);
    if more == 0 {
        named.join(", ")
    } else {
        format!("{} and {more} more", named.join(", "))
    }
}

/// A text of the user's or a vendor's that changes nothing of the table around it.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '\\' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credits::What;
    use workprint_model::stock::StockItem;
    use workprint_model::{Digest, Money};
    use workprint_providers::stock::Found;

    fn part(what: What, origin: Origin, by: &str) -> Part {
        Part {
            what,
            origin: Some(origin),
            made_by: by.to_owned(),
            slots: (0..14).map(|n| format!("voice/c{n}")).collect(),
            licence: None,
            cost: Money::from_micros(42_000),
        }
    }

    fn credits(parts: Vec<Part>) -> Credits {
        Credits {
            format: super::super::FORMAT,
            title: "One | *two*".to_owned(),
            language: "en".to_owned(),
            film: Digest::of(b"film"),
            synthetic: parts.iter().any(|part| part.origin == Some(Origin::Model)),
            parts,
            files: vec![File {
                path: "media/a_b.png".parse().ok(),
                digest: Digest::of(b"a"),
                used_for: vec!["image/s1".to_owned()],
                licence: None,
                copyright: None,
            }],
            stock: Vec::new(),
            cost: Money::from_micros(84_000),
            generated: Vec::new(),
            made_at: 0,
        }
    }

    #[test]
    fn what_is_synthetic_stands_first() {
        let sheet = markdown(&credits(vec![
            part(What::Sounds, Origin::Algorithm, "workprint-synth 1"),
            part(What::Voices, Origin::Model, "piper, voice amy|x"),
        ]));
        insta::assert_snapshot!(sheet);
    }

    #[test]
    fn what_is_of_stock_is_credited_and_its_words_change_nothing() {
        let mut credits = credits(Vec::new());
        let page = "https://example.org/7".to_owned();
        let found = Found {
            item: StockItem::of(&"stock/pexels/photos/7".parse().unwrap()).unwrap(),
            title: String::new(),
            author: "A|nn *B*".to_owned(),
            author_page: None,
            page: format!("{page}|<a>"),
            size: workprint_model::Size {
                width: 4,
                height: 3,
            },
            length_ms: None,
            licence: "A Licence".to_owned(),
            licence_page: page,
            library: "Pexels".to_owned(),
            file: String::new(),
        };
        credits.stock.push(Stocked {
            attribution: found.attribution(),
            used_for: vec!["image/s1".to_owned()],
            digest: Digest::of(b"b"),
            found,
        });
        insta::assert_snapshot!(markdown(&credits));
    }

    #[test]
    fn rules_alone_are_not_synthetic_media() {
        let sheet = markdown(&credits(vec![part(
            What::Voices,
            Origin::Algorithm,
            "espeak",
        )]));
        assert!(sheet.contains("none by a trained model"), "{sheet}");
        assert!(!sheet.contains("Made by trained models"), "{sheet}");
    }
}
