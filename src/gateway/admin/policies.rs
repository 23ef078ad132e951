//! `/admin/v1/tenants/{tenant}/policies`: which rate limits has a tenant laid down?
//!
//! Documents are as [`crate::domain::limit::policy`] reads them, with `version` and
//! `updated_at` on top, which are ours to say. Every change is recorded, with the
//! `reason` that the query may give.

use super::{
    acts::Acting,
    body::{self, unprocessable},
    page::{self, List},
    place,
    shown::{Instant, created, done, ok},
};
use crate::{
    actors::tenant::{
        ChangePolicy, CreatePolicy, DeletePolicy, ListPolicies, PolicyRead, ReadPolicy, ReadUsage,
    },
    domain::{
        audit::Event,
        limit::{
            Name,
            policy::{Enacted, Policy},
            usage::Counts,
        },
        oauth::OAuthError,
        time::{HOUR_MS, Timestamp},
    },
    gateway::{
        limit,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Hours of usage that are shown when nobody says, and at most.
const HOURS: (i64, i64) = (1, 24);

/// A policy as an operator sees it.
fn shown(enacted: &Enacted) -> Map<String, Value> {
    let mut members = enacted.policy.document();
    members.insert("version".to_owned(), enacted.version.into());
    let updated_at = Instant(enacted.updated_at).text();
    members.insert("updated_at".to_owned(), updated_at.into());
    members
}

pub(super) fn no_policy() -> Trouble {
    Problem::new(404, "unknown-policy", "The tenant has no such policy.").into()
}

fn conflict(detail: &str) -> Trouble {
    Problem::new(409, "policy-conflict", detail).into()
}

/// What a name cannot be, no policy has.
fn named(name: &str) -> Result<Name, Trouble> {
    Name::parse(name).ok_or_else(no_policy)
}

fn found(read: PolicyRead) -> Result<Enacted, Trouble> {
    match read {
        PolicyRead::Found(policy) => Ok(*policy),
        PolicyRead::Missing => Err(no_policy()),
        PolicyRead::Taken => Err(conflict("A policy of this name is there.")),
        PolicyRead::TooMany => Err(conflict("The tenant has no room for another policy.")),
        PolicyRead::Refused(why) => Err(unprocessable("invalid-policy", why)),
    }
}

/// Lists a tenant's policies by name.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, tenant: &str) -> Answer {
    let wanted = page::wanted(visit)?;
    let ask = ListPolicies {
        after: wanted.after_as(|text| Name::parse(text).ok_or(()))?,
        limit: wanted.limit,
    };
    let place = place::find(visit, tenant).await?;
    let page = place.ask(visit, ask).await?;
    ok(&List {
        items: page.items.iter().map(shown).collect(),
        next_cursor: page.next.as_ref().map(|name| page::cursor(&name.as_str())),
    })
}

/// Lays down a policy.
pub(super) async fn create<P: Platform>(visit: &Visit<'_, P>, tenant: &str, by: &Acting) -> Answer {
    let sent = body::object(visit)?;
    sent.only(&[Policy::MEMBERS])?;
    let policy = Policy::try_from(sent.rest());
    let policy = policy.map_err(|why| unprocessable("invalid-policy", why))?;
    let place = place::find(visit, tenant).await?;
    let name = policy.name().clone();
    let ask = CreatePolicy {
        policy: Box::new(policy),
        record: by.record(visit, place.id(), Event::PolicyCreated, name.as_str())?,
    };
    let enacted = found(place.ask(visit, ask).await?)?;
    visit.gateway.forget_policy(place.id(), &name);
    created(visit, name.as_str(), &shown(&enacted))
}

/// Shows one policy.
pub(super) async fn read<P: Platform>(visit: &Visit<'_, P>, tenant: &str, name: &str) -> Answer {
    let name = named(name)?;
    let place = place::find(visit, tenant).await?;
    let read = place.ask(visit, ReadPolicy { name }).await?;
    ok(&shown(&found(read)?))
}

/// Changes a policy. It fills no bucket, and this isolate goes by it at once.
pub(super) async fn change<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    name: &str,
    by: &Acting,
) -> Answer {
    let name = named(name)?;
    let sent = body::patch(visit)?;
    sent.only(&[Policy::MEMBERS])?;
    if sent.has("name") {
        return Err(unprocessable("invalid-policy", "name never changes"));
    }
    let place = place::find(visit, tenant).await?;
    let ask = ChangePolicy {
        name: name.clone(),
        patch: sent.rest(),
        record: by.record(visit, place.id(), Event::PolicyChanged, name.as_str())?,
    };
    let enacted = found(place.ask(visit, ask).await?)?;
    visit.gateway.forget_policy(place.id(), &name);
    ok(&shown(&enacted))
}

/// Deletes a policy.
pub(super) async fn delete<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    name: &str,
    by: &Acting,
) -> Answer {
    let name = named(name)?;
    let place = place::find(visit, tenant).await?;
    let ask = DeletePolicy {
        name: name.clone(),
        record: by.record(visit, place.id(), Event::PolicyDeleted, name.as_str())?,
    };
    let deleted = place.ask(visit, ask).await?;
    visit.gateway.forget_policy(place.id(), &name);
    found(deleted)?;
    Ok(done())
}

/// A minute in which a policy was asked.
#[derive(Serialize)]
struct Minute {
    at: Instant,
    #[serde(flatten)]
    counts: Counts,
}

/// Shows how often a policy was asked lately, one of our own too. What this
/// isolate has counted and not told yet is told first.
pub(super) async fn usage<P: Platform>(visit: &Visit<'_, P>, tenant: &str, name: &str) -> Answer {
    let policy = limit::usage_name(name).ok_or_else(no_policy)?;
    let since = since(visit)?;
    let place = place::find(visit, tenant).await?;
    let usage = &visit.gateway.memory.usage;
    limit::tell_usage(usage, &visit.mail, place.id()).await?;
    let read = place.ask(visit, ReadUsage { policy, since }).await?;
    let minutes: Vec<Minute> = read
        .minutes
        .into_iter()
        .map(|(at, counts)| Minute {
            at: Instant(at),
            counts,
        })
        .collect();
    ok(&json!({"policy": name, "minutes": minutes, "offenders": read.offenders}))
}

fn since<P: Platform>(visit: &Visit<'_, P>) -> Result<Timestamp, Trouble> {
    let (default, most) = HOURS;
    let query = visit.query()?;
    let hours = query.one("hours").map_err(OAuthError::from)?;
    let hours = hours.map_or(Some(default), |text| text.parse().ok());
    let hours = hours.filter(|hours| (1..=most).contains(hours));
    let hours = hours.ok_or_else(|| {
        let detail = format!("hours must be a number from 1 to {most}.");
        Problem::new(400, "invalid-hours", detail)
    })?;
    Ok(visit.now.plus(-hours * HOUR_MS))
}
