//! Who signs and verifies in a Worker?
//!
//! The runtime. Keys enter it once and stay as handles, per isolate, in a
//! bounded cache: the least recently used one goes first.

use super::subtle::{self, Usage};
use crate::domain::{
    keys::{Algorithm, Crypto, CryptoFault, PublicJwk, PublicKey, SigningKey, signing::Material},
    secret::Secret,
    tree,
};
use core::cell::RefCell;
use js_sys::{JSON, Uint8Array};
use std::collections::VecDeque;
use wasm_bindgen::JsValue;

/// Handles kept: a few tenants' keys, and their clients' (`private_key_jwt`).
const KEYS_MAX: usize = 64;

/// The bytes before the seed in an Ed25519 PKCS#8 ([RFC 8410 §7]).
///
/// [RFC 8410 §7]: https://www.rfc-editor.org/rfc/rfc8410#section-7
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// The bytes before the scalar in a P-256 PKCS#8 without the public point,
/// which is optional ([RFC 5915 §3]).
///
/// [RFC 5915 §3]: https://www.rfc-editor.org/rfc/rfc5915#section-3
const P256_PKCS8: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20,
];

/// Bytes of an Ed25519 or P-256 signature.
const CURVE_SIGNATURE_BYTES: usize = 64;

/// The runtime's WebCrypto.
#[derive(Debug, Default)]
pub(super) struct WebCrypto {
    handles: RefCell<VecDeque<Handle>>,
}

/// A key the runtime holds, found by its public half: a `kid` may be a client's
/// own choice, and two may choose the same one.
#[derive(Debug)]
struct Handle {
    public: PublicKey,
    usage: Usage,
    key: HostKey,
}

/// The key, and what the runtime calls its algorithm.
#[derive(Clone, Debug)]
struct HostKey {
    key: JsValue,
    algorithm: JsValue,
}

impl WebCrypto {
    fn recall(&self, public: &PublicKey, usage: Usage) -> Option<HostKey> {
        let mut handles = self.handles.borrow_mut();
        let is_it = |handle: &Handle| handle.usage == usage && handle.public == *public;
        let handle = handles.iter().position(is_it);
        let handle = handle.and_then(|place| handles.remove(place))?;
        let key = handle.key.clone();
        handles.push_front(handle);
        Some(key)
    }

    fn remember(&self, public: &PublicKey, usage: Usage, key: &HostKey) {
        let (public, key) = (public.clone(), key.clone());
        let mut handles = self.handles.borrow_mut();
        handles.truncate(KEYS_MAX - 1);
        handles.push_front(Handle { public, usage, key });
    }

    async fn private(&self, key: &SigningKey) -> Result<HostKey, CryptoFault> {
        let public = key.public().key();
        if let Some(handle) = self.recall(public, Usage::Sign) {
            return Ok(handle);
        }
        let pkcs8 = Secret::new(match key.material() {
            Material::Ed25519(seed) => [&ED25519_PKCS8[..], seed.expose()].concat(),
            Material::P256(scalar) => [&P256_PKCS8[..], scalar.expose()].concat(),
            Material::Rsa(der) => der.expose().clone(),
        });
        let bytes = Uint8Array::from(pkcs8.expose().as_slice());
        let algorithm = algorithm(key.algorithm())?;
        let handle = subtle::import("pkcs8", &bytes, &algorithm, Usage::Sign).await;
        // The runtime's copy would otherwise lie around until collected.
        bytes.fill(0, 0, bytes.length());
        let handle = HostKey {
            key: handle?,
            algorithm,
        };
        self.remember(public, Usage::Sign, &handle);
        Ok(handle)
    }

    async fn public(&self, public: &PublicKey) -> Result<HostKey, CryptoFault> {
        if let Some(handle) = self.recall(public, Usage::Verify) {
            return Ok(handle);
        }
        let algorithm = algorithm(public.algorithm())?;
        let raw = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
        let (format, material) = match public {
            PublicKey::Ed25519(point) => ("raw", raw(point)),
            PublicKey::P256 { x, y } => ("raw", raw(&[&[4][..], x, y].concat())),
            PublicKey::Rsa { .. } => ("jwk", rsa_jwk(public)?),
        };
        let key = subtle::import(format, &material, &algorithm, Usage::Verify).await?;
        let handle = HostKey { key, algorithm };
        self.remember(public, Usage::Verify, &handle);
        Ok(handle)
    }
}

impl Crypto for WebCrypto {
    async fn sign(&self, key: &SigningKey, input: &[u8]) -> Result<Vec<u8>, CryptoFault> {
        let handle = self.private(key).await?;
        subtle::sign(&handle.algorithm, &handle.key, input).await
    }

    async fn verify(
        &self,
        key: &PublicJwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<bool, CryptoFault> {
        let is_curve = key.algorithm() != Algorithm::Rs256;
        if is_curve && signature.len() != CURVE_SIGNATURE_BYTES {
            return Ok(false);
        }
        let handle = self.public(key.key()).await?;
        subtle::verify(&handle.algorithm, &handle.key, signature, input).await
    }

    async fn make_rsa(&self) -> Result<SigningKey, CryptoFault> {
        let algorithm = subtle::object(&[
            ("name", JsValue::from_str("RSASSA-PKCS1-v1_5")),
            ("hash", JsValue::from_str("SHA-256")),
            ("modulusLength", JsValue::from_f64(2_048.0)),
            ("publicExponent", Uint8Array::from(&[1, 0, 1][..]).into()),
        ])?;
        let pair = subtle::generate(&algorithm).await?;
        let private = subtle::member(&pair, "privateKey")?;
        let der = Uint8Array::new(&subtle::export("pkcs8", &private).await?);
        let pkcs8 = Secret::new(der.to_vec());
        der.fill(0, 0, der.length());
        let public = subtle::member(&pair, "publicKey")?;
        let jwk = subtle::export("jwk", &public).await?;
        let jwk = JSON::stringify(&jwk).map(String::from);
        let jwk = jwk.map_err(|_| CryptoFault::Encoding)?;
        let jwk =
            tree::from_json::<PublicJwk>(jwk.as_bytes()).map_err(|_| CryptoFault::Encoding)?;
        SigningKey::rsa(pkcs8, jwk.into_key()).ok_or(CryptoFault::DamagedKey)
    }
}

/// What WebCrypto calls a JOSE algorithm, for importing, signing and verifying.
fn algorithm(algorithm: Algorithm) -> Result<JsValue, CryptoFault> {
    let text = JsValue::from_str;
    match algorithm {
        Algorithm::EdDsa => Ok(text("Ed25519")),
        Algorithm::Es256 => subtle::object(&[
            ("name", text("ECDSA")),
            ("namedCurve", text("P-256")),
            ("hash", text("SHA-256")),
        ]),
        Algorithm::Rs256 => subtle::object(&[
            ("name", text("RSASSA-PKCS1-v1_5")),
            ("hash", text("SHA-256")),
        ]),
    }
}

fn rsa_jwk(key: &PublicKey) -> Result<JsValue, CryptoFault> {
    let jwk = serde_json::to_string(&PublicJwk::named(key.clone()));
    let jwk = jwk.map_err(|_| CryptoFault::Encoding)?;
    JSON::parse(&jwk).map_err(|_| CryptoFault::Encoding)
}
