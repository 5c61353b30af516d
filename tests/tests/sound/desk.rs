//! A run of sound steps in a folder of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use workprint_engine::{Mode, Pools, Run, RunOptions, Selection, Spending};
use workprint_media::{Cancel, Media, Programs};
use workprint_model::event::Event;
use workprint_model::lock::Lock;
use workprint_model::timeline::PlacedSound;
use workprint_model::{Artifact, Decibels, Digest, Samples, Slot};
use workprint_picture::fonts::Fonts;
use workprint_sound::Sound;
use workprint_sound::wav::{WavBits, WavSound, write_wav};
use workprint_stages::mix::{Mix, MixTake, Soundtrack, SoundtrackTake, Stems, StemsTake};
use workprint_stages::sounds::{MakeSound, Origin, SoundTake};
use workprint_stages::{Identities, Tools};
use workprint_store::{Clock, Store};

/// A vault, and the programs, without a production around them.
pub(crate) struct Desk {
    folder: TempDir,
    store: Store,
    tools: Arc<Tools>,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::with_prefix("workprint-sound-").unwrap();
        let store = Store::open(folder.path(), "test", Clock::system())
            .await
            .unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let media = Media::new(Programs::find(&path, &[]), Cancel::default());
        let identities = Identities {
            ffmpeg: "ffmpeg of a test".to_owned(),
            espeak: None,
            rife: None,
            realesrgan: None,
        };
        Self {
            folder,
            store,
            tools: Arc::new(Tools::new(media, identities, Arc::new(Fonts::with(&[])))),
            events: Arc::default(),
        }
    }

    /// A new run over what is kept so far.
    pub(crate) fn run(&self) -> Run<Tools> {
        let events = Arc::clone(&self.events);
        events.lock().unwrap().clear();
        Run::new(
            RunOptions {
                mode: Mode::Perform,
                episode: "pilot".parse().unwrap(),
                main_output: true,
                selection: Selection::default(),
                pools: Pools::new(2),
                film: "main".to_owned(),
                spending: Spending::default(),
                cancel: CancellationToken::new(),
            },
            Arc::clone(&self.tools),
            (self.store.clone(), None),
            Lock::default(),
            (
                Arc::new(move |event: &Event| events.lock().unwrap().push(event.clone())),
                Clock::system(),
            ),
        )
    }

    /// The kinds of the steps that the last run performed, with their numbers.
    pub(crate) fn performed(&self) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for event in self.events.lock().unwrap().iter() {
            if let Event::StepFinished { step, .. } = event {
                *kinds.entry(step.kind.clone()).or_default() += 1;
            }
        }
        kinds
    }

    /// A file of the production.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> (PathBuf, Digest) {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let digest = Digest::of(bytes);
        self.tools.know_file(digest, path.clone());
        (path, digest)
    }

    /// A WAV of 48 kHz floats in the vault, as a step makes it.
    pub(crate) fn sound(&self, channels: u16, samples: &[f32]) -> (Artifact, Samples) {
        let file = std::io::Cursor::new(Vec::new());
        let mut wav = write_wav(file, channels, WavBits::F32).unwrap();
        wav.write(samples).unwrap();
        let bytes = wav.finish().unwrap().into_inner();
        let length = Samples((samples.len() / usize::from(channels)) as u64);
        (self.store.keep_bytes(&bytes, "audio/wav").unwrap(), length)
    }

    /// Some bytes in the vault.
    pub(crate) fn keep(&self, bytes: &[u8]) -> Artifact {
        self.store
            .keep_bytes(bytes, "application/octet-stream")
            .unwrap()
    }

    /// A sound of the vault as a film's, without picture.
    pub(crate) fn encode(&self, wav: &Artifact, out: &Path, audio_kbps: u16) -> Artifact {
        let media = &self.tools.media;
        media
            .encode_sound(&self.path_of(wav), audio_kbps, out)
            .unwrap();
        self.keep(&fs::read(out).unwrap())
    }

    pub(crate) async fn decode(&self, file: Digest) -> Result<SoundTake, String> {
        let run = self.run();
        let made = run.step(decoding(file)).await;
        let events = self.events.lock().unwrap();
        let told = events.iter().find_map(|event| match event {
            Event::StepFailed { message, hints, .. } => Some(format!("{message} {hints:?}")),
            _ => None,
        });
        let told = told.unwrap_or_default();
        match made {
            Ok(take) if run.is_made(&take.sound.digest) => Ok(take),
            Ok(_) => Err(told),
            Err(error) => Err(format!("{error} {told}")),
        }
    }

    pub(crate) async fn mix(&self, mix: Mix) -> MixTake {
        let run = self.run();
        let take = run.step(mix).await.unwrap();
        assert!(run.is_made(&take.sound.digest), "{:?}", run.diagnostics());
        take
    }

    /// Mixes, and encodes what comes of it.
    pub(crate) async fn soundtrack(&self, mix: Mix, audio_kbps: u16) -> (MixTake, SoundtrackTake) {
        let take = self.mix(mix.clone()).await;
        let soundtrack = self.encoded(&mix, &take, audio_kbps).await;
        (take, soundtrack)
    }

    /// The soundtrack of what was mixed.
    pub(crate) async fn encoded(
        &self,
        mix: &Mix,
        take: &MixTake,
        audio_kbps: u16,
    ) -> SoundtrackTake {
        let soundtrack = Soundtrack {
            engine: "ffmpeg of a test".to_owned(),
            mix: take.sound.digest,
            length: mix.length,
            loudness: mix.loudness,
            true_peak: mix.true_peak,
            audio_kbps,
            slot: Slot::new("soundtrack", "main"),
        };
        self.run().step(soundtrack).await.unwrap()
    }

    pub(crate) async fn stems(&self, mix: &Mix) -> StemsTake {
        let stems = Stems {
            engine: "stems of a test".to_owned(),
            sounds: mix.sounds.clone(),
            length: mix.length,
            match_voices: mix.match_voices,
            licences: BTreeMap::new(),
            slot: Slot::new("stems", "main"),
            timed_by: Vec::new(),
        };
        self.run().step(stems).await.unwrap()
    }

    pub(crate) fn path_of(&self, artifact: &Artifact) -> PathBuf {
        self.store.path_of(&artifact.digest)
    }

    /// All samples of a WAV in the vault.
    pub(crate) fn samples(&self, artifact: &Artifact) -> Vec<f32> {
        let file = File::open(self.path_of(artifact)).unwrap();
        let mut sound = WavSound::open(BufReader::new(file)).unwrap();
        let mut out = vec![0.0; sound.samples().0 as usize * usize::from(sound.channels())];
        sound.read(&mut out).unwrap();
        out
    }

    /// All samples of a file as ffmpeg decodes it, stereo.
    pub(crate) fn heard(&self, path: &Path) -> Vec<f32> {
        let reader = self.tools.media.decode_audio(path, 2).unwrap();
        reader.read_all(48_000 * 2 * 600).unwrap()
    }
}

/// The step that decodes a file.
pub(crate) fn decoding(file: Digest) -> MakeSound {
    MakeSound {
        engine: "ffmpeg of a test".to_owned(),
        source: Origin::File { file },
        timed_by: Vec::new(),
        licence: None,
        slot: Slot::new("sound", file.short()),
    }
}

/// A mix of sounds for the usual output.
pub(crate) fn mix_of(sounds: Vec<PlacedSound>, length: u64) -> Mix {
    Mix {
        engine: "mix of a test".to_owned(),
        sounds,
        length: Samples(length),
        loudness: Decibels::new(-14),
        true_peak: Decibels::new(-1),
        match_voices: true,
        slot: Slot::new("mix", "main"),
        timed_by: Vec::new(),
    }
}
