//! Rolling credits.

use vello_cpu::kurbo::Rect;
use workprint_model::Size;
use workprint_model::episode::CreditSpec;
use workprint_model::graphic::{Area, Motion};

use super::Drawn;
use super::set::{Board, Parts, Set, Shape};
use crate::art::ArtError;
use crate::text::{Align, Ink, Laid, Type};

/// Height of a picture that holds a piece of the roll: only the pieces in the frame are in memory.
const TILE: f64 = 1024.0;

/// The most height of a roll, in frames.
const MOST_FRAMES: f64 = 120.0;

/// A line of the roll.
struct Row {
    laid: Laid,
    /// Left edge.
    x: f64,
    /// From the top of the roll.
    y: f64,
    opacity: f32,
    accent: bool,
}

/// Lays rows one under the other.
struct Roll<'s, 'a> {
    set: &'s Set<'a>,
    rows: Vec<Row>,
    y: f64,
}

/// The title, headings, roles with names, and a last word, which rise through the frame.
pub(super) fn credits(set: &Set<'_>, credits: &[CreditSpec]) -> Result<Drawn, ArtError> {
    let mut roll = Roll {
        set,
        rows: Vec::new(),
        y: 0.0,
    };
    if let Some(title) = set.word("title") {
        roll.centred(title, &set.display(0.085), (1.0, false));
        roll.y += set.unit * 0.07;
    }
    for credit in credits {
        roll.credit(credit);
        roll.check()?;
    }
    if let Some(end) = set.word("end") {
        roll.y += set.unit * 0.06;
        let style = Type {
            leading: 1.4,
            ..set.sans(0.026, false)
        };
        roll.centred(
            end,
            &Type {
                align: Align::Centre,
                ..style
            },
            (0.8, false),
        );
    }
    roll.check()?;
    roll.finish(f64::from(set.size.height))
}

impl Roll<'_, '_> {
    fn check(&self) -> Result<(), ArtError> {
        let most = f64::from(self.set.size.height) * MOST_FRAMES;
        if self.y <= most {
            return Ok(());
        }
        Err(ArtError::TooMuch(format!(
            "the credits are more than {MOST_FRAMES} frames high: divide them into two overlays"
        )))
    }

    fn credit(&mut self, credit: &CreditSpec) {
        let set = self.set;
        let heading = credit.heading.trim();
        if !heading.is_empty() {
            self.y += set.unit * 0.035;
            self.centred(heading, &set.display(0.05), (1.0, true));
            self.y += set.unit * 0.016;
        }
        let role = credit.role.trim();
        let names: Vec<&str> = credit
            .names
            .iter()
            .map(|name| name.trim())
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() && role.is_empty() {
            return;
        }
        if set.shape() == Shape::Tall || role.is_empty() || names.is_empty() {
            self.stacked(role, &names);
        } else {
            self.beside(role, &names);
        }
    }

    /// A role over its names, in the middle.
    fn stacked(&mut self, role: &str, names: &[&str]) {
        let set = self.set;
        if !role.is_empty() {
            let small = Type {
                align: Align::Centre,
                ..set.sans(0.025, false)
            };
            self.centred(role, &small, (0.72, false));
        }
        for name in names {
            let bold = Type {
                align: Align::Centre,
                ..set.sans(0.034, true)
            };
            self.centred(name, &bold, (1.0, false));
        }
        self.y += set.unit * 0.022;
    }

    /// A role against the middle, its names from there on.
    fn beside(&mut self, role: &str, names: &[&str]) {
        let set = self.set;
        let (gap, half) = (set.unit * 0.022, set.safe.width() * 0.42);
        let middle = set.safe.center().x;
        let small = set.lines(role, &set.sans(0.029, false), (half, set.unit * 0.3));
        let names: Vec<Laid> = names
            .iter()
            .map(|name| set.lines(name, &set.sans(0.031, true), (half, set.unit * 0.3)))
            .collect();
        // Reading from right to left, roles stand on the right.
        let flip = set.rtl();
        let role_x = if flip {
            middle + gap
        } else {
            middle - gap - f64::from(small.width())
        };
        let down = names.first().map_or(0.0, |name| {
            f64::from(name.first_baseline() - small.first_baseline())
        });
        let mut y = self.y;
        let tall = f64::from(small.height()) + down;
        self.rows.push(Row {
            laid: small,
            x: role_x,
            y: y + down,
            opacity: 0.72,
            accent: false,
        });
        for name in names {
            let x = if flip {
                middle - gap - f64::from(name.width())
            } else {
                middle + gap
            };
            let next = y + f64::from(name.height());
            self.rows.push(Row {
                laid: name,
                x,
                y,
                opacity: 1.0,
                accent: false,
            });
            y = next;
        }
        self.y = y.max(self.y + tall) + set.unit * 0.014;
    }

    fn centred(&mut self, text: &str, style: &Type<'_>, (opacity, accent): (f32, bool)) {
        let set = self.set;
        let laid = set.lines(text, style, (set.safe.width() * 0.92, set.unit * 0.6));
        let x = set.safe.center().x - f64::from(laid.width()) / 2.0;
        let next = self.y + f64::from(laid.height());
        self.rows.push(Row {
            laid,
            x,
            y: self.y,
            opacity,
            accent,
        });
        self.y = next;
    }

    /// A column of dim light from head to foot of the frame, as wide as the widest row.
    fn veil(&self, parts: &mut Parts) -> Result<(), ArtError> {
        let set = self.set;
        let Size { width, height } = set.size;
        let frame = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let spread = set.unit * 0.26;
        let left = self.rows.iter().map(|row| row.x);
        let right = self
            .rows
            .iter()
            .map(|row| row.x + f64::from(row.laid.width()));
        let (left, right) = (
            left.fold(f64::INFINITY, f64::min),
            right.fold(f64::NEG_INFINITY, f64::max),
        );
        if left >= right {
            return Ok(());
        }
        // It ends nowhere in the frame but at its sides.
        let veiled = Rect::new(left, -2.0 * spread, right, frame.y1 + 2.0 * spread);
        let mut board = Board::over(frame);
        board.veil(
            veiled.inflate(spread * 0.4, 0.0),
            set.on(set.theme.paper),
            (spread, 0.64),
        );
        parts.still(board)
    }

    /// Draws the roll in pieces, which wait below the frame.
    fn finish(self, height: f64) -> Result<Drawn, ArtError> {
        let set = self.set;
        let window = Area {
            x: 0,
            y: 0,
            size: set.size,
        };
        // Letters and their shadows stick out of their rows.
        let reach = set.unit * 0.12;
        let top = height + reach;
        let travel = (top + self.y).ceil() as u32;
        let mut parts = Parts::default();
        self.veil(&mut parts)?;
        let mut from = -reach;
        while from < self.y + reach {
            let to = from + TILE;
            let near: Vec<&Row> = self
                .rows
                .iter()
                .filter(|row| {
                    row.y + f64::from(row.laid.height()) + reach > from && row.y - reach < to
                })
                .collect();
            if !near.is_empty() {
                let width = f64::from(set.size.width);
                let mut board = Board::over(Rect::new(0.0, top + from, width, top + to));
                for row in near {
                    let colour = if row.accent {
                        set.theme.accent
                    } else {
                        set.theme.paper
                    };
                    let soft = set.unit as f32;
                    let ink = Ink {
                        opacity: row.opacity,
                        ..Ink::of(colour)
                    };
                    let ink = ink.shadow(soft * 0.002, soft * 0.014, 0.7);
                    board.words(&row.laid, &ink, (row.x, top + row.y));
                }
                parts.add(&board.placed(), Some(window), Motion::Roll { travel })?;
            }
            from = to;
        }
        parts.finish()
    }
}
