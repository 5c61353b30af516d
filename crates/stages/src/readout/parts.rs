//! Parts: a sound cut into pieces at samples.

use std::fs::File;
use std::io::{BufReader, BufWriter};

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, TempBlob, Work};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, SAMPLE_RATE, Samples, Slot};
use workprint_sound::wav::{WavBits, WavSound, write_wav};
use workprint_sound::{Sound, SoundError};

use crate::Tools;
use crate::mix::{failed, stopped};

/// A 48 kHz stereo WAV of 24 bits, to be cut into pieces whose samples are those of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// The whole.
    pub sound: Digest,
    /// From where to where, in samples; the whole's end where it ends before.
    pub parts: Vec<(Samples, Samples)>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

impl Step for Parts {
    type Tools = Tools;
    /// A WAV for each part.
    type Output = Vec<Artifact>;

    const KIND: &'static str = "parts";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-parts 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.sound]
    }

    fn estimate(&self) -> Estimate {
        let length = self.parts.iter().map(|(from, to)| (*to - *from).seconds());
        Estimate {
            seconds: 0.05 + length.sum::<f64>() / 2000.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Vec<Artifact> {
        let sketched = |n| Artifact::sketched(&Digest::of_json(&(key, n)), "audio/wav");
        (0..self.parts.len()).map(sketched).collect()
    }

    fn digests(output: &Vec<Artifact>) -> Vec<Digest> {
        output.iter().map(|part| part.digest).collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Vec<Artifact>>, StepError> {
        let (step, path) = (self.clone(), tools.locate(work, &self.sound)?);
        work.blocking(move |work| {
            let file = File::open(&path).map_err(|error| {
                StepError::permanent(format!("cannot read `{}`", path.display())).because(error)
            })?;
            let mut whole = WavSound::open(BufReader::new(file)).map_err(failed)?;
            let mut made = Vec::new();
            for span in &step.parts {
                let mut part = work.store().temp()?;
                cut(&mut whole, *span, &mut part, work).map_err(failed)?;
                made.push(work.store().keep(part, "audio/wav")?);
            }
            Ok(Made::free(made.clone(), made))
        })
        .await
    }
}

/// Writes the samples of a span, as they are: 24 bits go through a float of 32 without a change.
fn cut(
    whole: &mut WavSound<BufReader<File>>,
    (from, to): (Samples, Samples),
    part: &mut TempBlob,
    work: &Work,
) -> Result<(), SoundError> {
    let channels = whole.channels();
    let mut out = write_wav(BufWriter::new(part.file()), channels, WavBits::I24)?;
    let width = usize::from(channels);
    let mut block = vec![0.0; SAMPLE_RATE as usize * width];
    let mut left = (to - from).0;
    whole.seek(from)?;
    while left > 0 {
        if work.is_cancelled() {
            return Err(stopped());
        }
        let want = left.min(u64::from(SAMPLE_RATE)) as usize;
        let count = whole.read(&mut block[..want * width])?;
        if count == 0 {
            break;
        }
        out.write(&block[..count * width])?;
        left -= count as u64;
    }
    out.finish().map(drop)
}
