//! What does a client get for a refresh token ([RFC 6749 §6])?
//!
//! [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6

use super::exchange::{invalid_grant, told};
use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{Redeemed, Refresh},
    },
    domain::{
        oauth::{Client, Resource, Scopes},
        secret::Secret,
        token::refresh_token::RefreshToken,
    },
    gateway::{
        mint::{self, Occasion, Tokens},
        platform::Platform,
        trouble::Trouble,
        visit::Visit,
    },
};

/// Asks the token's session for its successor, and mints what goes with it.
pub(super) async fn refresh<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    presented: &Secret<String>,
    scopes: Option<Scopes>,
    resources: Vec<Resource>,
) -> Result<Tokens, Trouble> {
    let token = RefreshToken::parse(presented.expose()).map_err(|_| invalid_grant())?;
    let refresh = Refresh {
        proof: token.proof(),
        client_id: client.client_id.clone(),
        scopes,
        resources,
        news: visit.news().await?,
    };
    match visit.mail.ask(&visit.session(token.sid()), refresh).await {
        Ok(Redeemed::Issued(issue)) => {
            mint::for_user(visit, client, token.sid(), *issue, Occasion::Refresh).await
        }
        Ok(Redeemed::Refused(refusal)) => Err(told(refusal).into()),
        Err(Fault::Absent) => Err(invalid_grant().into()),
        Err(fault) => Err(fault.into()),
    }
}
