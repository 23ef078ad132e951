//! How do clients reach their tenant?
#![doc = include_str!("../README.md")]

mod access;
mod clock;
mod fault;
mod http;
pub mod json;
mod net;
mod origin;
mod pool;
mod secret;

pub use access::{Access, Client, Token};
pub use clock::{Now, now};
pub use fault::{Fault, network};
pub use http::{Answer, Question, TIMEOUT};
pub use net::{Dial, Net, Wire};
pub use origin::{ConfigRefusal, origin};
pub use secret::Secret;
