//! What can this tenant do, and where ([OpenID Connect Discovery §3], [RFC 8414 §2])?
//!
//! [OpenID Connect Discovery §3]: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
//! [RFC 8414 §2]: https://www.rfc-editor.org/rfc/rfc8414#section-2

use super::jwks::CACHEABLE;
use crate::{
    domain::{
        keys::Algorithm,
        oauth::{
            authorization::Prompt, claims::STANDARD_CLAIMS, client::AuthMethod, grant::GrantType,
            scope::Scope,
        },
        session::ACR_PASSWORD,
    },
    gateway::{
        http::Response,
        platform::Platform,
        trouble::Answer,
        visit::{Home, Visit},
    },
};
use ::http::{StatusCode, header};
use serde_json::{Value, json};

/// Claims of ours besides those a scope asks for.
const PROTOCOL_CLAIMS: [&str; 9] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "amr",
    "sid",
];

/// Answers both metadata documents, which are one.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let configuration = visit.configuration().await?;
    let mut document = document(&visit.home);
    if configuration.settings.registration_enabled
        && let Some(members) = document.as_object_mut()
    {
        let endpoint = visit.home.url("/oauth/register").into();
        members.insert("registration_endpoint".to_owned(), endpoint);
    }
    let response = Response::json(StatusCode::OK, &document)?;
    Ok(response.with(header::CACHE_CONTROL, CACHEABLE))
}

fn document(home: &Home) -> Value {
    let methods = AuthMethod::ALL.map(AuthMethod::as_str);
    let confidential: Vec<&str> = (AuthMethod::ALL.into_iter())
        .filter(|method| *method != AuthMethod::None)
        .map(AuthMethod::as_str)
        .collect();
    let algorithms = Algorithm::ALL.map(Algorithm::name);
    let standard = STANDARD_CLAIMS.iter().map(|(name, _)| *name);
    let claims: Vec<&str> = PROTOCOL_CLAIMS.into_iter().chain(standard).collect();
    json!({
        "issuer": home.issuer,
        "authorization_endpoint": home.url("/oauth/authorize"),
        "token_endpoint": home.url("/oauth/token"),
        "userinfo_endpoint": home.url("/oauth/userinfo"),
        "jwks_uri": home.url("/.well-known/jwks.json"),
        "introspection_endpoint": home.url("/oauth/introspect"),
        "revocation_endpoint": home.url("/oauth/revoke"),
        "end_session_endpoint": home.url("/oauth/logout"),
        "pushed_authorization_request_endpoint": home.url("/oauth/par"),
        "scopes_supported": Scope::OF_A_USER,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": GrantType::ALL.map(GrantType::as_str),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "acr_values_supported": [ACR_PASSWORD],
        "prompt_values_supported": Prompt::ALL.map(Prompt::as_str),
            "display_values_supported": ["page", "popup", "touch", "wap"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "require_pushed_authorization_requests": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "ui_locales_supported": ["en"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{entropy::Seeded, ids::TenantId, tenant::Slug};

    fn home() -> Home {
        Home {
            id: TenantId::generate(&mut Seeded::new(1)),
            slug: Slug::parse("acme").unwrap(),
            issuer: "https://acme.example".to_owned(),
            is_platform: false,
        }
    }

    #[test]
    fn every_address_is_a_route_of_ours() {
        let document = document(&home());
        for (name, value) in document.as_object().unwrap() {
            if !name.ends_with("_endpoint") && name != "jwks_uri" {
                continue;
            }
            let path = value.as_str().unwrap().strip_prefix("https://acme.example");
            assert!(
                crate::gateway::route::find(path.unwrap()).is_some(),
                "{name}"
            );
        }
    }

    #[test]
    fn what_openid_connect_discovery_requires_is_there() {
        let document = document(&home());
        for name in [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ] {
            assert!(document.get(name).is_some(), "{name}");
        }
        let algorithms = document["id_token_signing_alg_values_supported"].as_array();
        assert!(algorithms.unwrap().contains(&json!("RS256")));
        assert_eq!(
            document["code_challenge_methods_supported"],
            json!(["S256"])
        );
    }
}
