//! What has a user allowed?

use super::{audit, endings, page};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            Consents, GiveConsent, ListConsents, PAGE_MAX, ReadConsent, WithdrawConsent,
            state::{clients, consents as state, users},
        },
    },
    domain::{audit::Event, ids::UserId, oauth::Consent},
};

pub(super) fn read(turn: &Turn<'_>, m: &ReadConsent) -> Result<Consents, Fault> {
    let items = state::read(turn.store, m.user, &m.client_id)?;
    answer(turn, m.user, items.into_iter().collect())
}

/// A consent is worth nothing without the user who gives it or the client it
/// is given to; both may have gone while the page was open.
pub(super) fn give(turn: &mut Turn<'_>, m: GiveConsent) -> Result<Consents, Fault> {
    let client = clients::read(turn.store, &m.consent.client_id)?;
    let user = users::read_active(turn.store, m.user)?;
    if client.is_none() || user.is_none() {
        return answer(turn, m.user, Vec::new());
    }
    let consent = match state::read(turn.store, m.user, &m.consent.client_id)? {
        Some(earlier) => m.consent.and(&earlier),
        None => m.consent,
    };
    state::put(turn.store, m.user, &consent)?;
    audit::done(turn, Event::ConsentGiven, &consent.client_id)?;
    answer(turn, m.user, vec![consent])
}

pub(super) fn withdraw(turn: &mut Turn<'_>, m: &WithdrawConsent) -> Result<Consents, Fault> {
    state::delete(turn.store, m.user, &m.client_id)?;
    audit::done(turn, Event::ConsentWithdrawn, &m.client_id)?;
    endings::revoke_for_user(turn, m.user, &m.client_id)?;
    answer(turn, m.user, Vec::new())
}

pub(super) fn list(turn: &Turn<'_>, m: &ListConsents) -> Result<Consents, Fault> {
    let mut items = state::of_user(turn.store, m.user)?;
    page::cut(&mut items, PAGE_MAX)?;
    answer(turn, m.user, items)
}

fn answer(turn: &Turn<'_>, user: UserId, items: Vec<Consent>) -> Result<Consents, Fault> {
    let user = users::read(turn.store, user)?;
    let email = user.and_then(|user| user.claims.email);
    Ok(Consents { items, email })
}
