//! What does somebody do that ends access? Each path's act.

use super::Scene;
use crate::support::{Browser, Call, tenant::PASSWORD};
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "a completely different secret";

impl Scene<'_> {
    fn sid(&self) -> String {
        let claims = crate::support::relying_party::claims(&self.tokens.access);
        claims["sid"].as_str().unwrap().to_owned()
    }

    /// Ada, in another browser.
    fn elsewhere(&self) -> Browser<'_> {
        self.tenant.signed_in("ada@example.com")
    }

    fn admin(&self, method: &'static str, path: &str, document: &Value) {
        let reply = self.tenant.admin(method, path, document);
        assert!(reply.status < 300, "{}", reply.text());
    }

    fn of_user(&self, rest: &str) -> String {
        format!("/users/{}{rest}", self.sub)
    }

    /// Sends a form of an account page.
    fn submit(&self, browser: &Browser<'_>, page: &str, fields: &[(&str, &str)]) {
        let (url, page) = browser.open(&self.tenant.url(page));
        let reply = browser.submit_only(&url, &page.expect(200), fields);
        assert_eq!(reply.status, 303, "{}", reply.text());
    }

    fn delete(&self, browser: &Browser<'_>, path: &str) {
        let call = Call::new("DELETE", &self.tenant.url(path));
        browser.send(call).expect(204);
    }
}

pub(super) fn the_application_signs_its_user_out(scene: &Scene<'_>) {
    let url = scene.party.logout_url(&scene.tokens, &[]);
    scene.browser.open(&url);
}

pub(super) fn the_user_ends_her_own_session(scene: &Scene<'_>) {
    let path = format!("/v1/sessions/{}", scene.sid());
    scene.delete(&scene.browser, &path);
}

pub(super) fn the_user_ends_it_from_elsewhere(scene: &Scene<'_>) {
    let path = format!("/v1/sessions/{}", scene.sid());
    scene.delete(&scene.elsewhere(), &path);
}

pub(super) fn the_user_ends_all_others(scene: &Scene<'_>) {
    scene.delete(&scene.elsewhere(), "/v1/sessions");
}

pub(super) fn the_user_ends_all_others_on_the_page(scene: &Scene<'_>) {
    let others = [("which", "others")];
    scene.submit(&scene.elsewhere(), "/account/sessions", &others);
}

pub(super) fn the_user_signs_out_everywhere(scene: &Scene<'_>) {
    scene.delete(&scene.browser, "/v1/sessions?everywhere=true");
}

pub(super) fn the_user_signs_out_everywhere_on_the_page(scene: &Scene<'_>) {
    scene.elsewhere();
    let all = [("which", "all")];
    scene.submit(&scene.browser, "/account/sessions", &all);
    let host = scene.tenant.host();
    assert_eq!(scene.browser.cookie(&host, "session"), None);
}

/// As long as a session lives unused by default.
const IDLE_MS: i64 = 14 * 24 * 3_600_000;

pub(super) fn it_is_not_used(scene: &Scene<'_>) {
    // What was to be delivered in the meantime has been.
    scene.site.world().delay_mail(false);
    scene.site.advance(IDLE_MS - 3_600_000);
    scene.site.world().delay_mail(true);
    scene.site.advance(7_200_000);
}

pub(super) fn it_is_old(scene: &Scene<'_>) {
    // What was to be delivered in the meantime has been.
    scene.site.world().delay_mail(false);
    for _ in 0..8 {
        scene.site.advance(10 * 24 * 3_600_000);
        scene.browser.get(&scene.tenant.url("/v1/sessions"));
    }
    scene.site.world().delay_mail(true);
    scene.site.advance(11 * 24 * 3_600_000);
}

pub(super) fn a_refresh_token_comes_again(scene: &Scene<'_>) {
    scene.party.refresh(&scene.tokens.refresh).expect(200);
    scene.site.advance(31_000);
    let again = scene.party.refresh(&scene.tokens.refresh);
    again.refused(400, "invalid_grant");
}

pub(super) fn somebody_else_signs_in_here(scene: &Scene<'_>) {
    scene.tenant.user("bob@example.com");
    let again = scene.party.authorize_url(&[("prompt", "login")]);
    let (url, page) = scene.browser.open(&again);
    let bob = [("username", "bob@example.com"), ("password", PASSWORD)];
    let reply = scene.browser.submit_only(&url, &page.expect(200), &bob);
    assert_eq!(reply.status, 303, "{}", reply.text());
}

pub(super) fn too_many_others_begin(scene: &Scene<'_>) {
    for _ in 0..100 {
        scene.elsewhere();
    }
}

pub(super) fn an_administrator_ends_it(scene: &Scene<'_>) {
    let path = scene.of_user(&format!("/sessions/{}", scene.sid()));
    scene.admin("DELETE", &path, &Value::Null);
}

pub(super) fn an_administrator_ends_all_of_the_user(scene: &Scene<'_>) {
    scene.elsewhere();
    scene.admin("DELETE", &scene.of_user("/sessions"), &Value::Null);
}

pub(super) fn an_administrator_takes_a_role(scene: &Scene<'_>) {
    let roles = |roles: Value| scene.admin("PATCH", &scene.of_user(""), &json!({"roles": roles}));
    roles(json!(["admin"]));
    roles(json!([]));
}

pub(super) fn the_user_changes_the_password(scene: &Scene<'_>) {
    let fields = [
        ("current_password", PASSWORD),
        ("new_password", NEW_PASSWORD),
    ];
    scene.submit(&scene.elsewhere(), "/account/password", &fields);
}

pub(super) fn an_administrator_changes_the_password(scene: &Scene<'_>) {
    let password = json!({"password": NEW_PASSWORD});
    scene.admin("PATCH", &scene.of_user(""), &password);
}

pub(super) fn the_user_is_disabled(scene: &Scene<'_>) {
    let disabled = json!({"status": "disabled"});
    scene.admin("PATCH", &scene.of_user(""), &disabled);
}

pub(super) fn the_user_is_deleted(scene: &Scene<'_>) {
    scene.admin("DELETE", &scene.of_user(""), &Value::Null);
}

pub(super) fn everybody_is_signed_out(scene: &Scene<'_>) {
    scene.admin("DELETE", "/sessions", &Value::Null);
}

pub(super) fn the_tenant_is_suspended(scene: &Scene<'_>) {
    scene.admin("PATCH", "", &json!({"status": "suspended"}));
}

pub(super) fn the_tenant_is_deleted(scene: &Scene<'_>) {
    scene.admin("DELETE", "", &Value::Null);
}

pub(super) fn a_code_comes_again(scene: &Scene<'_>) {
    scene
        .party
        .redeem(&scene.code)
        .refused(400, "invalid_grant");
}

pub(super) fn the_application_revokes_its_refresh_token(scene: &Scene<'_>) {
    let token = [("token", scene.tokens.refresh.as_str())];
    scene.party.send("/oauth/revoke", &token).expect(200);
}

pub(super) fn the_application_revokes_its_access_token(scene: &Scene<'_>) {
    let token = [("token", scene.tokens.access.as_str())];
    scene.party.send("/oauth/revoke", &token).expect(200);
}

pub(super) fn too_many_other_grants_are_made(scene: &Scene<'_>) {
    for _ in 0..16 {
        scene.party.tokens(&scene.browser);
    }
}

pub(super) fn the_user_withdraws_the_consent(scene: &Scene<'_>) {
    let client = [("client_id", scene.party.client.id.as_str())];
    scene.submit(&scene.browser, "/account/applications", &client);
}

pub(super) fn an_administrator_deletes_the_client(scene: &Scene<'_>) {
    let path = format!("/clients/{}", scene.party.client.id);
    scene.admin("DELETE", &path, &Value::Null);
}

pub(super) fn the_client_deletes_itself(scene: &Scene<'_>) {
    let (url, token) = scene.registration.as_ref().unwrap();
    let call = Call::new("DELETE", url).bearer(token);
    scene.site.send(&call).expect(204);
}
