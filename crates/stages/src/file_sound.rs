//! A file's sound: read here where it is a WAV at 48 kHz, decoded by ffmpeg otherwise.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use workprint_engine::StepError;
use workprint_media::{AudioReader, Media};
use workprint_sound::Sound;
use workprint_sound::wav::{WavSound, read_wav};

use crate::tools::from_media;

/// A file's first sound at 48 kHz. A WAV that needs nothing done to it gives the samples that ffmpeg
/// would give, without two programs being started for it.
#[derive(Debug)]
pub(crate) struct FileSound(Source);

#[derive(Debug)]
enum Source {
    Wav {
        sound: WavSound<BufReader<File>>,
        /// One channel in the file, two wanted.
        doubled: bool,
    },
    Decoded(AudioReader),
}

impl FileSound {
    /// Starts reading a file's sound as one channel or two.
    pub(crate) fn open(media: &Media, path: &Path, channels: u8) -> Result<Self, StepError> {
        Self::open_at(media, path, channels, 100)
    }

    /// The same in so many percent of its tempo, 50 to 200, at its own pitch.
    pub(crate) fn open_at(
        media: &Media,
        path: &Path,
        channels: u8,
        tempo: u16,
    ) -> Result<Self, StepError> {
        if tempo == 100
            && let Some(wav) = whole_wav(path, u16::from(channels))
        {
            return Ok(Self(wav));
        }
        let reader = media.decode_audio_at(path, channels, tempo);
        Ok(Self(Source::Decoded(reader.map_err(from_media)?)))
    }

    /// Fills `out` with interleaved samples; the number written, which is smaller than asked for only
    /// at the end and 0 after it. What is not a number in the file is silence.
    pub(crate) fn read(&mut self, out: &mut [f32]) -> Result<usize, StepError> {
        let (sound, doubled) = match &mut self.0 {
            Source::Decoded(reader) => return reader.read(out).map_err(from_media),
            Source::Wav { sound, doubled } => (sound, *doubled),
        };
        let broken = |error| StepError::permanent(format!("a WAV cannot be read: {error}"));
        let count = if doubled {
            let half = out.len() / 2;
            let count = sound.read(&mut out[..half]).map_err(broken)?;
            for at in (0..count).rev() {
                out[2 * at] = out[at];
                out[2 * at + 1] = out[at];
            }
            count * 2
        } else {
            let channels = usize::from(sound.channels());
            sound.read(out).map_err(broken)? * channels
        };
        for sample in &mut out[..count] {
            if !sample.is_finite() {
                *sample = 0.0;
            }
        }
        Ok(count)
    }
}

/// A WAV at 48 kHz with all the samples that its header tells of, which need no mixing down; whatever
/// is odd about a file is told by those who decode it.
fn whole_wav(path: &Path, channels: u16) -> Option<Source> {
    let open = || File::open(path).ok().map(BufReader::new);
    let told = read_wav(open()?).ok()?.samples()?;
    let sound = WavSound::open(open()?).ok()?;
    let doubled = sound.channels() == 1 && channels == 2;
    let usable = sound.samples() == told && told.0 > 0;
    (usable && (doubled || sound.channels() == channels)).then_some(Source::Wav { sound, doubled })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use workprint_media::{Cancel, Programs};
    use workprint_sound::wav::{WavBits, write_wav};

    use super::*;

    fn all(mut read: impl FnMut(&mut [f32]) -> usize) -> Vec<u32> {
        let (mut all, mut block) = (Vec::new(), vec![0.0; 1000]);
        loop {
            let count = read(&mut block);
            if count == 0 {
                return all;
            }
            all.extend(block[..count].iter().map(|sample| sample.to_bits()));
        }
    }

    #[test]
    fn what_is_read_here_is_what_ffmpeg_decodes() {
        let dir = tempfile::tempdir().unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "ffmpeg is where this machine has it"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        let media = Media::new(Programs::find(&path, &[]), Cancel::default());
        let cases = [
            (1, 2, WavBits::I16),
            (1, 1, WavBits::I24),
            (2, 2, WavBits::F32),
        ];
        for (channels, wanted, bits) in cases {
            let path = dir.path().join("x.wav");
            let mut wav = write_wav(Cursor::new(Vec::new()), channels, bits).unwrap();
            let wave = (0..2000 * i32::from(channels)).map(|n| ((n * n) as f32 * 0.01).sin() * 0.9);
            wav.write(&wave.collect::<Vec<_>>()).unwrap();
            std::fs::write(&path, wav.finish().unwrap().into_inner()).unwrap();
            let mut here = FileSound::open(&media, &path, wanted).unwrap();
            assert!(matches!(here.0, Source::Wav { .. }), "{bits:?}");
            let here = all(|block| here.read(block).unwrap());
            let mut there = media.decode_audio(&path, wanted).unwrap();
            let there = all(|block| there.read(block).unwrap());
            assert_eq!(here.len(), 2000 * usize::from(wanted));
            assert_eq!(here, there, "{bits:?}");
        }
    }

    #[test]
    fn what_is_odd_is_left_to_ffmpeg() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.wav");
        let mut wav = write_wav(Cursor::new(Vec::new()), 2, WavBits::I16).unwrap();
        wav.write(&[0.5; 200]).unwrap();
        let whole = wav.finish().unwrap().into_inner();
        let mut slower = whole.clone();
        slower[60..64].copy_from_slice(&44_100u32.to_le_bytes());
        for (bytes, channels, here) in [
            (&whole[..], 2, true),
            (&whole[..], 1, false),
            (&whole[..whole.len() - 8], 2, false),
            (&slower[..], 2, false),
            (&whole[..30], 2, false),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(whole_wav(&path, channels).is_some(), here);
        }
    }
}
