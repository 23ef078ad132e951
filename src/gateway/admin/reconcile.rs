//! `/admin/v1/actors/{kind}/reconcile`: does the registry say what is?
//!
//! A page at a time. First whom the tenant's index of sessions names, or the
//! directory, then whom the registry takes to live: each actor is asked itself.
//! One that lives and is not known is added, one that is known and does not live
//! has ended. What an outbox has still to tell changes nothing of that later.

use super::{
    acts::Acting,
    page,
    registry::{KINDS, begins, everywhere, tenant, unknown_kind},
    shown::ok,
};
use crate::{
    actors::{
        bucket::Bucket,
        directory::{Directory, ListTenants},
        registry::{self, Entry, Find, Note, Registry},
        runtime::{Actors, Fault, Party, Recipient},
        session::Session,
        tenant::{NoteAct, Tenant, WalkSessions},
    },
    domain::{
        audit::Event,
        ids::{SessionId, TenantId},
        tenant::Slug,
    },
    gateway::{
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use futures::future::join_all;
use serde::Serialize;

/// Actors looked at in one call: with what is asked about each, a quarter of the
/// requests that the platform lets one request make.
const LOOKED_MAX: u32 = 50;

/// What a cursor begins with: where the walk is.
const INDEX: char = 'i';
const REGISTER: char = 'r';

#[derive(Serialize)]
struct Reconciled {
    looked: usize,
    added: usize,
    ended: usize,
    next_cursor: Option<String>,
}

/// Compares a page, and puts right what is wrong.
pub(super) async fn run<P: Platform>(visit: &Visit<'_, P>, kind: &str, by: &Acting) -> Answer {
    let known = KINDS.iter().find(|(known, _)| *known == kind);
    let (kind, has_many) = *known.ok_or_else(unknown_kind)?;
    let wanted = page::wanted(visit)?;
    let (stage, after) = match wanted.after.as_deref() {
        None => (INDEX, None),
        Some(cursor) => {
            let mut rest = cursor.chars();
            let stage = rest
                .next()
                .filter(|stage| [INDEX, REGISTER].contains(stage));
            let after = Some(rest.as_str()).filter(|after| !after.is_empty());
            (stage.ok_or_else(page::bad_cursor)?, after)
        }
    };
    let tenant = tenant(visit).await?;
    let prefix = begins(tenant.as_deref(), has_many, String::new())?;
    let of = tenant.as_deref().and_then(|id| TenantId::parse(id).ok());
    let keeper = of.unwrap_or(visit.home.id);
    let record = by.record(visit, keeper, Event::ActorReconciled, kind)?;
    let note = NoteAct { record };
    visit.mail.ask(&Tenant::address(keeper), note).await?;

    let (names, next) = if stage == INDEX {
        let (names, next) = of_index(visit, kind, of, after).await?;
        let next = next.map_or(REGISTER.to_string(), |next| format!("{INDEX}{next}"));
        (names, Some(next))
    } else {
        let (names, next) = of_register(visit, kind, &prefix, after).await?;
        (names, next.map(|next| format!("{REGISTER}{next}")))
    };
    let compared = join_all(names.iter().map(|name| compare(visit, kind, name))).await;
    let compared: Result<Vec<Option<bool>>, Fault> = compared.into_iter().collect();
    let compared = compared?;
    let count = |what| compared.iter().filter(|done| **done == Some(what)).count();
    ok(&Reconciled {
        looked: names.len(),
        added: count(true),
        ended: count(false),
        next_cursor: next.as_ref().map(page::cursor),
    })
}

/// Whom somebody else than the registry names, and after what the next page
/// begins. Nobody names all buckets.
async fn of_index<P: Platform>(
    visit: &Visit<'_, P>,
    kind: &str,
    tenant: Option<TenantId>,
    after: Option<&str>,
) -> Result<(Vec<String>, Option<String>), Trouble> {
    match (kind, tenant) {
        (Bucket::KIND, _) => Ok((Vec::new(), None)),
        (Session::KIND, Some(tenant)) => {
            let after = after.map(SessionId::parse).transpose();
            let walk = WalkSessions {
                after: after.map_err(|_| page::bad_cursor())?,
                limit: LOOKED_MAX,
            };
            let ids = visit.mail.ask(&Tenant::address(tenant), walk).await?;
            let is_full = u32::try_from(ids.len()).is_ok_and(|count| count >= LOOKED_MAX);
            let next = ids.last().filter(|_| is_full).map(ToString::to_string);
            let name = |id: &SessionId| Session::address(tenant, *id).name().to_owned();
            Ok((ids.iter().map(name).collect(), next))
        }
        (_, Some(tenant)) => Ok((vec![tenant.to_string()], None)),
        (_, None) => {
            let after = after.map(Slug::parse).transpose();
            let list = ListTenants {
                prefix: String::new(),
                after: after.map_err(|_| page::bad_cursor())?,
                limit: LOOKED_MAX,
            };
            let page = visit.mail.ask(&Directory::address(), list).await?;
            let names = page.items.iter().map(|record| record.id.to_string());
            Ok((names.collect(), page.next.map(|slug| slug.to_string())))
        }
    }
}

/// Whom the registry takes to live, and after whom the next page begins.
async fn of_register<P: Platform>(
    visit: &Visit<'_, P>,
    kind: &str,
    prefix: &str,
    after: Option<&str>,
) -> Result<(Vec<String>, Option<String>), Trouble> {
    let limit = LOOKED_MAX;
    let asked = everywhere(visit, || registry::List {
        kind: kind.to_owned(),
        is_live: Some(true),
        prefix: prefix.to_owned(),
        after: after.map(str::to_owned),
        limit,
    });
    let mut names: Vec<String> = asked
        .await?
        .into_iter()
        .flatten()
        .map(|entry| entry.name)
        .collect();
    names.sort();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = names.len() > limit;
    names.truncate(limit);
    let next = names.last().filter(|_| has_more).cloned();
    Ok((names, next))
}

/// Asks an actor whether it lives, and tells the registry when that does not know:
/// `true` that it was added, `false` that it has ended.
async fn compare<P: Platform>(
    visit: &Visit<'_, P>,
    kind: &str,
    name: &str,
) -> Result<Option<bool>, Fault> {
    let (kind, name) = (kind.to_owned(), name.to_owned());
    let shard = Registry::address(&kind, &name);
    let who = Recipient {
        kind: kind.clone(),
        name: name.clone(),
    };
    let snapshot = visit.mail.inspect(&who).await?;
    let (is_live, born_at) = (snapshot.is_live(), snapshot.born_at);
    let find = Find {
        kind: kind.clone(),
        names: vec![name.clone()],
    };
    let known = match visit.mail.ask(&shard, find).await {
        Err(Fault::Absent) => None,
        found => found?.pop(),
    };
    if known.as_ref().is_some_and(Entry::is_live) == is_live {
        return Ok(None);
    }
    // What begins from now on is later than the end that is told here.
    let at = match (is_live, &known) {
        (false, _) => visit.now.plus(-1),
        (true, None) => born_at.unwrap_or(visit.now),
        (true, Some(_)) => visit.now,
    };
    let note = Note {
        kind,
        name,
        at,
        is_birth: is_live,
    };
    visit.mail.ask(&shard, note).await?;
    Ok(Some(is_live))
}
