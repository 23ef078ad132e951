//! `/admin/v1/actors`, `…/actors/{kind}`: which actors are there?
//!
//! Nobody can list everything: the kind comes first, and of kinds that a tenant
//! has many of, the tenant. All shards are asked at once for the same range of
//! names, and their answers merged.

use super::{
    page::{self, List},
    place,
    shown::{Instant, ok},
};
use crate::{
    actors::{
        bucket::Bucket,
        directory::{Directory, ReadCounts},
        jwks::Jwks,
        registry::{self, Count, CountActors, Entry, Registry, SHARDS},
        revocations::Revocations,
        runtime::{Actors, Ask, Fault, Party},
        session::Session,
        tenant::Tenant,
    },
    domain::oauth::OAuthError,
    gateway::{
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use futures::future::join_all;
use serde::Serialize;

/// Kinds that the registry knows, and whether a tenant has many of each.
pub(super) const KINDS: [(&str, bool); 4] = [
    (Bucket::KIND, true),
    (Revocations::KIND, false),
    (Session::KIND, true),
    (Tenant::KIND, false),
];

/// Kinds whose actors are always the same, with their names.
const FIXED: [(&str, &[&str]); 3] = [
    (Directory::KIND, &["directory"]),
    (Jwks::KIND, &["jwks"]),
    (Registry::KIND, &SHARDS),
];

/// An actor as an operator finds it.
#[derive(Serialize)]
struct Shown<'a> {
    kind: &'a str,
    name: &'a str,
    tenant: Option<&'a str>,
    state: &'static str,
    born_at: Option<Instant>,
    ended_at: Option<Instant>,
}

/// Says how many actors there are of each kind, at one tenant if the query
/// names one.
pub(super) async fn counts<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let owner = tenant(visit).await?;
    let items = if owner.is_some() {
        let asked = everywhere(visit, || CountActors {
            owner: owner.clone(),
        });
        Count::sum(asked.await?.into_iter().flatten())
    } else {
        let mut items = visit.mail.ask(&Directory::address(), ReadCounts).await?;
        items.extend(FIXED.map(|(kind, names)| Count {
            kind: kind.to_owned(),
            live: u32::try_from(names.len()).unwrap_or(u32::MAX),
            ended: 0,
        }));
        items
    };
    ok(&List {
        items,
        next_cursor: None,
    })
}

/// Lists actors of one kind.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, kind: &str) -> Answer {
    let wanted = page::wanted(visit)?;
    let is_live = match param(visit, "state")?.as_deref() {
        None => None,
        Some("live") => Some(true),
        Some("ended") => Some(false),
        Some(_) => {
            let detail = "state must be live or ended.";
            return Err(Problem::new(400, "invalid-state", detail).into());
        }
    };
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let prefix = param(visit, "prefix")?.unwrap_or_default();
    let after = wanted.after.as_deref();
    let mut found = match KINDS.iter().find(|(known, _)| *known == kind) {
        Some((_, has_many)) => {
            let prefix = begins(tenant(visit).await?.as_deref(), *has_many, prefix)?;
            let asked = everywhere(visit, || registry::List {
                kind: kind.to_owned(),
                is_live,
                prefix: prefix.clone(),
                after: wanted.after.clone(),
                limit: wanted.limit,
            });
            asked.await?.concat()
        }
        None if !visit.home.is_platform => return Err(unknown_kind()),
        None => fixed(kind)?
            .filter(|name| name.starts_with(&prefix) && after.is_none_or(|after| *name > after))
            .filter(|_| is_live != Some(false))
            .map(|name| Entry {
                name: name.to_owned(),
                ..Entry::default()
            })
            .collect(),
    };
    found.sort();
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| has_more);
    let next_cursor = last.map(|last| page::cursor(&last.name));
    let items = found.iter().map(|entry| shown(kind, entry));
    ok(&List {
        items: items.collect(),
        next_cursor,
    })
}

/// What the names begin with that are asked for.
///
/// # Errors
/// 400 when they would be those of all tenants, of a kind that each has many of.
pub(super) fn begins(
    tenant: Option<&str>,
    has_many: bool,
    prefix: String,
) -> Result<String, Trouble> {
    match tenant {
        Some(tenant) if has_many => Ok(format!("{tenant}/{prefix}")),
        Some(tenant) => Ok(tenant.to_owned()),
        None if has_many => {
            let detail = "tenant must name the tenant whose actors are meant.";
            Err(Problem::new(400, "tenant-required", detail).into())
        }
        None => Ok(prefix),
    }
}

fn shown<'a>(kind: &'a str, entry: &'a Entry) -> Shown<'a> {
    let is_listed = entry.born_at.or(entry.ended_at).is_some();
    let is_live = !is_listed || entry.is_live();
    Shown {
        kind,
        name: &entry.name,
        tenant: is_listed.then(|| registry::owner(&entry.name)),
        state: if is_live { "live" } else { "ended" },
        born_at: entry.born_at.map(Instant),
        ended_at: entry.ended_at.filter(|_| !is_live).map(Instant),
    }
}

fn fixed(kind: &str) -> Result<impl Iterator<Item = &'static str>, Trouble> {
    let found = FIXED.iter().find(|(known, _)| *known == kind);
    let (_, names) = found.ok_or_else(unknown_kind)?;
    Ok(names.iter().copied())
}

pub(super) fn unknown_kind() -> Trouble {
    Problem::new(404, "unknown-kind", "There is no such kind of actor.").into()
}

/// A parameter of the query.
fn param<P: Platform>(visit: &Visit<'_, P>, name: &'static str) -> Result<Option<String>, Trouble> {
    let query = visit.query()?;
    let value = query.one(name).map_err(OAuthError::from)?;
    Ok(value.map(str::to_owned))
}

/// The id of the tenant whose actors are asked for: the one that the query
/// names, and at a tenant's own origin that one and no other.
pub(super) async fn tenant<P: Platform>(visit: &Visit<'_, P>) -> Result<Option<String>, Trouble> {
    let named = match param(visit, "tenant")? {
        Some(name) => Some(place::find(visit, &name).await?.id()),
        None => None,
    };
    let own = (!visit.home.is_platform).then_some(visit.home.id);
    Ok(named.or(own).map(|id| id.to_string()))
}

/// Asks every shard at once. One that nobody has told anything has nothing to
/// say.
pub(super) async fn everywhere<P: Platform, Q: Ask<Party = Registry, Answer = Vec<T>>, T>(
    visit: &Visit<'_, P>,
    question: impl Fn() -> Q,
) -> Result<Vec<Vec<T>>, Trouble> {
    let asked = Registry::all().map(|shard| {
        let question = question();
        async move {
            match visit.mail.ask(&shard, question).await {
                Err(Fault::Absent) => Ok(Vec::new()),
                answered => answered,
            }
        }
    });
    let answers: Result<Vec<_>, Fault> = join_all(asked).await.into_iter().collect();
    Ok(answers?)
}
