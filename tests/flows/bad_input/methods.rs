//! What happens to a method an endpoint does not take?

use super::{
    atlas::{Ground, Stop},
    sound::Findings,
};
use crate::support::{Call, Site};
use aero2::gateway::route::Endpoint;
use std::collections::{BTreeMap, BTreeSet};

/// Each address once, with the methods it takes.
fn addresses(ground: &Ground<'_>) -> Vec<(Stop, BTreeSet<&'static str>)> {
    let mut methods: BTreeMap<String, (Stop, BTreeSet<&'static str>)> = BTreeMap::new();
    for mut stop in ground.stops() {
        // Deleted things have other names, and so would be other addresses.
        if stop.endpoint == Endpoint::Admin && stop.method == "DELETE" {
            continue;
        }
        let method = core::mem::replace(&mut stop.method, "GET");
        let entry = methods.entry(stop.path.clone());
        entry
            .or_insert_with(|| (stop, BTreeSet::new()))
            .1
            .insert(method);
    }
    methods.into_values().collect()
}

/// The endpoints a script of any origin may call: their OPTIONS is a preflight.
const fn is_open(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Discovery
            | Endpoint::Jwks
            | Endpoint::Token
            | Endpoint::Userinfo
            | Endpoint::Revoke
            | Endpoint::PushedAuthorization
            | Endpoint::SessionTickets
    )
}

flows! {
    /// RFC 9110 §15.5.6: with `Allow`, which names what the address does take.
    fn a_method_an_address_does_not_take_is_405(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for (stop, taken) in addresses(&ground) {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                let is_preflight = method == "OPTIONS" && is_open(stop.endpoint);
                let maybe = stop.endpoint == Endpoint::Admin && method == "DELETE";
                if taken.contains(method) || is_preflight || maybe {
                    continue;
                }
                let call = Call { method, ..ground.call(&stop) };
                let reply = site.send(&call);
                findings.sound(&stop, method, &call, &reply);
                findings.same(&format!("{method} {}", stop.path), reply.status, 405);
                let mut allowed: BTreeSet<&str> = reply.header("allow").split(", ").collect();
                if stop.endpoint == Endpoint::Admin {
                    allowed.remove("DELETE");
                }
                findings.same(&format!("{method} {} Allow", stop.path), allowed, taken.clone());
            }
        }
        findings.none();
    }

    /// RFC 9110 §9.3.2: what GET would answer, without content.
    fn head_is_answered_where_get_is(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for (stop, taken) in addresses(&ground) {
            let call = ground.call(&stop);
            let expected = if taken.contains("GET") { site.send(&call).status } else { 405 };
            let call = Call { method: "HEAD", ..call };
            let reply = site.send(&call);
            findings.sound(&stop, "HEAD", &call, &reply);
            findings.same(&format!("HEAD {}", stop.path), reply.status, expected);
            findings.same(&format!("HEAD {}", stop.path), reply.body.len(), 0);
        }
        findings.none();
    }

    /// Fetch §4.8: no credentials, and nothing but what the endpoint takes.
    fn a_preflight_of_an_open_endpoint_is_answered_and_of_another_refused(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for (stop, _) in addresses(&ground) {
            let call = Call { method: "OPTIONS", ..ground.call(&stop) }
                .header("origin", "https://evil.example")
                .header("access-control-request-method", "BREW")
                .header("access-control-request-headers", "x-evil, *");
            let reply = site.send(&call);
            findings.sound(&stop, "preflight", &call, &reply);
            let expected = if is_open(stop.endpoint) { 204 } else { 405 };
            findings.same(&stop.path, reply.status, expected);
            findings.same(&stop.path, reply.header("access-control-allow-credentials"), "");
            let origin = if is_open(stop.endpoint) { "*" } else { "" };
            findings.same(&stop.path, reply.header("access-control-allow-origin"), origin);
        }
        findings.none();
    }
}
