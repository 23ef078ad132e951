//! Who acts here, and what has been done?

use super::{
    authorize,
    page::{self, List},
    place,
    shown::ok,
};
use crate::{
    actors::{
        runtime::Fault,
        tenant::{ListActs, Only},
    },
    domain::{
        audit::{Actor, ActorKind, Event, Outcome, REASON_BYTES_MAX, Record, Shown, is_reason},
        calendar::instant,
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
use ::http::{StatusCode, header};

/// Records as lines, for whoever takes them away.
const JSON_LINES: &str = "application/jsonl";

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
            _ => self.auth_time.is_some_and(|at| since(at) <= FRESH_S_MAX),
        }
    }

    /// The answer that stands in the way of what `needs` a fresh sign-in, when this
    /// is none.
    pub(super) fn step_up<P: Platform>(
        &self,
        visit: &Visit<'_, P>,
        needs: bool,
    ) -> Option<Response> {
        if !needs || self.is_fresh(visit.now) {
            return None;
        }
        let by = (self.actor.clone(), None);
        let tenant = visit.about.get().unwrap_or(visit.home.id);
        visit.note(tenant, Event::StepUpDemanded, by, visit.asked());
        Some(authorize::step_up(visit))
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
        let origin = visit.origin(self.actor.clone(), reason(visit)?);
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

/// Lists what has been done at a tenant, latest first: as every list, or as lines
/// of JSON whose `Link` leads to those that follow ([RFC 8288]).
///
/// [RFC 8288]: https://www.rfc-editor.org/rfc/rfc8288
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, tenant: &str) -> Answer {
    let wanted = page::wanted(visit)?;
    let ask = ListActs {
        before: wanted.after_as(str::parse)?,
        limit: wanted.limit,
        only: only(visit)?,
    };
    let place = place::find(visit, tenant).await?;
    let page = place.ask(visit, ask).await?;
    let items = page.items.into_iter();
    let items: Vec<Shown> = items.map(|(_, record)| Shown::from(record)).collect();
    let next_cursor = page.next.as_ref().map(page::cursor);
    let accept = visit.header(header::ACCEPT.as_str()).unwrap_or_default();
    if !accept.contains(JSON_LINES) {
        return ok(&List { items, next_cursor });
    }
    let mut lines = Vec::new();
    for shown in &items {
        serde_json::to_writer(&mut lines, shown)
            .map_err(|_| Fault::Corrupt("a record cannot be shown"))?;
        lines.push(b'\n');
    }
    let answer = Response::of(StatusCode::OK, JSON_LINES, lines);
    let Some(cursor) = next_cursor else {
        return Ok(answer);
    };
    let query = visit.query()?.without("cursor").with("cursor", &cursor);
    let next = format!("<{}?{}>; rel=\"next\"", visit.request.path, query.encode());
    Ok(answer.with(header::LINK, &next))
}

/// Which records the query asks for.
fn only<P: Platform>(visit: &Visit<'_, P>) -> Result<Only, Trouble> {
    let query = visit.query()?;
    let one = |name| query.one(name).map_err(OAuthError::from);
    let outcomes = [Outcome::Done, Outcome::Refused];
    let outcome = |text: &str| outcomes.into_iter().find(|one| one.as_str() == text);
    Ok(Only {
        event: read(one("event")?, "event must be the name of one", Event::parse)?,
        actor: one("actor")?.map(str::to_owned),
        outcome: read(one("outcome")?, "outcome must be done or refused", outcome)?,
        from: read(one("from")?, "from must be an RFC 3339 instant", instant)?,
        to: read(one("to")?, "to must be an RFC 3339 instant", instant)?,
    })
}

fn read<T>(
    said: Option<&str>,
    rule: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Trouble> {
    let refused = || Problem::new(400, "invalid-filter", format!("{rule}.")).into();
    said.map(|text| parse(text).ok_or_else(refused)).transpose()
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
