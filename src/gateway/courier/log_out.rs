//! How does a client learn that a session has ended ([OpenID Connect
//! Back-Channel Logout 1.0])?
//!
//! [OpenID Connect Back-Channel Logout 1.0]: https://openid.net/specs/openid-connect-backchannel-1_0.html

use super::run::Trip;
use crate::{
    actors::{
        courier::{Carried, LogOut},
        runtime::Fault,
    },
    domain::{
        secret::Secret,
        time::HOUR_MS,
        token::jwt::{
            Audience, LogoutTokenClaims,
            logout_token::{LIFE_MS, LoggedOut},
        },
    },
    gateway::{
        authenticate::client::known_client,
        outside::{Post, may_send_to},
        platform::Platform,
    },
};
use ::http::{StatusCode, header};
use url::Url;

/// How long we go on trying. A client that was away for longer has lost its own
/// sessions, or asks us about theirs; and an ended session stays stored until
/// all its news is out.
const TRIES_MS: i64 = HOUR_MS;

pub(super) async fn carry<P: Platform>(trip: &Trip<'_, P>, news: LogOut) -> Result<Carried, Fault> {
    let now = trip.gateway.platform().now();
    if now.since(news.at) > TRIES_MS {
        return Ok(Carried::Refused);
    }
    let found = known_client(trip.gateway, &trip.mail, trip.tenant, &news.client_id).await;
    let client = match found {
        // Neither a client that is no more nor one of a tenant that is no more
        // can be told.
        Ok(None) | Err(Fault::Absent) => return Ok(Carried::Refused),
        Ok(Some(client)) => client,
        Err(fault) => return Err(fault),
    };
    let Some(url) = client.metadata.backchannel_logout_uri.as_deref() else {
        return Ok(Carried::Refused);
    };
    let settings = trip.gateway.platform().settings();
    let url = Url::parse(url).ok();
    let Some(url) = url.filter(|url| may_send_to(url, settings)) else {
        return Ok(Carried::Refused);
    };
    let claims = LogoutTokenClaims {
        jti: LogoutTokenClaims::id(news.act, news.session, &news.client_id),
        iss: news.issuer,
        sub: news.user.to_string(),
        aud: Audience::one(news.client_id.as_str()),
        iat: now,
        exp: now.plus(LIFE_MS),
        sid: news.session,
        txn: news.act,
        events: LoggedOut::default(),
    };
    let alg = client.metadata.id_token_signed_response_alg;
    let token = trip.sign(alg, &claims).await?;
    let form = |text: &str| Secret::new(text.to_owned());
    let post = Post {
        url,
        headers: vec![
            (
                header::CONTENT_TYPE,
                form("application/x-www-form-urlencoded"),
            ),
            (header::CACHE_CONTROL, form("no-store")),
        ],
        // A token is base64url and dots: nothing in it wants encoding.
        body: format!("logout_token={token}").into_bytes(),
    };
    match trip.gateway.platform().post(post).await {
        Ok(answer) if answer.status.is_success() => Ok(Carried::Done),
        // §2.8: the client could not sign the user out, and will not later.
        Ok(answer) if answer.status == StatusCode::BAD_REQUEST => Ok(Carried::Refused),
        Ok(answer) => Err(Fault::Unreachable(format!(
            "the client answered {}",
            answer.status.as_u16()
        ))),
        Err(fault) => Err(Fault::Unreachable(fault.to_string())),
    }
}
