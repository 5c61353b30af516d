//! Writes every synthesised sound into a folder as WAV, to be listened to.
//!
//! `cargo run --release -p workprint-sound --example listen -- FOLDER [SEED]`

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use workprint_model::sound::SynthKind;
use workprint_sound::synth::{synthesise, usual_length};
use workprint_sound::wav::{WavBits, write_wav};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let seed = arguments.next().map_or(Ok(0), |seed| seed.parse())?;
    for kind in SynthKind::ALL {
        let name = format!("{kind:?}");
        let file = File::create(folder.join(format!("{name}-{seed}.wav")))?;
        let mut writer = write_wav(BufWriter::new(file), 2, WavBits::I24)?;
        synthesise(kind, seed, usual_length(kind), &mut |block| {
            writer.write(block)
        })?;
        writer.finish()?;
    }
    Ok(())
}
