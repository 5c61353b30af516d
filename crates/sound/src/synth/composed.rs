//! Beds that a mood composes: what lies beneath, a bass, a figure that moves, a tune, drums.

use super::drums::{Drums, Stroke};
use super::harmony::{Harmony, Span, lay};
use super::moods::{Mood, STEPS, Sound};
use super::random::Random;
use super::room::Room;
use super::score::{Instrument, Note, Players};
use super::{Arrangement, RATE, Voice, pitch};

/// A bed being played.
pub(super) struct Composed {
    players: Players,
    drums: Drums,
    room: Room,
    wet: f64,
    level: f64,
}

impl Composed {
    /// A bed of a mood, as long as it is to be, and its harmony.
    pub(super) fn new(
        mood: &'static Mood,
        seed: u32,
        length: u64,
        how: &Arrangement,
    ) -> (Self, Harmony) {
        let mut random = Random::new(seed, 1);
        let own = random.choose(&mood.keys);
        let key = 36.0 + how.tonic().unwrap_or(own);
        let bar = 240.0 / how.tempo.map_or(mood.tempo, f64::from);
        let frames = |seconds: f64| (seconds * RATE) as u64;
        let each = frames(bar * mood.bars).max(1);
        let spans = lay(length, each, frames(mood.ending), mood.chords.len());
        let mut score = Score {
            mood,
            key,
            notes: Vec::new(),
            strokes: Vec::new(),
            tune: 2,
        };
        let count = spans.len();
        for (n, span) in spans.iter().enumerate() {
            if span.last {
                score.close(*span);
            } else {
                score.chord(*span, (n, count), &mut random);
            }
        }
        let bed = Self {
            players: Players::new(score.notes, Random::new(seed, 2)),
            drums: Drums::new(score.strokes, Random::new(seed, 3)),
            room: Room::new(mood.room.0, mood.room.1, 0.9),
            wet: mood.room.2,
            level: mood.level,
        };
        let harmony = Harmony {
            key,
            spans,
            chords: mood.chords,
        };
        (bed, harmony)
    }
}

impl Voice for Composed {
    fn next(&mut self) -> [f64; 2] {
        let notes = self.players.next();
        let drums = self.drums.next();
        let sent = |c: usize| notes[c] * 0.8 + drums[c] * 0.25;
        let wet = self.room.next([sent(0), sent(1)]);
        let sum = |c: usize| (notes[c] + drums[c] + wet[c] * self.wet) * self.level;
        [sum(0), sum(1)]
    }
}

/// A score being written.
struct Score {
    mood: &'static Mood,
    key: f64,
    notes: Vec<Note>,
    strokes: Vec<Stroke>,
    /// The step of the scale that the tune is at.
    tune: i32,
}

impl Score {
    /// One chord of the body. The first quarter has no drums, so that it grows, and the last eighth
    /// none either, so that it comes to rest.
    fn chord(&mut self, span: Span, (n, count): (usize, usize), random: &mut Random) {
        self.pads(span);
        let grown = n * 4 >= count;
        let leaving = (n + 1) * 8 > count * 7 && count > 4;
        let bars = (self.mood.bars.max(1.0)) as usize;
        for step in 0..STEPS * bars {
            let place = step % STEPS;
            let at = span.at + span.length * step as u64 / (STEPS * bars) as u64;
            let eighth = span.length / (STEPS * bars) as u64;
            let late = (random.between(0.0, 0.007) * RATE) as u64;
            self.bass(span, (at, eighth), place);
            self.figure(span, at + late, place, random);
            if grown {
                self.tune(span, at + late, place, random);
            }
            if grown && !leaving {
                self.drums(at, place, random);
            }
        }
    }

    fn pads(&mut self, span: Span) {
        let chord = &self.mood.chords[span.chord];
        let (level, bright, slow) = self.mood.pad;
        if level <= 0.0 {
            return;
        }
        let seconds = span.length as f64 / RATE;
        let held = if span.last {
            span.length * 2 / 5
        } else {
            span.length
        };
        let lowest = std::iter::once((chord.bass, 0.0, level * 1.2));
        let voices = chord.voices.iter().enumerate();
        let voices = voices.map(|(n, voice)| (*voice, [-0.6, 0.35, -0.25, 0.6][n], level));
        for (semitone, pan, level) in lowest.chain(voices) {
            self.notes.push(Note {
                instrument: Instrument::Pad,
                at: span.at,
                held,
                pitch: pitch(self.key + semitone),
                level,
                pan,
                bright,
                slow: slow.min(seconds * 0.35),
            });
        }
    }

    fn bass(&mut self, span: Span, (at, eighth): (u64, u64), place: usize) {
        let level = self.mood.bass[place];
        if level <= 0.0 {
            return;
        }
        let rest = self.mood.bass[place + 1..].iter().position(|l| *l > 0.0);
        let eighths = rest.map_or(STEPS - place, |rest| rest + 1) as u64;
        let walks = self.mood.tempo > 110.0;
        let chord = &self.mood.chords[span.chord];
        // A bass that walks goes by the fifth and the octave.
        let step = if walks {
            [0.0, 7.0, 12.0, 7.0][place / 2]
        } else {
            0.0
        };
        let low = if chord.bass < -6.0 { 12.0 } else { 0.0 };
        self.notes.push(Note {
            instrument: Instrument::Bass,
            at,
            held: eighth * eighths,
            pitch: pitch(self.key + chord.bass + low - 12.0 + step),
            level,
            pan: 0.0,
            bright: 0.7,
            slow: 0.0,
        });
    }

    fn figure(&mut self, span: Span, at: u64, place: usize, random: &mut Random) {
        let voice = usize::try_from(self.mood.figure[place]);
        let (level, sound) = self.mood.figure_sound;
        let Ok(voice) = voice else { return };
        let chord = &self.mood.chords[span.chord];
        let accent = if place.is_multiple_of(4) { 1.0 } else { 0.78 };
        self.play(
            sound,
            at,
            chord.voices[voice],
            level * accent * random.between(0.82, 1.0),
        );
    }

    /// The tune goes by steps, seldom leaps, and stays within an octave and a half.
    fn tune(&mut self, span: Span, at: u64, place: usize, random: &mut Random) {
        let (chance, level, sound) = self.mood.tune;
        let strong = place.is_multiple_of(4);
        if !random.chance(if strong { chance * 2.0 } else { chance }) {
            return;
        }
        let leap = random.choose(&[-1, 1, -2, 1]) + i32::from(random.chance(0.12)) * 2;
        self.tune = (self.tune + leap).clamp(-1, 6);
        let octave = if self.tune < 0 { -12.0 } else { 0.0 };
        let mut semitone = self.mood.scale[self.tune.rem_euclid(7) as usize] + octave;
        if strong {
            // On strong beats a note of the chord: the nearest one.
            let chord = &self.mood.chords[span.chord];
            let near = |voice: &f64| {
                let apart = (semitone - voice).rem_euclid(12.0);
                if apart > 6.0 { 12.0 - apart } else { -apart }
            };
            let moves = chord.voices.iter().map(near);
            let least = moves.min_by(|a, b| a.abs().total_cmp(&b.abs()));
            semitone += least.unwrap_or(0.0);
        }
        let up = if sound == Sound::Horn { 12.0 } else { 24.0 };
        self.play(sound, at, semitone + up, level * random.between(0.75, 1.0));
    }

    fn play(&mut self, sound: Sound, at: u64, semitone: f64, level: f64) {
        let (instrument, held, bright, slow) = match sound {
            Sound::Piano => (Instrument::Piano, 2.4, 0.4, 0.0),
            Sound::Pluck => (Instrument::Pluck, 0.6, 0.5, 0.0),
            Sound::Marimba => (Instrument::Marimba, 1.0, 0.5, 0.0),
            Sound::Bell => (Instrument::Bell, 2.5, 0.5, 0.0),
            Sound::Horn => (Instrument::Pad, 0.6, 0.9, 0.08),
        };
        self.notes.push(Note {
            instrument,
            at,
            held: (held * RATE) as u64,
            pitch: pitch(self.key + semitone),
            level,
            pan: ((semitone - 18.0) / 16.0).clamp(-0.5, 0.5),
            bright,
            slow,
        });
    }

    fn drums(&mut self, at: u64, place: usize, random: &mut Random) {
        let drum = self.mood.drum[place];
        if drum > 0.0 {
            self.strokes
                .push(Stroke::low(at, drum * random.between(0.85, 1.0)));
        }
        let tick = self.mood.tick[place];
        if tick > 0.0 {
            self.strokes
                .push(Stroke::tick(at, tick * random.between(0.7, 1.0)));
        }
    }

    /// Home: the first chord once more, rolled upwards, and a low note that rings out.
    fn close(&mut self, span: Span) {
        self.pads(span);
        let chord = &self.mood.chords[0];
        let (level, sound) = self.mood.figure_sound;
        let sound = if sound == Sound::Pluck && self.mood.tune.2 != Sound::Horn {
            self.mood.tune.2
        } else {
            sound
        };
        let top = [12.0 + chord.voices[0], 24.0];
        for (n, semitone) in chord.voices.iter().chain(&top).enumerate() {
            let late = (0.06 * RATE) as u64 * n as u64;
            self.play(sound, span.at + late, *semitone, level.max(0.1));
        }
        self.notes.push(Note {
            instrument: Instrument::Bass,
            at: span.at,
            held: span.length / 2,
            pitch: pitch(self.key + chord.bass - 12.0),
            level: 0.15,
            pan: 0.0,
            bright: 0.6,
            slow: 0.0,
        });
        if self.mood.drum[0] > 0.0 {
            self.strokes.push(Stroke::low(span.at, self.mood.drum[0]));
        }
    }
}
