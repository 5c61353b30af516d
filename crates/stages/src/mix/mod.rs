//! Mix: every voice, bed and effect in its place, at the output's loudness.

mod shelf;
mod stems;

use std::fs::File;
use std::io::{BufReader, BufWriter};

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, TempBlob, Work};
use workprint_media::Media;
use workprint_model::step::Estimate;
use workprint_model::timeline::PlacedSound;
use workprint_model::{Artifact, CastId, Decibels, Digest, Samples, Slot};
use workprint_sound::SoundError;
use workprint_sound::loudness::{Loudness, Meter};
use workprint_sound::master::{MasterTarget, finish, play};
use workprint_sound::mix::mix;
use workprint_sound::wav::{WavBits, WavSound, write_wav};

pub use stems::{CUE_SHEET, Stems, StemsTake};

use crate::Tools;
use crate::tools::from_media;
use shelf::Shelf;

/// How far below the output's true peak the mix is held at first, in dB: an AAC encoder adds some.
const CODEC_ROOM: f64 = 0.5;
/// How often the mix is held lower when the encoder added more.
const TRIES: usize = 4;
/// How far from the loudness asked for a film may be, in LU.
pub(crate) const NEAR: f64 = 0.3;

/// All sounds of an episode, to be mixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mix {
    /// The mixer and the encoder that its peaks are measured after, with their versions.
    pub engine: String,
    /// What is heard, and when.
    pub sounds: Vec<PlacedSound>,
    /// How long the mix is: as long as the picture, to the sample.
    pub length: Samples,
    /// Loudness to reach, in LUFS.
    pub loudness: Decibels,
    /// True peak never passed, in dBTP, after the encoder.
    pub true_peak: Decibels,
    /// The encoder's bit rate.
    pub audio_kbps: u16,
    /// Speakers are brought to the same loudness.
    pub match_voices: bool,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
    /// What must be made before the times are certain.
    #[serde(skip)]
    pub timed_by: Vec<Digest>,
}

/// A mix as WAV.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixTake {
    /// A 48 kHz stereo WAV of 24 bits.
    pub sound: Artifact,
    /// The same as AAC in an MP4: what the loudness was measured of, and the film's sound.
    pub encoded: Artifact,
    /// Integrated loudness after the encoder in hundredths of a LUFS; `None` for silence.
    pub loudness: Option<i32>,
    /// True peak after the encoder in hundredths of a dBTP; `None` for silence.
    pub true_peak: Option<i32>,
    /// The loudness asked for could not be reached.
    pub missed: bool,
    /// How loud each speaker's lines were, taken together, and what they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voices: Vec<MatchedVoice>,
}

/// How a speaker was brought to the loudness of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchedVoice {
    /// Who.
    pub speaker: CastId,
    /// The loudness of all their lines together, in hundredths of a LUFS.
    pub loudness: Option<i32>,
    /// What they were given.
    pub gain: Decibels,
}

impl Step for Mix {
    type Tools = Tools;
    type Output = MixTake;

    const KIND: &'static str = "mix";
    const REVISION: u32 = 4;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        let sounds = self.sounds.iter().map(|placed| placed.sound.digest);
        sounds.chain(self.timed_by.iter().copied()).collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.2 + self.length.seconds() / 40.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> MixTake {
        let sound = Artifact::sketched(key, "audio/wav");
        MixTake {
            sound,
            encoded: Artifact::sketched(&Digest::of_json(&(key, "encoded")), "audio/mp4"),
            loudness: None,
            true_peak: None,
            missed: false,
            voices: Vec::new(),
        }
    }

    fn digests(output: &MixTake) -> Vec<Digest> {
        vec![output.sound.digest, output.encoded.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<MixTake>, StepError> {
        let (step, media) = (self.clone(), tools.media.clone());
        work.blocking(move |work| step.make(&media, work)).await
    }
}

impl Mix {
    fn make(&self, media: &Media, work: &Work) -> Result<Made<MixTake>, StepError> {
        let (sounds, voices) = shelf::matched(&self.sounds, self.match_voices, work)?;
        let mut mixed = self.mix(&sounds, work)?;
        let target = self.true_peak.to_f64();
        let mut ceiling = target - CODEC_ROOM;
        let mut made = self.master(work, &mut mixed, ceiling)?;
        let (mut encoded, mut heard) = self.listen(media, work, &made.0)?;
        for _ in 0..TRIES {
            if heard.true_peak <= target {
                break;
            }
            ceiling -= heard.true_peak - target + 0.1;
            made = self.master(work, &mut mixed, ceiling)?;
            (encoded, heard) = self.listen(media, work, &made.0)?;
        }
        let sound = work.store().keep(made.0, "audio/wav")?;
        let encoded = work.store().keep(encoded, "audio/mp4")?;
        let hundredths = |value: f64| value.is_finite().then(|| (value * 100.0).round() as i32);
        let take = MixTake {
            sound: sound.clone(),
            encoded: encoded.clone(),
            loudness: heard.integrated.and_then(hundredths),
            true_peak: hundredths(heard.true_peak),
            missed: made.1 || heard.true_peak > target || self.is_off(heard.integrated),
            voices,
        };
        Ok(Made::free(take, vec![sound, encoded]))
    }

    /// What is heard after the encoder is not as loud as it should be.
    fn is_off(&self, heard: Option<f64>) -> bool {
        heard.is_some_and(|heard| (heard - self.loudness.to_f64()).abs() > NEAR)
    }

    /// Mixes into a WAV of floats.
    fn mix(&self, sounds: &[PlacedSound], work: &Work) -> Result<Mixed, StepError> {
        let mut raw = work.store().temp()?;
        let mut wav = write_wav(BufWriter::new(raw.file()), 2, WavBits::F32).map_err(failed)?;
        let mut done = 0;
        mix(sounds, self.length, &Shelf { work }, &mut |block| {
            done += block.len() as u64 / 2;
            work.progress((done * 400 / self.length.0.max(1)) as u16);
            if work.is_cancelled() {
                Err(stopped())
            } else {
                wav.write(block)
            }
        })
        .map_err(failed)?;
        wav.finish().map_err(failed)?;
        let file = File::open(raw.path()).map_err(unreadable)?;
        let sound = WavSound::open(BufReader::new(file)).map_err(failed)?;
        Ok(Mixed { sound, _file: raw })
    }

    /// Brings the mix to the loudness asked for; tells whether that was missed.
    fn master(
        &self,
        work: &Work,
        mixed: &mut Mixed,
        ceiling: f64,
    ) -> Result<(TempBlob, bool), StepError> {
        let mut temp = work.store().temp()?;
        let mut out = write_wav(BufWriter::new(temp.file()), 2, WavBits::I24).map_err(failed)?;
        let target = MasterTarget {
            loudness: self.loudness.to_f64(),
            ceiling,
        };
        let plan = finish(
            &mut |sink| play(&mut mixed.sound, sink),
            target,
            &mut |block| {
                if work.is_cancelled() {
                    Err(stopped())
                } else {
                    out.write(block)
                }
            },
        )
        .map_err(failed)?;
        out.finish().map_err(failed)?;
        Ok((temp, plan.missed))
    }

    /// Encodes and measures what will be heard of the film: an encoder moves peaks.
    fn listen(
        &self,
        media: &Media,
        work: &Work,
        wav: &TempBlob,
    ) -> Result<(TempBlob, Loudness), StepError> {
        let encoded = work.store().temp()?;
        media
            .encode_sound(wav.path(), self.audio_kbps, encoded.path())
            .map_err(from_media)?;
        let mut reader = media.decode_film(encoded.path()).map_err(from_media)?;
        let mut meter = Meter::new().map_err(failed)?;
        let mut block = vec![0.0; 96_000];
        loop {
            let count = reader.read(&mut block).map_err(from_media)?;
            if count == 0 {
                return Ok((encoded, meter.loudness().map_err(failed)?));
            }
            meter.add(&block[..count]).map_err(failed)?;
        }
    }
}

/// A mix that can be played again and again, and the file that it lies in.
struct Mixed {
    sound: WavSound<BufReader<File>>,
    _file: TempBlob,
}

pub(crate) fn failed(error: SoundError) -> StepError {
    StepError::permanent("cannot mix").because(error)
}

fn unreadable(error: std::io::Error) -> StepError {
    StepError::permanent("cannot mix").because(error)
}

pub(crate) fn stopped() -> SoundError {
    SoundError::Write(std::io::ErrorKind::Interrupted.into())
}
