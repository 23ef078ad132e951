//! Where do unpredictable bytes come from?

/// A source of unpredictable bytes.
///
/// The platform's own in production, a seeded generator in tests, so that a
/// test replays.
pub trait Entropy {
    /// Fills `bytes` with unpredictable values.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Draws `N` unpredictable bytes.
pub fn draw<const N: usize>(entropy: &mut dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// A repeatable source for tests and simulation: SHA-256 of seed and counter.
///
/// Never a source of secrets outside tests: whoever knows the seed knows all.
#[derive(Clone, Debug)]
pub struct Seeded {
    seed: u64,
    drawn: u64,
}

impl Seeded {
    /// A source that always yields the same bytes for the same `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        use sha2::{Digest, Sha256};
        for chunk in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(self.drawn.to_be_bytes());
            self.drawn = self.drawn.wrapping_add(1);
            for (to, from) in chunk.iter_mut().zip(hash.finalize()) {
                *to = from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_replays_and_draws_differ() {
        let (mut one, mut two) = (Seeded::new(7), Seeded::new(7));
        let first: [u8; 40] = draw(&mut one);
        assert_eq!(first, draw::<40>(&mut two));
        assert_ne!(first, draw::<40>(&mut one));
    }
}
