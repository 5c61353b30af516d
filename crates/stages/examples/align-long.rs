//! What ten minutes cost: `align-long FOLDER/NAME.json …` lays the lines of all of them end to end, aligns them as one
//! line, and tells the time, the memory and the errors.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring tool"
)]

use std::path::Path;

use serde_json::Value;
use workprint_media::{Cancel, Media, Programs};
use workprint_sound::align::narrow;
use workprint_stages::align::reading::{find, read_aloud};

fn main() {
    let exe = std::env::current_exe().unwrap();
    let beside = exe.parent().unwrap().parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let media = Media::new(Programs::find(&path, &[beside]), Cancel::default());
    let (mut text, mut sound, mut truth) = (String::new(), Vec::new(), Vec::new());
    for name in std::env::args().skip(1) {
        add(
            &media,
            Path::new(&name),
            (&mut text, &mut sound, &mut truth),
        );
    }
    let seconds = sound.len() as f64 / 16_000.0;
    let (before, began) = (peak(), cpu());
    let forms = read_aloud(&media, &text, "en-us").unwrap();
    let read = cpu() - began;
    let (line, read_as) = find(&sound, forms).unwrap();
    let first = cpu() - began;
    let distance = line.distance();
    let found = line.refine(None);
    let all = cpu() - began;
    println!(
        "{seconds:.0} s of voice in {all:.2} s of CPU (read {read:.2} s, found {first:.2} s); distance {distance:.3}"
    );
    println!(
        "with the decoding of the files {:.2} s, the whole process",
        cpu()
    );
    println!(
        "peak memory {} MB, {} MB before",
        peak() / 1000,
        before / 1000
    );
    let mut errors: Vec<u64> = truth
        .iter()
        .filter_map(|(place, start)| {
            let heard = |found: &&workprint_sound::align::FoundWord| {
                let (from, to) = read_as.words[found.word];
                from <= *place && *place < to
            };
            Some(found.words.iter().find(heard)?.start.abs_diff(*start))
        })
        .collect();
    errors.sort_unstable();
    let at = |percent: usize| errors[(errors.len() - 1) * percent / 100] as f64 / 16.0;
    println!(
        "{} words: median {:.1} ms, p95 {:.1}, p99 {:.1}, most {:.1}",
        errors.len(),
        at(50),
        at(95),
        at(99),
        at(100)
    );
}

/// Adds a voice's lines; the truth is the first character of every word and its first sample.
fn add(
    media: &Media,
    path: &Path,
    (text, sound, truth): (&mut String, &mut Vec<f32>, &mut Vec<(usize, u64)>),
) {
    let corpus: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let audio = media.decode_audio(&path.with_extension("flac"), 1).unwrap();
    // One voice at a time: what is held at 48 kHz would hide what aligning needs.
    let audio = narrow(&audio.read_all(1 << 30).unwrap(), 48_000).unwrap();
    for line in corpus["lines"].as_array().unwrap() {
        let number = |value: &Value| value.as_u64().unwrap();
        let (chars, start) = (text.chars().count(), sound.len() as u64);
        for word in line["words"].as_array().unwrap() {
            truth.push((chars + number(&word[0]) as usize, start + number(&word[2])));
        }
        text.push_str(line["text"].as_str().unwrap());
        text.push('\n');
        let from = number(&line["from"]) as usize;
        let to = from + number(&line["samples"]) as usize;
        sound.extend_from_slice(&audio[from..to.min(audio.len())]);
    }
}

/// The seconds that this process and those that it waited for have computed.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    // User and system time, its own and its children's, in hundredths.
    fields
        .skip(11)
        .take(4)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// The most memory that this process has had, in kB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
