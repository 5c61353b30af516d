//! An episode, read and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use workprint_manifest::{Loaded, Source, load_episode, load_lock, load_show};
use workprint_model::episode::{Episode, Picture, Voice};
use workprint_model::lock::Lock;
use workprint_model::show::{
    EngineSpec, Engines as EngineSpecs, Output, Show, VoiceEngine, VoiceEngineSpec,
};
use workprint_model::stock::StockItem;
use workprint_model::{
    Artifact, CueId, Diagnostic, Digest, MediaPath, Severity, Slot, Span, markup,
};
use workprint_picture::Cube;
use workprint_picture::fonts::Fonts;
use workprint_picture::graphic::svg_fields;
use workprint_picture::looks::MOST_CUBE_BYTES;
use workprint_providers::order::Capability;
use workprint_providers::own::Surroundings;
use workprint_providers::vendors::{self, LIBRARIES, NoEngine, ROWS};
use workprint_stages::Tools;
use workprint_stages::generate::Engines;
use workprint_stages::sources::{
    CUBE_TYPE, Sources, Wanted, graphic_path, is_built_in, media_type, mentioned, voiced,
};
use workprint_stages::stock::Libraries;
use workprint_store::Store;

use crate::ops::render::{RenderOptions, StandIn};
use crate::{Host, Place, StudioError, dialogues, fallbacks, sounds, webhooks};

/// The largest manifest, show or lock that is read.
const TEXT_LIMIT: u64 = 16 << 20;
/// The largest SVG template that is looked into.
const TEMPLATE_LIMIT: u64 = 8 << 20;

/// An episode with everything that it names.
#[derive(Debug)]
pub struct Production {
    /// Where it lies.
    pub place: Place,
    /// The show.
    pub show: Show,
    /// The episode.
    pub episode: Episode,
    /// Its chosen takes.
    pub lock: Lock,
    /// Its files.
    pub sources: Sources,
    /// Files that it names and that are not there; none but where an animatic or a readout is made.
    pub missing: BTreeSet<MediaPath>,
    /// Files that fill slots by hand.
    pub hand_made: BTreeMap<Slot, Digest>,
    /// Whether lines that nobody has spoken yet are spoken.
    speaks: bool,
    /// What should be known of it; no errors.
    pub warnings: Vec<Diagnostic>,
}

/// A show by itself.
pub(crate) fn read_show(root: &Path) -> Result<Show, StudioError> {
    // Which of its episodes is meant makes no difference.
    let place = Place {
        root: root.to_owned(),
        episode: "show"
            .parse()
            .map_err(|_| StudioError::request("no show", "name one"))?,
    };
    let loaded = read_with(&place, &root.join("show.toml"), load_show)?;
    loaded
        .value
        .ok_or(StudioError::Diagnostics(loaded.diagnostics))
}

/// An episode's texts, read and checked, before its files are looked at.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) show: Option<Show>,
    pub(crate) episode: Option<Episode>,
    pub(crate) lock: Option<Lock>,
    pub(crate) manifest_text: String,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Texts {
    /// Reads show.toml, manifest.json and episode.lock and collects all that is wrong in them.
    pub(crate) fn read(place: &Place) -> Result<Self, StudioError> {
        let mut diagnostics = Vec::new();
        let show_path = place.root.join("show.toml");
        let show = keep(read_with(place, &show_path, load_show)?, &mut diagnostics);
        let manifest_text = read_text(place, &place.manifest(), &mut diagnostics)?;
        let file = place.shown(&place.manifest());
        // Without a show an episode can still be checked for what does not depend on it.
        let stand_in = Show {
            format: workprint_model::show::FORMAT.to_owned(),
            title: String::new(),
            outputs: BTreeMap::new(),
            cast: Vec::new(),
            lexicon: BTreeMap::new(),
            timing: workprint_model::show::Timing::default(),
            dub: workprint_model::show::DubTiming::default(),
            caption_styles: BTreeMap::new(),
            looks: BTreeMap::new(),
            theme: workprint_model::episode::Theme::default(),
            mix: workprint_model::sound::MixSettings::default(),
            engines: workprint_model::show::Engines::default(),
            takes: workprint_model::takes::TakeRules::default(),
            gates: workprint_model::show::Gates::default(),
            budget: workprint_model::show::Budget::default(),
            credentials: workprint_model::show::CredentialsSpec::default(),
            waive: BTreeMap::new(),
        };
        let known = show.as_ref().unwrap_or(&stand_in);
        let loaded = load_episode(
            Source {
                file: &file,
                text: &manifest_text,
            },
            known,
        );
        let episode = keep(loaded, &mut diagnostics);
        let lock_path = place.lock();
        // A link that leads nowhere is not the same as no lock: writing one would replace it.
        let lock = if std::fs::symlink_metadata(&lock_path).is_ok() {
            keep(read_with(place, &lock_path, load_lock)?, &mut diagnostics)
        } else {
            Some(Lock::default())
        };
        Ok(Self {
            show,
            episode,
            lock,
            manifest_text,
            diagnostics,
        })
    }
}

impl Production {
    /// Reads an episode and looks at its files. All errors are reported at once.
    pub async fn open(place: Place, store: &Store) -> Result<Self, StudioError> {
        Self::open_for(place, store, &RenderOptions::default()).await
    }

    /// The same. An animatic or a readout is made whatever files are missing: that is a warning then.
    /// A readout looks at no others than those that are heard in it.
    pub(crate) async fn open_for(
        place: Place,
        store: &Store,
        options: &RenderOptions,
    ) -> Result<Self, StudioError> {
        let texts = Texts::read(&place)?;
        let mut diagnostics = texts.diagnostics;
        let (Some(show), Some(mut episode), Some(lock)) = (texts.show, texts.episode, texts.lock)
        else {
            return Err(StudioError::Diagnostics(diagnostics));
        };
        markup::separate(&mut episode);
        let manifest = (place.shown(&place.manifest()), texts.manifest_text);
        let mut problems = Vec::new();
        let dub = options.dub.as_ref();
        let lines = voiced(&episode, &show, dub);
        let wanted = if options.readout {
            lines.keys().cloned().collect()
        } else {
            mentioned(&episode, &show, dub)
        };
        let (sources, mut missing) =
            gather(store, (wanted, &lines), &manifest, &mut problems).await?;
        if options.is_draft() {
            for problem in &mut problems {
                problem.severity = Severity::Warning;
            }
        } else {
            missing.clear();
        }
        diagnostics.extend(problems);
        check_cubes(&place, &sources, &manifest, &mut diagnostics);
        if !options.readout {
            check_graphics(&place, &episode, &manifest, &mut diagnostics);
        }
        check_voices(&episode, &show, &manifest, &mut diagnostics);
        check_engines(&episode, &show, &manifest, &mut diagnostics);
        diagnostics.extend(check_upscale(&episode, &show, &manifest));
        let hand_made = hand_made(store, &place, &lock, &mut diagnostics).await?;
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(StudioError::Diagnostics(diagnostics));
        }
        let captions = workprint_stages::captions::check(&episode, &show, Fonts::built_in());
        diagnostics.extend(captions.into_iter().map(|found| {
            let in_text = found.code == "captions.long-word";
            found.in_file(if in_text { &manifest.0 } else { "show.toml" })
        }));
        Ok(Self {
            place,
            show,
            episode,
            lock,
            sources,
            missing,
            hand_made,
            speaks: options.animatic != Some(StandIn::Silence),
            warnings: diagnostics,
        })
    }

    /// An output by name.
    pub fn output(&self, name: &str) -> Result<&Output, StudioError> {
        self.show.outputs.get(name).ok_or_else(|| {
            let known: Vec<String> = self
                .show
                .outputs
                .keys()
                .map(|name| format!("`{name}`"))
                .collect();
            StudioError::request(
                format!("show.toml has no output `{name}`"),
                format!("name one of: {}", known.join(", ")),
            )
        })
    }

    /// What steps are performed with.
    pub(crate) async fn tools(&self, host: &Host) -> Result<Arc<Tools>, StudioError> {
        let identities = host.identities().await?;
        if identities.espeak.is_none() && self.speaks() {
            let tool = host
                .tools()
                .into_iter()
                .find(|tool| tool.name == "workprint-espeak");
            return Err(StudioError::MissingProgram {
                program: "workprint-espeak",
                hint: tool.map_or_else(String::new, |tool| tool.hint.to_owned()),
            });
        }
        let mut tools = Tools::new(host.media(), identities, fonts(&self.place.root));
        let voices = self.show.engines.voices.iter();
        let own = voices.filter_map(|(name, engine)| Some((name.clone(), engine.own()?.clone())));
        tools.voices = own.collect();
        tools.engines = engines(host, &self.show, &self.place.root);
        tools.stock = libraries(host, &self.show.engines, &self.place.root);
        for (path, artifact) in self.sources.iter() {
            tools.know_file(artifact.digest, path.below(&self.place.root));
        }
        for (slot, take) in &self.lock.slots {
            if let (Some(file), Some(digest)) =
                (&take.file, self.hand_made.get(&Slot::from(slot.as_str())))
            {
                tools.know_file(*digest, file.below(&self.place.root));
            }
        }
        Ok(Arc::new(tools))
    }

    fn speaks(&self) -> bool {
        self.speaks && self.episode.cues().any(|cue| cue.spoken().is_some())
    }
}

/// A show's engines with the keys of their accounts.
pub(crate) fn engines(host: &Host, show: &Show, root: &Path) -> Engines {
    let mut engines = Engines::default();
    let hidden = keys(show);
    for (makes, name, spec) in described(show) {
        let around = surroundings(host, &hidden, spec, root);
        let key = host.key(spec, root);
        engines.add((makes, name), spec.clone(), key, around);
    }
    engines
}

/// The stock libraries with the keys that a show has for them.
pub(crate) fn libraries(host: &Host, engines: &EngineSpecs, root: &Path) -> Libraries {
    let mut libraries = Libraries::default();
    for row in LIBRARIES {
        let spec = engines.stock.get(row.id).cloned().unwrap_or_default();
        let key = host.stock_key(row, &spec, root);
        libraries.add(row, spec, key);
    }
    libraries
}

/// What an engine stands in; `hidden` are variables that hold keys.
pub(crate) fn surroundings(
    host: &Host,
    hidden: &[String],
    spec: &EngineSpec,
    root: &Path,
) -> Surroundings {
    let program = spec.command.first();
    Surroundings {
        root: root.to_owned(),
        home: host.home(),
        program: program.and_then(|name| host.program(name, root)),
        hidden: hidden.to_vec(),
    }
}

/// The variables that hold keys: the vendors' usual ones, and those that the show names.
pub(crate) fn keys(show: &Show) -> Vec<String> {
    let usual = ROWS.iter().map(|row| row.key.0.to_owned());
    let stock = LIBRARIES.iter().map(|row| row.key.0.to_owned());
    let usual = usual.chain(stock);
    let named = described(show).filter_map(|(_, _, spec)| spec.key_env.clone());
    let stock = show.engines.stock.values();
    let named = named.chain(stock.filter_map(|spec| spec.key_env.clone()));
    let signs = show.credentials.key_env.clone();
    let all: BTreeSet<String> = usual.chain(named).chain(signs).collect();
    all.into_iter().filter(|name| !name.is_empty()).collect()
}

/// The engines that a show describes, with what they make.
pub(crate) fn described(show: &Show) -> impl Iterator<Item = (Capability, &str, &EngineSpec)> {
    let images = show.engines.images.iter();
    let images = images.map(|(name, spec)| (Capability::Image, name, spec));
    let clips = show.engines.clips.iter();
    let clips = clips.map(|(name, spec)| (Capability::Video, name, spec));
    let voices = show.engines.voices.iter();
    let voices =
        voices.filter_map(|(name, engine)| Some((Capability::Speech, name, engine.vendor()?)));
    let text = show.engines.text.iter();
    let text = text.map(|(name, spec)| (Capability::Text, name, spec));
    let recognisers = show.engines.recognisers.iter();
    let recognisers = recognisers.map(|(name, spec)| (Capability::Recognition, name, spec));
    let composers = show.engines.composers.iter();
    let composers = composers.map(|(name, spec)| (Capability::Music, name, spec));
    let effects = show.engines.effects.iter();
    let effects = effects.map(|(name, spec)| (Capability::Effect, name, spec));
    let changers = show.engines.changers.iter();
    let changers = changers.map(|(name, spec)| (Capability::Change, name, spec));
    // An illustrator is one of `text` by another name.
    images
        .filter(|(_, _, spec)| !spec.is_illustrator())
        .chain(clips)
        .chain(voices)
        .chain(text)
        .chain(recognisers)
        .chain(composers)
        .chain(effects)
        .chain(changers)
        .map(|(makes, name, spec)| (makes, name.as_str(), spec))
}

/// The fonts of the house and those of `media/fonts`.
fn fonts(root: &Path) -> Arc<Fonts> {
    let Ok(entries) = std::fs::read_dir(root.join("media/fonts")) else {
        return Arc::new(Fonts::with(&[]));
    };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let fonts = files
        .iter()
        .filter(|file| {
            let extension = file
                .extension()
                .and_then(|e| e.to_str())
                .unwrap_or_default();
            matches!(
                extension.to_ascii_lowercase().as_str(),
                "ttf" | "otf" | "ttc"
            )
        })
        .filter(|file| {
            file.metadata()
                .is_ok_and(|meta| meta.is_file() && meta.len() < 64 << 20)
        })
        .filter_map(|file| std::fs::read(file).ok().map(Arc::new))
        .collect::<Vec<_>>();
    Arc::new(Fonts::with(&fonts))
}

/// The first line that wants each of the files that are heard.
type Lines = BTreeMap<(MediaPath, Wanted), CueId>;

async fn gather(
    store: &Store,
    (wanted, lines): (BTreeSet<(MediaPath, Wanted)>, &Lines),
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Sources, BTreeSet<MediaPath>), StudioError> {
    let mut paths = Vec::new();
    let mut missing = BTreeSet::new();
    for (path, wanted) in wanted {
        let problem = wanted.refuse(&path).or_else(|| stock_problem(&path));
        match problem {
            None if StockItem::of(&path).is_some() => {}
            Some(problem) => {
                diagnostics.push(place_at(problem, manifest, &path));
                missing.insert(path);
            }
            None => paths.push(path),
        }
    }
    paths.dedup();
    let mut files = BTreeMap::new();
    let found = store.digest_files(&paths).await?;
    for (path, found) in paths.into_iter().zip(found) {
        let problem = match found {
            Ok((digest, bytes)) if bytes > 0 => {
                let media_type = media_type(&path).to_owned();
                files.insert(
                    path,
                    Artifact {
                        digest,
                        media_type,
                        bytes,
                    },
                );
                continue;
            }
            Ok(_) => Diagnostic::error("media.empty", format!("`{path}` is empty"))
                .hint("put the right file in its place"),
            Err(error) => unreadable(&path, &error),
        };
        // A file that the manifest does not name is wanted by a line.
        let line = [Wanted::Sound, Wanted::Model]
            .iter()
            .find_map(|wanted| lines.get(&(path.clone(), *wanted)))
            .filter(|_| !manifest.1.contains(&format!("\"{path}\"")));
        diagnostics.push(match line {
            Some(line) => {
                let message = format!("the voice of line `{line}`: {}", problem.message);
                let problem = Diagnostic { message, ..problem };
                place_text(problem, manifest, &format!("\"{line}\""))
            }
            None => place_at(problem, manifest, &path),
        });
        missing.insert(path);
    }
    Ok((Sources::new(files), missing))
}

/// What is wrong with a path that names a thing of a stock library.
fn stock_problem(path: &MediaPath) -> Option<Diagnostic> {
    let item = StockItem::of(path)?;
    let found = vendors::library(&item.vendor);
    let error = NoEngine::Library { name: item.vendor };
    let problem = || Diagnostic::error("stock.unknown", error.to_string()).hint(error.hint());
    found.is_none().then(problem)
}

/// What is in tables of colours: they are small, and a wrong one would be found only when a frame
/// is painted.
fn check_cubes(
    place: &Place,
    sources: &Sources,
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let cubes = sources
        .iter()
        .filter(|(_, file)| file.media_type == CUBE_TYPE);
    for (path, file) in cubes {
        let problem = if file.bytes > MOST_CUBE_BYTES {
            Some(format!(
                "it has {} bytes: {MOST_CUBE_BYTES} are allowed",
                file.bytes
            ))
        } else {
            match std::fs::read_to_string(path.below(&place.root)) {
                Ok(text) => Cube::parse(&text).err().map(|error| error.to_string()),
                Err(error) => Some(error.to_string()),
            }
        };
        if let Some(problem) = problem {
            let message = format!("`{path}` is no table of colours: {problem}");
            let diagnostic = Diagnostic::error("media.cube", message)
                .hint("export it again as a .cube file of one or three dimensions");
            diagnostics.push(place_at(diagnostic, manifest, path));
        }
    }
}

/// Voices of engines that nobody has described.
fn check_voices(
    episode: &Episode,
    show: &Show,
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let cast = episode.cast.iter().chain(&show.cast);
    let voices = cast.flat_map(|member| std::iter::once(&member.voice).chain(member.dub.values()));
    let voices = voices.map(|voice| (voice, true));
    let own = episode.cues().filter_map(|cue| cue.voice.as_ref());
    let own = own.map(|voice| (voice, false));
    let mut told = BTreeSet::new();
    for (voice, of_speaker) in voices.chain(own) {
        let problem = voice_problem(voice, of_speaker, show);
        if let Some(problem) = problem.filter(|_| told.insert(voice.name.clone())) {
            let name = format!("\"{}\"", voice.name);
            diagnostics.push(place_text(problem, manifest, &name));
        }
    }
    for (problem, text) in dialogues::check(episode, show) {
        diagnostics.push(place_text(problem, manifest, &text));
    }
}

/// Engines that nobody described, vendors that nobody knows, and models without a price.
fn check_engines(
    episode: &Episode,
    show: &Show,
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (makes, name, spec) in described(show) {
        if let Err(problem) = vendors::check(makes, spec) {
            let message = format!("`engines.{}.{name}`: {problem}", makes.table());
            let problem = Diagnostic::error("engine.vendor", message).hint(problem.hint());
            diagnostics.push(problem.in_file("show.toml"));
        }
    }
    diagnostics.extend(check_stock(show));
    diagnostics.extend(webhooks::check(&show.engines.webhooks));
    let wrong = check_illustrators(show).chain(check_prices(show));
    diagnostics.extend(wrong.chain(fallbacks::check(show)));
    let engines = &show.engines;
    let chosen = [
        (Capability::Image, &engines.image),
        (Capability::Video, &engines.clip),
        (Capability::Recognition, &engines.recogniser),
        (Capability::Music, &engines.composer),
        (Capability::Effect, &engines.effect),
        (Capability::Text, &show.takes.judge),
    ];
    for (makes, name) in chosen {
        if let Some(problem) = unknown_engine(show, makes, name.as_ref()) {
            diagnostics.push(problem.in_file("show.toml"));
        }
    }
    sounds::check(episode, show, manifest, diagnostics);
    check_prompts(episode, show, manifest, diagnostics);
}

/// Engines that shots name and nobody described, and more references than theirs take.
fn check_prompts(
    episode: &Episode,
    show: &Show,
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let engines = &show.engines;
    let mut told = BTreeSet::new();
    for shot in episode.shots() {
        let Picture::Prompt(prompt) = &shot.picture else {
            continue;
        };
        let clip = prompt.clip.as_ref();
        let named = [
            (Capability::Image, prompt.engine.as_ref()),
            (
                Capability::Video,
                clip.and_then(|clip| clip.engine.as_ref()),
            ),
        ];
        for (makes, name) in named {
            if let Some(problem) = unknown_engine(show, makes, name)
                && told.insert((makes, name))
            {
                let text = format!("\"{}\"", name.map_or("", String::as_str));
                diagnostics.push(place_text(problem, manifest, &text));
            }
        }
        let all = engines.image_of(prompt).into_iter();
        let all = all.flat_map(|one| std::iter::once(one).chain(one.1.fallbacks(&engines.images)));
        let all = all.map(|(_, spec)| engines.drawn_by(spec).map_or(spec, |(_, text)| text));
        let most = all.filter_map(vendors::most_references).min();
        if let Some(most) = most.filter(|most| prompt.references.len() > *most) {
            let message = format!(
                "shot `{}` gives {} references, and its engine takes {most} at most",
                shot.id,
                prompt.references.len()
            );
            let problem = Diagnostic::error("image.references", message)
                .hint("leave some out, or name an engine that takes more");
            diagnostics.push(place_text(problem, manifest, &format!("\"{}\"", shot.id)));
        }
    }
}

/// What is to be enlarged as often as the show's model does not.
fn check_upscale(
    episode: &Episode,
    show: &Show,
    manifest: &(String, String),
) -> impl Iterator<Item = Diagnostic> {
    let model = show.engines.upscale;
    let wrong = episode.upscaled();
    let wrong = wrong.filter(move |(_, factor)| !model.factors().contains(factor));
    wrong.map(move |(id, factor)| {
        let all = model.factors().iter().map(|factor| format!("`{factor}`"));
        let all = all.collect::<Vec<_>>().join(", ");
        let message = format!(
            "`{id}` is to be enlarged {factor} times, which `{}` does not do",
            model.name()
        );
        let problem = Diagnostic::error("upscale.factor", message).hint(format!(
            "set `upscale` to {all}, or `engines.upscale` in show.toml to another model"
        ));
        place_text(problem, manifest, &format!("\"{id}\""))
    })
}

/// Accounts at libraries that nobody knows.
fn check_stock(show: &Show) -> impl Iterator<Item = Diagnostic> {
    let unknown = show.engines.stock.keys();
    let unknown = unknown.filter(|name| vendors::library(name).is_none());
    unknown.map(|name| {
        let error = NoEngine::Library { name: name.clone() };
        Diagnostic::error("stock.unknown", error.to_string())
            .hint(error.hint())
            .in_file("show.toml")
    })
}

/// Illustrators whose text engine nobody described, or that are told what is said of that engine.
fn check_illustrators(show: &Show) -> impl Iterator<Item = Diagnostic> {
    let images = show.engines.images.iter();
    let problem = move |(name, spec): (&String, &EngineSpec)| {
        let plain = EngineSpec {
            vendor: spec.vendor.clone(),
            model: spec.model.clone(),
            quality: spec.quality,
            fallback: spec.fallback.clone(),
            ..EngineSpec::default()
        };
        let (code, message, hint) = if !show.engines.text.contains_key(&spec.model) {
            let message = format!(
                "`engines.images.{name}` is drawn by `{}`, and `[engines.text]` describes none of that name",
                spec.model
            );
            let hint = format!(
                "describe it in `[engines.text.{}]`, or name another one as `model`",
                spec.model
            );
            ("engine.unknown", message, hint)
        } else if plain != *spec {
            let message = format!(
                "`engines.images.{name}` is an illustrator, which has `model`, `quality` and `fallback` alone"
            );
            let hint = format!("move the rest into `[engines.text.{}]`", spec.model);
            ("engine.illustrator", message, hint)
        } else {
            return None;
        };
        Some(
            Diagnostic::error(code, message)
                .hint(hint)
                .in_file("show.toml"),
        )
    };
    images
        .filter(|(_, spec)| spec.is_illustrator())
        .filter_map(problem)
}

/// Prices of what is read, beside engines that count none.
fn check_prices(show: &Show) -> impl Iterator<Item = Diagnostic> {
    let wrong = described(show)
        .filter(|(makes, _, spec)| *makes != Capability::Text && spec.price_read.is_some());
    wrong.map(|(makes, name, _)| {
        let message = format!(
            "`engines.{}.{name}` has a `price_read`, which only text models have",
            makes.table()
        );
        Diagnostic::error("engine.price-read", message)
            .hint("take it out: `price` alone counts")
            .in_file("show.toml")
    })
}

/// What is wrong with the name of an engine: the show describes none of it.
pub(crate) fn unknown_engine(
    show: &Show,
    makes: Capability,
    name: Option<&String>,
) -> Option<Diagnostic> {
    let table = match makes {
        Capability::Image => &show.engines.images,
        Capability::Recognition => &show.engines.recognisers,
        Capability::Music => &show.engines.composers,
        Capability::Effect => &show.engines.effects,
        Capability::Text => &show.engines.text,
        _ => &show.engines.clips,
    };
    let name = name.filter(|name| !table.contains_key(*name))?;
    let known: Vec<String> = table.keys().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "show.toml describes no engine `{name}` that makes {}",
        makes.told()
    );
    let hint = if known.is_empty() {
        format!(
            "describe it in `[engines.{}.{name}]` of show.toml",
            makes.table()
        )
    } else {
        format!("name one of: {}", known.join(", "))
    };
    Some(Diagnostic::error("engine.unknown", message).hint(hint))
}

/// What is wrong with a voice's name; a speaker's must name a file for each line.
fn voice_problem(voice: &Voice, of_speaker: bool, show: &Show) -> Option<Diagnostic> {
    let (engine, name) = (voice.engine(), &voice.name);
    if engine == Voice::FILE {
        let (line, speaker) = ("x".parse().ok()?, "x".parse().ok()?);
        let why = match voice.file(&line, Some(&speaker), &"en".parse().ok()?)? {
            Err(error) => error.to_string(),
            Ok(_) if of_speaker && !voice.voice().contains("{line}") => {
                "all lines would be the same file".to_owned()
            }
            Ok(_) => return None,
        };
        let message = format!("the voice `{name}` names no files: {why}");
        return Some(Diagnostic::error("voice.file", message).hint(
            "write a path below the show's folder, such as `file:takes/{line}.wav`; `{line}`, `{speaker}` and `{lang}` are known",
        ));
    }
    match show.engines.voices.get(engine) {
        Some(_) if show.engines.changers.contains_key(engine) => {
            let message = format!("`{engine}` is an engine of `voices` and one of `changers`");
            let hint = "give one of them another name: voices begin with it";
            Some(Diagnostic::error("engine.twice", message).hint(hint))
        }
        Some(VoiceEngineSpec::Own(VoiceEngine::Piper(piper)))
            if piper.files(voice.voice()).is_none() =>
        {
            let message = format!("the voice `{name}` names no file of `{}`", piper.models);
            let hint = "name a voice by its file without `.onnx`, such as `en_GB-alba-medium`";
            Some(Diagnostic::error("voice.file", message).hint(hint))
        }
        Some(VoiceEngineSpec::Vendor(spec)) if voice.voice().is_empty() => {
            let message = format!("the voice `{name}` names none of `{}`", spec.vendor);
            let hint = format!("name one behind the colon: `{engine}:NAME`");
            Some(Diagnostic::error("voice.unknown", message).hint(hint))
        }
        Some(_) => None,
        None if engine == "espeak" => None,
        None if show.engines.changers.contains_key(engine) => sounds::changer_problem(voice),
        None => {
            let message = format!("no engine `{engine}` speaks the voice `{name}`");
            Some(Diagnostic::error("voice.unknown-engine", message).hint(format!(
                "name a voice of `espeak:` or `file:`, or describe `{engine}` in `[engines.voices.{engine}]` of show.toml"
            )))
        }
    }
}

/// The words and pictures of the show's own SVG templates; those of built-in graphics are checked
/// with the manifest.
fn check_graphics(
    place: &Place,
    episode: &Episode,
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) {
    for overlay in episode
        .overlays
        .iter()
        .filter(|overlay| !is_built_in(&overlay.graphic))
    {
        // A file that cannot be read is told of elsewhere.
        let Some(path) = graphic_path(&overlay.graphic) else {
            continue;
        };
        let file = place.root.join(path.as_str());
        let small = std::fs::metadata(&file)
            .is_ok_and(|file| file.is_file() && file.len() <= TEMPLATE_LIMIT);
        let Some(text) = small.then(|| std::fs::read_to_string(&file).ok()).flatten() else {
            continue;
        };
        let takes = match svg_fields(&text) {
            Ok(takes) => takes,
            Err(error) => {
                let message = format!("`{path}` is no graphic: {error}");
                let diagnostic = Diagnostic::error("overlay.template", message);
                let name = format!("\"{}\"", overlay.graphic);
                diagnostics.push(place_text(diagnostic, manifest, &name));
                continue;
            }
        };
        let words = std::iter::once(&overlay.fields).chain(overlay.dub.values());
        let words = words
            .flat_map(|fields| fields.keys())
            .map(|name| ("field", name, &takes.words));
        let pictures = overlay
            .pictures
            .keys()
            .map(|name| ("picture", name, &takes.pictures));
        for (what, name, known) in words.chain(pictures) {
            if known.contains(name) {
                continue;
            }
            let message = format!("`{path}` has no {what} `{name}`");
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            let hint = match known.len() {
                0 => format!("take it out, or give the drawing a {what} of that name"),
                _ => format!("it takes {}", known.join(", ")),
            };
            let diagnostic = Diagnostic::error("overlay.fields", message).hint(hint);
            diagnostics.push(place_text(diagnostic, manifest, &format!("\"{name}\"")));
        }
    }
}

fn unreadable(path: &MediaPath, error: &workprint_store::StoreError) -> Diagnostic {
    let message = format!("`{path}` cannot be used: {}", crate::with_causes(error));
    let hint = error
        .hint()
        .unwrap_or_else(|| "name a file of the production".to_owned());
    Diagnostic::error("media.unreadable", message).hint(hint)
}

/// Puts a diagnostic where the manifest first mentions a file.
fn place_at(diagnostic: Diagnostic, manifest: &(String, String), path: &MediaPath) -> Diagnostic {
    place_text(diagnostic, manifest, &format!("\"{path}\""))
}

pub(crate) fn place_text(
    diagnostic: Diagnostic,
    manifest: &(String, String),
    text: &str,
) -> Diagnostic {
    match manifest.1.find(text) {
        Some(start) => diagnostic.at(
            &manifest.0,
            &manifest.1,
            Span {
                start,
                end: start + text.len(),
            },
        ),
        None => diagnostic.in_file(&manifest.0),
    }
}

/// The digests of the files that the lock names as takes.
async fn hand_made(
    store: &Store,
    place: &Place,
    lock: &Lock,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<BTreeMap<Slot, Digest>, StudioError> {
    let named: Vec<(Slot, MediaPath)> = lock
        .slots
        .iter()
        .filter(|(_, take)| take.pinned)
        .filter_map(|(slot, take)| Some((Slot::from(slot.as_str()), take.file.clone()?)))
        .collect();
    let paths: Vec<MediaPath> = named.iter().map(|(_, path)| path.clone()).collect();
    let mut out = BTreeMap::new();
    for ((slot, path), found) in named.into_iter().zip(store.digest_files(&paths).await?) {
        match found {
            Ok((digest, _)) => drop(out.insert(slot, digest)),
            Err(error) => {
                let problem = unreadable(&path, &error).hint(format!(
                    "or undo the take: `workprint takes undo {} {slot}`",
                    place.episode
                ));
                diagnostics.push(problem.in_file(&place.shown(&place.lock())));
            }
        }
    }
    Ok(out)
}

fn keep<T>(loaded: Loaded<T>, diagnostics: &mut Vec<Diagnostic>) -> Option<T> {
    diagnostics.extend(loaded.diagnostics);
    loaded.value
}

fn read_with<T>(
    place: &Place,
    path: &Path,
    load: impl FnOnce(Source<'_>) -> Loaded<T>,
) -> Result<Loaded<T>, StudioError> {
    let mut diagnostics = Vec::new();
    let text = read_text(place, path, &mut diagnostics)?;
    let mut loaded = load(Source {
        file: &place.shown(path),
        text: &text,
    });
    if !diagnostics.is_empty() {
        loaded = Loaded {
            value: None,
            diagnostics,
        };
    }
    Ok(loaded)
}

/// The text of a file; what is too long or is no text is a diagnostic.
fn read_text(
    place: &Place,
    path: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<String, StudioError> {
    let shown = place.shown(path);
    let meta = std::fs::metadata(path).map_err(StudioError::file("read", path))?;
    if !meta.is_file() || meta.len() > TEXT_LIMIT {
        let what = if meta.is_file() {
            "it is larger than 16 MiB"
        } else {
            "it is not a file"
        };
        diagnostics.push(
            Diagnostic::error(
                "file.unreadable",
                format!("`{shown}` cannot be read: {what}"),
            )
            .in_file(&shown)
            .hint("put the right file in its place"),
        );
        return Ok(String::new());
    }
    let bytes = std::fs::read(path).map_err(StudioError::file("read", path))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            diagnostics.push(
                Diagnostic::error(
                    "file.not-utf-8",
                    format!("`{shown}` is not UTF-8 text: byte {at} is not"),
                )
                .in_file(&shown)
                .hint("save it as UTF-8"),
            );
            Ok(String::new())
        }
    }
}
