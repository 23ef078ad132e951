//! How does an administrator get tokens for the admin API?

use super::{
    browser::Browser,
    call::{Call, form_encoded, query_of},
    relying_party::{Tokens, VERIFIER, challenge},
    tenant::TenantSite,
};

/// Sends a browser through the built-in client `console`; answers where it lands.
pub(crate) fn land(
    tenant: &TenantSite<'_>,
    browser: &Browser<'_>,
    more: &[(&str, &str)],
) -> String {
    browser.open(&authorize_url(tenant, more)).0
}

/// The console's authorization request, with `more` in it.
pub(crate) fn authorize_url(tenant: &TenantSite<'_>, more: &[(&str, &str)]) -> String {
    let (challenge, callback) = (challenge(), tenant.url("/admin/callback"));
    let own = [
        ("response_type", "code"),
        ("client_id", "console"),
        ("redirect_uri", &callback),
        ("scope", "openid profile email admin"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let query = form_encoded(&[&own, more].concat());
    tenant.url(&format!("/oauth/authorize?{query}"))
}

/// What the console gets for where its browser landed.
pub(crate) fn redeem(tenant: &TenantSite<'_>, landed: &str) -> Tokens {
    let code = query_of(landed, "code").unwrap_or_else(|| panic!("no code in {landed}"));
    let call = Call::new("POST", &tenant.url("/oauth/token")).form(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &tenant.url("/admin/callback")),
        ("code_verifier", VERIFIER),
        ("client_id", "console"),
    ]);
    tenant.site.send(&call).into()
}

/// Tokens for whoever is signed in in a browser.
pub(crate) fn tokens(tenant: &TenantSite<'_>, browser: &Browser<'_>) -> Tokens {
    redeem(tenant, &land(tenant, browser, &[]))
}
