//! What has the operator set?
//!
//! Settings are read once, when the first request arrives, and checked there:
//! one that is missing or malformed is named, its value never shown.

use crate::domain::{keys::MasterKeys, secret::Secret, user::Email};
use ::http::HeaderName;

/// The shortest `BOOTSTRAP_CLIENT_SECRET`, in characters: as base64, more than
/// the 128 bits that cannot be guessed.
pub const CLIENT_SECRET_CHARS_MIN: usize = 32;

/// The header that names the client's address unless `CLIENT_IP_HEADER` says
/// otherwise.
const CLIENT_IP_HEADER: &str = "cf-connecting-ip";

/// A setting is missing or malformed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting {name} {why}")]
pub struct SettingsFault {
    /// Which setting.
    pub name: &'static str,
    /// What is wrong with it, without its value.
    pub why: String,
}

/// How browsers reach us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Only on the machine itself: cookies go without `__Host-`.
    Http,
    /// Everywhere else.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// `localhost` and its sub-domains never leave the machine ([RFC 6761 §6.3]).
    ///
    /// [RFC 6761 §6.3]: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
    fn of(authority: &str) -> Self {
        let host = authority
            .split_once(':')
            .map_or(authority, |(host, _)| host);
        if host == "localhost" || host.ends_with(".localhost") {
            Self::Http
        } else {
            Self::Https
        }
    }
}

/// What this deployment is to another identity provider.
#[derive(Clone, Debug)]
pub struct ProviderClient {
    /// Our `client_id` there.
    pub id: String,
    /// Our `client_secret` there.
    pub secret: Secret<String>,
}

/// The deployment's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `PLATFORM_DOMAIN`: the platform's own authority, name and optional
    /// port. Tenants live at its sub-domains.
    pub platform_domain: String,
    /// How the platform and its tenants are reached; follows from the domain.
    pub scheme: Scheme,
    /// `AUDIENCE`: audience of the access tokens the admin API accepts.
    pub audience: String,
    /// `MASTER_KEY` and, while it is being replaced, `MASTER_KEY_PREVIOUS`.
    pub master_keys: MasterKeys,
    /// `BOOTSTRAP_ADMIN_EMAIL`: who gets the first set-up link.
    pub bootstrap_admin_email: Option<Email>,
    /// `BOOTSTRAP_CLIENT_SECRET`: of the client `bootstrap` of the platform.
    pub bootstrap_client_secret: Option<Secret<String>>,
    /// `CLIENT_IP_HEADER`: the one header whose word on the client's address
    /// is taken. Whatever is in front of us has to set it.
    pub client_ip_header: HeaderName,
    /// `CF_ZONE_ID`: the zone in which custom hostnames are made.
    pub cf_zone_id: Option<String>,
    /// `CF_API_TOKEN`: permission to make them.
    pub cf_api_token: Option<Secret<String>>,
    /// `GITHUB_CLIENT_ID` and `GITHUB_CLIENT_SECRET`.
    pub github: Option<ProviderClient>,
    /// `GOOGLE_CLIENT_ID` and `GOOGLE_CLIENT_SECRET`.
    pub google: Option<ProviderClient>,
    /// `OUTBOUND_ALLOW`: authorities we may send to although they are private
    /// and speak no TLS. For tests: only where the platform is on this machine.
    pub outbound_allow: Vec<String>,
    /// `LOG`: which requests the log tells of.
    pub log: Log,
}

/// Which requests the log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// All.
    All,
    /// Those that fail here: unless it is said otherwise, for whoever starts one
    /// on a desk wants to see what fails.
    Errors,
}

/// How settings are looked up by name; an empty one counts as absent.
type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// The platform's own origin.
    #[must_use]
    pub fn platform_origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.platform_domain)
    }

    /// Whether cookies can be `Secure` and carry the `__Host-` prefix.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Reads and checks every setting.
    ///
    /// # Errors
    /// Names the first setting that is missing or malformed.
    pub fn read(read: Read<'_>) -> Result<Self, SettingsFault> {
        let platform_domain = required(read, "PLATFORM_DOMAIN")?;
        if !is_authority(&platform_domain) {
            let why = "is not a host name in lower case with an optional port";
            return Err(malformed("PLATFORM_DOMAIN", why));
        }
        let client_secret = secret(read, "BOOTSTRAP_CLIENT_SECRET");
        if client_secret.as_ref().is_some_and(is_too_short) {
            let why = format!("is shorter than {CLIENT_SECRET_CHARS_MIN} characters");
            return Err(malformed("BOOTSTRAP_CLIENT_SECRET", &why));
        }
        Ok(Self {
            scheme: Scheme::of(&platform_domain),
            audience: required(read, "AUDIENCE")?,
            master_keys: master_keys(read)?,
            bootstrap_admin_email: admin_email(read)?,
            bootstrap_client_secret: client_secret,
            client_ip_header: client_ip_header(read)?,
            cf_zone_id: optional(read, "CF_ZONE_ID"),
            cf_api_token: secret(read, "CF_API_TOKEN"),
            github: provider(read, "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")?,
            google: provider(read, "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET")?,
            outbound_allow: outbound_allow(read, Scheme::of(&platform_domain))?,
            log: log(read)?,
            platform_domain,
        })
    }
}

fn malformed(name: &'static str, why: &str) -> SettingsFault {
    let why = why.to_owned();
    SettingsFault { name, why }
}

fn optional(read: Read<'_>, name: &'static str) -> Option<String> {
    read(name).filter(|value| !value.is_empty())
}

fn required(read: Read<'_>, name: &'static str) -> Result<String, SettingsFault> {
    optional(read, name).ok_or_else(|| malformed(name, "is missing"))
}

fn secret(read: Read<'_>, name: &'static str) -> Option<Secret<String>> {
    optional(read, name).map(Secret::new)
}

fn is_too_short(secret: &Secret<String>) -> bool {
    secret.expose().chars().count() < CLIENT_SECRET_CHARS_MIN
}

fn admin_email(read: Read<'_>) -> Result<Option<Email>, SettingsFault> {
    const NAME: &str = "BOOTSTRAP_ADMIN_EMAIL";
    let parse =
        |text: String| Email::parse(&text).map_err(|_| malformed(NAME, "is not an email address"));
    optional(read, NAME).map(parse).transpose()
}

fn master_keys(read: Read<'_>) -> Result<MasterKeys, SettingsFault> {
    const CURRENT: &str = "MASTER_KEY";
    const PREVIOUS: &str = "MASTER_KEY_PREVIOUS";
    let refused = |name, refusal: crate::domain::keys::MasterKeyRefusal| {
        malformed(name, &refusal.to_string())
    };
    let current = secret(read, CURRENT).ok_or_else(|| malformed(CURRENT, "is missing"))?;
    let previous = secret(read, PREVIOUS);
    // Parsed alone first, so that a refusal names the right one of the two.
    MasterKeys::parse(&current, None).map_err(|refusal| refused(CURRENT, refusal))?;
    MasterKeys::parse(&current, previous.as_ref()).map_err(|refusal| refused(PREVIOUS, refusal))
}

fn client_ip_header(read: Read<'_>) -> Result<HeaderName, SettingsFault> {
    const NAME: &str = "CLIENT_IP_HEADER";
    optional(read, NAME).map_or(Ok(HeaderName::from_static(CLIENT_IP_HEADER)), |header| {
        let refusal = |_| malformed(NAME, "is not the name of a header");
        HeaderName::from_bytes(header.as_bytes()).map_err(refusal)
    })
}

fn outbound_allow(read: Read<'_>, scheme: Scheme) -> Result<Vec<String>, SettingsFault> {
    const NAME: &str = "OUTBOUND_ALLOW";
    let Some(list) = optional(read, NAME) else {
        return Ok(Vec::new());
    };
    if scheme == Scheme::Https {
        return Err(malformed(NAME, "is only for a platform on localhost"));
    }
    let allowed: Vec<String> = list.split(',').map(str::to_owned).collect();
    if !allowed.iter().all(|authority| is_authority(authority)) {
        return Err(malformed(NAME, "is not a list of host:port"));
    }
    Ok(allowed)
}

fn log(read: Read<'_>) -> Result<Log, SettingsFault> {
    const NAME: &str = "LOG";
    match optional(read, NAME).as_deref() {
        Some("all") => Ok(Log::All),
        Some("errors") | None => Ok(Log::Errors),
        Some(_) => Err(malformed(NAME, "is neither all nor errors")),
    }
}

/// Half of a client is a mistake, not a client that is switched off.
fn provider(
    read: Read<'_>,
    id: &'static str,
    secret_name: &'static str,
) -> Result<Option<ProviderClient>, SettingsFault> {
    match (optional(read, id), secret(read, secret_name)) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(ProviderClient { id, secret })),
        (None, Some(_)) => Err(malformed(id, "is missing while its secret is set")),
        (Some(_), None) => Err(malformed(secret_name, "is missing while its id is set")),
    }
}

/// Whether `text` is a host name of lower-case labels, with an optional port.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b == b'-' || b.is_ascii_digit() || b.is_ascii_lowercase())
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number > 0);
    host.len() <= 253 && host.split('.').all(is_label) && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn read(changes: &[(&str, &str)]) -> Result<Settings, SettingsFault> {
        let mut all = BTreeMap::from([
            ("PLATFORM_DOMAIN", "localhost:8787"),
            ("AUDIENCE", "http://localhost:8787/admin"),
            ("MASTER_KEY", KEY),
        ]);
        all.extend(changes.iter().copied());
        Settings::read(&|name| all.get(name).map(|value| (*value).to_owned()))
    }

    fn refused(changes: &[(&str, &str)]) -> String {
        read(changes).unwrap_err().to_string()
    }

    #[test]
    fn three_settings_suffice() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.scheme, Scheme::Http);
        assert_eq!(settings.client_ip_header, "cf-connecting-ip");
        assert!(settings.bootstrap_client_secret.is_none());
        assert!(settings.github.is_none());
    }

    #[test]
    fn only_this_machine_is_reached_without_tls() {
        for (domain, scheme) in [
            ("localhost", Scheme::Http),
            ("aero2.localhost:1", Scheme::Http),
            ("aero2.example", Scheme::Https),
            ("localhost.example:8787", Scheme::Https),
            ("mylocalhost", Scheme::Https),
        ] {
            let settings = read(&[("PLATFORM_DOMAIN", domain)]).unwrap();
            assert_eq!(settings.scheme, scheme, "{domain}");
        }
    }

    #[test]
    fn a_domain_is_an_authority() {
        let long = "a".repeat(64);
        for domain in [
            "https://a.example",
            "a.example/",
            "A.example",
            "a..example",
            "-a.example",
            "a_b",
            "a.example:0",
            "a.example:65536",
            "a.example:",
            "a b",
            &long,
            "user@a.example",
        ] {
            assert!(refused(&[("PLATFORM_DOMAIN", domain)]).starts_with("setting PLATFORM_DOMAIN"));
        }
    }

    #[test]
    fn a_missing_setting_is_named() {
        for name in ["PLATFORM_DOMAIN", "AUDIENCE", "MASTER_KEY"] {
            assert_eq!(refused(&[(name, "")]), format!("setting {name} is missing"));
        }
    }

    #[test]
    fn a_malformed_setting_is_named_and_not_shown() {
        for (name, value) in [
            ("MASTER_KEY", "c2hvcnQ="),
            ("MASTER_KEY_PREVIOUS", "%%%%%"),
            ("MASTER_KEY_PREVIOUS", KEY),
            ("BOOTSTRAP_ADMIN_EMAIL", "nobody"),
            ("BOOTSTRAP_CLIENT_SECRET", "not-long-enough"),
            ("CLIENT_IP_HEADER", "X Forwarded"),
        ] {
            let line = refused(&[(name, value)]);
            assert!(line.starts_with(&format!("setting {name} is ")), "{line}");
            assert!(!line.contains(value) && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn only_a_platform_on_this_machine_sends_to_it() {
        let allow = ("OUTBOUND_ALLOW", "127.0.0.1:4000");
        let line = refused(&[allow, ("PLATFORM_DOMAIN", "auth.example")]);
        assert_eq!(
            line,
            "setting OUTBOUND_ALLOW is only for a platform on localhost"
        );
        assert!(
            refused(&[("OUTBOUND_ALLOW", "127.0.0.1:1,")]).starts_with("setting OUTBOUND_ALLOW")
        );
    }

    #[test]
    fn the_log_tells_of_failures_unless_it_is_to_tell_all() {
        assert_eq!(read(&[]).unwrap().log, Log::Errors);
        assert_eq!(read(&[("LOG", "all")]).unwrap().log, Log::All);
        assert!(refused(&[("LOG", "some")]).starts_with("setting LOG"));
    }

    #[test]
    fn half_a_provider_is_a_mistake() {
        let id = ("GITHUB_CLIENT_ID", "Iv1.0");
        let secret = ("GITHUB_CLIENT_SECRET", "s3cret");
        assert!(refused(&[id]).contains("GITHUB_CLIENT_SECRET"));
        assert!(refused(&[secret]).contains("GITHUB_CLIENT_ID"));
        assert_eq!(read(&[id, secret]).unwrap().github.unwrap().id, "Iv1.0");
    }

    #[test]
    fn no_secret_is_printed_with_the_settings() {
        let secret = "0123456789abcdef0123456789abcdef";
        let settings = read(&[("BOOTSTRAP_CLIENT_SECRET", secret)]).unwrap();
        let printed = format!("{settings:?}");
        assert!(!printed.contains(secret) && !printed.contains(KEY));
    }
}
