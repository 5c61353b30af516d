//! Measures the sound of an episode as a render makes it: ten minutes of 300 items, step by step.
//!
//! `cargo run --release -p workprint-tests --example mix [MINUTES] [ITEMS]`
//!
//! Prints the CPU seconds (user and system) and the most memory of this process, and the CPU seconds of the
//! programs that it starts: for the mix, for the mix again after a changed gain, and for the soundtrack.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::use_debug,
    reason = "a measurement that ends where anything fails, and prints what it found"
)]

#[path = "../tests/sound/desk.rs"]
#[expect(dead_code, reason = "what the tests of sounds need besides")]
mod desk;

use std::collections::BTreeMap;

use workprint_model::sound::{Ducking, SynthKind};
use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Artifact, Decibels, Samples};
use workprint_sound::synth::synthesise;

use desk::{Desk, mix_of};

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

/// The sounds that items are made of: lines, effects, clips, beds.
fn sounds(desk: &Desk) -> BTreeMap<&'static str, Artifact> {
    let kinds = [
        ("bed-0", SynthKind::DawnBed, 60),
        ("bed-1", SynthKind::BrightBed, 60),
        ("clip", SynthKind::Waves, 30),
        ("bell", SynthKind::Bell, 7),
        ("whoosh", SynthKind::Whoosh, 2),
        ("line", SynthKind::Wind, 4),
    ];
    let made = kinds.map(|(name, kind, seconds)| {
        let mut stereo = Vec::new();
        synthesise(kind, 1, Samples(seconds * 48_000), &mut |block| {
            stereo.extend_from_slice(block);
            Ok(())
        })
        .unwrap();
        let (sound, _) = if name == "line" {
            let mono: Vec<f32> = stereo.iter().step_by(2).copied().collect();
            desk.sound(1, &mono)
        } else {
            desk.sound(2, &stereo)
        };
        (name, sound)
    });
    made.into()
}

fn items(count: u64, length: u64, sounds: &BTreeMap<&str, Artifact>) -> Vec<PlacedSound> {
    let placed = |name: &str, sound: &str, lane, from, heard| {
        PlacedSound::plain(name, lane, &sounds[sound], (Samples(from), Samples(heard)))
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

/// Prints what each step costs.
struct Tally(f64, f64);

impl Tally {
    fn new() -> Self {
        // From here on the kernel counts the most memory anew.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let now = used();
        Self(now.0, now.1)
    }

    fn step(&self, name: &str) {
        let now = used();
        let (own, programs) = (now.0 - self.0, now.1 - self.1);
        println!(
            "{name:<11} {:5.2} s of CPU ({own:.2} s here, {programs:.2} s in ffmpeg), {:.0} MiB",
            own + programs,
            now.2
        );
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>().unwrap());
    let minutes = arguments.next().unwrap_or(10);
    let count = arguments.next().unwrap_or(300);
    let desk = Desk::new().await;
    let length = minutes * 60 * 48_000;
    let items = items(count, length, &sounds(&desk));
    println!("{minutes} min of {count} items");
    let mix = mix_of(items, length);
    let tally = Tally::new();
    let take = desk.mix(mix.clone()).await;
    tally.step("mix");
    let mut louder = mix.clone();
    louder.sounds[1].gain = Decibels::new(-3);
    let tally = Tally::new();
    desk.mix(louder).await;
    tally.step("mix again");
    let tally = Tally::new();
    let soundtrack = desk.encoded(&mix, &take, 192).await;
    tally.step("soundtrack");
    println!("{take:?}");
    println!("{soundtrack:?}");
}
