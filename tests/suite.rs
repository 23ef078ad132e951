//! Everything that is tested from outside the crate, in one binary.
//!
//! * [`browser`]: what a person does in Chromium
//! * [`corpus`]: every parser over what fuzzing has kept
//! * [`flows`]: every endpoint, in-process and again on workerd
//! * [`workerd`]: what only the platform can show
//! * [`support`]: a site to send requests to, wherever it runs

#[cfg(test)]
mod browser;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod support;
#[cfg(test)]
mod workerd;
