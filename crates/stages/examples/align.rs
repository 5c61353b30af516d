//! Aligns a voice of `tests/corpus` and writes the times as JSON for `bench/align/compare.py`:
//! `align NAME.json` prints, for every line, its words as [from, to, start, end], in characters and seconds.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring tool"
)]

use std::path::PathBuf;

use serde_json::{Value, json};
use workprint_media::{Cancel, Media, Programs};
use workprint_sound::align::{Speaker, narrow};
use workprint_stages::align::reading::{find, read_aloud};

fn main() {
    let exe = std::env::current_exe().unwrap();
    let beside = exe.parent().unwrap().parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let media = Media::new(Programs::find(&path, &[beside]), Cancel::default());
    let file = PathBuf::from(std::env::args().nth(1).unwrap());
    let corpus: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let audio = media.decode_audio(&file.with_extension("flac"), 1).unwrap();
    let audio = narrow(&audio.read_all(1 << 30).unwrap(), 48_000).unwrap();
    let (mut lines, mut aloud) = (Vec::new(), Vec::new());
    for line in corpus["lines"].as_array().unwrap() {
        let from = line["from"].as_u64().unwrap() as usize;
        let to = from + line["samples"].as_u64().unwrap() as usize;
        let language = corpus["language"].as_str().unwrap();
        let forms = read_aloud(&media, line["text"].as_str().unwrap(), language).unwrap();
        let (found, read) = find(&audio[from..to.min(audio.len())], forms).unwrap();
        lines.push(found);
        aloud.push(read);
    }
    Speaker::learn(&mut lines);
    let times = lines.iter().zip(&aloud).map(|(line, read)| {
        let words = line.found().words;
        let times = words.iter().map(|word| {
            let (from, to) = read.words[word.word];
            json!([from, to, word.start as f64 / 16e3, word.end as f64 / 16e3])
        });
        Value::Array(times.collect())
    });
    println!("{}", Value::Array(times.collect()));
}
