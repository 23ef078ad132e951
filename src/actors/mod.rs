//! State machines over their own rows: one message, one transaction.

pub mod runtime;
