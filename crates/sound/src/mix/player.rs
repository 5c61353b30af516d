//! One placed sound: trimmed, shaped, repeated.

use workprint_model::Samples;
use workprint_model::timeline::PlacedSound;

use super::Library;
use super::envelope::Envelope;
use crate::elementary::sine;
use crate::{MemorySound, Sound, SoundError};

/// Frames in the crossfade where a sound begins again: 20 ms.
const SEAM: u64 = 960;
/// Sounds shorter than this are held in memory when they repeat: rewinding often is slow.
const SHORT: u64 = 48_000;
/// The shortest fade where a sound is cut by the end of the mix: 10 ms.
const CUT: u64 = 480;
/// 60 dB over full scale: no sound.
const ABSURD: f32 = 1024.0;

/// A placed sound being heard.
pub(super) struct Player {
    sound: Box<dyn Sound>,
    channels: usize,
    envelope: Envelope,
    /// Frames of the source that are left out.
    skip: Samples,
    /// How many frames are heard.
    length: u64,
    at: u64,
    repeat: Option<Repeat>,
    unusable: u64,
    scratch: Vec<f32>,
}

/// A sound that begins again before it ends.
struct Repeat {
    /// Frames in the source, without those that are left out.
    source: u64,
    /// Frames in the crossfade, at most half of the source.
    seam: u64,
    /// The source's first frames, as stereo.
    head: Vec<f32>,
    /// Place in the source.
    at: u64,
}

impl Player {
    /// Opens an item that begins before `end`, the end of the mix.
    pub(super) fn open(
        item: &PlacedSound,
        end: Samples,
        library: &dyn Library,
    ) -> Result<Self, SoundError> {
        let mut sound = library.open(item)?;
        let channels = sound.channels();
        if !(1..=2).contains(&channels) {
            return Err(SoundError::Channels { channels });
        }
        let mut skip = item.skip;
        let source = (sound.samples() - skip).0;
        let repeats = item.repeat && source > 0 && source < item.length.0;
        sound.seek(skip)?;
        if repeats && source < SHORT {
            sound = Box::new(hold(sound.as_mut(), source)?);
            skip = Samples(0);
        }
        let natural = if repeats {
            item.length.0
        } else {
            item.length.0.min(source)
        };
        let room = end.0.saturating_sub(item.from.0);
        let length = natural.min(room);
        let mut fade_out = item.fade_out.0;
        if natural > room {
            fade_out = fade_out.max(CUT);
        }
        let mut player = Self {
            sound,
            channels: usize::from(channels),
            envelope: Envelope::new(item, length, fade_out),
            skip,
            length,
            at: 0,
            repeat: None,
            unusable: 0,
            scratch: Vec::new(),
        };
        if repeats {
            player.prepare_to_repeat(source)?;
        }
        Ok(player)
    }

    /// Nothing is left.
    pub(super) fn ended(&self) -> bool {
        self.at >= self.length
    }

    /// Samples that were no numbers, so far.
    pub(super) fn unusable(&self) -> u64 {
        self.unusable
    }

    /// Fills `out` with stereo frames and returns how many: fewer than fit only at the end.
    pub(super) fn read(&mut self, out: &mut [f32]) -> Result<usize, SoundError> {
        let frames = ((out.len() / 2) as u64).min(self.length - self.at) as usize;
        let out = &mut out[..frames * 2];
        if self.repeat.is_some() {
            self.read_repeating(out)?;
        } else {
            self.read_plain(out)?;
        }
        self.envelope.apply(self.at, out);
        self.at += frames as u64;
        Ok(frames)
    }

    /// The source's next frames as stereo; silence after its end.
    fn read_plain(&mut self, out: &mut [f32]) -> Result<(), SoundError> {
        let frames = out.len() / 2;
        let got = if self.channels == 2 {
            self.sound.read(out)?
        } else {
            self.scratch.resize(frames, 0.0);
            let got = self.sound.read(&mut self.scratch)?;
            for (out, sample) in out.as_chunks_mut::<2>().0.iter_mut().zip(&self.scratch) {
                *out = [*sample; 2];
            }
            got
        };
        out[got.min(frames) * 2..].fill(0.0);
        // What is no number is not under anything. Counted first, as that is fast and there are hardly any.
        let usable = |sample: &f32| sample.abs() <= ABSURD;
        let unusable = out.iter().map(|sample| u32::from(!usable(sample)));
        let unusable: u32 = unusable.sum();
        if unusable > 0 {
            self.unusable += u64::from(unusable);
            for sample in out.iter_mut().filter(|sample| !usable(sample)) {
                *sample = 0.0;
            }
        }
        Ok(())
    }

    fn prepare_to_repeat(&mut self, source: u64) -> Result<(), SoundError> {
        let seam = SEAM.min(source / 2);
        let mut head = vec![0.0; seam as usize * 2];
        self.read_plain(&mut head)?;
        self.sound.seek(self.skip)?;
        self.repeat = Some(Repeat {
            source,
            seam,
            head,
            at: 0,
        });
        Ok(())
    }

    fn read_repeating(&mut self, out: &mut [f32]) -> Result<(), SoundError> {
        let Some(mut repeat) = self.repeat.take() else {
            return Ok(());
        };
        let mut done = 0;
        while done < out.len() {
            let frames = (repeat.source - repeat.at).min(((out.len() - done) / 2) as u64);
            let piece = &mut out[done..done + frames as usize * 2];
            self.read_plain(piece)?;
            repeat.blend(piece);
            repeat.at += frames;
            done += piece.len();
            if repeat.at == repeat.source {
                // The head was heard in the crossfade: go on after it.
                self.sound.seek(self.skip + Samples(repeat.seam))?;
                repeat.at = repeat.seam;
            }
        }
        self.repeat = Some(repeat);
        Ok(())
    }
}

impl Repeat {
    /// Crossfades the source's end, from [`at`](Self::at) on, into its beginning at equal power.
    fn blend(&self, piece: &mut [f32]) {
        let begins = self.source - self.seam;
        for (n, frame) in piece.chunks_exact_mut(2).enumerate() {
            let at = self.at + n as u64;
            if at < begins {
                continue;
            }
            let into = (at - begins) as usize;
            let turn = (into as f64 + 0.5) / self.seam as f64 / 4.0;
            let (rise, fall) = (sine(turn) as f32, sine(0.25 - turn) as f32);
            frame[0] = frame[0] * fall + self.head[into * 2] * rise;
            frame[1] = frame[1] * fall + self.head[into * 2 + 1] * rise;
        }
    }
}

/// All that is left of a sound: `frames`, few enough to be held.
fn hold(sound: &mut dyn Sound, frames: u64) -> Result<MemorySound, SoundError> {
    let channels = sound.channels();
    let mut samples = vec![0.0; frames.min(SHORT) as usize * usize::from(channels)];
    // A source that ends early keeps its promised length with silence.
    sound.read(&mut samples)?;
    Ok(MemorySound::new(channels, samples))
}
