//! Which encoder a film's chunks are made with: the one asked for, where it works here.

use workprint_engine::{EngineError, Run};
use workprint_media::{Backend, MediaError, Trial};
use workprint_model::show::Output;
use workprint_model::{Diagnostic, Encoder, Size};

use crate::Tools;

/// An encoder that works, as all chunks of a film have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Which.
    pub encoder: Encoder,
    /// What it calls itself, and what it stands in for and why; empty for libx264 where that was
    /// asked for, which ffmpeg's own name tells already.
    pub identity: String,
}

impl Chosen {
    /// libx264, asked for.
    pub const X264: Self = Self {
        encoder: Encoder::X264,
        identity: String::new(),
    };

    /// How the encoder is written behind the name of ffmpeg.
    pub(super) fn suffix(&self) -> String {
        if self.identity.is_empty() {
            String::new()
        } else {
            format!(" / {}", self.identity)
        }
    }
}

/// Finds what encodes `output`. Where that is not what was asked for, the run is told why.
///
/// libx264 is not tried: ffmpeg without it cannot be used at all.
pub async fn choose(run: &Run<Tools>, output: &Output) -> Result<Chosen, EngineError> {
    let (asked, size) = (output.encoder, output.size());
    if asked == Encoder::X264 {
        return Ok(Chosen::X264);
    }
    if asked == Encoder::Auto {
        for encoder in Encoder::AUTO {
            if let Trial::Works { identity } = attempt(run, encoder, size).await? {
                return Ok(Chosen { encoder, identity });
            }
        }
        return Ok(Chosen::X264);
    }
    let why = match attempt(run, asked, size).await? {
        Trial::Works { identity } => {
            return Ok(Chosen {
                encoder: asked,
                identity,
            });
        }
        Trial::Refused { why } => why,
    };
    for &encoder in asked.substitutes() {
        let Trial::Works { identity } = attempt(run, encoder, size).await? else {
            continue;
        };
        run.diagnose(fallback(asked, encoder, &why));
        let identity = format!("{identity} instead of {asked}: {why}");
        return Ok(Chosen { encoder, identity });
    }
    run.diagnose(refused(asked, &why));
    Ok(Chosen {
        encoder: asked,
        identity: Backend::of(asked).ffmpeg.to_owned(),
    })
}

fn fallback(asked: Encoder, used: Encoder, why: &str) -> Diagnostic {
    let message =
        format!("`{asked}` cannot encode this output because {why}; `{used}` takes its place");
    Diagnostic::warning("encoder.fallback", message)
        .hint("see what works here: `workprint doctor`")
        .hint(format!(
            "or ask for what is used anyway: `encoder = \"{used}\"` in show.toml"
        ))
}

fn refused(asked: Encoder, why: &str) -> Diagnostic {
    let message = format!("`{asked}` cannot encode this output because {why}");
    Diagnostic::warning("encoder.refused", message).hint("see what works here: `workprint doctor`")
}

async fn attempt(run: &Run<Tools>, encoder: Encoder, size: Size) -> Result<Trial, EngineError> {
    let media = run.tools().media.clone();
    let tried = tokio::task::spawn_blocking(move || media.try_encoder(encoder, size)).await;
    match tried {
        Ok(Ok(trial)) => Ok(trial),
        Ok(Err(MediaError::Cancelled)) => Err(EngineError::Cancelled),
        Ok(Err(error)) => Ok(Trial::Refused {
            why: format!("it could not be tried: {error}"),
        }),
        Err(error) => Ok(Trial::Refused {
            why: format!("its trial broke off: {error}"),
        }),
    }
}
