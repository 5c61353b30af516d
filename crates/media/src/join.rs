//! Joining chunks and a mix into a film.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use workprint_model::{Frames, Rate, SAMPLE_RATE};

use crate::Media;
use crate::backend::Container;
use crate::error::{MediaError, Result};
use crate::mp4::{self, Track};
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
    /// Kilobits a second of the sound, 32 to 512.
    pub audio_kbps: u16,
    /// Its title, for players.
    pub title: Option<String>,
    /// The language that is spoken, as BCP 47 writes it.
    pub language: Option<String>,
    /// Chapters and where they begin, in order.
    pub chapters: Vec<(Frames, String)>,
}

impl Media {
    /// Joins chunks of one encoder's settings, and a mix, into a film.
    ///
    /// The picture is copied: it decodes to the same frames as the chunks do, frame `n` is shown at
    /// exactly `n / rate`. The sound is AAC in stereo, cut or filled with silence to the picture's
    /// length. The same chunks and mix give the same bytes. `out` appears when it is whole.
    /// Needs as much free space as the film has, twice over, in the folder of `out`.
    pub fn join(&self, chunks: &[PathBuf], mix: Option<&Path>, spec: &JoinSpec) -> Result<()> {
        self.join_with(chunks, mix.map(Heard::Wav), spec)
    }

    /// As [`Self::join`], with sound that [`Self::encode_sound`] encoded, which is copied.
    pub fn join_encoded(&self, chunks: &[PathBuf], sound: &Path, spec: &JoinSpec) -> Result<()> {
        self.join_with(chunks, Some(Heard::Aac(sound)), spec)
    }

    fn join_with(
        &self,
        chunks: &[PathBuf],
        heard: Option<Heard<'_>>,
        spec: &JoinSpec,
    ) -> Result<()> {
        if !(32..=512).contains(&spec.audio_kbps) {
            return Err(MediaError::BadRequest(format!(
                "sound cannot have `{}` kbit/s: 32 to 512 are possible",
                spec.audio_kbps
            )));
        }
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
        let picture = room.path().join("picture.mp4");
        mp4::write_joined(&picture, &tracks, spec.rate)?;
        let notes = room.path().join("notes.txt");
        std::fs::write(&notes, notes_of(spec)).map_err(MediaError::io("write", &notes))?;
        let film = room.path().join("film.mp4");
        let call = Call {
            program: &self.programs.ffmpeg,
            hint: FFMPEG_HINT,
            arguments: arguments(spec, (&picture, &notes, heard), &film)?.0,
            input: Input::Nothing,
            subject: spec.out.clone(),
            limit: None,
        };
        Running::start(call, &self.cancel)?.finish()?;
        verify(spec, &film)?;
        std::fs::rename(&film, &spec.out).map_err(MediaError::io("write", &spec.out))
    }
}

impl Media {
    /// Encodes a WAV exactly as [`Media::join`] encodes a mix, alone in an MP4: what is heard of a
    /// film can be measured before the film is made.
    pub fn encode_sound(&self, mix: &Path, audio_kbps: u16, out: &Path) -> Result<()> {
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
        aac(&mut arguments, audio_kbps);
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

/// A film's sound.
#[derive(Debug, Clone, Copy)]
enum Heard<'a> {
    /// To be encoded.
    Wav(&'a Path),
    /// Encoded already, in an MP4.
    Aac(&'a Path),
}

fn aac(arguments: &mut Arguments, kbps: u16) {
    arguments.add(["-c:a", "aac", "-threads:a", "1", "-ac", "2"]);
    arguments.set("-ar", SAMPLE_RATE);
    arguments.set("-b:a", format!("{kbps}k"));
    if kbps >= 128 {
        // With so many bits it is as near to the samples as the slower search, in a third of the time.
        arguments.add(["-aac_coder", "fast"]);
    }
}

fn arguments(
    spec: &JoinSpec,
    (picture, notes, heard): (&Path, &Path, Option<Heard<'_>>),
    film: &Path,
) -> Result<Arguments> {
    let scale = mp4::timescale(spec.rate)?;
    let mut arguments = Arguments::default();
    arguments.add(["-hide_banner", "-nostdin", "-v", "error", "-y"]);
    arguments.add(["-f", "mp4", "-i"]);
    arguments.file(picture);
    arguments.add(["-f", "ffmetadata", "-i"]);
    arguments.file(notes);
    match heard {
        Some(Heard::Wav(mix)) => {
            arguments.add(["-f", "wav", "-i"]);
            arguments.file(mix);
        }
        Some(Heard::Aac(sound)) => {
            arguments.add(["-f", "mp4", "-i"]);
            arguments.file(sound);
        }
        None => {}
    }
    arguments.add(["-map", "0:v:0", "-c:v", "copy"]);
    match heard {
        Some(Heard::Wav(_)) => {
            let length = spec.rate.sample_of(spec.frames).0;
            arguments.add(["-map", "2:a:0"]);
            aac(&mut arguments, spec.audio_kbps);
            arguments.set(
                "-af",
                format!(
                    "aresample={SAMPLE_RATE},apad=whole_len={length},atrim=end_sample={length}"
                ),
            );
        }
        Some(Heard::Aac(_)) => arguments.add(["-map", "2:a:0", "-c:a", "copy"]),
        None => {}
    }
    if let Some(language) = spec.language.as_deref().and_then(iso_639_2) {
        arguments.set("-metadata:s:v", format!("language={language}"));
        arguments.set("-metadata:s:a", format!("language={language}"));
    }
    arguments.add(["-map_metadata", "1", "-map_chapters", "1"]);
    arguments.add(["-flags", "+bitexact", "-fflags", "+bitexact"]);
    arguments.set("-video_track_timescale", scale);
    arguments.set("-movie_timescale", scale);
    arguments.add(["-movflags", "+faststart", "-f", spec.container.extension()]);
    arguments.file(film);
    Ok(arguments)
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
    for character in text.chars() {
        match character {
            '=' | ';' | '#' | '\\' => escaped.extend(['\\', character]),
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
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
fn iso_639_2(tag: &str) -> Option<String> {
    const TWO: &str = "ar ara be bel bg bul bn ben ca cat cs ces cy cym da dan de deu el ell en eng \
es spa et est eu eus fa fas fi fin fr fra ga gle gl glg gu guj he heb hi hin hr hrv hu hun hy hye \
id ind is isl it ita ja jpn ka kat kk kaz kn kan ko kor lt lit lv lav mk mkd ml mal mr mar ms msa \
nb nob ne nep nl nld nn nno no nor pa pan pl pol pt por ro ron ru rus si sin sk slk sl slv sq sqi \
sr srp sv swe sw swa ta tam te tel th tha tr tur uk ukr ur urd uz uzb vi vie zh zho";
    let language = tag.split('-').next()?.to_ascii_lowercase();
    if language.len() == 3 && language.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Some(language);
    }
    let mut words = TWO.split_whitespace();
    while let (Some(two), Some(three)) = (words.next(), words.next()) {
        if two == language {
            return Some(three.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_become_three_letters() {
        assert_eq!(iso_639_2("en-GB").as_deref(), Some("eng"));
        assert_eq!(iso_639_2("zh-Hans").as_deref(), Some("zho"));
        assert_eq!(iso_639_2("gsw").as_deref(), Some("gsw"));
        assert_eq!(iso_639_2("x"), None);
    }

    #[test]
    fn a_title_cannot_end_its_line() {
        assert_eq!(escaped("a=b;\n[CHAPTER]\\"), "a\\=b\\; [CHAPTER]\\\\");
    }
}
