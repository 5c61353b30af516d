//! The mix: every placed sound at its sample, beds down under voices.

mod duck;
mod envelope;
mod lane;
mod player;
mod voices;

use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Decibels, Samples};

use crate::{Sink, Sound, SoundError};
use duck::Duckers;
use lane::Players;

pub use voices::{VoiceMatch, match_voices};

/// Frames in one block of the mix: 100 ms.
pub const BLOCK: usize = 4800;

/// Where the mix finds its sounds.
pub trait Library {
    /// Opens a placed sound at its beginning. Called when the sound begins to be heard, and for
    /// voices a second time, a little earlier, when something is ducked.
    fn open(&self, sound: &PlacedSound) -> Result<Box<dyn Sound>, SoundError>;
}

/// What a mix was like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MixReport {
    /// How many frames were given out: exactly the length asked for.
    pub length: Samples,
    /// The largest absolute sample, full scale at 1; there is no clipping. Of lanes, that of any.
    pub peak: f32,
    /// Samples in the sources that were not numbers, or 60 dB over full scale; they became 0.
    pub unusable: u64,
    /// The most sounds that were open at one time.
    pub most_open: usize,
    /// How many frames had voices in them that beds go down under.
    pub under_voice: Samples,
    /// Names of sounds that go on past the end and were cut.
    pub cut: Vec<String>,
    /// Names of sounds that were not heard at all: without length, or wholly past the end.
    pub unheard: Vec<String>,
}

/// A block of each lane that has sounds, all of the same length, in the order of [`Lane::ALL`].
pub type LaneSink<'a> = dyn FnMut(&[(Lane, Vec<f32>)]) -> Result<(), SoundError> + 'a;

/// Mixes `items` to exactly `length` frames of interleaved stereo, given out in blocks: the sum of
/// what [`mix_lanes`] gives.
pub fn mix(
    items: &[PlacedSound],
    length: Samples,
    library: &dyn Library,
    out: &mut Sink<'_>,
) -> Result<MixReport, SoundError> {
    let mut sum = Vec::new();
    let mut peak = 0.0f32;
    let mut at = 0;
    let mut report = mix_lanes(items, length, library, &mut |lanes| {
        let frames = (BLOCK as u64).min(length.0 - at);
        at += frames;
        sum.clear();
        sum.resize(frames as usize * 2, 0.0f32);
        for (_, block) in lanes {
            for (sum, sample) in sum.iter_mut().zip(block) {
                *sum += *sample;
            }
        }
        peak = sum.iter().fold(peak, |peak, s| peak.max(s.abs()));
        out(&sum)
    })?;
    report.peak = peak;
    Ok(report)
}

/// Mixes each lane of `items` by itself: stems, whose sum is the mix.
///
/// Mono goes to both channels as it is. A sound begins at exactly its sample. One that repeats joins
/// its end to its beginning by a crossfade of 20 ms, and one that does not ends with its source, its
/// fade out before that. What goes on past `length` is cut, with at least 10 ms of fade. A pan keeps
/// the power of both channels together; gains between two levels go evenly in decibels but for their
/// ease.
///
/// Items that are not voices go down by their `duck` under voices, as their [`Ducking`] says. With
/// its `speech_band` a bell of that depth around 950 Hz goes down, 3 dB less at 200 and 4500 Hz.
///
/// A sound is open only while it is heard, so neither memory nor open files grow with the length.
/// Sums are made in the order of `items`: the same items give the same bits.
///
/// [`Ducking`]: workprint_model::sound::Ducking
pub fn mix_lanes(
    items: &[PlacedSound],
    length: Samples,
    library: &dyn Library,
    out: &mut LaneSink<'_>,
) -> Result<MixReport, SoundError> {
    let mut report = MixReport {
        length,
        ..MixReport::default()
    };
    for item in items {
        if item.length == Samples(0) || item.from >= length {
            report.unheard.push(item.name.clone());
        } else if item.length > length - item.from {
            report.cut.push(item.name.clone());
        }
    }
    let mut duckers = Duckers::new(items, length, library);
    let mut lanes: Vec<(Lane, Players<'_>)> = Lane::ALL
        .into_iter()
        .filter(|lane| items.iter().any(|item| item.lane == *lane))
        .map(|lane| {
            let players = Players::new(items, length, library, |item| item.lane == lane);
            (lane, players)
        })
        .collect();
    let mut blocks: Vec<(Lane, Vec<f32>)> = lanes.iter().map(|(l, _)| (*l, Vec::new())).collect();
    let mut at = 0;
    while at < length.0 {
        let frames = (BLOCK as u64).min(length.0 - at) as usize;
        duckers.next(frames)?;
        let mut open = duckers.open();
        for ((_, players), (_, block)) in lanes.iter_mut().zip(&mut blocks) {
            block.clear();
            block.resize(frames * 2, 0.0f32);
            players.play(Samples(at), block, Some(&duckers))?;
            open += players.open();
            report.peak = block.iter().fold(report.peak, |peak, s| peak.max(s.abs()));
        }
        report.most_open = report.most_open.max(open);
        out(&blocks)?;
        at += frames as u64;
    }
    report.unusable = lanes.iter().map(|(_, players)| players.unusable()).sum();
    report.under_voice = duckers.under_voice();
    Ok(report)
}

/// How far an item goes down under voices: never up, and voices not at all.
fn duckable(item: &PlacedSound) -> Decibels {
    if item.lane == Lane::Voice {
        Decibels::new(0)
    } else {
        item.duck.min(Decibels::new(0))
    }
}
