//! `/signup`: may I have an account?
//!
//! An address that has an account is refused with the words, the status and the
//! cost of any refusal, but refused it is, while a new address is taken: without
//! mail to prove who owns an address, a patient caller can tell the two apart.
//! The rate limit makes that slow; a tenant that cannot live with it sets
//! `signup_enabled` to false (docs/sign-in.md).

use super::{
    shell::field,
    view::{Errors, SignUp},
    waiting::Waiting,
};
use crate::{
    actors::{
        runtime::Actors,
        tenant::{CreateUser, UserRead},
    },
    domain::{
        audit::Actor,
        ids::UserId,
        oauth::{Params, UserClaims},
        password::{self, Password, PasswordHash},
        secret::Secret,
        user::{Email, PasswordPolicy, PasswordRefusal},
    },
    gateway::{
        limit::{self, Policy},
        platform::Platform,
        sign_in::{self, Proven},
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};

const REFUSED: &str =
    "An account cannot be made with these details. If you have one already, sign in.";

/// What a form asks for, when it is in order.
struct Wish {
    email: Email,
    name: Option<String>,
    password: Password,
}

/// Shows the form, or makes the account and signs its owner in.
///
/// # Errors
/// 403 where people cannot make accounts or for a form that is not ours, 429,
/// or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let configuration = visit.configuration().await?;
    if !configuration.settings.signup_enabled {
        let detail = "Accounts are made by an administrator here.";
        return Err(Problem::new(403, "sign-up-closed", detail).into());
    }
    let policy = configuration.settings.password_policy;
    if let Some(form) = visit.own_form()? {
        return submit(visit, &form, policy).await;
    }
    page(visit, &visit.query()?, policy, Errors::default()).await
}

async fn submit<P: Platform>(
    visit: &Visit<'_, P>,
    form: &Params,
    policy: PasswordPolicy,
) -> Answer {
    let waiting = visit.open_interaction(form)?;
    let wish = match wish(form, policy) {
        Ok(wish) => wish,
        Err(errors) => return page(visit, form, policy, errors).await,
    };
    let told = limit::charge(visit, Policy::SignUp).await?;
    let hash = password::hash(&wish.password, &mut visit.entropy())?;
    match create(visit, wish, hash.clone()).await? {
        Ok(user) => {
            let proven = Proven {
                user,
                checked: hash,
                rehashed: None,
            };
            visit.act_as(Actor::user(user));
            let signed_in = sign_in::begin(visit, &proven).await?;
            let refused = || Problem::new(503, "temporarily-unavailable", "Sign in, please.");
            let onward = signed_in.ok_or_else(refused)?.onward(visit, waiting)?;
            Ok(told.onto(onward))
        }
        Err(errors) => page(visit, form, policy, errors).await,
    }
}

async fn create<P: Platform>(
    visit: &Visit<'_, P>,
    wish: Wish,
    hash: PasswordHash,
) -> Result<Result<UserId, Errors>, Trouble> {
    let create = CreateUser {
        id: UserId::generate(&mut visit.entropy()),
        claims: Box::new(UserClaims {
            email: Some(wish.email),
            email_verified: Some(false),
            name: wish.name,
            ..UserClaims::default()
        }),
        password: Some(hash),
        roles: Vec::new(),
    };
    visit.act_as(Actor::ANONYMOUS);
    Ok(match visit.mail.ask(&visit.tenant(), create).await? {
        UserRead::Found(user) => Ok(user.sub),
        UserRead::Missing | UserRead::EmailTaken | UserRead::Refused(_) => {
            Err(Errors::default().with("", REFUSED))
        }
    })
}

fn wish(form: &Params, policy: PasswordPolicy) -> Result<Wish, Errors> {
    let mut errors = Errors::default();
    let email = Email::parse(field(form, "username"));
    if email.is_err() {
        errors = errors.with("username", "Enter an e-mail address, like ada@example.com.");
    }
    let name = field(form, "name").trim();
    let is_name = name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control);
    if !is_name {
        errors = errors.with("name", "Use a name of at most 200 characters.");
    }
    let password = new_password(field(form, "password"), policy, email.as_ref().ok());
    match (email, password) {
        (Ok(email), Ok(password)) if errors.is_empty() => {
            let name = (!name.is_empty()).then(|| name.to_owned());
            Ok(Wish {
                email,
                name,
                password,
            })
        }
        (_, Err(text)) => Err(errors.with("password", text)),
        _ => Err(errors),
    }
}

/// What OpenID Connect's `name` may hold at most, here.
const NAME_CHARS_MAX: usize = 200;

/// A password that may be chosen, or the sentence that says why not.
pub(super) fn new_password(
    typed: &str,
    policy: PasswordPolicy,
    email: Option<&Email>,
) -> Result<Password, String> {
    policy.check(typed, email).map_err(sentence)?;
    Password::parse(Secret::new(typed.to_owned())).map_err(|_| "Use a shorter password.".to_owned())
}

fn sentence(refusal: PasswordRefusal) -> String {
    match refusal {
        PasswordRefusal::TooShort(least) => format!("Use at least {least} characters."),
        PasswordRefusal::TooLong => "Use at most 256 characters.".to_owned(),
        PasswordRefusal::IsEmail => "Do not use your e-mail address as password.".to_owned(),
        PasswordRefusal::Common => {
            "Many people use this password, so it is easily guessed. Choose another.".to_owned()
        }
    }
}

/// What to say of new passwords before one is typed.
pub(super) fn password_rule(policy: PasswordPolicy) -> String {
    let least = policy.length_min;
    format!("At least {least} characters. A few unrelated words work well.")
}

async fn page<P: Platform>(
    visit: &Visit<'_, P>,
    sent: &Params,
    policy: PasswordPolicy,
    errors: Errors,
) -> Answer {
    let waiting = visit.waiting(sent).await?;
    let csrf = visit.csrf();
    let status = errors.status();
    let page = SignUp {
        shell: visit.shell().await?.with(&errors),
        proof: visit.proof(&csrf, waiting.as_ref().map(|waiting| &waiting.pending))?,
        errors,
        application: waiting.as_ref().and_then(Waiting::name),
        username: field(sent, "username").to_owned(),
        full_name: field(sent, "name").to_owned(),
        password_rule: password_rule(policy),
    };
    visit.form_page(status, &page, &csrf, waiting.as_ref())
}
