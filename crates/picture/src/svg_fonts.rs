//! The fonts and pictures that an SVG may use.

use std::collections::BTreeMap;
use std::sync::Arc;

use resvg::usvg::{self, ImageHrefResolver, ImageKind, fontdb};
use skrifa::MetadataProvider as _;
use workprint_model::{Language, Size};

use crate::fonts::{Face, Fonts};
use crate::still::check_size;

/// Options that read nothing from outside the SVG, and set its text in our fonts.
pub(crate) fn options<'a>(language: &Language, fonts: &Fonts) -> usvg::Options<'a> {
    let families = fonts.families(Face::Sans, language);
    let families: Vec<String> = families.into_iter().map(str::to_owned).collect();
    usvg::Options {
        resources_dir: None,
        font_family: "Inter".to_owned(),
        languages: vec![language.as_str().to_owned(), language.primary()],
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, data, _| picture(&data)),
            resolve_string: Box::new(|_, _| None),
        },
        font_resolver: usvg::FontResolver {
            select_font: Box::new(select),
            select_fallback: Box::new(move |c, used, fonts| fallback(c, used, fonts, &families)),
        },
        fontdb: fonts.database().clone(),
        ..usvg::Options::default()
    }
}

/// Pictures that are handed to a drawing, as PNG, by the address that it asks for them by.
pub(crate) type Pictures = BTreeMap<String, Arc<Vec<u8>>>;

/// Lets a drawing use pictures.
pub(crate) fn add_pictures(options: &mut usvg::Options<'_>, pictures: &Pictures) {
    let pictures = pictures.clone();
    options.image_href_resolver.resolve_string =
        Box::new(move |address, _| pictures.get(address).cloned().map(ImageKind::PNG));
}

/// An embedded PNG or JPEG of a size that is allowed.
fn picture(data: &Arc<Vec<u8>>) -> Option<ImageKind> {
    let reader = image::ImageReader::new(std::io::Cursor::new(data.as_slice()))
        .with_guessed_format()
        .ok()?;
    let format = reader.format()?;
    let (width, height) = reader.into_dimensions().ok()?;
    check_size(Size { width, height }).ok()?;
    match format {
        image::ImageFormat::Png => Some(ImageKind::PNG(data.clone())),
        image::ImageFormat::Jpeg => Some(ImageKind::JPEG(data.clone())),
        _ => None,
    }
}

/// The face that an SVG asks for, or Inter.
fn select(font: &usvg::Font, fonts: &mut Arc<fontdb::Database>) -> Option<fontdb::ID> {
    let mut families: Vec<_> = font
        .families()
        .iter()
        .map(|family| match family {
            usvg::FontFamily::Serif => fontdb::Family::Serif,
            usvg::FontFamily::SansSerif => fontdb::Family::SansSerif,
            usvg::FontFamily::Cursive => fontdb::Family::Cursive,
            usvg::FontFamily::Fantasy => fontdb::Family::Fantasy,
            usvg::FontFamily::Monospace => fontdb::Family::Monospace,
            usvg::FontFamily::Named(name) => fontdb::Family::Name(name),
        })
        .collect();
    families.push(fontdb::Family::SansSerif);
    fonts.query(&fontdb::Query {
        families: &families,
        weight: fontdb::Weight(font.weight()),
        stretch: fontdb::Stretch::Normal,
        style: match font.style() {
            usvg::FontStyle::Normal => fontdb::Style::Normal,
            usvg::FontStyle::Italic => fontdb::Style::Italic,
            usvg::FontStyle::Oblique => fontdb::Style::Oblique,
        },
    })
}

/// The first of `families` that has `c`, in the weight of the face that has it not.
fn fallback(
    c: char,
    used: &[fontdb::ID],
    fonts: &mut Arc<fontdb::Database>,
    families: &[String],
) -> Option<fontdb::ID> {
    let weight = fonts.face(*used.first()?)?.weight;
    let of_family = families.iter().find_map(|family| {
        let id = fonts.query(&fontdb::Query {
            families: &[fontdb::Family::Name(family)],
            weight,
            ..fontdb::Query::default()
        })?;
        let fits = !used.contains(&id) && has(fonts, id, c);
        fits.then_some(id)
    });
    of_family.or_else(|| {
        fonts
            .faces()
            .map(|face| face.id)
            .find(|id| !used.contains(id) && has(fonts, *id, c))
    })
}

/// Whether a face has a character.
pub(crate) fn has(fonts: &fontdb::Database, id: fontdb::ID, c: char) -> bool {
    fonts
        .with_face_data(id, |data, index| {
            skrifa::FontRef::from_index(data, index)
                .is_ok_and(|font| font.charmap().map(c).is_some())
        })
        .unwrap_or(false)
}
