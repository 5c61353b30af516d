//! The first stage: a voice laid against a synthesiser's reading of the same text.

use super::directions::Directions;
use super::frames::{Frames, log, percentile};
use super::path::{Column, Pair, Way, cheapest};
use super::spectrum::{View, log_mel};
use super::{HOP, Reading};
use crate::elementary::{exp2, ln};

const VIEW: View = View {
    window: 400,
    bands: 40,
    floor: 1e-7,
};
/// A look at both in which a way is found near that of a coarser look.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// Frames that are looked at together.
    pool: usize,
    /// How far the way may stray from that of the level before, in frames. On the first level nobody
    /// knows where it leads: it stays within [`ASTRAY`] of the straight one.
    near: usize,
    /// Over how many of its frames on either side a change is looked at.
    reach: Option<usize>,
}

const LEVELS: [Level; 3] = [
    Level {
        pool: 16,
        near: ASTRAY,
        reach: None,
    },
    Level {
        pool: 4,
        near: 300,
        reach: Some(2),
    },
    Level {
        pool: 1,
        near: 40,
        reach: Some(3),
    },
];
/// How far the first way may stray from the straight one, in frames: 60 s.
const ASTRAY: usize = 12_000;
/// Voice and reading of fewer frames (20 s) need no first level.
const SHORT: usize = 4000;

/// Frames between sentences (100 ms) that are more than an edge.
const SPOKEN: usize = 20;
/// The level of the hiss that is laid over silence.
const HISS: f32 = 3e-5;

/// Where the sounds of a reading are heard in a voice, in halves of a frame.
#[derive(Debug)]
pub(super) struct Warp {
    /// Start and end of every sound that is no pause, in order.
    pub(super) times: Vec<(i64, i64)>,
    /// The mean cost of a step: 0.27 to 0.34 where the text is what is said.
    pub(super) cost: f32,
    /// Frames that lie between sentences and are no silence.
    pub(super) unwritten: Vec<(usize, usize)>,
}

/// Finds the sounds of a reading in a voice; nothing where one of the two is empty or too short.
pub(super) fn warp(voice: &[f32], reading: &Reading) -> Option<Warp> {
    let frames = voice.len().max(reading.samples.len()) / HOP;
    warp_by(voice, reading, &LEVELS[usize::from(frames <= SHORT)..])
}

fn warp_by(voice: &[f32], reading: &Reading, levels: &[Level]) -> Option<Warp> {
    let (voice_mel, energy) = log_mel(voice, VIEW);
    let (mut reading_mel, reading_energy) = log_mel(&dithered(&reading.samples), VIEW);
    match_channel((&voice_mel, &energy), &mut reading_mel, &reading_energy);
    let (last, coarse) = levels.split_last()?;
    let sides = Sides {
        voice: voice_mel,
        energy,
        reading: reading_mel,
        reading_energy,
    };
    let mut before: Option<Vec<(usize, usize)>> = None;
    for level in coarse {
        let pooled = sides.pooled(level.pool);
        let (way, columns) = pooled.way(reading, *level, before.as_deref())?;
        before = Some(frames_passed(&way, &columns, level.pool));
    }
    let silence = silence_costs(&sides.energy);
    let (way, columns) = sides.way(reading, *last, before.as_deref())?;
    place(reading, &columns, &way, &silence)
}

/// The bands and the energies of both.
struct Sides {
    voice: Frames,
    energy: Vec<f32>,
    reading: Frames,
    reading_energy: Vec<f32>,
}

impl Sides {
    fn pooled(&self, pool: usize) -> Self {
        let energy = |energy: &[f32]| -> Vec<f32> {
            let pools = energy.chunks(pool);
            pools
                .map(|pool| pool.iter().sum::<f32>() / pool.len() as f32)
                .collect()
        };
        Self {
            voice: self.voice.pooled(pool),
            energy: energy(&self.energy),
            reading: self.reading.pooled(pool),
            reading_energy: energy(&self.reading_energy),
        }
    }

    /// The cheapest way on a level, near that of the level before.
    fn way(
        self,
        text: &Reading,
        level: Level,
        before: Option<&[(usize, usize)]>,
    ) -> Option<(Way, Vec<Column>)> {
        let silence = silence_costs(&self.energy);
        let columns = columns(text, HOP * level.pool, self.reading.count());
        let rows = |bands: Frames, energy: &[f32]| {
            let least = quietest_speech(energy);
            Directions::new(bands, level.reach, |frame| energy[frame] > least)
        };
        let voice = rows(self.voice, &self.energy);
        let reading = rows(self.reading, &self.reading_energy);
        let pair = Pair {
            voice: &voice,
            silence: &silence,
            reading: &reading,
            columns: &columns,
        };
        let bands = match before {
            Some(before) => near(before, &columns, voice.count(), level),
            None => straight(columns.len(), voice.count(), level.pool),
        };
        let way = cheapest(&pair, |frame| bands[frame])?;
        Some((way, columns))
    }
}

/// The sound with hiss 90 dB under full scale, so that silence that was made is like one that was
/// recorded.
pub(super) fn dithered(samples: &[f32]) -> Vec<f32> {
    let mut state = 0x9e37_79b9_u32;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 - 0.5
    };
    let hiss = HISS * 12.0f32.sqrt();
    samples
        .iter()
        .map(|sample| sample + hiss * uniform())
        .collect()
}

/// The energy over which a frame is speech: 30 dB under the loudest.
fn quietest_speech(energy: &[f32]) -> f32 {
    percentile(energy, 95.0) - log(1000.0)
}

/// Gives the reading the voice's mean spectrum, and its noise.
fn match_channel(voice: (&Frames, &[f32]), reading: &mut Frames, reading_energy: &[f32]) {
    let mean = |mel: &Frames, energy: &[f32]| {
        let least = quietest_speech(energy);
        mel.moments(|frame| energy[frame] > least).0
    };
    let (voice_mean, reading_mean) = (mean(voice.0, voice.1), mean(reading, reading_energy));
    let noise: Vec<f32> = (0..voice.0.width())
        .map(|band| {
            let column: Vec<f32> = voice.0.rows().map(|row| row[band]).collect();
            percentile(&column, 8.0)
        })
        .collect();
    for row in reading.rows_mut() {
        for (band, value) in row.iter_mut().enumerate() {
            let level = *value + voice_mean[band] - reading_mean[band];
            let (high, low) = (level.max(noise[band]), level.min(noise[band]));
            *value = high + log_of_one_and(low - high);
        }
    }
}

/// ln(1 + eˣ) of a number that is not positive.
fn log_of_one_and(x: f32) -> f32 {
    if x < -16.0 {
        return 0.0;
    }
    ln(1.0 + exp(x)) as f32
}

fn exp(x: f32) -> f64 {
    exp2(f64::from(x) * std::f64::consts::LOG2_E)
}

/// What a frame costs as a silence: 0 far below the middle between the quietest and the loudest, 2
/// far above it.
fn silence_costs(energy: &[f32]) -> Vec<f32> {
    let (low, high) = (percentile(energy, 5.0), percentile(energy, 95.0));
    let (middle, width) = (low + 0.5 * (high - low), (0.08 * (high - low)).max(1e-3));
    let cost = |energy: &f32| 2.0 - 2.0 / (1.0 + exp((energy - middle) / width)) as f32;
    energy.iter().map(cost).collect()
}

/// The frames of a reading's sounds, without its pauses, with a silence wherever the word changes or
/// a pause was. A frame is `hop` samples; there are `count` of them.
fn columns(reading: &Reading, hop: usize, count: usize) -> Vec<Column> {
    let frame = |sample: usize| ((sample + hop / 2) / hop).min(count);
    let mut out = Vec::new();
    let mut last: Option<(usize, usize)> = None;
    let mut sentence = 0;
    let mut opens = |word: usize| {
        let before = sentence;
        while reading
            .sentences
            .get(sentence)
            .is_some_and(|first| *first <= word)
        {
            sentence += 1;
        }
        sentence > before
    };
    for sound in &reading.sounds {
        let Some(word) = sound.word else { continue };
        for at in frame(sound.start)..frame(sound.end) {
            let opens = opens(word);
            if opens || last.is_none() {
                out.push(Column::Gap);
            } else if last != Some((word, at.wrapping_sub(1))) {
                out.push(Column::Silence);
            }
            out.push(Column::Frame(at));
            last = Some((word, at));
        }
    }
    if !out.is_empty() {
        out.push(Column::Gap);
    }
    out
}

/// The columns near a straight way, for every frame of the voice.
fn straight(width: usize, count: usize, pool: usize) -> Vec<(usize, usize)> {
    let astray = ASTRAY / pool;
    let band = |frame: usize| {
        let middle = frame * width / count.max(1);
        (middle.saturating_sub(astray), (middle + astray).min(width))
    };
    (0..count).map(band).collect()
}

/// For every frame of a voice that was looked at in pools, the frames of the reading that its pool
/// passes, from and up to.
fn frames_passed(way: &Way, columns: &[Column], pool: usize) -> Vec<(usize, usize)> {
    let frames = frames_of(columns);
    let at = |column: usize| frames.get(column).copied().unwrap_or(0);
    let passes = way
        .passes
        .iter()
        .map(|pass| (at(pass.0) * pool, (at(pass.1) + 1) * pool));
    passes
        .flat_map(|pass| std::iter::repeat_n(pass, pool))
        .collect()
}

/// The frame of the reading that every column stands for; a silence has that before it.
fn frames_of(columns: &[Column]) -> Vec<usize> {
    let mut last = 0;
    let frame = |column: &Column| {
        if let Column::Frame(at) = column {
            last = *at;
        }
        last
    };
    columns.iter().map(frame).collect()
}

/// The columns near the way of the level before, for every frame of the voice.
fn near(
    before: &[(usize, usize)],
    columns: &[Column],
    count: usize,
    level: Level,
) -> Vec<(usize, usize)> {
    let frames = frames_of(columns);
    let most = frames.last().map_or(0, |last| last + 1);
    // The first column at or after a frame of the reading.
    let column = |frame: usize| frames.partition_point(|at| *at < (frame / level.pool).min(most));
    let (mut low, mut high) = (0, 0);
    let mut bands: Vec<(usize, usize)> = Vec::with_capacity(count);
    for frame in 0..count {
        let from = (frame * level.pool).min(before.len() - 1);
        let to = (from + level.pool - 1).min(before.len() - 1);
        let (first, last) = (before[from].0, before[to].1);
        low = low.max(column(first.saturating_sub(level.near)).saturating_sub(1));
        high = high.max(column(last + level.near + level.pool - 1));
        bands.push((low, high.max(low)));
    }
    if let Some(first) = bands.first_mut() {
        first.0 = 0;
    }
    if let Some(last) = bands.last_mut() {
        last.1 = columns.len();
    }
    bands
}

/// The times of the sounds from the frames of the voice that pass them.
fn place(reading: &Reading, columns: &[Column], way: &Way, silence: &[f32]) -> Option<Warp> {
    let mut unwritten: Vec<(usize, usize)> = Vec::new();
    // Frames of the reading in order, with the first and the last frame of the voice.
    let mut heard: Vec<(usize, i64, i64)> = Vec::new();
    for (frame, pass) in way.passes.iter().enumerate() {
        for column in columns.get(pass.0..=pass.1).unwrap_or_default() {
            match (column, heard.last_mut()) {
                (Column::Frame(at), Some(last)) if last.0 == *at => last.2 = frame as i64,
                (Column::Frame(at), _) => heard.push((*at, frame as i64, frame as i64)),
                (Column::Gap, _) if silence[frame] > 1.0 => match unwritten.last_mut() {
                    Some(last) if last.1 == frame => last.1 = frame + 1,
                    _ => unwritten.push((frame, frame + 1)),
                },
                _ => {}
            }
        }
    }
    unwritten.retain(|(from, to)| to - from >= SPOKEN);
    let last = heard.len().checked_sub(1)?;
    let between = |right: usize| {
        let (before, after) = (heard[right - 1].2, heard[right].1);
        (after - before <= 3).then_some(before + after)
    };
    let start = |sample: usize| {
        let frame = (sample + HOP / 2) / HOP;
        let at = heard.partition_point(|heard| heard.0 < frame).min(last);
        let middle = at.checked_sub(1).and_then(|_| between(at));
        middle.unwrap_or(2 * heard[at].1 - 1)
    };
    let end = |sample: usize| {
        let frame = (sample + HOP / 2) / HOP;
        let at = heard
            .partition_point(|heard| heard.0 < frame)
            .saturating_sub(1);
        let middle = if at < last { between(at + 1) } else { None };
        middle.unwrap_or(2 * heard[at].2 + 1)
    };
    let sounds = reading.sounds.iter().filter(|sound| sound.word.is_some());
    let times = sounds.map(|sound| {
        let start = start(sound.start);
        (start, end(sound.end).max(start + 2))
    });
    Some(Warp {
        times: times.collect(),
        cost: way.cost,
        unwritten,
    })
}

#[cfg(test)]
mod tests {
    use super::super::made;
    use super::*;

    #[test]
    fn the_coarse_way_leads_where_the_fine_one_does() {
        let words = made::words(160, 0);
        let reading = made::speak(&words, 100, (1, &[]));
        for (pace, pauses) in [(120, &[30, 70, 71, 140][..]), (80, &[7, 90])] {
            let voice = made::speak(&words, pace, (5, pauses));
            let coarse = warp_by(&voice.samples, &reading, &LEVELS).unwrap();
            let fine = warp_by(&voice.samples, &reading, &LEVELS[2..]).unwrap();
            let both = coarse.times.iter().zip(&fine.times);
            // Halves of a frame: eight are 20 ms.
            let near = both.filter(|(coarse, fine)| (coarse.0 - fine.0).abs() <= 8);
            let (near, all) = (near.count(), fine.times.len());
            assert!(near * 100 >= all * 98, "{near} of {all} at {pace} %");
        }
    }
}
