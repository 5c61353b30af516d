//! An episode in the making: what a script's reader tells, with ids, voices and limits added.

use std::collections::{BTreeMap, BTreeSet};

use workprint_model::episode::{
    Captions, CardSpec, CastMember, ClipSpec, Crop, Cue, Episode, FORMAT, Fit, ImageSpec, Picture,
    PromptSpec, Scene, Shot, Transition, Voice,
};
use workprint_model::{CastId, Decibels, Diagnostic, Language, MediaPath, Percent, SceneId};

use crate::stress::{Run, marked};

/// The most cues that are taken from a script: with the title card, as many as a manifest may have.
const MOST_CUES: usize = 19_999;
/// The most scenes that are taken from a script; what follows goes on with the last one.
const MOST_SCENES: usize = 5000;
/// The id of the cue and shot before everything. A scene's cues end in a number.
const TITLE_CARD: &str = "title-card";
/// The most speakers that get a place in the cast.
const MOST_SPEAKERS: usize = 2000;
/// The most notes that are told of one script.
const MOST_NOTES: usize = 100;
/// How long a card or a picture without words is seen.
const HOLD_MS: u32 = 3000;
/// The longest texts of a manifest, in characters.
const LONGEST_TEXT: usize = 5000;
const LONGEST_PROMPT: usize = 8000;
const LONGEST_TITLE: usize = 300;
const LONGEST_SUBTITLE: usize = 600;

/// Voices that are easy to tell apart, given out in this order.
const VOICES: [&str; 10] = [
    "espeak:en-gb",
    "espeak:en-us+f3",
    "espeak:en-gb-scotland+m3",
    "espeak:en-gb-x-rp+f2",
    "espeak:en-us+m2",
    "espeak:en-029+f4",
    "espeak:en-gb-x-gbcwmd+m4",
    "espeak:en-us-nyc+f1",
    "espeak:en-gb-x-gbclan+m5",
    "espeak:en-gb+f5",
];
/// Pitches for speakers beyond the first round of voices.
const PITCHES: [u8; 5] = [50, 35, 65, 25, 75];

/// An episode made of a script, and what is to be said about it.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The episode. It follows all rules of a manifest.
    pub episode: Episode,
    /// What could not be taken over, or was taken over as something else, 100 notes at most. An error
    /// means that the text was refused; the episode is then only a title card.
    pub notes: Vec<Diagnostic>,
}

/// What a script has told so far.
pub(crate) struct Draft {
    title: String,
    cast: Vec<CastMember>,
    ids_by_name: BTreeMap<String, CastId>,
    cast_ids: BTreeSet<CastId>,
    scenes: Vec<Scene>,
    scene_ids: BTreeSet<SceneId>,
    /// The last number that was tried for a slug, so that many equal names stay cheap.
    numbers: BTreeMap<String, u64>,
    cues: usize,
    /// What the next cue shows.
    picture: Option<Picture>,
    /// How the next shot enters.
    transition: Transition,
    remarks: Vec<String>,
    notes: Vec<Diagnostic>,
}

impl Draft {
    pub(crate) fn new() -> Self {
        Self {
            title: String::new(),
            cast: Vec::new(),
            ids_by_name: BTreeMap::new(),
            cast_ids: BTreeSet::new(),
            scenes: Vec::new(),
            scene_ids: BTreeSet::new(),
            numbers: BTreeMap::new(),
            cues: 0,
            picture: None,
            transition: Transition::Cut,
            remarks: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What becomes of a script that is too large to read.
    pub(crate) fn refused(bytes: usize) -> Imported {
        let mut draft = Self::new();
        let message = format!(
            "the script is {bytes} bytes long: {} are allowed",
            crate::MAX_BYTES
        );
        draft
            .notes
            .push(Diagnostic::error("import.too-large", message).hint("split the script in two"));
        draft.finish()
    }

    /// Names the episode, the first time.
    pub(crate) fn title(&mut self, title: &str) {
        if self.title.is_empty() {
            self.title = cut(&tidy(title), LONGEST_TITLE);
        }
    }

    pub(crate) fn has_title(&self) -> bool {
        !self.title.is_empty()
    }

    /// Begins a scene.
    pub(crate) fn scene(&mut self, heading: &str) {
        self.flush();
        if self.scenes.len() == MOST_SCENES {
            let message = format!("only the first {MOST_SCENES} scenes were taken over");
            self.note("import.too-many", message, "split the script in two");
            return;
        }
        let heading = tidy(heading);
        let slug = SceneId::slug(place_of(&heading), "scene");
        let id = unused(slug.as_str(), &mut self.numbers, |id| {
            self.scene_ids.insert(id)
        });
        self.scenes.push(Scene {
            id,
            heading: (!heading.is_empty()).then_some(heading),
            dialogue: false,
            cues: Vec::new(),
        });
    }

    /// Something said. Text that is longer than a cue may be becomes several.
    pub(crate) fn speech(&mut self, name: &str, direction: Option<&str>, text: &[Run]) {
        let text = marked(text);
        let direction = direction.map(tidy).filter(|text| !text.is_empty());
        for part in parts(&text, LONGEST_TEXT) {
            let Some(speaker) = self.speaker(name) else {
                return;
            };
            let picture = self.picture.take();
            let direction = direction.clone();
            self.cue(picture, |cue| {
                cue.speaker = Some(speaker);
                cue.direction = direction;
                cue.text = Some(part.to_owned());
            });
        }
    }

    /// Something seen: what the next speech shows, or a silent cue where none follows at once.
    pub(crate) fn action(&mut self, text: &str) {
        let text = cut(&tidy(text), LONGEST_PROMPT);
        if !text.is_empty() {
            self.shows(Picture::Prompt(PromptSpec::of(text)));
        }
    }

    /// A still or a video of the production. Says why when the path cannot be used.
    pub(crate) fn file(&mut self, path: &str) {
        match path.parse::<MediaPath>() {
            Ok(file) if is_video(&file) => self.shows(Picture::Clip(ClipSpec::plain(file))),
            Ok(file) => self.shows(Picture::Image(ImageSpec {
                file,
                parallax: Percent::WHOLE,
                upscale: 1,
            })),
            Err(error) => self.note(
                "import.path",
                error.to_string(),
                "copy the file into `media/` and write its path from the folder of show.toml",
            ),
        }
    }

    fn shows(&mut self, picture: Picture) {
        self.flush();
        self.picture = Some(picture);
    }

    /// A card that is seen for a while in silence.
    pub(crate) fn card(&mut self, title: &str, subtitle: &str) {
        self.flush();
        let title = cut(&tidy(title), LONGEST_TITLE);
        let subtitle = cut(&tidy(subtitle), LONGEST_SUBTITLE);
        if !title.is_empty() {
            let card = Picture::Card(card(title, subtitle));
            self.cue(Some(card), |cue| cue.hold_ms = Some(HOLD_MS));
        }
    }

    /// How the next shot enters.
    pub(crate) fn transition(&mut self, transition: Transition) {
        self.flush();
        self.transition = transition;
    }

    /// Words for people, kept in the episode's `notes`.
    pub(crate) fn remark(&mut self, text: &str) {
        let text = tidy(text);
        if !text.is_empty() {
            self.remarks.push(text);
        }
    }

    /// Says that something could not be taken over as it was.
    pub(crate) fn note(&mut self, code: &str, message: impl Into<String>, hint: &str) {
        if self.notes.len() < MOST_NOTES {
            let note = Diagnostic::warning(code, message);
            if !self.notes.contains(&note) {
                self.notes.push(note.hint(hint));
            }
        }
    }

    /// A picture that no speech follows becomes a silent cue.
    fn flush(&mut self) {
        if let Some(picture) = self.picture.take() {
            self.cue(Some(picture), |cue| cue.hold_ms = Some(HOLD_MS));
        }
    }

    fn cue(&mut self, picture: Option<Picture>, fill: impl FnOnce(&mut Cue)) {
        self.open();
        if self.cues >= MOST_CUES {
            let message = format!("only the first {MOST_CUES} cues were taken over");
            self.note("import.too-many", message, "split the script in two");
            return;
        }
        let transition = &mut self.transition;
        let Some(scene) = self.scenes.last_mut() else {
            return;
        };
        let id = format!("{}-{}", scene.id, scene.cues.len() + 1);
        let mut cue = empty_cue(&id);
        fill(&mut cue);
        cue.shots
            .extend(picture.map(|picture| shot(&id, picture, std::mem::take(transition))));
        scene.cues.push(cue);
        self.cues += 1;
    }

    /// Makes sure that there is a scene.
    fn open(&mut self) {
        if self.scenes.is_empty() {
            self.scene("");
        }
    }

    /// The cast member of a name, cast the first time it is heard.
    fn speaker(&mut self, name: &str) -> Option<CastId> {
        let name = cut(&tidy(name), 100);
        let key = name.to_uppercase();
        if let Some(id) = self.ids_by_name.get(&key) {
            return Some(id.clone());
        }
        let count = self.cast.len();
        if count == MOST_SPEAKERS {
            let message = format!("only the first {MOST_SPEAKERS} speakers were taken over");
            self.note(
                "import.too-many",
                message,
                "look for lines that are not speakers",
            );
            return None;
        }
        let slug = CastId::slug(&name, "speaker");
        let id = unused(slug.as_str(), &mut self.numbers, |id| {
            self.cast_ids.insert(id)
        });
        let round = count / VOICES.len() % PITCHES.len();
        let mut voice = Voice::named(VOICES[count % VOICES.len()]);
        voice.pitch = PITCHES[round];
        self.cast.push(CastMember {
            id: id.clone(),
            name: Some(spoken_name(&name)).filter(|name| !name.is_empty()),
            side: None,
            voice,
            dub: BTreeMap::new(),
            gain_db: Decibels::default(),
            pan: 0,
            puppet: None,
        });
        self.ids_by_name.insert(key, id.clone());
        Some(id)
    }

    pub(crate) fn finish(mut self) -> Imported {
        self.flush();
        self.open();
        let title = if self.title.is_empty() {
            "Untitled".to_owned()
        } else {
            std::mem::take(&mut self.title)
        };
        if let Some(scene) = self.scenes.first_mut() {
            let card = Picture::Card(card(title.clone(), String::new()));
            let mut cue = empty_cue(TITLE_CARD);
            cue.hold_ms = Some(HOLD_MS);
            cue.shots.push(shot(TITLE_CARD, card, Transition::Cut));
            scene.cues.insert(0, cue);
        }
        Imported {
            episode: Episode {
                schema: None,
                format: FORMAT.to_owned(),
                title,
                titles: BTreeMap::new(),
                language: english(),
                cast: self.cast,
                scenes: self.scenes,
                looks: Vec::new(),
                overlays: Vec::new(),
                music: Vec::new(),
                sfx: Vec::new(),
                captions: Captions::default(),
                chapters: Vec::new(),
                waive: BTreeMap::new(),
                notes: (!self.remarks.is_empty()).then(|| self.remarks.join("\n")),
            },
            notes: self.notes,
        }
    }
}

fn english() -> Language {
    "en".parse().expect("`en` is a language")
}

fn empty_cue(id: &str) -> Cue {
    Cue {
        id: id.parse().expect("a scene's id has 40 letters at most"),
        speaker: None,
        text: None,
        language: None,
        say: None,
        direction: None,
        voice: None,
        rate: None,
        pitch: None,
        range: None,
        recording: None,
        gain_db: Decibels::default(),
        lead_ms: None,
        tail_ms: None,
        hold_ms: None,
        shots: Vec::new(),
        caption: None,
        dub: BTreeMap::new(),
        note: None,
    }
}

fn shot(id: &str, picture: Picture, transition: Transition) -> Shot {
    Shot {
        id: id.parse().expect("a shot has its cue's id"),
        picture,
        starts: None,
        weight: 1,
        camera: None,
        transition,
        fit: Fit::Cover,
        focus: None,
        crop: Crop::default(),
        puppets: Vec::new(),
        looks: Vec::new(),
    }
}

fn card(title: String, subtitle: String) -> CardSpec {
    CardSpec {
        title,
        subtitle: (!subtitle.is_empty()).then_some(subtitle),
        background: None,
        colour: None,
        dub: BTreeMap::new(),
    }
}

fn is_video(file: &MediaPath) -> bool {
    matches!(
        file.extension().as_str(),
        "mp4" | "mov" | "webm" | "mkv" | "m4v" | "avi"
    )
}

/// `slug`, or the first of `slug-2`, `slug-3`, … that `take` accepts.
fn unused<T: std::str::FromStr<Err: std::fmt::Debug> + Clone>(
    slug: &str,
    numbers: &mut BTreeMap<String, u64>,
    mut take: impl FnMut(T) -> bool,
) -> T {
    let number = numbers.entry(slug.to_owned()).or_insert(1);
    loop {
        let text = match *number {
            1 => slug.to_owned(),
            number => format!("{slug}-{number}"),
        };
        let id: T = text.parse().expect("a slug has 40 letters at most");
        if take(id.clone()) {
            return id;
        }
        *number += 1;
    }
}

/// A heading without `INT.` and its like, which say nothing in an id.
fn place_of(heading: &str) -> &str {
    let upper = heading.to_ascii_uppercase();
    let marks = [
        "INT./EXT.",
        "EXT./INT.",
        "INT/EXT.",
        "EXT/INT.",
        "INT/EXT",
        "EXT/INT",
        "I/E.",
        "INT.",
        "EXT.",
        "EST.",
        "I/E",
        "INT",
        "EXT",
        "EST",
    ];
    marks
        .into_iter()
        .find_map(|mark| {
            let rest = &heading[upper.strip_prefix(mark).map(|_| mark.len())?..];
            rest.starts_with([' ', '.']).then_some(rest)
        })
        .unwrap_or(heading)
}

/// One space between words, none around them, no control characters.
pub(crate) fn tidy(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_control() || c == '\u{feff}', " ");
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ")
}

/// The first `most` characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// A text in parts of `most` characters at most, cut at spaces where there are any, and not between
/// two stars.
fn parts(text: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((limit, _)) = rest.char_indices().nth(most) {
        let stars = rest[..limit].matches('*').count();
        let open = rest[..limit].rfind('*').filter(|_| stars % 2 == 1);
        let at = rest[..open.unwrap_or(limit)]
            .rfind(' ')
            .filter(|at| *at > 0)
            .unwrap_or(limit);
        parts.push(rest[..at].trim());
        rest = rest[at..].trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// `Bob` for `BOB`; a name with small letters is left alone.
pub(crate) fn spoken_name(name: &str) -> String {
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    let mut inside = false;
    for c in name.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
        inside = c.is_alphanumeric() || matches!(c, '\'' | '’');
    }
    out
}
