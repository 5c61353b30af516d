//! A script as one HTML page that needs nothing else: its style, its script and its sound are in it.
//!
//! Whatever comes from a production is escaped, and the page's own policy lets no other script run.

use std::fmt::Write as _;

use base64::prelude::{BASE64_STANDARD, Engine};
use workprint_model::path::is_hidden;
use workprint_model::{Digest, Language};

use super::script::{Script, ScriptLine, Spoken, pace};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// The shortest silence between lines that is told.
const PAUSE_MS: u64 = 1500;
/// How many colours speakers have.
const COLOURS: usize = 8;

/// The page before and after its sound, which is base64 of an MP4.
pub(super) fn around_sound(script: &Script) -> (String, String) {
    let mut page = String::new();
    let out = &mut page;
    head(out, script);
    facts(out, script);
    put(out, format_args!("<main>\n"));
    missing(out, script);
    speakers(out, script);
    lines(out, script);
    put(
        out,
        format_args!(
            "</main>\n<div class=\"player\" role=\"region\" aria-label=\"Player\">\n<div>\
             <button class=\"play\" id=\"before\" aria-label=\"Line before\">◀◀</button>\
             <button class=\"play\" id=\"after\" aria-label=\"Next line\">▶▶</button>\
             <audio id=\"sound\" controls preload=\"auto\" src=\"data:audio/mp4;base64,"
        ),
    );
    let tail = format!(
        "\"></audio></div>\n<p><b id=\"now\"></b> <span class=\"keys\"><kbd>↓</kbd> <kbd>↑</kbd> line to line · \
         <kbd>Enter</kbd> play from there · <kbd>p</kbd> play, pause · <kbd>Home</kbd> <kbd>End</kbd></span></p>\n\
         </div>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    );
    (page, tail)
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    out.write_fmt(text).unwrap_or_default();
}

fn head(out: &mut String, script: &Script) {
    let hash = BASE64_STANDARD.encode(Digest::of(SCRIPT.as_bytes()).as_bytes());
    let (title, show) = (Escaped(&script.title), Escaped(&script.show));
    put(
        out,
        format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             media-src data:; script-src 'sha256-{hash}'\">\n<title>{title}: readout</title>\n<style>\n{STYLE}</style>\n\
             </head>\n<body>\n<a class=\"skip\" href=\"#script\">Go to the script</a>\n<header>\n\
             <p class=\"show\" dir=\"auto\">{show}</p>\n<h1 dir=\"auto\" lang=\"{}\">{title}</h1>\n",
            script.language,
        ),
    );
}

fn facts(out: &mut String, script: &Script) {
    let total = script.total();
    put(out, format_args!("<dl class=\"facts\">\n"));
    let mut fact = |class: &str, name: &str, value: &str| {
        put(
            out,
            format_args!("<div{class}><dt>{name}</dt><dd>{value}</dd></div>\n"),
        );
    };
    fact("", "Language", script.language.as_str());
    fact("", "Length", &clock(script.length_ms));
    fact("", "Heard", &clock(total.length_ms));
    fact("", "Lines", &total.lines.to_string());
    fact("", words_of(&script.language), &total.words.to_string());
    fact("", &per_minute(&script.language), &paced(total));
    if total.missing > 0 {
        fact(" class=\"bad\"", "Missing", &total.missing.to_string());
    }
    put(out, format_args!("</dl>\n</header>\n"));
}

/// What is counted in a language.
fn words_of(language: &Language) -> &'static str {
    match language.primary().as_str() {
        "zh" | "ja" => "Characters",
        _ => "Words",
    }
}

fn per_minute(language: &Language) -> String {
    format!("{}/min", words_of(language))
}

fn paced(spoken: Spoken) -> String {
    spoken
        .pace()
        .map_or_else(|| "–".to_owned(), |pace| pace.to_string())
}

fn missing(out: &mut String, script: &Script) {
    let lacks = |line: &&ScriptLine| line.missing.is_some();
    if !script.lines.iter().any(|line| lacks(&line)) {
        return;
    }
    put(
        out,
        format_args!(
            "<section aria-labelledby=\"lacks\">\n<h2 id=\"lacks\">Missing</h2>\n<ul class=\"lacks\">\n"
        ),
    );
    for line in script.lines.iter().filter(lacks) {
        let why = line.missing.as_deref().unwrap_or_default();
        put(
            out,
            format_args!(
                "<li><a href=\"#l-{}\"><bdi>{}</bdi>, {}</a>: {}</li>\n",
                line.cue,
                Escaped(&line.name),
                clock(line.from_ms),
                Escaped(why)
            ),
        );
    }
    put(out, format_args!("</ul>\n</section>\n"));
}

fn speakers(out: &mut String, script: &Script) {
    let (words, total) = (words_of(&script.language), script.total());
    let lack = |text: String| {
        if total.missing > 0 {
            text
        } else {
            String::new()
        }
    };
    put(
        out,
        format_args!(
            "<section aria-labelledby=\"speakers\">\n<h2 id=\"speakers\">Speakers</h2>\n<div class=\"scroll\"><table>\n\
             <thead><tr><th scope=\"col\">Speaker</th><th scope=\"col\">Lines</th><th scope=\"col\">{words}</th>\
             <th scope=\"col\">Heard</th><th scope=\"col\">Share</th><th scope=\"col\">{words}/min</th>{}</tr></thead>\n\
             <tbody>\n",
            lack("<th scope=\"col\">Missing</th>".to_owned())
        ),
    );
    let all = total.length_ms.max(1);
    for (at, (_, name, spoken)) in script.speakers().into_iter().enumerate() {
        let share = (spoken.length_ms * 100 + all / 2) / all;
        put(
            out,
            format_args!(
                "<tr class=\"s{}\"><th scope=\"row\"><span class=\"dot\"></span><bdi>{}</bdi></th><td>{}</td><td>{}</td>\
                 <td>{}</td><td>{share} %</td><td>{}</td>{}</tr>\n",
                at % COLOURS,
                Escaped(name),
                spoken.lines,
                spoken.words,
                clock(spoken.length_ms),
                paced(spoken),
                lack(format!("<td>{}</td>", spoken.missing)),
            ),
        );
    }
    put(out, format_args!("</tbody>\n</table></div>\n</section>\n"));
}

fn lines(out: &mut String, script: &Script) {
    put(
        out,
        format_args!(
            "<section aria-labelledby=\"script\">\n<h2 id=\"script\" tabindex=\"-1\">Script</h2>\n"
        ),
    );
    let colours = script.speakers();
    let colour = |line: &ScriptLine| {
        let place = colours
            .iter()
            .position(|speaker| speaker.0 == line.speaker.as_ref());
        place.unwrap_or_default() % COLOURS
    };
    let mut chapters = script.chapters.iter().peekable();
    let mut scenes = script.scenes.iter().peekable();
    let (mut open, mut end) = (false, 0);
    for own in &script.lines {
        let begun = |from: u64| from <= own.from_ms;
        let (mut titles, mut pause) = (String::new(), String::new());
        while let Some((_, title)) = chapters.next_if(|chapter| begun(chapter.0)) {
            put(
                &mut titles,
                format_args!("<h3 dir=\"auto\">{}</h3>\n", Escaped(title)),
            );
        }
        while let Some(scene) = scenes.next_if(|scene| begun(scene.from_ms)) {
            let heading = scene.heading.as_deref().unwrap_or(scene.id.as_str());
            put(
                &mut titles,
                format_args!("<h4 dir=\"auto\">{}</h4>\n", Escaped(heading)),
            );
        }
        let silent = own.from_ms.saturating_sub(end);
        if silent >= PAUSE_MS {
            put(
                &mut pause,
                format_args!("<p class=\"pause\">{} without words</p>\n", seconds(silent)),
            );
        }
        if open && !(titles.is_empty() && pause.is_empty()) {
            put(out, format_args!("</ol>\n"));
            open = false;
        }
        put(out, format_args!("{titles}{pause}"));
        if !open {
            put(out, format_args!("<ol>\n"));
            open = true;
        }
        line(out, own, (colour(own), &script.language));
        end = own.to_ms;
    }
    if open {
        put(out, format_args!("</ol>\n"));
    } else {
        put(out, format_args!("<p>Nobody speaks in this episode.</p>\n"));
    }
    put(out, format_args!("</section>\n"));
}

fn line(out: &mut String, line: &ScriptLine, (colour, language): (usize, &Language)) {
    let language = line.language.as_ref().unwrap_or(language);
    let name = Escaped(&line.name);
    let at = clock(line.from_ms);
    let pace = pace(line.words, line.length_ms()).filter(|_| line.missing.is_none());
    let pace = pace.map_or_else(String::new, |pace| format!(" · {pace} a minute"));
    let guess = if line.missing.is_some() { "about " } else { "" };
    let class = if line.missing.is_some() {
        " missing"
    } else {
        ""
    };
    put(
        out,
        format_args!(
            "<li class=\"line s{colour}{class}\" id=\"l-{}\" data-from=\"{}\" data-who=\"{name}\">\
             <button class=\"play\" aria-label=\"Play from {at}, {name}\">{at}</button><div>\
             <p class=\"who\"><b><bdi>{name}</bdi></b> · {guess}{}{pace}</p>\
             <p class=\"said\" dir=\"auto\" lang=\"{language}\">{}</p>",
            line.cue,
            line.from_ms,
            seconds(line.length_ms()),
            Escaped(&line.text),
        ),
    );
    for lack in line.missing.iter().chain(&line.note) {
        put(out, format_args!("<p class=\"lack\">{}</p>", Escaped(lack)));
    }
    put(out, format_args!("</div></li>\n"));
}

/// `0:07`, `12:30`, `1:02:03`, rounded down.
fn clock(ms: u64) -> String {
    let all = ms / 1000;
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// `3.2 s`.
fn seconds(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// A text that is a text in HTML, in an attribute too; characters that hide or turn others are seen.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_char('\n')?,
                c if is_hidden(c) => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(name: &str, text: &str) -> Script {
        serde_json::from_value(serde_json::json!({
            "title": name, "show": name, "language": "en", "length_ms": 9000, "chapters": [[0, name]],
            "scenes": [{"id": "one", "heading": name, "from_ms": 0}],
            "lines": [
                {"cue": "c1", "speaker": "ann", "name": name, "text": text, "from_ms": 100, "to_ms": 1100, "words": 2},
                {"cue": "c2", "speaker": "bo", "name": "Bo", "text": "x", "from_ms": 4000, "to_ms": 5000, "words": 3,
                 "missing": name},
            ],
        }))
        .unwrap()
    }

    #[test]
    fn hostile_names_are_texts() {
        let bad = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}&amp;";
        let (head, tail) = around_sound(&script(bad, bad));
        assert!(head.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
        assert!(!head.contains("<img") && !head.contains("<script") && !head.contains('\u{202e}'));
        // The page's own script is the only one; no attribute ends early.
        assert_eq!(tail.matches("<script>").count(), 1);
        assert_eq!(
            head.matches("onerror=").count(),
            head.matches("&#39;&gt;&lt;img src=x onerror=").count()
        );
        let good = around_sound(&script("Ann", "Hello")).0;
        let quotes = |page: &str| page.matches('"').count();
        assert_eq!(quotes(&head), quotes(&good));
    }

    #[test]
    fn the_page_tells_totals_pauses_and_what_is_missing() {
        let (head, _) = around_sound(&script("Ann", "Hello you"));
        for told in [
            "<dt>Missing</dt><dd>1</dd>",
            "<dt>Words/min</dt><dd>150</dd>",
            "2.9 s without words",
            "<a href=\"#l-c2\"><bdi>Bo</bdi>, 0:04</a>: Ann",
            "data-from=\"4000\"",
            " · 1.0 s · 120 a minute",
            "about 1.0 s</p>",
        ] {
            assert!(head.contains(told), "{told}\n{head}");
        }
        assert_eq!(head.matches("<ol>").count(), head.matches("</ol>").count());
    }

    #[test]
    fn times_are_told_as_clocks() {
        assert_eq!(clock(7_999), "0:07");
        assert_eq!(clock(3_723_000), "1:02:03");
        assert_eq!(seconds(2_949), "2.9 s");
    }
}
