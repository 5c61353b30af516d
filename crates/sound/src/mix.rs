//! The mix: every placed sound at its sample, beds down under voices.

mod duck;
mod lane;
mod player;

use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{Decibels, Samples};

use crate::{Sink, Sound, SoundError};
use duck::Ducker;
use lane::Players;

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
    /// The largest absolute sample, full scale at 1; there is no clipping.
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

/// Mixes `items` to exactly `length` frames of interleaved stereo, given out in blocks.
///
/// Mono goes to both channels as it is. A sound begins at exactly its sample; fades are raised
/// cosines. One that repeats joins its end to its beginning by a crossfade of 20 ms, and one that
/// does not ends with its source, its fade out before that. What goes on past `length` is cut, with
/// at least 10 ms of fade.
///
/// Items that are not voices go down by their `duck` under voices: down within 160 ms *before*
/// speech, kept down over pauses shorter than about half a second, up again within 600 ms.
///
/// A sound is open only while it is heard, so neither memory nor open files grow with the length.
/// Sums are made in the order of `items`: the same items give the same bits.
pub fn mix(
    items: &[PlacedSound],
    length: Samples,
    library: &dyn Library,
    out: &mut Sink<'_>,
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
    let ducked = items.iter().any(|item| duckable(item) < Decibels::new(0));
    let mut ducker = ducked.then(|| Ducker::new(items, length, library));
    let mut players = Players::new(items, length, library, |_| true);
    let mut block = vec![0.0f32; BLOCK * 2];
    let mut at = 0;
    while at < length.0 {
        let frames = (BLOCK as u64).min(length.0 - at) as usize;
        let block = &mut block[..frames * 2];
        block.fill(0.0);
        let curve = match &mut ducker {
            Some(ducker) => Some(ducker.next(frames)?),
            None => None,
        };
        players.play(Samples(at), block, curve)?;
        let open = players.open() + ducker.as_ref().map_or(0, Ducker::open);
        report.most_open = report.most_open.max(open);
        report.peak = block.iter().fold(report.peak, |peak, s| peak.max(s.abs()));
        out(block)?;
        at += frames as u64;
    }
    report.unusable = players.unusable();
    report.under_voice = ducker.map_or(Samples(0), |ducker| ducker.under_voice());
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
