//! Why a picture could not be painted.

use workprint_model::Size;

/// Why a picture could not be painted.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Something that the frame shows could not be had from outside.
    #[error("{what} cannot be shown")]
    Source {
        /// What was asked for, such as ``the image `3fa9…` ``.
        what: String,
        /// Why not.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A picture came in another size than the timeline says.
    #[error("{what} is {found} where the timeline has {expected}: make it again")]
    WrongSize {
        /// What was asked for.
        what: String,
        /// The size that the timeline has.
        expected: Size,
        /// The size that came.
        found: Size,
    },
    /// A frame of no pixels, or of more than can be painted.
    #[error("a frame of {0} cannot be painted: each side must have 1 to {max} pixels", max = crate::yuv::MAX_SIDE)]
    BadSize(Size),
}
