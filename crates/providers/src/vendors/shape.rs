//! Shapes of pictures, for vendors that know some by name.

use workprint_model::Size;

/// The name of the shape nearest to a size, of those given by name, width and height.
pub(super) fn nearest(size: Size, known: &[(&'static str, u64, u64)]) -> &'static str {
    // How far two shapes are from each other, as a ratio in thousandths.
    let far = |&&(_, w, h): &&(&str, u64, u64)| {
        let own = u64::from(size.width) * h;
        let other = u64::from(size.height) * w;
        own.max(other) * 1000 / own.min(other).max(1)
    };
    known.iter().min_by_key(far).map_or("1:1", |known| known.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_become_the_nearest_shape() {
        let known = [
            ("1:1", 1, 1),
            ("16:9", 16, 9),
            ("9:16", 9, 16),
            ("5:4", 5, 4),
        ];
        let named = |width, height| nearest(Size { width, height }, &known);
        assert_eq!(named(1920, 1080), "16:9");
        assert_eq!(named(1080, 1920), "9:16");
        assert_eq!(named(1344, 736), "16:9");
        assert_eq!(named(500, 500), "1:1");
        assert_eq!(named(720, 576), "5:4");
        assert_eq!(named(0, 0), "1:1");
    }
}
