//! Stems: every lane of the mix as a WAV of its own, and the sheet of what is heard.

use std::collections::BTreeMap;
use std::io::BufWriter;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, TempBlob, Work};
use workprint_model::sound::SoundLicence;
use workprint_model::step::Estimate;
use workprint_model::timeline::{Lane, PlacedSound, rows};
use workprint_model::{Artifact, Decibels, Digest, SAMPLE_RATE, Samples, Slot};
use workprint_sound::SoundError;
use workprint_sound::mix::mix_lanes;
use workprint_sound::wav::{WavBits, WavWriter, write_wav};

use super::shelf::{Shelf, matched};
use super::{failed, stopped};
use crate::Tools;

/// The name and version of the sheet's format.
pub const CUE_SHEET: &str = "workprint.cue-sheet/1";

/// The lanes of a mix, each to be written as a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stems {
    /// The mixer, with its version.
    pub engine: String,
    /// What is heard, and when.
    pub sounds: Vec<PlacedSound>,
    /// How long each stem is: as long as the film, to the sample.
    pub length: Samples,
    /// Speakers are brought to the same loudness.
    pub match_voices: bool,
    /// By whose leave sounds are heard, by their names.
    pub licences: BTreeMap<String, SoundLicence>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
    /// What must be made before the times are certain.
    #[serde(skip)]
    pub timed_by: Vec<Digest>,
}

/// Stems, written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StemsTake {
    /// A 48 kHz stereo WAV of 32-bit floats for each lane with sounds, before any mastering: their
    /// sum is the mix, to the bit.
    pub lanes: Vec<(Lane, Artifact)>,
    /// What is heard when, in which lane and row, from where, by whose leave: JSON.
    pub sheet: Artifact,
}

impl Step for Stems {
    type Tools = Tools;
    type Output = StemsTake;

    const KIND: &'static str = "stems";
    const REVISION: u32 = 1;

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
            seconds: 0.1 + self.length.seconds() / 200.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> StemsTake {
        let sketched = |lane| {
            let digest = Digest::of_json(&(key, lane));
            (lane, Artifact::sketched(&digest, "audio/wav"))
        };
        StemsTake {
            lanes: self.lanes().into_iter().map(sketched).collect(),
            sheet: Artifact::sketched(&Digest::of_json(&(key, "sheet")), "application/json"),
        }
    }

    fn digests(output: &StemsTake) -> Vec<Digest> {
        let lanes = output.lanes.iter().map(|(_, stem)| stem.digest);
        lanes.chain([output.sheet.digest]).collect()
    }

    async fn perform(&self, _: &Tools, work: &Work) -> Result<Made<StemsTake>, StepError> {
        let step = self.clone();
        work.blocking(move |work| step.make(work)).await
    }
}

impl Stems {
    /// The lanes with sounds.
    fn lanes(&self) -> Vec<Lane> {
        let has = |lane: &Lane| self.sounds.iter().any(|sound| sound.lane == *lane);
        Lane::ALL.into_iter().filter(has).collect()
    }

    fn make(&self, work: &Work) -> Result<Made<StemsTake>, StepError> {
        let (sounds, _) = matched(&self.sounds, self.match_voices, work)?;
        let mut files: Vec<(Lane, TempBlob)> = Vec::new();
        for lane in self.lanes() {
            files.push((lane, work.store().temp()?));
        }
        self.write(&sounds, &mut files, work).map_err(failed)?;
        let mut lanes = Vec::new();
        for (lane, file) in files {
            lanes.push((lane, work.store().keep(file, "audio/wav")?));
        }
        let sheet = serde_json::to_vec_pretty(&self.sheet(&sounds)).unwrap_or_default();
        let sheet = work.store().keep_bytes(&sheet, "application/json")?;
        let all = lanes.iter().map(|(_, stem)| stem.clone());
        let all = all.chain([sheet.clone()]).collect();
        Ok(Made::free(StemsTake { lanes, sheet }, all))
    }

    fn write(
        &self,
        sounds: &[PlacedSound],
        files: &mut [(Lane, TempBlob)],
        work: &Work,
    ) -> Result<(), SoundError> {
        let mut writers = Vec::new();
        for (_, file) in files {
            writers.push(write_wav(BufWriter::new(file.file()), 2, WavBits::F32)?);
        }
        let mut done = 0;
        mix_lanes(sounds, self.length, &Shelf { work }, &mut |blocks| {
            for (writer, (_, block)) in writers.iter_mut().zip(blocks) {
                writer.write(block)?;
            }
            done += blocks
                .first()
                .map_or(0, |(_, block)| block.len() as u64 / 2);
            work.progress((done * 1000 / self.length.0.max(1)) as u16);
            if work.is_cancelled() {
                Err(stopped())
            } else {
                Ok(())
            }
        })?;
        writers
            .into_iter()
            .try_for_each(|writer| WavWriter::finish(writer).map(drop))
    }

    fn sheet<'a>(&'a self, sounds: &'a [PlacedSound]) -> Sheet<'a> {
        let rows = rows(sounds);
        let entry = |(sound, row): (&'a PlacedSound, usize)| Entry {
            lane: sound.lane,
            row,
            name: &sound.name,
            from: sound.from,
            length: sound.length,
            gain: sound.gain,
            speaker: sound.speaker.as_ref().map(workprint_model::CastId::as_str),
            sound: sound.sound.digest,
            licence: self.licences.get(&sound.name),
        };
        Sheet {
            format: CUE_SHEET,
            sample_rate: SAMPLE_RATE,
            length: self.length,
            sounds: sounds.iter().zip(rows).map(entry).collect(),
        }
    }
}

/// What is heard when.
#[derive(Serialize)]
struct Sheet<'a> {
    format: &'static str,
    sample_rate: u32,
    length: Samples,
    sounds: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    lane: Lane,
    row: usize,
    name: &'a str,
    from: Samples,
    length: Samples,
    gain: Decibels,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'a str>,
    sound: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<&'a SoundLicence>,
}
