//! Measures a mix: ten minutes of 300 items, and what each part of it costs.
//!
//! `cargo run --release -p workprint-tests --example mix [MINUTES] [ITEMS]`
//!
//! Prints the CPU seconds (user and system) and the most memory of this process, and of the encoder
//! apart: the mix itself, mastering, encoding, decoding to measure again.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::use_debug,
    reason = "a measurement that ends where anything fails, and prints what it found"
)]

use std::cell::Cell;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use workprint_media::{Cancel, Media, Programs};
use workprint_model::sound::{Ducking, SynthKind};
use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Artifact, Decibels, Digest, Samples};
use workprint_sound::loudness::{Loudness, Meter};
use workprint_sound::master::{MasterTarget, finish, play};
use workprint_sound::mix::{Library, match_voices, mix};
use workprint_sound::synth::synthesise;
use workprint_sound::wav::{WavBits, WavSound, write_wav};
use workprint_sound::{Sink, Sound, SoundError};

struct Folder {
    path: PathBuf,
    opened: Cell<usize>,
}

impl Library for Folder {
    fn open(&self, sound: &PlacedSound) -> Result<Box<dyn Sound>, SoundError> {
        self.opened.set(self.opened.get() + 1);
        let file = File::open(self.path.join(&sound.sound.media_type)).unwrap();
        Ok(Box::new(WavSound::open(BufReader::with_capacity(
            1 << 16,
            file,
        ))?))
    }
}

/// User and system seconds of this process, and of the programs that it waited for, and the most
/// memory of this process in MiB.
fn used() -> (f64, f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks = |n: usize| fields[n].parse::<f64>().unwrap() / 100.0;
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let peak: f64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    (ticks(11) + ticks(12), ticks(13) + ticks(14), peak / 1024.0)
}

/// Writes the sounds that items are made of: lines, effects, clips, beds.
fn write_sounds(folder: &Path) {
    for (name, kind, seconds) in [
        ("bed-0", SynthKind::DawnBed, 60),
        ("bed-1", SynthKind::BrightBed, 60),
        ("clip", SynthKind::Waves, 30),
        ("bell", SynthKind::Bell, 7),
        ("whoosh", SynthKind::Whoosh, 2),
        ("line", SynthKind::Wind, 4),
    ] {
        let file = BufWriter::new(File::create(folder.join(name)).unwrap());
        let channels = if name == "line" { 1 } else { 2 };
        let bits = if name == "line" {
            WavBits::F32
        } else {
            WavBits::I24
        };
        let mut wav = write_wav(file, channels, bits).unwrap();
        synthesise(kind, 1, Samples(seconds * 48_000), &mut |block| {
            if channels == 2 {
                return wav.write(block);
            }
            // In syllables, so that a loudness meter takes it for speech.
            let mono: Vec<f32> = block.iter().step_by(2).copied().collect();
            wav.write(&mono)
        })
        .unwrap();
        wav.finish().unwrap();
    }
}

fn items(count: u64, length: u64) -> Vec<PlacedSound> {
    let placed = |name: &str, file: &str, lane, from, heard| {
        let sound = Artifact {
            digest: Digest::of(file.as_bytes()),
            media_type: file.to_owned(),
            bytes: 0,
        };
        PlacedSound::plain(name, lane, &sound, (Samples(from), Samples(heard)))
    };
    let step = length / count;
    (0..count)
        .map(|n| {
            let from = n * step;
            let name = format!("item-{n}");
            match n % 20 {
                0 => PlacedSound {
                    repeat: true,
                    gain: Decibels::new(-12),
                    duck: Decibels::new(-10),
                    fade_in: Samples(24_000),
                    fade_out: Samples(96_000),
                    ducking: Ducking {
                        speech_band: n % 40 == 0,
                        ..Ducking::default()
                    },
                    ..placed(
                        &name,
                        ["bed-0", "bed-1"][(n / 20 % 2) as usize],
                        Lane::Music,
                        from,
                        step * 22,
                    )
                },
                1..=9 => PlacedSound {
                    speaker: Some(["ann", "bo"][(n % 2) as usize].parse().unwrap()),
                    ..placed(&name, "line", Lane::Voice, from, 4 * 48_000)
                },
                10..=13 => PlacedSound {
                    skip: Samples(n % 7 * 48_000),
                    duck: Decibels::new(-6),
                    ..placed(&name, "clip", Lane::Clip, from, step * 3)
                },
                14..=16 => PlacedSound {
                    pan: 40,
                    ..placed(&name, "whoosh", Lane::Sfx, from, 96_000)
                },
                _ => placed(&name, "bell", Lane::Reactions, from, 7 * 48_000),
            }
        })
        .collect()
}

/// Prints what each part costs.
struct Tally {
    last: (f64, f64, f64),
    sum: (f64, f64),
}

impl Tally {
    fn part(&mut self, name: &str) {
        let now = used();
        let (own, programs) = (now.0 - self.last.0, now.1 - self.last.1);
        println!(
            "{name:<10} {own:6.2} s here, {programs:6.2} s in ffmpeg, {:4.0} MiB",
            now.2
        );
        self.sum = (self.sum.0 + own, self.sum.1 + programs);
        self.last = now;
    }
}

fn create(path: &Path) -> BufWriter<File> {
    BufWriter::new(File::create(path).unwrap())
}

/// Measures a film's sound as it is decoded.
fn measure(media: &Media, encoded: &Path) -> Loudness {
    let mut reader = media.decode_audio(encoded, 2).unwrap();
    let mut meter = Meter::new().unwrap();
    let mut block = vec![0.0; 96_000];
    loop {
        let read = reader.read(&mut block).unwrap();
        if read == 0 {
            return meter.loudness().unwrap();
        }
        meter.add(&block[..read]).unwrap();
    }
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>().unwrap());
    let minutes = arguments.next().unwrap_or(10);
    let count = arguments.next().unwrap_or(300);
    let folder = tempfile::tempdir().unwrap();
    write_sounds(folder.path());
    let length = minutes * 60 * 48_000;
    let items = items(count, length);
    let library = Folder {
        path: folder.path().to_owned(),
        opened: Cell::new(0),
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let media = Media::new(Programs::find(&path, &[]), Cancel::default());
    let mut tally = Tally {
        last: used(),
        sum: (0.0, 0.0),
    };
    println!("{minutes} min of {count} items");
    match_voices(&items, &library).unwrap();
    tally.part("voices");
    let raw = folder.path().join("raw.wav");
    let mut wav = write_wav(create(&raw), 2, WavBits::F32).unwrap();
    let report = mix(&items, Samples(length), &library, &mut |block| {
        wav.write(block)
    })
    .unwrap();
    wav.finish().unwrap();
    tally.part("mix");
    let target = MasterTarget {
        loudness: -14.0,
        ceiling: -1.5,
    };
    let mut sound = WavSound::open(BufReader::new(File::open(&raw).unwrap())).unwrap();
    let master = folder.path().join("master.wav");
    let mut wav = write_wav(create(&master), 2, WavBits::I24).unwrap();
    let mut source = |sink: &mut Sink<'_>| play(&mut sound, sink);
    let plan = finish(&mut source, target, &mut |block| wav.write(block)).unwrap();
    wav.finish().unwrap();
    tally.part("master");
    let encoded = folder.path().join("master.mp4");
    media.encode_sound(&master, 192, &encoded).unwrap();
    tally.part("encode");
    let loudness = measure(&media, &encoded);
    tally.part("measure");
    println!(
        "in all     {:6.2} s here, {:6.2} s in ffmpeg",
        tally.sum.0, tally.sum.1
    );
    println!(
        "{} opened, at most {} at once; limited by {:.1} dB; {loudness:?}",
        library.opened.get(),
        report.most_open,
        plan.reduction,
    );
}
