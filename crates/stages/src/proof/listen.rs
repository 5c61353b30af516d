//! The film's sound from its beginning to its end: what is measured of it, and the stretches that lines
//! are looked for in.

use std::fs::File;
use std::io::BufReader;

use workprint_engine::{StepError, Work};
use workprint_media::Media;
use workprint_model::proof::{MeasuredSound, Silence};
use workprint_model::{Millis, Samples};
use workprint_sound::align::Narrowing;
use workprint_sound::levels::{Levels, Measured, is_heard};
use workprint_sound::wav::WavSound;

use super::lines::{self, HeardLine, MARGIN};
use super::{Proof, ProofLine, ProofSound};
use crate::mix::failed;
use crate::tools::from_media;

/// Frames that are decoded together: a second.
const BLOCK: usize = 48_000;

/// What was heard of a film.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) sound: MeasuredSound,
    /// How many samples of it are not silent.
    pub(super) sounding: Samples,
    /// There was something to read lines with, for them to be aligned.
    pub(super) reads: bool,
    /// Each line as it was found.
    pub(super) lines: Vec<HeardLine>,
}

/// Hears a film; its lines are read to be aligned where there is something that `reads`.
pub(super) fn listen(
    proof: &Proof,
    asked: &ProofSound,
    (media, work): (&Media, &Work),
    reads: bool,
) -> Result<Heard, StepError> {
    let film = work.store().path_of(&proof.film);
    let mut reader = media.decode_film(&film).map_err(from_media)?;
    let mut levels = Levels::new().map_err(failed)?;
    let mut windows = Windows::of(&proof.lines);
    let mut lines = vec![HeardLine::default(); proof.lines.len()];
    let length = proof.rate.sample_of(proof.frames).0.max(1);
    let mut block = vec![0.0; BLOCK * 2];
    loop {
        let count = reader.read(&mut block).map_err(from_media)?;
        let (from, last) = (levels.frames(), count < block.len());
        levels.add(&block[..count]).map_err(failed)?;
        for (line, film) in windows.take(&block[..count], from, last)? {
            let own = &proof.lines[line];
            lines[line] = lines::find(own, &film, &told(proof, own), (media, work), reads)?;
        }
        if work.is_cancelled() {
            return Err(StepError::cancelled());
        }
        work.progress((levels.frames() * 1000 / length) as u16);
        if last {
            break;
        }
    }
    let measured = levels.finish().map_err(failed)?;
    Ok(Heard {
        sound: sound(&measured, asked, work)?,
        sounding: Samples(measured.sounding),
        reads,
        lines,
    })
}

/// When a line's words are heard as they were told, in samples from the film's beginning.
fn told(proof: &Proof, line: &ProofLine) -> Vec<i64> {
    let lines = &proof.spoken.transcript.lines;
    let own = lines.iter().find(|said| said.cue == line.cue);
    let words = own.iter().flat_map(|said| &said.words);
    words
        .map(|word| Millis(word.from_ms as i64).samples().0 as i64)
        .collect()
}

fn sound(measured: &Measured, asked: &ProofSound, work: &Work) -> Result<MeasuredSound, StepError> {
    let hundredths = |value: f64| value.is_finite().then(|| (value * 100.0).round() as i32);
    let mut silences = Vec::with_capacity(measured.silences.len());
    if !measured.silences.is_empty() {
        let unreadable = |error| StepError::permanent("the mix cannot be read").because(error);
        let mix = File::open(work.store().path_of(&asked.mix)).map_err(unreadable)?;
        let mut mix = WavSound::open(BufReader::new(mix)).map_err(failed)?;
        for silence in &measured.silences {
            silences.push(Silence {
                from: Samples(silence.start),
                to: Samples(silence.end),
                asked: !is_heard(&mut mix, silence).map_err(failed)?,
            });
        }
    }
    Ok(MeasuredSound {
        samples: Samples(measured.frames),
        loudness: measured.loudness.integrated.and_then(hundredths),
        loudness_asked: asked.loudness,
        true_peak: hundredths(measured.loudness.true_peak),
        true_peak_asked: asked.true_peak,
        clipped: measured.clipped,
        silences,
    })
}

/// A stretch of the film in which a line is looked for.
struct Window {
    line: usize,
    from: u64,
    to: u64,
    sound: Narrowing,
}

/// The stretches that are still to be heard.
struct Windows {
    /// The earliest last.
    to_come: Vec<Window>,
    open: Vec<Window>,
}

impl Windows {
    fn of(lines: &[ProofLine]) -> Self {
        let windows = lines.iter().enumerate().map(|(line, own)| Window {
            line,
            from: own.from.0.saturating_sub(MARGIN),
            to: own.from.0 + own.length.0 + MARGIN,
            sound: Narrowing::default(),
        });
        let mut to_come: Vec<Window> = windows.collect();
        to_come.sort_by_key(|window| std::cmp::Reverse(window.from));
        Self {
            to_come,
            open: Vec::new(),
        }
    }

    /// Takes the film's frames from `from` on, stereo, and gives the lines whose stretches are over.
    fn take(
        &mut self,
        block: &[f32],
        from: u64,
        last: bool,
    ) -> Result<Vec<(usize, Vec<f32>)>, StepError> {
        let frames = block.len() as u64 / 2;
        while let Some(next) = self
            .to_come
            .pop_if(|next| next.from < from + frames || last)
        {
            self.open.push(next);
        }
        let mut over = Vec::new();
        for mut window in std::mem::take(&mut self.open) {
            let place = |at: u64| at.saturating_sub(from).min(frames) as usize * 2;
            let part = &block[place(window.from)..place(window.to)];
            window.sound.take(part, 2).map_err(failed)?;
            if window.to <= from + frames || last {
                over.push((window.line, window.sound.finish().map_err(failed)?));
            } else {
                self.open.push(window);
            }
        }
        Ok(over)
    }
}
