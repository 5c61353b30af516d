//! The production's own files, by digest.

use std::collections::{BTreeMap, BTreeSet};

use workprint_model::episode::{Cue, Episode, Picture, Voice};
use workprint_model::look::Look;
use workprint_model::show::{Show, VoiceEngine, VoiceEngineSpec};
use workprint_model::sound::SoundSource;
use workprint_model::stock::{StockItem, StockKind};
use workprint_model::{Artifact, CueId, Diagnostic, Digest, Language, MediaPath};

use crate::pipeline::{drawing, find_cast, voice_of};

/// Files of the production that the episode names.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: BTreeMap<MediaPath, Artifact>,
}

impl Sources {
    /// The episode's files, each with its digest, kind and length.
    pub const fn new(files: BTreeMap<MediaPath, Artifact>) -> Self {
        Self { files }
    }

    /// The digest of a file that was gathered.
    pub fn find(&self, path: &MediaPath) -> Option<&Artifact> {
        self.files.get(path)
    }

    /// Adds a file that was fetched.
    pub(crate) fn add(&mut self, path: MediaPath, file: Artifact) {
        self.files.insert(path, file);
    }

    /// Every gathered file.
    pub fn iter(&self) -> impl Iterator<Item = (&MediaPath, &Artifact)> {
        self.files.iter()
    }
}

/// What a file is named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// A picture that does not move.
    Still,
    /// A video.
    Video,
    /// Something to be heard.
    Sound,
    /// An SVG with fields.
    Graphic,
    /// When the words of a recording are heard.
    Words,
    /// A part of a neural voice.
    Model,
    /// An SVG with named parts.
    Puppet,
    /// A picture that is shown to a model.
    Reference,
    /// A table of colours.
    Cube,
    /// A graph of nodes.
    Graph,
    /// A file that a program is, or is handed.
    Tool,
}

impl Wanted {
    /// What is wrong with the kind of a file that is named for this, if anything.
    pub fn refuse(self, path: &MediaPath) -> Option<Diagnostic> {
        (!self.allows(media_type(path))).then(|| {
            let message = format!("`{path}` cannot be used as {}", self.name());
            Diagnostic::error("media.wrong-kind", message).hint(self.hint())
        })
    }

    fn allows(self, media_type: &str) -> bool {
        match self {
            Self::Still => media_type.starts_with("image/"),
            Self::Video => {
                media_type.starts_with("video/") || matches!(media_type, "image/gif" | "image/webp")
            }
            Self::Sound => media_type.starts_with("audio/") || media_type.starts_with("video/"),
            Self::Graphic | Self::Puppet => media_type == "image/svg+xml",
            Self::Reference => matches!(media_type, "image/png" | "image/jpeg" | "image/webp"),
            Self::Words | Self::Graph => media_type == "application/json",
            Self::Model => matches!(media_type, "application/json" | MODEL_TYPE),
            Self::Cube => media_type == CUBE_TYPE,
            Self::Tool => true,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Still => "a still",
            Self::Video => "a clip",
            Self::Sound => "a sound",
            Self::Graphic => "a graphic",
            Self::Words => "a list of words",
            Self::Model => "a voice",
            Self::Puppet => "a puppet",
            Self::Reference => "a reference",
            Self::Cube => "a table of colours",
            Self::Graph => "a graph",
            Self::Tool => "a tool",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Still => "use a .png, .jpg, .webp, .gif, .bmp, .tiff or .svg file",
            Self::Video => "use a .mp4, .mov, .mkv, .webm, .avi, .mpg, .gif or .webp file",
            Self::Sound => {
                "use a .wav, .flac, .mp3, .ogg, .opus, .m4a or .aiff file, or a video with sound"
            }
            Self::Graphic | Self::Puppet => "use a .svg file",
            Self::Reference => "use a .png, .jpg or .webp file",
            Self::Words => "use a .json file with `words`, each with `word`, `start` and `end`",
            Self::Model => "use a .onnx file with its .onnx.json beside it",
            Self::Cube => "use a .cube file",
            Self::Tool => "name a file of the show",
            Self::Graph => "use a .json file, as the editor's \"Export (API)\" writes it",
        }
    }
}

/// The kind of a table of colours.
pub const CUBE_TYPE: &str = "application/x-cube";

/// The kind of a neural voice.
const MODEL_TYPE: &str = "application/x-onnx";

/// Whether Workprint brings this graphic.
pub fn is_built_in(name: &str) -> bool {
    workprint_picture::graphic::BUILT_IN
        .iter()
        .any(|graphic| graphic.name == name)
}

/// Where the graphic `name` would lie when it is the user's own.
pub fn graphic_path(name: &str) -> Option<MediaPath> {
    format!("media/graphics/{name}.svg").parse().ok()
}

/// Every file that a line's voice is taken from or made with, the lists of words in them, and the first
/// line that wants it. `dub` is the language that is made.
pub fn voiced(
    episode: &Episode,
    show: &Show,
    dub: Option<&Language>,
) -> BTreeMap<(MediaPath, Wanted), CueId> {
    let mut out = BTreeMap::new();
    for cue in episode.cues().filter(|cue| cue.spoken().is_some()) {
        let own = cue.language.as_ref().unwrap_or(&episode.language);
        let mut want = |file: MediaPath, wanted| {
            out.entry((file, wanted)).or_insert_with(|| cue.id.clone());
        };
        if let Some(recording) = &cue.recording {
            want(recording.file.clone(), Wanted::Sound);
            let words = recording.words.iter();
            words.for_each(|file| want(file.clone(), Wanted::Words));
        } else if let Some(voice) = voice_of(episode, show, cue) {
            files_of(voice, (cue, own), show, &mut want);
        }
        let dubbed = |language| cue.dub.get(language).and_then(|line| line.spoken());
        let cast = find_cast(episode, show, cue);
        if let Some(language) = dub.filter(|language| dubbed(language).is_some())
            && let Some(voice) = cast.and_then(|member| member.dub.get(language))
        {
            files_of(voice, (cue, language), show, &mut want);
        }
    }
    out
}

/// Lines that are not heard in the episode's own language as they should be, as a file of theirs is
/// missing: which.
pub fn lines_without(
    episode: &Episode,
    show: &Show,
    missing: &BTreeSet<MediaPath>,
) -> BTreeMap<CueId, MediaPath> {
    let mut out = BTreeMap::new();
    for cue in episode.cues().filter(|cue| cue.spoken().is_some()) {
        let own = cue.language.as_ref().unwrap_or(&episode.language);
        let mut lacks = |file: MediaPath, _| {
            if missing.contains(&file) {
                out.entry(cue.id.clone()).or_insert(file);
            }
        };
        if let Some(recording) = &cue.recording {
            lacks(recording.file.clone(), Wanted::Sound);
        } else if let Some(voice) = voice_of(episode, show, cue) {
            files_of(voice, (cue, own), show, &mut lacks);
        }
    }
    out
}

/// The files that a voice needs for a line.
fn files_of(
    voice: &Voice,
    (cue, language): (&Cue, &Language),
    show: &Show,
    want: &mut impl FnMut(MediaPath, Wanted),
) {
    if let Some(Ok(file)) = voice.file(&cue.id, cue.speaker.as_ref(), language) {
        want(file, Wanted::Sound);
    }
    let engine = show.engines.voices.get(voice.engine());
    if let Some(VoiceEngine::Piper(piper)) = engine.and_then(VoiceEngineSpec::own) {
        let files = piper.files(voice.voice()).into_iter().flatten();
        files.for_each(|file| want(file, Wanted::Model));
    }
}

/// Every file that the episode, or the show in its place, names, with what it is named for.
pub fn mentioned(
    episode: &Episode,
    show: &Show,
    dub: Option<&Language>,
) -> BTreeSet<(MediaPath, Wanted)> {
    let mut out: BTreeSet<_> = voiced(episode, show, dub).into_keys().collect();
    let cubes = |looks: &[Look]| {
        let looks = show.looks_of(looks);
        let files = looks.iter().filter_map(Look::file);
        let cubes = files.map(|file| (file.clone(), Wanted::Cube));
        cubes.collect::<Vec<_>>()
    };
    out.extend(cubes(&episode.looks));
    for shot in episode.shots() {
        let puppets = shot.puppets.iter();
        let drawings = puppets.filter_map(|puppet| drawing(episode, show, puppet));
        out.extend(drawings.map(|(file, _)| (file.clone(), Wanted::Puppet)));
        out.extend(cubes(&shot.looks));
        match &shot.picture {
            Picture::Image(image) => drop(out.insert((image.file.clone(), Wanted::Still))),
            Picture::Clip(clip) => drop(out.insert((clip.file.clone(), Wanted::Video))),
            Picture::Card(card) => {
                out.extend(
                    card.background
                        .iter()
                        .map(|file| (file.clone(), Wanted::Still)),
                );
            }
            Picture::Prompt(prompt) => {
                let references = prompt.references.iter();
                out.extend(references.map(|file| (file.clone(), Wanted::Reference)));
                let graphs = show.engines.of_prompt(prompt);
                let graphs = graphs.filter_map(|(_, spec)| spec.graph.clone());
                out.extend(graphs.map(|file| (file, Wanted::Graph)));
                let engines = show.engines.of_prompt(prompt);
                let files = engines.flat_map(|(_, spec)| spec.files());
                out.extend(files.map(|file| (file, Wanted::Tool)));
            }
            Picture::Plate(_) => {}
        }
    }
    let sounds = episode.music.iter().map(|music| &music.source);
    for source in sounds.chain(episode.sfx.iter().map(|effect| &effect.source)) {
        if let SoundSource::File(file) = source {
            out.insert((file.clone(), Wanted::Sound));
        }
    }
    for overlay in &episode.overlays {
        if !is_built_in(&overlay.graphic) {
            out.extend(graphic_path(&overlay.graphic).map(|file| (file, Wanted::Graphic)));
        }
        let pictures = overlay.pictures.values();
        out.extend(pictures.map(|file| (file.clone(), Wanted::Still)));
        out.extend(
            overlay
                .clip
                .iter()
                .map(|clip| (clip.file.clone(), Wanted::Video)),
        );
    }
    out
}

/// What a file is, by the ending of its name; what is in it is looked at when it is used.
pub fn media_type(path: &MediaPath) -> &'static str {
    if let Some(item) = StockItem::of(path) {
        return match item.kind {
            StockKind::Photos => "image/jpeg",
            StockKind::Videos => "video/mp4",
        };
    }
    match path.extension().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        "svg" => "image/svg+xml",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "mkv" => "video/x-matroska",
        "webm" => "video/webm",
        "avi" => "video/x-msvideo",
        "mpg" | "mpeg" | "ts" => "video/mpeg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "m4a" | "aac" => "audio/mp4",
        "aif" | "aiff" => "audio/aiff",
        "json" => "application/json",
        "cube" => CUBE_TYPE,
        "onnx" => MODEL_TYPE,
        _ => "application/octet-stream",
    }
}

/// A digest that no file has, for a file that is missing; the step that needs it fails.
pub(crate) fn missing(path: &MediaPath) -> Digest {
    Digest::of_json(&("missing", path.as_str()))
}
