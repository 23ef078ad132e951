//! Who keeps showing credentials that are not good?
//!
//! What is guessed at where clients and bearers show theirs cannot be guessed
//! (256 random bits), so no bucket is asked: whoever shows good ones waits for
//! nothing, and a stranger leaves no trace (ADR 2). But every try may cost the
//! tenant's actor or a session's a question, and an isolate that has seen too
//! many from one place refuses without looking, by the rules of the table and its
//! own memory.

use super::{
    charge::refuse,
    subject::Origin,
    table::{self, FAILED, FAILED_GRANT, TAB},
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

/// What somebody failed at: a row of the table.
type Kind = &'static str;

/// How places stand that have failed lately.
pub(super) type Failures = Cache<(TenantId, Kind, Vec<u8>), Standing>;

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
            | Endpoint::RateLimit
            | Endpoint::RevocationFeed
            | Endpoint::SessionTickets
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
    let kinds: &[Kind] = if endpoint == Endpoint::Token {
        &[FAILED, FAILED_GRANT]
    } else {
        &[FAILED]
    };
    let peek = |kind: &Kind| {
        Some((
            *kind,
            peek(failures, visit.home.id, (*kind, origin), visit.now)?,
        ))
    };
    let verdicts: Vec<(Kind, Verdict)> = kinds.iter().filter_map(peek).collect();
    for (kind, verdict) in &verdicts {
        if !verdict.is_admitted() {
            let (counts, whom) = (Counts::one(false), origin.masked());
            usage::own(visit, kind, counts, Some(&whom));
        }
    }
    refuse(
        verdicts
            .iter()
            .map(|(kind, verdict)| (*kind, true, verdict)),
    )
    .map(drop)
}

/// Remembers a failure, once it has happened.
pub(in crate::gateway) fn after<P: Platform>(
    visit: &Visit<'_, P>,
    endpoint: Endpoint,
    answer: &Answer,
) {
    if let Some(kind) = failure(answer).filter(|_| is_watched(endpoint)) {
        let failures = &visit.gateway.memory.limits.failures;
        let origin = Origin::of(visit.request.client_address);
        note(failures, visit.home.id, (kind, origin), visit.now);
    }
}

/// Counts a tab that wants a socket, good or not. A bucket would be a call and a
/// row for every page that anybody opens.
///
/// # Errors
/// 429.
pub(in crate::gateway) fn count_tab<P: Platform>(visit: &Visit<'_, P>) -> Result<(), Trouble> {
    let tabs = &visit.gateway.memory.limits.tabs;
    let origin = Origin::of(visit.request.client_address);
    let verdict = note(tabs, visit.home.id, (TAB, origin), visit.now);
    let refused = (!verdict.is_admitted()).then(|| origin.masked());
    let counts = Counts::one(verdict.is_admitted());
    usage::own(visit, TAB, counts, refused.as_deref());
    refuse(core::iter::once((TAB, true, &verdict))).map(drop)
}

/// A code or refresh token that is not good is less suspicious than credentials:
/// when everybody is signed out, every refresh token of a client's users is one.
fn failure(answer: &Answer) -> Option<Kind> {
    match answer {
        Ok(response) if response.status == StatusCode::UNAUTHORIZED => Some(FAILED),
        Err(Trouble::OAuth(error)) => match error.code {
            ErrorCode::InvalidClient | ErrorCode::InvalidToken => Some(FAILED),
            ErrorCode::InvalidGrant => Some(FAILED_GRANT),
            _ => None,
        },
        _ => None,
    }
}

/// How a place stands that has failed; `None` when it has not.
fn peek(
    failures: &Failures,
    tenant: TenantId,
    (kind, origin): (Kind, Origin),
    now: Timestamp,
) -> Option<Verdict> {
    let mut standing = failures.find(&(tenant, kind, origin.bytes()), now)?;
    Some(standing.peek(&table::of_origin(kind, origin), 1, now))
}

fn note(
    failures: &Failures,
    tenant: TenantId,
    (kind, origin): (Kind, Origin),
    now: Timestamp,
) -> Verdict {
    let key = (tenant, kind, origin.bytes());
    let mut standing = failures.find(&key, now).unwrap_or_default();
    let (verdict, _) = standing.take(&table::of_origin(kind, origin), 1, None, now);
    failures.put(key, standing, now.plus(PLACE_MS));
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::OAuthError;

    fn origin(address: &str) -> Origin {
        Origin::of(Some(address.parse().unwrap()))
    }

    #[test]
    fn who_keeps_failing_is_refused_and_nobody_else() {
        let (failures, tenant) = (none(), TenantId::from_bytes([1; 16]));
        let now = Timestamp::from_millis(5);
        let (thief, other) = (origin("203.0.113.7"), origin("203.0.113.8"));
        let admits = |origin, now| {
            peek(&failures, tenant, (FAILED, origin), now)
                .is_none_or(|verdict| verdict.is_admitted())
        };
        let mut failed = 0;
        while admits(thief, now) {
            note(&failures, tenant, (FAILED, thief), now);
            failed += 1;
        }
        assert_eq!(failed, 1_000);
        assert!(admits(other, now));
        assert!(admits(thief, now.plus(100)));
    }

    #[test]
    fn a_bad_grant_is_counted_apart_and_more_widely() {
        let refused = |code| failure(&Err(Trouble::OAuth(OAuthError::new(code, "no"))));
        assert_eq!(refused(ErrorCode::InvalidGrant), Some(FAILED_GRANT));
        assert_eq!(refused(ErrorCode::InvalidClient), Some(FAILED));
        assert_eq!(refused(ErrorCode::InvalidToken), Some(FAILED));
        assert_eq!(refused(ErrorCode::InvalidScope), None);
        let (failures, tenant) = (none(), TenantId::from_bytes([1; 16]));
        let now = Timestamp::from_millis(5);
        let place = (FAILED_GRANT, origin("203.0.113.7"));
        let is_admitted = |_: &u32| note(&failures, tenant, place, now).is_admitted();
        assert_eq!((0..20_000).find(|n| !is_admitted(n)), Some(10_000));
        let other = (FAILED, origin("203.0.113.7"));
        assert!(peek(&failures, tenant, other, now).is_none());
    }

    #[test]
    fn what_a_place_did_is_forgotten_no_sooner_than_by_the_rules() {
        for place in [Some("2001:db8::1"), Some("203.0.113.7"), None] {
            let origin = place.map_or(Origin::Unknown, origin);
            for kind in [FAILED, FAILED_GRANT, TAB] {
                for rule in table::of_origin(kind, origin).rules {
                    let (_, window_ms) = rule.limit.told();
                    assert!(window_ms <= PLACE_MS, "{rule:?}");
                }
            }
        }
    }
}
