//! An order of an engine that is no vendor's, as the engine sees it.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use workprint_engine::{
    Delivered, External, Found, Permanence, Polled, StepError, Submitted, Unmet, Work,
};
use workprint_media::Media;
use workprint_model::outside::Way;
use workprint_model::{Artifact, Money, Rate};
use workprint_picture::still::decode_still;
use workprint_providers::error::CallError;
use workprint_providers::order::{Capability, Order};
use workprint_providers::own::{Asked, Given, Own, Tell};

use super::call::failed;
use crate::tools::from_media;

/// The largest picture that is taken.
const MOST_PICTURE: u64 = 256 << 20;
/// The largest clip.
const MOST_CLIP: u64 = 4 << 30;

/// An engine of one's own and what is ordered of it.
#[derive(Debug, Clone)]
pub(super) struct OwnCall {
    pub(super) own: Own,
    pub(super) order: Order,
    /// The film's frames a second, for clips.
    pub(super) rate: Option<Rate>,
    /// What it fills, for people.
    pub(super) title: String,
    pub(super) media: Media,
    /// The folder in which it is made, and which is removed afterwards.
    pub(super) folder: PathBuf,
    /// The step that it is for.
    pub(super) work: Work,
}

impl OwnCall {
    fn asked(&self) -> Asked<'_> {
        Asked {
            order: &self.order,
            rate: self.rate,
            folder: &self.folder,
        }
    }

    fn is_handed_off(&self) -> bool {
        self.own.way() == Way::HandOff
    }

    /// Writes a bundle, where it is not there.
    fn hand_off(&self, bundle: &str) -> Result<(), Unmet> {
        let written = self.own.hand_off(&self.asked(), bundle);
        written.map_err(|error| self.unmet(error))
    }

    /// What came back into a bundle, once it can be used.
    async fn given(&self, bundle: &str) -> Result<PathBuf, StepError> {
        let refused = |file: &str, why: &str| {
            let message = format!("`{file}` cannot be used: {why}");
            StepError::waiting("hand-off.refused", message)
        };
        let given = self.own.look(bundle, self.work.store().clock().now()).await;
        match given.map_err(|error| failed(self.own.way().told(), error))? {
            Given::Nothing(file) => {
                let message = format!("it waits for `{file}`");
                let hint = format!(
                    "put the file there (`{bundle}/README.md` says what is wanted), then render again"
                );
                Err(StepError::waiting("hand-off.waiting", message).hint(hint))
            }
            Given::Wrong { file, why, hint } => Err(refused(&file, &why).hint(hint)),
            Given::File(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let name = format!("{bundle}/{name}");
                let (call, file) = (self.clone(), path.clone());
                let looked = tokio::task::spawn_blocking(move || call.fit(&file, &file));
                let looked = looked.await.unwrap_or_else(|error| {
                    Err(StepError::permanent("its thread broke off").because(error))
                });
                match looked {
                    Ok(_) => Ok(path),
                    Err(error) if error.permanence == Permanence::Cancelled => Err(error),
                    Err(error) => Err(refused(&name, &error.full())
                        .hint("put one that can be used in its place, then render again")),
                }
            }
        }
    }

    async fn make(&self) -> Result<PathBuf, Unmet> {
        let file = match self.own.way() {
            Way::Mcp => {
                let tell = |permille| self.work.progress(permille);
                let told = (&tell as Tell<'_>, self.work.stopped());
                self.own.call(&self.media, &self.asked(), told).await
            }
            _ => self.own.run(&self.media, &self.asked()).await,
        };
        file.map_err(|error| self.unmet(error))
    }

    fn unmet(&self, error: CallError) -> Unmet {
        // What did not answer made nothing that is here; whether somebody charges for that, only its price tells.
        Unmet {
            certain: error.is_certain() || self.own.is_free(),
            // A program that fails says nothing of what it began.
            others: false,
            error: failed(self.own.way().told(), error),
        }
    }

    /// Keeps a copy of what was made, once it can be read.
    fn keep(&self, file: &Path, work: &Work) -> Result<Artifact, StepError> {
        let mut blob = work.store().temp()?;
        copy(file, blob.file(), self.most_bytes())?;
        let media_type = self.fit(blob.path(), file)?;
        Ok(work.store().keep(blob, media_type)?)
    }

    /// The media type of a file that can be read and is what is wanted; `named` is what it is called.
    fn fit(&self, file: &Path, named: &Path) -> Result<&'static str, StepError> {
        let mut start = Vec::new();
        let begun = File::open(file).map_err(unreadable)?;
        // What somebody hands over may be of any size, and is looked at before it is copied.
        if begun.metadata().map_err(unreadable)?.len() >= self.most_bytes() {
            return Err(too_large(self.most_bytes()));
        }
        begun.take(64).read_to_end(&mut start).map_err(unreadable)?;
        let media_type = self.own.media_type(&start).ok_or_else(|| {
            let name = named.file_name().unwrap_or_default().to_string_lossy();
            let wanted = self.order.capability().told();
            StepError::permanent(format!("`{name}` is not {wanted}")).hint(self.kinds())
        })?;
        self.check(file)?;
        Ok(media_type)
    }

    fn check(&self, file: &Path) -> Result<(), StepError> {
        let unusable = |why: String| {
            StepError::permanent(format!("what was made cannot be used: {why}")).hint(self.kinds())
        };
        if self.order.capability() == Capability::Video {
            let looked = self.media.probe_to_end(file);
            let (probe, ends) = looked.map_err(|error| match from_media(error) {
                stopped if stopped.permanence == Permanence::Cancelled => stopped,
                error => unusable(error.full()),
            })?;
            if probe.video.is_none() || ends.picture.0 == 0 {
                return Err(unusable("it shows no picture".to_owned()));
            }
        } else {
            let bytes = std::fs::read(file).map_err(unreadable)?;
            decode_still(&bytes).map_err(|error| unusable(error.to_string()))?;
        }
        Ok(())
    }

    const fn most_bytes(&self) -> u64 {
        match self.order.capability() {
            Capability::Video => MOST_CLIP,
            _ => MOST_PICTURE,
        }
    }

    const fn kinds(&self) -> &'static str {
        match self.order.capability() {
            Capability::Video => "make an MP4, a QuickTime, Matroska or WebM file, or a GIF",
            _ => "make a PNG, a JPEG, a WebP or a GIF",
        }
    }
}

/// Copies a file that is no larger than this.
fn copy(file: &Path, mut to: &File, most: u64) -> Result<(), StepError> {
    let from = File::open(file).map_err(unreadable)?;
    let length = io::copy(&mut from.take(most), &mut to).map_err(unreadable)?;
    if length >= most {
        return Err(too_large(most));
    }
    Ok(())
}

fn too_large(most: u64) -> StepError {
    StepError::permanent(format!("it has more than {most} bytes")).hint("make it smaller")
}

fn unreadable(error: io::Error) -> StepError {
    StepError::permanent("what was made cannot be read").because(error)
}

impl External for OwnCall {
    type Parcel = PathBuf;

    fn names(&self) -> [String; 3] {
        [
            self.own.way().name().to_owned(),
            self.order.model.clone(),
            self.own.account().to_owned(),
        ]
    }

    fn most(&self) -> Money {
        self.own.cost(&self.order)
    }

    fn at_once(&self) -> u32 {
        // Only this process asks it: its own places are the limit.
        u32::MAX
    }

    fn held(&self) -> u32 {
        0
    }

    fn place(&self) -> impl Future<Output = Option<impl Send>> + Send {
        self.own.place()
    }

    async fn submit(&self, key: &str) -> Result<Submitted<PathBuf>, Unmet> {
        if self.is_handed_off() {
            let bundle = self.own.bundle(&self.title, key);
            self.hand_off(&bundle)?;
            return Ok(Submitted::Job(bundle));
        }
        let parcel = self.make().await?;
        let cost = self.own.cost(&self.order);
        Ok(Submitted::Done(Delivered { parcel, cost }))
    }

    async fn lookup(&self, key: &str, _: i64, _: &[String]) -> Result<Found, Unmet> {
        if self.is_handed_off() {
            let bundle = self.own.bundle(&self.title, key);
            let handed = self.own.is_handed(&bundle);
            return Ok(if handed {
                Found::Job(bundle)
            } else {
                Found::None
            });
        }
        // What ended with the run made nothing that could be found.
        Ok(if self.own.is_free() {
            Found::None
        } else {
            Found::Unknown
        })
    }

    async fn poll(&self, bundle: &str) -> Result<Polled<PathBuf>, Unmet> {
        if self.is_handed_off() {
            self.hand_off(bundle)?;
            let parcel = self.given(bundle).await.map_err(|error| Unmet {
                error,
                certain: false,
                others: false,
            })?;
            let cost = self.own.cost(&self.order);
            return Ok(Polled::Done(Delivered { parcel, cost }));
        }
        let why = "it was handed to somebody else, who does not make it any more";
        Ok(Polled::Failed(StepError::permanent(why), Money::ZERO))
    }

    async fn fetch(&self, parcel: PathBuf, work: &Work) -> Result<Vec<Artifact>, Unmet> {
        let call = self.clone();
        let keep = move |work: &Work| Ok(vec![call.keep(&parcel, work)?]);
        // What was handed off may be put right; what a program made is gone.
        let certain = !self.is_handed_off();
        let kept = work.blocking(keep).await;
        kept.map_err(|error| Unmet {
            error,
            certain,
            others: false,
        })
    }

    async fn cancel(&self, _: &str) -> Result<bool, Unmet> {
        Ok(false)
    }
}
