//! How does a console ask to listen?

use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Opens a console's socket: to be asked by [`crate::actors::runtime::Mail::connect`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Listen {
    /// When the token expires that it is opened with.
    pub until: Timestamp,
}
