//! How does an answer look on the wire?
//!
//! * [`reply`]: the shapes every endpoint uses: JSON, redirects, nothing
//! * [`trouble`](mod@trouble): errors, as OAuth, as problem details
//! * [`headers`]: what every answer carries
//! * [`cors`]: what scripts of other origins may read

pub mod cors;
pub mod headers;
pub mod reply;
pub mod trouble;
