//! A caption drawn: its plates, each drawn once, and what of them a frame shows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use vello_cpu::kurbo::Rect;
use workprint_model::Size;
use workprint_model::caption::WordEffect;
use workprint_model::episode::Colour;

pub use super::effect::FramePart;
use super::effect::{divided, rise, spring};
use super::setting::Setting;
use super::spans::{Line, Span, even, lines};
use crate::canvas::Canvas;
use crate::fonts::Fonts;
use crate::plate::Placed;
use crate::raster::Raster;
use crate::resolve::WHOLE;
use crate::sources::{CaptionLook, Heard, PlacedRaster};
use crate::text::{Enlarged, Ink, draw, draw_behind, draw_enlarged};

/// A caption, ready to be painted in every state of its words.
///
/// Setting its text and drawing its plates happens once; a state only chooses parts of them.
#[derive(Debug)]
pub struct CaptionArt {
    look: CaptionLook,
    drawing: Drawing,
}

/// A part of a frame that shows a part of a plate.
#[derive(Debug, Clone)]
pub struct CaptionPart {
    /// The plate.
    pub plate: Arc<Raster>,
    /// Where the plate's top left lies in the frame.
    pub at: (i32, i32),
    /// What of the frame it may touch; none is all of it.
    pub within: Option<FramePart>,
    /// Of [`WHOLE`].
    pub opacity: u16,
}

enum Drawing {
    Still(Plate),
    Timed(Box<Timed>),
}

impl std::fmt::Debug for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Still(_) => "Still",
            Self::Timed(_) => "Timed",
        })
    }
}

#[derive(Clone)]
struct Plate {
    raster: Arc<Raster>,
    at: (i32, i32),
}

impl Plate {
    fn of(placed: &Placed) -> Self {
        Self {
            raster: Arc::new(Raster::plate(&placed.image)),
            at: (placed.x, placed.y),
        }
    }

    fn part(&self, within: Option<FramePart>) -> CaptionPart {
        CaptionPart {
            plate: Arc::clone(&self.raster),
            at: self.at,
            within,
            opacity: WHOLE,
        }
    }
}

/// A caption whose words are followed.
struct Timed {
    setting: Setting,
    /// How far everything was moved to lie inside the frame.
    moved: (i32, i32),
    lines: Vec<Line>,
    /// What lies behind all letters: box and shadow.
    behind: Option<Plate>,
    /// All letters as they are before and after they are heard.
    resting: Plate,
    /// All letters as they are when heard.
    heard: OnceLock<Plate>,
    /// The marker's bars behind all words.
    bars: OnceLock<Plate>,
    cursor: OnceLock<Arc<Raster>>,
    /// What is drawn for single words and steps.
    words: Mutex<BTreeMap<(usize, u8, Piece), Plate>>,
}

/// What is drawn for the word that is heard alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// What lies behind it.
    Pill,
    /// The word as it springs up, with the line around it, all in that line's colour.
    Outline,
    /// The word as it springs up, without a line around it.
    Letters,
}

impl CaptionArt {
    /// Draws the caption of a look; its state (`heard`) does not matter.
    pub fn draw(look: &CaptionLook, fonts: &Fonts) -> Self {
        let timed = look.style.is_timed() && !look.words.is_empty();
        let drawing = if timed {
            Drawing::Timed(Box::new(Timed::draw(look, fonts)))
        } else {
            Drawing::Still(Plate::of(&super::caption_plate(look, fonts)))
        };
        Self {
            look: CaptionLook {
                heard: None,
                ..look.clone()
            },
            drawing,
        }
    }

    /// A picture made elsewhere in the place of the caption's own.
    pub fn of_plate(look: &CaptionLook, plate: &PlacedRaster) -> Self {
        Self {
            look: CaptionLook {
                heard: None,
                ..look.clone()
            },
            drawing: Drawing::Still(Plate {
                raster: Arc::new(plate.raster.clone()),
                at: (plate.x, plate.y),
            }),
        }
    }

    /// Whether this is the caption of a look, in whatever state.
    pub fn is_of(&self, look: &CaptionLook) -> bool {
        let CaptionLook {
            lines,
            style,
            language,
            frame,
            safe,
            words,
            heard: _,
        } = look;
        let own = &self.look;
        own.lines == *lines
            && own.style == *style
            && own.language == *language
            && own.frame == *frame
            && own.safe == *safe
            && own.words == *words
    }

    /// What a frame shows when the words have been heard so far, lowest first.
    pub fn parts(&self, heard: Option<Heard>) -> Vec<CaptionPart> {
        match &self.drawing {
            Drawing::Still(plate) => vec![plate.part(None)],
            Drawing::Timed(timed) => timed.parts(heard.unwrap_or_default()),
        }
    }
}

impl Timed {
    fn draw(look: &CaptionLook, fonts: &Fonts) -> Self {
        let setting = Setting::of(look, fonts);
        let at_place = |placed: &Placed| placed.clone().moved(setting.x, setting.y);
        let mut letters = setting.letters();
        let mut under = setting.ink();
        if matches!(look.style.effect, WordEffect::Type | WordEffect::Reveal) {
            // What is not yet there casts no shadow.
            letters.shadow = under.shadow.take();
        }
        let resting = at_place(&draw(&setting.laid, &letters));
        let behind = draw_behind(&setting.laid, &under).map(|placed| at_place(&placed));
        let hull = behind
            .as_ref()
            .map_or_else(|| resting.clone(), |behind| behind.with(&resting));
        let moved = setting.shift(&hull);
        let resting = resting.moved(moved.0, moved.1).evened();
        let behind = behind.map(|placed| Plate::of(&placed.moved(moved.0, moved.1).evened()));
        let bounds = bounds(&resting, setting.laid.size());
        Self {
            lines: lines(&setting, moved, bounds),
            moved,
            behind,
            resting: Plate::of(&resting),
            heard: OnceLock::new(),
            bars: OnceLock::new(),
            cursor: OnceLock::new(),
            words: Mutex::default(),
            setting,
        }
    }

    fn parts(&self, heard: Heard) -> Vec<CaptionPart> {
        let effect = self.setting.style.effect;
        let end = |word: usize| self.typed_to(word, heard);
        let (yes, no) = divided(&self.lines, effect, heard, &end);
        let mut parts: Vec<CaptionPart> = Vec::new();
        parts.extend(self.behind.iter().map(|plate| plate.part(None)));
        let clipped = |plate: &Plate, within: &[FramePart]| {
            let parts = within.iter().map(|part| plate.part(Some(*part)));
            parts.collect::<Vec<_>>()
        };
        match effect {
            WordEffect::Type => {
                parts.extend(clipped(&self.resting, &yes));
                parts.extend(self.cursor(heard));
            }
            WordEffect::Reveal => {
                parts.extend(clipped(&self.resting, &yes));
                parts.extend(self.rising(heard));
            }
            WordEffect::Pop => {
                // The line around the larger word would cut its neighbours' letters.
                parts.extend(
                    self.word(heard, Piece::Outline)
                        .map(|plate| plate.part(None)),
                );
                parts.extend(clipped(&self.resting, &no));
                parts.extend(
                    self.word(heard, Piece::Letters)
                        .map(|plate| plate.part(None)),
                );
            }
            WordEffect::Pill => {
                parts.extend(self.word(heard, Piece::Pill).map(|plate| plate.part(None)));
                parts.extend(clipped(&self.resting, &no));
                parts.extend(clipped(self.heard(), &yes));
            }
            WordEffect::Marker => {
                parts.extend(clipped(self.bars(), &yes));
                parts.extend(clipped(&self.resting, &no));
                parts.extend(clipped(self.heard(), &yes));
            }
            WordEffect::Fill | WordEffect::Colour | WordEffect::None => {
                parts.extend(clipped(&self.resting, &no));
                parts.extend(clipped(self.heard(), &yes));
            }
        }
        parts
    }

    /// All letters as they are when heard.
    fn heard(&self) -> &Plate {
        self.heard.get_or_init(|| {
            let placed = draw(&self.setting.laid, &self.heard_ink());
            let (x, y) = self.origin();
            Plate::of(&placed.moved(x, y).evened())
        })
    }

    fn heard_ink(&self) -> Ink {
        let style = &self.setting.style;
        match style.effect {
            WordEffect::Pill | WordEffect::Marker => Ink::of(style.on_accent()),
            _ => Ink {
                colour: style.accent,
                ..self.setting.letters()
            },
        }
    }

    /// Where the widest line's box begins in the frame.
    const fn origin(&self) -> (i32, i32) {
        (self.setting.x + self.moved.0, self.setting.y + self.moved.1)
    }

    fn size(&self) -> f32 {
        self.setting.laid.size()
    }

    /// The line and the spans of a word.
    fn find(&self, word: usize) -> Option<(&Line, Vec<&Span>)> {
        self.lines.iter().find_map(|line| {
            let spans: Vec<&Span> = line.spans.iter().filter(|span| span.word == word).collect();
            (!spans.is_empty()).then_some((line, spans))
        })
    }

    /// What is drawn for the word that is heard alone, where its style has that.
    fn word(&self, heard: Heard, piece: Piece) -> Option<Plate> {
        let word = usize::from(heard.word);
        let ink = match piece {
            Piece::Pill => None,
            Piece::Letters => Some(Ink {
                outline: None,
                ..self.heard_ink()
            }),
            Piece::Outline => {
                let outline = self.heard_ink().outline?;
                Some(Ink {
                    outline: Some(outline),
                    ..Ink::of(outline.colour)
                })
            }
        };
        let (line, spans) = self.find(word)?;
        let step = ink.map_or(0, |_| heard.step);
        // Words come one after the other: what was drawn for those before is not needed again.
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        words.retain(|(known, ..), _| *known == word);
        let plate = words.entry((word, step, piece)).or_insert_with(|| {
            Plate::of(&match &ink {
                Some(ink) => self.springing((line, &spans), ink, step),
                None => self.pill(line, &spans),
            })
        });
        Some(plate.clone())
    }

    fn pill(&self, line: &Line, spans: &[&Span]) -> Placed {
        let size = f64::from(self.size());
        let rects: Vec<Rect> = spans
            .iter()
            .map(|span| {
                let (top, bottom) = (f64::from(line.body.0), f64::from(line.body.1));
                let (left, right) = (f64::from(span.body.0), f64::from(span.body.1));
                Rect::new(left - size * 0.2, top, right + size * 0.2, bottom)
            })
            .collect();
        shapes(&rects, size * 0.26, self.setting.style.accent)
    }

    /// The marker's bars: one for each line, behind all of its words.
    fn bars(&self) -> &Plate {
        self.bars.get_or_init(|| {
            let size = f64::from(self.size());
            let bars: Vec<Rect> = self
                .lines
                .iter()
                .filter_map(|line| {
                    let (first, last) = (line.spans.first()?, line.spans.last()?);
                    Some(Rect::new(
                        f64::from(first.body.0) - size * 0.16,
                        f64::from(line.body.0) + size * 0.06,
                        f64::from(last.body.1) + size * 0.16,
                        f64::from(line.body.1) + size * 0.02,
                    ))
                })
                .collect();
            Plate::of(&shapes(&bars, size * 0.1, self.setting.style.accent))
        })
    }

    fn springing(&self, (line, spans): (&Line, &[&Span]), ink: &Ink, step: u8) -> Placed {
        let edges = |edge: fn(&Span) -> f32| spans.iter().map(move |span| edge(span));
        let left = edges(|span| span.body.0).fold(f32::INFINITY, f32::min);
        let right = edges(|span| span.body.1).fold(f32::NEG_INFINITY, f32::max);
        let (x, y) = self.origin();
        let enlarged = Enlarged {
            origin: (x as f32 - self.setting.laid.left(), y as f32),
            scale: spring(step, self.size() * 0.17, right - left),
            centre: (
                f32::midpoint(left, right),
                f32::midpoint(line.body.0, line.body.1),
            ),
            parts: spans
                .iter()
                .map(|span| [span.columns.0, line.rows.0, span.columns.1, line.rows.1])
                .collect(),
        };
        draw_enlarged(&self.setting.laid, ink, &enlarged)
    }

    /// The byte of the text up to which letters of the word that is heard have been typed.
    fn typed_to(&self, word: usize, heard: Heard) -> usize {
        let Some(bytes) = self.setting.words.get(word) else {
            return 0;
        };
        if heard.step == Heard::TYPED {
            return bytes.end;
        }
        let text = self.setting.text.get(bytes.clone()).unwrap_or_default();
        let typed = text.char_indices().nth(usize::from(heard.step));
        bytes.start + typed.map_or(text.len(), |(byte, _)| byte)
    }

    /// The cursor, behind the last letter that was typed.
    fn cursor(&self, heard: Heard) -> Option<CaptionPart> {
        let word = usize::from(heard.word);
        let (line, spans) = self.find(word)?;
        let end = self.typed_to(word, heard);
        let first = |span: &&&Span| span.letters.first().map_or(0, |letter| letter.0);
        let begun = spans.iter().filter(|span| span.letters[0].0 <= end);
        let span = begun
            .max_by_key(first)
            .or_else(|| spans.iter().min_by_key(first))?;
        let letters = span.letters.iter().take_while(|letter| letter.0 <= end);
        let length = letters.last().map_or(0.0, |letter| letter.1);
        let gap = self.size() * 0.08;
        let raster = self.cursor.get_or_init(|| {
            let (width, height) = (self.size() * 0.09, (line.body.1 - line.body.0) * 0.86);
            let size = Size {
                width: even(width).max(2) as u32,
                height: even(height).max(2) as u32,
            };
            let mut canvas = Canvas::new(size);
            canvas.paint(self.setting.style.accent, 1.0);
            canvas.fill_rect(Rect::new(
                0.0,
                0.0,
                f64::from(size.width),
                f64::from(size.height),
            ));
            Arc::new(Raster::plate(&canvas.finish()))
        });
        let Size { width, height } = raster.size();
        let x = if span.right_to_left {
            even(span.body.1 - length - gap) - width as i32
        } else {
            even(span.body.0 + length + gap)
        };
        let middle = f32::midpoint(line.body.0, line.body.1);
        Some(CaptionPart {
            plate: Arc::clone(raster),
            at: (x, even(middle) - height as i32 / 2),
            within: None,
            opacity: WHOLE,
        })
    }

    /// The word that comes up: its part of the plate, below its place and not yet opaque.
    fn rising(&self, heard: Heard) -> Vec<CaptionPart> {
        let Some((line, spans)) = self.find(usize::from(heard.word)) else {
            return Vec::new();
        };
        let (below, opacity) = rise(heard.step);
        let down = even(below * self.size());
        let parts = spans.iter().map(|span| CaptionPart {
            plate: Arc::clone(&self.resting.raster),
            at: (self.resting.at.0, self.resting.at.1 + down),
            within: Some(FramePart {
                left: span.columns.0,
                top: line.rows.0 + down,
                right: span.columns.1,
                bottom: line.rows.1 + down,
            }),
            opacity,
        });
        parts.collect()
    }
}

/// Rectangles with round corners.
fn shapes(rects: &[Rect], radius: f64, colour: Colour) -> Placed {
    let Some(all) = rects.iter().copied().reduce(|one, other| one.union(other)) else {
        return Placed {
            image: crate::Rgba::transparent(Size {
                width: 2,
                height: 2,
            }),
            x: 0,
            y: 0,
        };
    };
    let (left, top) = (all.x0.floor(), all.y0.floor());
    let mut canvas = Canvas::new(Size {
        width: (all.x1.ceil() - left).max(1.0) as u32,
        height: (all.y1.ceil() - top).max(1.0) as u32,
    });
    canvas.paint(colour, 1.0);
    for rect in rects {
        canvas.fill_rounded(*rect - vello_cpu::kurbo::Vec2::new(left, top), radius);
    }
    Placed {
        image: canvas.finish(),
        x: left as i32,
        y: top as i32,
    }
    .evened()
}

/// The rectangle that the lines divide among their words: all ink, and a letter around it for what
/// grows. Even.
fn bounds(resting: &Placed, size: f32) -> [i32; 4] {
    let around = even(size);
    let Size { width, height } = resting.image.size;
    [
        resting.x - around,
        resting.y - around,
        resting.x + width as i32 + around,
        resting.y + height as i32 + around,
    ]
}

#[cfg(test)]
mod tests {
    use workprint_model::show::CaptionStyle;
    use workprint_model::timeline::WordPlace;

    use super::*;

    #[test]
    fn a_typed_word_has_all_of_its_capitals() {
        for text in ["Straße", &"ß".repeat(300)] {
            let look = CaptionLook {
                lines: vec![text.to_owned()],
                style: CaptionStyle {
                    upper: true,
                    ..CaptionStyle::built_in("typewriter").expect("a built-in style")
                },
                language: "de".parse().expect("German has a code"),
                frame: Size {
                    width: 640,
                    height: 360,
                },
                safe: None,
                words: vec![WordPlace {
                    line: 0,
                    start: 0,
                    end: text.len() as u32,
                }],
                heard: None,
            };
            let timed = Timed::draw(&look, Fonts::built_in());
            let typed = |step| timed.typed_to(0, Heard { word: 0, step });
            assert_eq!((typed(0), typed(1)), (0, 1));
            assert_eq!(typed(Heard::TYPED), timed.setting.text.len());
        }
    }
}
