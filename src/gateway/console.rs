//! What is the console, as a client?
//!
//! Every tenant has it, and no tenant keeps a row for it: what it may do follows
//! from the issuer alone. It is ours, so nobody is asked for consent; it may ask
//! for scope `admin`, which a user's token has only while the user is an
//! administrator (see [`super::operator`]). Its tokens are for the admin API
//! unless it says otherwise.

use super::visit::Home;
use crate::{
    actors::tenant::CONSOLE_CLIENT,
    domain::{
        keys::Algorithm,
        oauth::{
            Client, ClientId, RedirectUri, Scopes, ValidMetadata, client::AuthMethod,
            grant::GrantType, scope::Scope,
        },
        time::Timestamp,
    },
};

/// Where the console is, under the issuer.
const PATH: &str = "/admin";

/// The audience of the admin API of a tenant; the platform's own is the
/// operator's `AUDIENCE`.
#[must_use]
pub fn audience(home: &Home, of_platform: &str) -> String {
    if home.is_platform {
        of_platform.to_owned()
    } else {
        home.url(PATH)
    }
}

/// The console's client at an issuer, when that is what the id names; `None` also
/// where no redirect may lead, because the issuer is neither https nor local.
#[must_use]
pub fn client(home: &Home, id: &ClientId) -> Option<Client> {
    if id.as_str() != CONSOLE_CLIENT {
        return None;
    }
    let metadata = ValidMetadata {
        client_name: Some("Console".to_owned()),
        redirect_uris: vec![RedirectUri::parse(&home.url("/admin/callback")).ok()?],
        post_logout_redirect_uris: vec![RedirectUri::parse(&home.url(PATH)).ok()?],
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        token_endpoint_auth_method: AuthMethod::None,
        scope: Scopes::of([Scope::OPENID, Scope::PROFILE, Scope::EMAIL, Scope::ADMIN]),
        // Every tenant has the key at no cost, and the console reads what it asks for.
        id_token_signed_response_alg: Algorithm::EdDsa,
        skip_consent: true,
        ..ValidMetadata::default()
    };
    Some(Client::new(id.clone(), metadata, Timestamp::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ids::TenantId, tenant::Slug};

    fn home(issuer: &str, is_platform: bool) -> Home {
        Home {
            id: TenantId::from_bytes([1; 16]),
            slug: Slug::parse("acme").unwrap(),
            issuer: issuer.to_owned(),
            is_platform,
        }
    }

    #[test]
    fn the_console_returns_to_its_own_issuer_and_is_public() {
        let id = ClientId::parse(CONSOLE_CLIENT).unwrap();
        for issuer in ["https://acme.aero2.example", "http://acme.localhost:8787"] {
            let client = client(&home(issuer, false), &id).unwrap();
            let to = format!("{issuer}/admin/callback");
            assert_eq!(client.metadata.redirect_uris[0].as_str(), to);
            assert!(client.is_public() && client.needs_pkce() && client.may_refresh());
        }
        assert!(client(&home("http://acme.example", false), &id).is_none());
        let other = ClientId::parse("consolex").unwrap();
        assert!(client(&home("https://acme.example", false), &other).is_none());
    }

    #[test]
    fn the_audience_is_the_tenants_own_or_the_operators() {
        let of = |is_platform| audience(&home("https://a.example", is_platform), "urn:x");
        assert_eq!(of(true), "urn:x");
        assert_eq!(of(false), "https://a.example/admin");
    }
}
