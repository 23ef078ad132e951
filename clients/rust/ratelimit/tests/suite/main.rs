//! Does the client do over real connections what its parts promise?

#![cfg(test)]

mod layer;
mod limiter;
mod service;
