//! How does the host log what has failed?

use super::clock;
use crate::actors::runtime::cause::failure;
use std::{panic::set_hook, sync::Once};
use worker::console_error;

/// Writes a line about a failure, of the request with this id when there is one.
pub(super) fn failed(event: &str, request: Option<&str>, why: &str) {
    let line = failure(event, clock::now()).some("request_id", request);
    console_error!("{}", line.text("error", why).end());
}

/// Lets every panic say what and where in the log's own form.
pub(super) fn tell_of_panics() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| set_hook(Box::new(|panic| failed("panic", None, &panic.to_string()))));
}
