//! Who signs and verifies?
//!
//! The host, through [`Crypto`]: it has RSA, and its Ed25519 is faster than any
//! in Wasm. What can be done here is, natively and to check the other.

use super::jwk::{PublicJwk, PublicKey};
use super::signing::{Material, SigningKey};
use p256::ecdsa::signature::{Signer, Verifier};

/// Why cryptography could not be done. Nobody's request is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoFault {
    /// Only the host can do this with an RSA key.
    #[error("an RSA key needs the host")]
    NeedsHost,
    /// A key of ours is not a key.
    #[error("a signing key is damaged")]
    DamagedKey,
    /// A key could not be encoded.
    #[error("encoding a signing key")]
    Encoding,
    /// No candidate was a scalar: one chance in 2^256.
    #[error("deriving a signing key")]
    Derivation,
    /// The host failed, and said why.
    #[error("the host's cryptography: {0}")]
    Host(String),
}

/// Cryptography, wherever it is done.
///
/// The futures need not be `Send`: an isolate has one thread.
pub trait Crypto {
    /// Signs `input` by the key's own algorithm, as JOSE spells signatures
    /// ([RFC 7518 §3], [RFC 8037 §3.1]).
    ///
    /// [RFC 7518 §3]: https://www.rfc-editor.org/rfc/rfc7518#section-3
    /// [RFC 8037 §3.1]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
    fn sign(
        &self,
        key: &SigningKey,
        input: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, CryptoFault>>;

    /// Whether `signature` is the key's over `input`, by the key's own algorithm.
    fn verify(
        &self,
        key: &PublicJwk,
        input: &[u8],
        signature: &[u8],
    ) -> impl Future<Output = Result<bool, CryptoFault>>;

    /// Makes an RSA key of 2,048 bits with the exponent 65,537.
    fn make_rsa(&self) -> impl Future<Output = Result<SigningKey, CryptoFault>>;
}

/// Signs with an Ed25519 or P-256 key, here.
///
/// # Errors
/// [`CryptoFault::NeedsHost`] for an RSA key.
pub fn sign_native(key: &SigningKey, input: &[u8]) -> Result<Vec<u8>, CryptoFault> {
    match key.material() {
        Material::Ed25519(seed) => {
            let key = ed25519_dalek::SigningKey::from_bytes(seed.expose());
            Ok(key.sign(input).to_bytes().to_vec())
        }
        Material::P256(scalar) => {
            let key = p256::ecdsa::SigningKey::from_slice(scalar.expose())
                .map_err(|_| CryptoFault::DamagedKey)?;
            let signature: p256::ecdsa::Signature = key.sign(input);
            Ok(signature.to_bytes().to_vec())
        }
        Material::Rsa(_) => Err(CryptoFault::NeedsHost),
    }
}

/// Verifies a signature by an Ed25519 or P-256 key, here.
///
/// Ed25519 strictly: no weak keys, one spelling of each signature.
///
/// # Errors
/// [`CryptoFault::NeedsHost`] for an RSA key.
pub fn verify_native(key: &PublicKey, input: &[u8], signature: &[u8]) -> Result<bool, CryptoFault> {
    match key {
        PublicKey::Ed25519(bytes) => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(bytes)
                .map_err(|_| CryptoFault::DamagedKey)?;
            Ok(ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(input, &signature).is_ok()))
        }
        PublicKey::P256 { .. } => {
            let key = key.as_p256().ok_or(CryptoFault::DamagedKey)?;
            Ok(p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(input, &signature).is_ok()))
        }
        PublicKey::Rsa { .. } => Err(CryptoFault::NeedsHost),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;
    use proptest::prelude::*;

    fn keys() -> [SigningKey; 2] {
        [
            SigningKey::ed25519(Secret::new([1; 32])),
            SigningKey::p256(Secret::new([2; 32])).unwrap(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_signature_is_over_its_input_by_its_key(
            input: Vec<u8>,
            place in 0_usize..64,
            flip in 1_u8..,
        ) {
            for key in keys() {
                let public = key.public().key();
                let mut signature = sign_native(&key, &input).unwrap();
                prop_assert_eq!(signature.len(), 64);
                prop_assert_eq!(verify_native(public, &input, &signature), Ok(true));

                let longer = [&input[..], b"."].concat();
                prop_assert_eq!(verify_native(public, &longer, &signature), Ok(false));
                signature[place] ^= flip;
                prop_assert_eq!(verify_native(public, &input, &signature), Ok(false));
            }
        }
    }

    #[test]
    fn no_bytes_but_a_signature_verify() {
        for key in keys() {
            for forged in [&[][..], &[0; 64], &[0; 63], &[0; 65], &[0xff; 64]] {
                assert_eq!(verify_native(key.public().key(), b"x", forged), Ok(false));
            }
        }
    }

    #[test]
    fn ed25519_is_that_of_rfc_8037() {
        // RFC 8037 Appendix A.4.
        let seed = data_encoding::BASE64URL_NOPAD
            .decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        let key = SigningKey::ed25519(Secret::new(seed.try_into().unwrap()));
        let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = sign_native(&key, input).unwrap();
        assert_eq!(
            data_encoding::BASE64URL_NOPAD.encode(&signature),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }
}
