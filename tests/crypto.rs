//! Does a [`Crypto`] keep its promises, and do tokens signed with it hold?

#![cfg(test)]

#[path = "support/crypto.rs"]
mod native;

use aero2::domain::keys::{Algorithm, ClientJwks, Crypto, PublicJwk, SigningKey};
use aero2::domain::secret::Secret;
use aero2::domain::time::Timestamp;
use aero2::domain::token::jwt::{self, AccessTokenClaims, Audience, IdTokenClaims, Jws};
use futures::FutureExt;
use native::NativeCrypto;

const NOON: Timestamp = Timestamp::from_seconds(43_200);

fn now<T>(future: impl Future<Output = T>) -> T {
    future
        .now_or_never()
        .expect("native cryptography waits for nobody")
}

fn one_of_each(crypto: &NativeCrypto) -> [SigningKey; 3] {
    [
        now(crypto.make_rsa()).unwrap(),
        SigningKey::p256(Secret::new([2; 32])).unwrap(),
        SigningKey::ed25519(Secret::new([1; 32])),
    ]
}

fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: "https://acme.example".into(),
        sub: "usr_0x".into(),
        aud: Audience::one("https://api.example"),
        client_id: "app".into(),
        scope: None,
        exp: NOON.plus(300_000),
        iat: NOON,
        jti: "j".into(),
        sid: None,
        auth_time: None,
        acr: None,
        amr: vec![],
        roles: vec![],
        userinfo_claims: vec![],
    }
}

#[test]
fn a_signature_verifies_under_its_own_key_and_input_only() {
    let crypto = NativeCrypto::default();
    let keys = one_of_each(&crypto);
    for key in &keys {
        let signature = now(crypto.sign(key, b"input")).unwrap();
        for other in &keys {
            let verified = now(crypto.verify(other.public(), b"input", &signature));
            assert_eq!(verified, Ok(other.kid() == key.kid()));
        }
        for (input, signature) in [
            (&b"inpuT"[..], &signature[..]),
            (b"input", &signature[1..]),
            (b"input", b""),
        ] {
            assert_eq!(
                now(crypto.verify(key.public(), input, signature)),
                Ok(false)
            );
        }
    }
}

#[test]
fn made_rsa_keys_differ_and_are_what_openid_connect_asks() {
    let crypto = NativeCrypto::default();
    let made: Vec<_> = (0..8).map(|_| now(crypto.make_rsa()).unwrap()).collect();
    for (place, key) in made.iter().enumerate() {
        assert_eq!(key.algorithm(), Algorithm::Rs256);
        assert!(
            made.iter()
                .skip(place + 1)
                .all(|other| other.kid() != key.kid())
        );
        let json = serde_json::to_value(key.public()).unwrap();
        assert_eq!(PublicJwk::parse(&json).as_ref(), Ok(key.public()));
    }
}

#[test]
fn a_signed_token_is_believed_under_its_key_and_as_its_kind() {
    let crypto = NativeCrypto::default();
    let keys = one_of_each(&crypto);
    for key in &keys {
        let text = now(jwt::sign(&crypto, key, &claims())).unwrap();
        let jws = Jws::<AccessTokenClaims>::parse(&text).unwrap();
        assert_eq!(jws.kid(), Some(&key.kid()));
        for other in &keys {
            let believed = now(jws.clone().verify(&crypto, other.public())).unwrap();
            assert_eq!(believed, (other.kid() == key.kid()).then(claims));
        }
        assert!(Jws::<IdTokenClaims>::parse(&text).is_err());
    }
}

#[test]
fn an_algorithm_swapped_in_the_header_is_not_believed() {
    let crypto = NativeCrypto::default();
    let [_, es256, eddsa] = one_of_each(&crypto);
    let text = now(jwt::sign(&crypto, &es256, &claims())).unwrap();
    let (_, rest) = text.split_once('.').unwrap();
    let other = now(jwt::sign(&crypto, &eddsa, &claims())).unwrap();
    let (header, _) = other.split_once('.').unwrap();
    let jws = Jws::<AccessTokenClaims>::parse(&format!("{header}.{rest}")).unwrap();
    let both = [es256.public(), eddsa.public()];
    assert_eq!(now(jws.verify_any(&crypto, both)).unwrap(), None);
}

#[test]
fn a_clients_assertion_is_verified_with_its_registered_keys() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let crypto = NativeCrypto::default();
    let key = now(crypto.make_rsa()).unwrap();
    let set = serde_json::json!({ "keys": [key.public()] });
    let registered = ClientJwks::from_json(&set).unwrap();

    // As a client's library writes it: no `typ`, `aud` as a list, no `kid`.
    let parts = [
        r#"{"alg":"RS256"}"#,
        r#"{"iss":"app","sub":"app","aud":["https://acme.example"],"exp":43230,"jti":"1"}"#,
    ];
    let signed = parts
        .map(|part| Base64UrlUnpadded::encode_string(part.as_bytes()))
        .join(".");
    let signature = now(crypto.sign(&key, signed.as_bytes())).unwrap();
    let text = format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature));

    let jws = Jws::<jwt::AssertionClaims>::parse(&text).unwrap();
    assert_eq!(jws.unverified().client_id(), Ok("app"));
    let candidates = registered.candidates(None, jws.algorithm());
    let claims = now(jws.verify_any(&crypto, candidates)).unwrap().unwrap();
    assert!(claims.check("app", &["https://acme.example"], NOON).is_ok());
}
