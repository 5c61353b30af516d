//! Pictures that a text model draws as SVG: what it is told, and what becomes of its answers.

use serde::{Deserialize, Serialize};
use workprint_engine::{StepError, Work};
use workprint_model::outside::ImageEffort;
use workprint_model::{Artifact, Digest, Size};
use workprint_picture::drawing::{MOST_BYTES, Unfit, mend, paint};
use workprint_picture::{Fonts, still};
use workprint_providers::order::{Turn, What};

use crate::images::text;
use crate::tools::Tools;

/// The media type of what is drawn.
pub(crate) const SVG: &str = "image/svg+xml";
/// Raised when a prompt is asked for in other words, or an answer is mended in another way.
const REVISION: u32 = 1;
/// How often a drawing is asked for: once, and again with its fault.
const TRIES: u32 = 3;
/// The longest drawing that is shown to the model again.
const SHOWN_AGAIN: usize = 16 << 10;
/// The largest answer that is read.
const ANSWER_LIMIT: u64 = 16 << 20;
/// The longest fault that it is told.
const TOLD: usize = 400;

/// That a picture is drawn by a text model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// How it is asked for and mended.
    pub revision: u32,
    /// What became of the try before, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// A drawing that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Which try this is: 2 or 3.
    pub number: u32,
    /// What the model answered before.
    pub answer: Digest,
    /// What is wrong with that.
    pub fault: String,
}

impl Drawn {
    /// The first try.
    pub(crate) const FIRST: Self = Self {
        revision: REVISION,
        again: None,
    };

    fn number(&self) -> u32 {
        self.again.as_ref().map_or(1, |again| again.number)
    }

    /// Another try, where one is left.
    pub(crate) fn again(&self, answer: Digest, fault: &str) -> Option<Self> {
        let number = self.number() + 1;
        let again = Again {
            number,
            answer,
            fault: fault.chars().take(TOLD).collect(),
        };
        (number <= TRIES).then_some(Self {
            revision: self.revision,
            again: Some(again),
        })
    }

    /// What is asked, of a scene for a picture of this size; `answer` is what was answered before.
    pub(super) fn asked(
        &self,
        scene: &str,
        (size, quality): (Size, ImageEffort),
        references: usize,
        answer: String,
    ) -> (String, What) {
        let like = match references {
            0 => "",
            _ => " The pictures that are shown with this are what it should be like.",
        };
        let first = format!("Draw this scene: \u{201c}{scene}\u{201d}.{like}");
        let (prompt, said) = match &self.again {
            None => (first, Vec::new()),
            Some(again) => {
                let prompt = format!(
                    "That drawing cannot be used: {}. Draw the whole scene again, without that: \
                     \u{201c}{scene}\u{201d}. Answer with the SVG alone.",
                    again.fault
                );
                let turn = Turn {
                    asked: first,
                    answered: answer,
                };
                (prompt, vec![turn])
            }
        };
        let what = What::Text {
            system: instructions(size, quality),
            said,
            schema: None,
            small: false,
            most_tokens: match quality {
                ImageEffort::Low => 8000,
                ImageEffort::Medium => 16_000,
                ImageEffort::High => 32_000,
            },
        };
        (prompt, what)
    }

    /// The longest that the answer before is.
    pub(super) fn longest_answer(&self) -> String {
        match self.again {
            Some(_) => "x".repeat(SHOWN_AGAIN),
            None => String::new(),
        }
    }

    /// The answer before, as it is shown to the model again.
    pub(super) fn answer(&self, tools: &Tools, work: &Work) -> Result<String, StepError> {
        let Some(again) = &self.again else {
            return Ok(String::new());
        };
        let bytes = tools.read(work, &again.answer, ANSWER_LIMIT)?;
        Ok(match String::from_utf8(bytes) {
            Ok(text) if text.len() <= SHOWN_AGAIN => text,
            _ => "(a drawing that is too long to be shown again)".to_owned(),
        })
    }

    /// The drawing in an answer, kept; else what is wrong with it. No try is left after the last: then the
    /// step fails.
    pub(super) async fn take(
        &self,
        answer: &Artifact,
        size: Size,
        (tools, work): (&Tools, &Work),
    ) -> Result<Result<Artifact, String>, StepError> {
        // A fence and a few words may stand around it.
        let most = 2 * MOST_BYTES as u64;
        if answer.bytes > most {
            return self.refuse(&Unfit::TooMuch {
                what: "bytes",
                found: answer.bytes as usize,
                most: MOST_BYTES,
            });
        }
        let bytes = tools.read(work, &answer.digest, most)?;
        let fonts = std::sync::Arc::clone(&tools.fonts);
        let mended = work.blocking(move |work| {
            let mended = mend(text(&bytes)?, size, &fonts);
            match mended {
                Ok(svg) => Ok(Ok(work.store().keep_bytes(svg.as_bytes(), SVG)?)),
                Err(unfit) => Ok(Err(unfit)),
            }
        });
        match mended.await? {
            Ok(svg) => Ok(Ok(svg)),
            Err(unfit) => self.refuse(&unfit),
        }
    }

    fn refuse(&self, unfit: &Unfit) -> Result<Result<Artifact, String>, StepError> {
        if self.number() < TRIES {
            return Ok(Err(unfit.to_string()));
        }
        Err(StepError::permanent(format!(
            "none of {TRIES} drawings can be used; the last one: {unfit}"
        ))
        .hint("change the prompt or its seed, name another model, or show a `card` in place of the `prompt`"))
    }
}

/// What a text model is told that draws.
fn instructions(size: Size, quality: ImageEffort) -> String {
    let Size { width, height } = size;
    let detail = match quality {
        ImageEffort::Low => "Keep to 15 to 40 simple, flat shapes.",
        ImageEffort::Medium => {
            "Use some 40 to 120 shapes: gradients for sky, ground and light, a clear foreground, middle and background."
        }
        ImageEffort::High => {
            "Use some 120 to 400 shapes, with fine detail, texture, light and shadow, and a clear foreground, middle and background."
        }
    };
    format!(
        "You are the illustrator of a film. You draw each scene that you are told as one SVG picture. Answer with the \
         SVG alone: no words before or after it.\n\
         The root is <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">. Fill the whole background first, to every edge; nothing is transparent. \
         Compose the picture as a still of a film: its subject large and clear, nothing that matters near the edges.\n\
         {detail} Use paths, basic shapes, groups, gradients, patterns, clip paths and masks; filters seldom. No scripts, no \
         animation, no foreignObject, no embedded or linked pictures, no fonts, nothing from outside. No letters or \
         words unless the scene asks for them. Write well-formed XML, at most {} KB of it.",
        MOST_BYTES >> 12
    )
}

/// Whether a file is a drawing, and no picture of pixels.
pub(crate) fn is_drawing(file: &[u8]) -> bool {
    file.trim_ascii_start().starts_with(b"<")
}

/// A drawing as a PNG of a size, for models that are shown pictures.
pub(super) fn as_png(drawing: &[u8], size: Size, fonts: &Fonts) -> Result<Vec<u8>, StepError> {
    let painted = paint(text(drawing)?, size, fonts);
    let written = painted.and_then(|picture| still::png(&picture));
    written.map_err(|error| StepError::permanent("the drawing cannot be painted").because(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 1328,
        height: 736,
    };

    #[test]
    fn a_fault_is_told_with_the_drawing_that_has_it_and_twice_at_most() {
        let asked = |drawn: &Drawn| {
            let told = (SIZE, ImageEffort::Low);
            drawn.asked("a lamp", told, 0, "<svg/>".to_owned())
        };
        let (prompt, what) = asked(&Drawn::FIRST);
        assert_eq!(prompt, "Draw this scene: \u{201c}a lamp\u{201d}.");
        let What::Text { system, said, .. } = what else {
            panic!("{what:?}");
        };
        assert!(said.is_empty() && system.contains("viewBox=\"0 0 1328 736\""));
        let second = Drawn::FIRST.again(Digest::of(b"1"), "it is open").unwrap();
        let (prompt, what) = asked(&second);
        assert!(prompt.contains("cannot be used: it is open. "), "{prompt}");
        let What::Text { said, .. } = what else {
            panic!("{what:?}");
        };
        assert_eq!(said[0].answered, "<svg/>");
        let third = second.again(Digest::of(b"2"), &"x".repeat(9000)).unwrap();
        assert_eq!(third.again.as_ref().unwrap().fault.len(), TOLD);
        assert_eq!(third.again(Digest::of(b"3"), "bad"), None);
    }

    #[test]
    fn a_clip_begins_with_the_drawing_as_a_picture() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 9'><rect width='16' height='9' fill='#08f'/></svg>";
        assert!(is_drawing(svg.as_bytes()) && !is_drawing(b"\x89PNG\r\n\x1a\n"));
        let size = Size {
            width: 64,
            height: 64,
        };
        let png = as_png(svg.as_bytes(), size, Fonts::built_in()).unwrap();
        let seen = still::from_png(&png).unwrap();
        assert_eq!(
            (seen.size, &seen.pixels[..4]),
            (size, &[0, 0x88, 0xff, 0xff][..])
        );
        assert!(as_png(b"<svg", size, Fonts::built_in()).is_err());
    }
}
