//! What does a client get for a code ([RFC 6749 §4.1.3])?
//!
//! [RFC 6749 §4.1.3]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3

use super::exchange::{invalid_grant, told};
use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{Redeem, Redeemed},
    },
    domain::{
        oauth::{Client, CodeChallenge, Resource},
        refresh::Lifetime,
        secret::Secret,
        tenant::TenantSettings,
        time::Timestamp,
        token::opaque::AuthorizationCode,
    },
    gateway::{
        mint::{self, Occasion, Tokens},
        platform::Platform,
        trouble::Trouble,
        visit::Visit,
    },
};

/// What the client presents.
pub(super) struct Presented {
    pub(super) code: Secret<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) challenge: Option<CodeChallenge>,
    pub(super) resources: Vec<Resource>,
}

/// Asks the code's session for what it stands for, and mints it.
pub(super) async fn redeem<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    presented: Presented,
) -> Result<Tokens, Trouble> {
    let code = AuthorizationCode::parse(presented.code.expose()).map_err(|_| invalid_grant())?;
    let configuration = visit.configuration().await?;
    let lifetime = lifetime(&configuration.settings, visit.now);
    let redeem = Redeem {
        code: code.proof(),
        client_id: client.client_id.clone(),
        redirect_uri: presented.redirect_uri,
        challenge: presented.challenge,
        resources: presented.resources,
        refresh: client.may_refresh().then_some(lifetime),
        news: configuration.news(),
    };
    match visit.mail.ask(&visit.session(code.sid()), redeem).await {
        Ok(Redeemed::Issued(issue)) => {
            mint::for_user(visit, client, code.sid(), *issue, Occasion::Redemption).await
        }
        Ok(Redeemed::Refused(refusal)) => Err(told(refusal).into()),
        Err(Fault::Absent) => Err(invalid_grant().into()),
        Err(fault) => Err(fault.into()),
    }
}

/// A refresh token lives no longer than any session may, and shorter unused;
/// with its session it ends earlier.
const fn lifetime(settings: &TenantSettings, now: Timestamp) -> Lifetime {
    Lifetime {
        ends_at: now.plus(settings.session_absolute_ms),
        idle_ms_max: Some(settings.refresh_idle_ms),
    }
}
