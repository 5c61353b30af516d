//! Accents of a bed, on cuts.

use super::drums::{Drums, Stroke};
use super::harmony::Harmony;
use super::random::Random;
use super::room::Room;
use super::score::{Instrument, Note, Players};
use super::{Arrangement, RATE, Voice, pitch};

/// A bed with its accents.
struct Stung<V> {
    bed: V,
    players: Players,
    drums: Drums,
    room: Room,
}

/// A bed with the accents that it is told of; the bed itself where there are none.
pub(super) fn with<V: Voice + 'static>(
    (bed, harmony): (V, Harmony),
    seed: u32,
    how: &Arrangement,
) -> Box<dyn Voice> {
    if how.stingers.is_empty() {
        return Box::new(bed);
    }
    let (mut notes, mut strokes) = (Vec::new(), Vec::new());
    for at in &how.stingers {
        let (bass, voices) = harmony.at(at.0);
        notes.push(note(Instrument::Bass, at.0, bass - 12.0, (0.2, 0.0)));
        for (n, voice) in voices.iter().enumerate() {
            let pan = [-0.5, 0.3, -0.15, 0.5][n];
            notes.push(note(Instrument::Bell, at.0, voice + 12.0, (0.11, pan)));
        }
        strokes.push(Stroke::low(at.0, 0.8));
    }
    Box::new(Stung {
        bed,
        players: Players::new(notes, Random::new(seed, 20)),
        drums: Drums::new(strokes, Random::new(seed, 21)),
        room: Room::new(2.8, 4200.0, 1.0),
    })
}

fn note(instrument: Instrument, at: u64, semitone: f64, (level, pan): (f64, f64)) -> Note {
    Note {
        instrument,
        at,
        held: (1.2 * RATE) as u64,
        pitch: pitch(semitone),
        level,
        pan,
        bright: 0.7,
        slow: 0.0,
    }
}

impl<V: Voice> Voice for Stung<V> {
    fn next(&mut self) -> [f64; 2] {
        let bed = self.bed.next();
        let (notes, drums) = (self.players.next(), self.drums.next());
        let hit = [notes[0] + drums[0], notes[1] + drums[1]];
        let wet = self.room.next(hit);
        [
            bed[0] + hit[0] + wet[0] * 0.4,
            bed[1] + hit[1] + wet[1] * 0.4,
        ]
    }
}
