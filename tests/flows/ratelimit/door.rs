//! Who may ask?

use crate::support::{
    Backend, Call, Site,
    backend::{burst, inline},
    relying_party::RelyingParty,
};
use serde_json::{Value, json};

flows! {
    fn a_token_of_the_clients_own_with_the_scope_opens_it(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(9), "user:1");
        for what in ["check", "reserve", "commit", "cancel", "peek", "batch", "nothing"] {
            let url = tenant.url(&format!("/v1/ratelimit/{what}"));
            let bare = Call::new("POST", &url).json(&question);
            let nobody = site.send(&bare).expect(401);
            assert_eq!(nobody.header("www-authenticate"), "Bearer realm=\"oauth\"");
            site.send(&bare.clone().bearer("forged")).refused(401, "invalid_token");
            let reports = backend.token("reports");
            site.send(&bare.clone().bearer(&reports)).refused(403, "insufficient_scope");
            let basic = bare.clone().basic(&backend.client.id, &backend.client.secret);
            site.send(&basic).refused(400, "invalid_request");
            let in_query = Call { url: format!("{url}?access_token={}", backend.token), ..bare };
            site.send(&in_query).refused(400, "invalid_request");
        }
        backend.send("nothing", &question).expect(404);
        let text = Call::new("POST", &tenant.url("/v1/ratelimit/check")).bearer(&backend.token);
        site.send(&text.form(&[("subject", "x")])).expect(415);
    }

    fn no_users_token_and_no_other_tenants_will_do(site: &Site) {
        let (tenant, elsewhere) = (site.tenant(), site.tenant());
        let question = inline(&burst(9), "user:1");
        let mut backend = Backend::new(&tenant);
        backend.token = Backend::new(&elsewhere).token;
        backend.send("check", &question).refused(401, "invalid_token");

        tenant.user("ada@example.com");
        let client = tenant.client_with(&json!({ "scope": "openid ratelimit" }));
        let party = RelyingParty { tenant: &tenant, client };
        let browser = tenant.signed_in("ada@example.com");
        let code = party.code_with(&browser, &[("scope", "openid ratelimit")]);
        backend.token = party.redeem(&code).expect(200).member("access_token");
        backend.send("check", &question).refused(401, "invalid_token");
    }

    fn a_token_that_was_good_is_refused_once_its_client_is_gone(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(9), "user:1");
        backend.send("check", &question).expect(200);
        let path = format!("/clients/{}", backend.client.id);
        tenant.admin("DELETE", &path, &Value::Null).expect(204);
        backend.send("check", &question).refused(401, "invalid_token");
    }

    fn a_token_that_was_good_is_refused_once_everybody_is_signed_out(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(9), "user:1");
        backend.send("check", &question).expect(200);
        tenant.admin("DELETE", "/sessions", &Value::Null).expect(204);
        backend.send("check", &question).refused(401, "invalid_token");
    }
}

#[test]
fn a_token_that_was_good_is_refused_once_it_has_expired() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let question = inline(&burst(9), "user:1");
    backend.send("check", &question).expect(200);
    site.advance(300_000);
    backend
        .send("check", &question)
        .refused(401, "invalid_token");
}

#[test]
fn a_token_that_was_good_is_refused_once_its_key_is_withdrawn() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let question = inline(&burst(9), "user:1");
    backend.send("check", &question).expect(200);
    let call = Call::new("POST", &site.platform_url("/admin/v1/keys/rotate"));
    let rotate = call.bearer(&site.admin_token());
    site.send(&rotate.json(&json!({ "emergency": true })))
        .expect(200);
    backend
        .send("check", &question)
        .refused(401, "invalid_token");
}

#[test]
fn a_token_is_verified_once() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let verified = || site.inner().gateway.platform().verified();
    let question = inline(&burst(9), "user:1");
    let before = verified();
    for _ in 0..5 {
        backend.send("check", &question).expect(200);
    }
    assert_eq!(verified(), before + 1);
}
