//! The first stage: a voice laid against a synthesiser's reading of the same text.

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
/// Frames that are looked at together on the first, coarse way.
const POOL: usize = 8;
/// How far the coarse way may stray, in its frames: 60 s.
const COARSE_BAND: usize = 1500;
/// How far the fine way may stray from the coarse one, in frames: 0.75 s.
const FINE_BAND: usize = 150;
/// Voice and reading of fewer frames (20 s) need no coarse way.
const SHORT: usize = 4000;
/// How much a change of a band weighs against the band itself.
const SLOPE: f32 = 2.5;

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
    warp_from(voice, reading, SHORT)
}

/// The same, coarsely first where there are more than `short` frames.
fn warp_from(voice: &[f32], reading: &Reading, short: usize) -> Option<Warp> {
    let (voice_mel, energy) = log_mel(voice, VIEW);
    let (mut reading_mel, reading_energy) = log_mel(&dithered(&reading.samples), VIEW);
    match_channel((&voice_mel, &energy), &mut reading_mel, &reading_energy);
    let long = voice_mel.count().max(reading_mel.count()) > short;
    let coarse = if long {
        Some(coarse_way(&voice_mel, &reading_mel, &energy, reading)?)
    } else {
        None
    };
    let speech = |energy: &[f32]| {
        let least = percentile(energy, 95.0) - log(1000.0);
        energy
            .iter()
            .map(|energy| *energy > least)
            .collect::<Vec<_>>()
    };
    let (voice_rows, reading_rows) = (
        directions(voice_mel, &speech(&energy), Some(3)),
        directions(reading_mel, &speech(&reading_energy), Some(3)),
    );
    let silence = silence_costs(&energy);
    let columns = columns(reading, HOP, reading_rows.count());
    let pair = Pair {
        voice: &voice_rows,
        silence: &silence,
        reading: &reading_rows,
        columns: &columns,
    };
    let way = match coarse {
        None => cheapest(&pair, |_| (0, columns.len())),
        Some(coarse) => {
            let bands = fine_bands(&coarse, &columns, voice_rows.count(), reading_rows.count());
            cheapest(&pair, |frame| bands[frame])
        }
    }?;
    place(reading, &columns, &way, &silence)
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

/// Gives the reading the voice's mean spectrum, and its noise.
fn match_channel(voice: (&Frames, &[f32]), reading: &mut Frames, reading_energy: &[f32]) {
    let mean = |mel: &Frames, energy: &[f32]| {
        let least = percentile(energy, 95.0) - log(1000.0);
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

/// Bands as far from their mean in speech as they are wont to be, and how they change over `reach`
/// frames, as rows of length 1.
fn directions(mut mel: Frames, speech: &[bool], reach: Option<usize>) -> Frames {
    let (mean, spread) = mel.moments(|frame| speech[frame]);
    for row in mel.rows_mut() {
        for ((value, mean), spread) in row.iter_mut().zip(&mean).zip(&spread) {
            *value = (*value - mean) / (spread + 1e-3);
        }
    }
    let mut rows = match reach {
        Some(reach) => mel.with_slopes(reach, SLOPE),
        None => mel,
    };
    for row in rows.rows_mut() {
        let length = crate::resample::dot(row, row).sqrt() + 1e-6;
        for value in row {
            *value /= length;
        }
    }
    rows
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

/// For every coarse frame of the voice, the coarse frames of the reading that it passes.
fn coarse_way(
    voice: &Frames,
    reading: &Frames,
    energy: &[f32],
    text: &Reading,
) -> Option<Vec<(usize, usize)>> {
    let energy = Frames::new(1, energy.to_vec()).pooled(POOL);
    let energy: Vec<f32> = energy.rows().map(|row| row[0]).collect();
    let least = percentile(&energy, 40.0);
    let loud: Vec<bool> = energy.iter().map(|energy| *energy > least).collect();
    let voice = directions(voice.pooled(POOL), &loud, None);
    let reading = reading.pooled(POOL);
    let every = vec![true; reading.count()];
    let reading = directions(reading, &every, None);
    let columns = columns(text, HOP * POOL, reading.count());
    let silence = silence_costs(&energy);
    let pair = Pair {
        voice: &voice,
        silence: &silence,
        reading: &reading,
        columns: &columns,
    };
    let (rows, width) = (voice.count(), columns.len());
    let band = |frame: usize| {
        let middle = frame * width / rows.max(1);
        let low = middle.saturating_sub(COARSE_BAND);
        (low, (middle + COARSE_BAND).min(width))
    };
    let way = cheapest(&pair, band)?;
    let frames = frames_of(&columns);
    let frames_at = |column: usize| frames.get(column).copied().unwrap_or(0);
    Some(
        way.passes
            .iter()
            .map(|pass| (frames_at(pass.0), frames_at(pass.1)))
            .collect(),
    )
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

/// The columns within [`FINE_BAND`] of the coarse way, for every frame of the voice.
fn fine_bands(
    coarse: &[(usize, usize)],
    columns: &[Column],
    voice_count: usize,
    reading_count: usize,
) -> Vec<(usize, usize)> {
    let frames = frames_of(columns);
    // The first column at or after a frame of the reading.
    let column = |frame: usize| frames.partition_point(|at| *at < frame.min(reading_count));
    let (mut low, mut high) = (0, 0);
    (0..voice_count)
        .map(|frame| {
            let pass = coarse[(frame / POOL).min(coarse.len() - 1)];
            low = low.max(column((pass.0 * POOL).saturating_sub(FINE_BAND)).saturating_sub(1));
            high = high.max(column((pass.1 + 1) * POOL + FINE_BAND));
            match frame {
                0 => (0, high),
                _ if frame + 1 == voice_count => (low, columns.len()),
                _ => (low, high.max(low)),
            }
        })
        .collect()
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
            let coarse = warp(&voice.samples, &reading).unwrap();
            let fine = warp_from(&voice.samples, &reading, usize::MAX).unwrap();
            let both = coarse.times.iter().zip(&fine.times);
            // Halves of a frame: eight are 20 ms.
            let near = both.filter(|(coarse, fine)| (coarse.0 - fine.0).abs() <= 8);
            let (near, all) = (near.count(), fine.times.len());
            assert!(near * 100 >= all * 98, "{near} of {all} at {pace} %");
        }
    }
}
