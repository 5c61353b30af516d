use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use workprint_model::event::Event;
use workprint_studio::ops::render::Reporter;
use workprint_studio::ops::sheet::{Page, SheetOptions, Watch, sheet};
use workprint_studio::{ExitKind, Host, Place, StudioError};

use crate::args::Sheet;
use crate::progress::{Count, Progress};
use crate::show::{self, GOOD, WAIT, styled};

pub(super) async fn run(host: &Host, args: &Sheet) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, &args.target.episode)?;
    let root = place.root.clone();
    let mut options = SheetOptions {
        render: args.target.options(None),
        columns: args.columns,
        every: args.every,
    };
    options.render.jobs = args.jobs.map(usize::from);
    let progress = Progress::new(None, root);
    let reporter: Reporter = Arc::new(move |event: &Event| progress.take(event));
    let cancel = CancellationToken::new();
    let mut pages = Pages {
        to: host.directory.join(&args.to),
        count: Count::new("sheet"),
        json: args.json,
        told: Vec::new(),
        missing: 0,
    };
    // Painting keeps this task busy: another one listens.
    let mut listening = tokio::task::JoinSet::new();
    let stop = cancel.clone();
    listening.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    let making = sheet(host, place, &options, (cancel, reporter), &mut pages);
    Box::pin(making).await?;
    drop(listening);
    let Pages {
        count,
        told,
        missing,
        ..
    } = pages;
    drop(count);
    if args.json {
        show::json(&json!({ "pages": told }));
    }
    if missing > 0 {
        show::note(format_args!(
            "{} {missing} of the frames could not be painted; the sheet says why in their places",
            styled(WAIT, "missing:")
        ));
        return Ok(ExitKind::Failed);
    }
    Ok(ExitKind::Done)
}

/// Writes pages as they come.
struct Pages {
    to: PathBuf,
    count: Count,
    json: bool,
    told: Vec<Value>,
    missing: usize,
}

impl Watch for Pages {
    fn painted(&self, painted: usize, all: usize) {
        self.count.set(painted, all);
    }

    fn page(&mut self, page: Page) -> Result<(), StudioError> {
        let path = numbered(&self.to, page.number);
        std::fs::write(&path, &page.png).map_err(|source| StudioError::File {
            act: "write",
            path: path.clone(),
            source,
        })?;
        let missing = page.shown.iter().filter(|shown| shown.missing.is_some());
        self.missing += missing.count();
        if self.json {
            self.told.push(told(&page, &path));
        } else {
            show::line(format_args!(
                "{} {} frames, page {} of {}: {}",
                styled(GOOD.bold(), "laid out"),
                page.shown.len(),
                page.number,
                page.of,
                path.display()
            ));
        }
        Ok(())
    }
}

fn told(page: &Page, path: &Path) -> Value {
    let frames: Vec<Value> = page
        .shown
        .iter()
        .map(|shown| {
            json!({
                "frame": shown.frame, "time": shown.time, "shot": shown.shot, "cue": shown.cue,
                "speaker": shown.speaker, "words": shown.words, "missing": shown.missing,
            })
        })
        .collect();
    let (width, height) = (page.size.width, page.size.height);
    json!({ "path": path, "width": width, "height": height, "frames": frames })
}

/// `sheet.png`, `sheet-2.png`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lie_beside_each_other() {
        let at = |path, number| numbered(Path::new(path), number).display().to_string();
        assert_eq!(at("a/sheet.png", 1), "a/sheet.png");
        assert_eq!(at("a/sheet.png", 12), "a/sheet-12.png");
        assert_eq!(at("sheet", 2), "sheet-2");
    }
}
