//! Who acts here, and what has been done?

use super::{
    authorize,
    page::{self, List},
    place,
    shown::ok,
};
use crate::{
    actors::tenant::ListActs,
    domain::{
        audit::{Actor, ActorKind, Event, Origin, REASON_BYTES_MAX, Record, Shown, is_reason},
        ids::TenantId,
        oauth::OAuthError,
        time::Timestamp,
        token::jwt::AccessTokenClaims,
    },
    gateway::{
        http::Response,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};

/// How long ago whoever acts must have signed in at most, in seconds.
pub(super) const FRESH_S_MAX: i64 = 15 * 60;

/// Whoever brought the token.
#[derive(Debug)]
pub(super) struct Acting {
    /// Who: a user, or a client on its own behalf.
    pub(super) actor: Actor,
    /// When the user signed in; none for a client.
    pub(super) auth_time: Option<Timestamp>,
    /// Until when the token is good.
    pub(super) expires_at: Timestamp,
}

impl Acting {
    /// A user, or where no user is involved the client itself ([RFC 9068 §2.2]).
    ///
    /// [RFC 9068 §2.2]: https://www.rfc-editor.org/rfc/rfc9068#section-2.2
    pub(super) fn by(claims: AccessTokenClaims) -> Self {
        let kind = if claims.sid.is_some() {
            ActorKind::User
        } else {
            ActorKind::Client
        };
        Self {
            actor: Actor {
                kind,
                id: claims.sub,
            },
            auth_time: claims.auth_time,
            expires_at: claims.exp,
        }
    }

    /// Whether the sign-in is recent enough for what cannot be undone. A client has
    /// just shown its secret: its token lives no longer than that.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        // In whole seconds, as the client reckons from `auth_time`.
        let since = |at: Timestamp| now.as_seconds().saturating_sub(at.as_seconds());
        match self.actor.kind {
            ActorKind::Client => true,
            ActorKind::User => self.auth_time.is_some_and(|at| since(at) <= FRESH_S_MAX),
        }
    }

    /// The answer that stands in the way of what `needs` a fresh sign-in, when this
    /// is none.
    pub(super) fn step_up<P: Platform>(
        &self,
        visit: &Visit<'_, P>,
        needs: bool,
    ) -> Option<Response> {
        (needs && !self.is_fresh(visit.now)).then(|| authorize::step_up(visit))
    }

    /// The record of what is about to be done, with the `reason` of the query.
    ///
    /// # Errors
    /// 400 when that is not one.
    pub(super) fn record<P: Platform>(
        &self,
        visit: &Visit<'_, P>,
        tenant: TenantId,
        event: Event,
        target: &str,
    ) -> Result<Box<Record>, Trouble> {
        let device = visit.device();
        let origin = Origin {
            actor: self.actor.clone(),
            address: device.address,
            user_agent: device.user_agent,
            request_id: visit.request.id.clone(),
            reason: reason(visit)?,
        };
        let entropy = &mut visit.entropy();
        let target = target.to_owned();
        let record = Record::done((tenant, visit.now), event, target, origin, entropy);
        Ok(Box::new(record))
    }
}

/// The `reason` of the query, when there is one.
///
/// # Errors
/// 400 when it is not one.
pub(super) fn reason<P: Platform>(visit: &Visit<'_, P>) -> Result<Option<String>, Trouble> {
    let query = visit.query()?;
    let reason = query.one("reason").map_err(OAuthError::from)?;
    match reason {
        Some(text) if !is_reason(text) => {
            let detail =
                format!("reason must be 1 to {REASON_BYTES_MAX} bytes without control characters.");
            Err(Problem::new(400, "invalid-reason", detail).into())
        }
        reason => Ok(reason.map(|text| text.trim().to_owned())),
    }
}

/// Refuses what nobody may do without saying why.
///
/// # Errors
/// 400 when the query has no `reason`, or one that is none.
pub(super) fn needs_reason<P: Platform>(visit: &Visit<'_, P>) -> Result<(), Trouble> {
    match reason(visit)? {
        Some(_) => Ok(()),
        None => Err(Problem::new(400, "invalid-reason", "reason must say why.").into()),
    }
}

/// Lists what has been done at a tenant, latest first.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, tenant: &str) -> Answer {
    let wanted = page::wanted(visit)?;
    let ask = ListActs {
        before: wanted.after_as(str::parse)?,
        limit: wanted.limit,
    };
    let place = place::find(visit, tenant).await?;
    let page = place.ask(visit, ask).await?;
    let items = page.items.into_iter();
    ok(&List {
        items: items.map(|(_, record)| Shown::from(record)).collect(),
        next_cursor: page.next.as_ref().map(page::cursor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_fresh_for_a_quarter_of_an_hour_and_a_client_always() {
        let noon = Timestamp::from_seconds(43_200);
        let by = |kind, auth_time| Acting {
            actor: Actor {
                kind,
                id: String::new(),
            },
            auth_time,
            expires_at: noon,
        };
        let user = by(ActorKind::User, Some(noon));
        assert!(user.is_fresh(noon.plus(FRESH_S_MAX * 1_000)));
        assert!(!user.is_fresh(noon.plus(FRESH_S_MAX * 1_000 + 1_000)));
        assert!(!by(ActorKind::User, None).is_fresh(noon));
        assert!(by(ActorKind::Client, None).is_fresh(noon));
    }
}
