//! `/.well-known/ssf-configuration`: what does this transmitter do ([SSF §7.1])?
//!
//! [SSF §7.1]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#discovery-meta

use crate::{
    domain::ssf::stream::{POLL, PUSH, SOCKET},
    gateway::{
        endpoints::jwks::CACHEABLE,
        http::Response,
        platform::Platform,
        trouble::Answer,
        visit::{Home, Visit},
    },
};
use ::http::{StatusCode, header};
use serde_json::{Value, json};

/// Answers the transmitter's metadata.
pub(super) fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let response = Response::json(StatusCode::OK, &document(&visit.home))?;
    Ok(response.with(header::CACHE_CONTROL, CACHEABLE))
}

fn document(home: &Home) -> Value {
    json!({
        "spec_version": "1_0",
        "issuer": home.issuer,
        "jwks_uri": home.url("/.well-known/jwks.json"),
        "delivery_methods_supported": [PUSH, POLL, SOCKET],
        "configuration_endpoint": home.url("/ssf/stream"),
        "status_endpoint": home.url("/ssf/status"),
        "add_subject_endpoint": home.url("/ssf/subjects:add"),
        "remove_subject_endpoint": home.url("/ssf/subjects:remove"),
        "verification_endpoint": home.url("/ssf/verify"),
        "critical_subject_members": ["user", "session", "tenant"],
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
        "default_subjects": "ALL",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ids::TenantId, tenant::Slug};

    #[test]
    fn every_address_is_a_route_of_ours() {
        let home = Home {
            id: TenantId::from_bytes([1; 16]),
            slug: Slug::parse("acme").unwrap(),
            issuer: "https://acme.example".to_owned(),
            is_platform: false,
        };
        let document = document(&home);
        for (name, value) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let path = value.as_str().unwrap().strip_prefix("https://acme.example");
                let route = crate::gateway::route::find(path.unwrap());
                assert!(route.is_some(), "{name}");
            }
        }
    }
}
