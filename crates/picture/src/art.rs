//! Why a graphic, a scene or a still could not be drawn.

use workprint_model::Size;

/// Why a graphic, a scene or a still could not be drawn. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ArtError {
    /// The SVG breaks a rule, here.
    #[error("line {line}, column {column}: {message}")]
    Svg {
        /// Counted from 1.
        line: u32,
        /// Counted from 1.
        column: u32,
        /// What is wrong and what to do.
        message: String,
    },
    /// The SVG as a whole is more than may be drawn.
    #[error("{0}")]
    TooMuch(String),
    /// No such built-in graphic.
    #[error(
        "there is no graphic `{name}`: use {known}, or put `{name}.svg` into `media/graphics/`"
    )]
    UnknownGraphic {
        /// The name asked for.
        name: String,
        /// The built-in ones.
        known: String,
    },
    /// The words have a field that the graphic has not.
    #[error("the graphic `{graphic}` has no field `{field}`: it takes {allowed}")]
    UnknownField {
        /// The graphic.
        graphic: String,
        /// The field.
        field: String,
        /// The fields that it has.
        allowed: String,
    },
    /// The graphic has a field that the words have not.
    #[error("the graphic `{graphic}` needs the field `{field}`: add it to `fields`")]
    MissingField {
        /// The graphic.
        graphic: String,
        /// The field.
        field: String,
    },
    /// A picture of a size that is not allowed.
    #[error(
        "a picture of {0} is too large: at most {side} pixels a side and {million} million in all are allowed; make it smaller",
        side = crate::canvas::MAX_SIDE, million = crate::still::MAX_PIXELS / 1_000_000
    )]
    TooLarge(Size),
    /// A still that cannot be read.
    #[error("the picture cannot be read{hint}")]
    Still {
        /// What to do, after `: `; or nothing.
        hint: &'static str,
        /// What the decoder says.
        #[source]
        cause: image::ImageError,
    },
}
