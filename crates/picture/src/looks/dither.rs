//! Rounding that shows no bands.

/// Thresholds of 8 × 8 pixels, 0 to 63, each once (Bayer, "An optimum method for two-level rendition
/// of continuous-tone pictures", 1973).
pub(crate) const BAYER: [[u16; 8]; 8] = bayer();

const fn bayer() -> [[u16; 8]; 8] {
    let mut out = [[0; 8]; 8];
    let mut y = 0;
    while y < 8 {
        let mut x = 0;
        while x < 8 {
            // The bits of x ^ y and y, from the lowest, taken in turn.
            let (odd, mut bit, mut value) = (x ^ y, 0, 0);
            while bit < 3 {
                value = value << 2 | ((odd >> bit) & 1) << 1 | ((y >> bit) & 1);
                bit += 1;
            }
            out[y][x] = value as u16;
            x += 1;
        }
        y += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_is_there_once_and_neighbours_differ() {
        let mut all: Vec<u16> = BAYER.concat();
        all.sort_unstable();
        assert_eq!(all, (0..64).collect::<Vec<u16>>());
        for row in BAYER {
            assert!(row.windows(2).all(|pair| pair[0].abs_diff(pair[1]) > 8));
        }
    }
}
