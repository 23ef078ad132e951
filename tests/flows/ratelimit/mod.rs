//! Is the service to tenants' backends what `docs/rate-limits.md` says?
//!
//! * [`verdicts`]: what may happen, and what is said of it
//! * [`door`]: who may ask
//! * [`hostile`]: what a caller gains who cheats
//! * [`unavailable`]: what holds when a bucket does not answer
//! * [`memory`]: what an isolate decides by itself
//! * [`told`]: headers, whoever sends them
//! * [`described`]: the description of it

mod described;
mod door;
mod hostile;
mod memory;
mod told;
mod unavailable;
mod verdicts;
