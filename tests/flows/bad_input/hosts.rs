//! Who answers at a host that nobody has?

use super::{atlas::Ground, sound::Findings};
use crate::support::{Call, Site};
use aero2::gateway::route::{self, Endpoint};
use serde_json::json;

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Hosts that no HTTP client sends, and an edge may refuse before us.
const IMPOSSIBLE: [&str; 8] = [
    "",
    " ",
    "x y",
    "é.localhost:8787",
    "a@localhost:8787",
    "a/b",
    "a?b",
    "a#b",
];

fn discovered(site: &Site, host: &str) -> crate::support::Reply {
    site.send(&Call::new("GET", &site.platform_url(DISCOVERY)).header("host", host))
}

flows! {
    /// RFC 9110 §4.2.3: a host name has no case.
    fn a_host_is_known_whatever_its_case(site: &Site) {
        let tenant = site.tenant();
        let reply = discovered(site, &tenant.host().to_uppercase()).expect(200);
        assert_eq!(reply.member("issuer"), tenant.issuer());
    }

    fn a_host_that_is_no_tenants_is_404_and_makes_no_actor(site: &Site) {
        let tenant = site.tenant();
        let (slug, domain) = (&tenant.slug, &site.domain);
        let port = domain.rsplit_once(':').map_or("80", |(_, port)| port);
        tenant.admin("PATCH", "", &json!({"hostnames": [format!("login.{slug}.example")]})).expect(200);
        let hosts = [
            format!("nobody.{domain}"),
            format!("{slug}.localhost"),
            format!("{slug}.localhost."),
            format!("{slug}.localhost.:{port}"),
            format!("{slug}.localhost:1"),
            format!("a.{slug}.{domain}"),
            format!("-{slug}.{domain}"),
            format!("{slug}_.{domain}"),
            format!(".{domain}"),
            format!("platform.{domain}"),
            format!("{slug}{domain}"),
            "localhost".to_owned(),
            format!("127.0.0.1:{port}"),
            format!("[::1]:{port}"),
            "evil.example".to_owned(),
            format!("{}.{domain}", "a".repeat(64)),
            format!("{}.example", "a.".repeat(2_000)),
            format!("login.{slug}.example:1"),
            format!("login.{slug}.example:{port}9"),
            format!("login.{slug}.example.:{port}"),
        ];
        let before = site.actors();
        let mut findings = Findings::default();
        for host in &hosts {
            findings.same(host, discovered(site, host).status, 404);
        }
        assert_eq!(site.actors(), before);
        findings.none();
    }

    /// The issuer is what the client compares (RFC 8414 §3.3): it is the
    /// tenant's own and not what the client said.
    fn a_tenants_own_hostname_is_its_issuer(site: &Site) {
        let tenant = site.tenant();
        let name = format!("login.{}.example", tenant.slug);
        tenant.admin("PATCH", "", &json!({"hostnames": [name]})).expect(200);
        let reply = discovered(site, &name).expect(200);
        assert_eq!(reply.member("issuer"), format!("http://{name}"));
        for junk in [":", ":x", ":80:90", ":80@evil.example", ":65536", ":1"] {
            let reply = discovered(site, &format!("{name}{junk}"));
            assert!([400, 404].contains(&reply.status), "{junk}: {}", reply.text());
        }
    }

    fn an_unknown_tenant_is_404_at_every_endpoint_and_makes_no_actor(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let before = site.actors();
        let host = format!("nobody-at-all.{}", site.domain);
        for stop in ground.stops() {
            let is_anywhere = matches!(
                stop.endpoint, Endpoint::Health | Endpoint::Ready | Endpoint::Asset
            );
            if is_anywhere {
                continue;
            }
            let mut call = ground.call(&stop).header("host", &host);
            if stop.takes_body() {
                call = call.form(&[("username", "ada@example.com"), ("password", "x")]);
            }
            let reply = site.send(&call);
            findings.sound(&stop, "nobody", &call, &reply);
            findings.same(&format!("{stop:?}"), reply.status, 404);
        }
        assert_eq!(site.actors(), before);
        findings.none();
    }

    fn what_is_the_platforms_alone_is_404_at_a_tenant(site: &Site) {
        let tenant = site.tenant();
        for (path, found) in route::all().filter(|(_, route)| route.at == route::Site::Platform) {
            let path = if found.endpoint == Endpoint::Admin { "/admin/v1/tenants" } else { path };
            let reply = site.get(&tenant.url(path));
            assert_eq!(reply.status, 404, "{path}");
        }
    }
}

#[test]
fn a_host_that_cannot_be_is_nobodys() {
    let site = Site::in_process();
    for host in IMPOSSIBLE {
        assert_eq!(discovered(&site, host).status, 404, "{host:?}");
    }
}
