//! `/account/password`: how do I change what I sign in with?

use super::{
    super::{
        shell::{email_of, field},
        sign_up::{new_password, password_rule},
        view::{Errors, PasswordChange},
    },
    owner::{Owner, done, own_proof},
};
use crate::{
    actors::{
        runtime::Actors,
        tenant::{Change, ChangePassword, CredentialsOf},
    },
    domain::{
        audit::{Actor, Event, Target, TargetKind},
        oauth::Params,
        password::{self, Password},
        secret::Secret,
    },
    gateway::{
        limit::{self, Policy},
        platform::Platform,
        sign_in,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};

const NOT_CURRENT: &str = "That is not your current password.";

/// Shows the form, or changes the password and ends the other sessions.
///
/// # Errors
/// 403 for a form that is not ours, 429, or a fault.
pub(in crate::gateway::pages) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let owner = match visit.owner().await? {
        Ok(owner) => owner,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let errors = match visit.own_form()? {
        Some(form) => change(visit, &owner, &form).await?,
        None => return page(visit, &owner, Errors::default()).await,
    };
    if errors.is_empty() {
        return Ok(done("/account/password"));
    }
    page(visit, &owner, errors).await
}

async fn change<P: Platform>(
    visit: &Visit<'_, P>,
    owner: &Owner,
    form: &Params,
) -> Result<Errors, Trouble> {
    let policy = visit.configuration().await?.settings.password_policy;
    let email = owner.user.claims.email.as_ref();
    let chosen = match new_password(field(form, "new_password"), policy, email) {
        Ok(chosen) => chosen,
        Err(text) => return Ok(Errors::default().with("new_password", text)),
    };
    let Ok(current) = Password::parse(Secret::new(field(form, "current_password").to_owned()))
    else {
        return Ok(Errors::default().with("current_password", NOT_CURRENT));
    };
    let user = owner.user.sub;
    limit::charge(visit, Policy::PasswordCheck(user)).await?;
    let proven = sign_in::prove(visit, CredentialsOf::User(user), &current).await?;
    let Ok(proven) = proven else {
        let (by, id) = (Actor::user(user), user.to_string());
        let kind = TargetKind::User;
        let target = Target { kind, id };
        visit.note(visit.home.id, Event::SignInFailed, (by, None), target);
        return Ok(Errors::default().with("current_password", NOT_CURRENT));
    };
    let change = ChangePassword {
        user,
        checked: proven.checked,
        password: password::hash(&chosen, &mut visit.entropy())?,
        keep: owner.view.session,
    };
    Ok(match visit.mail.ask(&visit.tenant(), change).await? {
        Change::Done => Errors::default(),
        Change::Refused => Errors::default().with("current_password", NOT_CURRENT),
    })
}

async fn page<P: Platform>(visit: &Visit<'_, P>, owner: &Owner, errors: Errors) -> Answer {
    let policy = visit.configuration().await?.settings.password_policy;
    let csrf = visit.csrf();
    let status = errors.status();
    let page = PasswordChange {
        shell: visit.shell().await?.with(&errors),
        section: "password",
        proof: own_proof(&csrf),
        notice: visit.notice("Your password has been changed, and your other sessions have ended."),
        errors,
        email: email_of(&owner.user),
        password_rule: password_rule(policy),
    };
    visit.form_page(status, &page, &csrf, None)
}
