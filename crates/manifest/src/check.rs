//! What a schema cannot say: that names are unique and known, that cues have what they need, that
//! things begin before they end.
//!
//! Checks look at the tree instead of the typed value, so that they also run on a file whose shape
//! is wrong somewhere else, and everything is reported at once.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use workprint_model::Id;
use workprint_model::caption::BUILT_IN_STYLES;
use workprint_model::show::Show;
use workprint_model::{markup, words};

mod credentials;
mod engines;
mod gates;
mod looks;
mod sounds;
mod takes;
mod voices;
mod waivers;

use crate::check_framing::framing;
use crate::check_puppets;
use crate::shape::opening;
use crate::tree::{Node, Problem, Value, brief};

/// Marks that no voice reads.
const SILENT: &str = ".,;:!?…-–—'\"“”‘’«»„‹›()[]¿¡、。・！？「」『』،؛؟।";

/// The most cues in an episode.
const MOST_CUES: usize = 20_000;
/// The most shots in an episode.
const MOST_SHOTS: usize = 60_000;
/// The most of any other thing in an episode or show.
const MOST_OTHERS: usize = 20_000;
/// The most characters in a text of a cue.
const LONGEST_TEXT: usize = 5000;
/// The most bytes in all texts of all cues, dubs included.
const LONGEST_TEXTS: usize = 8 << 20;

/// Everything wrong with an episode that its schema does not say.
pub(crate) fn episode(root: &Node<'_>, show: &Show, problems: &mut Vec<Problem>) {
    let scenes = root.list("scenes");
    let cues: Vec<&Node<'_>> = scenes.iter().flat_map(|scene| scene.list("cues")).collect();
    let shots: Vec<&Node<'_>> = cues.iter().flat_map(|cue| cue.list("shots")).collect();
    let check = Check {
        cues: places(&cues),
        shots: places(&shots),
        speakers: speakers(root, show),
        puppets: check_puppets::owners(root, show),
        styles: styles(show),
        looks: looks::of_show(show),
        problems,
    };
    check.all(root, &cues, &shots);
    waivers::waivers(root, problems);
}

/// Everything wrong with a show that its schema does not say.
pub(crate) fn show(root: &Node<'_>, problems: &mut Vec<Problem>) {
    unique(root.list("cast"), "cast member", problems);
    limit(root.list("cast"), MOST_OTHERS, "cast members", problems);
    looks::in_show(root, problems);
    voices::in_show(root, problems);
    engines::in_show(root, problems);
    gates::in_show(root, problems);
    takes::in_show(root, problems);
    credentials::in_show(root, problems);
    waivers::waivers(root, problems);
    let fields = root.find("caption_styles").map_or(&[][..], Node::fields);
    let own = fields.iter().map(|field| &*field.key);
    let own: Vec<&str> = BUILT_IN_STYLES.into_iter().chain(own).collect();
    if let Some(outputs) = root.find("outputs") {
        if outputs.fields().is_empty() {
            let message = "the show has no output, so nothing can be made";
            problems.push(
                Problem::new(outputs.span, "manifest.no-output", message)
                    .hint("add `[outputs.main]`"),
            );
        }
        for output in outputs.fields() {
            if let Err(error) = output.key.parse::<Id>() {
                let message = format!("an output's name is part of file names: {error}");
                problems.push(Problem::new(
                    output.key_span,
                    "manifest.wrong-value",
                    message,
                ));
            }
            let captions = output.node.find("captions");
            known_style(captions, &own, problems);
        }
    }
}

/// Everything wrong with a lock that its schema does not say.
pub(crate) fn lock(root: &Node<'_>, problems: &mut Vec<Problem>) {
    for slot in root.find("slots").map_or(&[][..], Node::fields) {
        let (kind, name) = slot.key.split_once('/').unwrap_or_default();
        if kind.is_empty() || name.is_empty() || slot.key.len() > 300 {
            let message = format!("`{}` is not a slot", brief(&slot.key));
            problems.push(
                Problem::new(slot.key_span, "manifest.wrong-value", message)
                    .hint("a slot is a kind and a name, such as `voice/c3`"),
            );
        }
    }
}

struct Check<'a> {
    /// Which cue an id names, counted in order.
    cues: BTreeMap<&'a str, usize>,
    /// Which shot an id names, counted in order.
    shots: BTreeMap<&'a str, usize>,
    speakers: BTreeSet<&'a str>,
    /// The speakers who have a puppet of their own.
    puppets: BTreeSet<&'a str>,
    styles: Vec<&'a str>,
    /// The looks of the show by name, and how many each is.
    looks: BTreeMap<&'a str, usize>,
    problems: &'a mut Vec<Problem>,
}

impl Check<'_> {
    fn all(mut self, root: &Node<'_>, cues: &[&Node<'_>], shots: &[&Node<'_>]) {
        unique(root.list("cast"), "cast member", self.problems);
        unique(root.list("scenes"), "scene", self.problems);
        unique(cues.iter().copied(), "cue", self.problems);
        unique(shots.iter().copied(), "shot", self.problems);
        unique(root.list("overlays"), "overlay", self.problems);
        let sounds = root.list("music").iter().chain(root.list("sfx"));
        unique(sounds, "sound", self.problems);
        limit(cues.iter().copied(), MOST_CUES, "cues", self.problems);
        limit(shots.iter().copied(), MOST_SHOTS, "shots", self.problems);
        for list in ["cast", "scenes", "overlays", "music", "sfx", "chapters"] {
            limit(root.list(list), MOST_OTHERS, list, self.problems);
        }
        self.style(root.find("captions"));
        self.looks(root);
        for shot in shots {
            self.looks(shot);
        }
        self.opening_shot(root, cues);
        for cue in cues {
            self.cue(cue, cues);
        }
        texts(cues, self.problems);
        for ranged in root.list("overlays").iter().chain(root.list("music")) {
            self.anchor(ranged.find("from"));
            self.anchor(ranged.find("to"));
            self.order(ranged);
        }
        for overlay in root.list("overlays") {
            crate::check_overlay::overlay(overlay, self.problems);
        }
        for sound in root.list("sfx") {
            self.anchor(sound.find("at"));
        }
        self.sounds(root, shots);
        self.chapters(root.list("chapters"));
    }

    fn opening_shot(&mut self, root: &Node<'_>, cues: &[&Node<'_>]) {
        match cues.first() {
            Some(cue) if cue.list("shots").is_empty() => self.problems.push(
                Problem::new(
                    opening(cue),
                    "manifest.nothing-to-show",
                    "the first cue has no shot, so the episode begins with nothing to show",
                )
                .hint("add a shot to `shots`, such as a card"),
            ),
            None => {
                let place = root.find("scenes").unwrap_or(root);
                self.problems.push(
                    Problem::new(opening(place), "manifest.no-cues", "the episode has no cue")
                        .hint("add a cue to a scene"),
                );
            }
            Some(_) => {}
        }
    }

    fn recording(&mut self, cue: &Node<'_>) {
        let Some(recording) = cue.find("recording") else {
            return;
        };
        let from = recording
            .find("from_ms")
            .and_then(Node::integer)
            .unwrap_or(0);
        if let Some(to) = recording.find("to_ms")
            && to.integer().is_some_and(|to| to <= from)
        {
            self.problems.push(
                Problem::new(
                    to.span,
                    "manifest.empty-part",
                    "this part of the recording ends before it begins",
                )
                .hint("give a `to_ms` after `from_ms`, or leave it out for the file's end"),
            );
        }
    }

    fn cue(&mut self, cue: &Node<'_>, cues: &[&Node<'_>]) {
        if crate::is_full(self.problems) {
            return;
        }
        let text = cue.find("text").filter(|node| {
            node.text()
                .is_none_or(|t| !markup::plain(t).trim().is_empty())
        });
        let speaker = cue.find("speaker");
        match (text, speaker) {
            (Some(text), None) => self.problems.push(
                Problem::new(
                    text.span,
                    "manifest.no-speaker",
                    "this cue has a text, and nobody to say it",
                )
                .hint("add `speaker`"),
            ),
            (None, Some(speaker)) => self.problems.push(
                Problem::new(
                    speaker.span,
                    "manifest.no-text",
                    "this cue has a speaker, and nothing to say",
                )
                .hint("add `text`, or remove `speaker` for a silent cue"),
            ),
            (None, None) if cue.find("recording").is_some() => self.problems.push(
                Problem::new(
                    opening(cue),
                    "manifest.no-text",
                    "this cue has a recording, and no text",
                )
                .hint("write what is said as `text`, with its `speaker`; a sound that is no voice goes to `sfx`"),
            ),
            (None, None) if cue.find("hold_ms").is_none() => self.problems.push(
                Problem::new(
                    opening(cue),
                    "manifest.no-length",
                    "this cue is silent and has no length",
                )
                .hint("add `hold_ms`, or `speaker` and `text`"),
            ),
            (Some(text), Some(_)) => self.words(cue, text),
            _ => {}
        }
        self.recording(cue);
        self.speaker(speaker);
        if let Some(say) = cue.find("say").filter(|_| text.is_none()) {
            self.problems.push(
                Problem::new(
                    say.span,
                    "manifest.no-text",
                    "this cue says something that is not written",
                )
                .hint("add `text`, which captions show"),
            );
        }
        self.style(cue.find("caption"));
        self.starts(cue);
        self.shots(cue, cues);
    }

    /// A voice that is given marks alone says nothing.
    fn words(&mut self, cue: &Node<'_>, text: &Node<'_>) {
        let read = cue.find("say").unwrap_or(text);
        let marks = |read: &str| {
            let read = markup::plain(read);
            !read.trim().is_empty()
                && read
                    .chars()
                    .all(|c| c.is_whitespace() || SILENT.contains(c))
        };
        if read.text().is_some_and(marks) && cue.find("recording").is_none() {
            self.problems.push(
                Problem::new(
                    read.span,
                    "manifest.no-text",
                    "there are marks here, and no word to say",
                )
                .hint("write a word in `say`, or make the cue silent with `hold_ms`"),
            );
        }
    }

    fn shots(&mut self, cue: &Node<'_>, cues: &[&Node<'_>]) {
        let known = check_puppets::Known {
            cues: &self.cues,
            speakers: &self.speakers,
            owners: &self.puppets,
        };
        for shot in cue.list("shots") {
            framing(shot, self.problems);
            check_puppets::shot(shot, cue, cues, &known, self.problems);
        }
    }

    fn speaker(&mut self, speaker: Option<&Node<'_>>) {
        if let Some((node, name)) = speaker.and_then(|node| Some((node, node.text()?)))
            && !self.speakers.contains(name)
        {
            let known: Vec<&str> = self.speakers.iter().copied().collect();
            let message = format!("`{}` is not in the cast", brief(name));
            self.problems.push(
                Problem::new(node.span, "manifest.unknown-speaker", message)
                    .hint_nearest(name, &known)
                    .hint("add it to `cast` here or in show.toml"),
            );
        }
    }

    /// Where shots begin: the first with its cue, the others one after the other.
    fn starts(&mut self, cue: &Node<'_>) {
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        let hold = cue.find("hold_ms").and_then(Node::integer);
        let spoken = cue.find("text").and_then(Node::text).unwrap_or_default();
        let spoken = &markup::plain(spoken.trim());
        for (index, shot) in cue.list("shots").iter().enumerate() {
            let Some(field) = shot
                .find("starts")
                .and_then(|starts| starts.fields().first())
            else {
                continue;
            };
            let (Some(at), kind) = (field.node.integer(), &*field.key) else {
                continue;
            };
            let place = field.node.span;
            let wrong = |message: String| Problem::new(place, "manifest.shot-start", message);
            if index == 0 {
                if at != 0 {
                    self.problems.push(
                        wrong("a cue's first shot begins with the cue".to_owned())
                            .hint("remove `starts`, or put another shot before this one"),
                    );
                }
            } else if last.get(kind).is_some_and(|before| at <= *before) || at == 0 {
                let message = "this shot begins no later than the shot before it";
                self.problems.push(
                    wrong(message.to_owned()).hint("put the shots in the order of their starts"),
                );
            }
            last.insert(if kind == "word" { "word" } else { "ms" }, at);
            let count = if kind == "word" && at > 0 {
                words::units(spoken.trim()).len() as i64
            } else {
                0
            };
            if kind == "word" && at > 0 && at >= count {
                self.problems.push(
                    wrong(format!("this cue has no word {at}")).hint(match count {
                        0 => "use `ms`, as this cue has no text".to_owned(),
                        count => format!("its words are 0 to {}", count - 1),
                    }),
                );
            } else if kind == "ms"
                && spoken.trim().is_empty()
                && hold.is_some_and(|hold| at >= hold)
            {
                let message = format!("this shot begins at {at} ms, when its cue has ended");
                self.problems
                    .push(wrong(message).hint("start it earlier, or make `hold_ms` larger"));
            }
        }
    }

    fn style(&mut self, captions: Option<&Node<'_>>) {
        known_style(captions, &self.styles, self.problems);
    }

    fn anchor(&mut self, anchor: Option<&Node<'_>>) {
        let Some(anchor) = anchor.filter(|anchor| matches!(anchor.value, Value::Object(_))) else {
            return;
        };
        if crate::is_full(self.problems) {
            return;
        }
        match (anchor.find("cue"), anchor.find("shot")) {
            (Some(_), Some(shot)) => self.problems.push(
                Problem::new(
                    shot.span,
                    "manifest.anchor",
                    "this moment names a cue and a shot",
                )
                .hint("keep one of them"),
            ),
            (None, None) => self.problems.push(
                Problem::new(
                    opening(anchor),
                    "manifest.anchor",
                    "this moment names neither a cue nor a shot",
                )
                .hint("add `cue` or `shot`"),
            ),
            (Some(cue), None) => self.known(cue, true),
            (None, Some(shot)) => self.known(shot, false),
        }
    }

    fn known(&mut self, node: &Node<'_>, is_cue: bool) {
        let Some(name) = node.text().filter(|_| !crate::is_full(self.problems)) else {
            return;
        };
        let (known, what) = if is_cue {
            (&self.cues, "cue")
        } else {
            (&self.shots, "shot")
        };
        if !known.contains_key(name) {
            let names: Vec<&str> = known.keys().copied().collect();
            let message = format!("there is no {what} `{}`", brief(name));
            self.problems.push(
                Problem::new(node.span, "manifest.unknown-id", message).hint_nearest(name, &names),
            );
        }
    }

    /// Whether a thing ends before it begins, as far as that is sure without knowing any length.
    fn order(&mut self, ranged: &Node<'_>) {
        let (Some(from), Some(to)) = (ranged.find("from"), ranged.find("to")) else {
            return;
        };
        let (Some(from_at), Some(to_at)) = (self.moment(from), self.moment(to)) else {
            return;
        };
        let sure = match from_at.place.cmp(&to_at.place) {
            _ if from_at.is_cue != to_at.is_cue => false,
            Ordering::Less => false,
            Ordering::Equal => from_at.at_end >= to_at.at_end && from_at.offset >= to_at.offset,
            Ordering::Greater => from_at.offset == 0 && to_at.offset == 0,
        };
        if sure {
            self.problems.push(
                Problem::new(to.span, "manifest.order", "this ends before it begins")
                    .hint("put `to` after `from`"),
            );
        }
    }

    fn moment(&self, anchor: &Node<'_>) -> Option<Moment> {
        let (is_cue, place) = match (anchor.find("cue"), anchor.find("shot")) {
            (Some(cue), None) => (true, self.cues.get(cue.text()?)),
            (None, Some(shot)) => (false, self.shots.get(shot.text()?)),
            _ => return None,
        };
        Some(Moment {
            is_cue,
            place: *place?,
            at_end: anchor.find("at").and_then(Node::text) == Some("end"),
            offset: anchor
                .find("offset_ms")
                .and_then(Node::integer)
                .unwrap_or(0),
        })
    }

    fn chapters(&mut self, chapters: &[Node<'_>]) {
        let mut seen = BTreeSet::new();
        for chapter in chapters {
            if let Some(title) = chapter.find("title")
                && title.text().is_some_and(|title| title.trim().is_empty())
            {
                let problem =
                    Problem::new(title.span, "manifest.empty", "this chapter has no title");
                self.problems.push(problem.hint("write something here"));
            }
            let Some((node, cue)) = chapter
                .find("cue")
                .and_then(|node| Some((node, node.text()?)))
            else {
                continue;
            };
            self.known(node, true);
            if !seen.insert(cue) {
                let message = format!("two chapters begin with the cue `{}`", brief(cue));
                self.problems.push(
                    Problem::new(node.span, "manifest.duplicate-chapter", message)
                        .hint("keep one of them"),
                );
            }
        }
    }
}

/// Whether the style that captions name is one of the `known` ones.
fn known_style(captions: Option<&Node<'_>>, known: &[&str], problems: &mut Vec<Problem>) {
    let style = captions.and_then(|captions| captions.find("style"));
    let Some((node, name)) = style.and_then(|node| Some((node, node.text()?))) else {
        return;
    };
    if !known.contains(&name) {
        let message = format!("there is no caption style `{}`", brief(name));
        problems.push(
            Problem::new(node.span, "manifest.unknown-style", message)
                .hint_nearest(name, known)
                .hint(format!(
                    "add `[caption_styles.{}]` to show.toml",
                    brief(name)
                )),
        );
    }
}

/// An anchor that names something known.
struct Moment {
    is_cue: bool,
    /// Which cue, or which shot.
    place: usize,
    at_end: bool,
    offset: i64,
}

/// The place of each id, the first time it is given.
fn places<'a>(nodes: &[&'a Node<'a>]) -> BTreeMap<&'a str, usize> {
    let mut places = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if let Some(id) = node.find("id").and_then(Node::text) {
            places.entry(id).or_insert(index);
        }
    }
    places
}

fn speakers<'a>(root: &'a Node<'a>, show: &'a Show) -> BTreeSet<&'a str> {
    root.list("cast")
        .iter()
        .filter_map(|member| member.find("id").and_then(Node::text))
        .chain(show.cast.iter().map(|member| member.id.as_str()))
        .collect()
}

fn styles(show: &Show) -> Vec<&str> {
    let own = show.caption_styles.keys().map(String::as_str);
    BUILT_IN_STYLES.into_iter().chain(own).collect()
}

fn unique<'a>(
    nodes: impl IntoIterator<Item = &'a Node<'a>>,
    what: &str,
    problems: &mut Vec<Problem>,
) {
    let mut seen = BTreeSet::new();
    for node in nodes {
        let Some((place, id)) = node.find("id").and_then(|node| Some((node, node.text()?))) else {
            continue;
        };
        if !seen.insert(id) && !crate::is_full(problems) {
            let message = format!("there are two {what}s with the id `{}`", brief(id));
            problems.push(
                Problem::new(place.span, "manifest.duplicate-id", message)
                    .hint("give one of them another id"),
            );
        }
    }
}

pub(crate) fn limit<'a>(
    nodes: impl IntoIterator<Item = &'a Node<'a>>,
    most: usize,
    what: &str,
    problems: &mut Vec<Problem>,
) {
    if let Some(node) = nodes.into_iter().nth(most) {
        let message = format!("there are more than {most} {what}");
        problems.push(
            Problem::new(opening(node), "manifest.too-many", message)
                .hint("split the episode in two"),
        );
    }
}

/// Texts that are too long: a dub's (a cue's own is the schema's matter), and all together.
fn texts(cues: &[&Node<'_>], problems: &mut Vec<Problem>) {
    let mut bytes = 0;
    for cue in cues {
        let dubs = cue.find("dub").map_or(&[][..], Node::fields);
        for dub in dubs {
            let length = dub.node.text().map_or(0, |text| text.chars().count());
            if length > LONGEST_TEXT && !crate::is_full(problems) {
                let message =
                    format!("this text is {length} characters long: {LONGEST_TEXT} are allowed");
                problems.push(
                    Problem::new(dub.node.span, "manifest.too-long", message)
                        .hint("split the cue in two"),
                );
            }
        }
        let own = cue.find("text").into_iter();
        let all = own.chain(dubs.iter().map(|dub| &dub.node));
        let before = bytes;
        bytes += all.filter_map(Node::text).map(str::len).sum::<usize>();
        if before <= LONGEST_TEXTS && bytes > LONGEST_TEXTS {
            let message = format!("the texts of all cues are longer than {LONGEST_TEXTS} bytes");
            problems.push(
                Problem::new(opening(cue), "manifest.too-long", message)
                    .hint("split the episode in two"),
            );
        }
    }
}
