//! Sounds made from nothing: beds and effects, the same for the same seed.
//!
//! One file for each [`SynthKind`], and what they share: random numbers, partials that ring, scores
//! of notes, noise filters and a room. All arithmetic is `f64` addition, multiplication, division
//! and [`elementary`](crate::elementary), which every machine rounds alike.

mod bell;
mod bright;
mod composed;
mod dawn;
mod drums;
mod filter;
mod grains;
mod harmony;
mod moods;
mod night;
mod random;
mod ring;
mod room;
mod score;
mod strikes;
mod stung;
mod switch;
mod waves;
mod whoosh;
mod wind;

use workprint_model::sound::{SynthKind, Tonic};
use workprint_model::{Millis, SAMPLE_RATE, Samples};

use crate::elementary::raised_cosine;
use crate::{Sink, SoundError};

/// Samples a second.
const RATE: f64 = SAMPLE_RATE as f64;
/// The highest amplitude: −3.1 dB under full scale.
const CEILING: f64 = 0.7;
/// Frames given out at once.
const BLOCK: u64 = 4800;

/// Something that makes one stereo frame after the other.
trait Voice {
    fn next(&mut self) -> [f64; 2];
}

/// How a bed is arranged, beyond its kind and seed. Other kinds take no notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// Beats a minute; the bed's own where it is missing. A bed is stretched a little so that its
    /// chords fill its length. `night-bed` has no beat.
    pub tempo: Option<u16>,
    /// The note that it is at home in; chosen by its seed where it is missing.
    pub key: Option<Tonic>,
    /// When it strikes an accent, in the chord of the moment.
    pub stingers: Vec<Samples>,
}

impl Arrangement {
    /// The key's note in semitones from C, −5 to 6.
    fn tonic(&self) -> Option<f64> {
        let semitones = f64::from(self.key?.semitones());
        Some(if semitones > 6.0 {
            semitones - 12.0
        } else {
            semitones
        })
    }
}

/// How long a sound of a kind is when nobody says.
pub const fn usual_length(kind: SynthKind) -> Samples {
    let millis = match kind {
        kind if kind.is_bed() => 60_000,
        SynthKind::Waves
        | SynthKind::Wind
        | SynthKind::RoomTone
        | SynthKind::Rain
        | SynthKind::Fire => 30_000,
        SynthKind::Bell => 7000,
        SynthKind::Applause => 5000,
        SynthKind::Riser | SynthKind::Impact => 3000,
        SynthKind::Chime => 2200,
        SynthKind::Whoosh => 1400,
        SynthKind::Switch => 1200,
        SynthKind::Pop => 400,
        // A click; beds are above.
        _ => 300,
    };
    Millis(millis).samples()
}

/// Synthesises exactly `length` frames of interleaved stereo, given out in blocks.
///
/// The same kind, seed and length give the same bits on every machine. A bed is composed for its
/// length: its last chord comes in time to ring out. Peaks stay under −3 dB full scale, there is no
/// offset, and both ends are silent. Memory grows by no more than a bed's score, some hundred bytes
/// a second.
pub fn synthesise(
    kind: SynthKind,
    seed: u32,
    length: Samples,
    out: &mut Sink<'_>,
) -> Result<(), SoundError> {
    arrange(kind, seed, (length, &Arrangement::default()), out)
}

/// The same, a bed arranged as it is told.
pub fn arrange(
    kind: SynthKind,
    seed: u32,
    (length, how): (Samples, &Arrangement),
    out: &mut Sink<'_>,
) -> Result<(), SoundError> {
    let frames = length.0;
    let mut voice = voice(kind, seed, frames, how);
    let mut polish = Polish::new(kind, frames);
    let mut block = vec![0.0f32; BLOCK as usize * 2];
    let mut at = 0;
    while at < frames {
        let count = BLOCK.min(frames - at) as usize;
        for frame in block[..count * 2].chunks_exact_mut(2) {
            let [left, right] = polish.apply(voice.next());
            frame[0] = left as f32;
            frame[1] = right as f32;
        }
        out(&block[..count * 2])?;
        at += count as u64;
    }
    Ok(())
}

/// What makes the frames of a kind.
fn voice(kind: SynthKind, seed: u32, frames: u64, how: &Arrangement) -> Box<dyn Voice> {
    use grains::{Grains, Texture};
    let mood = |mood| stung::with(composed::Composed::new(mood, seed, frames, how), seed, how);
    match kind {
        SynthKind::DawnBed => stung::with(dawn::Dawn::new(seed, frames, how), seed, how),
        SynthKind::NightBed => stung::with(night::Night::new(seed, frames, how), seed, how),
        SynthKind::BrightBed => stung::with(bright::Bright::new(seed, frames, how), seed, how),
        SynthKind::CalmBed => mood(&moods::CALM),
        SynthKind::TenderBed => mood(&moods::TENDER),
        SynthKind::TenseBed => mood(&moods::TENSE),
        SynthKind::PlayfulBed => mood(&moods::PLAYFUL),
        SynthKind::CuriousBed => mood(&moods::CURIOUS),
        SynthKind::HeroicBed => mood(&moods::HEROIC),
        SynthKind::Waves => Box::new(waves::Waves::new(seed)),
        SynthKind::Wind => Box::new(wind::Wind::new(seed)),
        SynthKind::Bell => Box::new(bell::Bell::new(seed)),
        SynthKind::Switch => Box::new(switch::Switch::new(seed)),
        SynthKind::Whoosh => Box::new(whoosh::Whoosh::new(seed, frames)),
        SynthKind::RoomTone => Box::new(Grains::new(Texture::RoomTone, seed)),
        SynthKind::Rain => Box::new(Grains::new(Texture::Rain, seed)),
        SynthKind::Fire => Box::new(Grains::new(Texture::Fire, seed)),
        SynthKind::Applause => Box::new(Grains::new(Texture::Applause, seed)),
        SynthKind::Riser => Box::new(strikes::Riser::new(seed, frames)),
        SynthKind::Impact => Box::new(strikes::Strike::impact(seed)),
        SynthKind::Click => Box::new(strikes::Strike::click(seed)),
        SynthKind::Pop => Box::new(strikes::Pop::new(seed)),
        SynthKind::Chime => Box::new(strikes::Chime::new(seed)),
    }
}

/// The last touch: no offset, soft peaks, silent ends.
struct Polish {
    at: u64,
    length: u64,
    fade_in: u64,
    fade_out: u64,
    before: [f64; 2],
    blocked: [f64; 2],
}

impl Polish {
    fn new(kind: SynthKind, length: u64) -> Self {
        let (fade_in, fade_out) = match kind {
            SynthKind::DawnBed => (0.2, 3.0),
            SynthKind::NightBed => (2.5, 5.0),
            SynthKind::BrightBed | SynthKind::PlayfulBed | SynthKind::CuriousBed => (0.002, 1.5),
            SynthKind::CalmBed | SynthKind::TenderBed => (0.01, 3.0),
            SynthKind::TenseBed | SynthKind::HeroicBed => (0.004, 2.0),
            // A texture begins and ends in a lull, so that it can also stand alone.
            SynthKind::Waves
            | SynthKind::Wind
            | SynthKind::Rain
            | SynthKind::Fire
            | SynthKind::RoomTone => (1.5, 2.0),
            SynthKind::Bell | SynthKind::Impact => (0.001, 1.5),
            SynthKind::Switch | SynthKind::Pop => (0.001, 0.15),
            SynthKind::Chime => (0.001, 0.8),
            SynthKind::Click => (0.001, 0.1),
            SynthKind::Applause => (0.3, 1.8),
            SynthKind::Riser => (0.05, 0.03),
            SynthKind::Whoosh => (0.02, 0.05),
        };
        let part = |seconds: f64| ((seconds * RATE) as u64).min(length / 3);
        Self {
            at: 0,
            length,
            fade_in: part(fade_in),
            fade_out: part(fade_out),
            before: [0.0; 2],
            blocked: [0.0; 2],
        }
    }

    fn apply(&mut self, frame: [f64; 2]) -> [f64; 2] {
        let ramp = |at: u64, length: u64| {
            if at >= length {
                1.0
            } else {
                raised_cosine((at as f64 + 0.5) / length as f64)
            }
        };
        let left = self.length.saturating_sub(self.at + 1);
        let gain = ramp(self.at, self.fade_in) * ramp(left, self.fade_out);
        self.at += 1;
        let mut out = [0.0; 2];
        for (c, out) in out.iter_mut().enumerate() {
            // A high pass at about 15 Hz.
            self.blocked[c] = frame[c] - self.before[c] + 0.998 * self.blocked[c];
            self.before[c] = frame[c];
            *out = CEILING * soft(self.blocked[c] / CEILING) * gain;
        }
        out
    }
}

/// Nearly straight for small values, level at ±1 from ±1.5 on.
fn soft(x: f64) -> f64 {
    let x = x.clamp(-1.5, 1.5);
    x - x * x * x * (4.0 / 27.0)
}

/// The frequency of a note in semitones over the C of 16.35 Hz.
fn pitch(semitone: f64) -> f64 {
    16.351_597_831_287_414 * crate::elementary::exp2(semitone / 12.0)
}

/// The factor a frame by which something falls by 60 dB in `seconds`.
fn decay(seconds: f64) -> f64 {
    crate::elementary::amplitude(-60.0 / (seconds.max(1e-3) * RATE))
}
