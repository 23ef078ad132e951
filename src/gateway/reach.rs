//! Which tenant does a host name?

use super::{
    Gateway,
    platform::Platform,
    trouble::{Problem, Trouble},
    visit::Home,
};
use crate::{
    actors::{
        directory::{Directory, FindTenant, TenantFound, TenantKey, TenantRecord},
        runtime::{Actors, Fault, Mail},
    },
    domain::{
        tenant::{Hostname, Slug, Status},
        time::{SECOND_MS, Timestamp},
    },
};
use std::rc::Rc;

/// How long an isolate goes on knowing where a tenant lives.
pub const HOME_MS_MAX: i64 = 60 * SECOND_MS;

/// How long it goes on knowing that there is none: long enough to take a flood
/// of made-up names off the directory, short enough that a tenant created
/// elsewhere is not missed.
pub const NOBODY_MS_MAX: i64 = 2 * SECOND_MS;

/// The longest host name ([RFC 1035 §2.3.4]) with a port.
///
/// [RFC 1035 §2.3.4]: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
const HOST_BYTES_MAX: usize = 253 + 6;

/// What is known of a host.
#[derive(Clone, Debug)]
pub enum Known {
    /// A tenant that answers lives there.
    Home(Rc<Home>),
    /// The tenant that lives there has been suspended.
    Suspended,
    /// Nobody lives there.
    Nobody,
}

impl<P: Platform> Gateway<P> {
    /// Finds the tenant a request's host names. No actor of the tenant is
    /// touched before the directory has said that it exists.
    ///
    /// # Errors
    /// 404 when there is none, 403 when it is suspended, or a fault.
    pub async fn home(
        &self,
        host: &str,
        mail: &Mail<P::Transport>,
        now: Timestamp,
    ) -> Result<Rc<Home>, Trouble> {
        let nobody = || Problem::new(404, "unknown-tenant", "There is no such tenant here.").into();
        if host.is_empty() || host.len() > HOST_BYTES_MAX {
            return Err(nobody());
        }
        let host = host.to_ascii_lowercase();
        let known = match self.memory.homes.find(&host, now) {
            Some(known) => known,
            None => self.ask_directory(&host, mail, now).await?,
        };
        match known {
            Known::Home(home) => Ok(home),
            Known::Nobody => Err(nobody()),
            Known::Suspended => {
                let detail = "This tenant has been suspended.";
                Err(Problem::new(403, "tenant-suspended", detail).into())
            }
        }
    }

    async fn ask_directory(
        &self,
        host: &str,
        mail: &Mail<P::Transport>,
        now: Timestamp,
    ) -> Result<Known, Fault> {
        let Some(by) = self.key_of(host) else {
            return Ok(Known::Nobody);
        };
        let found = match mail.ask(&Directory::address(), FindTenant { by }).await {
            Err(Fault::Absent) => TenantFound::Missing,
            answered => answered?,
        };
        let known = match found {
            TenantFound::Found(record) => self.known(host, record),
            TenantFound::Missing | TenantFound::Conflict => Known::Nobody,
        };
        let life = if matches!(known, Known::Home(_)) {
            HOME_MS_MAX
        } else {
            NOBODY_MS_MAX
        };
        self.memory
            .homes
            .put(host.to_owned(), known.clone(), now.plus(life));
        Ok(known)
    }

    fn key_of(&self, host: &str) -> Option<TenantKey> {
        let domain = &self.platform.settings().platform_domain;
        if host == domain {
            return Some(TenantKey::Slug(Slug::platform()));
        }
        match host
            .strip_suffix(domain.as_str())
            .and_then(|host| host.strip_suffix('.'))
        {
            // The platform's own tenant has one address, and so one issuer.
            Some(Slug::PLATFORM) => None,
            Some(label) => Slug::parse(label).ok().map(TenantKey::Slug),
            None => hostname(host, domain).map(TenantKey::Hostname),
        }
    }

    fn known(&self, host: &str, record: TenantRecord) -> Known {
        match record.status {
            Status::Deleting => Known::Nobody,
            Status::Suspended => Known::Suspended,
            Status::Live => {
                let scheme = self.platform.settings().scheme.as_str();
                Known::Home(Rc::new(Home {
                    id: record.id,
                    is_platform: record.slug == Slug::platform(),
                    slug: record.slug,
                    issuer: format!("{scheme}://{host}"),
                }))
            }
        }
    }
}

/// The name in an authority that may be a tenant's own: without port, or with the
/// platform's. Any other would make an issuer nobody has set up.
fn hostname(host: &str, platform_domain: &str) -> Option<String> {
    let port = platform_domain.split_once(':').map(|(_, port)| port);
    let before = |port| host.strip_suffix(port)?.strip_suffix(':');
    let name = port.and_then(before).unwrap_or(host);
    Hostname::parse(name).ok().map(|name| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::hostname;

    #[test]
    fn a_tenants_own_name_has_no_port_but_the_platforms() {
        let name = |host| hostname(host, "localhost:8787");
        assert_eq!(name("login.example").unwrap(), "login.example");
        assert_eq!(name("login.example:8787").unwrap(), "login.example");
        for host in ["login.example:1", "login.example:", "[::1]:8787"] {
            assert_eq!(name(host), None, "{host}");
        }
        assert_eq!(hostname("login.example:443", "aero2.example"), None);
    }
}
