//! Joining chunks and sound into a film.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use workprint_model::{Frames, Rate, SAMPLE_RATE};

use crate::Media;
use crate::backend::Container;
use crate::error::{MediaError, Result};
use crate::mp4::{self, About, Sound, Track};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// The film that chunks become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinSpec {
    /// The file that is written: it plays while it loads. One that exists is replaced.
    pub out: PathBuf,
    /// What kind of file: the chunks' own.
    pub container: Container,
    /// Frames a second, as the chunks were encoded.
    pub rate: Rate,
    /// How many frames the chunks have together.
    pub frames: Frames,
    /// Its title, for players.
    pub title: Option<String>,
    /// The language that is spoken, as BCP 47 writes it.
    pub language: Option<String>,
    /// Chapters and where they begin, in order.
    pub chapters: Vec<(Frames, String)>,
}

impl Media {
    /// Joins chunks of one encoder's settings, and sound that [`Self::encode_sound`] encoded, into a film.
    ///
    /// Both are copied: the picture decodes to the same frames as the chunks do, frame `n` is shown at
    /// exactly `n / rate`, and the sound begins with the first. The same chunks and sound give the same
    /// bytes. `out` appears when it is whole. Needs as much free space as the film has, in the folder of
    /// `out`; a film in QuickTime's container, which has no sound, twice that.
    pub fn join(&self, chunks: &[PathBuf], sound: Option<&Path>, spec: &JoinSpec) -> Result<()> {
        let mut tracks = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            if self.cancel.is_cancelled() {
                return Err(MediaError::Cancelled);
            }
            tracks.push(Track::read(chunk)?);
        }
        let found: u64 = tracks.iter().map(|track| track.samples.len() as u64).sum();
        if found != spec.frames.0 {
            return Err(MediaError::BadRequest(format!(
                "the chunks have {found} frames together, not {}",
                spec.frames.0
            )));
        }
        let folder = spec
            .out
            .parent()
            .filter(|path| !path.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let room = tempfile::Builder::new()
            .prefix(".join-")
            .tempdir_in(folder)
            .map_err(MediaError::io("make a folder in", folder))?;
        let film = room.path().join("film");
        match spec.container {
            Container::Mp4 => {
                let sound = sound.map(Sound::read).transpose()?;
                let title = spec.title.as_deref().map(plain);
                let chapters = spec.chapters.iter();
                let chapters: Vec<_> = chapters.map(|(at, name)| (*at, plain(name))).collect();
                let about = About {
                    rate: spec.rate,
                    title: title.as_deref(),
                    language: spec
                        .language
                        .as_deref()
                        .and_then(iso_639_2)
                        .unwrap_or(*b"und"),
                    chapters: &chapters,
                };
                let parts = (tracks.as_slice(), sound.as_ref());
                mp4::write_film(&film, parts, &about, &self.cancel)?;
            }
            Container::Mov if sound.is_some() => {
                let why = "a film in QuickTime's container has no sound";
                return Err(MediaError::BadRequest(why.to_owned()));
            }
            Container::Mov => {
                let picture = room.path().join("picture.mp4");
                mp4::write_joined(&picture, &tracks, spec.rate)?;
                self.quicktime(spec, (&picture, &film), room.path())?;
            }
        }
        verify(spec, &film)?;
        std::fs::rename(&film, &spec.out).map_err(MediaError::io("write", &spec.out))
    }

    /// The film of a picture, with title and chapters, in QuickTime's container.
    fn quicktime(
        &self,
        spec: &JoinSpec,
        (picture, film): (&Path, &Path),
        room: &Path,
    ) -> Result<()> {
        let notes = room.join("notes.txt");
        std::fs::write(&notes, notes_of(spec)).map_err(MediaError::io("write", &notes))?;
        let scale = mp4::timescale(spec.rate)?;
        let mut arguments = Arguments::default();
        arguments.add(["-hide_banner", "-nostdin", "-v", "error", "-y"]);
        arguments.add(["-f", "mp4", "-i"]);
        arguments.file(picture);
        arguments.add(["-f", "ffmetadata", "-i"]);
        arguments.file(&notes);
        arguments.add(["-map", "0:v:0", "-c:v", "copy"]);
        if let Some(language) = spec.language.as_deref().and_then(iso_639_2) {
            let language = String::from_utf8_lossy(&language);
            arguments.set("-metadata:s:v", format!("language={language}"));
        }
        arguments.add(["-map_metadata", "1", "-map_chapters", "1"]);
        arguments.add(["-flags", "+bitexact", "-fflags", "+bitexact"]);
        arguments.set("-video_track_timescale", scale);
        arguments.set("-movie_timescale", scale);
        arguments.add(["-movflags", "+faststart", "-f", spec.container.extension()]);
        arguments.file(film);
        let call = Call {
            program: &self.programs.ffmpeg,
            hint: FFMPEG_HINT,
            arguments: arguments.0,
            input: Input::Nothing,
            subject: spec.out.clone(),
            limit: None,
        };
        Running::start(call, &self.cancel)?.finish().map(drop)
    }
}

impl Media {
    /// Encodes a WAV as AAC in stereo, at 32 to 512 kbit/s, alone in an MP4: what is heard of a film can
    /// be measured before the film is made.
    pub fn encode_sound(&self, mix: &Path, audio_kbps: u16, out: &Path) -> Result<()> {
        if !(32..=512).contains(&audio_kbps) {
            return Err(MediaError::BadRequest(format!(
                "sound cannot have `{audio_kbps}` kbit/s: 32 to 512 are possible"
            )));
        }
        let mut arguments = Arguments::default();
        arguments.add([
            "-hide_banner",
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-f",
            "wav",
            "-i",
        ]);
        arguments.file(mix);
        arguments.add(["-map", "0:a:0"]);
        arguments.add(["-c:a", "aac", "-threads:a", "1", "-ac", "2"]);
        arguments.set("-ar", SAMPLE_RATE);
        arguments.set("-b:a", format!("{audio_kbps}k"));
        if audio_kbps >= 128 {
            // With so many bits it is as near to the samples as the slower search, in a third of the time.
            arguments.add(["-aac_coder", "fast"]);
        }
        arguments.add(["-flags", "+bitexact", "-fflags", "+bitexact", "-f", "mp4"]);
        // The length is that of the samples, not of the milliseconds that they fill.
        arguments.set("-movie_timescale", SAMPLE_RATE);
        arguments.file(out);
        let call = Call {
            program: &self.programs.ffmpeg,
            hint: FFMPEG_HINT,
            arguments: arguments.0,
            input: Input::Nothing,
            subject: out.to_owned(),
            limit: None,
        };
        Running::start(call, &self.cancel)?.finish().map(drop)
    }
}

/// How many frames the picture of a film has, as its tables say; nothing where it has no picture.
pub fn frames_of_film(path: &Path) -> Result<Option<Frames>> {
    let track = Track::find(path)?;
    Ok(track.map(|track| Frames(track.samples.len() as u64)))
}

/// Whether a film has the sound that [`Media::encode_sound`] wrote at `sound`, packet by packet.
///
/// # Errors
///
/// A file that cannot be read, or whose tables are broken.
pub fn is_sound_of(film: &Path, sound: &Path) -> Result<bool> {
    mp4::is_same_sound(film, sound)
}

/// Title and chapters in ffmpeg's format for metadata.
fn notes_of(spec: &JoinSpec) -> String {
    let mut notes = String::from(";FFMETADATA1\n");
    if let Some(title) = &spec.title {
        let _ = writeln!(notes, "title={}", escaped(title));
    }
    let starts = spec.chapters.iter().map(|(start, _)| *start);
    let ends = starts.skip(1).chain([spec.frames]);
    for ((start, title), end) in spec.chapters.iter().zip(ends) {
        let (num, den) = (spec.rate.num(), spec.rate.den());
        let _ = writeln!(
            notes,
            "[CHAPTER]\nTIMEBASE={den}/{num}\nSTART={}\nEND={}\ntitle={}",
            start.0,
            end.0,
            escaped(title)
        );
    }
    notes
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in plain(text).chars() {
        if matches!(character, '=' | ';' | '#' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A text on one line.
fn plain(text: &str) -> String {
    let on_one = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(on_one).collect()
}

/// Holds the film against what was asked for: every frame, at a constant rate.
fn verify(spec: &JoinSpec, film: &Path) -> Result<()> {
    let track = Track::read(film)?;
    let steady = track
        .samples
        .windows(2)
        .all(|pair| pair[0].ticks == pair[1].ticks);
    if track.samples.len() as u64 == spec.frames.0 && steady {
        return Ok(());
    }
    Err(MediaError::bad(
        &spec.out,
        format!(
            "joining gave {} frames{}, not {} at a constant rate",
            track.samples.len(),
            if steady { "" } else { " at uneven times" },
            spec.frames.0
        ),
    ))
}

/// The three letters that MP4 keeps for a language (ISO 639-2/T); `None` for one not listed here.
fn iso_639_2(tag: &str) -> Option<[u8; 3]> {
    const TWO: &str = "ar ara be bel bg bul bn ben ca cat cs ces cy cym da dan de deu el ell en eng \
es spa et est eu eus fa fas fi fin fr fra ga gle gl glg gu guj he heb hi hin hr hrv hu hun hy hye \
id ind is isl it ita ja jpn ka kat kk kaz kn kan ko kor lt lit lv lav mk mkd ml mal mr mar ms msa \
nb nob ne nep nl nld nn nno no nor pa pan pl pol pt por ro ron ru rus si sin sk slk sl slv sq sqi \
sr srp sv swe sw swa ta tam te tel th tha tr tur uk ukr ur urd uz uzb vi vie zh zho";
    let language = tag.split('-').next()?.to_ascii_lowercase();
    if language.bytes().all(|byte| byte.is_ascii_lowercase())
        && let Ok(three) = language.as_bytes().try_into()
    {
        return Some(three);
    }
    let mut words = TWO.split_whitespace();
    while let (Some(two), Some(three)) = (words.next(), words.next()) {
        if two == language {
            return three.as_bytes().try_into().ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_become_three_letters() {
        assert_eq!(iso_639_2("en-GB"), Some(*b"eng"));
        assert_eq!(iso_639_2("zh-Hans"), Some(*b"zho"));
        assert_eq!(iso_639_2("gsw"), Some(*b"gsw"));
        assert_eq!(iso_639_2("x"), None);
    }

    #[test]
    fn a_title_cannot_end_its_line() {
        assert_eq!(escaped("a=b;\n[CHAPTER]\\"), "a\\=b\\; [CHAPTER]\\\\");
    }
}
