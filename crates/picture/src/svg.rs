//! SVG drawings: scenes in layers, and overlays.
//!
//! Drawn by resvg with our fonts only. Nothing outside the text is read: no files, no addresses, no
//! entities. What a drawing may cost is bounded before it is drawn (see [`crate::svg_cost`]).

use std::borrow::Cow;
use std::ops::Range;

use resvg::{tiny_skia, usvg};
use roxmltree::{Document, Node};
use workprint_model::episode::Blend;
use workprint_model::{Language, Size};

use crate::Rgba;
use crate::art::ArtError;
use crate::fonts::Fonts;
use crate::still::check_size;
use crate::svg_cost;
use crate::svg_fonts::Pictures;
use crate::{svg_fonts, svg_text};

/// The longest SVG that is read.
pub const MAX_BYTES: usize = 8 << 20;

/// The most layers of a scene.
pub const MAX_LAYERS: usize = 16;

/// The most pixels of all layers of a scene together.
pub const MAX_LAYER_PIXELS: u64 = 800_000_000;

/// How far layers are drawn beyond the picture on each side, in percent of its width and height.
pub const BLEED_PERCENT: u32 = 10;

/// A drawing in layers of the same size, the farthest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SvgLayers {
    /// Depth (0 farthest, 100 nearest) and pixels. The first is opaque.
    pub layers: Vec<(u8, Rgba)>,
    /// How the colours of each layer meet those below.
    pub blends: Vec<Blend>,
    /// The part of each layer that is the picture.
    pub size: Size,
    /// What is drawn beyond it on the left and on the right, in pixels.
    pub bleed_x: u32,
    /// What is drawn beyond it at the top and at the bottom, in pixels.
    pub bleed_y: u32,
}

/// A scene that is drawn layer by layer: one of them at a time is held in memory.
pub struct Scene {
    /// The part of each layer that is the picture.
    pub size: Size,
    /// What is drawn beyond it on the left and on the right, in pixels.
    pub bleed_x: u32,
    /// What is drawn beyond it at the top and at the bottom, in pixels.
    pub bleed_y: u32,
    text: String,
    prefix: String,
    plan: Vec<Layer>,
    first: usvg::Tree,
    options: usvg::Options<'static>,
}

/// Reads an SVG whose top groups with `data-depth` are layers, so large that the picture (its `viewBox`)
/// covers `frame` times `oversample` (clamped to 0.1 to 4).
///
/// Groups come in drawing order with depths that do not fall; what lies between them at the top is
/// drawn with the group before. Layers may use what is drawn in others (`<use>`). An SVG without
/// `data-depth` is one layer without bleed. What the first layer leaves open is black.
pub fn scene(
    svg: &str,
    frame: Size,
    oversample: f32,
    language: &Language,
    fonts: &Fonts,
) -> Result<Scene, ArtError> {
    check_size(frame)?;
    let text = readable(svg, language, fonts)?;
    let document = parse(&text)?;
    let (plan, prefix) = (plan(&document)?, svg_text::tag_prefix(&document));
    drop(document);
    let options = svg_fonts::options(language, fonts);
    let first = tree(&text, &options)?;
    let (wide, tall) = (first.size().width(), first.size().height());
    let scale =
        (frame.width as f32 / wide).max(frame.height as f32 / tall) * oversample.clamp(0.1, 4.0);
    let size = Size {
        width: (wide * scale).round().max(1.0) as u32,
        height: (tall * scale).round().max(1.0) as u32,
    };
    let bleed = |side: u32| {
        if plan.is_empty() {
            0
        } else {
            side.div_ceil(100 / BLEED_PERCENT)
        }
    };
    let scene = Scene {
        size,
        bleed_x: bleed(size.width),
        bleed_y: bleed(size.height),
        text,
        prefix,
        plan,
        first,
        options,
    };
    check_layers(scene.plan.len(), scene.whole())?;
    Ok(scene)
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scene({}, {} layers)", self.size, self.plan.len().max(1))
    }
}

impl Scene {
    /// The size of every layer.
    fn whole(&self) -> Size {
        Size {
            width: self.size.width.saturating_add(self.bleed_x * 2),
            height: self.size.height.saturating_add(self.bleed_y * 2),
        }
    }

    /// Depth (0 farthest, 100 nearest), blend mode and pixels of each layer, the farthest first, which is
    /// opaque.
    pub fn layers(&self) -> impl Iterator<Item = Result<(u8, Blend, Rgba), ArtError>> {
        (0..self.plan.len().max(1)).map(|number| {
            let (depth, blend, mut picture) = match self.plan.get(number) {
                None => (50, Blend::Normal, self.draw(&self.first)?),
                Some(layer) => {
                    let alone = alone(&self.text, &self.prefix, &self.plan, layer);
                    let picture = self.draw(&tree(&alone, &self.options)?)?;
                    (layer.depth, layer.blend, picture)
                }
            };
            if number == 0 {
                for pixel in picture.pixels.chunks_exact_mut(4) {
                    pixel[3] = 255;
                }
            }
            Ok((depth, blend, picture))
        })
    }

    fn draw(&self, tree: &usvg::Tree) -> Result<Rgba, ArtError> {
        let (wide, tall) = (self.first.size().width(), self.first.size().height());
        let place = tiny_skia::Transform::from_row(
            self.size.width as f32 / wide,
            0.0,
            0.0,
            self.size.height as f32 / tall,
            self.bleed_x as f32,
            self.bleed_y as f32,
        );
        draw(tree, self.whole(), (place, &mut svg_cost::work()))
    }
}

/// Draws all layers of a [`scene`].
pub fn layers(
    svg: &str,
    frame: Size,
    oversample: f32,
    language: &Language,
    fonts: &Fonts,
) -> Result<SvgLayers, ArtError> {
    let scene = scene(svg, frame, oversample, language, fonts)?;
    let (mut layers, mut blends) = (Vec::new(), Vec::new());
    for layer in scene.layers() {
        let (depth, blend, picture) = layer?;
        layers.push((depth, picture));
        blends.push(blend);
    }
    Ok(SvgLayers {
        layers,
        blends,
        size: scene.size,
        bleed_x: scene.bleed_x,
        bleed_y: scene.bleed_y,
    })
}

fn check_layers(layers: usize, size: Size) -> Result<(), ArtError> {
    check_size(size)?;
    let pixels = u64::from(size.width) * u64::from(size.height) * layers.max(1) as u64;
    if pixels <= MAX_LAYER_PIXELS {
        return Ok(());
    }
    let million = MAX_LAYER_PIXELS / 1_000_000;
    Err(ArtError::TooMuch(format!(
        "{layers} layers of {size} are more than {million} million pixels: use fewer layers or a smaller frame"
    )))
}

/// A box of the frame that a drawing is laid into, in its own shape and centred; in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    /// Its left edge.
    pub(crate) x: f32,
    /// Its top edge.
    pub(crate) y: f32,
    /// Across.
    pub(crate) wide: f32,
    /// Down.
    pub(crate) tall: f32,
}

impl Spot {
    /// The whole frame.
    pub(crate) const fn over(frame: Size) -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            wide: frame.width as f32,
            tall: frame.height as f32,
        }
    }

    /// Pixels to one unit of a drawing's `viewBox`, as far as its root tells.
    pub(crate) fn scale(&self, document: &Document<'_>) -> f32 {
        view_box(&document.root_element()).map_or(1.0, |[_, _, wide, tall]| {
            (self.wide / wide).min(self.tall / tall)
        })
    }

    /// From a tree's units, which are those of its `width` and `height`, to pixels.
    fn place(&self, drawing: tiny_skia::Size) -> tiny_skia::Transform {
        let (wide, tall) = (drawing.width(), drawing.height());
        let scale = (self.wide / wide).min(self.tall / tall);
        let x = self.x + (self.wide - wide * scale) / 2.0;
        let y = self.y + (self.tall - tall * scale) / 2.0;
        tiny_skia::Transform::from_row(scale, 0.0, 0.0, scale, x, y)
    }
}

/// A root's `viewBox`: left, top, width and height; none where it has none that can be drawn.
pub(crate) fn view_box(root: &Node<'_, '_>) -> Option<[f32; 4]> {
    let numbers = root
        .attribute("viewBox")?
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().ok().filter(|value: &f32| value.is_finite()));
    let numbers: Option<Vec<f32>> = numbers.collect();
    let found: [f32; 4] = numbers?.try_into().ok()?;
    (found[2] > 0.0 && found[3] > 0.0).then_some(found)
}

/// Draws an SVG into a frame, on nothing.
pub(crate) fn overlay(
    svg: &str,
    (frame, spot): (Size, &Spot),
    (language, fonts): (&Language, &Fonts),
    pictures: &Pictures,
) -> Result<Rgba, ArtError> {
    let text = readable(svg, language, fonts)?;
    let mut options = svg_fonts::options(language, fonts);
    svg_fonts::add_pictures(&mut options, pictures);
    let tree = tree(&text, &options)?;
    draw(
        &tree,
        frame,
        (spot.place(tree.size()), &mut svg_cost::work()),
    )
}

/// The text of an SVG, checked, with a font for every script.
pub(crate) fn readable(svg: &str, language: &Language, fonts: &Fonts) -> Result<String, ArtError> {
    let text = without_doctype(svg)?;
    let document = parse(&text)?;
    svg_cost::check_document(&document)?;
    plan(&document)?;
    Ok(svg_text::with_script_fonts(
        &text, &document, language, fonts,
    ))
}

/// Reads XML without a document type. An [`ArtError::Svg`] says where it is broken.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, ArtError> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: 2_000_000,
        ..roxmltree::ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| broken(&error))
}

fn broken(error: &roxmltree::Error) -> ArtError {
    let at = error.pos();
    ArtError::Svg {
        line: at.row,
        column: at.col,
        message: format!("the SVG is broken ({error}): export it again"),
    }
}

/// An error at a byte of `text`.
pub(crate) fn error_at(text: &str, byte: usize, message: String) -> ArtError {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    ArtError::Svg {
        line: before.matches('\n').count() as u32 + 1,
        column: before[line_start..].chars().count() as u32 + 1,
        message,
    }
}

/// The text with a plain `<!DOCTYPE …>` blanked, as many programs write one. One that declares
/// entities is refused: they can grow without bound.
pub(crate) fn without_doctype(svg: &str) -> Result<Cow<'_, str>, ArtError> {
    if svg.len() > MAX_BYTES {
        return Err(ArtError::TooMuch(format!(
            "the SVG has {} bytes, and {} MiB are allowed: simplify it or embed smaller pictures",
            svg.len(),
            MAX_BYTES >> 20
        )));
    }
    // Only what stands before the root element can be a document type.
    let Some(from) = svg.find("<!DOCTYPE") else {
        return Ok(Cow::Borrowed(svg));
    };
    let end = svg[from..].find(['>', '[']).map(|at| from + at);
    match end {
        Some(end) if svg.as_bytes()[end] == b'>' => {
            let blank: String = svg[from..=end]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' })
                .collect();
            Ok(Cow::Owned(format!(
                "{}{blank}{}",
                &svg[..from],
                &svg[end + 1..]
            )))
        }
        _ => Err(error_at(
            svg,
            from,
            "entities in `<!DOCTYPE …>` are not read: write the values out, or export as plain SVG"
                .to_owned(),
        )),
    }
}

pub(crate) fn tree(text: &str, options: &usvg::Options<'_>) -> Result<usvg::Tree, ArtError> {
    let tree = guarded(|| usvg::Tree::from_str(text, options))?;
    tree.map_err(|error| match error {
        usvg::Error::ParsingFailed(error) => broken(&error),
        usvg::Error::InvalidSize => ArtError::Svg {
            line: 1,
            column: 1,
            message: "the drawing has no size: give `<svg>` a `viewBox`".to_owned(),
        },
        error => ArtError::TooMuch(format!("the SVG cannot be drawn ({error}): simplify it")),
    })
}

/// Runs resvg. Its reader panics on some broken drawings, which must cost one shot, not the run.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, ArtError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|_| {
        ArtError::TooMuch(
            "the SVG cannot be drawn: convert its text to paths, or simplify it".to_owned(),
        )
    })
}

/// Draws a tree, as far as the work that is left allows it.
pub(crate) fn draw(
    tree: &usvg::Tree,
    size: Size,
    (place, left): (tiny_skia::Transform, &mut f64),
) -> Result<Rgba, ArtError> {
    svg_cost::check_tree(tree, size, (place, left))?;
    let mut pixmap =
        tiny_skia::Pixmap::new(size.width, size.height).ok_or(ArtError::TooLarge(size))?;
    guarded(|| resvg::render(tree, place, &mut pixmap.as_mut()))?;
    Ok(Rgba {
        size,
        pixels: pixmap.take(),
    })
}

/// A layer and the bytes of its top elements.
struct Layer {
    depth: u8,
    blend: Blend,
    ranges: Vec<Range<usize>>,
}

/// Elements at the top that draw nothing by themselves, and so belong to all layers.
pub(crate) const SHARED: &[&str] = &[
    "defs",
    "style",
    "title",
    "desc",
    "metadata",
    "linearGradient",
    "radialGradient",
    "pattern",
    "clipPath",
    "mask",
    "filter",
    "marker",
    "symbol",
    "namedview",
    "script",
];

/// The layers in drawing order; none when no top group has a depth.
fn plan(document: &Document<'_>) -> Result<Vec<Layer>, ArtError> {
    let root = document.root_element();
    let drawn = || {
        root.children()
            .filter(|node| node.is_element() && !SHARED.contains(&node.tag_name().name()))
    };
    let mut layers: Vec<Layer> = Vec::new();
    if !drawn().any(|node| node.has_attribute("data-depth")) {
        return Ok(layers);
    }
    let mut before = Vec::new();
    for node in drawn() {
        match (node.attribute("data-depth"), layers.last_mut()) {
            (Some(depth), last) => {
                let far = last.map_or(0, |layer| layer.depth);
                let mut ranges = std::mem::take(&mut before);
                ranges.push(node.range());
                layers.push(Layer {
                    depth: depth_of(&node, depth, far)?,
                    blend: blend_of(&node, layers.is_empty())?,
                    ranges,
                });
            }
            (None, Some(last)) => last.ranges.push(node.range()),
            (None, None) => before.push(node.range()),
        }
        if layers.len() > MAX_LAYERS {
            return Err(at_node(
                &node,
                format!("more than {MAX_LAYERS} layers: join some groups"),
            ));
        }
    }
    Ok(layers)
}

fn depth_of(node: &Node<'_, '_>, depth: &str, far: u8) -> Result<u8, ArtError> {
    let depth: u8 = depth
        .trim()
        .parse()
        .ok()
        .filter(|depth| *depth <= 100)
        .ok_or_else(|| {
            let shown: String = depth.chars().take(20).collect();
            at_node(
                node,
                format!(
                    "`data-depth` is `{shown}`: write a whole number, 0 (farthest) to 100 (nearest)"
                ),
            )
        })?;
    if depth < far {
        return Err(at_node(
            node,
            format!(
                "`data-depth` falls from {far} to {depth}: layers are drawn in order, so put far ones first"
            ),
        ));
    }
    Ok(depth)
}

fn blend_of(node: &Node<'_, '_>, lowest: bool) -> Result<Blend, ArtError> {
    let Some(name) = node.attribute("data-blend") else {
        return Ok(Blend::Normal);
    };
    let known = Blend::ALL
        .into_iter()
        .find(|blend| blend.name() == name.trim());
    let Some(blend) = known else {
        let shown: String = name.chars().take(20).collect();
        let names = Blend::ALL.map(Blend::name).join(", ");
        let message = format!("`data-blend` is `{shown}`: write one of {names}");
        return Err(at_node(node, message));
    };
    if lowest && !blend.is_normal() {
        let message = "the farthest layer has nothing below it to blend with: remove `data-blend`";
        return Err(at_node(node, message.to_owned()));
    }
    Ok(blend)
}

/// An error at an element.
pub(crate) fn at_node(node: &Node<'_, '_>, message: String) -> ArtError {
    let at = node.document().text_pos_at(node.range().start);
    ArtError::Svg {
        line: at.row,
        column: at.col,
        message,
    }
}

/// The SVG with what belongs to other layers put into `<defs>`: still there to be used, not drawn.
fn alone(text: &str, prefix: &str, layers: &[Layer], layer: &Layer) -> String {
    let others = layers
        .iter()
        .filter(|other| !std::ptr::eq(*other, layer))
        .flat_map(|other| &other.ranges)
        .collect();
    without(text, prefix, others)
}

/// A text with some of its bytes replaced; what lies inside of something replaced goes with it.
pub(crate) fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        if range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// An SVG with some of its elements put into `<defs>`: still there to be used, not drawn.
pub(crate) fn without(text: &str, prefix: &str, mut others: Vec<&Range<usize>>) -> String {
    others.sort_by_key(|range| range.start);
    let mut out = String::with_capacity(text.len() + others.len() * 32);
    let mut at = 0;
    for range in others {
        out.push_str(&text[at..range.start]);
        for piece in [
            "<",
            prefix,
            "defs>",
            &text[range.clone()],
            "</",
            prefix,
            "defs>",
        ] {
            out.push_str(piece);
        }
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}
