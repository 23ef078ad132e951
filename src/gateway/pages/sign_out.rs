//! Do you want to be signed out (OpenID Connect RP-Initiated Logout §2)?

use super::{
    shell::{self, Needs, field, show},
    view::SignOut,
};
use crate::{
    domain::oauth::{ClientId, Params},
    gateway::{browser::CSRF_FIELD, platform::Platform, trouble::Answer, visit::Visit},
};
use ::http::StatusCode;

/// Asks. The form posts to `/oauth/logout` what the client had sent, with our
/// proof that the user was asked.
///
/// # Errors
/// On a fault.
pub async fn page<P: Platform>(visit: &Visit<'_, P>, params: &Params) -> Answer {
    let application = match ClientId::parse(field(params, "client_id")) {
        Ok(id) => visit
            .client(&id)
            .await?
            .map(|client| shell::application(&client).name),
        Err(_) => None,
    };
    let csrf = visit.csrf();
    let ours = [CSRF_FIELD, "decision"];
    let carried = params.iter().filter(|(name, _)| !ours.contains(name));
    let page = SignOut {
        shell: visit.shell().await?,
        proof: visit.proof(&csrf, None)?,
        application,
        carried: carried
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    let back = shell::beyond(field(params, "post_logout_redirect_uri"));
    let response = show(StatusCode::OK, &page, Needs::Application, back)?;
    Ok(visit.with_csrf(response, &csrf))
}
