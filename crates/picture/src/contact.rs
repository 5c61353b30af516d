//! Contact sheets: many frames, small, on one page, with their names, times and words.

mod shrink;
mod words;

use workprint_model::episode::Colour;
use workprint_model::{Language, Size};

use self::words::{Words, shorten};
use crate::Rgba;
use crate::fonts::Fonts;
use crate::text::{Align, Ink, Laid, Type, draw, lay};

pub use self::shrink::small;

/// Behind everything.
const PAPER: Colour = Colour::new(20, 22, 27);
/// A line around each frame, so that dark frames end somewhere.
const RIM: Colour = Colour::new(54, 58, 67);
const BRIGHT: Colour = Colour::new(243, 241, 236);
const SOFT: Colour = Colour::new(164, 170, 181);
const AMBER: Colour = Colour::new(232, 182, 92);

/// How wide a page is where its columns allow it, in pixels.
const PAGE_WIDTH: u32 = 1920;
/// No page is higher than this unless one row is.
const PAGE_HEIGHT: u32 = 4096;
/// The most columns.
pub const MAX_COLUMNS: u32 = 24;
/// Lines of words under a frame.
const LINES: usize = 3;

/// How pages are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Frames side by side.
    pub columns: u32,
    /// The most rows on a page.
    pub rows: u32,
    /// The size of a frame on the page.
    pub tile: Size,
    /// Space around and between.
    gap: u32,
}

impl Plan {
    /// For frames of a size; how many columns follows from their shape where it is not given, and
    /// is held to 1 to [`MAX_COLUMNS`].
    pub fn of(frame: Size, columns: Option<u32>) -> Self {
        let (width, height) = (frame.width.max(1), frame.height.max(1));
        let usual = match u64::from(width) * 100 / u64::from(height) {
            0..80 => 7,
            80..130 => 5,
            _ => 4,
        };
        let columns = columns.unwrap_or(usual).clamp(1, MAX_COLUMNS);
        let gap = 30;
        let across = ((PAGE_WIDTH - gap) / columns).saturating_sub(gap);
        let across = across.clamp(150, 960) & !1;
        let down = u64::from(across) * u64::from(height) / u64::from(width);
        let tile = Size {
            width: across,
            height: (down.clamp(16, 2000) as u32) & !1,
        };
        let mut plan = Self {
            columns,
            rows: 1,
            tile,
            gap,
        };
        let row = tile.height + plan.text_height() + gap;
        plan.rows = ((PAGE_HEIGHT - plan.head_height()) / row).max(1);
        plan
    }

    /// The most frames on a page.
    pub const fn per_page(&self) -> usize {
        (self.columns * self.rows) as usize
    }

    fn letter(&self) -> f32 {
        (self.tile.width as f32 / 24.0).clamp(11.0, 18.0)
    }

    /// What a name and all lines of words need at most.
    fn text_height(&self) -> u32 {
        (self.letter() * (1.9 + 1.25 * LINES as f32)).ceil() as u32
    }

    const fn head_height(&self) -> u32 {
        self.gap * 2 + 84
    }

    const fn width(&self) -> u32 {
        self.gap + self.columns * (self.tile.width + self.gap)
    }
}

/// One frame of a sheet.
#[derive(Debug, Clone)]
pub struct Tile {
    /// The frame: opaque, of the plan's size.
    pub picture: Rgba,
    /// What it shows: a shot's name.
    pub name: String,
    /// When.
    pub time: String,
    /// Who speaks.
    pub speaker: Option<String>,
    /// What is said.
    pub words: String,
    /// The language of the words.
    pub language: Language,
}

/// What stands above the frames.
#[derive(Debug, Clone)]
pub struct Head {
    /// The large line.
    pub title: String,
    /// The small line under it.
    pub facts: String,
    /// On the right, such as `2 of 3`; empty for nothing.
    pub page: String,
    /// The title's language.
    pub language: Language,
}

/// Sets a page. Frames past [`Plan::per_page`] are left out; the page is as high as it needs to be.
pub fn page(head: &Head, tiles: &[Tile], plan: &Plan, fonts: &Fonts) -> Rgba {
    let tiles = &tiles[..tiles.len().min(plan.per_page())];
    let set: Vec<Set<'_>> = tiles
        .iter()
        .map(|tile| Set::new(tile, plan, fonts))
        .collect();
    let rows: Vec<&[Set<'_>]> = set.chunks(plan.columns.max(1) as usize).collect();
    let height = |row: &[Set<'_>]| row.iter().map(Set::height).max().unwrap_or(0);
    let below: u32 = rows
        .iter()
        .map(|row| plan.tile.height + height(row) + plan.gap)
        .sum();
    let mut page = Rgba::transparent(Size {
        width: plan.width(),
        height: plan.head_height() + below.max(plan.gap),
    });
    let whole = page.size;
    fill(&mut page, (0, 0), whole, PAPER);
    draw_head(&mut page, head, plan, fonts);
    let mut top = plan.head_height();
    for row in rows {
        for (column, tile) in row.iter().enumerate() {
            let left = plan.gap + column as u32 * (plan.tile.width + plan.gap);
            tile.draw(&mut page, (left, top), plan);
        }
        top += plan.tile.height + height(row) + plan.gap;
    }
    page
}

fn draw_head(page: &mut Rgba, head: &Head, plan: &Plan, fonts: &Fonts) {
    let (left, top) = (plan.gap as f32, plan.gap as f32 * 1.1);
    let wide = page.size.width as f32 - left * 2.0;
    let small = |language| Type {
        align: Align::Start,
        ..Type::new(18.0, language)
    };
    let number = lay(&head.page, &small(&head.language), None, fonts);
    put(
        page,
        &number,
        SOFT,
        left + wide - number.width(),
        top + 12.0,
    );
    let room = wide - number.width() - left;
    let title = Type {
        bold: true,
        align: Align::Start,
        ..Type::new(34.0, &head.language)
    };
    let title = shorten(&Words::Letters(&head.title), &title, (room, 1), fonts);
    put(page, &title, BRIGHT, left + title.left(), top);
    let facts = shorten(
        &Words::Letters(&head.facts),
        &small(&head.language),
        (wide, 1),
        fonts,
    );
    put(page, &facts, SOFT, left, top + 50.0);
}

/// A frame with its words laid out.
struct Set<'a> {
    tile: &'a Tile,
    name: Laid,
    speaker: Option<Laid>,
    time: Laid,
    words: Option<Laid>,
    letter: f32,
}

impl<'a> Set<'a> {
    fn new(tile: &'a Tile, plan: &Plan, fonts: &Fonts) -> Self {
        let (letter, wide) = (plan.letter(), plan.tile.width as f32);
        let kind = |size: f32, bold: bool| Type {
            bold,
            align: Align::Start,
            ..Type::new(size, &tile.language)
        };
        let time = lay(&tile.time, &kind(letter * 0.86, false), None, fonts);
        let room = (wide - time.width() - letter).max(letter * 2.0);
        let bold = kind(letter, true);
        let name = shorten(&Words::Letters(&tile.name), &bold, (room, 1), fonts);
        let speaker = tile.speaker.as_deref().map(|speaker| {
            let room = (room - name.width() - letter * 0.6).max(0.0);
            let small = kind(letter * 0.86, false);
            (
                room,
                shorten(&Words::Letters(speaker), &small, (room, 1), fonts),
            )
        });
        let speaker = speaker.filter(|(room, laid)| laid.width() <= *room);
        let text = tile.words.trim();
        let words = (!text.is_empty()).then(|| {
            let body = kind(letter * 0.9, false);
            shorten(&Words::Units(text), &body, (wide, LINES), fonts)
        });
        Self {
            tile,
            name,
            speaker: speaker.map(|(_, laid)| laid),
            time,
            words,
            letter,
        }
    }

    /// Of everything under the frame.
    fn height(&self) -> u32 {
        let words = self.words.as_ref().map_or(0.0, Laid::height);
        (self.letter * 1.9 + words).ceil() as u32
    }

    fn draw(&self, page: &mut Rgba, (left, top): (u32, u32), plan: &Plan) {
        let Size { width, height } = plan.tile;
        let rim = Size {
            width: width + 2,
            height: height + 2,
        };
        fill(page, (left - 1, top - 1), rim, RIM);
        blit(page, &self.tile.picture, (left, top), plan.tile);
        let x = left as f32;
        let y = (top + height) as f32 + self.letter * 0.5;
        let base = y + self.name.first_baseline();
        put(page, &self.name, BRIGHT, x, y);
        if let Some(speaker) = &self.speaker {
            let x = x + self.name.width() + self.letter * 0.6;
            put(page, speaker, AMBER, x, base - speaker.first_baseline());
        }
        let right = x + width as f32 - self.time.width();
        let across = base - self.time.first_baseline();
        put(page, &self.time, SOFT, right, across);
        if let Some(words) = &self.words {
            put(page, words, SOFT, x + words.left(), y + self.letter * 1.4);
        }
    }
}

/// Letters with the top left of their lines at `(x, y)`.
fn put(page: &mut Rgba, laid: &Laid, colour: Colour, x: f32, y: f32) {
    draw(laid, &Ink::of(colour))
        .moved(x.round() as i32, y.round() as i32)
        .over(page);
}

fn fill(page: &mut Rgba, (left, top): (u32, u32), size: Size, Colour { r, g, b }: Colour) {
    let stride = page.size.width as usize * 4;
    let rows = page.pixels.chunks_exact_mut(stride);
    for row in rows.skip(top as usize).take(size.height as usize) {
        let pixels = row.chunks_exact_mut(4).skip(left as usize);
        for pixel in pixels.take(size.width as usize) {
            pixel.copy_from_slice(&[r, g, b, 255]);
        }
    }
}

/// Copies the top left of an opaque picture.
fn blit(page: &mut Rgba, picture: &Rgba, (left, top): (u32, u32), size: Size) {
    let across = size.width.min(picture.size.width) as usize * 4;
    let stride = page.size.width as usize * 4;
    let from = picture.pixels.chunks_exact(picture.size.width as usize * 4);
    let to = page.pixels.chunks_exact_mut(stride).skip(top as usize);
    for (to, from) in to.zip(from).take(size.height as usize) {
        let start = left as usize * 4;
        if let Some(to) = to.get_mut(start..start + across) {
            to.copy_from_slice(&from[..across]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn plans_fit_every_shape() {
        for frame in [
            size(1920, 1080),
            size(1080, 1920),
            size(1080, 1080),
            size(16, 7680),
            size(7680, 16),
        ] {
            for columns in [None, Some(1), Some(6), Some(1000)] {
                let plan = Plan::of(frame, columns);
                assert!(plan.columns <= MAX_COLUMNS && plan.rows >= 1);
                assert!(plan.tile.width >= 150 && plan.tile.height >= 16);
                let most = plan.head_height()
                    + plan.rows * (plan.tile.height + plan.text_height() + plan.gap);
                assert!(plan.rows == 1 || most <= PAGE_HEIGHT, "{plan:?}");
                assert!(plan.width() <= 5000, "{plan:?}");
            }
        }
        assert_eq!(Plan::of(size(1920, 1080), None).columns, 4);
    }

    #[test]
    fn a_page_holds_what_fits_and_no_more() {
        let plan = Plan::of(size(320, 180), Some(2));
        let language: Language = "en".parse().unwrap();
        let mut picture = Rgba::transparent(plan.tile);
        picture.pixels.fill(255);
        let tile = |words: &str| Tile {
            picture: picture.clone(),
            name: "a-shot".to_owned(),
            time: "00:00:01:00".to_owned(),
            speaker: Some("Ann".to_owned()),
            words: words.to_owned(),
            language: language.clone(),
        };
        let head = Head {
            title: "A title that is far too long ".repeat(20),
            facts: String::new(),
            page: "1 of 2".to_owned(),
            language: language.clone(),
        };
        let fonts = Fonts::built_in();
        let all: Vec<Tile> = (0..=plan.per_page())
            .map(|_| tile(&"word ".repeat(200)))
            .collect();
        let full = page(&head, &all, &plan, fonts);
        assert!(full.size.height <= PAGE_HEIGHT);
        assert!(full.pixels.chunks_exact(4).all(|pixel| pixel[3] == 255));
        let short = page(&head, &[tile("")], &plan, fonts);
        assert!(short.size.height < full.size.height / 3);
        let none = page(&head, &[], &plan, fonts);
        assert!(none.size.height >= plan.head_height());
    }
}
