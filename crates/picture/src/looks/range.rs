//! Where black, white and grey lie among the numbers of a sample: the one place that knows how deep
//! samples are. BT.709 limited range, 8 bits.

/// Black.
pub(super) const BLACK: i32 = 16;
/// White.
pub(super) const WHITE: i32 = 235;
/// From black to white.
pub(super) const SPAN: i32 = WHITE - BLACK;
/// No colour.
pub(super) const NEUTRAL: i32 = 128;
/// From the least to the most of a colour difference.
pub(super) const COLOUR_SPAN: i32 = 224;
/// How many values a sample has.
pub(super) const VALUES: usize = 256;
