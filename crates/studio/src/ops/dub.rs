//! Dub: what is to be translated as a sheet, and the translations back into the manifest.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use workprint_interchange::sheet::{self, MOST_BYTES, Row};
use workprint_model::episode::{CardSpec, CardWords, Cue, Dubbed, Episode, Overlay, Picture};
use workprint_model::markup::plain;
use workprint_model::timeline::Timeline;
use workprint_model::{Diagnostic, Language, Rate};
use workprint_stages::room_for_voice;

use crate::ops::preview::Preview;
use crate::ops::render::{RenderOptions, write_whole};
use crate::production::Texts;
use crate::{Host, Place, StudioError};

/// What was taken over from a sheet.
#[derive(Debug, Clone)]
pub struct Imported {
    /// How many texts have a translation in the sheet.
    pub taken: usize,
    /// How many of them the manifest did not have so.
    pub changed: usize,
    /// How many have none.
    pub empty: usize,
    /// What should be known; no errors.
    pub notes: Vec<Diagnostic>,
}

/// All that is said and read in an episode as a sheet, with what is translated already and the time
/// that each line has. Lines that nobody has spoken yet are spoken first.
pub async fn export(host: &Host, place: Place, language: &Language) -> Result<String, StudioError> {
    let observer = (CancellationToken::new(), Arc::new(|_: &_| {}) as _);
    let options = RenderOptions::default();
    let preview = Preview::open_spoken(host, place, &options, observer).await?;
    let mut episode = preview.production.episode.clone();
    let mut rows = rows(&mut episode, language);
    time(&mut rows, &preview);
    preview.close(false).await?;
    Ok(sheet::write(&rows))
}

/// Writes into each line's row who says it, when, and how long it may take.
fn time(rows: &mut [Row], preview: &Preview) {
    let (episode, show) = (&preview.production.episode, &preview.production.show);
    let timeline: &Timeline = &preview.timeline;
    let rate: Rate = timeline.rate;
    for (cue, placed) in episode.cues().zip(&timeline.cues) {
        let Some(row) = rows
            .iter_mut()
            .find(|row| row.id == format!("line/{}", cue.id))
        else {
            continue;
        };
        let room = room_for_voice(cue, placed, show, rate);
        let tenths = room.0 * 10 / u64::from(workprint_model::SAMPLE_RATE);
        row.seconds = format!("{}.{}", tenths / 10, tenths % 10);
        row.starts = rate.timecode(placed.from);
        let cast = episode.cast.iter().chain(&show.cast);
        let name = cast
            .filter(|member| Some(&member.id) == cue.speaker.as_ref())
            .find_map(|member| member.name.clone());
        row.speaker = name
            .or_else(|| cue.speaker.as_ref().map(ToString::to_string))
            .unwrap_or_default();
        let notes = [cue.note.as_deref(), cue.direction.as_deref()];
        row.note = notes.into_iter().flatten().collect::<Vec<_>>().join("; ");
    }
}

/// Takes a sheet's translations into the manifest. Empty cells change nothing.
pub fn import(
    host: &Host,
    place: &Place,
    language: &Language,
    file: &Path,
) -> Result<Imported, StudioError> {
    let path = host.directory.join(file);
    let shown = file.display().to_string();
    let filled = read(&path)?;
    let texts = Texts::read(place)?;
    let Some(mut episode) = texts.episode else {
        return Err(StudioError::Diagnostics(texts.diagnostics));
    };
    if episode.language.primary() == language.primary() {
        return Err(StudioError::request(
            format!("the episode is in `{}` already", episode.language),
            "name the language that was translated into",
        ));
    }
    let known = rows(&mut episode, language);
    let mut imported = Imported {
        taken: 0,
        changed: 0,
        empty: known.len(),
        notes: Vec::new(),
    };
    let wanted = imported.take(known, filled, &shown);
    visit(&mut episode, language, &mut |row| {
        if let Some(filled) = wanted.get(&row.id) {
            row.translation.clone_from(&filled.translation);
            row.say.clone_from(&filled.say);
        }
    });
    if imported.changed > 0 {
        let text = workprint_manifest::save_episode(&episode);
        write_whole(&place.manifest(), text.as_bytes())?;
    }
    Ok(imported)
}

impl Imported {
    /// The rows with a translation, of those that the episode has.
    fn take(&mut self, known: Vec<Row>, filled: Vec<Row>, sheet: &str) -> BTreeMap<String, Row> {
        let mut known: BTreeMap<String, Row> =
            known.into_iter().map(|row| (row.id.clone(), row)).collect();
        let mut wanted = BTreeMap::new();
        for row in filled {
            let Some(own) = known.remove(&row.id) else {
                let message = format!("the episode has no text `{}`", row.id);
                let note = Diagnostic::warning("dub.unknown-row", message);
                self.notes
                    .push(note.hint("export the sheet again").in_file(sheet));
                continue;
            };
            let own_text = own.text.trim();
            if !row.text.is_empty() && row.text != own_text && row.text != plain(own_text) {
                let message = format!(
                    "`{}` reads otherwise now than when it was translated",
                    row.id
                );
                let note = Diagnostic::warning("dub.other-original", message);
                let hint = format!("it is now: {}", own.text);
                self.notes.push(note.hint(hint).in_file(sheet));
            }
            if row.translation.is_empty() {
                continue;
            }
            self.taken += 1;
            self.empty -= 1;
            let same = (&row.translation, &row.say) == (&own.translation, &own.say);
            self.changed += usize::from(!same);
            wanted.insert(row.id.clone(), row);
        }
        wanted
    }
}

fn read(path: &Path) -> Result<Vec<Row>, StudioError> {
    let meta = std::fs::metadata(path).map_err(StudioError::file("read", path))?;
    let refused = |why: String| {
        StudioError::request(
            format!("`{}` is not a sheet: {why}", path.display()),
            "export one and fill its column `translation`: `workprint dub export EPISODE LANG`",
        )
    };
    if !meta.is_file() || meta.len() > MOST_BYTES as u64 {
        return Err(refused("it is not a file of at most 16 MiB".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(StudioError::file("read", path))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| refused("it is not UTF-8 text; save it as CSV UTF-8".to_owned()))?;
    sheet::read(&text).map_err(|error| refused(error.to_string()))
}

/// Every text of an episode with its translation.
fn rows(episode: &mut Episode, language: &Language) -> Vec<Row> {
    let mut rows = Vec::new();
    visit(episode, language, &mut |row| rows.push(row.clone()));
    rows
}

/// Shows every text of an episode, which `each` may translate.
fn visit(episode: &mut Episode, language: &Language, each: &mut dyn FnMut(&mut Row)) {
    let title = episode.title.clone();
    word("title", &title, each, &mut episode.titles, language);
    for chapter in &mut episode.chapters {
        let id = format!("chapter/{}", chapter.cue);
        word(
            &id,
            &chapter.title.clone(),
            each,
            &mut chapter.dub,
            language,
        );
    }
    let cues = episode.scenes.iter_mut().flat_map(|scene| &mut scene.cues);
    for cue in cues {
        line(cue, language, each);
        for shot in &mut cue.shots {
            if let Picture::Card(card) = &mut shot.picture {
                card_words(&format!("card/{}", shot.id), card, language, each);
            }
        }
    }
    for overlay in &mut episode.overlays {
        graphic(overlay, language, each);
    }
    for (number, extra) in episode.captions.also.iter_mut().enumerate() {
        let id = format!("caption/{}", number + 1);
        word(&id, &extra.text.clone(), each, &mut extra.dub, language);
    }
}

/// What a cue says.
fn line(cue: &mut Cue, language: &Language, each: &mut dyn FnMut(&mut Row)) {
    let Some(text) = cue.spoken().map(str::to_owned) else {
        return;
    };
    let own = cue.dub.get(language);
    let translation = own.and_then(Dubbed::spoken).unwrap_or_default().to_owned();
    let mut row = Row {
        id: format!("line/{}", cue.id),
        text,
        translation,
        say: own.and_then(Dubbed::say).unwrap_or_default().to_owned(),
        ..Row::default()
    };
    let before = row.clone();
    each(&mut row);
    if row != before {
        let say = Some(row.say).filter(|say| !say.is_empty());
        let dubbed = Dubbed::new(row.translation, say);
        cue.dub.insert(language.clone(), dubbed);
    }
}

/// The words of a graphic.
fn graphic(overlay: &mut Overlay, language: &Language, each: &mut dyn FnMut(&mut Row)) {
    for (field, text) in &overlay.fields {
        let mut own: BTreeMap<Language, String> = BTreeMap::new();
        let known = overlay.dub.get(language);
        if let Some(known) = known.and_then(|fields| fields.get(field)) {
            own.insert(language.clone(), known.clone());
        }
        let id = format!("graphic/{}/{field}", overlay.id);
        word(&id, text, each, &mut own, language);
        if let Some(text) = own.remove(language) {
            let fields = overlay.dub.entry(language.clone()).or_default();
            fields.insert(field.clone(), text);
        }
    }
    let values = overlay.chart.iter_mut().flat_map(|chart| &mut chart.values);
    for (number, value) in values.enumerate() {
        let id = format!("graphic/{}/label-{}", overlay.id, number + 1);
        word(&id, &value.label.clone(), each, &mut value.dub, language);
    }
}

/// A text whose translations lie in a map.
fn word(
    id: &str,
    text: &str,
    each: &mut dyn FnMut(&mut Row),
    dub: &mut BTreeMap<Language, String>,
    language: &Language,
) {
    if text.trim().is_empty() {
        return;
    }
    let mut row = Row {
        id: id.to_owned(),
        text: text.to_owned(),
        translation: dub.get(language).cloned().unwrap_or_default(),
        ..Row::default()
    };
    let before = row.translation.clone();
    each(&mut row);
    if row.translation != before {
        dub.insert(language.clone(), row.translation);
    }
}

fn card_words(id: &str, card: &mut CardSpec, language: &Language, each: &mut dyn FnMut(&mut Row)) {
    let known = card.dub.get(language).cloned();
    let only = |text: Option<String>| -> BTreeMap<Language, String> {
        text.into_iter()
            .map(|text| (language.clone(), text))
            .collect()
    };
    let mut title = only(known.as_ref().map(|words| words.title.clone()));
    let mut subtitle = only(known.as_ref().and_then(|words| words.subtitle.clone()));
    word(
        &format!("{id}/title"),
        &card.title,
        each,
        &mut title,
        language,
    );
    if let Some(text) = &card.subtitle {
        word(
            &format!("{id}/subtitle"),
            text,
            each,
            &mut subtitle,
            language,
        );
    }
    let (title, subtitle) = (title.remove(language), subtitle.remove(language));
    if title.is_some() || subtitle.is_some() {
        let words = CardWords {
            title: title.unwrap_or_else(|| card.title.clone()),
            subtitle,
        };
        card.dub.insert(language.clone(), words);
    }
}
