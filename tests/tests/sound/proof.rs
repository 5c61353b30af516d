//! What the proof of a film finds, in films with one fault each.

use std::collections::BTreeMap;

use workprint_interchange::captions::srt;
use workprint_interchange::transcript::{Transcript, TranscriptLine, TranscriptWord};
use workprint_model::caption_rules::CaptionLimits;
use workprint_model::proof::{ProofCheck, ProofReport, Waivers};
use workprint_model::timeline::{Lane, PlacedCaption, PlacedSound};
use workprint_model::{Artifact, Decibels, Frames, Language, Millis, Rate, Samples, Slot};
use workprint_stages::captions::Spoken;
use workprint_stages::mix::{Mix, MixTake, SoundtrackTake};
use workprint_stages::proof::{Listen, Proof, ProofLine, ProofSound};

use crate::desk::{Desk, mix_of};
use crate::signals::{speech, tone};

/// The film's length: ten seconds at 30 frames a second.
const FRAMES: u64 = 300;
/// When the two lines begin, in frames, and what they say.
const LINES: [(u64, &str); 2] = [
    (30, "Every night the lamp shone."),
    (150, "Nobody knew why."),
];
/// How long each is.
const SECONDS: f64 = 3.0;

/// A mix, and what the encoder made of it.
type Mixed = (MixTake, SoundtrackTake);

/// A film of two lines over a bed, and everything that its proof is given.
struct Bench {
    desk: Desk,
    voices: Vec<Artifact>,
    sounds: Vec<PlacedSound>,
}

fn language() -> Language {
    "en".parse().unwrap()
}

impl Bench {
    async fn new() -> Self {
        let desk = Desk::new().await;
        let (bed, length) = desk.sound(1, &tone(220.0, 10.0, 0.02));
        let bed = PlacedSound::plain("bed", Lane::Music, &bed, (Samples(0), length));
        let mut sounds = vec![bed];
        let mut voices = Vec::new();
        for (n, (from, _)) in LINES.iter().enumerate() {
            let (voice, heard) = desk.sound(1, &speech(n as u32 + 3, SECONDS, 0.3));
            let from = Rate::FPS_30.sample_of(Frames(*from));
            let name = format!("line-{n}");
            sounds.push(PlacedSound::plain(
                &name,
                Lane::Voice,
                &voice,
                (from, heard),
            ));
            voices.push(voice);
        }
        Self {
            desk,
            voices,
            sounds,
        }
    }

    fn length() -> Samples {
        Rate::FPS_30.sample_of(Frames(FRAMES))
    }

    async fn mixed(&self, change: impl FnOnce(&mut Mix)) -> Mixed {
        let mut mix = mix_of(self.sounds.clone(), Self::length().0);
        change(&mut mix);
        self.desk.soundtrack(mix, 192).await
    }

    fn transcript() -> Transcript {
        let ms = |frame: u64| {
            Rate::FPS_30
                .sample_of(Frames(frame))
                .millis()
                .0
                .unsigned_abs()
        };
        let lines = LINES.iter().enumerate().map(|(n, (from, text))| {
            let words: Vec<&str> = text.split(' ').collect();
            let step = (SECONDS * 1000.0) as u64 / words.len() as u64;
            let word = |(at, word): (usize, &&str)| TranscriptWord {
                text: (*word).to_owned(),
                from_ms: ms(*from) + at as u64 * step,
                to_ms: ms(*from) + (at as u64 + 1) * step,
            };
            TranscriptLine {
                cue: format!("line-{n}").parse().unwrap(),
                speaker: None,
                language: None,
                from_ms: ms(*from),
                to_ms: ms(*from) + (SECONDS * 1000.0) as u64,
                text: (*text).to_owned(),
                words: words.iter().enumerate().map(word).collect(),
            }
        });
        Transcript {
            title: String::new(),
            language: language(),
            length_ms: 10_000,
            chapters: Vec::new(),
            lines: lines.collect(),
        }
    }

    /// The caption of each line as it should be: frames from and how many, and its text.
    fn captions() -> Vec<(u64, u64, String)> {
        let all = LINES.iter();
        all.map(|(from, text)| (*from, 80, (*text).to_owned()))
            .collect()
    }

    fn srt(captions: &[(u64, u64, String)]) -> String {
        let placed = captions.iter().map(|(from, length, text)| PlacedCaption {
            cue: "line-0".parse().unwrap(),
            speaker: None,
            second: None,
            lines: vec![text.clone()],
            from: Frames(*from),
            length: Frames(*length),
            style: workprint_model::show::CaptionStyle::default(),
            language: language(),
            burn: false,
            words: Vec::new(),
            safe: None,
            timed_by: Vec::new(),
        });
        srt(&placed.collect::<Vec<_>>(), Rate::FPS_30)
    }

    /// The proof of a film with such a sound.
    fn proof(&self, (mix, soundtrack): &Mixed) -> Proof {
        let srt = self.desk.keep(Self::srt(&Self::captions()).as_bytes());
        let lines = LINES.iter().zip(&self.voices).enumerate();
        Proof {
            engine: "proof of a test".to_owned(),
            film: soundtrack.sound.digest,
            rate: Rate::FPS_30,
            frames: Frames(FRAMES),
            sound: Some(ProofSound {
                mix: mix.sound.digest,
                encoded: soundtrack.sound.digest,
                loudness: Decibels::new(-14),
                true_peak: Decibels::new(-1),
            }),
            heard: None,
            reads: false,
            words: BTreeMap::new(),
            lines: lines
                .map(|(n, ((from, text), voice))| ProofLine {
                    cue: format!("line-{n}").parse().unwrap(),
                    text: (*text).to_owned(),
                    said: None,
                    reader: None,
                    voice: voice.digest,
                    from: Rate::FPS_30.sample_of(Frames(*from)),
                    length: Samples((SECONDS * 48_000.0) as u64),
                })
                .collect(),
            captions: srt.digest,
            burned: Vec::new(),
            spoken: Spoken {
                transcript: Self::transcript(),
                meant: Vec::new(),
                unspoken: Vec::new(),
                limits: CaptionLimits::of(&language()),
            },
            waived: Waivers::new(),
            slot: Slot::new("proof", "main"),
        }
    }

    async fn report(&self, mut proof: Proof) -> ProofReport {
        let run = self.desk.run();
        let listen = Listen::of(&proof, "proof of a test".to_owned(), proof.slot.clone());
        proof.heard = Some(run.step(listen.unwrap()).await.unwrap().heard.digest);
        let take = run.step(proof).await.unwrap();
        assert!(run.is_made(&take.report.digest), "{:?}", run.diagnostics());
        let written = std::fs::read(self.desk.path_of(&take.report)).unwrap();
        assert_eq!(
            serde_json::from_slice::<ProofReport>(&written).unwrap(),
            take.proof
        );
        take.proof
    }
}

fn checks(report: &ProofReport) -> Vec<ProofCheck> {
    let mut checks: Vec<ProofCheck> = report.findings.iter().map(|f| f.check).collect();
    checks.dedup();
    checks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_film_has_no_faults_and_is_measured() {
    let bench = Bench::new().await;
    let take = bench.mixed(|_| {}).await;
    let report = bench.report(bench.proof(&take)).await;
    assert!(report.passed && report.findings.is_empty(), "{report:?}");
    let measured = &report.measured;
    assert_eq!((measured.lines, measured.captions), (2, 2));
    assert!(measured.worst_sync.as_ref().unwrap().late_ms.abs() <= 1);
    let sound = measured.sound.as_ref().unwrap();
    assert_eq!(
        (sound.loudness, sound.true_peak),
        (take.1.loudness, take.1.true_peak)
    );
    assert!(sound.samples.0.abs_diff(Bench::length().0) < 1024 && sound.clipped == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voices_that_are_late_or_missing_are_told() {
    let bench = Bench::new().await;
    let moved = async |ms: u64| {
        let take = bench.mixed(|mix| {
            let line = mix.sounds.iter_mut().find(|s| s.name == "line-1").unwrap();
            line.from = line.from + Millis(ms as i64).samples();
        });
        bench.report(bench.proof(&take.await)).await
    };
    assert!(moved(30).await.passed);
    let late = moved(60).await;
    assert_eq!(checks(&late), [ProofCheck::Sync], "{late:?}");
    let worst = late.measured.worst_sync.unwrap();
    assert_eq!((worst.caption.as_str(), worst.late_ms), (LINES[1].1, -60));
    let take = bench.mixed(|mix| mix.sounds.retain(|s| s.name != "line-0"));
    let missing = bench.report(bench.proof(&take.await)).await;
    assert_eq!(checks(&missing), [ProofCheck::Voices], "{missing:?}");
    assert!(missing.findings[0].message.contains("line-0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn levels_lengths_and_silences_are_told() {
    let bench = Bench::new().await;
    let quiet = bench.mixed(|mix| mix.loudness = Decibels::new(-16)).await;
    let found = bench.report(bench.proof(&quiet)).await;
    assert_eq!(checks(&found), [ProofCheck::Loudness], "{found:?}");
    let good = bench.mixed(|_| {}).await;
    let mut proof = bench.proof(&good);
    proof.sound.as_mut().unwrap().true_peak = Decibels::new(-12);
    let found = bench.report(proof).await;
    assert_eq!(checks(&found), [ProofCheck::TruePeak], "{found:?}");
    let mut proof = bench.proof(&good);
    proof.frames = Frames(FRAMES + 2);
    let found = bench.report(proof).await;
    assert_eq!(checks(&found), [ProofCheck::Length], "{found:?}");
    // The bed is gone and the first line is silent: nothing is heard where the mix has sound.
    let silent = bench
        .mixed(|mix| mix.sounds.retain(|s| s.name == "line-1"))
        .await;
    let mut proof = bench.proof(&silent);
    proof.sound.as_mut().unwrap().mix = good.0.sound.digest;
    let found = bench.report(proof).await;
    assert_eq!(
        checks(&found),
        [ProofCheck::Silence, ProofCheck::Voices],
        "{found:?}"
    );
    let silences = &found.measured.sound.as_ref().unwrap().silences;
    assert!(!silences.is_empty() && silences.iter().all(|silence| !silence.asked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_that_clips_is_told() {
    let bench = Bench::new().await;
    let mut square = tone(200.0, 10.0, 9.0);
    for sample in &mut square {
        *sample = sample.clamp(-1.3, 1.3);
    }
    let stereo: Vec<f32> = square.iter().flat_map(|sample| [*sample; 2]).collect();
    let (loud, _) = bench.desk.sound(2, &stereo);
    let out = bench.desk.path_of(&loud).with_extension("clipped.mp4");
    let film = bench.desk.encode(&loud, &out, 192);
    let good = bench.mixed(|_| {}).await;
    let mut proof = bench.proof(&good);
    proof.film = film.digest;
    proof.sound.as_mut().unwrap().encoded = film.digest;
    proof.lines.clear();
    let found = bench.report(proof).await;
    assert!(checks(&found).contains(&ProofCheck::Clipping), "{found:?}");
    assert!(found.measured.sound.unwrap().clipped > 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_with_another_sound_is_told() {
    let bench = Bench::new().await;
    let take = bench.mixed(|_| {}).await;
    let other = bench.mixed(|mix| mix.sounds.retain(|s| s.name != "line-0"));
    let mut proof = bench.proof(&take);
    proof.film = other.await.1.sound.digest;
    let found = bench.report(proof).await;
    assert_eq!(checks(&found), [ProofCheck::Length], "{found:?}");
    assert!(
        found.findings[0]
            .message
            .contains("not the one that was mixed")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn captions_are_held_against_what_is_heard() {
    let bench = Bench::new().await;
    let take = bench.mixed(|_| {}).await;
    let with = async |change: fn(&mut Vec<(u64, u64, String)>)| {
        let mut captions = Bench::captions();
        change(&mut captions);
        let mut proof = bench.proof(&take);
        proof.captions = bench.desk.keep(Bench::srt(&captions).as_bytes()).digest;
        checks(&bench.report(proof).await)
    };
    assert_eq!(
        with(|captions| captions[0].0 += 2).await,
        [ProofCheck::Sync]
    );
    assert_eq!(
        with(|captions| captions[0].1 = 25).await,
        [ProofCheck::CaptionsSpeed]
    );
    let late = Bench::srt(&Bench::captions()).replace("00:00:03,66", "00:00:05,56");
    let mut proof = bench.proof(&take);
    proof.captions = bench.desk.keep(late.as_bytes()).digest;
    let found = bench.report(proof).await;
    assert_eq!(checks(&found), [ProofCheck::CaptionsOverlap]);
    let other = |captions: &mut Vec<(u64, u64, String)>| captions[1].2 = "Nobody knows.".into();
    assert_eq!(with(other).await, [ProofCheck::CaptionsText]);
    let mut proof = bench.proof(&take);
    let cues = ["line-0"; 2].map(|cue| cue.parse().unwrap());
    proof.burned = vec![(cues, Frames(33), vec![LINES[0].1.to_owned()])];
    let found = bench.report(proof).await;
    assert_eq!(checks(&found), [ProofCheck::Sync]);
    assert!(found.measured.worst_sync.unwrap().burned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiver_is_recorded_and_passes_its_own_check_alone() {
    let bench = Bench::new().await;
    let quiet = bench.mixed(|mix| mix.loudness = Decibels::new(-16)).await;
    let mut proof = bench.proof(&quiet);
    proof
        .waived
        .insert(ProofCheck::Loudness, "a whisper".to_owned());
    let found = bench.report(proof.clone()).await;
    assert!(found.passed && found.findings[0].waived);
    assert_eq!(found.waived[&ProofCheck::Loudness], "a whisper");
    proof.waived.clear();
    proof
        .waived
        .insert(ProofCheck::Sync, "not this one".to_owned());
    assert!(!bench.report(proof).await.passed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_checked_is_told_and_fails_nothing() {
    let bench = Bench::new().await;
    let take = bench.mixed(|_| {}).await;
    let mut proof = bench.proof(&take);
    // There is no program that could read it.
    proof.lines[1].reader = Some("en".to_owned());
    let found = bench.report(proof).await;
    assert!(found.passed && found.findings.is_empty(), "{found:?}");
    assert_eq!(found.not_made.len(), 1);
    assert_eq!(found.not_made[0].check, ProofCheck::Sync);
    assert!(found.not_made[0].why.contains("`line-1`"));
    // Half a second of sound, 4 dB under what is asked for.
    let brief = bench
        .mixed(|mix| {
            mix.sounds.retain(|s| s.name == "line-0");
            mix.sounds[0].length = Samples(24_000);
            mix.loudness = Decibels::new(-18);
        })
        .await;
    let mut proof = bench.proof(&brief);
    proof.lines.truncate(1);
    let found = bench.report(proof).await;
    assert!(!checks(&found).contains(&ProofCheck::Loudness), "{found:?}");
    assert_eq!(found.not_made[0].check, ProofCheck::Loudness);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voice_under_a_louder_sound_is_heard_and_a_silent_one_is_not() {
    let mut bench = Bench::new().await;
    let take = bench
        .mixed(|mix| {
            let bed = mix.sounds.iter_mut().find(|s| s.name == "bed").unwrap();
            bed.gain = Decibels::new(36);
        })
        .await;
    let found = bench.report(bench.proof(&take)).await;
    assert!(!checks(&found).contains(&ProofCheck::Voices), "{found:?}");
    let (silence, _) = bench.desk.sound(1, &vec![0.0; 48_000 * 3]);
    bench.voices[1] = silence;
    let found = bench.report(bench.proof(&take)).await;
    let voices = found
        .findings
        .iter()
        .find(|f| f.check == ProofCheck::Voices);
    assert!(voices.unwrap().message.contains("is silent"), "{found:?}");
}
