//! Engines: what a show has, what of that is up, and which would make what, and why.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use serde::Serialize;
use tokio::sync::Semaphore;
use workprint_media::Which;
use workprint_model::episode::{Episode, Picture};
use workprint_model::outside::Way;
use workprint_model::show::{EngineSpec, Show, SmoothEngine, UpscaleModel, VoiceEngine};
use workprint_model::sound::SoundSource;
use workprint_providers::http::Http;
use workprint_providers::order::Capability;
use workprint_providers::own::Own;
use workprint_providers::stock::Row as Library;
use workprint_providers::vendors::{self, Accounts, LIBRARIES, NoEngine};
use workprint_stages::voice_of;

use crate::production::{Texts, described, keys, libraries, read_show, surroundings};
use crate::{Host, Place, StudioError};

const REALESRGAN: &str = "realesrgan-ncnn-vulkan";
/// How long an engine may take to say that it is there.
const LIMIT: Duration = Duration::from_secs(5);

/// A show's engines.
#[derive(Debug, Clone, Serialize)]
pub struct Engines {
    /// All that it describes, in the order of its tables, and the programs that are always used.
    pub engines: Vec<EngineState>,
    /// What of an episode would be made by which, in the order in which it is made; nothing where none is named.
    pub uses: Vec<Use>,
}

/// An engine, and how it stands.
#[derive(Debug, Clone, Serialize)]
pub struct EngineState {
    /// The table in `[engines]`; `programs` of one that no show describes.
    pub table: &'static str,
    /// Its name there.
    pub name: String,
    /// The vendor, or what else it is.
    pub vendor: String,
    /// The model.
    pub model: String,
    /// What it costs, in words.
    pub price: String,
    /// Whether it is the one of everything that names none.
    pub is_default: bool,
    /// How it stands.
    pub status: Status,
    /// What was found, in words.
    pub found: String,
    /// What to do where it cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Which are asked in its place where it takes no order, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
    /// Each of its servers, where it has several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<ServerState>,
}

/// One of several servers of an engine, and how it stands.
#[derive(Debug, Clone, Serialize)]
pub struct ServerState {
    /// Its address.
    pub url: String,
    /// How it stands.
    pub status: Status,
    /// What was found, in words.
    pub found: String,
    /// What to do where it cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How an engine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is there, or has answered.
    Up,
    /// It may be there: nothing is asked that could cost money, and of people.
    Unasked,
    /// It is not there, or lacks something.
    Down,
}

/// Something that an engine would make.
#[derive(Debug, Clone, Serialize)]
pub struct Use {
    /// What is done: `speak`, `change`, `hear`, `image`, `clip`, `upscale`, `compose`, `encode`.
    pub step: &'static str,
    /// Of what: speakers, shots, sounds, outputs.
    pub of: Vec<String>,
    /// The engine, `images/flux`; nothing where none does it.
    pub engine: Option<String>,
    /// Why this one.
    pub why: String,
}

/// What was found, or what is wrong and what to do.
type Probed = Result<(Status, String), (String, String)>;

/// The engines of a show, or of an episode's show with what they would make of it. All are asked at once, none for
/// anything that costs money.
pub async fn engines(
    host: &Host,
    folder: Option<&str>,
    episode: Option<&str>,
) -> Result<Engines, StudioError> {
    let (root, show, episode) = if let Some(name) = episode {
        let place = Place::find(&host.directory, name)?;
        let texts = Texts::read(&place)?;
        let (Some(show), Some(episode)) = (texts.show, texts.episode) else {
            return Err(StudioError::Diagnostics(texts.diagnostics));
        };
        (place.root, show, Some(episode))
    } else {
        let root = Place::find_show(&host.directory, folder)?;
        let show = read_show(&root)?;
        (root, show, None)
    };
    let prober = Prober {
        host,
        show: &show,
        root: &root,
        enlarges: show.engines.upscale != UpscaleModel::default()
            || episode
                .as_ref()
                .is_some_and(|episode| episode.upscaled().next().is_some()),
    };
    let all = described(&show).map(|(makes, name, spec)| prober.of_spec(makes, name, spec));
    let described = join_all(all);
    let voices = join_all(show.engines.voices.iter().filter_map(|(name, engine)| {
        let engine = engine.own()?;
        Some(prober.of_voice(name, engine))
    }));
    let (described, voices) = tokio::join!(described, voices);
    let drawn = show.engines.images.iter();
    let drawn = drawn.filter(|(_, spec)| spec.is_illustrator());
    let drawn = drawn.map(|(name, spec)| prober.illustrator(name, spec, &described));
    let drawn: Vec<EngineState> = drawn.collect();
    let mut engines: Vec<EngineState> = described.into_iter().chain(voices).chain(drawn).collect();
    engines.extend(prober.libraries());
    engines.sort_by_key(|engine| (place_of(engine.table), engine.name.clone()));
    engines.extend(prober.programs());
    Ok(Engines {
        engines,
        uses: episode.map_or_else(Vec::new, |episode| uses(&show, &episode)),
    })
}

/// Tables in the order of the pipeline.
fn place_of(table: &str) -> usize {
    let tables = [
        "voices",
        "changers",
        "recognisers",
        "images",
        "clips",
        "text",
        "composers",
        "effects",
        "stock",
    ];
    let found = tables.iter().position(|known| *known == table);
    found.unwrap_or(tables.len())
}

struct Prober<'a> {
    host: &'a Host,
    show: &'a Show,
    root: &'a Path,
    /// Whether the show or the episode speaks of enlarging.
    enlarges: bool,
}

impl Prober<'_> {
    /// An engine that stands in show.toml with a vendor and a model.
    async fn of_spec(&self, makes: Capability, name: &str, spec: &EngineSpec) -> EngineState {
        let price = vendors::price(makes, spec).map_or_else(String::new, vendors::told);
        let servers = join_all(
            spec.urls
                .iter()
                .zip(spec.servers())
                .map(async |(url, one)| {
                    ServerState::of(url, within(self.vendor(makes, &one)).await)
                }),
        );
        let servers = servers.await;
        let probed = async {
            match spec.way() {
                Some(way) => self.own((makes, name), way, spec).await,
                None => self.vendor(makes, spec).await,
            }
        };
        let probed = if servers.is_empty() {
            within(probed).await
        } else {
            together(&servers)
        };
        let (vendor, model) = (spec.vendor.clone(), spec.model.clone());
        let state = state((makes.table(), name), (vendor, model, price), probed);
        EngineState {
            servers,
            fallback: spec.fallback.clone(),
            ..state
        }
        .default(self.show)
    }

    async fn vendor(&self, makes: Capability, spec: &EngineSpec) -> Probed {
        let (key, looked) = self.host.key(spec, self.root);
        let engine = Accounts::default().engine(makes, spec, key, &looked);
        let engine = engine.map_err(|error| no_engine(&error))?;
        let answered = engine.probe(&spec.model).await;
        let answered =
            answered.map_err(|error| (crate::with_causes(&error), error.hint().to_owned()))?;
        let jobs = match answered {
            Some(_) => engine.jobs().await,
            None => 0,
        };
        Ok(match answered {
            Some(found) if jobs > 0 => (Status::Up, format!("{found}, and has {jobs} jobs to do")),
            Some(found) => (Status::Up, found),
            None => (
                Status::Unasked,
                format!("has a key in {looked}; it was not asked"),
            ),
        })
    }

    async fn own(&self, (makes, name): (Capability, &str), way: Way, spec: &EngineSpec) -> Probed {
        let around = surroundings(self.host, &keys(self.show), spec, self.root);
        let program = around.program.clone();
        let account = format!("engines.{}.{name}", makes.table());
        let (key, _) = self.host.key(spec, self.root);
        let one = Arc::new(Semaphore::new(1));
        let own = Own::new((way, makes), spec, &around, (&account, key), one)
            .map_err(|error| no_engine(&error))?;
        match (way, program) {
            (Way::HandOff, _) => {
                let folder = spec.folder.as_deref().unwrap_or("hand-off");
                Ok((
                    Status::Unasked,
                    format!("somebody is handed bundles in `{folder}`"),
                ))
            }
            (Way::Mcp, _) => {
                let folder = tempfile::tempdir();
                let folder = folder.map_err(|error| (error.to_string(), String::new()))?;
                let found = own.probe(&self.host.media(), folder.path()).await;
                match found {
                    Ok(found) => Ok((Status::Up, found)),
                    Err(error) => Err((crate::with_causes(&error), error.hint().to_owned())),
                }
            }
            (Way::Command, program) => {
                let path = program.unwrap_or_default();
                Ok((Status::Up, format!("`{}` is there", path.display())))
            }
        }
    }

    /// One's own that speaks.
    async fn of_voice(&self, name: &str, engine: &VoiceEngine) -> EngineState {
        let (vendor, model) = match engine {
            VoiceEngine::Piper(spec) => ("piper", spec.models.to_string()),
            VoiceEngine::PiperServer(spec) => ("piper-server", spec.url.clone()),
            VoiceEngine::Openai(spec) => ("openai", spec.model.clone()),
        };
        let probed = async {
            match engine {
                VoiceEngine::Piper(_) => {
                    self.program(Which::Piper, "install it: `pip install piper-tts`")
                }
                VoiceEngine::PiperServer(spec) => reach(&spec.url).await,
                VoiceEngine::Openai(spec) => reach(&spec.url).await,
            }
        };
        let probed = within(probed).await;
        let told = (vendor.to_owned(), model, "nothing".to_owned());
        state(("voices", name), told, probed)
    }

    /// One that draws with a text model stands as that does.
    fn illustrator(&self, name: &str, spec: &EngineSpec, others: &[EngineState]) -> EngineState {
        let by = others
            .iter()
            .find(|other| other.table == "text" && other.name == spec.model);
        let probed = match by {
            None => Err((
                format!("there is no `engines.text.{}`", spec.model),
                "describe it, or name another as `model`".to_owned(),
            )),
            Some(by) if by.status == Status::Down => {
                Err((by.found.clone(), by.hint.clone().unwrap_or_default()))
            }
            Some(by) => Ok((by.status, format!("`text/{}` draws: {}", by.name, by.found))),
        };
        let price = by.map(|by| by.price.clone()).unwrap_or_default();
        let told = (spec.vendor.clone(), spec.model.clone(), price);
        EngineState {
            fallback: spec.fallback.clone(),
            ..state(("images", name), told, probed)
        }
        .default(self.show)
    }

    /// The stock libraries that there is a key for, and those that the show describes.
    fn libraries(&self) -> Vec<EngineState> {
        let known = libraries(self.host, &self.show.engines, self.root);
        let state = |row: &Library| {
            let described = self.show.engines.stock.contains_key(row.id);
            let probed = match known.find(row.id) {
                Ok(_) => Ok((Status::Unasked, "has a key; it was not asked".to_owned())),
                Err(_) if !described => return None,
                Err(error) => Err(no_engine(&error)),
            };
            let told = (row.id.to_owned(), String::new(), "nothing".to_owned());
            Some(state(("stock", row.id), told, probed))
        };
        LIBRARIES.iter().filter_map(state).collect()
    }

    /// The programs that no show describes.
    fn programs(&self) -> Vec<EngineState> {
        let tools = self.host.tools().into_iter();
        let rife = self.show.engines.smooth == SmoothEngine::Rife;
        let is_asked_for = |name: &str| match name {
            "rife-ncnn-vulkan" => rife,
            REALESRGAN => self.enlarges,
            _ => false,
        };
        tools
            .filter(|tool| tool.needed || is_asked_for(tool.name))
            .map(|tool| {
                let probed = match tool.identity {
                    Some(identity) => Ok((Status::Up, identity)),
                    None => Err((
                        format!("missing; it {}", tool.purpose),
                        tool.hint.to_owned(),
                    )),
                };
                let model = match tool.name {
                    REALESRGAN => self.show.engines.upscale.name(),
                    _ => "",
                };
                let told = ("program".to_owned(), model.to_owned(), "nothing".to_owned());
                state(("programs", tool.name), told, probed)
            })
            .collect()
    }

    fn program(&self, which: Which, hint: &str) -> Probed {
        match self.host.media().programs().path(which) {
            Some(path) => Ok((Status::Up, format!("`{}` is there", path.display()))),
            None => Err((
                "its program is not on this machine".to_owned(),
                hint.to_owned(),
            )),
        }
    }
}

impl ServerState {
    fn of(url: &str, probed: Probed) -> Self {
        let (status, found, hint) = read(probed);
        let url = url.to_owned();
        Self {
            url,
            status,
            found,
            hint,
        }
    }
}

/// Several servers are up where one of them is.
fn together(servers: &[ServerState]) -> Probed {
    let up = servers.iter().filter(|one| one.status != Status::Down);
    let (up, all) = (up.count(), servers.len());
    let found = format!("{up} of its {all} servers can be asked");
    let status = servers.iter().map(|one| one.status).min();
    match status {
        Some(status) if status != Status::Down => Ok((status, found)),
        _ => Err((
            "none of its servers can be asked".to_owned(),
            "start one of them, or change `urls`".to_owned(),
        )),
    }
}

impl EngineState {
    /// Marks it where the show names it for everything.
    fn default(mut self, show: &Show) -> Self {
        let engines = &show.engines;
        let named = match self.table {
            "images" => &engines.image,
            "clips" => &engines.clip,
            "recognisers" => &engines.recogniser,
            "composers" => &engines.composer,
            "effects" => &engines.effect,
            _ => &None,
        };
        self.is_default = named.as_ref() == Some(&self.name);
        self
    }
}

fn state(
    (table, name): (&'static str, &str),
    (vendor, model, price): (String, String, String),
    probed: Probed,
) -> EngineState {
    let (status, found, hint) = read(probed);
    EngineState {
        table,
        name: name.to_owned(),
        vendor,
        model,
        price,
        is_default: false,
        status,
        found,
        hint,
        fallback: Vec::new(),
        servers: Vec::new(),
    }
}

fn read(probed: Probed) -> (Status, String, Option<String>) {
    match probed {
        Ok((status, found)) => (status, found, None),
        Err((why, hint)) => (
            Status::Down,
            why,
            Some(hint).filter(|hint| !hint.is_empty()),
        ),
    }
}

fn no_engine(error: &NoEngine) -> (String, String) {
    (error.to_string(), error.hint())
}

async fn within(probe: impl Future<Output = Probed>) -> Probed {
    let probed = tokio::time::timeout(LIMIT, probe).await;
    probed.unwrap_or_else(|_| {
        Err((
            format!("it gave no answer within {} s", LIMIT.as_secs()),
            "see whether it runs, and how long it takes to start".to_owned(),
        ))
    })
}

/// Whether anybody answers at an address.
async fn reach(url: &str) -> Probed {
    let reached = async { Http::new(url, None)?.reach().await };
    match reached.await {
        Ok(()) => Ok((Status::Up, format!("`{url}` answers"))),
        Err(error) => Err((crate::with_causes(&error), error.hint().to_owned())),
    }
}

/// What would be made by which.
fn uses(show: &Show, episode: &Episode) -> Vec<Use> {
    let mut all = Uses::default();
    spoken(show, episode, &mut all);
    pictured(show, episode, &mut all);
    for (id, _) in episode.upscaled() {
        let why = format!("`engines.upscale` is `{}`", show.engines.upscale.name());
        all.add("upscale", id, Some(REALESRGAN.to_owned()), why);
    }
    sounded(show, episode, &mut all);
    for (name, output) in &show.outputs {
        let why = format!("`outputs.{name}` says so, or says nothing");
        all.add("encode", name, Some(output.encoder.name().to_owned()), why);
    }
    all.0
}

#[derive(Default)]
struct Uses(Vec<Use>);

impl Uses {
    /// Adds one thing to those that are made alike for the same reason.
    fn add(&mut self, step: &'static str, of: &str, engine: Option<String>, why: String) {
        let alike =
            |known: &&mut Use| (known.step, &known.engine, &known.why) == (step, &engine, &why);
        match self.0.iter_mut().find(alike) {
            Some(known) => {
                if !known.of.iter().any(|one| one == of) {
                    known.of.push(of.to_owned());
                }
            }
            None => self.0.push(Use {
                step,
                of: vec![of.to_owned()],
                engine,
                why,
            }),
        }
    }
}

fn spoken(show: &Show, episode: &Episode, all: &mut Uses) {
    let hears = show.engines.recogniser_of().map(|(name, _)| name);
    let mut heard: BTreeMap<String, bool> = BTreeMap::new();
    for cue in episode.cues().filter(|cue| cue.spoken().is_some()) {
        let who = cue
            .speaker
            .as_ref()
            .map_or_else(|| cue.id.to_string(), ToString::to_string);
        let voice = voice_of(episode, show, cue);
        let changer = voice.filter(|voice| show.engines.changers.contains_key(voice.engine()));
        let (engine, why) = if let Some(recording) = &cue.recording {
            if let Some(voice) = changer {
                let why = format!("its recordings are heard in the voice `{}`", voice.name);
                all.add(
                    "change",
                    &who,
                    Some(format!("changers/{}", voice.engine())),
                    why,
                );
            }
            let why = format!("the cue has the recording `{}`", recording.file);
            (Some("file".to_owned()), why)
        } else if let Some(voice) = voice {
            let gives = if cue.voice.is_some() {
                "the cue"
            } else {
                "the cast"
            };
            let engine = match voice.engine() {
                own if show.engines.voices.contains_key(own) => format!("voices/{own}"),
                built_in => built_in.to_owned(),
            };
            (
                Some(engine),
                format!("{gives} gives the voice `{}`", voice.name),
            )
        } else {
            let why = "nobody gives it a voice: espeak speaks in the language's own";
            (Some("espeak".to_owned()), why.to_owned())
        };
        let listened = engine
            .as_deref()
            .is_some_and(|engine| engine == "file" || engine.starts_with("voices/"));
        *heard.entry(who.clone()).or_default() |= listened;
        all.add("speak", &who, engine, why);
    }
    let Some(name) = hears else {
        return;
    };
    for (who, _) in heard.into_iter().filter(|(_, listened)| *listened) {
        let why = "`engines.recogniser` names it, for what was recorded or bought".to_owned();
        all.add("hear", &who, Some(format!("recognisers/{name}")), why);
    }
}

fn pictured(show: &Show, episode: &Episode, all: &mut Uses) {
    for shot in episode.shots() {
        let Picture::Prompt(prompt) = &shot.picture else {
            continue;
        };
        let id = shot.id.to_string();
        let why = |named: bool, setting: &str, none: &str, found: bool| match (found, named) {
            (false, _) => none.to_owned(),
            (true, true) => "the shot names it".to_owned(),
            (true, false) => format!("`engines.{setting}` names it"),
        };
        let image = show.engines.image_of(prompt);
        let none = "no engine is named: a storyboard card stands there";
        let mut image_why = why(prompt.engine.is_some(), "image", none, image.is_some());
        if let Some((text, _)) = image.and_then(|(_, spec)| show.engines.drawn_by(spec)) {
            image_why = format!("{image_why}; `text/{text}` draws");
        }
        all.add(
            "image",
            &id,
            image.map(|(name, _)| format!("images/{name}")),
            image_why,
        );
        let Some(motion) = &prompt.clip else {
            continue;
        };
        let clip = show.engines.clip_of(prompt);
        let none = "no engine is named: the picture stands still";
        let clip_why = why(motion.engine.is_some(), "clip", none, clip.is_some());
        all.add(
            "clip",
            &id,
            clip.map(|(name, _)| format!("clips/{name}")),
            clip_why,
        );
    }
}

fn sounded(show: &Show, episode: &Episode, all: &mut Uses) {
    let music = episode.music.iter().map(|music| (&music.id, &music.source));
    let effects = episode
        .sfx
        .iter()
        .map(|effect| (&effect.id, &effect.source));
    for (id, source) in music.chain(effects) {
        let (table, setting, own) = match source {
            SoundSource::Music(prompt) => ("composers", "composer", &prompt.engine),
            SoundSource::Effect(prompt) => ("effects", "effect", &prompt.engine),
            SoundSource::File(_) | SoundSource::Synth(_) => continue,
        };
        let engine = show.engines.sound_of(source);
        let why = match (engine, own) {
            (None, _) => "no engine is named: it is not heard".to_owned(),
            (Some(_), Some(_)) => "the sound names it".to_owned(),
            (Some(_), None) => format!("`engines.{setting}` names it"),
        };
        let engine = engine.map(|(name, _)| format!("{table}/{name}"));
        all.add("compose", id.as_str(), engine, why);
    }
}
