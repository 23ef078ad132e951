//! Is the platform what we take it to be?

use crate::support::workerd::{Variant, with_shared};
use serde_json::json;

#[test]
fn an_objects_store_keeps_the_contract() {
    with_shared(Variant::Test, |server| {
        assert_eq!(server.hook("store-contract"), json!([]));
    });
}

#[test]
fn the_runtimes_cryptography_agrees_with_ours() {
    with_shared(Variant::Test, |server| {
        assert_eq!(server.hook("crypto"), json!([]));
    });
}

#[test]
fn the_test_hooks_are_not_in_the_build_that_is_deployed() {
    with_shared(Variant::Release, |server| {
        assert_eq!(server.get("/__test/hello").status, 404);
        assert_eq!(server.get("/healthz").status, 200);
    });
}
