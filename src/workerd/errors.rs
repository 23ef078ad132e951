//! What does a JavaScript error say?

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

/// Its words, for a log or a fault.
pub(super) fn message_of(error: &JsValue) -> String {
    if let Some(error) = error.dyn_ref::<js_sys::Error>() {
        return error.message().into();
    }
    error
        .as_string()
        .unwrap_or_else(|| "an error without words".to_owned())
}

/// Whether the platform marked the error so: `overloaded`, `retryable`, `remote`.
pub(super) fn is_marked(error: &JsValue, mark: &str) -> bool {
    Reflect::get(error, &JsValue::from_str(mark)).is_ok_and(|value| value.is_truthy())
}
