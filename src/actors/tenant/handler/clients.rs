//! How do clients come, change and go?

use super::{audit, endings, jobs, page};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            BOOTSTRAP_CLIENT, CLIENTS_MAX, CONSOLE_CLIENT, ChangeClient, ClientPage, ClientRead,
            CreateClient, DeleteClient, ListClients, PAGE_MAX, ReadClient, UNUSED_CLIENT_MS,
            state::{clients as state, settings},
        },
    },
    domain::{
        audit::Event,
        oauth::{Client, ClientId},
        time::DAY_MS,
    },
};

/// A client that is read is about to be used. That is written down at most
/// once a day.
pub(super) fn read(turn: &Turn<'_>, m: &ReadClient) -> Result<ClientRead, Fault> {
    let Some(mut client) = state::read(turn.store, &m.client_id)? else {
        return Ok(ClientRead::Missing);
    };
    let is_noted = |at| turn.now.since(at) < DAY_MS;
    if client.dynamic && !client.last_used_at.is_some_and(is_noted) {
        state::note_use(turn.store, &m.client_id, turn.now)?;
        client.last_used_at = Some(turn.now);
    }
    Ok(ClientRead::Found(Box::new(client)))
}

pub(super) fn create(turn: &mut Turn<'_>, m: CreateClient) -> Result<ClientRead, Fault> {
    let client = *m.client;
    let earlier = state::read(turn.store, &client.client_id)?;
    let is_ours = [BOOTSTRAP_CLIENT, CONSOLE_CLIENT].contains(&client.client_id.as_str());
    if earlier.is_some() || is_ours {
        return Ok(ClientRead::Taken);
    }
    if state::count(turn.store)? >= CLIENTS_MAX {
        return Ok(ClientRead::TooMany);
    }
    put(turn, &client)?;
    let mut event = Event::ClientCreated;
    if client.dynamic {
        plan_expiry(turn)?;
        event = Event::ClientRegistered;
    }
    audit::done(turn, event, &client.client_id)?;
    Ok(ClientRead::Found(Box::new(client)))
}

pub(super) fn change(turn: &mut Turn<'_>, m: ChangeClient) -> Result<ClientRead, Fault> {
    let Some(mut client) = state::read(turn.store, &m.client_id)? else {
        return Ok(ClientRead::Missing);
    };
    let mut event = Event::ClientSecretRotated;
    if let Some(metadata) = m.metadata {
        client.metadata = *metadata;
        event = Event::ClientChanged;
    }
    client.secret_digest = m.secret.or(client.secret_digest);
    if !client.metadata.token_endpoint_auth_method.has_secret() {
        client.secret_digest = None;
    }
    let token = client.registration_token_digest;
    client.registration_token_digest = m.registration_token.or(token);
    put(turn, &client)?;
    audit::done(turn, event, &client.client_id)?;
    Ok(ClientRead::Found(Box::new(client)))
}

pub(super) fn delete(turn: &mut Turn<'_>, m: &DeleteClient) -> Result<ClientRead, Fault> {
    let Some(client) = state::read(turn.store, &m.client_id)? else {
        return Ok(ClientRead::Missing);
    };
    remove(turn, &m.client_id)?;
    audit::done(turn, Event::ClientDeleted, &m.client_id)?;
    Ok(ClientRead::Found(Box::new(client)))
}

pub(super) fn list(turn: &Turn<'_>, m: &ListClients) -> Result<ClientPage, Fault> {
    let limit = page::reads(m.limit);
    let mut items = state::page(turn.store, m.after.as_ref(), limit)?;
    let has_more = page::cut(&mut items, m.limit)?;
    let last = items.last().filter(|_| has_more);
    let next = last.map(|client| client.client_id.clone());
    Ok(ClientPage { items, next })
}

/// Adds or changes a client that gateways may have cached.
pub(super) fn put(turn: &Turn<'_>, client: &Client) -> Result<(), Fault> {
    state::put(turn.store, client)?;
    settings::bump(turn.store)
}

/// Removes a client with everything it was granted.
pub(super) fn remove(turn: &mut Turn<'_>, id: &ClientId) -> Result<(), Fault> {
    state::delete(turn.store, id)?;
    settings::bump(turn.store)?;
    endings::revoke_everywhere(turn, id)
}

/// Drops clients that registered themselves and were never used. Nobody has
/// granted them anything.
pub(super) fn expire(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let until = turn.now.plus(-UNUSED_CLIENT_MS);
    for id in state::unused(turn.store, until, PAGE_MAX)? {
        state::delete(turn.store, &id)?;
        settings::bump(turn.store)?;
        audit::done(turn, Event::ClientDeleted, &id)?;
    }
    plan_expiry(turn)
}

fn plan_expiry(turn: &mut Turn<'_>) -> Result<(), Fault> {
    if let Some(oldest) = state::oldest_unused(turn.store)? {
        turn.effects
            .schedule(jobs::EXPIRE_CLIENTS, oldest.plus(UNUSED_CLIENT_MS));
    }
    Ok(())
}
