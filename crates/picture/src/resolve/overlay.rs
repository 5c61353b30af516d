//! Graphics over the shots at a moment: where their parts are and how much of them there is.
//!
//! Whole numbers only. Times count from the overlay's own first frame.

use workprint_model::episode::{Blend, Crop, Fit, Move, Passage};
use workprint_model::graphic::{Area, Content, CountSheet, Edge, Motion, Part, Sign};
use workprint_model::timeline::{Clip, PlacedOverlay, Plate};
use workprint_model::{Frames, Millis, Percent, Rate, Size};

use super::camera::{Subject, clip_size};
use super::view::clip_frame;
use super::{WHOLE, fade};
use crate::number::{Figure, figures};

/// 1.0 of a share of time or of a way.
const FULL: u64 = 1 << 16;

/// One pixel of [`ShownPlate::shift`].
pub const PIXEL: i32 = 256;

/// Something over the shots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A picture with alpha.
    Plate(ShownPlate),
    /// A clip in a box.
    Clip(ShownClip),
}

/// A picture with alpha over the shots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPlate {
    /// The picture and its place.
    pub plate: Plate,
    /// How much of it there is, of [`WHOLE`].
    pub opacity: u16,
    /// How far it has moved from its place, in 1/256 pixel.
    pub shift: (i32, i32),
    /// Where in the frame it may be seen; everywhere where there is none. Place and size are even.
    pub window: Option<Area>,
    /// How its colours meet those below.
    pub blend: Blend,
}

/// A clip in a box with round corners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownClip {
    /// The clip.
    pub clip: Clip,
    /// Its frame.
    pub frame: Frames,
    /// The size that the clip must have: it covers the box.
    pub size: Size,
    /// The box in the frame, where it is now.
    pub area: Area,
    /// Radius of its corners, in pixels.
    pub radius: u32,
    /// How much of it there is, of [`WHOLE`].
    pub opacity: u16,
    /// Where in the frame it may be seen.
    pub window: Option<Area>,
}

/// How an overlay as a whole stands at a moment.
struct Stand {
    opacity: u16,
    /// In 1/256 pixel.
    shift: (i32, i32),
    window: Option<Area>,
}

/// What is seen of an overlay at its frame `index`, the lowest first.
pub(super) fn shown(
    overlay: &PlacedOverlay,
    index: u64,
    (rate, frame): (Rate, Size),
) -> Vec<Shown> {
    let areas = overlay.parts.iter().filter_map(Part::area);
    let Some(bounds) = areas.reduce(|all, area| all.with(&area)) else {
        return Vec::new();
    };
    let stand = stand(overlay, index, (bounds, frame));
    let moment = Moment {
        index,
        length: overlay.length.0,
        rate,
    };
    let mut out = Vec::new();
    for part in &overlay.parts {
        match &part.content {
            Content::Plate(plate) => out.extend(moment.plate(plate, part, &stand)),
            Content::Count(count) => out.extend(moment.count(count, part, &stand)),
            Content::Hole(hole) => {
                let Some(clip) = &overlay.clip else { continue };
                let (size, at) = (hole.area.size, stand.shift);
                let area = Area {
                    x: hole.area.x + round_pixel(at.0),
                    y: hole.area.y + round_pixel(at.1),
                    size,
                };
                out.push(Shown::Clip(ShownClip {
                    clip: clip.clone(),
                    frame: clip_frame(clip, index),
                    size: clip_size(clip.size, size, &covering(clip.size), &Move::default()),
                    area,
                    radius: hole.radius,
                    opacity: stand.opacity,
                    window: joined(part.window.as_ref(), stand.window.as_ref()),
                }));
            }
        }
    }
    for shown in &mut out {
        match shown {
            Shown::Plate(plate) => {
                plate.opacity = share_of(plate.opacity, overlay.opacity);
                plate.blend = overlay.blend;
            }
            Shown::Clip(clip) => clip.opacity = share_of(clip.opacity, overlay.opacity),
        }
    }
    out.retain(|shown| is_seen(shown, frame));
    out
}

/// A share of an opacity.
fn share_of(opacity: u16, share: Percent) -> u16 {
    let opacity = i64::from(opacity) * i64::from(share.hundredths());
    ((opacity + 5000) / 10_000).clamp(0, i64::from(WHOLE)) as u16
}

/// A clip that fills its box.
fn covering(size: Size) -> Subject {
    Subject {
        size,
        fit: Fit::Cover,
        focus: None,
        crop: Crop::default(),
    }
}

/// Whether anything of it lies in the frame.
fn is_seen(shown: &Shown, frame: Size) -> bool {
    let (area, window, opacity) = match shown {
        Shown::Plate(plate) => (plate.area(), plate.window, plate.opacity),
        Shown::Clip(clip) => (clip.area, clip.window, clip.opacity),
    };
    let whole = Area {
        x: 0,
        y: 0,
        size: frame,
    };
    let seen = area.within(&whole);
    let seen = match (seen, &window) {
        (Some(seen), Some(window)) => seen.within(window),
        (seen, _) => seen,
    };
    opacity > 0 && seen.is_some()
}

impl ShownPlate {
    /// The pixels that it touches where it is now.
    pub(crate) fn area(&self) -> Area {
        let Size { width, height } = self.plate.size;
        let over = |shift: i32| u32::from(shift.rem_euclid(PIXEL) != 0);
        Area {
            x: self.plate.x.saturating_add(self.shift.0.div_euclid(PIXEL)),
            y: self.plate.y.saturating_add(self.shift.1.div_euclid(PIXEL)),
            size: Size {
                width: width + over(self.shift.0),
                height: height + over(self.shift.1),
            },
        }
    }
}

/// How the whole overlay comes, stands or goes.
fn stand(overlay: &PlacedOverlay, index: u64, (bounds, frame): (Area, Size)) -> Stand {
    let (length, over) = (overlay.length.0, overlay.fade.0);
    let coming = index < over;
    let passage = if coming { overlay.enter } else { overlay.leave };
    let near = if coming { index + 1 } else { length - index };
    let passing = near <= over;
    // Slow towards rest: from it, a leaving graphic gathers speed.
    let there = if passing {
        slow_down(near * FULL / (over + 1))
    } else {
        FULL
    };
    let mut stand = Stand {
        opacity: WHOLE,
        shift: (0, 0),
        window: None,
    };
    if !passing {
        return stand;
    }
    let middle = i64::from(bounds.x) * 2 + i64::from(bounds.size.width);
    let from_right = middle > i64::from(frame.width) + 4;
    match passage {
        Passage::Cut => {}
        Passage::Fade => stand.opacity = fade(index, length, over),
        Passage::Slide => {
            let way = away(u64::from(frame.width.min(frame.height)) * 9 / 100, there);
            stand.shift.0 = if from_right { way } else { -way };
            stand.opacity = quicker(there);
        }
        Passage::Rise => {
            stand.shift.1 = away(u64::from(frame.height.min(frame.width)) * 4 / 100, there);
            stand.opacity = quicker(there);
        }
        Passage::Wipe => {
            let share = u64::from(bounds.size.width) * there / FULL;
            let share = (share as u32).next_multiple_of(2) as i32;
            let (left, right) = if from_right {
                (bounds.right() - share, bounds.right())
            } else {
                (bounds.x, bounds.x + share)
            };
            // One pixel at least, so that a window is there to see nothing through.
            stand.window = Area::between(
                left & !1,
                (bounds.y - 2) & !1,
                (right.max(left + 2) + 1) & !1,
                (bounds.bottom() + 3) & !1,
            );
        }
    }
    stand
}

/// What is left of a way of `pixels`, in 1/256 pixel.
fn away(pixels: u64, there: u64) -> i32 {
    (pixels * PIXEL as u64 * (FULL - there) / FULL) as i32
}

/// Opacity of what also moves: it is all there when half of the way is done.
fn quicker(there: u64) -> u16 {
    ((there * 3 / 2).min(FULL) * u64::from(WHOLE) / FULL).max(1) as u16
}

/// 1 − (1 − t)³.
fn slow_down(time: u64) -> u64 {
    let left = FULL - time.min(FULL);
    FULL - ((((left * left) >> 16) * left) >> 16)
}

/// A moment in an overlay.
struct Moment {
    index: u64,
    length: u64,
    rate: Rate,
}

impl Moment {
    /// How far (of [`FULL`]) something is that begins and lasts so long; none before it begins.
    fn share(&self, after_ms: u32, over_ms: u32) -> Option<u64> {
        let frames = |ms: u32| self.rate.frames_of(Millis(i64::from(ms))).0;
        let since = self.index.checked_sub(frames(after_ms))?;
        let over = frames(over_ms);
        Some(if since >= over {
            FULL
        } else {
            (since + 1) * FULL / (over + 1)
        })
    }

    fn plate(&self, plate: &Plate, part: &Part, stand: &Stand) -> Option<Shown> {
        let mut shown = ShownPlate {
            plate: plate.clone(),
            opacity: stand.opacity,
            shift: stand.shift,
            window: part.window.map(|window| moved(&window, stand.shift)),
            blend: Blend::Normal,
        };
        match part.motion {
            Motion::Rest => {}
            Motion::Appear { after_ms, over_ms } => {
                let share = self.share(after_ms, over_ms)?;
                shown.opacity = (u64::from(shown.opacity) * share / FULL).max(1) as u16;
            }
            Motion::Grow {
                after_ms,
                over_ms,
                edge,
            } => {
                let there = slow_down(self.share(after_ms, over_ms)?);
                let room = part.area()?;
                shown.window = Some(moved(&room, stand.shift));
                let room = room.size;
                match edge {
                    Edge::Left => shown.shift.0 -= away(u64::from(room.width), there),
                    Edge::Right => shown.shift.0 += away(u64::from(room.width), there),
                    Edge::Top => shown.shift.1 -= away(u64::from(room.height), there),
                    Edge::Bottom => shown.shift.1 += away(u64::from(room.height), there),
                }
            }
            Motion::Reveal {
                after_ms,
                over_ms,
                edge,
            } => {
                let there = slow_down(self.share(after_ms, over_ms)?);
                let area = moved(&part.area()?, stand.shift);
                let window = uncovered(&area, edge, there)?;
                if there < FULL {
                    shown.window = Some(window);
                }
            }
            Motion::Roll { travel } => shown.shift.1 -= self.rolled(travel),
        }
        shown.window = joined(shown.window.as_ref(), stand.window.as_ref());
        Some(Shown::Plate(shown))
    }

    /// How far credits have rolled, in 1/256 pixel: whole pixels a frame where the time allows it,
    /// as moving letters would shimmer otherwise.
    fn rolled(&self, travel: u32) -> i32 {
        let (travel, length) = (u64::from(travel), self.length.max(1));
        let whole = travel.div_ceil(length);
        let way = if whole * length * 4 <= travel * 5 {
            (self.index * whole).min(travel) * PIXEL as u64
        } else {
            self.index * travel * PIXEL as u64 / length
        };
        way.min(i32::MAX as u64) as i32
    }

    fn count(&self, count: &CountSheet, part: &Part, stand: &Stand) -> Vec<Shown> {
        let there = self
            .share(count.after_ms, count.over_ms)
            .map_or(0, slow_down);
        let way = i128::from(count.to) - i128::from(count.from);
        let value = i128::from(count.from) + way * i128::from(there) / i128::from(FULL);
        let mut right = count.right;
        let mut out = Vec::new();
        for sign in signs(value as i64, count) {
            let left = right.saturating_sub_unsigned(sign.width);
            let mut plate = count.plate.clone();
            plate.x = left.saturating_sub_unsigned(sign.at);
            let seen = Area {
                x: left,
                y: plate.y,
                size: Size {
                    width: sign.width,
                    height: plate.size.height,
                },
            };
            let window = moved(&seen, stand.shift);
            let window = match &part.window {
                Some(own) => match window.within(own) {
                    Some(window) => window,
                    None => continue,
                },
                None => window,
            };
            out.push(Shown::Plate(ShownPlate {
                plate,
                opacity: stand.opacity,
                shift: stand.shift,
                window: joined(Some(&window), stand.window.as_ref()),
                blend: Blend::Normal,
            }));
            right = left;
        }
        out
    }
}

/// The signs of a number, the last first. A sign that the sheet has not is left out.
fn signs(value: i64, count: &CountSheet) -> Vec<Sign> {
    let figures = figures(value, count.decimals, count.by_two).into_iter();
    let signs = figures.filter_map(|figure| match figure {
        Figure::Digit(digit) => Some(Sign {
            at: count.digits[usize::from(digit) % 10],
            width: count.digit_width,
        }),
        Figure::Group => count.group,
        Figure::Point => count.point,
        Figure::Minus => count.minus,
    });
    signs.chain(count.prefix).collect()
}

/// The part of an area that is uncovered.
fn uncovered(area: &Area, edge: Edge, there: u64) -> Option<Area> {
    let part = |side: u32| (u64::from(side) * there / FULL) as u32 as i32 & !1;
    let (x, y, right, bottom) = (area.x, area.y, area.right(), area.bottom());
    match edge {
        Edge::Left => Area::between(x, y, x + part(area.size.width), bottom),
        Edge::Right => Area::between(right - part(area.size.width), y, right, bottom),
        Edge::Top => Area::between(x, y, right, y + part(area.size.height)),
        Edge::Bottom => Area::between(x, bottom - part(area.size.height), right, bottom),
    }
}

/// Moved by the nearest even number of pixels.
fn moved(area: &Area, shift: (i32, i32)) -> Area {
    let even = |shift: i32| (shift + PIXEL).div_euclid(2 * PIXEL) * 2;
    Area {
        x: area.x + even(shift.0),
        y: area.y + even(shift.1),
        size: area.size,
    }
}

fn round_pixel(shift: i32) -> i32 {
    (shift + PIXEL / 2).div_euclid(PIXEL)
}

/// What both windows leave open. Nothing at all is a window outside of every frame.
fn joined(one: Option<&Area>, other: Option<&Area>) -> Option<Area> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.within(other).unwrap_or(Area {
            x: i32::MIN / 2,
            y: i32::MIN / 2,
            size: Size {
                width: 0,
                height: 0,
            },
        })),
        (one, other) => one.or(other).copied(),
    }
}
