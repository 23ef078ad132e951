//! Which tenant does a path name?

use crate::{
    actors::{
        directory::{Directory, FindTenant, TenantFound, TenantKey, TenantRecord},
        runtime::{Actors, Address, Ask, Fault},
        tenant::Tenant,
    },
    domain::{
        ids::TenantId,
        tenant::{Slug, Status},
    },
    gateway::{
        platform::Platform,
        trouble::{Problem, Trouble},
        visit::{Home, Visit},
    },
};

/// Seconds until a tenant that was just created answers.
const FOUNDING_S: i64 = 1;

/// A tenant that exists and is not being deleted.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) record: TenantRecord,
}

/// The refusal of a name that no tenant has.
pub(super) fn no_tenant() -> Trouble {
    Problem::new(404, "unknown-tenant", "There is no such tenant.").into()
}

/// Finds a tenant by slug or id. The directory is asked every time: an operator
/// sees what is, not what an isolate remembers. At a tenant's own origin there is
/// no other, whether one of that name exists or not.
///
/// # Errors
/// 404 when there is none, or it is being deleted; or a fault.
pub(super) async fn find<P: Platform>(visit: &Visit<'_, P>, name: &str) -> Result<Place, Trouble> {
    let by = key_of(name).filter(|by| is_in_sight(&visit.home, by));
    let by = by.ok_or_else(no_tenant)?;
    match visit
        .mail
        .ask(&Directory::address(), FindTenant { by })
        .await?
    {
        TenantFound::Found(record) if record.status != Status::Deleting => {
            visit.about.set(Some(record.id));
            Ok(Place { record })
        }
        _ => Err(no_tenant()),
    }
}

fn is_in_sight(home: &Home, by: &TenantKey) -> bool {
    home.is_platform
        || match by {
            TenantKey::Id(id) => *id == home.id,
            TenantKey::Slug(slug) => *slug == home.slug,
            TenantKey::Hostname(_) => false,
        }
}

/// Refuses what is for operators of the platform to say, whoever else may ask.
///
/// # Errors
/// 403 at a tenant's own origin.
pub(super) fn only_operators<P: Platform>(visit: &Visit<'_, P>) -> Result<(), Trouble> {
    if visit.home.is_platform {
        return Ok(());
    }
    let detail = "Only an operator of the platform may do that.";
    Err(Problem::new(403, "operators-only", detail).into())
}

/// An id has an underscore, a slug never has.
fn key_of(name: &str) -> Option<TenantKey> {
    let id = TenantId::parse(name).ok().map(TenantKey::Id);
    id.or_else(|| Slug::parse(name).ok().map(TenantKey::Slug))
}

/// What is told when a tenant's actor does not answer: it may be that the
/// directory's news of the founding has not reached it yet.
pub(super) fn untold(fault: Fault) -> Trouble {
    let Fault::Absent = fault else {
        return fault.into();
    };
    let detail = "The tenant is still being set up.";
    let problem = Problem::new(503, "tenant-not-ready", detail);
    let retry_after_s = Some(FOUNDING_S);
    Problem {
        retry_after_s,
        ..problem
    }
    .into()
}

impl Place {
    /// The tenant's id.
    pub(super) const fn id(&self) -> TenantId {
        self.record.id
    }

    /// Asks the tenant's actor.
    ///
    /// # Errors
    /// 503 when the directory's news of the founding has not reached it yet, or
    /// a fault.
    pub(super) async fn ask<P: Platform, Q: Ask<Party = Tenant>>(
        &self,
        visit: &Visit<'_, P>,
        question: Q,
    ) -> Result<Q::Answer, Trouble> {
        let address: Address<Tenant> = Tenant::address(self.id());
        match visit.mail.ask(&address, question).await {
            Err(fault) => Err(untold(fault)),
            Ok(answer) => Ok(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_named_by_slug_or_id() {
        let id = TenantId::from_bytes([3; 16]);
        assert!(matches!(key_of(&id.to_string()), Some(TenantKey::Id(found)) if found == id));
        assert!(matches!(key_of("acme"), Some(TenantKey::Slug(_))));
        assert!(key_of("tnt_x").is_none() && key_of("ACME").is_none() && key_of("").is_none());
    }
}
