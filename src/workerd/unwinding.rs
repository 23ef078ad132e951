//! How does a panic end one request and nothing else?

use core::{future::poll_fn, panic::AssertUnwindSafe, pin::pin, task::Poll};
use std::panic::catch_unwind;

/// Runs a future to its end; `None` when it panicked.
pub(super) async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        // Nothing outside the future sees what it left half-done.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
