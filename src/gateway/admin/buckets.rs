//! `/admin/v1/tenants/{tenant}/buckets/{policy}?subject=…`: how does somebody stand,
//! why are they refused, and how are they let in again?

use super::{
    acts::{self, Acting},
    place::{self, Place},
    policies::no_policy,
    shown::{Instant, done, ok},
};
use crate::{
    actors::{
        bucket::{Reset, Show, ShownRule},
        runtime::{Actors, Fault},
        tenant::{NoteAct, PolicyRead, ReadPolicy},
    },
    domain::{audit::Event, limit::policy::Binding, oauth::OAuthError},
    gateway::{
        limit::{self, Meant},
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use serde::Serialize;

/// A rule and how the subject stands under it, as an operator sees it.
#[derive(Serialize)]
struct Shown {
    rule: String,
    scope: Option<String>,
    limit: u32,
    window_ms: i64,
    remaining: u32,
    full_at: Instant,
    /// Why it is refused, and until when.
    refuses_until: Option<Instant>,
}

/// A bucket as an operator sees it.
#[derive(Serialize)]
struct Stand<'a> {
    /// What records of acts call it.
    bucket: &'a str,
    /// What the tenant's policy is to the subject.
    effect: Option<&'static str>,
    /// The rules under which anything was charged lately; under all others
    /// everything is left.
    rules: Vec<Shown>,
}

impl From<ShownRule> for Shown {
    fn from(rule: ShownRule) -> Self {
        let reading = rule.reading;
        Self {
            rule: reading.name.as_str().to_owned(),
            scope: rule.scope,
            limit: reading.limit,
            window_ms: reading.window_ms,
            remaining: reading.remaining,
            full_at: Instant(rule.at.plus(reading.reset_ms)),
            refuses_until: rule.refuses_until.map(Instant),
        }
    }
}

async fn find<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    policy: &str,
) -> Result<(Place, Meant), Trouble> {
    let query = visit.query()?;
    let subject = query.one("subject").map_err(OAuthError::from)?;
    let place = place::find(visit, tenant).await?;
    let meant = limit::meant(visit, place.id(), policy, subject.unwrap_or_default());
    let meant = meant.ok_or_else(|| {
        let detail = "There can be no such policy, or subject of it.";
        Trouble::from(Problem::new(404, "unknown-bucket", detail))
    })?;
    Ok((place, meant))
}

/// The bucket's name without the tenant's: it has no subject in it.
fn name(meant: &Meant) -> &str {
    let name = meant.address.name();
    name.split_once('/').map_or(name, |(_, name)| name)
}

/// Shows how a subject stands. Who was never charged has all that is allowed.
pub(super) async fn read<P: Platform>(visit: &Visit<'_, P>, tenant: &str, policy: &str) -> Answer {
    let (place, meant) = find(visit, tenant, policy).await?;
    let effect = match &meant.policy {
        None => None,
        Some(name) => {
            let ask = ReadPolicy { name: name.clone() };
            let PolicyRead::Found(enacted) = place.ask(visit, ask).await? else {
                return Err(no_policy());
            };
            Some(match enacted.bind(&meant.subject, visit.now) {
                Binding::Limit { .. } => "limit",
                Binding::Exempt => "exempt",
                Binding::Block => "block",
            })
        }
    };
    let rules = match visit.mail.ask(&meant.address, Show).await {
        Ok(rules) => rules,
        Err(Fault::Absent) => Vec::new(),
        Err(fault) => return Err(fault.into()),
    };
    ok(&Stand {
        bucket: name(&meant),
        effect,
        rules: rules.into_iter().map(Shown::from).collect(),
    })
}

/// Lets a subject begin anew. It is recorded who did so and why, by the bucket
/// itself; where there is none, nothing was charged, and that is recorded here.
pub(super) async fn reset<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    policy: &str,
    by: &Acting,
) -> Answer {
    acts::needs_reason(visit)?;
    let (place, meant) = find(visit, tenant, policy).await?;
    let record = by.record(visit, place.id(), Event::BucketReset, name(&meant))?;
    let ask = Reset {
        record: Some(record.clone()),
    };
    match visit.mail.ask(&meant.address, ask).await {
        Ok(_) => {}
        Err(Fault::Absent) => {
            place.ask(visit, NoteAct { record }).await?;
        }
        Err(fault) => return Err(fault.into()),
    }
    meant.forget(visit);
    Ok(done())
}
