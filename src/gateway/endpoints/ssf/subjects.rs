//! `/ssf/subjects:add`, `/ssf/subjects:remove`: whom does a receiver want to hear
//! of ([SSF §8.1.3])?
//!
//! Of everybody, unless it says otherwise. A subject we know nothing of is
//! answered as one we do: nobody learns here who is a user (§9.1).
//!
//! [SSF §8.1.3]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#subjects

use super::receiver::{Wants, ask, authenticated, bad_request, done, key, sent};
use crate::{
    actors::{revocations::MuteStream, runtime::Actors, tenant::ListUsers},
    domain::{
        ids::UserId,
        ssf::{Subject, subject::Known},
        user::Email,
    },
    gateway::{
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Adds a subject, or removes it.
///
/// # Errors
/// 400, 404 for a stream that is not the receiver's, 403 when it has removed too
/// many, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>, is_removed: bool) -> Answer {
    let client = authenticated(visit, Wants::Manage).await?;
    let sent = sent(visit)?;
    let id = sent.stream_id().map_err(bad_request)?;
    let subject = Subject::parse(&sent).map_err(bad_request)?;
    sent.read::<bool>("verified", "true or false")
        .map_err(bad_request)?;
    let key = key(id, client)?;
    let known = Known {
        issuer: &visit.home.issuer,
        tenant: visit.home.id,
        by_email: who_has(visit, &subject).await?,
    };
    let mute = MuteStream {
        key,
        topic: subject.topic(known),
        is_muted: is_removed,
    };
    let status = if is_removed {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::OK
    };
    done(ask(visit, mute).await?, status)
}

async fn who_has<P: Platform>(
    visit: &Visit<'_, P>,
    subject: &Subject,
) -> Result<Option<UserId>, Trouble> {
    let Some(Ok(email)) = subject.email().map(Email::parse) else {
        return Ok(None);
    };
    let list = ListUsers {
        email: Some(email),
        after: None,
        limit: 1,
    };
    let found = visit.mail.ask(&visit.tenant(), list).await?;
    Ok(found.items.first().map(|user| user.sub))
}
