//! Soundtrack: a mix as an output's films carry it, and how loud that is.

use std::path::Path;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, TempBlob, Work};
use workprint_media::Media;
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Decibels, Digest, Samples, Slot};
use workprint_sound::loudness::{Loudness, Meter};
use workprint_sound::master::MasterTarget;

use super::{CODEC_ROOM, NEAR, failed, hundredths, master, open};
use crate::Tools;
use crate::tools::from_media;

/// How often a mix is mastered anew where the encoder moved its loudness, or added more than was left for it.
const TRIES: usize = 4;
/// By how much more than was added the limiter is set lower, in dB.
const FURTHER: f64 = 0.1;

/// A mix, to be encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Soundtrack {
    /// The encoder, with its version.
    pub engine: String,
    /// The mix as WAV.
    pub mix: Digest,
    /// How long the mix is.
    pub length: Samples,
    /// Loudness to reach, in LUFS.
    pub loudness: Decibels,
    /// True peak never passed, in dBTP.
    pub true_peak: Decibels,
    /// The encoder's bit rate.
    pub audio_kbps: u16,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// A mix, encoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundtrackTake {
    /// AAC in an MP4, which a film takes packet by packet.
    pub sound: Artifact,
    /// Integrated loudness after the encoder in hundredths of a LUFS; `None` for silence.
    pub loudness: Option<i32>,
    /// True peak after the encoder in hundredths of a dBTP; `None` for silence.
    pub true_peak: Option<i32>,
    /// Loudness or true peak are not as asked for.
    pub missed: bool,
}

impl Step for Soundtrack {
    type Tools = Tools;
    type Output = SoundtrackTake;

    const KIND: &'static str = "soundtrack";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.mix]
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.2 + self.length.seconds() / 80.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> SoundtrackTake {
        SoundtrackTake {
            sound: Artifact::sketched(key, "audio/mp4"),
            loudness: None,
            true_peak: None,
            missed: false,
        }
    }

    fn digests(output: &SoundtrackTake) -> Vec<Digest> {
        vec![output.sound.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<SoundtrackTake>, StepError> {
        let (step, media) = (self.clone(), tools.media.clone());
        work.blocking(move |work| step.make(&media, work)).await
    }
}

impl Soundtrack {
    fn make(&self, media: &Media, work: &Work) -> Result<Made<SoundtrackTake>, StepError> {
        let mix = work.store().path_of(&self.mix);
        let asked = self.loudness.to_f64();
        let mut aim = MasterTarget {
            loudness: asked,
            ceiling: self.true_peak.to_f64() - CODEC_ROOM,
        };
        let (mut encoded, mut heard) = self.encode(media, work, &mix)?;
        for _ in 0..TRIES {
            if self.is_as_asked(&heard) {
                break;
            }
            let over = heard.true_peak - self.true_peak.to_f64();
            if over > 0.0 {
                aim.ceiling -= over + FURTHER;
            }
            aim.loudness += heard.integrated.map_or(0.0, |heard| asked - heard);
            let (wav, _) = master(&mut open(&mix)?, aim, work)?;
            (encoded, heard) = self.encode(media, work, wav.path())?;
        }
        let sound = work.store().keep(encoded, "audio/mp4")?;
        let take = SoundtrackTake {
            sound: sound.clone(),
            loudness: heard.integrated.and_then(hundredths),
            true_peak: hundredths(heard.true_peak),
            missed: !self.is_as_asked(&heard),
        };
        Ok(Made::free(take, vec![sound]))
    }

    fn is_as_asked(&self, heard: &Loudness) -> bool {
        let off = heard
            .integrated
            .map_or(0.0, |heard| heard - self.loudness.to_f64());
        off.abs() <= NEAR && heard.true_peak <= self.true_peak.to_f64()
    }

    /// Encodes, and measures what will be heard of the film: an encoder moves peaks, and with few bits
    /// loudness too.
    fn encode(
        &self,
        media: &Media,
        work: &Work,
        wav: &Path,
    ) -> Result<(TempBlob, Loudness), StepError> {
        let encoded = work.store().temp()?;
        media
            .encode_sound(wav, self.audio_kbps, encoded.path())
            .map_err(from_media)?;
        work.progress(800);
        let mut reader = media.decode_film(encoded.path()).map_err(from_media)?;
        let mut meter = Meter::new().map_err(failed)?;
        let mut block = vec![0.0; 96_000];
        loop {
            if work.is_cancelled() {
                return Err(StepError::cancelled());
            }
            let count = reader.read(&mut block).map_err(from_media)?;
            if count == 0 {
                return Ok((encoded, meter.loudness().map_err(failed)?));
            }
            meter.add(&block[..count]).map_err(failed)?;
        }
    }
}
