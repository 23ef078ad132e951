//! `/login`: who are you?

use super::{
    shell::field,
    view::{Errors, Login},
    waiting::Waiting,
};
use crate::{
    domain::{oauth::Params, password::Password, secret::Secret},
    gateway::{http::Response, platform::Platform, sign_in, trouble::Answer, visit::Visit},
};

/// One sentence for every reason: it does not tell whether there is an account.
const REFUSED: &str = "The e-mail address or the password is not right.";

/// Shows the form, or checks it and sends the browser on.
///
/// # Errors
/// 403 for a form that is not ours, 429, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    if let Some(form) = visit.own_form()? {
        return submit(visit, &form).await;
    }
    let query = visit.query()?;
    let waiting = visit.waiting(&query).await?;
    if waiting.is_none() && visit.viewer().await?.is_some() {
        return Ok(Response::see_other("/account"));
    }
    let hint = waiting.as_ref().map(|waiting| waiting.hint().to_owned());
    page(visit, waiting, hint.unwrap_or_default(), Errors::default()).await
}

async fn submit<P: Platform>(visit: &Visit<'_, P>, form: &Params) -> Answer {
    let waiting = visit.open_interaction(form)?;
    let username = field(form, "username");
    let password = Password::parse(Secret::new(field(form, "password").to_owned()));
    let signed_in = match &password {
        Ok(password) => sign_in::by_password(visit, username, password).await?,
        Err(_) => None,
    };
    if let Some(signed_in) = signed_in {
        return signed_in.onward(visit, waiting);
    }
    let waiting = visit.waiting(form).await?;
    let errors = Errors::default().with("", REFUSED);
    page(visit, waiting, username.to_owned(), errors).await
}

async fn page<P: Platform>(
    visit: &Visit<'_, P>,
    waiting: Option<Waiting>,
    username: String,
    errors: Errors,
) -> Answer {
    let configuration = visit.configuration().await?;
    let csrf = visit.csrf();
    let status = errors.status();
    let page = Login {
        shell: visit.shell().await?.with(&errors),
        proof: visit.proof(&csrf, waiting.as_ref().map(|waiting| &waiting.pending))?,
        errors,
        application: waiting.as_ref().and_then(Waiting::name),
        username,
        has_sign_up: configuration.settings.signup_enabled,
    };
    visit.form_page(status, &page, &csrf, waiting.as_ref())
}
