//! Who is seen, and what is on: lower thirds, name plates, badges.

use vello_cpu::kurbo::Rect;

use workprint_model::episode::Colour;

use super::Drawn;
use super::column::{Column, dim};
use super::set::{Board, PANEL, Parts, Round, Set};
use crate::art::ArtError;
use crate::text::{Ink, Laid};

/// A dark panel with a bar where reading begins; name over role.
pub(super) fn lower_third(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let (pad, bar) = (set.unit * 0.026, set.thick(0.0085, 2.0));
    let most = set.width([0.62, 0.86, 1.0]);
    let room = most - bar - pad * 2.5;
    let name = set.line(
        set.word("name").unwrap_or_default(),
        &set.sans(0.047, true),
        room,
    );
    let mut small = set.sans(0.029, false);
    small.tracking = 0.012;
    let role = set.word("role").map(|role| set.line(role, &small, room));
    let mut words = Column::default();
    words.add(Some(name), Ink::of(set.on_panel()), 0.0);
    words.add(role, dim(set.on_panel(), 0.78), set.unit * 0.003);
    let tall = (pad * 1.15 + words.height()).round();
    let wide = (bar + pad * 2.5 + words.width()).round();
    let (x, y) = set.stand((wide, tall), (set.column(), 2));
    let rect = Rect::new(x, y, x + wide, y + tall);
    let mirrored = set.rtl();
    let mut board = Board::over(rect.inflate(set.unit * 0.05, set.unit * 0.05));
    slab(&mut board, set, (rect, bar, mirrored));
    let left = if mirrored {
        x + pad * 1.4
    } else {
        x + bar + pad * 1.1
    };
    words.draw(
        &mut board,
        (left, y + pad * 0.55),
        (words.width(), mirrored),
    );
    one(board)
}

/// A panel with round corners, and a bar of the accent colour where reading begins.
fn slab(board: &mut Board, set: &Set<'_>, (rect, bar, mirrored): (Rect, f64, bool)) {
    let radius = set.unit * 0.008;
    board.shadow(rect, radius, (set.unit * 0.018, 0.34));
    let (body, strip) = if mirrored {
        (
            Rect {
                x1: rect.x1 - bar,
                ..rect
            },
            Rect {
                x0: rect.x1 - bar,
                ..rect
            },
        )
    } else {
        (
            Rect {
                x0: rect.x0 + bar,
                ..rect
            },
            Rect {
                x1: rect.x0 + bar,
                ..rect
            },
        )
    };
    board.panel(body, sided(radius, !mirrored), set.theme.primary, PANEL);
    board.panel(strip, sided(radius * 0.4, mirrored), set.theme.accent, 1.0);
}

/// Corners that are round on the right, or on the left.
pub(super) const fn sided(radius: f64, right: bool) -> Round {
    let (left, right) = if right { (0.0, radius) } else { (radius, 0.0) };
    Round {
        left_top: left,
        right_top: right,
        right_bottom: right,
        left_bottom: left,
    }
}

/// A plate's two fields.
struct Plates {
    name: (Laid, Rect),
    role: Option<(Laid, Rect)>,
    beside: bool,
}

/// One low line: the name on the accent colour, the role beside it on the panel, or below it where
/// both are too wide.
pub(super) fn name_plate(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let Plates { name, role, beside } = plates(set);
    let whole = role
        .as_ref()
        .map_or(name.1, |(_, rect)| name.1.union(*rect));
    let radius = set.unit * 0.006;
    let mut board = Board::over(whole.inflate(set.unit * 0.05, set.unit * 0.05));
    let shade = (set.unit * 0.014, 0.32);
    if beside {
        board.shadow(whole, radius, shade);
    } else {
        for (_, rect) in std::iter::once(&name).chain(&role) {
            board.shadow(*rect, radius, shade);
        }
    }
    let joined = beside && role.is_some();
    let corners = |right| {
        if joined {
            sided(radius, right)
        } else {
            Round::all(radius)
        }
    };
    let accent = set.theme.accent;
    let ink = Ink::of(set.on(accent));
    field(&mut board, &name, (corners(set.rtl()), accent, 1.0), &ink);
    if let Some(role) = &role {
        let panel = (corners(!set.rtl()), set.theme.primary, PANEL);
        field(&mut board, role, panel, &dim(set.on_panel(), 0.92));
    }
    one(board)
}

/// A field of a plate, its words in the middle.
fn field(
    board: &mut Board,
    (laid, rect): &(Laid, Rect),
    (round, colour, opacity): (Round, Colour, f32),
    ink: &Ink,
) {
    board.panel(*rect, round, colour, opacity);
    let middle = rect.center();
    let x = middle.x - f64::from(laid.width()) / 2.0;
    let y = middle.y - f64::from(laid.height()) / 2.0;
    board.words(laid, ink, (x, y));
}

fn plates(set: &Set<'_>) -> Plates {
    let (pad, most) = (set.unit * 0.02, set.width([0.62, 0.92, 1.0]));
    let (bold, plain) = (set.sans(0.034, true), set.sans(0.03, false));
    let room = most - pad * 2.0;
    let name = set.line(set.word("name").unwrap_or_default(), &bold, room);
    let width = |laid: &Laid| (f64::from(laid.width()) + pad * 2.0).round();
    let long = set
        .word("role")
        .map(|role| set.line(role, &plain, f64::MAX));
    let beside = long
        .as_ref()
        .is_none_or(|role| width(&name) + width(role) <= most);
    let role = set
        .word("role")
        .filter(|_| !beside)
        .map(|role| set.line(role, &plain, room))
        .or(long);
    let high = (f64::from(bold.size) * 1.25 + pad * 0.8).round();
    let name_wide = width(&name);
    let role_wide = role.as_ref().map_or(0.0, width);
    let size = if beside {
        (name_wide + role_wide, high)
    } else {
        (name_wide.max(role_wide), high * 2.0)
    };
    let (x, y) = set.stand(size, (set.column(), 2));
    let at = |left: f64, top: f64, wide: f64| Rect::new(left, top, left + wide, top + high);
    let flush = |wide: f64| {
        if set.column() == 2 {
            x + size.0 - wide
        } else {
            x
        }
    };
    let (name_rect, role_rect) = match (beside, set.rtl()) {
        (true, false) => (at(x, y, name_wide), at(x + name_wide, y, role_wide)),
        (true, true) => (at(x + role_wide, y, name_wide), at(x, y, role_wide)),
        (false, _) => {
            let below = at(flush(role_wide), y + high, role_wide);
            (at(flush(name_wide), y, name_wide), below)
        }
    };
    Plates {
        name: (name, name_rect),
        role: role.map(|role| (role, role_rect)),
        beside,
    }
}

/// A pill with a dot.
pub(super) fn badge(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let (pad_x, pad_y, dot) = (set.unit * 0.022, set.unit * 0.009, set.unit * 0.011);
    let mut style = set.sans(0.028, true);
    style.tracking = 0.05;
    style.leading = 1.3;
    let room = set.width([0.6, 0.6, 0.6]) - pad_x * 2.0 - dot * 2.0;
    let words = set.line(set.word("text").unwrap_or_default(), &style, room);
    let wide = (pad_x * 2.0 + dot * 2.0 + f64::from(words.width())).round();
    let tall = (pad_y * 2.0 + f64::from(words.height())).round();
    // The corner that reading reaches last is the one that pictures leave free.
    let column = match set.graphic.setting.side {
        Some(_) => set.column(),
        None => 2 - set.column(),
    };
    let (x, y) = set.stand((wide, tall), (column, 0));
    let rect = Rect::new(x, y, x + wide, y + tall);
    let mut board = Board::over(rect.inflate(set.unit * 0.05, set.unit * 0.05));
    board.shadow(rect, tall / 2.0, (set.unit * 0.012, 0.3));
    board.panel(rect, Round::all(tall / 2.0), set.theme.primary, PANEL);
    let middle = if set.rtl() {
        x + wide - pad_x - dot / 2.0
    } else {
        x + pad_x + dot / 2.0
    };
    let centre = y + tall / 2.0;
    let circle = Rect::new(middle, centre, middle, centre).inflate(dot / 2.0, dot / 2.0);
    board.panel(circle, Round::all(dot), set.theme.accent, 1.0);
    let at = if set.rtl() {
        x + pad_x
    } else {
        x + pad_x + dot * 2.0
    };
    board.words(&words, &Ink::of(set.on_panel()), (at, y + pad_y));
    one(board)
}

/// A graphic of one picture.
pub(super) fn one(board: Board) -> Result<Drawn, ArtError> {
    let mut parts = Parts::default();
    parts.still(board)?;
    parts.finish()
}
