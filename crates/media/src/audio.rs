//! A file's sound at 48 kHz.

use std::path::{Path, PathBuf};
use std::process::ChildStdout;

use workprint_model::SAMPLE_RATE;

use crate::Media;
use crate::decode::fill;
use crate::error::{MediaError, Result};
use crate::probe::{SAFE_INPUT, of_input, open};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// How many bytes are read from the pipe at once.
const BLOCK: usize = 64 * 1024;

/// Samples a second that are read. Fewer are no sound, and would take hours to stretch to 48 kHz.
const RATES: std::ops::RangeInclusive<u32> = 1000..=768_000;

/// Samples, one after the other. Dropping it stops the program.
#[derive(Debug)]
pub struct AudioReader {
    running: Running,
    stdout: Option<ChildStdout>,
    path: PathBuf,
    channels: usize,
    block: Vec<u8>,
}

impl AudioReader {
    /// How many channels are interleaved.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Fills `samples`, whose length is a multiple of the number of channels, with interleaved
    /// samples; the number written, which is smaller than asked for only at the end and 0 after it.
    /// What is not a number in the file is silence.
    pub fn read(&mut self, samples: &mut [f32]) -> Result<usize> {
        let wanted = samples.len() / self.channels * self.channels;
        let mut written = 0;
        while written < wanted {
            let Some(stdout) = &mut self.stdout else {
                break;
            };
            let bytes = ((wanted - written) * 4).min(BLOCK / self.channels / 4 * self.channels * 4);
            self.block.resize(bytes, 0);
            let filled = fill(stdout, &mut self.block)
                .map_err(MediaError::io("read the sound of", &self.path))?;
            let (numbers, _) = self.block[..filled].as_chunks::<4>();
            for (sample, bytes) in samples[written..].iter_mut().zip(numbers) {
                let value = f32::from_le_bytes(*bytes);
                *sample = if value.is_finite() { value } else { 0.0 };
            }
            written += numbers.len();
            if filled < bytes {
                self.stdout = None;
                self.running
                    .finish()
                    .map_err(|error| of_input(error, &self.path))?;
            }
        }
        Ok(written)
    }

    /// Reads everything that is left, at most `limit` samples (of all channels together); a longer
    /// sound is an error.
    pub fn read_all(mut self, limit: usize) -> Result<Vec<f32>> {
        let mut all = Vec::new();
        let mut block = vec![0.0; BLOCK / 4 / self.channels * self.channels];
        loop {
            let count = self.read(&mut block)?;
            if count == 0 {
                return Ok(all);
            }
            if all.len() + count > limit {
                let frames = limit / self.channels;
                let why = format!("it is longer than {} s", frames / SAMPLE_RATE as usize);
                return Err(MediaError::bad(&self.path, why));
            }
            all.extend_from_slice(&block[..count]);
        }
    }
}

impl Media {
    /// Starts reading a file's first sound as 48 kHz floats of `channels` (1 to 8) interleaved
    /// channels.
    ///
    /// Sample 0 is the file's beginning: a sound that begins later than the picture is preceded by
    /// silence. One channel becomes several unchanged, two become one as their mean, and surround
    /// is mixed down without clipping.
    pub fn decode_audio(&self, path: &Path, channels: u8) -> Result<AudioReader> {
        self.decode_audio_at(path, channels, 100)
    }

    /// The same, played in so many percent of its tempo, 50 to 200, at its own pitch.
    pub fn decode_audio_at(&self, path: &Path, channels: u8, tempo: u16) -> Result<AudioReader> {
        if !(50..=200).contains(&tempo) {
            return Err(MediaError::BadRequest(format!(
                "sound cannot be played at {tempo} percent: 50 to 200 are possible"
            )));
        }
        if !(1..=8).contains(&channels) {
            return Err(MediaError::BadRequest(format!(
                "sound cannot have `{channels}` channels: 1 to 8 are possible"
            )));
        }
        let probe = self.probe(path)?;
        let Some(audio) = &probe.audio else {
            return Err(MediaError::bad(path, "it has no sound"));
        };
        if !RATES.contains(&audio.rate) {
            let why = format!("its sound has {} samples a second", audio.rate);
            return Err(MediaError::bad(path, why));
        }
        self.start_audio(path, (audio.channels, channels), tempo)
    }

    fn start_audio(
        &self,
        path: &Path,
        (from, channels): (u32, u8),
        tempo: u16,
    ) -> Result<AudioReader> {
        let mut arguments = Arguments::default();
        arguments.add(["-hide_banner", "-nostdin", "-v", "error"]);
        arguments.add(SAFE_INPUT);
        arguments.add([
            "-i",
            "file:/dev/stdin",
            "-map",
            "0:a:0",
            "-vn",
            "-sn",
            "-dn",
        ]);
        let mut filters = filters(from, channels);
        if tempo != 100 {
            // Overlapping stretches that are alike (WSOLA): https://ffmpeg.org/ffmpeg-filters.html#atempo
            let faster = format!(",atempo={}.{:02}", tempo / 100, tempo % 100);
            filters.push_str(&faster);
        }
        arguments.set("-af", filters);
        arguments.set("-ar", SAMPLE_RATE);
        arguments.set("-ac", channels);
        arguments.add(["-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"]);
        let mut running = Running::start(
            Call {
                program: &self.programs.ffmpeg,
                hint: FFMPEG_HINT,
                arguments: arguments.0,
                input: Input::File(open(path)?),
                subject: path.to_owned(),
                limit: None,
            },
            &self.cancel,
        )?;
        Ok(AudioReader {
            stdout: running.stdout(),
            running,
            path: path.to_owned(),
            channels: usize::from(channels),
            block: Vec::new(),
        })
    }
}

fn filters(from: u32, to: u8) -> String {
    let resample = format!(
        "aresample={SAMPLE_RATE}:async=1:first_pts=0:min_hard_comp=0.1:rematrix_maxval=1.0"
    );
    match (from, to) {
        (1, 2) => format!("{resample},pan=stereo|c0=c0|c1=c0"),
        (2, 1) => format!("{resample},pan=mono|c0=0.5*c0+0.5*c1"),
        // The layout is agreed on between the two filters, so the first one mixes down.
        _ => format!(
            "{resample},aformat=sample_fmts=flt:channel_layouts={}",
            layout(to)
        ),
    }
}

/// ffmpeg's name for the usual layout of a number of channels.
fn layout(channels: u8) -> &'static str {
    match channels {
        1 => "mono",
        2 => "stereo",
        3 => "3.0",
        4 => "quad",
        5 => "5.0",
        6 => "5.1",
        7 => "6.1",
        _ => "7.1",
    }
}
