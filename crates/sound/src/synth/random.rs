//! Random numbers: PCG-XSH-RR 64/32 (O'Neill 2014).

/// A stream of random numbers, the same for the same seed.
pub(super) struct Random {
    state: u64,
    increment: u64,
}

impl Random {
    /// The numbers of `seed`; `stream` tells the parts of one sound apart.
    pub(super) fn new(seed: u32, stream: u64) -> Self {
        let mut random = Self {
            state: 0,
            increment: (stream << 1) | 1,
        };
        random.bits();
        random.state = random.state.wrapping_add(u64::from(seed));
        random.bits();
        random
    }

    fn bits(&mut self) -> u32 {
        let old = self.state;
        self.state = old
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(self.increment);
        let mixed = (((old >> 18) ^ old) >> 27) as u32;
        mixed.rotate_right((old >> 59) as u32)
    }

    /// Evenly from 0 to under 1.
    pub(super) fn part(&mut self) -> f64 {
        f64::from(self.bits()) / 4_294_967_296.0
    }

    /// Evenly between two numbers.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.part()
    }

    /// White noise from −1 to 1.
    pub(super) fn noise(&mut self) -> f64 {
        self.part() * 2.0 - 1.0
    }

    /// One of four things.
    pub(super) fn choose<T: Copy>(&mut self, things: &[T; 4]) -> T {
        things[(self.bits() >> 30) as usize]
    }

    /// True with a probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.part() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_stream() {
        // The reference implementation's demo: seed 42, stream 54.
        let mut random = Random::new(42, 54);
        let bits: Vec<u32> = (0..6).map(|_| random.bits()).collect();
        let published = [
            0xa15c_02b7,
            0x7b47_f409,
            0xba1d_3330,
            0x83d2_f293,
            0xbfa4_784b,
            0xcbed_606e,
        ];
        assert_eq!(bits, published);
    }
}
