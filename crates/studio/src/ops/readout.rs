//! Readout: an episode's voices, before any picture is made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use workprint_engine::Run;
use workprint_model::{Artifact, CueId, Id};
use workprint_stages::sources::lines_without;
use workprint_stages::{Order, Tools, readout};

use crate::ops::render::{RenderOptions, stem};
use crate::{Production, StudioError, finals};

/// Makes a readout and puts it into its folder, in the place of the one before.
pub(super) async fn make(
    run: &Run<Tools>,
    production: &Production,
    options: &RenderOptions,
    order: &Order<'_>,
) -> Result<Vec<String>, StudioError> {
    let reading = readout(run, order, &notes(production)).await?;
    let stem = stem(production, options);
    let mut files: Vec<(String, &Artifact)> = vec![
        (format!("{stem}.html"), &reading.take.page),
        (format!("{stem}.json"), &reading.take.list),
        (format!("{stem}.wav"), &reading.sound),
    ];
    let digits = if reading.chapters.len() < 100 { 2 } else { 5 };
    let chapters = reading.chapters.iter().zip(1..);
    files.extend(chapters.map(|((title, sound), number)| {
        let title = Id::slug(title, "chapter");
        (format!("{stem}.{number:0digits$}-{title}.wav"), sound)
    }));
    let place = &production.place;
    let folder = place.readouts();
    let mut delivered = Vec::new();
    for (name, artifact) in &files {
        if !run.is_made(&artifact.digest) {
            continue;
        }
        let target = folder.join(name);
        let event = finals::deliver(
            run.store(),
            place,
            (&target, finals::Earlier::Replace),
            artifact,
            None,
        );
        for event in event.await? {
            run.emit(event);
        }
        delivered.push(place.shown(&target));
    }
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for old in chapters_of(&folder, &stem, &names) {
        finals::withdraw(run.store(), place, &old).await?;
    }
    Ok(delivered)
}

/// What should be known of lines whose files are missing.
fn notes(production: &Production) -> BTreeMap<CueId, String> {
    let missing = lines_without(&production.episode, &production.show, &production.missing);
    let note = |file| format!("its file `{file}` is missing: a synthetic voice is heard");
    let notes = missing.into_iter().map(|(line, file)| (line, note(file)));
    notes.collect()
}

/// Chapters in the folder that the episode no longer has: `STEM.NN-TITLE.wav`.
fn chapters_of(folder: &std::path::Path, stem: &str, now: &BTreeSet<&str>) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_old = |name: &str| {
        let chapter = name
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_prefix('.'));
        let chapter = chapter.and_then(|rest| rest.strip_suffix(".wav"));
        let number = chapter.and_then(|rest| rest.split_once('-'));
        number.is_some_and(|(number, _)| {
            number.len() >= 2 && number.bytes().all(|byte| byte.is_ascii_digit())
        }) && !now.contains(name)
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut old: Vec<PathBuf> = names
        .filter(|name| is_old(name))
        .map(|name| folder.join(name))
        .collect();
    old.sort();
    old
}
