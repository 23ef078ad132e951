//! Who acts here, and what has been done?

use super::{
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
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};

/// Whoever brought the token.
#[derive(Debug)]
pub(super) struct Acting {
    actor: Actor,
    /// When the token expires.
    pub(super) until: Timestamp,
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
            until: claims.exp,
            actor: Actor {
                kind,
                id: claims.sub,
            },
        }
    }

    /// The record of what is about to be done, with the `reason` of the query.
    ///
    /// # Errors
    /// 400 when that is not one.
    pub(super) fn record<P: Platform>(
        self,
        visit: &Visit<'_, P>,
        tenant: TenantId,
        event: Event,
        target: &str,
    ) -> Result<Box<Record>, Trouble> {
        let device = visit.device();
        let origin = Origin {
            actor: self.actor,
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
