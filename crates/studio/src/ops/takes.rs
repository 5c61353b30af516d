//! Takes: what has filled a slot, and which of it is chosen.

use std::collections::BTreeSet;
use std::fs;

use serde::Serialize;
use workprint_engine::Step as _;
use workprint_model::lock::{Lock, LockedTake};
use workprint_model::show::Show;
use workprint_model::step::StepRecord;
use workprint_model::takes::Assessment;
use workprint_model::{Digest, MediaPath, Slot};
use workprint_stages::assess::{Assess, Assessed, Judge};
use workprint_stages::generate::{Inspect, Inspected};
use workprint_store::Store;

use crate::ops::plan::planning;
use crate::ops::render::{RenderOptions, write_lock};
use crate::{Host, Place, Production, StudioError};

/// Kinds of slots that have takes.
const KINDS: [&str; 7] = [
    "voice", "speaker", "generate", "animate", "image", "clip", "sound",
];
/// Kinds of which several takes may be ordered at once.
const ORDERED: [&str; 2] = ["generate", "animate"];
/// The most that may be: sixteen, and eight more below the floor.
const MOST_TAKES: u32 = 24;
/// Kinds whose takes a person looks at where they lie.
const SEEN: [&str; 3] = ["generate", "animate", "image"];
/// The kind whose takes are learned: the lock keeps them until they are renewed.
const LEARNED: &str = "speaker";
/// The largest file that may be added as a take.
const FILE_LIMIT: u64 = 4 << 30;

/// A slot with its takes.
#[derive(Debug, Clone, Serialize)]
pub struct SlotTakes {
    /// The slot.
    pub slot: Slot,
    /// Its takes, oldest first.
    pub takes: Vec<Take>,
    /// Whether a person pinned the chosen one.
    pub pinned: bool,
}

/// A take.
#[derive(Debug, Clone, Serialize)]
pub struct Take {
    /// Its number in the slot, counted from 1.
    pub number: usize,
    /// The digest of what was made.
    pub digest: Digest,
    /// The key of the step that made it.
    pub key: Digest,
    /// The engine.
    pub engine: String,
    /// The seed.
    pub seed: Option<u32>,
    /// When it was made: milliseconds since 1970, UTC.
    pub made_at: i64,
    /// Whether the lock chooses it.
    pub chosen: bool,
    /// How good it is, by what was measured, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// Why the show's judge says what it says of it, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where a picture or a clip lies, from the show's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// The takes of all slots of an episode, or of one.
pub async fn list(
    host: &Host,
    place: Place,
    slot: Option<&str>,
) -> Result<Vec<SlotTakes>, StudioError> {
    let store = Store::open_read_only(&place.root, host.clock.clone()).await?;
    let production = Production::open(place, &store).await?;
    let slots = slots(host, &production, &store).await?;
    let slots = match slot {
        Some(slot) => vec![find(&slots, slot)?],
        None => slots.into_iter().collect(),
    };
    let mut out = Vec::new();
    for slot in slots {
        let locked = production.lock.find(&slot);
        let records = usable(&store, &slot).await?;
        let mut takes = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let (assessment, why) = assessment(&store, &production.show, record).await?;
            takes.push(Take {
                file: seen_at(&store, &production.place, record),
                assessment,
                why,
                ..take(index, record, locked)
            });
        }
        out.push(SlotTakes {
            pinned: locked.is_some_and(|take| take.pinned),
            slot,
            takes,
        });
    }
    Ok(out)
}

/// The takes of a slot: what came of a try that could not be used is none.
async fn usable(store: &Store, slot: &Slot) -> Result<Vec<StepRecord>, StudioError> {
    let mut records = store.takes(slot).await?;
    if ORDERED.contains(&slot.kind()) {
        for number in 2..=MOST_TAKES {
            let more = Slot::from(format!("{slot}~{number}").as_str());
            records.extend(store.takes(&more).await?);
        }
        // Each has the number that it had before others were made.
        records.sort_by_key(|record| (record.made_at, record.key));
        records.dedup_by_key(|record| (record.made_at, record.key));
    }
    records.retain(|record| record.output["fault"].is_null());
    Ok(records)
}

fn take(index: usize, record: &StepRecord, locked: Option<&LockedTake>) -> Take {
    Take {
        number: index + 1,
        digest: digest_of(record),
        key: record.key,
        engine: record.engine.clone(),
        seed: record.seed,
        made_at: record.made_at,
        chosen: locked.is_some_and(|take| take.key == Some(record.key)),
        assessment: None,
        why: None,
        file: None,
    }
}

/// What was measured of a take last, with what the show's judge said of it last, and why.
async fn assessment(
    store: &Store,
    show: &Show,
    record: &StepRecord,
) -> Result<(Option<Assessment>, Option<String>), StudioError> {
    if !ORDERED.contains(&record.slot.kind()) {
        return Ok((None, None));
    }
    let readers = store.readers_of(&digest_of(record)).await?;
    let last = readers.iter().rev().find(|step| step.kind == Assess::KIND);
    let assessed =
        last.and_then(|step| serde_json::from_value::<Assessed>(step.output.clone()).ok());
    let Some(Assessed { assessment, .. }) = assessed else {
        return Ok((None, None));
    };
    let judge = show.takes.judge.as_ref();
    let judge = judge.and_then(|name| show.engines.text.get(name));
    let opinion = judge.and_then(|judge| {
        let by = |step: &&StepRecord| {
            step.kind == Inspect::KIND
                && step.params["vendor"] == judge.vendor.as_str()
                && step.params["model"] == judge.model.as_str()
        };
        let mut judged = readers.iter().rev().filter(by);
        judged.find_map(|step| {
            let inspected = serde_json::from_value::<Inspected>(step.output.clone());
            inspected.ok()?.read::<Judge>()
        })
    });
    Ok(match opinion {
        Some(opinion) => (Some(assessment.judged(&opinion)), Some(opinion.reason())),
        None => (Some(assessment), None),
    })
}

/// Where a person finds a take to look at; nothing where the vault lost it.
fn seen_at(store: &Store, place: &Place, record: &StepRecord) -> Option<String> {
    let made = record.artifacts.first();
    let made = made.filter(|made| SEEN.contains(&record.slot.kind()) && store.has(made))?;
    Some(place.shown(&store.path_of(&made.digest)))
}

/// The digest that names a take: its first artifact's, or, where nothing was put into the vault (the
/// user's own clip), that of what it was made from.
fn digest_of(record: &StepRecord) -> Digest {
    let made = record.artifacts.first().map(|artifact| artifact.digest);
    made.or_else(|| record.inputs.first().copied())
        .unwrap_or(record.key)
}

/// Chooses an earlier take and pins it: it stays, whatever the manifest says, until it is undone.
pub async fn select(
    host: &Host,
    place: Place,
    slot: &str,
    number: usize,
) -> Result<SlotTakes, StudioError> {
    let slot = change(host, place.clone(), slot, async |store, slot, _| {
        let records = usable(store, slot).await?;
        let Some(record) = number.checked_sub(1).and_then(|index| records.get(index)) else {
            return Err(StudioError::request(
                format!("`{slot}` has no take {number}"),
                format!(
                    "it has {}; see `workprint takes list EPISODE {slot}`",
                    records.len()
                ),
            ));
        };
        Ok(LockedTake {
            digest: digest_of(record),
            key: Some(record.key),
            engine: Some(record.engine.clone()),
            seed: record.seed,
            recipe: Some(record.params.clone()),
            file: None,
            instead: record.instead.clone(),
            pinned: true,
        })
    })
    .await?;
    one(host, place, &slot).await
}

/// Pins the take that is chosen now.
pub async fn pin(host: &Host, place: Place, slot: &str) -> Result<SlotTakes, StudioError> {
    let slot = change(
        host,
        place.clone(),
        slot,
        async |_, slot, lock| match lock.find(slot) {
            Some(take) => Ok(LockedTake {
                pinned: true,
                ..take.clone()
            }),
            None => Err(StudioError::request(
                format!("`{slot}` has no take yet"),
                "render first, or add a file: `workprint takes add EPISODE SLOT FILE`",
            )),
        },
    )
    .await?;
    one(host, place, &slot).await
}

/// Adds a file as a take, chooses it and pins it. The file is copied into the episode's folder, where
/// version control sees it.
pub async fn add(
    host: &Host,
    place: Place,
    slot: &str,
    file: &str,
) -> Result<SlotTakes, StudioError> {
    let path = host.directory.join(file);
    let meta = fs::metadata(&path).map_err(StudioError::file("read", &path))?;
    if !meta.is_file() || meta.len() == 0 || meta.len() > FILE_LIMIT {
        return Err(StudioError::request(
            format!("`{}` cannot be a take", path.display()),
            "name a file with something in it, of at most 4 GiB",
        ));
    }
    let extension: String = path
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase)
        .filter(|extension| {
            extension.len() <= 8 && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        })
        .unwrap_or_else(|| "bin".to_owned());
    let episode = place.clone();
    let slot = change(host, place.clone(), slot, async |store, slot, _| {
        if slot.kind() == LEARNED {
            return Err(StudioError::request(
                format!("`{slot}` is learned from the voice, and cannot be a file"),
                format!(
                    "learn it anew: `workprint takes renew {} {slot}`",
                    episode.episode
                ),
            ));
        }
        let folder = episode.folder().join("takes");
        fs::create_dir_all(&folder).map_err(StudioError::file("make", &folder))?;
        let part = folder.join(".adding.part");
        fs::copy(&path, &part).map_err(StudioError::file("copy", &path))?;
        let shown: Result<MediaPath, _> = episode.shown(&part).parse();
        let relative =
            shown.map_err(|error| StudioError::request(error.to_string(), "rename the episode"))?;
        let (digest, _) = store.digest_file(&relative).await?;
        let name = format!(
            "{}-{}.{extension}",
            slot.as_str().replace(['/', '@'], "-"),
            &digest.short()[..8]
        );
        let target = folder.join(name);
        fs::rename(&part, &target).map_err(StudioError::file("write", &target))?;
        let shown: Result<MediaPath, _> = episode.shown(&target).parse();
        let file =
            shown.map_err(|error| StudioError::request(error.to_string(), "rename the episode"))?;
        Ok(LockedTake {
            digest,
            key: None,
            engine: Some("file".to_owned()),
            seed: None,
            recipe: None,
            file: Some(file),
            instead: None,
            pinned: true,
        })
    })
    .await?;
    one(host, place, &slot).await
}

/// Lets go of the chosen take: the next render fills the slot by what the manifest says now.
pub async fn renew(host: &Host, place: Place, slot: &str) -> Result<SlotTakes, StudioError> {
    let store = Store::open(&place.root, &host.command, host.clock.clone()).await?;
    let production = Production::open(place.clone(), &store).await?;
    let slots = slots(host, &production, &store).await?;
    let slot = find(&slots, slot)?;
    let mut lock = production.lock.clone();
    let held = |take: &LockedTake| take.pinned || take.instead.is_some() || slot.kind() == LEARNED;
    let Some(take) = lock.slots.remove(slot.as_str()).filter(held) else {
        return Err(StudioError::request(
            format!("the next render fills `{slot}` by what the manifest says anyway"),
            "there is nothing to renew; to make it again from the same, `workprint render EPISODE --from STAGE`",
        ));
    };
    store
        .push_choice(&place.episode, &slot, Some(&take))
        .await?;
    // Else the ledger would have it in the place of the first engine's all the same.
    store.let_go(&slot, take.key.as_ref()).await?;
    write_lock(&place, &lock)?;
    store.close().await?;
    one(host, place, &slot).await
}

/// Takes back the latest choice of a slot.
pub async fn undo(host: &Host, place: Place, slot: &str) -> Result<SlotTakes, StudioError> {
    let store = Store::open(&place.root, &host.command, host.clock.clone()).await?;
    let production = Production::open(place.clone(), &store).await?;
    let slots = slots(host, &production, &store).await?;
    let slot = find(&slots, slot)?;
    let mut lock = production.lock.clone();
    match store.pop_choice(&place.episode, &slot).await? {
        Some(Some(previous)) => drop(lock.slots.insert(slot.as_str().to_owned(), previous)),
        Some(None) => drop(lock.slots.remove(slot.as_str())),
        None => match lock.slots.get_mut(slot.as_str()).filter(|take| take.pinned) {
            // The ledger that knew what was before is gone: the manifest decides again.
            Some(take) => {
                take.pinned = false;
                take.file = None;
            }
            None => {
                return Err(StudioError::request(
                    format!("there is nothing to undo in `{slot}`"),
                    format!(
                        "see its takes: `workprint takes list {} {slot}`",
                        place.episode
                    ),
                ));
            }
        },
    }
    write_lock(&place, &lock)?;
    store.close().await?;
    one(host, place, &slot).await
}

/// Replaces the locked take of a slot, remembering the one before.
async fn change(
    host: &Host,
    place: Place,
    slot: &str,
    choose: impl AsyncFnOnce(&Store, &Slot, &Lock) -> Result<LockedTake, StudioError>,
) -> Result<Slot, StudioError> {
    let store = Store::open(&place.root, &host.command, host.clock.clone()).await?;
    let production = Production::open(place.clone(), &store).await?;
    let slots = slots(host, &production, &store).await?;
    let slot = find(&slots, slot)?;
    let mut lock = production.lock.clone();
    let take = choose(&store, &slot, &lock).await?;
    store
        .push_choice(&place.episode, &slot, lock.find(&slot))
        .await?;
    lock.slots.insert(slot.as_str().to_owned(), take);
    write_lock(&place, &lock)?;
    store.close().await?;
    Ok(slot)
}

async fn one(host: &Host, place: Place, slot: &Slot) -> Result<SlotTakes, StudioError> {
    let found = list(host, place, Some(slot.as_str())).await?.pop();
    Ok(found.unwrap_or_else(|| SlotTakes {
        slot: slot.clone(),
        takes: Vec::new(),
        pinned: false,
    }))
}

/// The slots of an episode that have takes, from its plan and its lock.
async fn slots(
    host: &Host,
    production: &Production,
    store: &Store,
) -> Result<BTreeSet<Slot>, StudioError> {
    let (run, _) = planning(host, production, &RenderOptions::default(), store).await?;
    let planned = run.planned().into_iter().map(|step| step.slot);
    let locked = production
        .lock
        .slots
        .keys()
        .map(|slot| Slot::from(slot.as_str()));
    Ok(planned
        .chain(locked)
        .filter(|slot| KINDS.contains(&slot.kind()))
        .filter(|slot| !(ORDERED.contains(&slot.kind()) && slot.name().contains('~')))
        .collect())
}

fn find(slots: &BTreeSet<Slot>, name: &str) -> Result<Slot, StudioError> {
    let slot = Slot::from(name);
    if slots.contains(&slot) {
        return Ok(slot);
    }
    let near: Vec<String> = slots
        .iter()
        .filter(|slot| {
            slot.name() == name || slot.name().contains(name) || name.contains(slot.name())
        })
        .take(6)
        .map(|slot| format!("`{slot}`"))
        .collect();
    let hint = if near.is_empty() {
        "see them all: `workprint takes list EPISODE`".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    let name: String = name.chars().take(80).collect();
    Err(StudioError::request(
        format!("the episode has no slot `{name}`"),
        hint,
    ))
}
