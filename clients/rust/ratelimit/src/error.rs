//! Why is there no verdict?

use super::{Mistake, Verdict};
use aero2_tenant::Fault;

/// There is no verdict. No variant carries a secret or a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// The limit cannot be asked: to be answered with 503.
    #[error("the limit cannot be asked: {fault}")]
    Unavailable {
        /// What went wrong.
        fault: Fault,
        /// When to come back, if the service said so.
        retry_after_s: Option<u32>,
    },
    /// The question is wrong, and will be however often it is asked.
    #[error("the limit cannot be asked like this: {0}")]
    Mistake(#[from] Mistake),
}

impl From<Fault> for LimitError {
    fn from(fault: Fault) -> Self {
        Self::Unavailable {
            fault,
            retry_after_s: None,
        }
    }
}

/// Why work that a reservation guards was not begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// There was too much already.
    #[error("the limit is reached")]
    Refused(Box<Verdict>),
    /// There is no verdict.
    #[error(transparent)]
    Error(#[from] LimitError),
}
