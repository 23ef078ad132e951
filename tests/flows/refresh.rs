//! How is a refresh token used, replayed and lost?

use crate::support::{
    Site,
    relying_party::{RelyingParty, Tokens, claims},
};
use std::collections::BTreeSet;

/// Tabs that wake at once.
const PARALLEL: usize = 50;

flows! {
    fn a_refresh_rotates_the_token(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let first = party.tokens(&tenant.signed_in("ada@example.com"));
        let second = Tokens::from(party.refresh(&first.refresh));
        let third = Tokens::from(party.refresh(&second.refresh));
        assert!(first.refresh != second.refresh && second.refresh != third.refresh);
        assert_eq!(claims(&third.access)["sub"], claims(&first.access)["sub"]);
        assert_eq!(claims(&third.id)["auth_time"], claims(&first.id)["auth_time"]);
    }

    fn parallel_refreshes_of_one_token_give_one_successor(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        let replies = site.send_all(&vec![party.refresh_call(&tokens.refresh); PARALLEL]);
        let successors: BTreeSet<String> =
            replies.into_iter().map(|reply| Tokens::from(reply).refresh).collect();
        assert_eq!(successors.len(), 1);
        party.refresh(successors.first().unwrap()).expect(200);
    }

    fn a_refresh_narrows_scope_but_never_widens_it(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        let with = |token: &str, scope: &str| {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
            party.send("/oauth/token", &fields)
        };
        with(&tokens.refresh, "openid phone").refused(400, "invalid_scope");
        let narrowed = Tokens::from(with(&tokens.refresh, "openid"));
        assert_eq!(claims(&narrowed.access)["scope"], "openid");
        let widened = Tokens::from(party.refresh(&narrowed.refresh));
        assert!(claims(&widened.access)["scope"].as_str().unwrap().contains("email"));
    }

    fn a_refresh_token_belongs_to_its_client(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let (party, other) = (RelyingParty::new(&tenant), RelyingParty::new(&tenant));
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        other.refresh(&tokens.refresh).refused(400, "invalid_grant");
        party.refresh(&tokens.refresh).expect(200);
    }
}

#[test]
fn a_spent_token_outside_the_grace_ends_the_session() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let browser = tenant.signed_in("ada@example.com");
    let first = party.tokens(&browser);
    let second = Tokens::from(party.refresh(&first.refresh));
    site.advance(31_000);
    party.refresh(&first.refresh).refused(400, "invalid_grant");
    party.refresh(&second.refresh).refused(400, "invalid_grant");
    let (url, _) = browser.open(&tenant.url("/account"));
    assert!(url.contains("/login"), "the session has ended: {url}");
}

#[test]
fn a_stricter_session_policy_binds_sessions_that_have_begun() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
    let stricter = serde_json::json!({"session_idle_ms": 600_000});
    tenant.admin("PATCH", "", &stricter).expect(200);
    site.advance(20 * 60_000);
    party.refresh(&tokens.refresh).refused(400, "invalid_grant");
}
