//! What the machine offers: programs, cores, a clock.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use workprint_engine::Boundary;
use workprint_media::{Cancel, Media, MediaError, Programs, Which, find_program};
use workprint_model::show::{CredentialsSpec, EngineSpec};
use workprint_model::stock::StockSpec;
use workprint_model::webhook::WebhookSpec;
use workprint_providers::own::Surroundings;
use workprint_providers::secret::Secret;
use workprint_providers::stock::Row as Library;
use workprint_providers::vendors::Row;
use workprint_stages::Identities;
use workprint_store::Clock;

use crate::StudioError;
use crate::tools::Remembered;
use crate::webhooks::Receiver;

/// The machine that Workprint runs on.
#[derive(Clone)]
pub struct Host {
    /// The door to programs; what one of its clones found out about them, all know.
    media: Media,
    /// What programs said they are.
    remembered: Remembered,
    /// Where programs are looked for.
    path: OsString,
    /// Stops programs.
    pub cancel: Cancel,
    /// Tells the time.
    pub clock: Clock,
    /// How many cores there are.
    pub cores: usize,
    /// Who is asking, for the record of who answered a gate.
    pub user: String,
    /// The command, for whoever finds the production held.
    pub command: String,
    /// What the environment says; keys are read from it, each when it is needed.
    environment: fn(&str) -> Option<String>,
    /// Told how far paid calls are, by tests that stop there.
    pub boundary: Option<Boundary>,
    /// Where the studio's own key lies, or will; where it is missing nothing is signed.
    pub credentials: Option<PathBuf>,
    /// Serves HTTP to vendors that call, while a render waits; where it is missing nobody listens.
    pub receiver: Option<Receiver>,
    /// The folder that relative arguments start from.
    pub directory: PathBuf,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("command", &self.command)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// A program, for `workprint doctor`.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Where it is.
    pub path: Option<PathBuf>,
    /// What it calls itself.
    pub identity: Option<String>,
    /// What it is for.
    pub purpose: &'static str,
    /// Whether nothing works without it.
    pub needed: bool,
    /// How to get it.
    pub hint: &'static str,
}

const FFMPEG_HINT: &str = "install it: `apt-get install ffmpeg`";
const ESPEAK_HINT: &str = "build it: `cargo build --release -p workprint-espeak`, and install the library: `apt-get install espeak-ng`";

impl Host {
    /// Looks for programs beside this one and then along `PATH`. What they say of themselves is
    /// remembered in the folder `cache`, where there is one.
    pub fn find(
        path: &OsString,
        cache: Option<PathBuf>,
        directory: PathBuf,
        user: String,
        command: String,
    ) -> Self {
        let beside = std::env::current_exe()
            .ok()
            .and_then(|exe| exe.parent().map(Path::to_owned));
        let extra: Vec<PathBuf> = beside.into_iter().collect();
        let cancel = Cancel::default();
        Self {
            media: Media::new(Programs::find(path, &extra), cancel.clone()),
            path: path.clone(),
            remembered: Remembered::new(cache),
            cancel,
            clock: Clock::system(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            user,
            command,
            environment,
            boundary: None,
            credentials: None,
            receiver: None,
            directory,
        }
    }

    /// A vendor's key: of the file that the show names, else of a variable; and where it was looked for.
    pub(crate) fn key(&self, spec: &EngineSpec, root: &Path) -> (Option<Secret>, String) {
        if let Some(file) = &spec.key_file {
            return (
                read_key(&self.expand(root, file)),
                format!("the file `{file}`"),
            );
        }
        let usual = || Row::find(&spec.vendor).map_or("", |row| row.key.0);
        let variable = spec.key_env.as_deref().unwrap_or_else(usual);
        (self.secret(variable), format!("the variable `{variable}`"))
    }

    /// A stock library's key, found as a vendor's is.
    pub(crate) fn stock_key(
        &self,
        row: &Library,
        spec: &StockSpec,
        root: &Path,
    ) -> (Option<Secret>, String) {
        if let Some(file) = &spec.key_file {
            let key = read_key(&self.expand(root, file));
            return (key, format!("the file `{file}`"));
        }
        let variable = spec.key_env.as_deref().unwrap_or(row.key.0);
        (self.secret(variable), format!("the variable `{variable}`"))
    }

    /// A program that a show names: a file of the show (`{show}/tools/draw`), a whole path, or a name that is
    /// looked for along `PATH`.
    pub(crate) fn program(&self, name: &str, root: &Path) -> Option<PathBuf> {
        let (folder, name) = match name.strip_prefix("{show}/") {
            Some(own) => (root, own),
            None if name.starts_with('/') => (Path::new("/"), name.trim_start_matches('/')),
            None if name.contains('/') => return None,
            None => return find_program(name, &self.path, &[]),
        };
        find_program(name, OsStr::new(""), &[folder.to_owned()])
    }

    /// A path of show.toml: from the show's folder, or from the user's own.
    pub(crate) fn expand(&self, root: &Path, file: &str) -> PathBuf {
        let around = Surroundings {
            root: root.to_owned(),
            home: self.home(),
            ..Surroundings::default()
        };
        around.locate(file)
    }

    /// The user's own folder.
    pub(crate) fn home(&self) -> PathBuf {
        (self.environment)("HOME").unwrap_or_default().into()
    }

    /// The key that films are signed with, as PEM.
    pub(crate) fn signing_key(
        &self,
        spec: &CredentialsSpec,
        root: &Path,
    ) -> Result<String, StudioError> {
        let (found, place) = match (&spec.key_file, &spec.key_env) {
            (Some(file), _) => {
                let path = self.expand(root, file);
                (text_of_key(&path), format!("the file `{file}`"))
            }
            (None, Some(variable)) => {
                let text = (self.environment)(variable);
                (text, format!("the variable `{variable}`"))
            }
            (None, None) => (None, "`[credentials]`".to_owned()),
        };
        found
            .filter(|text| text.contains("PRIVATE KEY"))
            .ok_or_else(|| {
                StudioError::request(
                    format!("there is no key to sign with in {place}"),
                    "put it there as PEM (`-----BEGIN PRIVATE KEY-----`), or leave `certificate` out and sign with the studio's own",
                )
            })
    }

    /// The key in a variable.
    pub(crate) fn secret(&self, variable: &str) -> Option<Secret> {
        (self.environment)(variable)
            .as_deref()
            .and_then(Secret::new)
    }

    /// The address under which the world reaches this machine, as a show says it; nothing where it does not, or not here.
    pub(crate) fn address(&self, spec: &WebhookSpec) -> Option<String> {
        match &spec.address_env {
            Some(variable) => (self.environment)(variable),
            None => spec.address.clone(),
        }
    }

    /// Where answers are remembered between commands; nothing where there is no such folder.
    pub(crate) fn cache(&self) -> Option<&Path> {
        self.remembered.folder()
    }

    /// Starts programs.
    pub fn media(&self) -> Media {
        self.media.clone()
    }

    /// The names and versions of programs, asked once for each file.
    pub(crate) async fn identities(&self) -> Result<Identities, StudioError> {
        let (ffmpeg, espeak, rife, realesrgan) = tokio::try_join!(
            self.identity(Which::Ffmpeg),
            self.identity(Which::Espeak),
            self.identity(Which::Rife),
            self.identity(Which::Realesrgan),
        )?;
        let Some(ffmpeg) = ffmpeg else {
            return Err(StudioError::MissingProgram {
                program: "ffmpeg",
                hint: FFMPEG_HINT.to_owned(),
            });
        };
        Ok(Identities {
            ffmpeg,
            espeak,
            rife,
            realesrgan,
        })
    }

    async fn identity(&self, which: Which) -> Result<Option<String>, StudioError> {
        let Some(path) = self.media.programs().path(which) else {
            return Ok(None);
        };
        if let Some(known) = self.remembered.find(&path) {
            return Ok(Some(known));
        }
        let media = self.media();
        let asked = tokio::task::spawn_blocking(move || media.identity(which)).await;
        let identity = match asked {
            Ok(Ok(identity)) => identity,
            Ok(Err(MediaError::MissingProgram { .. })) => return Ok(None),
            Ok(Err(error)) => return Err(StudioError::mute(&path, &error)),
            Err(error) => return Err(StudioError::mute(&path, &error)),
        };
        self.remembered.put(&path, &identity);
        Ok(Some(identity))
    }

    /// What `workprint doctor` shows.
    pub fn tools(&self) -> Vec<Tool> {
        let tool = |(name, which, purpose, needed, hint)| {
            let path = self.media.programs().path(which);
            let identity = path
                .as_ref()
                .and_then(|_| self.media().identity(which).ok());
            Tool {
                name,
                path,
                identity,
                purpose,
                needed,
                hint,
            }
        };
        TOOLS.map(tool).into()
    }
}

/// The programs that Workprint knows: what each is, what it does, whether nothing goes without it, and what to do where it
/// is missing.
const TOOLS: [(&str, Which, &str, bool, &str); 7] = [
    (
        "ffmpeg",
        Which::Ffmpeg,
        "decodes, encodes and joins",
        true,
        FFMPEG_HINT,
    ),
    (
        "ffprobe",
        Which::Ffprobe,
        "looks into files",
        true,
        FFMPEG_HINT,
    ),
    (
        "workprint-espeak",
        Which::Espeak,
        "speaks lines and times words",
        true,
        ESPEAK_HINT,
    ),
    (
        "workprint-x264",
        Which::X264,
        "encodes chunks as ffmpeg does, faster",
        false,
        "optional: `apt-get install libx264-dev pkg-config`, then `cargo build --release -p workprint-x264`",
    ),
    (
        "rife-ncnn-vulkan",
        Which::Rife,
        "interpolates clips on a graphics card",
        false,
        "optional: unpack a release of rife-ncnn-vulkan into a folder of PATH",
    ),
    (
        "realesrgan-ncnn-vulkan",
        Which::Realesrgan,
        "enlarges pictures and clips on a graphics card",
        false,
        "optional: unpack a release of realesrgan-ncnn-vulkan, with its folder `models`, into a folder of PATH",
    ),
    (
        "piper",
        Which::Piper,
        "speaks with neural voices, where a show asks for it",
        false,
        "optional: `pip install piper-tts`",
    ),
];

/// The machine's environment.
#[expect(
    clippy::disallowed_methods,
    reason = "keys of vendors are read here and nowhere else"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|_| !name.is_empty())
}

/// A key in a file that holds nothing else.
fn read_key(path: &Path) -> Option<Secret> {
    Secret::new(&text_of_key(path)?)
}

/// The text of a file that is no larger than keys are.
fn text_of_key(path: &Path) -> Option<String> {
    const MOST: u64 = 8192;
    let meta = std::fs::metadata(path).ok()?;
    let text = (meta.is_file() && meta.len() <= MOST).then(|| std::fs::read_to_string(path));
    text?.ok()
}
