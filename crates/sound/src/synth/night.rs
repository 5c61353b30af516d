//! A bed like a night: a low drone that beats, far tones, something in the dark.

use super::filter::{LowPass, Pink, Wander, edge};
use super::harmony::Harmony;
use super::random::Random;
use super::ring::Partial;
use super::room::Room;
use super::score::{Instrument, Note, Players};
use super::{Arrangement, RATE, Voice, pitch};

/// One voice of the drone: partials, and how its level wanders.
struct Drone {
    partials: Vec<Partial>,
    swell: Wander,
}

pub(super) struct Night {
    drones: Vec<Drone>,
    players: Players,
    room: Room,
    rumble: [(LowPass, LowPass, Pink, Random); 2],
    gust: Wander,
}

impl Night {
    pub(super) fn new(seed: u32, length: u64, how: &Arrangement) -> (Self, Harmony) {
        let mut random = Random::new(seed, 1);
        // The D of 73 Hz, or C, E flat or the B under it.
        let own = random.choose(&[0.0, -2.0, 1.0, -3.0]);
        let key = how.tonic().map_or(26.0 + own, |tonic| 24.0 + tonic);
        let low = |stream| {
            let noise = Random::new(seed, stream);
            (
                LowPass::default(),
                LowPass::default(),
                Pink::default(),
                noise,
            )
        };
        let bed = Self {
            drones: drones(seed, key, &mut random),
            players: Players::new(score(key, length, &mut random), Random::new(seed, 2)),
            room: Room::new(6.5, 2400.0, 1.15),
            rumble: [low(3), low(4)],
            gust: Wander::new(Random::new(seed, 5), 4.0, 9.0),
        };
        let harmony = Harmony {
            key: key + 12.0,
            spans: Vec::new(),
            chords: &[],
        };
        (bed, harmony)
    }
}

impl Voice for Night {
    fn next(&mut self) -> [f64; 2] {
        let mut dry = [[0.0; 2]];
        for drone in &mut self.drones {
            let mut voice = [[0.0; 2]];
            Partial::add(&mut drone.partials, &mut voice);
            let swell = 0.25 + 0.75 * drone.swell.next();
            dry[0][0] += voice[0][0] * swell;
            dry[0][1] += voice[0][1] * swell;
        }
        let tones = self.players.next();
        let wet = self
            .room
            .next([dry[0][0] * 0.35 + tones[0], dry[0][1] * 0.35 + tones[1]]);
        let gust = self.gust.next();
        let part = edge(90.0 + 260.0 * gust);
        let mut out = [0.0; 2];
        for (c, (first, second, pink, random)) in self.rumble.iter_mut().enumerate() {
            let low = second.next(first.next(pink.next(random), part), part);
            out[c] = dry[0][c] + tones[c] * 0.4 + wet[c] * 0.7 + low * (0.05 + 0.16 * gust);
        }
        out
    }
}

/// Root, fifth and octave that hold for ever; over them a far minor second that comes and goes.
fn drones(seed: u32, key: f64, random: &mut Random) -> Vec<Drone> {
    let shape = [
        (0.0, 0.085, 6, 0.0),
        (7.0, 0.042, 4, -0.4),
        (12.0, 0.036, 4, 0.4),
        (27.0, 0.010, 2, -0.8),
        (37.0, 0.0045, 1, 0.8),
    ];
    let mut drones = Vec::new();
    for (n, (semitone, level, harmonics, pan)) in shape.into_iter().enumerate() {
        let mut partials = Vec::new();
        for harmonic in 1..=harmonics {
            let number = f64::from(harmonic);
            for side in [-0.5, 0.5] {
                // Pairs that beat once in some seconds.
                let beat = side * random.between(0.11, 0.33) * number;
                let frequency = pitch(key + semitone) * number + beat;
                let level = level / (number * number.sqrt());
                partials.push(Partial::new(
                    frequency,
                    level,
                    random.part(),
                    0.0,
                    pan + side,
                ));
            }
        }
        let swell = Wander::new(Random::new(seed, 10 + n as u64), 3.5, 9.0);
        drones.push(Drone { partials, swell });
    }
    drones
}

/// Single tones of a minor scale, far apart, sometimes answered a half step away.
fn score(key: f64, length: u64, random: &mut Random) -> Vec<Note> {
    let frames = |seconds: f64| (seconds * RATE) as u64;
    let mut notes = Vec::new();
    let mut at = frames(random.between(2.5, 4.5));
    // The last tones have time to fade.
    let end = length.saturating_sub(frames(7.0));
    while at < end {
        let tone = random.choose(&[24.0, 27.0, 31.0, 32.0]);
        let mut add = |at: u64, semitone: f64, level: f64, pan: f64| {
            notes.push(Note {
                instrument: Instrument::Bell,
                at,
                held: frames(5.0),
                pitch: pitch(key + semitone),
                level,
                pan,
                bright: 0.15,
                slow: 0.0,
            });
        };
        let side = random.between(-0.7, 0.7);
        add(at, tone, random.between(0.045, 0.085), side);
        if random.chance(0.4) {
            let answer = at + frames(random.between(1.1, 1.9));
            add(
                answer,
                tone + random.choose(&[-1.0, 1.0, 3.0, -5.0]),
                0.035,
                -side,
            );
        }
        at += frames(random.between(4.5, 9.0));
    }
    notes
}
