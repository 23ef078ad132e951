//! How is the runtime's `crypto.subtle` called?

use super::{errors::message_of, promise::settled};
use crate::domain::keys::CryptoFault;
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `SubtleCrypto`, as far as we need it.
    #[wasm_bindgen(extends = Object)]
    type Subtle;

    #[wasm_bindgen(thread_local_v2, js_namespace = crypto, js_name = subtle)]
    static SUBTLE: Subtle;

    #[wasm_bindgen(method, catch, js_name = importKey)]
    fn import_key(
        this: &Subtle,
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = generateKey)]
    fn generate_key(
        this: &Subtle,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = exportKey)]
    fn export_key(this: &Subtle, format: &str, key: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn verify(
        this: &Subtle,
        algorithm: &JsValue,
        key: &JsValue,
        signature: &Uint8Array,
        input: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    #[wasm_bindgen(js_name = sign)]
    fn make_signature(algorithm: &JsValue, key: &JsValue, input: &Uint8Array) -> Promise;
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// A private key.
    Sign,
    /// A public key.
    Verify,
}

fn fault(error: &JsValue) -> CryptoFault {
    CryptoFault::Host(message_of(error))
}

/// Calls the runtime and waits for what it promised.
async fn wait(
    call: impl FnOnce(&Subtle) -> Result<Promise, JsValue>,
) -> Result<JsValue, CryptoFault> {
    let promise = SUBTLE.with(call).map_err(|error| fault(&error))?;
    settled(&promise).await.map_err(|error| fault(&error))
}

/// An object literal.
pub(super) fn object(members: &[(&str, JsValue)]) -> Result<JsValue, CryptoFault> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &JsValue::from_str(name), value).map_err(|error| fault(&error))?;
    }
    Ok(object.into())
}

/// A member of an object.
pub(super) fn member(object: &JsValue, name: &str) -> Result<JsValue, CryptoFault> {
    Reflect::get(object, &JsValue::from_str(name)).map_err(|error| fault(&error))
}

/// Imports a key that cannot be taken out again.
pub(super) async fn import(
    format: &'static str,
    key: &JsValue,
    algorithm: &JsValue,
    usage: Usage,
) -> Result<JsValue, CryptoFault> {
    let usages = match usage {
        Usage::Sign => Array::of1(&JsValue::from_str("sign")),
        Usage::Verify => Array::of1(&JsValue::from_str("verify")),
    };
    wait(|subtle| subtle.import_key(format, key, algorithm, false, &usages)).await
}

/// Makes a pair of keys that can be exported.
pub(super) async fn generate(algorithm: &JsValue) -> Result<JsValue, CryptoFault> {
    let usages = Array::of2(&JsValue::from_str("sign"), &JsValue::from_str("verify"));
    wait(|subtle| subtle.generate_key(algorithm, true, &usages)).await
}

/// Exports a key.
pub(super) async fn export(format: &'static str, key: &JsValue) -> Result<JsValue, CryptoFault> {
    wait(|subtle| subtle.export_key(format, key)).await
}

/// Signs.
pub(super) async fn sign(
    algorithm: &JsValue,
    key: &JsValue,
    input: &[u8],
) -> Result<Vec<u8>, CryptoFault> {
    let promise = make_signature(algorithm, key, &Uint8Array::from(input));
    let signature = settled(&promise).await.map_err(|error| fault(&error))?;
    Ok(signature.unchecked_into::<Uint8Array>().to_vec())
}

/// Verifies.
pub(super) async fn verify(
    algorithm: &JsValue,
    key: &JsValue,
    signature: &[u8],
    input: &[u8],
) -> Result<bool, CryptoFault> {
    let (signature, input) = (Uint8Array::from(signature), Uint8Array::from(input));
    let verified = wait(|subtle| subtle.verify(algorithm, key, &signature, &input)).await?;
    Ok(verified.is_truthy())
}
