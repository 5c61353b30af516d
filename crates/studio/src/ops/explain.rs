//! Explain: how a film, a frame of it, or a step came to be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use workprint_engine::{Step as _, spend_digest};
use workprint_model::proof::ProofReport;
use workprint_model::step::StepRecord;
use workprint_model::timeline::{PlacedPicture, Timeline};
use workprint_model::{Artifact, Digest, Frames, MediaPath, Money, Slot};
use workprint_stages::assess::Assess;
use workprint_stages::choose::Choose;
use workprint_stages::generate::{Animate, Generate, Inspect};
use workprint_stages::master::{Master, MasterTake};
use workprint_stages::mix::Soundtrack;
use workprint_stages::proof::{Proof, ProofTake};
use workprint_stages::{generation_digest, review_digest};
use workprint_store::{Answer, Store, Verdict};

use crate::{Host, Place, StudioError};

/// The recipe of something.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// What is explained: a path, or a slot.
    pub subject: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// What is seen and heard at the frame, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<FrameContent>,
    /// What was found when the film was heard and measured again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<ProofReport>,
    /// The steps, the last one first, each before what it was made from.
    pub steps: Vec<StepRecord>,
    /// Who said yes before they were made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// The production's own files among their inputs.
    pub files: Vec<SourceFile>,
    /// What all of it cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
}

/// What is seen and heard at a frame.
#[derive(Debug, Clone, Serialize)]
pub struct FrameContent {
    /// Its number.
    pub number: Frames,
    /// Its place as hours, minutes, seconds and milliseconds.
    pub time: String,
    /// The cue.
    pub cue: Option<String>,
    /// The shots that are seen.
    pub shots: Vec<String>,
    /// The captions.
    pub captions: Vec<String>,
    /// The overlays.
    pub overlays: Vec<String>,
    /// What is heard.
    pub sounds: Vec<String>,
}

/// A yes that a step needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// The step's key.
    pub key: Digest,
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
}

/// A file of the production.
#[derive(Debug, Clone, Serialize)]
pub struct SourceFile {
    /// Its digest.
    pub digest: Digest,
    /// Where it lies now, when it is still there unchanged.
    pub path: Option<MediaPath>,
    /// Its licence as SPDX writes it, from REUSE.toml or a `.license` file beside it.
    pub licence: Option<String>,
    /// Whose it is.
    pub copyright: Option<String>,
}

/// Explains a file that Workprint wrote (or a frame of it), or, by its slot, what fills it last.
pub async fn explain(
    host: &Host,
    show: Option<&str>,
    subject: &str,
    frame: Option<u64>,
) -> Result<Explanation, StudioError> {
    let path = host.directory.join(subject);
    let around = if path.is_file() { path.to_str() } else { show };
    let root = Place::find_show(&host.directory, around)?;
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    let explanation = if path.is_file() {
        of_file(&store, &root, &path, frame).await?
    } else {
        of_slot(&store, subject).await?
    };
    let files = source_files(&store, &root, &explanation.2).await?;
    let (digest, frame, mut steps) = explanation;
    choices(&store, &mut steps).await?;
    let proof = proof_of(&store, &digest, &steps).await?;
    let approvals = approvals(&store, &steps).await?;
    let cost = steps.iter().map(|step| step.cost).sum();
    Ok(Explanation {
        subject: subject.to_owned(),
        digest,
        frame,
        proof,
        steps,
        approvals,
        files,
        cost,
    })
}

/// Adds to what models made how it was measured and judged, and how it was chosen among others.
async fn choices(store: &Store, steps: &mut Vec<StepRecord>) -> Result<(), StudioError> {
    let made = steps.iter();
    let made = made.filter(|step| matches!(step.kind.as_str(), Generate::KIND | Animate::KIND));
    let takes: Vec<Digest> = made
        .filter_map(|step| Some(step.artifacts.first()?.digest))
        .collect();
    for take in takes {
        let mut readers = store.readers_of(&take).await?;
        readers.retain(|step| match step.kind.as_str() {
            Assess::KIND => true,
            Inspect::KIND => step.output["fault"].is_null(),
            Choose::KIND => step.output["file"]["digest"] == serde_json::json!(take),
            _ => false,
        });
        extend(steps, readers);
    }
    Ok(())
}

/// The latest yes about each step that needed one.
async fn approvals(store: &Store, steps: &[StepRecord]) -> Result<Vec<Approval>, StudioError> {
    let answers = store.answers(None).await?.into_iter();
    let yes = answers.filter(|answer| answer.verdict == Verdict::Approve);
    let yes: BTreeMap<Digest, Answer> = yes.map(|answer| (answer.digest, answer)).collect();
    if yes.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Digest> = steps.iter().map(|step| step.key).collect();
    let jobs = store.jobs_of(&keys).await?.into_iter();
    let orders = jobs.map(|job| (job.key, spend_digest(&job.key, job.reserved)));
    let masters = steps.iter().filter(|step| step.kind == Master::KIND);
    let reviews = masters.filter_map(|step| {
        let master: Master = serde_json::from_value(step.params.clone()).ok()?;
        Some((step.key, review_digest(&master)))
    });
    let clips = steps.iter().filter(|step| step.kind == Animate::KIND);
    let seen = clips.filter_map(|step| {
        let clip: Animate = serde_json::from_value(step.params.clone()).ok()?;
        Some((step.key, generation_digest(&clip.first)))
    });
    let asked: BTreeSet<(Digest, Digest)> = orders.chain(reviews).chain(seen).collect();
    let approvals = asked.into_iter().filter_map(|(key, digest)| {
        let answer = yes.get(&digest)?.clone();
        Some(Approval { key, answer })
    });
    Ok(approvals.collect())
}

/// The last proof of a film, or the proof that was asked for itself.
async fn proof_of(
    store: &Store,
    digest: &Digest,
    steps: &[StepRecord],
) -> Result<Option<ProofReport>, StudioError> {
    let made = |step: &&StepRecord| step.artifacts.iter().any(|a| a.digest == *digest);
    let Some(maker) = steps.iter().find(made) else {
        return Ok(None);
    };
    let told = |step: &StepRecord| {
        let take: ProofTake = serde_json::from_value(step.output.clone()).ok()?;
        Some(take.proof)
    };
    if maker.kind == Proof::KIND {
        return Ok(told(maker));
    }
    if maker.kind != Master::KIND {
        return Ok(None);
    }
    let slot = Slot::new(Proof::KIND, maker.slot.name());
    let takes = store.takes(&slot).await?;
    let own = takes.iter().rev().filter_map(told);
    Ok(own.into_iter().find(|proof| proof.film == *digest))
}

type Parts = (Digest, Option<FrameContent>, Vec<StepRecord>);

async fn of_slot(store: &Store, subject: &str) -> Result<Parts, StudioError> {
    let slot = Slot::from(subject);
    let Some(last) = store.takes(&slot).await?.pop() else {
        let subject: String = subject.chars().take(80).collect();
        return Err(StudioError::request(
            format!("`{subject}` is neither a file nor a slot that was ever filled"),
            "name a file of `final/`, or a slot as `workprint plan EPISODE` shows it",
        ));
    };
    let digest = last
        .artifacts
        .first()
        .map_or(last.key, |artifact| artifact.digest);
    let mut steps = vec![last.clone()];
    for artifact in &last.inputs {
        let mut recipe = store.recipe_of(artifact).await?;
        recipe.reverse();
        extend(&mut steps, recipe);
    }
    Ok((digest, None, steps))
}

async fn of_file(
    store: &Store,
    root: &Path,
    path: &Path,
    frame: Option<u64>,
) -> Result<Parts, StudioError> {
    let unknown = || {
        StudioError::request(
            format!(
                "`{}` was not made here, or was changed since",
                path.display()
            ),
            "name a file that `workprint render` wrote",
        )
    };
    let absolute = path
        .canonicalize()
        .map_err(StudioError::file("find", path))?;
    let root = root
        .canonicalize()
        .map_err(StudioError::file("find", root))?;
    let inside = absolute.strip_prefix(&root).ok().and_then(Path::to_str);
    let relative: MediaPath = inside
        .and_then(|path| path.parse().ok())
        .ok_or_else(unknown)?;
    let digest = artifact_of(store, (&relative, &absolute)).await?;
    let Some(frame) = frame else {
        let mut recipe = store.recipe_of(&digest).await?;
        recipe.reverse();
        return if recipe.is_empty() {
            Err(unknown())
        } else {
            Ok((digest, None, recipe))
        };
    };
    let master = store.maker_of(&digest).await?.pop().ok_or_else(unknown)?;
    let (content, steps) = of_frame(store, &master, Frames(frame)).await?;
    Ok((digest, Some(content), steps))
}

/// The artifact that a file is, or is a signed copy of. A deliverable that nobody touched is not read.
async fn artifact_of(
    store: &Store,
    (relative, absolute): (&MediaPath, &Path),
) -> Result<Digest, StudioError> {
    let meta = std::fs::metadata(absolute).map_err(StudioError::file("look at", absolute))?;
    if let Some(known) = crate::finals::delivered_as(store, (relative.as_str(), &meta)).await? {
        return Ok(known);
    }
    let (digest, _) = store.digest_file(relative).await?;
    Ok(store.film_of_seal(&digest).await?.unwrap_or(digest))
}

async fn of_frame(
    store: &Store,
    master: &StepRecord,
    frame: Frames,
) -> Result<(FrameContent, Vec<StepRecord>), StudioError> {
    let unreadable = || {
        StudioError::request(
            "this file has no frames that can be told apart",
            "give `--frame` with a film, an .mp4 or .mov of `final/`",
        )
    };
    let take: MasterTake =
        serde_json::from_value(master.output.clone()).map_err(|_| unreadable())?;
    let film: Master = serde_json::from_value(master.params.clone()).map_err(|_| unreadable())?;
    let bytes = store.read(&take.timeline.digest)?;
    let timeline: Timeline = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
    if frame >= timeline.length {
        return Err(StudioError::request(
            format!("there is no frame {}", frame.0),
            format!("name one of 0 to {}", timeline.length.0.saturating_sub(1)),
        ));
    }
    let mut wanted: Vec<Digest> = chunk_at(&film, frame).into_iter().collect();
    wanted.extend(mix_of(store, &film).await?);
    wanted.extend(
        shown(&timeline, frame)
            .iter()
            .map(|artifact| artifact.digest),
    );
    wanted.extend(heard(&timeline, frame).map(|sound| sound.sound.digest));
    wanted
        .extend(caption_at(&timeline, frame).flat_map(|caption| caption.timed_by.iter().copied()));
    let mut steps = vec![master.clone()];
    for digest in wanted {
        // The chunk and the mix name everything in them; only their own makers are of this frame.
        extend(&mut steps, store.maker_of(&digest).await?);
    }
    Ok((content(&timeline, frame), steps))
}

/// A film's soundtrack, and the mix that it was encoded from.
async fn mix_of(store: &Store, film: &Master) -> Result<Vec<Digest>, StudioError> {
    let Some(sound) = film.mix else {
        return Ok(Vec::new());
    };
    let mut wanted = vec![sound];
    // Films of earlier versions have their sound from the mix itself.
    for step in store.maker_of(&sound).await? {
        if step.kind == Soundtrack::KIND {
            wanted.extend(step.inputs);
        }
    }
    Ok(wanted)
}

fn chunk_at(film: &Master, frame: Frames) -> Option<Digest> {
    let mut end = Frames(0);
    let chunk = film.chunks.iter().find(|chunk| {
        end = end + chunk.frames;
        frame < end
    });
    chunk.map(|chunk| chunk.video.digest)
}

fn is_on(from: Frames, length: Frames, frame: Frames) -> bool {
    from <= frame && frame < from + length
}

fn seen(timeline: &Timeline, frame: Frames) -> impl Iterator<Item = usize> {
    let on = timeline
        .shots
        .iter()
        .position(|shot| is_on(shot.from, shot.length, frame));
    let entering = on.filter(|&on| {
        let shot = &timeline.shots[on];
        on > 0 && frame - shot.from < shot.entry.length()
    });
    entering.map(|on| on - 1).into_iter().chain(on)
}

fn shown(timeline: &Timeline, frame: Frames) -> Vec<Artifact> {
    let mut out = Vec::new();
    for shot in seen(timeline, frame).map(|index| &timeline.shots[index]) {
        match &shot.picture {
            PlacedPicture::Still(still) => {
                out.extend(still.layers.iter().map(|layer| layer.image.clone()));
            }
            PlacedPicture::Clip(clip) => out.push(clip.video.clone()),
            PlacedPicture::Plate(_) => {}
        }
        out.extend(shot.looks.iter().filter_map(|look| look.cube.clone()));
    }
    let cubes = timeline.looks.iter().filter_map(|look| look.cube.clone());
    out.extend(cubes);
    let overlays = timeline
        .overlays
        .iter()
        .filter(|overlay| is_on(overlay.from, overlay.length, frame));
    out.extend(overlays.flat_map(|overlay| overlay.artifacts().cloned()));
    out
}

fn heard(
    timeline: &Timeline,
    frame: Frames,
) -> impl Iterator<Item = &workprint_model::timeline::PlacedSound> {
    let from = timeline.rate.sample_of(frame);
    let to = timeline.rate.sample_of(frame + Frames(1));
    timeline
        .sounds
        .iter()
        .filter(move |sound| sound.from < to && from < sound.from + sound.length)
}

fn caption_at(
    timeline: &Timeline,
    frame: Frames,
) -> impl Iterator<Item = &workprint_model::timeline::PlacedCaption> {
    timeline
        .captions
        .iter()
        .filter(move |caption| is_on(caption.from, caption.length, frame))
}

fn content(timeline: &Timeline, frame: Frames) -> FrameContent {
    let cue = timeline
        .cues
        .iter()
        .find(|cue| is_on(cue.from, cue.length, frame));
    let overlays = timeline
        .overlays
        .iter()
        .filter(|overlay| is_on(overlay.from, overlay.length, frame));
    let ms = timeline.rate.sample_of(frame).millis().0;
    let time = format!(
        "{:02}:{:02}:{:02}.{:03}",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1000 % 60,
        ms % 1000
    );
    FrameContent {
        number: frame,
        time,
        cue: cue.map(|cue| cue.id.to_string()),
        shots: seen(timeline, frame)
            .map(|index| timeline.shots[index].id.to_string())
            .collect(),
        captions: caption_at(timeline, frame)
            .map(|caption| caption.lines.join(" / "))
            .collect(),
        overlays: overlays.map(|overlay| overlay.id.to_string()).collect(),
        sounds: heard(timeline, frame)
            .map(|sound| sound.name.clone())
            .collect(),
    }
}

fn extend(steps: &mut Vec<StepRecord>, more: Vec<StepRecord>) {
    for step in more {
        if !steps.iter().any(|known| known.key == step.key) {
            steps.push(step);
        }
    }
}

/// Inputs that no step made: the production's own files, found again by their digests.
pub(crate) async fn source_files(
    store: &Store,
    root: &Path,
    steps: &[StepRecord],
) -> Result<Vec<SourceFile>, StudioError> {
    let made: BTreeSet<Digest> = steps
        .iter()
        .flat_map(|step| step.artifacts.iter().map(|artifact| artifact.digest))
        .collect();
    let mut unmade: BTreeSet<Digest> = BTreeSet::new();
    for step in steps.iter().filter(|step| {
        matches!(
            step.kind.as_str(),
            "image" | "clip" | "sound" | "voice" | "graphic" | "puppet" | "generate"
        )
    }) {
        unmade.extend(step.inputs.iter().filter(|input| !made.contains(input)));
    }
    if unmade.is_empty() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    crate::licences::walk(root, &mut paths);
    let licences = crate::licences::Licences::read(root);
    let found = store.digest_files(&paths).await?;
    let by_digest: BTreeMap<Digest, MediaPath> = paths
        .into_iter()
        .zip(found)
        .filter_map(|(path, found)| Some((found.ok()?.0, path)))
        .collect();
    Ok(unmade
        .into_iter()
        .map(|digest| {
            let path = by_digest.get(&digest).cloned();
            let (licence, copyright) = path
                .as_ref()
                .map(|path| licences.of(path))
                .unwrap_or_default();
            SourceFile {
                digest,
                path,
                licence,
                copyright,
            }
        })
        .collect())
}
