//! Where do unpredictable bytes come from?

use crate::domain::entropy::Entropy;

/// The runtime's `crypto.getRandomValues`.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostEntropy;

impl Entropy for HostEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Going on would mean predictable keys. This ends the turn or the
            // request, which answers a fault.
            std::panic::resume_unwind(Box::new("the host has no randomness"));
        }
    }
}
