//! Does the platform do what we take it to do? In the test build only.

use super::crypto::WebCrypto;
use crate::{
    actors::runtime::{
        envelope::{self, Body, Envelope, VERSION},
        probe,
    },
    domain::{
        keys::{Crypto, CryptoFault, SigningKey, crypto as native},
        secret::Secret,
    },
};

/// An envelope around a probe's message.
pub(super) fn packed(message: &probe::Message) -> Vec<u8> {
    let body = envelope::pack(message).unwrap_or_default();
    let envelope = Envelope {
        v: VERSION,
        delivery: None,
        request: None,
        trace: None,
        caller: None,
        deadline: None,
        body: Body::Message(body),
    };
    envelope::pack(&envelope).unwrap_or_default()
}

/// Whether the runtime's cryptography agrees with ours; names what does not.
pub(super) async fn crypto(host: &WebCrypto) -> Vec<String> {
    match failures(host).await {
        Ok(failures) => failures,
        Err(fault) => vec![fault.to_string()],
    }
}

async fn failures(host: &WebCrypto) -> Result<Vec<String>, CryptoFault> {
    let p256 = SigningKey::p256(Secret::new([9; 32])).ok_or(CryptoFault::DamagedKey)?;
    let keys = [
        SigningKey::ed25519(Secret::new([7; 32])),
        p256,
        host.make_rsa().await?,
    ];
    let mut failures = Vec::new();
    let input = b"what is signed";
    for key in &keys {
        let mut check = |rule: &str, holds: bool| {
            if !holds {
                failures.push(format!("{}: {rule}", key.algorithm()));
            }
        };
        // Twice, so that the second goes through the cache.
        for _ in 0..2 {
            let mut signature = host.sign(key, input).await?;
            let public = key.public();
            check("verifies", host.verify(public, input, &signature).await?);
            let other = host.verify(public, b"other", &signature).await?;
            check("refuses other input", !other);
            match native::verify_native(public.key(), input, &signature) {
                Err(CryptoFault::NeedsHost) => {}
                verdict => check("verifies here", verdict?),
            }
            match native::sign_native(key, input) {
                Err(CryptoFault::NeedsHost) => {}
                ours => check("verifies ours", host.verify(public, input, &ours?).await?),
            }
            if let Some(byte) = signature.first_mut() {
                *byte ^= 1;
            }
            check(
                "refuses a changed one",
                !host.verify(public, input, &signature).await?,
            );
            for length in [0, 63, 65, 255, 257] {
                let forged = vec![1; length];
                check(
                    "refuses a length",
                    !host.verify(public, input, &forged).await?,
                );
            }
        }
    }
    // More keys than are kept, twice over.
    for round in 0..150_u8 {
        let key = SigningKey::ed25519(Secret::new([round % 75; 32]));
        let signature = host.sign(&key, input).await?;
        if !host.verify(key.public(), input, &signature).await? {
            failures.push(format!("key {round} verifies"));
        }
    }
    Ok(failures)
}
