//! Are public keys read strictly and written as the standards say?

use super::jwk::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// RFC 7638 §3.1.
const RSA_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
/// RFC 8037 Appendix A.2.
const ED_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// RFC 7517 Appendix A.1.
const EC_X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
const EC_Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

fn rsa() -> Value {
    json!({ "kty": "RSA", "n": RSA_N, "e": "AQAB" })
}

fn ed() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": ED_X })
}

fn ec() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": EC_X, "y": EC_Y })
}

fn refusal(mut json: Value, member: &str, value: Value) -> Option<JwkRefusal> {
    json[member] = value;
    PublicJwk::parse(&json).err()
}

#[test]
fn thumbprints_are_those_of_the_standards() {
    let print = |json| PublicJwk::parse(&json).unwrap().key().thumbprint();
    assert_eq!(
        print(rsa()).as_str(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    assert_eq!(
        print(ed()).as_str(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn a_key_of_ours_is_written_with_its_use_and_name() {
    let key = PublicJwk::parse(&ed()).unwrap().into_key();
    assert_eq!(
        serde_json::to_value(PublicJwk::named(key)).unwrap(),
        json!({
            "kty": "OKP", "crv": "Ed25519", "x": ED_X, "use": "sig", "alg": "EdDSA",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        })
    );
}

#[test]
fn what_is_written_is_read() {
    for json in [rsa(), ed(), ec()] {
        let key = PublicJwk::parse(&json).unwrap();
        let again = serde_json::to_value(&key).unwrap();
        assert_eq!(PublicJwk::parse(&again).unwrap(), key);
        let packed = rmp_serde::to_vec_named(&key).unwrap();
        assert_eq!(rmp_serde::from_slice::<PublicJwk>(&packed).unwrap(), key);
    }
}

#[test]
fn a_private_key_is_refused_whatever_its_kind() {
    for json in [rsa(), ed(), ec()] {
        for member in ["d", "p", "k", "oth"] {
            let refused = refusal(json.clone(), member, json!("AQAB"));
            assert_eq!(refused, Some(JwkRefusal::Private));
        }
    }
    let symmetric = json!({ "kty": "oct", "k": "AAAA" });
    assert_eq!(PublicJwk::parse(&symmetric), Err(JwkRefusal::Private));
}

#[test]
fn a_weak_rsa_key_is_refused() {
    let short = refusal(rsa(), "n", json!(&RSA_N[..340]));
    assert_eq!(short, Some(JwkRefusal::RsaBits(2_040)));
    let padded = refusal(rsa(), "n", json!(format!("AAAA{RSA_N}")));
    assert_eq!(padded, Some(JwkRefusal::Member("n")));
    for e in ["AQ", "AA", "Ag", "AAAB", "", "AQAAAAAAAAAAAQ"] {
        let refused = refusal(rsa(), "e", json!(e));
        assert_eq!(refused, Some(JwkRefusal::Member("e")), "{e}");
    }
    let long = "_".repeat(4 * 8_192 / 8);
    assert!(refusal(rsa(), "n", json!(long)).is_some());
}

#[test]
fn a_point_lies_on_its_curve() {
    let off = refusal(ec(), "y", json!(EC_X));
    assert_eq!(off, Some(JwkRefusal::Point));
    let weak = refusal(
        ed(),
        "x",
        json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    );
    assert_eq!(weak, Some(JwkRefusal::Point));
    let short = refusal(ed(), "x", json!("AAAA"));
    assert_eq!(short, Some(JwkRefusal::Member("x")));
}

#[test]
fn a_key_for_something_else_is_unsupported() {
    for (member, value) in [
        ("use", json!("enc")),
        ("alg", json!("ES384")),
        ("alg", json!("RS256")),
        ("crv", json!("X25519")),
        ("kty", json!("AKP")),
        ("key_ops", json!(["sign"])),
    ] {
        let refused = refusal(ed(), member, value);
        assert_eq!(refused, Some(JwkRefusal::Unsupported), "{member}");
    }
    assert_eq!(
        refusal(ed(), "kid", json!("")),
        Some(JwkRefusal::Member("kid"))
    );
    assert_eq!(
        refusal(ed(), "kty", json!(1)),
        Some(JwkRefusal::Member("kty"))
    );
}

proptest! {
    #[test]
    fn no_members_panic(kty in "OKP|EC|RSA|oct", n in "[A-Za-z0-9_-]{0,60}", e in "[A-Za-z0-9_-]{0,9}") {
        let json = json!({ "kty": kty, "crv": "P-256", "x": n, "y": n, "n": n, "e": e });
        prop_assert!(PublicJwk::parse(&json).is_err());
        let json = json!({ "kty": kty, "crv": "Ed25519", "x": n, "n": n, "e": e });
        if let Ok(key) = PublicJwk::parse(&json) {
            prop_assert_eq!(key.algorithm(), Algorithm::EdDsa);
        }
    }
}
