//! Graphics laid over shots: the built-in ones, and SVG templates of the user's.
//!
//! A graphic is drawn once for each size of the frame, as parts that are put together and moved when
//! frames are resolved: [`graphic`] gives them with the pictures that they are made of.

mod charts;
mod column;
mod credits;
mod figures;
mod fitted;
mod names;
mod panels;
mod set;
mod template;
mod titles;

use std::collections::BTreeMap;

pub use workprint_model::graphic::BUILT_IN;
use workprint_model::graphic::{BuiltIn, Drawing, Graphic, Shows, Template};
use workprint_model::{Artifact, Language, Size};

use self::set::{Parts, Set};
pub use self::template::{Fields, svg_fields};
use crate::Rgba;
use crate::art::ArtError;
use crate::fonts::Fonts;

/// What a graphic is drawn with.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The text of the SVG that [`Template::Svg`] names.
    pub svg: Option<&'a str>,
    /// The graphic's pictures, by name.
    pub pictures: &'a BTreeMap<String, Rgba>,
    /// The frame's size.
    pub size: Size,
    /// The words' language.
    pub language: &'a Language,
    /// The fonts.
    pub fonts: &'a Fonts,
}

impl std::fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Given({})", self.size)
    }
}

/// A graphic, drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Its parts; at least one.
    pub drawing: Drawing,
    /// The pictures that the parts name, as PNG.
    pub files: Vec<(Artifact, Vec<u8>)>,
}

/// Draws a graphic for a frame.
///
/// A field that the graphic has not, and one that it cannot do without and the words have not, are
/// errors; whatever else is missing is left out, and the graphic closes up.
pub fn graphic(graphic: &Graphic, given: &Given<'_>) -> Result<Drawn, ArtError> {
    crate::still::check_size(given.size)?;
    let set = Set::new(graphic, given);
    let figures = &graphic.figures;
    match &graphic.template {
        Template::BuiltIn(name) => {
            check_fields(name, &graphic.fields)?;
            match (name.as_str(), &figures.count, &figures.chart) {
                ("lower-third", ..) => names::lower_third(&set),
                ("name-plate", ..) => names::name_plate(&set),
                ("badge", ..) => names::badge(&set),
                ("title", ..) => titles::title(&set),
                ("chapter", ..) => titles::chapter(&set),
                ("quote", ..) => titles::quote(&set),
                ("number", ..) => figures::number(&set),
                ("over-shoulder", ..) => panels::over_shoulder(&set),
                ("picture-in-picture", ..) => panels::picture_in_picture(&set),
                ("credits", ..) => credits::credits(&set, &figures.credits),
                ("counter", Some(count), _) => figures::counter(&set, count),
                ("bar-chart", _, Some(chart)) => charts::bars(&set, chart),
                ("line-chart", _, Some(chart)) => charts::line(&set, chart),
                _ => Parts::default().finish(),
            }
        }
        Template::Svg(digest) => {
            let text = given.svg.ok_or_else(|| {
                ArtError::TooMuch(format!(
                    "the template `{}` was not handed over",
                    digest.short()
                ))
            })?;
            template::draw(&set, text)
        }
    }
}

/// Checks the words of a built-in graphic without drawing it.
pub fn check_fields(name: &str, fields: &BTreeMap<String, String>) -> Result<(), ArtError> {
    let built_in = BuiltIn::find(name).ok_or_else(|| ArtError::UnknownGraphic {
        name: name.to_owned(),
        known: listed(BuiltIn::names().into_iter()),
    })?;
    let known = || built_in.needs.iter().chain(built_in.takes).copied();
    if let Some(field) = fields
        .keys()
        .find(|field| !known().any(|known| known == *field))
    {
        return Err(ArtError::UnknownField {
            graphic: name.to_owned(),
            field: field.clone(),
            allowed: listed(known()),
        });
    }
    let filled = |field: &str| {
        fields
            .get(field)
            .is_some_and(|text| !text.trim().is_empty())
    };
    match built_in.needs.iter().find(|field| !filled(field)) {
        Some(field) => Err(ArtError::MissingField {
            graphic: name.to_owned(),
            field: (*field).to_owned(),
        }),
        None => Ok(()),
    }
}

/// The names of the pictures that a built-in graphic takes.
pub fn pictures_of(name: &str) -> &'static [&'static str] {
    match BuiltIn::find(name).map(|built_in| built_in.shows) {
        Some(Shows::Picture | Shows::PictureOrClip) => &["picture"],
        _ => &[],
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "no fields".to_owned()
    } else {
        names.join(", ")
    }
}
