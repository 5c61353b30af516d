//! An SVG with named parts → pictures that are laid over each other.
//!
//! The drawing is walked in its own order. What lies in the same part without another part between
//! becomes one picture; everything else of the drawing is put into `<defs>` while it is drawn, still
//! there to be used. `docs/guide/puppets.md` is the contract of the drawing.

use std::ops::Range;

use resvg::{tiny_skia, usvg};
use roxmltree::{Document, Node};
use workprint_model::rig::{Part, RigPart};
use workprint_model::{Language, Size};

use crate::art::ArtError;
use crate::fonts::Fonts;
use crate::plate::Placed;
use crate::svg::{self, at_node};
use crate::svg_text::tag_prefix;
use crate::{Rgba, svg_cost, svg_fonts};

/// The most parts of a puppet.
const MAX_PARTS: usize = 120;

/// The most pictures that a puppet is cut into.
const MAX_PIECES: usize = 160;

/// The longest SVG of a puppet: it is read once for every picture.
pub const MAX_BYTES: usize = 1 << 20;

/// How far parts may reach beyond the drawing's `viewBox`, of its sides.
const BEYOND: f32 = 0.75;

/// The most pixels of all pictures of a puppet together.
const MAX_PIXELS: u64 = 60_000_000;

/// A puppet's drawing in pictures, at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnRig {
    /// The height of the `viewBox`, in pixels.
    pub height: u32,
    /// The parts, each after the one that it lies in.
    pub parts: Vec<RigPart>,
    /// The pictures, in the order in which they are painted, placed from the feet.
    pub pieces: Vec<(Option<u16>, Placed)>,
}

/// Cuts a puppet's SVG into its parts and draws them so large that its `viewBox` is `height` pixels
/// high. `mirrored` turns it left for right.
pub fn draw(
    svg: &str,
    height: u32,
    mirrored: bool,
    language: &Language,
    fonts: &Fonts,
) -> Result<DrawnRig, ArtError> {
    if svg.len() > MAX_BYTES {
        return Err(ArtError::TooMuch(format!(
            "the SVG has {} bytes, and a puppet may have {MAX_BYTES}: simplify it",
            svg.len()
        )));
    }
    let text = svg::readable(svg, language, fonts)?;
    let text = with_parts_shown(&text)?;
    let document = svg::parse(&text)?;
    let mut walk = Walk {
        mirrored,
        parts: Vec::new(),
        pieces: Vec::new(),
    };
    walk.divide(&document.root_element(), None)?;
    let options = svg_fonts::options(language, fonts);
    let frame = Frame::of(&document, &svg::tree(&text, &options)?, height, mirrored)?;
    let prefix = tag_prefix(&document);
    let mut pieces = Vec::new();
    let mut room = Room {
        pixels: MAX_PIXELS,
        work: svg_cost::work(),
    };
    for (part, ranges) in &walk.pieces {
        let others = walk
            .pieces
            .iter()
            .filter(|piece| !std::ptr::eq(&raw const piece.1, ranges));
        let others: Vec<_> = others.flat_map(|(_, ranges)| ranges).collect();
        let alone = svg::without(&text, &prefix, others);
        if let Some(placed) = frame.draw(&svg::tree(&alone, &options)?, &mut room)? {
            pieces.push((*part, placed));
        }
    }
    if pieces.is_empty() {
        return Err(at_node(
            &document.root_element(),
            "there is nothing to see in this drawing: draw something in its `viewBox`".to_owned(),
        ));
    }
    let parts = walk.parts.iter().enumerate();
    let parts = parts
        .map(|(number, found)| frame.part(found, number, &walk.parts, &pieces))
        .collect();
    Ok(DrawnRig {
        height,
        parts,
        pieces,
    })
}

/// A part as it is found in the drawing.
struct Found {
    part: Part,
    within: Option<u16>,
    /// In the units of the `viewBox`.
    pivot: Option<[f32; 2]>,
    /// In the units of the `viewBox`.
    reach: Option<[f32; 2]>,
}

struct Walk {
    mirrored: bool,
    parts: Vec<Found>,
    /// The part and the bytes of what is drawn together.
    pieces: Vec<(Option<u16>, Vec<Range<usize>>)>,
}

impl Walk {
    /// Divides what is in `node`, which lies in part `part`.
    fn divide(&mut self, node: &Node<'_, '_>, part: Option<u16>) -> Result<(), ArtError> {
        let drawn = node
            .children()
            .filter(|child| child.is_element() && !svg::SHARED.contains(&child.tag_name().name()));
        for child in drawn {
            if let Some(own) = part_of(&child, self.mirrored)? {
                let number = self.add(&child, own, part)?;
                if child.tag_name().name() == "g" {
                    self.divide(&child, Some(number))?;
                } else {
                    self.put(&child, Some(number))?;
                }
            } else if holds_parts(&child) {
                self.divide(&child, part)?;
            } else {
                self.put(&child, part)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        node: &Node<'_, '_>,
        part: Part,
        within: Option<u16>,
    ) -> Result<u16, ArtError> {
        if self
            .parts
            .iter()
            .any(|known| known.within == within && known.part == part)
        {
            let name = part_name(node).unwrap_or_default();
            return Err(at_node(
                node,
                format!("`{name}` is there twice: join the two, or give one another name"),
            ));
        }
        if self.parts.len() >= MAX_PARTS {
            return Err(at_node(
                node,
                format!("a puppet has at most {MAX_PARTS} parts: leave some out"),
            ));
        }
        self.parts.push(Found {
            part,
            within,
            pivot: point(node, "data-pivot")?,
            reach: point(node, "data-reach")?,
        });
        Ok((self.parts.len() - 1) as u16)
    }

    fn put(&mut self, node: &Node<'_, '_>, part: Option<u16>) -> Result<(), ArtError> {
        match self.pieces.last_mut() {
            Some((last, ranges)) if *last == part => ranges.push(node.range()),
            _ => self.pieces.push((part, vec![node.range()])),
        }
        if self.pieces.len() > MAX_PIECES {
            return Err(at_node(
                node,
                format!(
                    "parts cut the drawing into more than {MAX_PIECES} pieces: put shapes of a part next to each other"
                ),
            ));
        }
        Ok(())
    }
}

/// The name of a group that may be a part.
fn part_name<'a>(node: &Node<'a, '_>) -> Option<&'a str> {
    let group = matches!(
        node.tag_name().name(),
        "g" | "use" | "path" | "circle" | "ellipse" | "rect"
    );
    let name = node.attribute("data-part").or_else(|| node.attribute("id"));
    name.filter(|_| group)
}

fn part_of(node: &Node<'_, '_>, mirrored: bool) -> Result<Option<Part>, ArtError> {
    let Some(name) = part_name(node) else {
        return Ok(None);
    };
    let found = Part::named(name, mirrored);
    let set = ["mouth-", "eyes-", "brow-", "arm-", "head-"];
    let meant = node.has_attribute("data-part")
        || (node.tag_name().name() == "g" && set.iter().any(|start| name.starts_with(start)));
    if found.is_none() && meant {
        let shown: String = name.chars().take(40).collect();
        return Err(at_node(
            node,
            format!(
                "`{shown}` is no part: there are body, shadow, head, head-left, head-front, head-right, face, pupils, \
                 eyes-open, eyes-half, eyes-closed, brow-MOOD, mouth-A to mouth-H, mouth-X, arm-left-POSE and \
                 arm-right-POSE"
            ),
        ));
    }
    Ok(found)
}

fn holds_parts(node: &Node<'_, '_>) -> bool {
    node.tag_name().name() == "g"
        && node
            .descendants()
            .skip(1)
            .any(|inner| part_name(&inner).is_some_and(|name| Part::named(name, false).is_some()))
}

/// Two numbers of an attribute.
fn point(node: &Node<'_, '_>, name: &str) -> Result<Option<[f32; 2]>, ArtError> {
    let Some(value) = node.attribute(name) else {
        return Ok(None);
    };
    let numbers: Vec<f32> = value
        .split([' ', ','])
        .filter(|number| !number.is_empty())
        .map_while(|number| number.parse().ok())
        .filter(|number: &f32| number.abs() < 1e6)
        .collect();
    match numbers[..] {
        [x, y] if value.split_whitespace().count() <= 2 => Ok(Some([x, y])),
        _ => {
            let shown: String = value.chars().take(40).collect();
            Err(at_node(
                node,
                format!(
                    "`{name}` is `{shown}`: write two numbers, across and down, such as `240 310`"
                ),
            ))
        }
    }
}

/// The drawing with its parts shown: whoever draws a puppet hides the mouths that are in the way.
fn with_parts_shown(text: &str) -> Result<String, ArtError> {
    let document = svg::parse(text)?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        if part_name(&node).is_none_or(|name| Part::named(name, false).is_none()) {
            continue;
        }
        for attribute in node.attributes() {
            match (attribute.name(), attribute.value().trim()) {
                ("display", "none") => edits.push((attribute.range_value(), "inline".to_owned())),
                ("style", _) => {
                    let raw = &text[attribute.range_value()];
                    let shown: Vec<&str> = raw.split(';').filter(|rule| !hides(rule)).collect();
                    edits.push((attribute.range_value(), shown.join(";")));
                }
                _ => {}
            }
        }
    }
    Ok(svg::edited(text, edits))
}

fn hides(rule: &str) -> bool {
    rule.split_once(':')
        .is_some_and(|(name, value)| name.trim() == "display" && value.trim() == "none")
}

/// What a puppet may still cost.
struct Room {
    /// Of its pictures.
    pixels: u64,
    work: f64,
}

impl Room {
    /// The pixels that a picture of `size` would leave.
    fn hold(&self, size: Size) -> Result<u64, ArtError> {
        let own = u64::from(size.width) * u64::from(size.height);
        self.pixels.checked_sub(own).ok_or_else(|| {
            ArtError::TooMuch(format!(
                "the puppet's parts are more than {} million pixels: make it smaller in the shot, or its parts fewer",
                MAX_PIXELS / 1_000_000
            ))
        })
    }
}

/// Where a drawing's units lie among the pixels.
struct Frame {
    /// Drawing to pixels from the feet.
    place: tiny_skia::Transform,
    /// `viewBox` to pixels from the feet.
    own: tiny_skia::Transform,
    /// What is drawn at most, in pixels from the feet.
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Frame {
    fn of(
        document: &Document<'_>,
        tree: &usvg::Tree,
        height: u32,
        mirrored: bool,
    ) -> Result<Self, ArtError> {
        let root = document.root_element();
        let (wide, tall) = (tree.size().width(), tree.size().height());
        let [x, y, across, down] = svg::view_box(&root).unwrap_or([0.0, 0.0, wide, tall]);
        let feet = point(&root, "data-feet")?.unwrap_or([x + across / 2.0, y + down]);
        let scale = height as f32 / tall;
        let turn = if mirrored { -1.0 } else { 1.0 };
        // The tree's units are the viewBox's times this.
        let (ux, uy) = (wide / across, tall / down);
        let foot = [(feet[0] - x) * ux, (feet[1] - y) * uy];
        let place = tiny_skia::Transform::from_row(
            scale * turn,
            0.0,
            0.0,
            scale,
            -foot[0] * scale * turn,
            -foot[1] * scale,
        );
        let own = place.pre_concat(tiny_skia::Transform::from_row(
            ux,
            0.0,
            0.0,
            uy,
            -x * ux,
            -y * uy,
        ));
        let (w, h) = (wide * scale, tall * scale);
        let edge = place.tx.min(place.tx + w * turn);
        Ok(Self {
            place,
            own,
            left: edge - w * BEYOND,
            top: place.ty - h * BEYOND,
            right: edge + w * (1.0 + BEYOND),
            bottom: place.ty + h * (1.0 + BEYOND),
        })
    }

    /// Draws a tree as far as it has ink; none where it has none.
    fn draw(&self, tree: &usvg::Tree, room: &mut Room) -> Result<Option<Placed>, ArtError> {
        const EDGE: f32 = 2.0;
        let bounds = tree.root().abs_layer_bounding_box().to_rect();
        let Some(bounds) = bounds.transform(self.place) else {
            return Ok(None);
        };
        let left = bounds.left().max(self.left).floor() - EDGE;
        let top = bounds.top().max(self.top).floor() - EDGE;
        let right = bounds.right().min(self.right).ceil() + EDGE;
        let bottom = bounds.bottom().min(self.bottom).ceil() + EDGE;
        if !(right > left && bottom > top) {
            return Ok(None);
        }
        let size = Size {
            width: (right - left) as u32,
            height: (bottom - top) as u32,
        };
        // While it is drawn it is as large as its shapes may be, afterwards as its ink is.
        room.hold(size)?;
        crate::still::check_size(size)?;
        let place = self.place.post_translate(-left, -top);
        let image: Rgba = svg::draw(tree, size, (place, &mut room.work))?;
        if crate::plate::ink(&image).is_none() {
            return Ok(None);
        }
        let placed = Placed {
            image,
            x: left as i32,
            y: top as i32,
        }
        .cropped();
        room.pixels = room.hold(placed.image.size)?;
        Ok(Some(placed))
    }

    /// A part with its pivot: its own, else where such parts hang.
    fn part(
        &self,
        found: &Found,
        number: usize,
        all: &[Found],
        pieces: &[(Option<u16>, Placed)],
    ) -> RigPart {
        let inside = |part: Option<u16>| {
            let mut at = part;
            while let Some(within) = at {
                if usize::from(within) == number {
                    return true;
                }
                at = all.get(usize::from(within)).and_then(|part| part.within);
            }
            false
        };
        let mut bounds: Option<[i32; 4]> = None;
        for (_, placed) in pieces.iter().filter(|(part, _)| inside(*part)) {
            let (x, y, size) = (placed.x, placed.y, placed.image.size);
            let own = [x, y, x + size.width as i32, y + size.height as i32];
            bounds = Some(bounds.map_or(own, |all| {
                [
                    all[0].min(own[0]),
                    all[1].min(own[1]),
                    all[2].max(own[2]),
                    all[3].max(own[3]),
                ]
            }));
        }
        let [left, top, right, bottom] = bounds.unwrap_or_default();
        let middle = i32::midpoint(left, right);
        let hung = match found.part {
            Part::Body => [0, 0],
            Part::Head | Part::Turn(_) => [middle, bottom],
            Part::Arm(..) => [middle, top],
            _ => [middle, i32::midpoint(top, bottom)],
        };
        let pivot = found.pivot.map_or(hung, |[x, y]| {
            let mut point = tiny_skia::Point::from_xy(x, y);
            self.own.map_point(&mut point);
            [point.x.round() as i32, point.y.round() as i32]
        });
        let (wide, tall) = (right - left, bottom - top);
        // Without better knowledge: pupils stay in the white of eyes twice their size, a face on
        // its head.
        let reached = match found.part {
            Part::Pupils => [tall * 2 / 5, tall / 4],
            Part::Face => [wide / 10, tall / 16],
            _ => [0, 0],
        };
        let reach = found.reach.map_or(reached, |[x, y]| {
            let pixels = |units: f32, scale: f32| (units * scale).abs().round() as i32;
            [pixels(x, self.own.sx), pixels(y, self.own.sy)]
        });
        RigPart {
            part: found.part.clone(),
            within: found.within,
            pivot,
            reach,
        }
    }
}
