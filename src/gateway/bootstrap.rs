//! Does the platform itself exist?
//!
//! Its tenant, the client for automation and the first administrator's
//! invitation follow from the operator's settings (DESIGN §8). The first request
//! of an isolate that needs them makes sure of them; a deployment has no other
//! moment of birth.

use super::{Gateway, log::Level, platform::Platform, settings::Settings, trouble::Trouble};
use crate::{
    actors::{
        directory::{Directory, EnsurePlatform, TenantFound},
        runtime::{Actors, Fault, Mail},
        tenant::{EnsureBootstrap, Found, Tenant},
    },
    domain::{
        ids::TenantId,
        oauth::{
            Client, ClientId, Scopes, ValidMetadata, client::AuthMethod, grant::GrantType,
            scope::Scope,
        },
        secret::TokenDigest,
        tenant::{Slug, TenantSettings},
        time::Timestamp,
        token::opaque::SetupToken,
        user::Email,
    },
};

/// The client that [`Settings::bootstrap_client_secret`] brings into being.
const CLIENT: &str = "bootstrap";

/// What people are shown of the platform's own tenant.
const NAME: &str = "aero2";

/// Whether a request to `host` needs [`ensure`] first: one look at a flag once
/// it is done.
pub(super) fn is_due<P: Platform>(gateway: &Gateway<P>, host: &str) -> bool {
    let is_platform = || host.eq_ignore_ascii_case(&gateway.platform.settings().platform_domain);
    !gateway.memory.is_bootstrapped.get() && is_platform()
}

/// Makes sure that the built-in tenant, its client and the first
/// administrator's invitation exist, once per isolate. Logs the invitation's
/// link as long as nobody has used it.
///
/// # Errors
/// When the directory or the platform's tenant fails.
pub async fn ensure<P: Platform>(
    gateway: &Gateway<P>,
    mail: &Mail<P::Transport>,
) -> Result<(), Trouble> {
    let memory = &gateway.memory;
    if memory.is_bootstrapped.get() {
        return Ok(());
    }
    let settings = gateway.platform.settings();
    let wanted = EnsurePlatform {
        id: TenantId::generate(&mut gateway.platform.entropy()),
        settings: Box::new(first_settings()),
    };
    let TenantFound::Found(record) = mail.ask(&Directory::address(), wanted).await? else {
        return Err(Fault::Corrupt("the directory will not have the platform's tenant").into());
    };
    let tenant = Tenant::address(record.id);
    // The directory's own news may still be on its way; again, it changes nothing.
    let found = Found {
        id: record.id,
        slug: Slug::platform(),
        settings: Box::new(first_settings()),
    };
    mail.ask(&tenant, found).await?;
    let invitation = invitation(settings);
    let wanted = EnsureBootstrap {
        client: client(settings)?.map(Box::new),
        setup: invitation
            .as_ref()
            .map(|(email, token)| (email.clone(), token.digest())),
    };
    let answer = mail.ask(&tenant, wanted).await?;
    if memory.is_bootstrapped.replace(true) {
        return Ok(());
    }
    gateway.forget(record.id);
    if let Some((_, token)) = invitation.filter(|_| answer.awaits_setup) {
        // For a person, who opens it: the one line that is no JSON.
        let line = format!(
            "set up the first administrator: {}/setup?token={}",
            settings.platform_origin(),
            token.reveal().expose()
        );
        gateway.platform.log(Level::Info, &line);
    }
    Ok(())
}

/// Operators are invited, they do not sign up.
fn first_settings() -> TenantSettings {
    TenantSettings {
        name: NAME.to_owned(),
        signup_enabled: false,
        ..TenantSettings::default()
    }
}

fn invitation(settings: &Settings) -> Option<(Email, SetupToken)> {
    let email = settings.bootstrap_admin_email.clone()?;
    let token = SetupToken::inviting(&email, &settings.master_keys);
    Some((email, token))
}

/// The client `bootstrap`, when the operator wants one. It can do one thing:
/// get tokens for the admin API.
fn client(settings: &Settings) -> Result<Option<Client>, Fault> {
    let Some(secret) = &settings.bootstrap_client_secret else {
        return Ok(None);
    };
    let id = ClientId::parse(CLIENT);
    let id = id.map_err(|_| Fault::Corrupt("the bootstrap client's name is none"))?;
    let metadata = ValidMetadata {
        client_name: Some("Bootstrap".to_owned()),
        grant_types: vec![GrantType::ClientCredentials],
        response_types: Vec::new(),
        token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
        scope: Scopes::of([Scope::ADMIN]),
        ..ValidMetadata::default()
    };
    // Of no particular time: the same settings are the same client.
    let mut client = Client::new(id, metadata, Timestamp::default());
    client.secret_digest = Some(TokenDigest::of(secret.expose().as_bytes()));
    Ok(Some(client))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn settings() -> Settings {
        let read = |name: &str| {
            let value = match name {
                "PLATFORM_DOMAIN" => "localhost:8787",
                "AUDIENCE" => "urn:x",
                "MASTER_KEY" => "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "BOOTSTRAP_ADMIN_EMAIL" => "root@example.com",
                "BOOTSTRAP_CLIENT_SECRET" => SECRET,
                _ => return None,
            };
            Some(value.to_owned())
        };
        Settings::read(&read).unwrap()
    }

    #[test]
    fn the_first_settings_are_valid() {
        assert_eq!(first_settings().validate(), Ok(()));
        assert!(!first_settings().signup_enabled);
    }

    #[test]
    fn the_bootstrap_client_gets_admin_tokens_for_itself_and_nothing_else() {
        let client = client(&settings()).unwrap().unwrap();
        assert_eq!(
            client.secret_digest,
            Some(TokenDigest::of(SECRET.as_bytes())),
            "compared as a secret made here is"
        );
        assert!(
            client
                .check_grant_type(GrantType::ClientCredentials)
                .is_ok()
        );
        assert!(
            client
                .check_grant_type(GrantType::AuthorizationCode)
                .is_err()
        );
        assert_eq!(client.scopes_for_itself(None), Ok(Scopes::of(["admin"])));
    }

    #[test]
    fn what_is_not_set_does_not_exist() {
        let bare = Settings {
            bootstrap_admin_email: None,
            bootstrap_client_secret: None,
            ..settings()
        };
        assert_eq!(client(&bare).unwrap(), None);
        assert!(invitation(&bare).is_none());
    }
}
