//! What can go wrong between us and the tenant?

/// The tenant could not be asked. No variant carries a secret or a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection, or one that broke.
    #[error("cannot reach the tenant: {0}")]
    Network(String),
    /// No answer in time.
    #[error("the tenant did not answer in time")]
    Timeout,
    /// An answer with this status, where another was needed.
    #[error("the tenant answered {what} with status {status}")]
    Status {
        /// What was asked for.
        what: &'static str,
        /// What it said.
        status: u16,
    },
    /// An answer that cannot be read, or is for somebody else.
    #[error("the tenant's answer to {0} cannot be used")]
    Answer(&'static str),
}

/// Our words for a fault of the network.
pub fn network(error: impl core::fmt::Display) -> Fault {
    Fault::Network(error.to_string())
}
