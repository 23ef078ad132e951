//! `/setup`: who administers the platform first?

use super::{
    shell::field,
    sign_up::{new_password, password_rule},
    view::{self, Errors},
};
use crate::{
    actors::{
        runtime::{Actors, Fault},
        tenant::{SetUp, SetUpAnswer},
    },
    domain::{
        audit::Actor,
        ids::UserId,
        password::{self, PasswordHash},
        token::opaque::SetupToken,
        user::Email,
    },
    gateway::{
        limit::{self, Policy},
        platform::Platform,
        sign_in::{self, Proven},
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};

/// Shows the form to whoever has the link, or makes the administrator and signs
/// them in.
///
/// # Errors
/// 403 for a link that is not good, or no more, 429, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let (sent, is_post) = visit.sent()?;
    let token = SetupToken::parse(field(&sent, "token")).map_err(|_| refused())?;
    limit::charge(visit, Policy::SetUp).await?;
    let user = UserId::generate(&mut visit.entropy());
    let email = ask(visit, &token, user, None).await?;
    if !is_post {
        return page(visit, &token, &email, Errors::default()).await;
    }
    let policy = visit.configuration().await?.settings.password_policy;
    let chosen = match new_password(field(&sent, "password"), policy, Some(&email)) {
        Ok(chosen) => chosen,
        Err(text) => {
            let errors = Errors::default().with("password", text);
            return page(visit, &token, &email, errors).await;
        }
    };
    let hash = password::hash(&chosen, &mut visit.entropy())?;
    visit.act_as(Actor::ANONYMOUS);
    ask(visit, &token, user, Some(hash.clone())).await?;
    visit.act_as(Actor::user(user));
    let proven = Proven {
        user,
        checked: hash,
        rehashed: None,
    };
    let signed_in = sign_in::begin(visit, &proven).await?;
    signed_in
        .ok_or(Fault::Corrupt("a new administrator is not admitted"))?
        .onward(visit, None)
}

fn refused() -> Trouble {
    let detail = "This link has been used, or it is not whole. A new one is printed when the \
                  platform starts without an administrator.";
    Problem::new(403, "set-up-refused", detail).into()
}

async fn ask<P: Platform>(
    visit: &Visit<'_, P>,
    token: &SetupToken,
    user: UserId,
    password: Option<PasswordHash>,
) -> Result<Email, Trouble> {
    let set_up = SetUp {
        token: token.digest(),
        user,
        password,
    };
    match visit.mail.ask(&visit.tenant(), set_up).await? {
        SetUpAnswer::Good(email) => Ok(email),
        SetUpAnswer::Refused => Err(refused()),
    }
}

async fn page<P: Platform>(
    visit: &Visit<'_, P>,
    token: &SetupToken,
    email: &Email,
    errors: Errors,
) -> Answer {
    let policy = visit.configuration().await?.settings.password_policy;
    let csrf = visit.csrf();
    let status = errors.status();
    let page = view::SetUp {
        shell: visit.shell().await?.with(&errors),
        proof: visit.proof(&csrf, None)?,
        errors,
        token: token.reveal().expose().clone(),
        email: email.to_string(),
        password_rule: password_rule(policy),
    };
    visit.form_page(status, &page, &csrf, None)
}
