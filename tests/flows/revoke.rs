//! What does revoking a token end (RFC 7009)?

use crate::support::{Site, relying_party::RelyingParty};

flows! {
    fn a_revoked_refresh_token_ends_its_grant(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        party.send("/oauth/revoke", &[("token", &tokens.refresh)]).expect(200);
        party.refresh(&tokens.refresh).refused(400, "invalid_grant");
        assert_eq!(party.introspect(&tokens.access)["active"], false);
    }

    fn a_revoked_access_token_dies_alone(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        party.send("/oauth/revoke", &[("token", &tokens.access)]).expect(200);
        assert_eq!(party.introspect(&tokens.access)["active"], false);
        party.refresh(&tokens.refresh).expect(200);
    }

    fn what_is_no_token_is_revoked_already(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        party.send("/oauth/revoke", &[("token", "whatever")]).expect(200);
        party.send("/oauth/revoke", &[]).refused(400, "invalid_request");
    }

    fn another_clients_token_is_left_alone(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let (party, other) = (RelyingParty::new(&tenant), RelyingParty::new(&tenant));
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        other.send("/oauth/revoke", &[("token", &tokens.refresh)]);
        party.refresh(&tokens.refresh).expect(200);
    }
}
