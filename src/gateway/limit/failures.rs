//! Who keeps showing credentials that are not good?
//!
//! What is guessed at where clients and bearers show theirs cannot be guessed
//! (256 random bits), so no bucket is asked: whoever shows good ones waits for
//! nothing, and a stranger leaves no trace (ADR 2). But every try may cost the
//! tenant's actor a question, and an isolate that has seen too many from one
//! place refuses without looking, by the rules of the table and its own memory.

use super::{
    charge::refuse,
    subject::Origin,
    table::{self, FAILED},
    usage,
};
use crate::{
    domain::{
        ids::TenantId,
        limit::{Standing, Verdict, usage::Counts},
        oauth::ErrorCode,
        time::{MINUTE_MS, Timestamp},
    },
    gateway::{
        cache::Cache,
        platform::Platform,
        route::Endpoint,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Places an isolate remembers to have failed.
const PLACES_MAX: usize = 4_096;

/// How long it does after the latest failure: until the rules have forgotten.
const PLACE_MS: i64 = 2 * MINUTE_MS;

/// How places stand that have failed lately.
pub(super) type Failures = Cache<(TenantId, Vec<u8>), Standing>;

pub(super) const fn none() -> Failures {
    Cache::new(PLACES_MAX)
}

/// Where credentials of clients and bearers are shown.
const fn is_watched(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Token
            | Endpoint::Introspect
            | Endpoint::Revoke
            | Endpoint::PushedAuthorization
            | Endpoint::Registration
            | Endpoint::Userinfo
            | Endpoint::Admin
    )
}

/// Refuses who has lately failed too often.
///
/// # Errors
/// 429.
pub(in crate::gateway) fn before<P: Platform>(
    visit: &Visit<'_, P>,
    endpoint: Endpoint,
) -> Result<(), Trouble> {
    let failures = &visit.gateway.memory.limits.failures;
    if !is_watched(endpoint) || failures.is_empty() {
        return Ok(());
    }
    let origin = Origin::of(visit.request.client_address);
    let verdict = peek(failures, visit.home.id, origin, visit.now);
    if verdict
        .as_ref()
        .is_some_and(|verdict| !verdict.is_admitted())
    {
        let (counts, whom) = (Counts::one(false), origin.masked());
        usage::own(visit, FAILED, counts, Some(&whom));
    }
    refuse(verdict.iter().map(|verdict| (FAILED, true, verdict)))
}

/// Remembers a failure, once it has happened.
pub(in crate::gateway) fn after<P: Platform>(
    visit: &Visit<'_, P>,
    endpoint: Endpoint,
    answer: &Answer,
) {
    if is_watched(endpoint) && is_failure(answer) {
        let failures = &visit.gateway.memory.limits.failures;
        let origin = Origin::of(visit.request.client_address);
        note(failures, visit.home.id, origin, visit.now);
    }
}

fn is_failure(answer: &Answer) -> bool {
    match answer {
        Ok(response) => response.status == StatusCode::UNAUTHORIZED,
        Err(Trouble::OAuth(error)) => {
            matches!(
                error.code,
                ErrorCode::InvalidClient | ErrorCode::InvalidToken
            )
        }
        Err(_) => false,
    }
}

/// How a place stands that has failed; `None` when it has not.
fn peek(failures: &Failures, tenant: TenantId, origin: Origin, now: Timestamp) -> Option<Verdict> {
    let mut standing = failures.find(&(tenant, origin.bytes()), now)?;
    Some(standing.peek(&table::of_origin(FAILED, origin), 1, now))
}

fn note(failures: &Failures, tenant: TenantId, origin: Origin, now: Timestamp) {
    let key = (tenant, origin.bytes());
    let mut standing = failures.find(&key, now).unwrap_or_default();
    standing.take(&table::of_origin(FAILED, origin), 1, None, now);
    failures.put(key, standing, now.plus(PLACE_MS));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(address: &str) -> Origin {
        Origin::of(Some(address.parse().unwrap()))
    }

    #[test]
    fn who_keeps_failing_is_refused_and_nobody_else() {
        let (failures, tenant) = (none(), TenantId::from_bytes([1; 16]));
        let now = Timestamp::from_millis(5);
        let (thief, other) = (origin("203.0.113.7"), origin("203.0.113.8"));
        let admits = |origin, now| {
            peek(&failures, tenant, origin, now).is_none_or(|verdict| verdict.is_admitted())
        };
        let mut failed = 0;
        while admits(thief, now) {
            note(&failures, tenant, thief, now);
            failed += 1;
        }
        assert_eq!(failed, 1_000);
        assert!(admits(other, now));
        assert!(admits(thief, now.plus(100)));
    }

    #[test]
    fn what_a_place_did_is_forgotten_no_sooner_than_by_the_rules() {
        for place in [Some("2001:db8::1"), Some("203.0.113.7"), None] {
            let origin = place.map_or(Origin::Unknown, origin);
            for rule in table::of_origin(FAILED, origin).rules {
                let (_, window_ms) = rule.limit.told();
                assert!(window_ms <= PLACE_MS, "{rule:?}");
            }
        }
    }
}
