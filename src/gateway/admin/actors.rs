//! `/admin/v1/actors/{kind}/{name}`: how does an actor describe itself?
//!
//! A name is read as the typed ids it is made of, and its tenant found in the
//! directory, before any actor is touched: even an empty one costs storage.

use super::{place, shown::ok};
use crate::{
    actors::{
        bucket::Bucket,
        directory::Directory,
        jwks::Jwks,
        registry::Registry,
        revocations::Revocations,
        runtime::{Party, Recipient},
        session::Session,
        tenant::Tenant,
    },
    domain::ids::{SessionId, TenantId, from_base32},
    gateway::{
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};

fn no_actor() -> Trouble {
    Problem::new(404, "unknown-actor", "There is no such actor.").into()
}

/// Shows what an actor says of itself. It holds no secret (see
/// [`crate::actors::runtime::inspect::Snapshot`]); its times are milliseconds since the
/// epoch, as actors keep them.
pub(super) async fn inspect<P: Platform>(visit: &Visit<'_, P>, kind: &str, name: &str) -> Answer {
    let to = if kind == Tenant::KIND {
        Recipient::from(&Tenant::address(place::find(visit, name).await?.id()))
    } else {
        let (to, tenant) = recipient(kind, name).ok_or_else(no_actor)?;
        match tenant {
            Some(tenant) => drop(place::find(visit, &tenant.to_string()).await?),
            None if visit.home.is_platform => {}
            None => return Err(no_actor()),
        }
        to
    };
    let snapshot = visit.mail.inspect(&to).await?;
    if snapshot.schema.is_none() {
        return Err(no_actor());
    }
    ok(&snapshot)
}

/// Where a name leads, and the tenant that must exist first.
fn recipient(kind: &str, name: &str) -> Option<(Recipient, Option<TenantId>)> {
    let directory = Directory::address();
    let jwks = Jwks::address();
    match kind {
        Directory::KIND if name == directory.name() => Some(((&directory).into(), None)),
        Jwks::KIND if name == jwks.name() => Some(((&jwks).into(), None)),
        Registry::KIND => {
            let shard = Registry::all().find(|shard| shard.name() == name)?;
            Some(((&shard).into(), None))
        }
        Revocations::KIND => {
            let tenant = TenantId::parse(name).ok()?;
            Some(((&Revocations::address(tenant)).into(), Some(tenant)))
        }
        Session::KIND => {
            let (tenant, session) = name.split_once('/')?;
            let tenant = TenantId::parse(tenant).ok()?;
            let session = SessionId::parse(session).ok()?;
            Some(((&Session::address(tenant, session)).into(), Some(tenant)))
        }
        Bucket::KIND => {
            let (tenant, rest) = name.split_once('/')?;
            let tenant = TenantId::parse(tenant).ok()?;
            let (policy, subject) = policy_and_subject(rest)?;
            let address = Bucket::address(tenant, policy, &subject);
            Some(((&address).into(), Some(tenant)))
        }
        _ => None,
    }
}

fn policy_and_subject(text: &str) -> Option<(&str, [u8; 32])> {
    let (length, rest) = text.split_once(':')?;
    let (policy, subject) = rest.split_at_checked(length.parse().ok()?)?;
    let subject = from_base32(subject.strip_prefix('/')?)?;
    Some((policy, subject.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_actor() {
        let tenant = TenantId::from_bytes([1; 16]);
        let session = Session::address(tenant, SessionId::from_bytes([2; 16]));
        let bucket = Bucket::address(tenant, "sign-in/by:address", &[3; 32]);
        let log = Revocations::address(tenant);
        for (kind, name) in [
            ("session", session.name()),
            ("bucket", bucket.name()),
            ("revocations", log.name()),
        ] {
            let (to, of) = recipient(kind, name).unwrap();
            assert_eq!((to.kind.as_str(), to.name.as_str()), (kind, name));
            assert_eq!(of, Some(tenant));
        }
        assert!(
            recipient("jwks", "jwks").is_some() && recipient("directory", "directory").is_some()
        );
    }

    #[test]
    fn what_is_no_name_leads_nowhere() {
        let tenant = TenantId::from_bytes([1; 16]);
        for (kind, name) in [
            ("jwks", "other"),
            ("registry", "g"),
            ("unknown", "x"),
            ("session", "x/y"),
            ("revocations", "x"),
            ("bucket", &format!("{tenant}/99:x/aa")),
            ("bucket", &format!("{tenant}/1:x/aa")),
            ("bucket", &format!("{tenant}/1:é/aa")),
        ] {
            assert!(recipient(kind, name).is_none(), "{kind} {name}");
        }
    }
}
