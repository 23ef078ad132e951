//! `/account/profile`: what do applications learn of me?

use super::{
    super::{
        shell::{email_of, field},
        view::{Errors, Profile, ProfileForm},
    },
    owner::{Owner, done, own_proof},
};
use crate::{
    actors::{
        runtime::Actors,
        tenant::{ChangeUser, ChangedBy, UserRead},
    },
    domain::oauth::{Params, UserClaims},
    gateway::{platform::Platform, trouble::Answer, visit::Visit},
};
use serde_json::{Map, Value, json};

/// What a user may say of themself here.
const FIELDS: [&str; 4] = ["name", "given_name", "family_name", "nickname"];

/// Shows the profile, or changes it.
///
/// # Errors
/// 403 for a form that is not ours, or a fault.
pub(in crate::gateway::pages) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let owner = match visit.owner().await? {
        Ok(owner) => owner,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match visit.own_form()? {
        Some(form) => change(visit, &owner, &form).await,
        None => {
            page(
                visit,
                &owner,
                of_claims(&owner.user.claims),
                Errors::default(),
            )
            .await
        }
    }
}

async fn change<P: Platform>(visit: &Visit<'_, P>, owner: &Owner, form: &Params) -> Answer {
    let change = ChangeUser {
        id: owner.user.sub,
        patch: patch(form),
        by: ChangedBy::User,
        password: None,
    };
    match visit.mail.ask(&visit.tenant(), change).await? {
        UserRead::Found(_) => Ok(done("/account/profile")),
        UserRead::Missing | UserRead::EmailTaken | UserRead::Refused(_) => {
            let text = "Use plain text of at most 200 characters in each field.";
            page(
                visit,
                owner,
                of_form(form),
                Errors::default().with("", text),
            )
            .await
        }
    }
}

/// The merge patch a form makes: what was emptied is no longer known.
fn patch(form: &Params) -> Value {
    let value = |name| match field(form, name).trim() {
        "" => Value::Null,
        text => json!(text),
    };
    Value::Object(
        FIELDS
            .map(|name| (name.to_owned(), value(name)))
            .into_iter()
            .collect::<Map<_, _>>(),
    )
}

fn of_claims(claims: &UserClaims) -> ProfileForm {
    ProfileForm {
        name: claims.name.clone().unwrap_or_default(),
        given_name: claims.given_name.clone().unwrap_or_default(),
        family_name: claims.family_name.clone().unwrap_or_default(),
        nickname: claims.nickname.clone().unwrap_or_default(),
    }
}

fn of_form(form: &Params) -> ProfileForm {
    ProfileForm {
        name: field(form, "name").to_owned(),
        given_name: field(form, "given_name").to_owned(),
        family_name: field(form, "family_name").to_owned(),
        nickname: field(form, "nickname").to_owned(),
    }
}

async fn page<P: Platform>(
    visit: &Visit<'_, P>,
    owner: &Owner,
    said: ProfileForm,
    errors: Errors,
) -> Answer {
    let csrf = visit.csrf();
    let status = errors.status();
    let page = Profile {
        shell: visit.shell().await?.with(&errors),
        section: "profile",
        proof: own_proof(&csrf),
        notice: visit.notice("Your profile has been saved."),
        errors,
        said,
        email: email_of(&owner.user),
    };
    visit.form_page(status, &page, &csrf, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emptied_field_is_forgotten_and_no_other_field_gets_through() {
        let form = Params::parse(b"name=+Ada+&nickname=&email=x%40y.example&roles=admin").unwrap();
        let expected =
            json!({"name": "Ada", "given_name": null, "family_name": null, "nickname": null});
        assert_eq!(patch(&form), expected);
    }
}
