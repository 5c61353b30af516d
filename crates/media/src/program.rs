//! Which programs there are, and what they call themselves.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Media;
use crate::error::{MediaError, Result};
use crate::process::{Call, Input, Running};

pub(crate) const FFMPEG_HINT: &str = "install ffmpeg 5.1 or later with ffprobe and libx264: `apt install ffmpeg` or `brew install ffmpeg`";
pub(crate) const ESPEAK_HINT: &str = "build the speech program with `cargo install --path programs/espeak` and install espeak-ng: `apt install espeak-ng` or `brew install espeak-ng`";
pub(crate) const X264_HINT: &str = "build it with `cargo install --path programs/x264` (libx264-dev, pkg-config and a C compiler are needed), or leave encoding to ffmpeg";
pub(crate) const PIPER_HINT: &str =
    "install it: `pip install piper-tts`, with its programs on the search path";
pub(crate) const REALESRGAN_HINT: &str = "unpack a release of github.com/xinntao/Real-ESRGAN with its folder `models`, put it on the search path, or leave `upscale` out";
pub(crate) const RIFE_HINT: &str = "put `rife-ncnn-vulkan` and its models on the search path, or leave the interpolation to ffmpeg";

/// Where the programs are. The host looks them up once, with [`find_program`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// `ffmpeg`, 5.1 or later, with libx264.
    pub ffmpeg: PathBuf,
    /// `ffprobe` of the same version.
    pub ffprobe: PathBuf,
    /// `workprint-espeak`.
    pub espeak: Option<PathBuf>,
    /// `workprint-x264`: encodes as ffmpeg's libx264 does, faster.
    pub x264: Option<PathBuf>,
    /// `rife-ncnn-vulkan`, with its models in folders beside it.
    pub rife: Option<PathBuf>,
    /// `realesrgan-ncnn-vulkan`, with its models in the folder `models` beside it.
    pub realesrgan: Option<PathBuf>,
    /// `piper`: speaks.
    pub piper: Option<PathBuf>,
}

impl Programs {
    /// Looks everything up. `ffmpeg` and `ffprobe` stay bare names where they are not found: using
    /// them then fails with [`MediaError::MissingProgram`], which says what to install.
    pub fn find(path_var: &OsStr, extra_dirs: &[PathBuf]) -> Self {
        let find = |name| find_program(name, path_var, extra_dirs);
        Self {
            ffmpeg: find("ffmpeg").unwrap_or_else(|| "ffmpeg".into()),
            ffprobe: find("ffprobe").unwrap_or_else(|| "ffprobe".into()),
            espeak: find("workprint-espeak"),
            x264: find("workprint-x264"),
            rife: find("rife-ncnn-vulkan"),
            realesrgan: find("realesrgan-ncnn-vulkan"),
            piper: find("piper"),
        }
    }
}

impl Programs {
    /// The file of a program; none where it was not found.
    pub fn path(&self, which: Which) -> Option<PathBuf> {
        let found = |path: &PathBuf| path.is_absolute().then(|| path.clone());
        match which {
            Which::Ffmpeg => found(&self.ffmpeg),
            Which::Ffprobe => found(&self.ffprobe),
            Which::Espeak => self.espeak.clone(),
            Which::X264 => self.x264.clone(),
            Which::Rife => self.rife.clone(),
            Which::Realesrgan => self.realesrgan.clone(),
            Which::Piper => self.piper.clone(),
        }
    }
}

/// One of the programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// Decodes, encodes and muxes.
    Ffmpeg,
    /// Looks into files.
    Ffprobe,
    /// Speaks.
    Espeak,
    /// Encodes chunks.
    X264,
    /// Interpolates frames.
    Rife,
    /// Enlarges pictures.
    Realesrgan,
    /// Speaks with neural voices.
    Piper,
}

/// Looks for a program in `extra_dirs`, then in the folders of `path_var` (the value of `PATH`).
///
/// Only files that may be executed count, and empty or relative folders of `path_var` are passed
/// over: what runs must not depend on the folder that Workprint is started in.
pub fn find_program(name: &str, path_var: &OsStr, extra_dirs: &[PathBuf]) -> Option<PathBuf> {
    let on_path = std::env::split_paths(path_var).filter(|dir| dir.is_absolute());
    extra_dirs
        .iter()
        .cloned()
        .chain(on_path)
        .map(|dir| dir.join(name))
        .find(|file| may_execute(file))
}

fn may_execute(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// The part of `workprint-espeak version` that bytes depend on; where its data lies is not.
#[derive(serde::Deserialize)]
struct EspeakVersion {
    format: String,
    library_version: String,
}

impl Media {
    /// What a program calls itself, on one line: version, and for ffmpeg the versions of libavcodec
    /// and (where it can be seen) libx264. Part of the keys of steps whose bytes depend on it.
    ///
    /// Starts the program each time: callers keep the answer.
    pub fn identity(&self, which: Which) -> Result<String> {
        match which {
            Which::Ffmpeg => self.ffmpeg_identity(&self.programs.ffmpeg),
            Which::Ffprobe => self.ffmpeg_identity(&self.programs.ffprobe),
            Which::Espeak => {
                let text = self.ask(self.espeak_program()?, ESPEAK_HINT, &["version"])?;
                let answer: EspeakVersion = serde_json::from_str(text.trim()).map_err(|error| {
                    MediaError::BadRequest(format!(
                        "`workprint-espeak version` cannot be understood: {error}"
                    ))
                })?;
                Ok(format!(
                    "espeak-ng {} / {}",
                    answer.library_version, answer.format
                ))
            }
            Which::X264 => {
                let program = self.programs.x264.as_deref();
                let program = program.ok_or_else(|| missing("workprint-x264", X264_HINT))?;
                Ok(self
                    .ask(program, X264_HINT, &["version"])?
                    .trim()
                    .to_owned())
            }
            Which::Rife => {
                // It has no version; its repository has been frozen since 2022.
                self.rife_program()?;
                Ok("rife-ncnn-vulkan 20221029".to_owned())
            }
            Which::Realesrgan => {
                // It has no version either; its repository has been frozen since 2022.
                self.realesrgan_program()?;
                Ok("realesrgan-ncnn-vulkan 20220424".to_owned())
            }
            Which::Piper => {
                // Neither of its two makes tells its version.
                self.piper_program()?;
                Ok("piper".to_owned())
            }
        }
    }

    /// From what ffmpeg says while it encodes one grey frame, and from that frame: libx264 writes its
    /// build into its streams and nowhere else. Without libx264 ffmpeg only tells its version.
    fn ffmpeg_identity(&self, program: &Path) -> Result<String> {
        let (text, x264) = match self.grey_frame(program) {
            Ok((text, stream)) => (text, stamped_build(&stream)),
            Err(_) => (self.ask(program, FFMPEG_HINT, &["-version"])?, None),
        };
        let mut words: Vec<String> = text
            .lines()
            .next()
            .and_then(|line| line.split(" Copyright").next())
            .map(|line| line.replace(" version ", " "))
            .into_iter()
            .collect();
        words.extend(text.lines().find_map(|line| {
            let numbers = line.trim_start().strip_prefix("libavcodec")?;
            let numbers = numbers.split('/').next()?;
            Some(format!("libavcodec {}", numbers.replace(' ', "")))
        }));
        words.extend(x264);
        Ok(words.join(" "))
    }

    /// What ffmpeg says and writes when libx264 encodes one grey frame.
    fn grey_frame(&self, program: &Path) -> Result<(String, Vec<u8>)> {
        let grey = "-nostdin -nostats -f lavfi -i color=s=16x16:d=1:r=1 -frames:v 1 -c:v libx264 -f h264 pipe:1";
        let grey: Vec<&str> = grey.split(' ').collect();
        let mut running = Running::start(call(program, FFMPEG_HINT, &grey), &self.cancel)?;
        let mut stream = Vec::new();
        if let Some(stdout) = running.stdout() {
            stdout
                .take(1 << 20)
                .read_to_end(&mut stream)
                .map_err(MediaError::io("read the output of", program))?;
        }
        Ok((running.finish_telling()?, stream))
    }

    pub(crate) fn ask(
        &self,
        program: &Path,
        hint: &'static str,
        arguments: &[&str],
    ) -> Result<String> {
        let call = call(program, hint, arguments);
        let bytes = Running::start(call, &self.cancel)?.output(64 * 1024)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(crate) fn espeak_program(&self) -> Result<&Path> {
        self.programs
            .espeak
            .as_deref()
            .ok_or_else(|| missing("workprint-espeak", ESPEAK_HINT))
    }

    pub(crate) fn piper_program(&self) -> Result<&Path> {
        self.programs
            .piper
            .as_deref()
            .ok_or_else(|| missing("piper", PIPER_HINT))
    }

    pub(crate) fn realesrgan_program(&self) -> Result<&Path> {
        self.programs
            .realesrgan
            .as_deref()
            .ok_or_else(|| missing("realesrgan-ncnn-vulkan", REALESRGAN_HINT))
    }

    pub(crate) fn rife_program(&self) -> Result<&Path> {
        self.programs
            .rife
            .as_deref()
            .ok_or_else(|| missing("rife-ncnn-vulkan", RIFE_HINT))
    }
}

/// The build that libx264 wrote into a stream.
fn stamped_build(stream: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stream);
    let (_, after) = text.split_once("x264 - core ")?;
    let build: Vec<&str> = after.split(' ').take(2).collect();
    Some(format!("libx264 {}", build.join(" ")))
}

/// The build of libx264 in an identity of ffmpeg.
pub fn x264_build(identity: &str) -> Option<String> {
    let (_, after) = identity.split_once("libx264 ")?;
    let words: Vec<&str> = after.split_whitespace().take(2).collect();
    Some(words.join(" "))
}

fn missing(program: &str, hint: &'static str) -> MediaError {
    MediaError::MissingProgram {
        program: program.to_owned(),
        hint,
    }
}

fn call<'a>(program: &'a Path, hint: &'static str, arguments: &[&str]) -> Call<'a> {
    Call {
        program,
        hint,
        arguments: arguments.iter().map(Into::into).collect(),
        input: Input::Nothing,
        subject: program.to_owned(),
        limit: Some(Duration::from_secs(30)),
    }
}
