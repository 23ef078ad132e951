//! Who signs and verifies in native tests?
//!
//! The Rust implementations, where workerd has the `WebCrypto` API. "Made" RSA keys
//! come from a pool in `rsa/`, in order, so that tests are quick and replay.

use aero2::domain::keys::crypto::{sign_native, verify_native};
use aero2::domain::keys::signing::Material;
use aero2::domain::keys::{Crypto, CryptoFault, PublicJwk, PublicKey, SigningKey};
use aero2::domain::secret::Secret;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};
use std::cell::Cell;

/// What stands before a SHA-256 in an RSASSA-PKCS1-v1_5 signature (RFC 8017 §9.2).
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

const POOL: [&[u8]; 8] = [
    include_bytes!("rsa/0.der"),
    include_bytes!("rsa/1.der"),
    include_bytes!("rsa/2.der"),
    include_bytes!("rsa/3.der"),
    include_bytes!("rsa/4.der"),
    include_bytes!("rsa/5.der"),
    include_bytes!("rsa/6.der"),
    include_bytes!("rsa/7.der"),
];

/// Cryptography without a host.
#[derive(Debug, Default)]
pub(crate) struct NativeCrypto {
    made: Cell<usize>,
    /// Signatures that were looked at.
    pub(crate) verified: Cell<usize>,
}

impl Crypto for NativeCrypto {
    async fn sign(&self, key: &SigningKey, input: &[u8]) -> Result<Vec<u8>, CryptoFault> {
        let Material::Rsa(pkcs8) = key.material() else {
            return sign_native(key, input);
        };
        let key = RsaPrivateKey::from_pkcs8_der(pkcs8.expose());
        let key = key.map_err(|_| CryptoFault::DamagedKey)?;
        key.sign(scheme(), &Sha256::digest(input))
            .map_err(|fault| CryptoFault::Host(fault.to_string()))
    }

    async fn verify(
        &self,
        key: &PublicJwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<bool, CryptoFault> {
        self.verified.set(self.verified.get() + 1);
        let PublicKey::Rsa { n, e } = key.key() else {
            return verify_native(key.key(), input, signature);
        };
        let [n, e] = [n, e].map(|bytes| BigUint::from_bytes_be(bytes));
        let key = RsaPublicKey::new(n, e).map_err(|_| CryptoFault::DamagedKey)?;
        let digest = Sha256::digest(input);
        Ok(key.verify(scheme(), &digest, signature).is_ok())
    }

    async fn make_rsa(&self) -> Result<SigningKey, CryptoFault> {
        let place = self.made.replace(self.made.get().wrapping_add(1)) % POOL.len();
        let der = POOL.get(place).ok_or(CryptoFault::DamagedKey)?;
        let key = RsaPrivateKey::from_pkcs8_der(der).map_err(|_| CryptoFault::DamagedKey)?;
        let public = PublicKey::Rsa {
            n: key.n().to_bytes_be(),
            e: key.e().to_bytes_be(),
        };
        SigningKey::rsa(Secret::new(der.to_vec()), public).ok_or(CryptoFault::DamagedKey)
    }
}

fn scheme() -> Pkcs1v15Sign {
    Pkcs1v15Sign {
        hash_len: Some(32),
        prefix: Box::new(SHA256_PREFIX),
    }
}
