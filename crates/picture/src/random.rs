//! Numbers that look random and are the same on every machine.

/// A die: what it shows follows from its seeds alone.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// A die of its own for each three numbers.
    pub(crate) fn new(seeds: [u64; 3]) -> Self {
        Self(0x5851_f42d_4c95_7f2d).at(&seeds)
    }

    /// Another die for each list of numbers.
    pub(crate) fn at(&self, places: &[u64]) -> Self {
        let mut state = self.0;
        for &place in places {
            state = scrambled(state ^ mixed(place));
        }
        Self(state)
    }

    pub(crate) const fn next_u64(&mut self) -> u64 {
        let next = mixed(self.0);
        self.0 = self.0.wrapping_add(GOLDEN);
        next
    }

    /// Below `count`, which is not 0.
    pub(crate) const fn below(&mut self, count: u64) -> u64 {
        ((self.next_u64() >> 32) * count) >> 32
    }

    /// 0 to before 65536.
    pub(crate) const fn share(&mut self) -> i64 {
        self.below(1 << 16) as i64
    }

    /// −65536 to 65536.
    pub(crate) const fn signed(&mut self) -> i64 {
        self.below((1 << 17) + 1) as i64 - (1 << 16)
    }

    /// About normal: the sum of four even numbers, of mean 0 and standard deviation 37,837.
    pub(crate) fn normal(&mut self) -> i32 {
        let all = self.next_u64();
        let part = |at: u32| ((all >> at) & 0xffff) as i32;
        part(0) + part(16) + part(32) + part(48) - 2 * 0xffff
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number that looks like no other number's: the first one of SplitMix64 with this seed.
pub(crate) const fn mixed(seed: u64) -> u64 {
    scrambled(seed.wrapping_add(GOLDEN))
}

/// The number that SplitMix64 with this seed gives after `count` others.
pub(crate) const fn nth(seed: u64, count: u64) -> u64 {
    mixed(seed.wrapping_add(count.wrapping_mul(GOLDEN)))
}

/// The last step of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
const fn scrambled(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_are_fair_and_apart() {
        let mut dice = Dice::new([1, 2, 3]);
        let mut count = [0; 6];
        for _ in 0..6000 {
            count[dice.below(6) as usize] += 1;
        }
        assert!(count.iter().all(|&n| (900..1100).contains(&n)), "{count:?}");
        let first = |seeds| Dice::new(seeds).next_u64();
        assert_ne!(first([1, 2, 3]), first([3, 2, 1]));
        assert_ne!(first([0, 0, 0]), first([0, 0, 1]));
        assert_eq!(first([7, 7, 7]), first([7, 7, 7]));
    }

    #[test]
    fn normal_numbers_have_their_deviation() {
        let mut dice = Dice::new([4, 5, 6]);
        let all: Vec<f64> = (0..20_000).map(|_| f64::from(dice.normal())).collect();
        let mean = all.iter().sum::<f64>() / 20_000.0;
        let variance = all.iter().map(|n| (n - mean) * (n - mean)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 900.0 && (variance.sqrt() - 37_837.0).abs() < 600.0);
    }
}
