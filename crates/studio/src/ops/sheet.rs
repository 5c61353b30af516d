//! Sheet: an episode on a page, a frame of every shot, painted by the code that renders.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use workprint_model::episode::Cue;
use workprint_model::timeline::{PlacedCue, Timeline};
use workprint_model::{CastId, CueId, Frames, Language, Millis, ShotId, Size};
use workprint_picture::contact::{self, Head, Plan, Tile};
use workprint_picture::{Painter, Rgba, Yuv, card, resolve};

use crate::ops::preview::{Observer, Preview};
use crate::ops::render::RenderOptions;
use crate::{Host, Place, StudioError};

/// The most frames of one sheet.
pub const MOST: usize = 6000;
/// A worker's sources are let go after so many frames: they keep every picture that they have shown.
const RENEWED: usize = 8;

/// Which frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Every {
    /// The middle one of every shot.
    #[default]
    Shot,
    /// One for every so many milliseconds.
    Time(Millis),
}

/// What kind of sheet.
#[derive(Debug, Clone, Default)]
pub struct SheetOptions {
    /// What is shown.
    pub render: RenderOptions,
    /// Frames side by side; chosen by their shape where it is `None`.
    pub columns: Option<u32>,
    /// Which frames.
    pub every: Every,
}

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its number, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Its size.
    pub size: Size,
    /// The PNG, sRGB, 8 bits.
    pub png: Vec<u8>,
    /// What is on it, in order.
    pub shown: Vec<Shown>,
}

/// A frame on a page.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its number.
    pub frame: Frames,
    /// Its time code.
    pub time: String,
    /// The shot that is on.
    pub shot: Option<ShotId>,
    /// The cue that is on.
    pub cue: Option<CueId>,
    /// Who speaks in it.
    pub speaker: Option<CastId>,
    /// What is said in it.
    pub words: String,
    /// Why the frame could not be painted; its place on the page says so too.
    pub missing: Option<String>,
}

/// What a sheet tells while it is made.
pub trait Watch {
    /// `painted` of `all` frames are painted.
    fn painted(&self, painted: usize, all: usize);
    /// A page is finished.
    fn page(&mut self, page: Page) -> Result<(), StudioError>;
}

/// Paints frames of an episode and lays them out on pages, which are handed over one by one.
/// Voices and pictures that are not there yet are made and kept, chunks are not.
pub async fn sheet(
    host: &Host,
    place: Place,
    options: &SheetOptions,
    observer: Observer,
    watch: &mut (dyn Watch + Sync + Send),
) -> Result<(), StudioError> {
    let cancel = observer.0.clone();
    let preview = Preview::open(host, place, &options.render, observer).await?;
    let jobs = options.render.jobs.unwrap_or(host.cores).clamp(1, 64);
    let made = tokio::task::block_in_place(|| {
        let stopped = || cancel.is_cancelled();
        Sheet::new(&preview, options)?.pages((jobs, &stopped), watch)
    });
    preview.close(made.is_err()).await?;
    made
}

/// A sheet as it is made.
struct Sheet<'a> {
    preview: &'a Preview,
    plan: Plan,
    frames: Vec<Frames>,
    facts: String,
    texts: BTreeMap<CueId, (String, Language)>,
    names: BTreeMap<CastId, String>,
}

impl<'a> Sheet<'a> {
    fn new(preview: &'a Preview, options: &SheetOptions) -> Result<Self, StudioError> {
        let timeline = &preview.timeline;
        let episode = &preview.production.episode;
        let frames = wanted(timeline, options.every)?;
        let dub = options.render.dub.as_ref();
        let texts = episode.cues().filter_map(|cue| {
            let (text, language) = words_of(cue, &episode.language, dub)?;
            Some((cue.id.clone(), (text, language)))
        });
        let cast = preview.production.show.cast.iter().chain(&episode.cast);
        let names = cast.map(|member| {
            let name = member.name.clone();
            (
                member.id.clone(),
                name.unwrap_or_else(|| member.id.to_string()),
            )
        });
        let mut facts = vec![
            options.render.output().to_owned(),
            format!("{} × {}", timeline.size.width, timeline.size.height),
            format!("{} fps", decimal(timeline.rate.per_second())),
            timeline.rate.timecode(timeline.length),
            match timeline.shots.len() {
                1 => "1 shot".to_owned(),
                shots => format!("{shots} shots"),
            },
        ];
        facts.extend(dub.map(Language::to_string));
        Ok(Self {
            preview,
            plan: Plan::of(timeline.size, options.columns),
            facts: facts.join("  ·  "),
            texts: texts.collect(),
            names: names.collect(),
            frames,
        })
    }

    fn pages(
        &self,
        (jobs, stopped): (usize, &(dyn Fn() -> bool + Sync)),
        watch: &mut (dyn Watch + Sync + Send),
    ) -> Result<(), StudioError> {
        let groups: Vec<&[Frames]> = self.frames.chunks(self.plan.per_page()).collect();
        for (index, frames) in groups.iter().enumerate() {
            let before = index * self.plan.per_page();
            let tell = |painted| watch.painted(before + painted, self.frames.len());
            let pictures = self.paint(frames, (jobs, stopped), &tell)?;
            let tiles: Vec<Tile> = pictures
                .iter()
                .map(|(shown, rgba)| self.tile(shown, rgba))
                .collect();
            let head = Head {
                title: self.preview.production.episode.title.clone(),
                facts: self.facts.clone(),
                page: if groups.len() > 1 {
                    format!("{} of {}", index + 1, groups.len())
                } else {
                    String::new()
                },
                language: self.preview.production.episode.language.clone(),
            };
            let page = contact::page(&head, &tiles, &self.plan, self.preview.fonts());
            watch.page(Page {
                number: index + 1,
                of: groups.len(),
                size: page.size,
                png: png(&page)?,
                shown: pictures.into_iter().map(|(shown, _)| shown).collect(),
            })?;
        }
        Ok(())
    }

    /// The frames, small, side by side.
    fn paint(
        &self,
        frames: &[Frames],
        (jobs, stopped): (usize, &(dyn Fn() -> bool + Sync)),
        tell: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<(Shown, Rgba)>, StudioError> {
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let painted: Mutex<BTreeMap<usize, (Shown, Rgba)>> = Mutex::default();
        let work = || {
            let (mut painter, mut sources) = (Painter::new(), self.preview.sources());
            let mut count = 0;
            while !stopped() {
                let at = next.fetch_add(1, Ordering::SeqCst);
                let Some(&frame) = frames.get(at) else {
                    return;
                };
                if count == RENEWED {
                    sources = self.preview.sources();
                    count = 0;
                }
                count += 1;
                let tile = self.one(frame, &mut painter, &sources);
                // A panic elsewhere leaves a map of whole pictures.
                let mut all = painted
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                all.insert(at, tile);
                drop(all);
                tell(done.fetch_add(1, Ordering::SeqCst) + 1);
            }
        };
        std::thread::scope(|threads| {
            for _ in 1..jobs.min(frames.len()) {
                threads.spawn(work);
            }
            work();
        });
        if stopped() {
            return Err(workprint_engine::EngineError::Cancelled.into());
        }
        let all = painted.into_inner();
        let all = all.unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(all.into_values().collect())
    }

    fn one(
        &self,
        frame: Frames,
        painter: &mut Painter,
        sources: &workprint_stages::picture::FrameSources,
    ) -> (Shown, Rgba) {
        let timeline = &self.preview.timeline;
        let painted = Yuv::new(timeline.size).and_then(|mut out| {
            painter.paint(&resolve(timeline, frame), sources, &mut out)?;
            Ok(out)
        });
        let cue = on(&timeline.cues, frame, |cue| cue.from);
        let shot = on(&timeline.shots, frame, |shot| shot.from);
        let mut shown = Shown {
            frame,
            time: timeline.rate.timecode(frame),
            shot: shot.map(|shot| shot.id.clone()),
            cue: cue.map(|cue| cue.id.clone()),
            speaker: cue.and_then(|cue| cue.speaker.clone()),
            words: self
                .text(cue)
                .map(|(text, _)| text.clone())
                .unwrap_or_default(),
            missing: None,
        };
        let picture = match painted {
            Ok(frame) => contact::small(&frame, self.plan.tile),
            Err(error) => {
                let why = crate::with_causes(&error);
                let language = &self.preview.production.episode.language;
                let picture = card::storyboard(
                    &why,
                    "cannot be painted",
                    self.plan.tile,
                    language,
                    self.preview.fonts(),
                );
                shown.missing = Some(why);
                picture
            }
        };
        (shown, picture)
    }

    fn text(&self, cue: Option<&PlacedCue>) -> Option<&(String, Language)> {
        self.texts.get(&cue?.id)
    }

    fn tile(&self, shown: &Shown, picture: &Rgba) -> Tile {
        let episode = &self.preview.production.episode;
        let language = shown.cue.as_ref().and_then(|cue| self.texts.get(cue));
        let language = language.map_or(&episode.language, |(_, language)| language);
        let name = shown.shot.as_ref().map(ToString::to_string);
        Tile {
            picture: picture.clone(),
            name: name.unwrap_or_default(),
            time: shown.time.clone(),
            speaker: shown.speaker.as_ref().map(|id| {
                self.names
                    .get(id)
                    .cloned()
                    .unwrap_or_else(|| id.to_string())
            }),
            words: shown.words.clone(),
            language: language.clone(),
        }
    }
}

/// The last thing that has begun at a frame.
fn on<T>(things: &[T], frame: Frames, from: impl Fn(&T) -> Frames) -> Option<&T> {
    let after = things.partition_point(|thing| from(thing) <= frame);
    things.get(after.checked_sub(1)?)
}

/// The frames that are shown.
fn wanted(timeline: &Timeline, every: Every) -> Result<Vec<Frames>, StudioError> {
    let step = match every {
        Every::Shot => 1,
        Every::Time(time) => timeline.rate.frames_of(time).0.max(1),
    };
    let count = match every {
        Every::Shot => timeline.shots.len() as u64,
        Every::Time(_) => timeline.length.0.div_ceil(step),
    };
    if count > MOST as u64 {
        return Err(StudioError::request(
            format!("a sheet of {count} frames would be too long: at most {MOST} are shown"),
            "show fewer: `--every 60`, say, for one a minute",
        ));
    }
    let middle = |from: Frames, length: Frames| Frames(from.0 + length.0 / 2);
    Ok(match every {
        Every::Shot => timeline
            .shots
            .iter()
            .map(|shot| middle(shot.from, shot.length))
            .collect(),
        Every::Time(_) => (0..count).map(|number| Frames(number * step)).collect(),
    })
}

/// What is said in a cue, and in which language.
fn words_of(cue: &Cue, language: &Language, dub: Option<&Language>) -> Option<(String, Language)> {
    let dubbed = dub.and_then(|dub| Some((cue.dub.get(dub)?.spoken()?.to_owned(), dub.clone())));
    let own = || {
        let language = cue.language.as_ref().unwrap_or(language);
        Some((cue.spoken()?.to_owned(), language.clone()))
    };
    dubbed.filter(|(text, _)| !text.is_empty()).or_else(own)
}

/// `30`, `23.976`.
fn decimal(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn png(page: &Rgba) -> Result<Vec<u8>, StudioError> {
    let pixels = page.pixels.chunks_exact(4);
    let opaque: Vec<u8> = pixels
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    workprint_picture::still::png_rgb8(&opaque, page.size).map_err(|error| StudioError::Step {
        message: error.to_string(),
        hints: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use workprint_model::{Millis, Rate, Size};

    use super::*;

    fn timeline(seconds: u64) -> Timeline {
        Timeline {
            rate: Rate::FPS_30,
            size: Size {
                width: 64,
                height: 36,
            },
            length: Frames(seconds * 30),
            cues: Vec::new(),
            shots: Vec::new(),
            looks: Vec::new(),
            overlays: Vec::new(),
            captions: Vec::new(),
            sounds: Vec::new(),
            chapters: Vec::new(),
            slate: false,
        }
    }

    #[test]
    fn a_sheet_shows_as_many_frames_as_there_is_room_for() {
        let most = timeline(MOST as u64);
        let second = Every::Time(Millis(1000));
        let all = wanted(&most, second).unwrap();
        assert_eq!(all.len(), MOST);
        assert_eq!(all.last(), Some(&Frames((MOST as u64 - 1) * 30)));
        let refused = wanted(&timeline(MOST as u64 + 1), second).unwrap_err();
        let told = format!("a sheet of {} frames would be too long", MOST + 1);
        assert!(refused.to_string().contains(&told), "{refused}");
        assert!(refused.hints()[0].contains("--every"));
        // Less than a frame is every frame.
        let refused = wanted(&most, Every::Time(Millis(1))).unwrap_err();
        let told = format!("a sheet of {} frames", MOST * 30);
        assert!(refused.to_string().contains(&told), "{refused}");
        assert_eq!(
            wanted(&timeline(2), Every::Time(Millis(1))).unwrap().len(),
            60
        );
    }
}
