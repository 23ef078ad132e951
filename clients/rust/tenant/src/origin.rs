//! May secrets be sent there?

use url::{Host, Url};

/// Why a configuration is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigRefusal {
    /// Not an origin such as `https://acme.example`.
    #[error("the issuer is not an origin: scheme, host and perhaps a port")]
    Issuer,
    /// Tokens and secrets would travel in the clear.
    #[error("the issuer must be https, unless it is on this machine")]
    Insecure,
    /// The system's certificate store is empty or unreadable.
    #[error("no root certificates were found")]
    Certificates,
}

/// The issuer as an address, if secrets may be sent there.
///
/// # Errors
/// When `issuer` is not an origin, or one that is reached in the clear.
pub fn origin(issuer: &str) -> Result<Url, ConfigRefusal> {
    let url = Url::parse(issuer).map_err(|_| ConfigRefusal::Issuer)?;
    if url.origin().ascii_serialization() != issuer {
        return Err(ConfigRefusal::Issuer);
    }
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        "http" => Err(ConfigRefusal::Insecure),
        _ => Err(ConfigRefusal::Issuer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_secure_origin() {
        for issuer in [
            "https://acme.example",
            "https://acme.example:8443",
            "http://acme.localhost:8787",
            "http://127.0.0.1:8787",
            "http://[::1]:8787",
        ] {
            assert!(origin(issuer).is_ok(), "{issuer}");
        }
        for issuer in ["http://acme.example", "http://localhost.example"] {
            assert_eq!(origin(issuer), Err(ConfigRefusal::Insecure), "{issuer}");
        }
        for issuer in [
            "",
            "acme.example",
            "https://acme.example/",
            "https://acme.example/x",
            "https://u:p@acme.example",
            "https://acme.example:443",
            "ftp://acme.example",
        ] {
            assert_eq!(origin(issuer), Err(ConfigRefusal::Issuer), "{issuer}");
        }
    }
}
