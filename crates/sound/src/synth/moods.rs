//! What composed beds are made of: a mood is a row of this table.

use super::harmony::Chord;

/// Eighths of a bar.
pub(super) const STEPS: usize = 8;

/// How a bed is composed.
pub(super) struct Mood {
    /// Beats a minute, where nobody says.
    pub(super) tempo: f64,
    /// Bars that a chord lasts.
    pub(super) bars: f64,
    /// Seconds of the last chord.
    pub(super) ending: f64,
    /// What a bed may be at home in, in semitones over C.
    pub(super) keys: [f64; 4],
    /// Its chords, the first one home.
    pub(super) chords: &'static [Chord],
    /// Semitones of the steps that a tune goes in.
    pub(super) scale: [f64; 7],
    /// Level, brightness and seconds to rise of what lies beneath.
    pub(super) pad: (f64, f64, f64),
    /// The bass: level at each eighth of a chord, 0 for none.
    pub(super) bass: [f64; STEPS],
    /// What moves: which voice of the chord at each eighth, −1 for none.
    pub(super) figure: [i8; STEPS],
    /// Its level, and what plays it.
    pub(super) figure_sound: (f64, Sound),
    /// How likely each eighth has a note of the tune, its level, and what plays it.
    pub(super) tune: (f64, f64, Sound),
    /// Levels of the low drum, and of what ticks, at each eighth.
    pub(super) drum: [f64; STEPS],
    pub(super) tick: [f64; STEPS],
    /// Seconds and edge in Hz of its room, and how much of that is heard.
    pub(super) room: (f64, f64, f64),
    /// How loud all of it is, against the others.
    pub(super) level: f64,
}

/// What plays a figure or a tune.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sound {
    Piano,
    Pluck,
    Marimba,
    Bell,
    Horn,
}

const fn chord(bass: f64, voices: [f64; 4]) -> Chord {
    Chord { bass, voices }
}

const MAJOR: [f64; 7] = [0.0, 2.0, 4.0, 7.0, 9.0, 12.0, 14.0];
const MINOR: [f64; 7] = [0.0, 2.0, 3.0, 7.0, 8.0, 12.0, 14.0];
const DORIAN: [f64; 7] = [0.0, 2.0, 3.0, 7.0, 9.0, 12.0, 14.0];
const NONE: [f64; STEPS] = [0.0; STEPS];

/// Out of the way: add9, vi7, IVmaj7, Vsus, long, with keys now and then.
pub(super) const CALM: Mood = Mood {
    tempo: 72.0,
    bars: 2.0,
    ending: 8.0,
    keys: [0.0, 2.0, 5.0, -3.0],
    chords: &[
        chord(0.0, [7.0, 14.0, 16.0, 19.0]),
        chord(-3.0, [7.0, 12.0, 16.0, 19.0]),
        chord(-7.0, [9.0, 12.0, 16.0, 19.0]),
        chord(-5.0, [7.0, 12.0, 14.0, 19.0]),
    ],
    scale: MAJOR,
    pad: (0.042, 0.25, 1.8),
    bass: [0.10, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    figure: [-1, -1, 1, -1, 2, -1, -1, 3],
    figure_sound: (0.10, Sound::Piano),
    tune: (0.12, 0.10, Sound::Piano),
    drum: NONE,
    tick: NONE,
    room: (3.6, 3600.0, 0.5),
    level: 1.0,
};

/// Sad and close: a minor progression, broken chords, a lone line.
pub(super) const TENDER: Mood = Mood {
    tempo: 66.0,
    bars: 1.0,
    ending: 7.5,
    keys: [-3.0, 2.0, 0.0, 4.0],
    chords: &[
        chord(0.0, [7.0, 12.0, 15.0, 19.0]),
        chord(-4.0, [8.0, 12.0, 15.0, 20.0]),
        chord(-9.0, [7.0, 10.0, 15.0, 19.0]),
        chord(-2.0, [5.0, 10.0, 14.0, 17.0]),
    ],
    scale: MINOR,
    pad: (0.030, 0.2, 1.2),
    bass: [0.12, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    figure: [0, 1, 2, 1, 3, 2, 1, 2],
    figure_sound: (0.085, Sound::Piano),
    tune: (0.22, 0.16, Sound::Piano),
    drum: NONE,
    tick: NONE,
    room: (2.8, 3400.0, 0.42),
    level: 1.0,
};

/// It presses on: a pulse, a low drum, a tone that rubs.
pub(super) const TENSE: Mood = Mood {
    tempo: 96.0,
    bars: 2.0,
    ending: 6.0,
    keys: [2.0, 0.0, 4.0, -1.0],
    chords: &[
        chord(0.0, [0.0, 7.0, 12.0, 15.0]),
        chord(-4.0, [3.0, 8.0, 12.0, 14.0]),
        chord(0.0, [0.0, 7.0, 13.0, 15.0]),
        chord(-5.0, [2.0, 7.0, 11.0, 14.0]),
    ],
    scale: MINOR,
    pad: (0.036, 0.35, 1.4),
    bass: [0.13, 0.075, 0.09, 0.075, 0.12, 0.075, 0.09, 0.10],
    figure: [-1, 1, -1, 1, -1, 2, -1, 1],
    figure_sound: (0.05, Sound::Pluck),
    tune: (0.05, 0.09, Sound::Bell),
    drum: [0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.28, 0.0],
    tick: [0.05, 0.10, 0.05, 0.10, 0.05, 0.10, 0.05, 0.14],
    room: (2.6, 2800.0, 0.34),
    level: 1.0,
};

/// It skips: plucks off the beat, a bass that walks, a shaker.
pub(super) const PLAYFUL: Mood = Mood {
    tempo: 120.0,
    bars: 1.0,
    ending: 3.5,
    keys: [0.0, 5.0, 2.0, -2.0],
    chords: &[
        chord(0.0, [12.0, 16.0, 19.0, 24.0]),
        chord(-3.0, [12.0, 16.0, 21.0, 24.0]),
        chord(2.0, [14.0, 17.0, 21.0, 24.0]),
        chord(-5.0, [14.0, 17.0, 19.0, 23.0]),
    ],
    scale: MAJOR,
    pad: (0.0, 0.3, 0.4),
    bass: [0.15, 0.0, 0.11, 0.0, 0.13, 0.0, 0.11, 0.0],
    figure: [-1, 1, -1, 2, -1, 1, -1, 2],
    figure_sound: (0.13, Sound::Pluck),
    tune: (0.30, 0.17, Sound::Marimba),
    drum: [0.30, 0.0, 0.0, 0.0, 0.22, 0.0, 0.0, 0.0],
    tick: [0.09, 0.05, 0.14, 0.05, 0.09, 0.05, 0.14, 0.07],
    room: (1.1, 5200.0, 0.24),
    level: 1.0,
};

/// It asks: a figure that circles in Dorian, ticks.
pub(super) const CURIOUS: Mood = Mood {
    tempo: 108.0,
    bars: 1.0,
    ending: 4.5,
    keys: [2.0, 4.0, -3.0, 0.0],
    chords: &[
        chord(0.0, [12.0, 15.0, 19.0, 22.0]),
        chord(5.0, [12.0, 17.0, 21.0, 24.0]),
        chord(0.0, [12.0, 15.0, 19.0, 26.0]),
        chord(-2.0, [10.0, 14.0, 17.0, 22.0]),
    ],
    scale: DORIAN,
    pad: (0.020, 0.3, 0.8),
    bass: [0.13, 0.0, 0.0, 0.09, 0.0, 0.0, 0.11, 0.0],
    figure: [0, 2, 1, 3, 0, 2, 3, 1],
    figure_sound: (0.14, Sound::Marimba),
    tune: (0.12, 0.10, Sound::Bell),
    drum: NONE,
    tick: [0.0, 0.06, 0.09, 0.06, 0.0, 0.06, 0.09, 0.06],
    room: (1.7, 4200.0, 0.32),
    level: 1.0,
};

/// It strides: broad chords, horns of a kind, drums.
pub(super) const HEROIC: Mood = Mood {
    tempo: 92.0,
    bars: 1.0,
    ending: 6.5,
    keys: [2.0, 0.0, -2.0, 5.0],
    chords: &[
        chord(0.0, [7.0, 12.0, 16.0, 19.0]),
        chord(-3.0, [7.0, 12.0, 16.0, 21.0]),
        chord(-7.0, [9.0, 12.0, 17.0, 21.0]),
        chord(-5.0, [7.0, 11.0, 14.0, 19.0]),
    ],
    scale: MAJOR,
    pad: (0.044, 0.75, 0.35),
    bass: [0.15, 0.0, 0.08, 0.09, 0.13, 0.0, 0.08, 0.09],
    figure: [0, 1, 2, 1, 3, 1, 2, 1],
    figure_sound: (0.05, Sound::Pluck),
    tune: (0.28, 0.055, Sound::Horn),
    drum: [0.60, 0.0, 0.0, 0.24, 0.42, 0.0, 0.24, 0.30],
    tick: [0.0, 0.0, 0.10, 0.0, 0.0, 0.0, 0.12, 0.05],
    room: (3.0, 4600.0, 0.42),
    level: 0.9,
};
