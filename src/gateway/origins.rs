//! At which addresses does a tenant issue tokens?

use super::{Gateway, platform::Platform, reach::HOME_MS_MAX, settings::Settings};
use crate::{
    actors::{
        directory::{Directory, FindTenant, TenantFound, TenantKey, TenantRecord},
        runtime::{Actors, Fault, Mail},
    },
    domain::{ids::TenantId, tenant::Slug, time::Timestamp},
};
use std::rc::Rc;

/// The issuers of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins {
    /// Each is an origin at which the tenant answers, its sub-domain's first.
    pub issuers: Vec<String>,
    /// Whether it is the platform itself.
    pub is_platform: bool,
}

/// The issuer of a tenant at its sub-domain; the platform's own is the platform's
/// origin.
#[must_use]
pub fn issuer_of(settings: &Settings, slug: &Slug) -> String {
    if *slug == Slug::platform() {
        return settings.platform_origin();
    }
    let (scheme, domain) = (settings.scheme.as_str(), &settings.platform_domain);
    format!("{scheme}://{slug}.{domain}")
}

impl<P: Platform> Gateway<P> {
    /// The issuers of a tenant, as they were at most [`HOME_MS_MAX`] ago; `None`
    /// when there is no such tenant.
    ///
    /// # Errors
    /// When the directory fails.
    pub(super) async fn origins(
        &self,
        mail: &Mail<P::Transport>,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Option<Rc<Origins>>, Fault> {
        let cache = &self.memory.origins;
        if let Some(known) = cache.find(&tenant, now) {
            return Ok(Some(known));
        }
        let by = TenantKey::Id(tenant);
        let found = match mail.ask(&Directory::address(), FindTenant { by }).await {
            Ok(TenantFound::Found(record)) => record,
            Ok(TenantFound::Missing | TenantFound::Conflict) | Err(Fault::Absent) => {
                return Ok(None);
            }
            Err(fault) => return Err(fault),
        };
        let origins = Rc::new(of(self.platform.settings(), &found));
        cache.put(tenant, Rc::clone(&origins), now.plus(HOME_MS_MAX));
        Ok(Some(origins))
    }
}

/// A hostname is reached without a port, or with the platform's own: see
/// [`super::reach`].
fn of(settings: &Settings, record: &TenantRecord) -> Origins {
    let scheme = settings.scheme.as_str();
    let mut issuers = vec![issuer_of(settings, &record.slug)];
    for name in &record.hostnames {
        issuers.push(format!("{scheme}://{name}"));
        if let Some((_, port)) = settings.platform_domain.split_once(':') {
            issuers.push(format!("{scheme}://{name}:{port}"));
        }
    }
    Origins {
        issuers,
        is_platform: record.slug == Slug::platform(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tenant::Status;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn issuers(domain: &str, slug: Slug) -> Vec<String> {
        let read = |name: &str| match name {
            "PLATFORM_DOMAIN" => Some(domain.to_owned()),
            "MASTER_KEY" => Some(KEY.to_owned()),
            "AUDIENCE" => Some("urn:aero2".to_owned()),
            _ => None,
        };
        let record = TenantRecord {
            id: TenantId::from_bytes([1; 16]),
            slug,
            status: Status::Live,
            created_at: Timestamp::default(),
            hostnames: vec!["login.example".to_owned()],
        };
        of(&Settings::read(&read).unwrap(), &record).issuers
    }

    #[test]
    fn a_tenant_issues_at_its_sub_domain_and_at_its_hostnames() {
        let acme = Slug::parse("acme").unwrap();
        assert_eq!(
            issuers("aero2.example", acme.clone()),
            ["https://acme.aero2.example", "https://login.example"]
        );
        assert_eq!(
            issuers("localhost:8787", acme),
            [
                "http://acme.localhost:8787",
                "http://login.example",
                "http://login.example:8787"
            ]
        );
        let platform = issuers("aero2.example", Slug::platform());
        assert_eq!(platform[0], "https://aero2.example");
    }
}
