//! Voice: every line of dialogue as a 48 kHz mono WAV, trimmed and levelled.

mod bought;
pub(crate) mod lexicon;
pub(crate) mod marks;
mod server;

use std::io::Cursor;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::SpeechRequest;
use workprint_model::show::DubTiming;
use workprint_model::step::Estimate;
use workprint_model::words::{Phoneme, Word};
use workprint_model::{Artifact, Decibels, Digest, SAMPLE_RATE, Samples, Slot};
use workprint_sound::SoundError;
use workprint_sound::resample;
use workprint_sound::voice::{LineLevel, trim_and_level};
use workprint_sound::wav::{WavBits, write_wav};

pub use self::bought::{Bought, BoughtStretch};
use self::marks::Heard;
pub use self::marks::Marks;
pub use self::server::Asked;
use crate::Tools;
use crate::file_sound::FileSound;
use crate::tools::from_media;

/// The loudness that every line is brought to before the mix.
const LINE_LOUDNESS: Decibels = Decibels::new(-20);

/// One line, to be spoken or to be taken from a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// The engine, with its version.
    pub engine: String,
    /// Where the voice comes from.
    #[serde(flatten)]
    pub source: VoiceSource,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// Where a voice comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum VoiceSource {
    /// espeak-ng.
    Espeak {
        /// Exactly what is said.
        text: String,
        /// espeak's name of the voice.
        voice: String,
        /// Words a minute.
        rate: u16,
        /// 0 to 100.
        pitch: u8,
        /// 0 to 100.
        range: u8,
        /// Speak faster, within limits, so that the line is no longer than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fit: Option<Samples>,
        /// Those limits: at most so many percent of its own pace.
        #[serde(
            default = "VoiceSource::fastest",
            skip_serializing_if = "VoiceSource::is_fastest"
        )]
        fastest: u16,
        /// Pauses, stress and sounds.
        #[serde(default, skip_serializing_if = "Marks::is_none")]
        marks: Marks,
    },
    /// An engine of the show: a speech server or a program.
    Server(Asked),
    /// A vendor's model.
    Bought(Bought),
    /// A recording.
    File {
        /// The digest of its bytes.
        file: Digest,
        /// Keep its length: silence at its ends stays, so that times counted in it hold.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        whole: bool,
        /// Which samples of it: from, and up to; all where it is missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        span: Option<(Samples, Option<Samples>)>,
    },
    /// Nobody speaks, for as long as the line is likely to take.
    Silence {
        /// What would be said.
        text: String,
        /// Words a minute.
        rate: u16,
        /// No longer than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fit: Option<Samples>,
    },
}

impl VoiceSource {
    /// The fastest pace of dubs where a show says nothing.
    pub fn fastest() -> u16 {
        DubTiming::default().fastest
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_fastest(fastest: &u16) -> bool {
        *fastest == Self::fastest()
    }
}

/// What makes silence; raised when it comes out otherwise.
pub const SILENCE: &str = "workprint-silence 1";

/// A spoken line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceTake {
    /// A 48 kHz mono WAV.
    pub sound: Artifact,
    /// How long it is.
    pub length: Samples,
    /// What the synthesiser told of its own words and sounds: JSON of [`SpokenEvents`].
    pub events: Option<Artifact>,
}

/// A synthesiser's own account of when it said what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenEvents {
    /// Characters of the text from, to, and when they are heard.
    pub words: Vec<SpokenWord>,
    /// Speech sounds.
    pub phonemes: Vec<Phoneme>,
}

/// A word of a synthesiser's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenWord {
    /// Its first character in the text.
    pub from: usize,
    /// The character after its last.
    pub to: usize,
    /// When it begins.
    pub start: Samples,
    /// When it has ended.
    pub end: Samples,
}

impl Step for Voice {
    type Tools = Tools;
    type Output = VoiceTake;

    const KIND: &'static str = "voice";
    const REVISION: u32 = 1;
    const TAKES: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            ..self
        }
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        match &self.source {
            VoiceSource::File { file, .. } => vec![*file],
            VoiceSource::Server(asked) => asked.files.clone(),
            VoiceSource::Bought(bought) => bought.inputs(),
            VoiceSource::Espeak { .. } | VoiceSource::Silence { .. } => Vec::new(),
        }
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.15,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> VoiceTake {
        let length = match &self.source {
            VoiceSource::Espeak {
                text,
                rate,
                fit,
                marks,
                ..
            } => fitting_length(text, *rate, *fit) + marks.silence(),
            VoiceSource::Silence { text, rate, fit } => fitting_length(text, *rate, *fit),
            VoiceSource::Server(asked) => {
                fitting_length(&asked.text, asked.rate, asked.fit) + asked.marks.silence()
            }
            VoiceSource::Bought(bought) => {
                fitting_length(&bought.text, bought.rate, bought.fit) + bought.marks.silence()
            }
            VoiceSource::File { span, .. } => match span {
                Some((from, Some(to))) => *to - *from,
                _ => Samples(u64::from(SAMPLE_RATE) * 3),
            },
        };
        // Servers may tell, too; that is seen when they speak.
        let tells = match &self.source {
            VoiceSource::Espeak { .. } | VoiceSource::Silence { .. } => true,
            VoiceSource::Bought(bought) => bought.tells(),
            VoiceSource::Server(_) | VoiceSource::File { .. } => false,
        };
        VoiceTake {
            sound: Artifact::sketched(key, "audio/wav"),
            length,
            events: tells.then(|| Artifact::sketched(key, "application/json")),
        }
    }

    fn digests(output: &VoiceTake) -> Vec<Digest> {
        vec![output.sound.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<VoiceTake>, StepError> {
        let media = tools.media.clone();
        match self.source.clone() {
            VoiceSource::Espeak {
                text,
                voice,
                rate,
                pitch,
                range,
                fit,
                fastest,
                marks,
            } => {
                let request = SpeechRequest {
                    rate_wpm: rate,
                    pitch,
                    range,
                    ..SpeechRequest::new(text, voice)
                };
                work.blocking(move |work| speak(&media, work, (request, &marks), (fit, fastest)))
                    .await
            }
            VoiceSource::File { file, whole, span } => {
                let path = tools.locate(work, &file)?;
                work.blocking(move |work| {
                    let reader = FileSound::open(&media, &path, 1)?;
                    let samples = read_recording(reader, span)?;
                    record(work, &samples, whole)
                })
                .await
            }
            VoiceSource::Server(asked) => {
                let engine = tools.voices.get(&asked.name).cloned();
                let files = asked.files.iter().map(|file| tools.locate(work, file));
                let files = files.collect::<Result<Vec<_>, _>>()?;
                work.blocking(move |work| asked.perform((engine.as_ref(), &files), &media, work))
                    .await
            }
            VoiceSource::Bought(bought) => {
                let stretches = bought.locate(tools, work)?;
                work.blocking(move |work| bought.perform(&stretches, &media, work))
                    .await
            }
            VoiceSource::Silence { text, rate, fit } => {
                work.blocking(move |work| silence(work, &text, fitting_length(&text, rate, fit)))
                    .await
            }
        }
    }
}

/// About 5.7 characters and a space to a word; a little for each stop.
fn likely_length(text: &str, rate: u16) -> Samples {
    let characters = workprint_model::words::width(text).max(1) as u64;
    let stops = text
        .chars()
        .filter(|c| matches!(c, '.' | ',' | '!' | '?' | ';' | ':'))
        .count() as u64;
    let second = u64::from(SAMPLE_RATE);
    Samples(characters * second * 60 / (u64::from(rate.max(1)) * 6) + stops * second / 8)
}

fn fitting_length(text: &str, rate: u16, fit: Option<Samples>) -> Samples {
    let own = likely_length(text, rate);
    fit.map_or(own, |fit| own.min(fit))
}

/// Silence, with the words in it where somebody who speaks evenly would say them.
fn silence(work: &Work, text: &str, length: Samples) -> Result<Made<VoiceTake>, StepError> {
    let units = workprint_model::words::units(text);
    let words = even_words(text, length);
    let words = units.iter().zip(&words).map(|(unit, word)| SpokenWord {
        from: unit.from,
        to: unit.to,
        start: word.start,
        end: word.end,
    });
    let events = SpokenEvents {
        words: words.collect(),
        phonemes: Vec::new(),
    };
    keep(work, &vec![0.0; length.0 as usize], Some(&events))
}

fn speak(
    media: &workprint_media::Media,
    work: &Work,
    (mut request, marks): (SpeechRequest, &Marks),
    (fit, fastest): (Option<Samples>, u16),
) -> Result<Made<VoiceTake>, StepError> {
    let own_rate = u32::from(request.rate_wpm);
    let mut take = level(media, &request, marks)?;
    // Speaking faster is not exactly proportional, so it is asked for again from what it gave.
    for _ in 0..3 {
        let Some(fit) = fit.filter(|fit| fit.0 > 0 && take.0.len() as u64 > fit.0) else {
            break;
        };
        let needed = u64::from(request.rate_wpm) * take.0.len() as u64 / fit.0 + 3;
        let fastest = (own_rate * u32::from(fastest) / 100).min(450);
        let rate = (needed.min(u64::from(fastest))) as u16;
        if rate <= request.rate_wpm {
            break;
        }
        request.rate_wpm = rate;
        take = level(media, &request, marks)?;
    }
    keep(work, &take.0, take.1.as_ref())
}

fn line_level() -> LineLevel {
    LineLevel {
        target: LINE_LOUDNESS,
        ..LineLevel::default()
    }
}

fn failed(error: SoundError) -> StepError {
    StepError::permanent("cannot make the voice").because(error)
}

fn level(
    media: &workprint_media::Media,
    request: &SpeechRequest,
    marks: &Marks,
) -> Result<Heard, StepError> {
    marks.speak(&request.text, |stretch| {
        let request = SpeechRequest {
            text: stretch.text.clone(),
            stress: stretch.stress.clone(),
            sounds: stretch.sounds.clone(),
            ..request.clone()
        };
        heard(media, &request)
    })
}

/// What espeak says, as it says it.
fn heard(media: &workprint_media::Media, request: &SpeechRequest) -> Result<Heard, StepError> {
    let speech = media.espeak(request).map_err(from_media)?;
    let narrow: Vec<f32> = speech
        .samples
        .iter()
        .map(|sample| f32::from(*sample) / 32_768.0)
        .collect();
    let wide = resample(&narrow, speech.sample_rate).map_err(failed)?;
    let place = |sample: u64| {
        Samples(sample * u64::from(SAMPLE_RATE) / u64::from(speech.sample_rate.max(1)))
    };
    let words = speech.words.iter().map(|word| SpokenWord {
        from: word.from,
        to: word.to,
        start: place(word.start),
        end: place(word.end),
    });
    let phonemes = speech.phonemes.iter().map(|sound| Phoneme {
        ipa: sound.ipa.clone(),
        start: place(sound.start),
        end: place(sound.end),
    });
    let events = SpokenEvents {
        words: words.collect(),
        phonemes: phonemes.collect(),
    };
    Ok((wide, Some(events)))
}

/// At most 20 minutes of a recording, mixed to one channel.
pub(crate) fn read_recording(
    mut reader: FileSound,
    span: Option<(Samples, Option<Samples>)>,
) -> Result<Vec<f32>, StepError> {
    const LONGEST: usize = SAMPLE_RATE as usize * 60 * 20;
    let (from, to) = span.unwrap_or_default();
    let mut skip = usize::try_from(from.0).unwrap_or(usize::MAX);
    let most = to.map_or(usize::MAX, |to| (to - from).0 as usize);
    let mut samples = Vec::new();
    let mut block = vec![0.0; SAMPLE_RATE as usize];
    while samples.len() < most {
        let count = reader.read(&mut block)?;
        if count == 0 {
            break;
        }
        let skipped = skip.min(count);
        skip -= skipped;
        samples.extend_from_slice(&block[skipped..count]);
        if samples.len() > LONGEST {
            return Err(StepError::permanent(
                "the recording of one line is longer than 20 minutes",
            )
            .hint("cut it into one file a line, or give `from_ms` and `to_ms`"));
        }
    }
    samples.truncate(most);
    Ok(samples)
}

fn record(work: &Work, samples: &[f32], whole: bool) -> Result<Made<VoiceTake>, StepError> {
    if samples.is_empty() {
        return Err(StepError::permanent("the recording has no sound"));
    }
    let mut line = trim_and_level(samples, &line_level()).map_err(failed)?;
    if whole {
        let start = line.trimmed_start.0 as usize;
        line.samples.splice(0..0, std::iter::repeat_n(0.0, start));
        line.samples.resize(samples.len(), 0.0);
    }
    keep(work, &line.samples, None)
}

/// A WAV of one channel at 48 kHz, in 24 bits.
pub(crate) fn wav(samples: &[f32]) -> Result<Vec<u8>, StepError> {
    let mut wav = write_wav(Cursor::new(Vec::new()), 1, WavBits::I24).map_err(failed)?;
    wav.write(samples).map_err(failed)?;
    Ok(wav.finish().map_err(failed)?.into_inner())
}

fn keep(
    work: &Work,
    samples: &[f32],
    events: Option<&SpokenEvents>,
) -> Result<Made<VoiceTake>, StepError> {
    let sound = work.store().keep_bytes(&wav(samples)?, "audio/wav")?;
    let events = events
        .map(|events| {
            let json = serde_json::to_vec(events)
                .map_err(|error| StepError::permanent("cannot write events").because(error))?;
            Ok::<_, StepError>(work.store().keep_bytes(&json, "application/json")?)
        })
        .transpose()?;
    let artifacts = std::iter::once(sound.clone())
        .chain(events.clone())
        .collect();
    let length = Samples(samples.len() as u64);
    Ok(Made::free(
        VoiceTake {
            sound,
            length,
            events,
        },
        artifacts,
    ))
}

/// Words at even speed, for where nothing better is known: each unit's share is its width.
pub fn even_words(text: &str, length: Samples) -> Vec<Word> {
    let units = workprint_model::words::units(text);
    let widths: Vec<u64> = units
        .iter()
        .map(|unit| workprint_model::words::width(unit.text).max(1) as u64 + 1)
        .collect();
    let total = widths.iter().sum::<u64>().max(1);
    let mut before = 0;
    units
        .iter()
        .zip(&widths)
        .map(|(unit, width)| {
            let start = Samples(length.0 * before / total);
            before += width;
            let end = Samples((length.0 * before / total).max(start.0 + 1));
            Word {
                text: unit.text.to_owned(),
                start,
                end,
            }
        })
        .collect()
}
