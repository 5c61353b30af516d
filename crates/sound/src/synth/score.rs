//! A score of notes and the instruments that play it.

use std::collections::VecDeque;

use super::RATE;
use super::random::Random;
use super::ring::Partial;

/// Frames played at once.
const STEP: usize = 64;
/// Binary logarithms of the first harmonics' numbers.
const LOG2: [f64; 10] = [
    0.0,
    1.0,
    1.584_962_500_721_156,
    2.0,
    2.321_928_094_887_362,
    2.584_962_500_721_156,
    2.807_354_922_057_604,
    3.0,
    3.169_925_001_442_312,
    std::f64::consts::LOG2_10,
];

/// What plays a note.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Instrument {
    /// Slow and warm: detuned harmonics.
    Pad,
    /// A soft bell, between celesta and music box.
    Bell,
    /// A plucked string.
    Pluck,
    /// A round bass.
    Bass,
    /// A piano with felt on its hammers.
    Piano,
    /// A wooden bar, struck softly.
    Marimba,
}

/// One note.
#[derive(Clone, Copy)]
pub(super) struct Note {
    pub(super) instrument: Instrument,
    /// Its first frame.
    pub(super) at: u64,
    /// Frames until it is let go.
    pub(super) held: u64,
    /// Frequency in Hz.
    pub(super) pitch: f64,
    /// Amplitude, about.
    pub(super) level: f64,
    /// −1 left to 1 right.
    pub(super) pan: f64,
    /// 0 dark to 1 bright.
    pub(super) bright: f64,
    /// Seconds to rise and, for pads, to fall.
    pub(super) slow: f64,
}

struct Sounding {
    partials: Vec<Partial>,
    age: u64,
    rise: u64,
    held: u64,
    fall: u64,
}

/// Plays a score.
pub(super) struct Players {
    /// Notes to come, the latest first.
    score: Vec<Note>,
    sounding: Vec<Sounding>,
    random: Random,
    ready: VecDeque<[f64; 2]>,
    at: u64,
}

impl Players {
    pub(super) fn new(mut score: Vec<Note>, random: Random) -> Self {
        score.sort_by_key(|note| std::cmp::Reverse(note.at));
        Self {
            score,
            sounding: Vec::new(),
            random,
            ready: VecDeque::with_capacity(STEP),
            at: 0,
        }
    }

    /// The next frame.
    pub(super) fn next(&mut self) -> [f64; 2] {
        if self.ready.is_empty() {
            self.play();
        }
        self.ready.pop_front().unwrap_or_default()
    }

    fn play(&mut self) {
        let mut out = [[0.0; 2]; STEP];
        let end = self.at + STEP as u64;
        let mut begun = Vec::new();
        while let Some(note) = self.score.pop_if(|note| note.at < end) {
            let late = note.at.saturating_sub(self.at) as usize;
            let mut sounding = Sounding::new(&note, &mut self.random);
            sounding.add(&mut out[late..]);
            begun.push(sounding);
        }
        for sounding in &mut self.sounding {
            sounding.add(&mut out);
        }
        self.sounding.append(&mut begun);
        self.sounding.retain(|sounding| !sounding.ended());
        self.ready.extend(out);
        self.at = end;
    }
}

impl Sounding {
    fn new(note: &Note, random: &mut Random) -> Self {
        let frames = |seconds: f64| (seconds * RATE) as u64;
        let (rise, fall) = match note.instrument {
            Instrument::Pad => (frames(note.slow), frames(note.slow * 1.6)),
            Instrument::Bell => (frames(0.004), frames(3.0)),
            Instrument::Pluck => (frames(0.003), frames(1.2)),
            Instrument::Bass => (frames(0.03), frames(0.25)),
            Instrument::Piano => (frames(0.006), frames(0.5)),
            Instrument::Marimba => (frames(0.002), frames(0.4)),
        };
        let partials = match note.instrument {
            Instrument::Pad => pad(note, random),
            Instrument::Bell => bell(note, random),
            Instrument::Pluck => pluck(note, random),
            Instrument::Bass => bass(note),
            Instrument::Piano => piano(note, random),
            Instrument::Marimba => marimba(note),
        };
        Self {
            partials,
            age: 0,
            rise,
            held: note.held.max(rise),
            fall,
        }
    }

    fn ended(&self) -> bool {
        self.age > self.held + self.fall || self.partials.iter().all(Partial::silent)
    }

    fn add(&mut self, out: &mut [[f64; 2]]) {
        let mut sum = [[0.0; 2]; STEP];
        let sum = &mut sum[..out.len()];
        Partial::add(&mut self.partials, sum);
        for (n, (out, sum)) in out.iter_mut().zip(sum).enumerate() {
            let gain = self.gain(self.age + n as u64);
            out[0] += sum[0] * gain;
            out[1] += sum[1] * gain;
        }
        self.age += out.len() as u64;
    }

    fn gain(&self, age: u64) -> f64 {
        let smooth = |x: f64| x * x * (3.0 - 2.0 * x);
        let up = if age < self.rise {
            smooth(age as f64 / self.rise as f64)
        } else {
            1.0
        };
        let past = age.saturating_sub(self.held);
        if past == 0 {
            up
        } else if past < self.fall {
            up * smooth(1.0 - past as f64 / self.fall as f64)
        } else {
            0.0
        }
    }
}

/// A harmonic's number to a negative power.
fn falling(harmonic: usize, power: f64) -> f64 {
    crate::elementary::exp2(-power * LOG2[harmonic - 1])
}

fn pad(note: &Note, random: &mut Random) -> Vec<Partial> {
    let mut partials = Vec::new();
    for (cents, side) in [(-5.0, -0.7), (0.4, 0.0), (5.5, 0.7)] {
        let cents = cents + random.between(-1.2, 1.2);
        let pitch = note.pitch * crate::elementary::exp2(cents / 1200.0);
        for harmonic in 1..=8 {
            let frequency = pitch * harmonic as f64;
            if frequency > 7000.0 {
                break;
            }
            // Even harmonics a little weaker: warmer, nearer to a clarinet than to a saw.
            let odd = if harmonic % 2 == 0 { 0.6 } else { 1.0 };
            let level = note.level * odd * falling(harmonic, 2.6 - 1.2 * note.bright) / 2.2;
            let pan = note.pan * 0.5 + side;
            partials.push(Partial::new(frequency, level, random.part(), 0.0, pan));
        }
    }
    partials
}

fn bell(note: &Note, random: &mut Random) -> Vec<Partial> {
    let shape = [
        (1.0, 1.0, 4.5),
        (2.0, 0.32, 2.6),
        (3.01, 0.16, 1.5),
        (4.17, 0.09, 0.8),
        (5.43, 0.05, 0.45),
        (8.2, 0.025, 0.2),
    ];
    let mut partials = Vec::new();
    for (n, (ratio, level, ring)) in shape.into_iter().enumerate() {
        let frequency = note.pitch * ratio;
        let dark = 0.35 + 0.65 * note.bright;
        let level = note.level * if n == 0 { level } else { level * dark };
        // Two of each, a little apart, so that the tone lives.
        for side in [-0.25, 0.25] {
            let apart = 1.0 + side * 0.0009 * random.between(0.6, 1.4);
            let pan = note.pan + side;
            partials.push(Partial::new(frequency * apart, level * 0.5, 0.0, ring, pan));
        }
    }
    partials
}

fn pluck(note: &Note, random: &mut Random) -> Vec<Partial> {
    let mut partials = Vec::new();
    // Where the string is plucked: harmonics with a node there are missing.
    let place = random.between(0.21, 0.24);
    for harmonic in 1..=10 {
        let number = harmonic as f64;
        let stretched = number * (1.0 + 0.000_12 * number * number);
        let frequency = note.pitch * stretched;
        if frequency > 12_000.0 {
            break;
        }
        let node = crate::elementary::sine(number * place / 2.0);
        let level = note.level * node * falling(harmonic, 1.9 - 0.9 * note.bright) * 1.5;
        let ring = 2.4 * falling(harmonic, 0.8) * (330.0 / note.pitch).clamp(0.5, 1.6);
        partials.push(Partial::new(frequency, level, 0.0, ring, note.pan));
    }
    partials
}

/// Strings in pairs a little apart, dark, that fall fast at first.
fn piano(note: &Note, random: &mut Random) -> Vec<Partial> {
    let mut partials = Vec::new();
    for harmonic in 1..=8 {
        let number = harmonic as f64;
        let stretched = number * (1.0 + 0.000_25 * number * number);
        let frequency = note.pitch * stretched;
        if frequency > 6000.0 {
            break;
        }
        let level = note.level * falling(harmonic, 2.4 - 1.2 * note.bright);
        let ring = 5.0 * falling(harmonic, 0.7) * (260.0 / note.pitch).clamp(0.4, 1.8);
        for (side, ring) in [(-0.2, ring), (0.2, ring * 0.35)] {
            let apart = 1.0 + side * 0.0012 * random.between(0.7, 1.3);
            let pan = note.pan + side;
            partials.push(Partial::new(
                frequency * apart,
                level * 0.55,
                0.0,
                ring,
                pan,
            ));
        }
    }
    partials
}

/// The bar is tuned so that its overtones lie two octaves and a little more than three above.
fn marimba(note: &Note) -> Vec<Partial> {
    let shape = [(1.0, 1.0, 1.3), (3.98, 0.22, 0.35), (9.6, 0.05, 0.12)];
    let length = (330.0 / note.pitch).clamp(0.5, 1.5);
    shape
        .into_iter()
        .map(|(ratio, level, ring)| {
            let level = note.level * level;
            Partial::new(note.pitch * ratio, level, 0.0, ring * length, note.pan)
        })
        .collect()
}

fn bass(note: &Note) -> Vec<Partial> {
    let shape = [(1usize, 1.0), (2, 0.5), (3, 0.22), (4, 0.08)];
    shape
        .into_iter()
        .map(|(harmonic, level)| {
            let ring = 7.0 * falling(harmonic, 0.9);
            let frequency = note.pitch * harmonic as f64;
            let level = note.level * level * if harmonic == 1 { 1.0 } else { note.bright };
            Partial::new(frequency, level, 0.0, ring, note.pan)
        })
        .collect()
}
