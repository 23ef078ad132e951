//! `/admin/v1/actors/{kind}/{name}`: how does an actor describe itself, and what can
//! be done to it?
//!
//! A name is read as the typed ids it is made of, and its tenant found in the
//! directory, before any actor is touched: even an empty one costs storage.

use super::{
    acts::{self, Acting},
    place,
    shown::{done, ok},
};
use crate::{
    actors::{
        bucket::{Bucket, Reset},
        directory::Directory,
        jwks::Jwks,
        registry::Registry,
        revocations::Revocations,
        runtime::{Actors, Fault, Party, Recipient, envelope::Command},
        session::{End, Session},
        tenant::{NoteAct, Tenant},
    },
    domain::{
        audit::Event,
        ids::{SessionId, TenantId, from_base32},
        session::EndReason,
    },
    gateway::{
        limit,
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
    let (to, _) = find(visit, kind, name).await?;
    let snapshot = visit.mail.inspect(&to).await?;
    if snapshot.schema.is_none() {
        return Err(no_actor());
    }
    ok(&snapshot)
}

/// What can be done to an actor, what is recorded of it, and to which kind it can
/// be done, if not to all.
const COMMANDS: [(&str, Event, Option<&str>); 5] = [
    ("revoke", Event::ActorRevoked, Some(Session::KIND)),
    ("reset", Event::BucketReset, Some(Bucket::KIND)),
    ("flush", Event::ActorFlushed, None),
    ("revive", Event::ActorRevived, None),
    ("evict", Event::ActorEvicted, None),
];

/// Has an actor do something. Who wanted that and why is recorded before it is
/// done; a bucket tells of its reset itself.
pub(super) async fn command<P: Platform>(
    visit: &Visit<'_, P>,
    (kind, name): (&str, &str),
    command: &str,
    by: &Acting,
) -> Answer {
    let is_meant = |(known, _, of): &&(&str, Event, Option<&str>)| {
        *known == command && of.is_none_or(|of| of == kind)
    };
    let Some(&(_, event, _)) = COMMANDS.iter().find(is_meant) else {
        let detail = "There is no such command for this kind of actor.";
        return Err(Problem::new(404, "unknown-command", detail).into());
    };
    acts::needs_reason(visit)?;
    let (to, tenant) = find(visit, kind, name).await?;
    if !visit.mail.inspect(&to).await?.is_live() {
        return Err(no_actor());
    }
    let done_so = if let Some(bucket) = to.address::<Bucket>().filter(|_| command == "reset") {
        let rest = to.name.split_once('/').map_or("", |(_, rest)| rest);
        let record = Some(by.record(visit, tenant, event, rest)?);
        if let Some((policy, _)) = policy_and_subject(rest) {
            limit::forget_policy(visit, tenant, policy);
        }
        visit.mail.ask(&bucket, Reset { record }).await.map(drop)
    } else {
        let record = by.record(visit, tenant, event, &format!("{kind}/{}", to.name))?;
        let keeper = Tenant::address(tenant);
        visit.mail.ask(&keeper, NoteAct { record }).await?;
        carry_out(visit, &to, event).await
    };
    match done_so {
        Ok(()) => Ok(done()),
        // It went while it was looked at.
        Err(Fault::Absent) => Err(no_actor()),
        Err(fault) => Err(fault.into()),
    }
}

async fn carry_out<P: Platform>(
    visit: &Visit<'_, P>,
    to: &Recipient,
    event: Event,
) -> Result<(), Fault> {
    let command = match (event, to.address::<Session>()) {
        (Event::ActorRevoked, Some(session)) => {
            let end = End {
                why: EndReason::Administrator,
                cookie: None,
                announced: None,
            };
            return visit.mail.ask(&session, end).await.map(drop);
        }
        (Event::ActorFlushed, _) => Command::Flush,
        (Event::ActorRevived, _) => Command::Revive,
        _ => Command::Evict,
    };
    visit.mail.act(to, command).await
}

/// Finds an actor, and the tenant that keeps the records of what is done to it:
/// its own, and of what is of all tenants the platform's.
async fn find<P: Platform>(
    visit: &Visit<'_, P>,
    kind: &str,
    name: &str,
) -> Result<(Recipient, TenantId), Trouble> {
    if kind == Tenant::KIND {
        let tenant = place::find(visit, name).await?.id();
        return Ok(((&Tenant::address(tenant)).into(), tenant));
    }
    let (to, tenant) = recipient(kind, name).ok_or_else(no_actor)?;
    let tenant = match tenant {
        Some(tenant) => place::find(visit, &tenant.to_string()).await?.id(),
        None if visit.home.is_platform => visit.home.id,
        None => return Err(no_actor()),
    };
    Ok((to, tenant))
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
