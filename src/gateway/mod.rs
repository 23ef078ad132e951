//! The thin front: routes, authenticates, charges limits, asks one actor,
//! renders. It has no SQL and no business rules.

pub mod http;
pub mod platform;
pub mod settings;
