//! What does an application do that signs its users in at a tenant?

use super::{
    browser::Browser,
    call::{Call, Reply, form_encoded, query_of},
    tenant::{ClientSecretPair, REDIRECT_URI, TenantSite},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The PKCE verifier of every request (43 to 128 characters, RFC 7636 §4.1).
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// One application at one tenant.
pub(crate) struct RelyingParty<'a> {
    pub(crate) tenant: &'a TenantSite<'a>,
    pub(crate) client: ClientSecretPair,
}

/// What the token endpoint handed out.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) id: String,
}

impl From<Reply> for Tokens {
    fn from(reply: Reply) -> Self {
        let document = reply.expect(200).json();
        let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            id: text("id_token"),
        }
    }
}

/// The S256 challenge of [`VERIFIER`].
pub(crate) fn challenge() -> String {
    data_encoding::BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER))
}

/// The claims of a JWT, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let body = token
        .split('.')
        .nth(1)
        .unwrap_or_else(|| panic!("{token} is not a JWT"));
    let body = data_encoding::BASE64URL_NOPAD
        .decode(body.as_bytes())
        .unwrap();
    serde_json::from_slice(&body).unwrap()
}

impl<'a> RelyingParty<'a> {
    pub(crate) fn new(tenant: &'a TenantSite<'a>) -> Self {
        Self {
            tenant,
            client: tenant.client(),
        }
    }

    /// The address of an ordinary authorization request, with `more` over it; a
    /// parameter set to nothing is left out.
    pub(crate) fn authorize_url(&self, more: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let mut params = vec![
            ("response_type", "code"),
            ("client_id", self.client.id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "openid profile email offline_access"),
            ("prompt", "consent"),
            ("state", "st4te"),
            ("nonce", "n0nce"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in more {
            params.retain(|(other, _)| other != name);
            if !value.is_empty() {
                params.push((name, value));
            }
        }
        format!(
            "{}?{}",
            self.tenant.url("/oauth/authorize"),
            form_encoded(&params)
        )
    }

    /// Sends a signed-in browser through authorization and consent; answers
    /// where it lands at the application.
    pub(crate) fn land(&self, browser: &Browser<'_>, more: &[(&str, &str)]) -> String {
        let (url, page) = browser.open(&self.authorize_url(more));
        if url.starts_with(REDIRECT_URI) {
            return url;
        }
        let (url, page) = browser.submit(&url, &page.expect(200), &[("decision", "allow")]);
        assert!(url.starts_with(REDIRECT_URI), "{url}: {}", page.text());
        url
    }

    /// A fresh authorization code.
    pub(crate) fn code(&self, browser: &Browser<'_>) -> String {
        self.code_with(browser, &[])
    }

    /// The same with other parameters.
    pub(crate) fn code_with(&self, browser: &Browser<'_>, more: &[(&str, &str)]) -> String {
        let url = self.land(browser, more);
        query_of(&url, "code").unwrap_or_else(|| panic!("no code in {url}"))
    }

    /// A request to the token endpoint as this client.
    pub(crate) fn token_call(&self, fields: &[(&str, &str)]) -> Call {
        self.call("/oauth/token", fields)
    }

    /// A request as this client to an endpoint that takes forms.
    pub(crate) fn call(&self, path: &str, fields: &[(&str, &str)]) -> Call {
        let call = Call::new("POST", &self.tenant.url(path));
        if self.client.secret.is_empty() {
            let mut fields = fields.to_vec();
            fields.push(("client_id", &self.client.id));
            return call.form(&fields);
        }
        call.basic(&self.client.id, &self.client.secret)
            .form(fields)
    }

    pub(crate) fn send(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.tenant.site.send(&self.call(path, fields))
    }

    pub(crate) fn redeem_call(&self, code: &str) -> Call {
        self.token_call(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ])
    }

    pub(crate) fn redeem(&self, code: &str) -> Reply {
        self.tenant.site.send(&self.redeem_call(code))
    }

    /// Where it sends its user to sign out.
    pub(crate) fn logout_url(&self, tokens: &Tokens, more: &[(&str, &str)]) -> String {
        let hint = [("id_token_hint", tokens.id.as_str())];
        let query = form_encoded(&[&hint, more].concat());
        self.tenant.url(&format!("/oauth/logout?{query}"))
    }

    pub(crate) fn refresh_call(&self, token: &str) -> Call {
        self.token_call(&[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    pub(crate) fn refresh(&self, token: &str) -> Reply {
        self.tenant.site.send(&self.refresh_call(token))
    }

    /// Tokens for a user who is signed in in `browser`.
    pub(crate) fn tokens(&self, browser: &Browser<'_>) -> Tokens {
        self.redeem(&self.code(browser)).into()
    }

    pub(crate) fn introspect(&self, token: &str) -> Value {
        self.send("/oauth/introspect", &[("token", token)])
            .expect(200)
            .json()
    }
}
