//! What drawing an SVG may cost: bounds that are checked before the drawing begins.
//!
//! Twice: on the text, for what grows while it is read (elements used many times, chains of them),
//! and on the tree that resvg draws, for what costs pixels (layers, filters, patterns).

use std::collections::HashMap;

use resvg::{tiny_skia, usvg};
use roxmltree::{Document, Node, NodeId};
use workprint_model::Size;

use crate::art::ArtError;
use crate::svg::at_node;

/// How the address of a picture begins that a template is handed.
pub(crate) const PICTURE: &str = "workprint-picture:";

/// The most elements, each counted as often as it is used.
pub(crate) const MAX_ELEMENTS: u64 = 200_000;

/// The deepest nesting, through `<use>` as well.
pub(crate) const MAX_DEPTH: u32 = 100;

/// The most characters of text, each counted as often as it is used.
pub(crate) const MAX_TEXT: u64 = 50_000;

/// The most work: pixels of layers, filters and pictures, each counted as often as it is computed.
const MAX_WORK: f64 = 6e9;

/// The work that drawing something may take, before any of it is done.
pub(crate) const fn work() -> f64 {
    MAX_WORK
}

/// The most layers (opacity, masks, filters) inside one another: each is held in memory.
const MAX_NESTED_LAYERS: u32 = 24;

/// Checks the elements of an SVG: their number, their depth, and that nothing outside is named.
pub(crate) fn check_document(document: &Document<'_>) -> Result<(), ArtError> {
    for node in document.descendants().filter(Node::is_element) {
        check_link(&node)?;
    }
    check_elements(document)
}

/// Checks the number of an SVG's elements and their depth.
pub(crate) fn check_elements(document: &Document<'_>) -> Result<(), ArtError> {
    let mut ids = HashMap::new();
    for node in document.descendants().filter(Node::is_element) {
        if let Some(id) = node.attribute("id") {
            ids.entry(id).or_insert(node);
        }
    }
    let mut walk = Walk {
        ids,
        known: HashMap::new(),
    };
    let root = document.root_element();
    let weight = walk.weigh(&root, 0)?;
    if weight.elements > MAX_ELEMENTS {
        return Err(at_node(
            &root,
            format!(
                "more than {MAX_ELEMENTS} elements (each counted as often as it is used): simplify the drawing"
            ),
        ));
    }
    if weight.text > MAX_TEXT {
        return Err(at_node(
            &root,
            format!("more than {MAX_TEXT} characters of text: shorten it"),
        ));
    }
    Ok(())
}

fn href<'a>(node: &Node<'a, '_>) -> Option<&'a str> {
    node.attributes()
        .filter(|attribute| attribute.name() == "href")
        .map(|attribute| attribute.value().trim())
        .next()
}

/// Pictures and other elements come from inside the SVG alone.
fn check_link(node: &Node<'_, '_>) -> Result<(), ArtError> {
    let name = node.tag_name().name();
    if !matches!(
        name,
        "image" | "feImage" | "use" | "script" | "style" | "foreignObject"
    ) {
        return Ok(());
    }
    let Some(link) = href(node) else {
        return Ok(());
    };
    let inside = link.starts_with('#') || link.is_empty();
    let embedded = ["data:image/png", "data:image/jpeg", "data:image/jpg"]
        .iter()
        .any(|start| {
            link.get(..start.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(start))
        });
    let handed = name == "image" && link.starts_with(PICTURE);
    if inside || handed || (embedded && matches!(name, "image" | "feImage")) {
        return Ok(());
    }
    let shown: String = link.chars().take(60).collect();
    Err(at_node(
        node,
        format!("`{shown}` is not read: embed pictures as PNG or JPEG (`data:image/png;base64,…`)"),
    ))
}

/// How much an element stands for, with all that it uses.
#[derive(Clone, Copy, Default)]
struct Weight {
    elements: u64,
    text: u64,
    depth: u32,
}

struct Walk<'a, 'input> {
    ids: HashMap<&'a str, Node<'a, 'input>>,
    /// None while an element is being weighed: meeting it again then is a circle.
    known: HashMap<NodeId, Option<Weight>>,
}

impl<'a> Walk<'a, '_> {
    fn weigh(&mut self, node: &Node<'a, '_>, depth: u32) -> Result<Weight, ArtError>
    where
        Self: 'a,
    {
        if depth > MAX_DEPTH {
            return Err(at_node(
                node,
                format!("groups lie more than {MAX_DEPTH} deep: ungroup some"),
            ));
        }
        match self.known.get(&node.id()) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                return Err(at_node(
                    node,
                    "this element uses itself: take that out".to_owned(),
                ));
            }
            None => {}
        }
        self.known.insert(node.id(), None);
        let mut weight = Weight {
            elements: 1,
            ..Weight::default()
        };
        let is_text = matches!(node.tag_name().name(), "text" | "tspan" | "textPath");
        let target = (node.tag_name().name() == "use")
            .then(|| {
                href(node)?
                    .strip_prefix('#')
                    .and_then(|id| self.ids.get(id).copied())
            })
            .flatten();
        for child in node.children().chain(target) {
            if child.is_element() {
                let inner = self.weigh(&child, depth + 1)?;
                weight.elements = weight.elements.saturating_add(inner.elements);
                weight.text = weight.text.saturating_add(inner.text);
                weight.depth = weight.depth.max(inner.depth + 1);
            } else if is_text {
                weight.text += child.text().map_or(0, str::len) as u64;
            }
        }
        if depth + weight.depth > MAX_DEPTH {
            return Err(at_node(
                node,
                format!("elements lie more than {MAX_DEPTH} deep: ungroup some"),
            ));
        }
        self.known.insert(node.id(), Some(weight));
        Ok(weight)
    }
}

/// Takes what drawing a tree at `size` under `place` costs from the work that is left.
pub(crate) fn check_tree(
    tree: &usvg::Tree,
    size: Size,
    (place, left): (tiny_skia::Transform, &mut f64),
) -> Result<(), ArtError> {
    let scale = f64::from(place.sx.abs().max(place.sy.abs()));
    let canvas = f64::from(size.width) * f64::from(size.height);
    let mut bill = Bill {
        canvas,
        scale,
        left,
    };
    bill.pay(canvas)?;
    bill.group(tree.root(), 0)
}

struct Bill<'a> {
    canvas: f64,
    scale: f64,
    left: &'a mut f64,
}

impl Bill<'_> {
    fn pay(&mut self, work: f64) -> Result<(), ArtError> {
        *self.left -= work.max(1.0);
        if *self.left >= 0.0 {
            return Ok(());
        }
        Err(ArtError::TooMuch(
            "the SVG is too much to draw: use fewer or smaller filters, masks, patterns and transparent groups"
                .to_owned(),
        ))
    }

    /// The pixels of a group's own layer: never more than the canvas.
    fn area(&self, group: &usvg::Group) -> f64 {
        let bounds = group.abs_layer_bounding_box();
        let area = f64::from(bounds.width()) * f64::from(bounds.height());
        (area * self.scale * self.scale).min(self.canvas)
    }

    fn group(&mut self, group: &usvg::Group, layers: u32) -> Result<(), ArtError> {
        let layers = layers + u32::from(group.should_isolate());
        if layers > MAX_NESTED_LAYERS {
            return Err(ArtError::TooMuch(format!(
                "more than {MAX_NESTED_LAYERS} transparent, masked or filtered groups lie inside one another: flatten some"
            )));
        }
        if group.should_isolate() {
            self.pay(self.area(group) * 2.0)?;
        }
        for filter in group.filters() {
            for primitive in filter.primitives() {
                self.filter(primitive.kind())?;
            }
        }
        for node in group.children() {
            let mut result = Ok(());
            node.subroots(|inner| {
                if result.is_ok() {
                    result = self
                        .pay(self.canvas)
                        .and_then(|()| self.group(inner, layers + 1));
                }
            });
            result?;
            match node {
                usvg::Node::Group(inner) => self.group(inner, layers)?,
                usvg::Node::Image(image) => {
                    let size = image.size();
                    self.pay(f64::from(size.width()) * f64::from(size.height()) * 8.0)?;
                }
                usvg::Node::Text(text) => self.group(text.flattened(), layers)?,
                usvg::Node::Path(path) => self.pay(path.data().len() as f64)?,
            }
        }
        Ok(())
    }

    /// A filter may be as large as the canvas.
    fn filter(&mut self, kind: &usvg::filter::Kind) -> Result<(), ArtError> {
        use usvg::filter::Kind;
        let pixel = match kind {
            Kind::Morphology(morphology) => {
                let radius = |radius: f32| f64::from(radius) * self.scale * 2.0 + 1.0;
                radius(morphology.radius_x().get()) * radius(morphology.radius_y().get())
            }
            Kind::ConvolveMatrix(convolve) => convolve.matrix().data().len() as f64,
            Kind::Turbulence(turbulence) => 40.0 * f64::from(turbulence.num_octaves()) + 1.0,
            Kind::GaussianBlur(_) | Kind::DropShadow(_) => 24.0,
            _ => 6.0,
        };
        self.pay(self.canvas * pixel)
    }
}
