//! `workprint-x264`: a separate GPL program that encodes frames with libx264, chunk after chunk in one
//! process, and reads them where they were painted.
//!
//! Workprint is permissively licensed and libx264 is GPL, so the library is used here, in its own
//! process. What it writes is byte for byte what ffmpeg's libx264 writes with the same settings; it only
//! saves the start of a program for each chunk, and the pipe that every frame would go through.
//!
//! # Protocol
//!
//! On standard input, again and again until it ends: one line of JSON,
//! `{"frames":"/dev/shm/x","slots":3,"width":1920,"height":1080,"fps_num":30,"fps_den":1,"crf":20,
//! "preset":"veryfast","keyint":240,"threads":1}`; then one byte for each frame, the slot of the file `frames` that
//! holds it (planar YUV 4:2:0, BT.709, limited range); then the byte 255. Frames begin at multiples of 64 KiB.
//! A request without `frames` goes on with those of the request before.
//!
//! On standard output messages: a letter, a number and a length (32 bits each, the lowest byte first),
//! and as many bytes. `O` answers the line of JSON with the parameter sets and x264's note about itself;
//! each frame is answered by `K` or `P` (a key frame or another one; the number is its place in the order
//! of showing) or by `A` (none yet), after which its slot is free; the byte 255 by the packets that were
//! still waiting and `E`. All packets are NAL units with their length before them (32 bits, the highest
//! byte first). `X` with a text ends everything.

#[cfg(have_x264)]
mod library;
#[cfg(have_x264)]
mod serve;

use std::io::Write;
use std::process::ExitCode;

const USAGE: &str = "usage: workprint-x264 [version]

Encodes frames with libx264 as Workprint tells it on standard input; README.md has the protocol.
Licence: GPL-3.0-or-later.
";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => run(),
        Some("version") => version(),
        Some("help" | "--help" | "-h") => {
            write(&mut std::io::stdout(), USAGE);
            ExitCode::SUCCESS
        }
        Some(_) => {
            write(&mut std::io::stderr(), USAGE);
            ExitCode::from(2)
        }
    }
}

fn write(to: &mut impl Write, text: &str) {
    // Nobody is left to be told when this fails.
    let _ = to.write_all(text.as_bytes());
}

#[cfg(have_x264)]
fn run() -> ExitCode {
    serve::all(&mut std::io::stdin().lock(), &mut std::io::stdout().lock())
}

#[cfg(have_x264)]
fn version() -> ExitCode {
    write(
        &mut std::io::stdout(),
        &format!("libx264 {}\n", library::version()),
    );
    ExitCode::SUCCESS
}

#[cfg(not(have_x264))]
fn version() -> ExitCode {
    run()
}

/// Workprint encodes with ffmpeg then.
#[cfg(not(have_x264))]
fn run() -> ExitCode {
    let missing = "built without libx264: install libx264-dev and pkg-config and build again\n";
    write(&mut std::io::stderr(), missing);
    ExitCode::from(3)
}
