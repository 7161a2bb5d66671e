//! Numbers that look random and are the same in every run (xorshift64*, Vigna 2016). Never for secrets.

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        // The state must not be zero.
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `end`, which is not zero.
    pub fn below(&mut self, end: u64) -> u64 {
        (self.draw() >> 16) % end
    }

    /// Below `end`, the small ones far more often: as messages and latencies are spread.
    pub fn mostly_small(&mut self, end: u64) -> u64 {
        let most = self.below(end) + 1;
        self.below(most)
    }

    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len() as u64) as usize]
    }
}
