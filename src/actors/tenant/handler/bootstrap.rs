//! How does an operator get in the first time?

use super::{audit, clients, endings};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            BOOTSTRAP_CLIENT, Bootstrapped, EnsureBootstrap, SetUp, SetUpAnswer,
            state::{clients as client_rows, sign_in as state, users},
        },
    },
    domain::{
        audit::Event,
        ids::UserId,
        oauth::{Client, ClientId, UserClaims},
        secret::TokenDigest,
        session::EndReason,
        user::{Email, Role, User, UserStatus},
    },
};

pub(super) fn ensure(turn: &mut Turn<'_>, m: EnsureBootstrap) -> Result<Bootstrapped, Fault> {
    ensure_client(turn, m.client.map(|client| *client))?;
    let awaits_setup = ensure_setup(turn, m.setup)?;
    Ok(Bootstrapped { awaits_setup })
}

fn ensure_client(turn: &mut Turn<'_>, wanted: Option<Client>) -> Result<(), Fault> {
    let id = ClientId::parse(BOOTSTRAP_CLIENT);
    let id = id.map_err(|_| Fault::Corrupt("the bootstrap client's name is none"))?;
    let current = client_rows::read(turn.store, &id)?;
    match (wanted, current) {
        (Some(wanted), Some(current)) if is_same(&wanted, &current) => Ok(()),
        (Some(wanted), _) => {
            let wanted = Client {
                client_id: id,
                ..wanted
            };
            clients::put(turn, &wanted)?;
            audit::done(turn, Event::ClientChanged, &wanted.client_id)
        }
        (None, Some(_)) => {
            clients::remove(turn, &id)?;
            audit::done(turn, Event::ClientDeleted, &id)
        }
        (None, None) => Ok(()),
    }
}

fn is_same(wanted: &Client, current: &Client) -> bool {
    wanted.metadata == current.metadata && wanted.secret_digest == current.secret_digest
}

/// Keeps the invitation while it is needed, and says whether somebody should
/// be told of it. One that was used stays used until the settings name another.
fn ensure_setup(turn: &Turn<'_>, wanted: Option<(Email, TokenDigest)>) -> Result<bool, Fault> {
    let Some((email, token)) = wanted else {
        state::drop_setup(turn.store)?;
        return Ok(false);
    };
    if users::has_admin(turn.store)? {
        return Ok(false);
    }
    let current = state::read_setup(turn.store)?;
    let current = current.filter(|setup| setup.email == email && setup.token == token);
    if let Some(setup) = current {
        return Ok(!setup.is_used);
    }
    state::put_setup(turn.store, &email, &token)?;
    Ok(true)
}

pub(super) fn set_up(turn: &mut Turn<'_>, m: &SetUp) -> Result<SetUpAnswer, Fault> {
    let setup = state::read_setup(turn.store)?;
    let good = setup.filter(|setup| !setup.is_used && setup.token == m.token);
    let Some(setup) = good else {
        return Ok(SetUpAnswer::Refused);
    };
    if users::has_admin(turn.store)? {
        return Ok(SetUpAnswer::Refused);
    }
    if let Some(password) = &m.password {
        let id = make_admin(turn, m.user, &setup.email)?;
        state::set_password(turn.store, id, password)?;
        state::use_setup(turn.store)?;
        audit::done(turn, Event::AdminSetUp, &id)?;
    }
    Ok(SetUpAnswer::Good(setup.email))
}

/// Whoever holds the token holds the address. Somebody may have signed up with
/// it before without proving it: the account is the administrator's from now
/// on, and whoever was signed in to it is not.
fn make_admin(turn: &mut Turn<'_>, id: UserId, email: &Email) -> Result<UserId, Fault> {
    let earlier = users::by_email(turn.store, email)?;
    let is_known = earlier.is_some();
    let id = earlier.as_ref().map_or(id, |user| user.sub);
    let user = User {
        sub: id,
        status: UserStatus::Active,
        roles: vec![Role::Admin],
        has_password: true,
        created_at: earlier.map_or(turn.now, |user| user.created_at),
        claims: UserClaims {
            email: Some(email.clone()),
            email_verified: Some(true),
            updated_at: Some(turn.now.as_seconds()),
            ..UserClaims::default()
        },
    };
    users::put(turn.store, &user)?;
    if is_known {
        endings::change_password(turn, id, None, EndReason::PasswordChanged)?;
    }
    Ok(id)
}
