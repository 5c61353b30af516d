//! Markdown with a few conventions.
//!
//! | Markdown | episode |
//! | --- | --- |
//! | `# Title` | the title (the first time; then a scene) |
//! | `## Scene` and smaller headings | scene |
//! | paragraph, list item | said by the narrator |
//! | `**Name:** text`, `NAME: text` | said by somebody |
//! | `> direction` | how the next line is said |
//! | `![words](media/file.png)` | the file as the picture of the next line |
//! | `---` | nothing |
//!
//! Emphasis becomes stress where it stands around whole words. Code, tables and HTML are left out, and a
//! note says so.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::Imported;
use crate::draft::Draft;
use crate::stress::{Run, joined, push, skip};

/// The most characters of a name before a colon.
const LONGEST_NAME: usize = 40;

/// Makes an episode of a Markdown script of up to [`crate::MAX_BYTES`]. Any text gives an episode
/// that follows all rules of a manifest; what could not be taken over is in the notes.
pub fn import(text: &str) -> Imported {
    if text.len() > crate::MAX_BYTES {
        return Draft::refused(text.len());
    }
    let mut reader = Reader {
        draft: Draft::new(),
        lines: Vec::new(),
        emphasis: Vec::new(),
        quotes: 0,
        direction: None,
        skipping: 0,
        images: 0,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        reader.event(event);
    }
    reader.paragraph();
    reader.draft.finish()
}

/// A line of a paragraph; a name stands before it where it begins with strong text.
#[derive(Default)]
struct Line {
    strong: String,
    text: Vec<Run>,
}

impl Line {
    /// Everything in it, whatever is emphasised.
    fn plain(&self) -> String {
        format!("{}{}", self.strong, joined(&self.text))
    }

    fn has_text(&self) -> bool {
        self.text.iter().any(|run| !run.text.trim().is_empty())
    }
}

/// What emphasis that is open belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Emphasis {
    /// The beginning of a line, which may be a name.
    Name,
    /// What is said.
    Stress,
}

struct Reader {
    draft: Draft,
    lines: Vec<Line>,
    /// Emphasis that is open, the outermost first.
    emphasis: Vec<Emphasis>,
    /// How many block quotes are open.
    quotes: usize,
    direction: Option<String>,
    /// How many blocks that are left out are open.
    skipping: usize,
    /// How many images are open, whose words are not said.
    images: usize,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.text(&text),
            Event::SoftBreak | Event::HardBreak => self.lines.push(Line::default()),
            Event::Html(_) | Event::InlineHtml(_) => self.left_out("HTML"),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::Item => self.paragraph(),
            Tag::BlockQuote(_) => {
                self.paragraph();
                self.quotes += 1;
            }
            Tag::Strong | Tag::Emphasis => {
                let begins = self
                    .lines
                    .last()
                    .is_none_or(|line| line.strong.is_empty() && !line.has_text());
                let name = tag == Tag::Strong && begins && self.emphasis.is_empty();
                self.emphasis.push(if name {
                    Emphasis::Name
                } else {
                    Emphasis::Stress
                });
            }
            Tag::Image { dest_url, .. } => {
                self.images += 1;
                if self.skipping == 0 {
                    // What was said before the picture keeps the picture before it.
                    self.paragraph();
                    self.draft.file(&dest_url);
                }
            }
            Tag::CodeBlock(_) => self.skip("code"),
            Tag::Table(_) => self.skip("a table"),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Item => self.paragraph(),
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::BlockQuote(_) => {
                self.paragraph();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::Strong | TagEnd::Emphasis => drop(self.emphasis.pop()),
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            TagEnd::CodeBlock | TagEnd::Table => self.skipping = self.skipping.saturating_sub(1),
            _ => {}
        }
    }

    fn skip(&mut self, what: &str) {
        self.paragraph();
        self.left_out(what);
        self.skipping += 1;
    }

    fn left_out(&mut self, what: &str) {
        self.draft.note(
            "import.left-out",
            format!("{what} was left out"),
            "write it as a paragraph if it should be said",
        );
    }

    fn text(&mut self, text: &str) {
        if self.skipping > 0 || self.images > 0 {
            return;
        }
        let name = self.emphasis.contains(&Emphasis::Name);
        let stressed = !self.emphasis.is_empty();
        let line = self.line();
        if name {
            line.strong.push_str(text);
        } else {
            push(&mut line.text, text, stressed);
        }
    }

    fn line(&mut self) -> &mut Line {
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    fn heading(&mut self, level: HeadingLevel) {
        let words: Vec<String> = self.lines.drain(..).map(|line| line.plain()).collect();
        let words = words.join(" ");
        if words.trim().is_empty() {
            return;
        }
        self.direction = None;
        if level == HeadingLevel::H1 && !self.draft.has_title() {
            self.draft.title(&words);
        } else {
            self.draft.scene(&words);
        }
    }

    /// Ends a paragraph: lines that begin with a name are said by somebody, lines after them go on
    /// with it, and the narrator says what nobody else does.
    fn paragraph(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if self.quotes > 0 {
            let words: Vec<String> = lines.iter().map(Line::plain).collect();
            let words = words.join(" ");
            if !words.trim().is_empty() {
                self.direction = Some(words);
            }
            return;
        }
        let mut name = "Narrator".to_owned();
        let mut said: Vec<Run> = Vec::new();
        for line in lines {
            if let Some((speaker, rest)) = spoken(&line) {
                self.say(&name, &said);
                name = speaker;
                said = rest;
            } else {
                push(&mut said, " ", false);
                push(&mut said, &line.strong, true);
                for run in &line.text {
                    push(&mut said, &run.text, run.stressed);
                }
            }
        }
        self.say(&name, &said);
    }

    fn say(&mut self, name: &str, text: &[Run]) {
        if text.iter().any(|run| !run.text.trim().is_empty()) {
            let direction = self.direction.take();
            self.draft.speech(name, direction.as_deref(), text);
        }
    }
}

/// The name before a line and what is said: `**Name:** text`, `**Name**: text`, `NAME: text`.
fn spoken(line: &Line) -> Option<(String, Vec<Run>)> {
    let short = |name: &str| {
        let name = name.trim();
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
        (fits && name.chars().any(char::is_alphanumeric)).then(|| name.to_owned())
    };
    let colons = [':', '：'];
    let strong = line.strong.trim();
    if let Some(name) = strong.strip_suffix(colons) {
        return Some((short(name)?, line.text.clone()));
    }
    let text = joined(&line.text);
    let after = |rest: &str| skip(&line.text, text.len() - rest.len());
    if !strong.is_empty() {
        let rest = text.trim_start().strip_prefix(colons)?;
        return Some((short(strong)?, after(rest)));
    }
    let (name, rest) = text.split_once(": ")?;
    let capitals = name.chars().any(char::is_uppercase)
        && name.chars().all(|c| {
            !c.is_lowercase() && (c.is_alphanumeric() || matches!(c, ' ' | '.' | '\'' | '’' | '-'))
        });
    Some((short(name).filter(|_| capitals)?, after(rest)))
}
