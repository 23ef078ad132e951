//! `/admin/v1/me`: who is asking, and where?

use super::{
    acts::Acting,
    shown::{Instant, ok},
};
use crate::{
    actors::{
        runtime::Actors,
        tenant::{ReadUser, UserRead},
    },
    domain::{
        audit::ActorKind,
        ids::{TenantId, UserId},
        tenant::Slug,
        user::User,
    },
    gateway::{platform::Platform, trouble::Answer, visit::Visit},
};
use serde::Serialize;

/// Whoever brought the token.
#[derive(Serialize)]
struct Me<'a> {
    sub: &'a str,
    kind: ActorKind,
    name: Option<String>,
    email: Option<String>,
    tenant: Here<'a>,
    is_platform: bool,
    auth_time: Option<Instant>,
    expires_at: Instant,
}

/// The tenant at whose origin we are.
#[derive(Serialize)]
struct Here<'a> {
    id: TenantId,
    slug: &'a Slug,
    name: &'a str,
    issuer: &'a str,
}

/// Shows who is asking.
pub(super) async fn read<P: Platform>(visit: &Visit<'_, P>, by: &Acting) -> Answer {
    let user = user(visit, by).await?;
    let claims = user.map(|user| user.claims);
    let (home, configuration) = (&visit.home, visit.configuration().await?);
    let email = claims.as_ref().and_then(|claims| claims.email.as_ref());
    ok(&Me {
        sub: &by.actor.id,
        kind: by.actor.kind,
        email: email.map(ToString::to_string),
        name: claims.and_then(|claims| claims.name),
        tenant: Here {
            id: home.id,
            slug: &home.slug,
            name: &configuration.settings.name,
            issuer: &home.issuer,
        },
        is_platform: home.is_platform,
        auth_time: by.auth_time.map(Instant),
        expires_at: Instant(by.expires_at),
    })
}

/// `None` for a client, and for a user who is gone while the token lives on.
async fn user<P: Platform>(
    visit: &Visit<'_, P>,
    by: &Acting,
) -> Result<Option<Box<User>>, crate::gateway::trouble::Trouble> {
    let id = match by.actor.kind {
        ActorKind::User => UserId::parse(&by.actor.id).ok(),
        _ => None,
    };
    let Some(id) = id else {
        return Ok(None);
    };
    match visit.mail.ask(&visit.tenant(), ReadUser { id }).await? {
        UserRead::Found(user) => Ok(Some(user)),
        _ => Ok(None),
    }
}
