//! `workprint-espeak`: a separate GPL program that speaks text with
//! libespeak-ng and reports when every written word is heard.
//!
//! Workprint is permissively licensed and libespeak-ng is GPL, so the library
//! is used here, in its own process: text in on standard input, audio and
//! times out on standard output. The library's command line offers no word
//! times; its events do, after the repairs of [`timing`].
//!
//! # Protocol
//!
//! * `workprint-espeak speak` reads one JSON request on standard input:
//!   `{"text":"...","voice":"en-gb+f3","rate_wpm":175,"pitch":50,"range":50,
//!   "volume":100,"word_gap_ms":0,"stress":[[0,3]],"sounds":[[4,8,"wˈɪk"]]}` (all but `text` and `voice`
//!   optional), and writes one JSON line: `{"format":"workprint.espeak/1","library_version",
//!   "sample_rate","samples":N,"voice","words":[{"start","end","from","to"}],
//!   "phonemes":[{"start","end","ipa"}]}`, then `\n`, then exactly N
//!   little-endian 16-bit mono samples. Times are sample indices; `from..to` are
//!   Unicode scalar values of the request's text; an empty `ipa` is silence.
//! * `workprint-espeak voices` prints a JSON array of `{id,name,languages,gender}`.
//! * `workprint-espeak version` prints `{"format","library_version","data_path"}`.
//!
//! A failure is one JSON line on standard error,
//! `{"error":{"kind","message","hint"}}`, nothing on standard output, and exit
//! code 1 (a pipe broke), 2 (bad request), 3 (library missing), 4 (voice
//! unknown) or 5 (synthesis failed).

mod error;
mod library;
mod marked;
mod request;
mod sounds;
mod split;
mod timing;
mod tokens;
mod voice;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::error::Failure;
use crate::library::{Settings, Speech};
use crate::marked::Marked;
use crate::request::{MAX_REQUEST_BYTES, SpeakRequest};
use crate::timing::{PhonemeTime, WordTime};

const FORMAT: &str = "workprint.espeak/1";

const USAGE: &str = "usage: workprint-espeak speak|voices|version [--library PATH]

  speak    read one JSON request on standard input; write a JSON line and PCM
  voices   list the installed voices as JSON
  version  print the library's version and data folder as JSON

  --library PATH  load this libespeak-ng instead of the installed one

Licence: GPL-3.0-or-later. See README.md for the protocol and the exit codes.
";

#[derive(Serialize)]
struct Header<'a> {
    format: &'a str,
    library_version: String,
    sample_rate: u32,
    samples: usize,
    voice: String,
    words: Vec<WordTime>,
    phonemes: Vec<PhonemeTime>,
}

#[derive(Serialize)]
struct ListedVoice<'a> {
    id: &'a str,
    name: &'a str,
    languages: Vec<&'a str>,
    gender: &'a str,
}

#[derive(Serialize)]
struct VersionReport<'a> {
    format: &'a str,
    library_version: String,
    data_path: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_json_line());
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (command, library) = match arguments.as_slice() {
        [command] => (*command, None),
        [command, "--library", path] => (*command, Some(*path)),
        _ => ("", None),
    };
    match command {
        "speak" => speak(library),
        "voices" => voices(library),
        "version" => version(library),
        "help" | "--help" | "-h" => write_out(&[USAGE.as_bytes()]),
        _ => Err(Failure::bad_request(
            "usage",
            "one command is needed: speak, voices or version",
            "run `workprint-espeak --help`",
        )),
    }
}

fn complain(line: &str) {
    // Nothing is left to tell if standard error is closed as well.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn read_request() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_REQUEST_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|source| Failure::Stream {
            action: "read the request",
            source,
        })?;
    Ok(bytes)
}

fn speak(library: Option<&str>) -> Result<(), Failure> {
    let request = SpeakRequest::parse(&read_request()?)?;
    let tokens = tokens::tokenize(&request.text);
    let mut speech = Speech::load(library)?;
    let voice = voice::resolve(&request.voice, &speech.voices(), &speech.variants())?;
    speech.set_voice(&voice)?;
    let settings = Settings {
        rate_wpm: request.rate_wpm,
        volume: request.volume,
        pitch: request.pitch,
        range: request.range,
        word_gap_ms: request.word_gap_ms,
    };
    let mut known: HashMap<String, Vec<String>> = HashMap::new();
    let sounds = sounds::of_request(&mut speech, &request, &voice, (&tokens, &mut known))?;
    let brackets = !sounds.is_empty();
    let plain = request::safe_text(&request.text, brackets);
    let text = Marked::of(&plain, &request.stress, &sounds, &settings);
    let mut spoken = speech.speak(&text.text, settings)?;
    text.restore(&mut spoken.events);
    let library_version = speech.info().0;
    let sample_rate = speech.sample_rate();
    let mut isolated = |text: &str| {
        known
            .entry(text.to_owned())
            .or_insert_with(|| speech.phonemes(&request::safe_text(text, brackets)))
            .clone()
    };
    let timing = timing::time(&tokens, &spoken.events, &spoken.samples, &mut isolated);
    if timing.words.is_empty() {
        return Err(request::nothing_to_say());
    }
    let header = Header {
        format: FORMAT,
        library_version,
        sample_rate,
        samples: spoken.samples.len(),
        voice,
        words: timing.words,
        phonemes: timing.phonemes,
    };
    let audio: Vec<u8> = spoken
        .samples
        .iter()
        .flat_map(|s| s.to_le_bytes())
        .collect();
    write_out(&[&json_line(&header)?, &audio])
}

fn voices(library: Option<&str>) -> Result<(), Failure> {
    let voices = Speech::load(library)?.voices();
    let entries: Vec<ListedVoice<'_>> = voices
        .iter()
        .map(|v| ListedVoice {
            id: &v.id,
            name: &v.name,
            languages: v
                .languages
                .iter()
                .map(|(_, language)| language.as_str())
                .collect(),
            gender: v.gender,
        })
        .collect();
    write_out(&[&json_line(&entries)?])
}

fn version(library: Option<&str>) -> Result<(), Failure> {
    let (library_version, data_path) = Speech::load(library)?.info();
    write_out(&[&json_line(&VersionReport {
        format: FORMAT,
        library_version,
        data_path,
    })?])
}

fn json_line<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    let mut line = serde_json::to_vec(value).map_err(|error| Failure::Stream {
        action: "write the answer",
        source: error.into(),
    })?;
    line.push(b'\n');
    Ok(line)
}

fn write_out(parts: &[&[u8]]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    parts
        .iter()
        .try_for_each(|part| out.write_all(part))
        .and_then(|()| out.flush())
        .map_err(|source| Failure::Stream {
            action: "write the answer",
            source,
        })
}
