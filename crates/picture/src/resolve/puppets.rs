//! Puppets as layers of a shot.

use workprint_model::episode::Blend;
use workprint_model::timeline::PlacedShot;
use workprint_model::{Rate, Size};

use super::camera::{Camera, Depth, fixed};
use super::{Layer, LayerSource, ONE, WHOLE, Window};
use crate::puppet::{Laid, seen};

/// The layers of a shot's picture with the shot's puppets among them, of which `index` frames have
/// passed: before what is farther or as far, behind what is nearer.
///
/// `depths` are those of the layers; `depth` says how something of a depth moves with the camera.
pub(super) fn among(
    (layers, depths): (Vec<Layer>, &[u8]),
    (shot, rate, index): (&PlacedShot, Rate, u64),
    camera: &Camera,
    (size, depth): (Size, &dyn Fn(u8) -> Depth),
) -> Vec<Layer> {
    if shot.puppets.is_empty() {
        return layers;
    }
    let mut all: Vec<(u8, Layer)> = depths.iter().copied().zip(layers).collect();
    for puppet in &shot.puppets {
        let follow = depth(puppet.depth);
        let window = camera.window(follow);
        // Puppets stand in the picture; layers are counted from the edge of their bleed.
        let [bleed_x, bleed_y] = follow.bleed.map(|bleed| i64::from(bleed) * ONE);
        let window = Window {
            left: window.left - bleed_x,
            top: window.top - bleed_y,
            ..window
        };
        let pieces = seen(puppet, rate, index, size);
        let pieces = pieces.iter().filter_map(|laid| layer(laid, window));
        all.extend(pieces.map(|layer| (puppet.depth, layer)));
    }
    all.sort_by_key(|(depth, _)| *depth);
    all.into_iter().map(|(_, layer)| layer).collect()
}

/// What is turned by less than this over its length, in pixels of the frame or about, is upright:
/// nobody sees it, and it is painted in a fraction of the time.
const UPRIGHT: f64 = 0.3;

/// A piece as the camera sees it; none where it is out of sight.
fn layer(laid: &Laid<'_>, window: Window) -> Option<Layer> {
    let Laid { piece, place } = laid;
    let area = place.xx * place.yy - place.xy * place.yx;
    if area.abs() < 1e-9 {
        return None;
    }
    let one = ONE as f64;
    let [wide, tall] = [piece.size.width, piece.size.height].map(f64::from);
    let turned = (place.xy * tall).abs().max((place.yx * wide).abs());
    let upright = turned < UPRIGHT;
    // From the picture's pixels to the piece's.
    let [xx, xy, yx, yy] = if upright {
        [1.0 / place.xx, 0.0, 0.0, 1.0 / place.yy]
    } else {
        [
            place.yy / area,
            -place.xy / area,
            -place.yx / area,
            place.xx / area,
        ]
    };
    // What is kept upright keeps its middle where it belongs.
    let middle = [
        place.xx * wide / 2.0 + place.xy * tall / 2.0 + place.x0,
        place.yx * wide / 2.0 + place.yy * tall / 2.0 + place.y0,
    ];
    let along = |x: f64, y: f64| [xx * x + xy * y, yx * x + yy * y];
    let corner = along(
        window.left as f64 / one - middle[0],
        window.top as f64 / one - middle[1],
    );
    let right = along(window.width as f64 / one, window.lean[1] as f64 / one);
    let down = along(window.lean[0] as f64 / one, window.height as f64 / one);
    let window = Window {
        left: fixed(corner[0] + wide / 2.0),
        top: fixed(corner[1] + tall / 2.0),
        width: fixed(right[0]),
        height: fixed(down[1]),
        lean: [fixed(down[0]), fixed(right[1])],
    };
    let seen =
        reaches(&window, piece.size) && (window.leans() || window.width.min(window.height) > 0);
    seen.then(|| Layer {
        source: LayerSource::Still(piece.image.clone()),
        size: piece.size,
        window,
        cut: true,
        blend: Blend::Normal,
        opacity: WHOLE,
    })
}

/// Whether a window may see something of a picture of `size`.
fn reaches(window: &Window, size: Size) -> bool {
    let across = [
        0,
        window.width,
        window.lean[0],
        window.width + window.lean[0],
    ];
    let down = [
        0,
        window.height,
        window.lean[1],
        window.height + window.lean[1],
    ];
    let meets = |start: i64, parts: [i64; 4], length: u32| {
        let (mut least, mut most) = (0, 0);
        for part in parts {
            least = least.min(part);
            most = most.max(part);
        }
        start + least < i64::from(length) * ONE && start + most > 0
    };
    meets(window.left, across, size.width) && meets(window.top, down, size.height)
}
