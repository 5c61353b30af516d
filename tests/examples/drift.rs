//! Renders an hour with an impulse in each minute, and tells how far each has moved.
//!
//! `cargo build -p workprint-cli -p workprint-x264 && cargo run -p workprint-tests --example drift [MINUTES]`
//!
//! Needs 5 GB in the folder for temporary files for an hour. Ends with an error where anything has
//! moved by a sample.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that ends where anything fails, and prints what it found"
)]

use std::time::Instant;

use workprint_tests::{Heard, Impulses};

fn moved(heard: &Heard, wanted: &[u64]) -> u64 {
    let pairs = heard.places.iter().zip(wanted);
    pairs
        .map(|(place, wanted)| place.abs_diff(*wanted))
        .max()
        .unwrap()
}

fn main() {
    let minutes = std::env::args().nth(1).map_or(60, |n| n.parse().unwrap());
    let begun = Instant::now();
    let found = Impulses::of(minutes);
    println!(
        "{} frames ({} wanted), {} impulses, the last at {:.3} s, in {:.0} s",
        found.frames.0,
        found.frames.1,
        found.wanted.len(),
        *found.wanted.last().unwrap() as f64 / 48_000.0,
        begun.elapsed().as_secs_f64(),
    );
    for (name, heard) in [("stem", &found.stem), ("film", &found.film)] {
        println!(
            "{name}: {} samples more than the film's {}, impulses moved by at most {}",
            heard.length - found.length,
            found.length,
            moved(heard, &found.wanted),
        );
    }
    assert_eq!(moved(&found.stem, &found.wanted), 0);
    assert_eq!(moved(&found.film, &found.wanted), 0);
}
