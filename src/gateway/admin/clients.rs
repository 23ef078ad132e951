//! `/admin/v1/tenants/{tenant}/clients`: which clients does a tenant have?
//!
//! Documents are client metadata under the names of [RFC 7591 §2] and ours. A
//! secret is made here, shown in the answer that made it, and never again.
//!
//! [RFC 7591 §2]: https://www.rfc-editor.org/rfc/rfc7591#section-2

use super::{
    acts::Acting,
    body::{self, members_of, unprocessable},
    page::{self, List},
    place::{self, Place},
    shown::{created, done, ok},
};
use crate::domain::tree;
use crate::{
    actors::tenant::{
        ChangeClient, ClientRead, CreateClient, DeleteClient, ListClients, ReadClient,
    },
    domain::{
        oauth::{
            Client, ClientId, ValidMetadata,
            client::{ClientDocument, ClientMetadata, Registrant},
            scope::Scope,
        },
        token::opaque::ClientSecret,
    },
    gateway::{
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};

fn no_client() -> Trouble {
    Problem::new(404, "unknown-client", "The tenant has no such client.").into()
}

fn conflict(detail: &str) -> Trouble {
    Problem::new(409, "client-conflict", detail).into()
}

/// Whether a client with this metadata can operate something.
fn operates(metadata: &ValidMetadata) -> bool {
    metadata.scope.contains(Scope::ADMIN)
}

/// What a name cannot be, no client has.
fn named(client_id: &str) -> Result<ClientId, Trouble> {
    ClientId::parse(client_id).map_err(|_| no_client())
}

fn found(read: ClientRead) -> Result<Client, Trouble> {
    match read {
        ClientRead::Found(client) => Ok(*client),
        ClientRead::Missing => Err(no_client()),
        ClientRead::Taken => Err(conflict("This client_id is taken.")),
        ClientRead::TooMany => Err(conflict("The tenant has no room for another client.")),
    }
}

fn with_secret<'a>(client: &'a Client, secret: Option<&ClientSecret>) -> ClientDocument<'a> {
    match secret {
        Some(secret) => client.document().with_secret(secret.reveal()),
        None => client.document(),
    }
}

/// Lists a tenant's clients by id.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, tenant: &str) -> Answer {
    let wanted = page::wanted(visit)?;
    let ask = ListClients {
        after: wanted.after_as(ClientId::parse)?,
        limit: wanted.limit,
    };
    let place = place::find(visit, tenant).await?;
    let page = place.ask(visit, ask).await?;
    ok(&List {
        items: page.items.iter().map(Client::document).collect(),
        next_cursor: page.next.as_ref().map(page::cursor),
    })
}

/// Adds a client, under an id of the operator's choice or ours.
pub(super) async fn create<P: Platform>(visit: &Visit<'_, P>, tenant: &str, by: &Acting) -> Answer {
    let mut sent = body::object(visit)?;
    sent.only(&[members_of::<ClientMetadata>()])?;
    let chosen: Option<String> = sent.take_as("client_id", "text")?;
    let chosen = chosen.map(|text| ClientId::parse(&text)).transpose();
    let chosen = chosen.map_err(|refusal| unprocessable("invalid-client-metadata", refusal))?;
    let metadata: ClientMetadata = tree::from_value(sent.rest())
        .map_err(|why| unprocessable("invalid-client-metadata", why))?;
    let valid = metadata.validate(Registrant::Admin)?;
    if let Some(refusal) = by.step_up(visit, operates(&valid)) {
        return Ok(refusal);
    }

    let place = place::find(visit, tenant).await?;
    let client_id = chosen.unwrap_or_else(|| ClientId::generate(&mut visit.entropy()));
    let mut client = Client::new(client_id, valid, visit.now);
    let needs_secret = client.metadata.token_endpoint_auth_method.has_secret();
    let secret = needs_secret.then(|| ClientSecret::mint(&mut visit.entropy()));
    client.secret_digest = secret.as_ref().map(ClientSecret::digest);
    let client = Box::new(client);
    let client = found(place.ask(visit, CreateClient { client }).await?)?;
    visit.gateway.forget_client(place.id(), &client.client_id);
    let shown = with_secret(&client, secret.as_ref());
    created(visit, client.client_id.as_str(), &shown)
}

/// Shows one client.
pub(super) async fn read<P: Platform>(visit: &Visit<'_, P>, tenant: &str, id: &str) -> Answer {
    let (_, client) = find(visit, tenant, id).await?;
    ok(&client.document())
}

async fn find<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    id: &str,
) -> Result<(Place, Client), Trouble> {
    let client_id = named(id)?;
    let place = place::find(visit, tenant).await?;
    let client = found(place.ask(visit, ReadClient { client_id }).await?)?;
    Ok((place, client))
}

/// Changes a client's metadata. One that must have a secret from now on, and
/// has none, gets one.
pub(super) async fn change<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    id: &str,
    by: &Acting,
) -> Answer {
    let sent = body::patch(visit)?;
    sent.only(&[members_of::<ClientMetadata>()])?;
    if sent.has("client_id") {
        let why = "client_id never changes";
        return Err(unprocessable("invalid-client-metadata", why));
    }
    let (place, client) = find(visit, tenant, id).await?;
    let valid = client.metadata.patched(sent.rest(), Registrant::Admin)?;
    if let Some(refusal) = by.step_up(visit, operates(&client.metadata) || operates(&valid)) {
        return Ok(refusal);
    }
    let needs_secret = valid.token_endpoint_auth_method.has_secret();
    let lacks_secret = needs_secret && client.secret_digest.is_none();
    let secret = lacks_secret.then(|| ClientSecret::mint(&mut visit.entropy()));
    let change = ChangeClient {
        client_id: client.client_id,
        metadata: Some(Box::new(valid)),
        secret: secret.as_ref().map(ClientSecret::digest),
        registration_token: None,
    };
    changed(visit, &place, change, secret.as_ref()).await
}

/// Makes a new secret; the old one is worthless at once.
pub(super) async fn rotate_secret<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    id: &str,
) -> Answer {
    body::optional(visit)?.only(&[])?;
    let (place, client) = find(visit, tenant, id).await?;
    if !client.metadata.token_endpoint_auth_method.has_secret() {
        return Err(conflict("The client authenticates without a secret."));
    }
    let secret = ClientSecret::mint(&mut visit.entropy());
    let change = ChangeClient {
        client_id: client.client_id,
        metadata: None,
        secret: Some(secret.digest()),
        registration_token: None,
    };
    changed(visit, &place, change, Some(&secret)).await
}

async fn changed<P: Platform>(
    visit: &Visit<'_, P>,
    place: &Place,
    change: ChangeClient,
    secret: Option<&ClientSecret>,
) -> Answer {
    let client = found(place.ask(visit, change).await?)?;
    visit.gateway.forget_client(place.id(), &client.client_id);
    ok(&with_secret(&client, secret))
}

/// Deletes a client; every grant it holds ends.
pub(super) async fn delete<P: Platform>(visit: &Visit<'_, P>, tenant: &str, id: &str) -> Answer {
    let client_id = named(id)?;
    let place = place::find(visit, tenant).await?;
    let client = found(place.ask(visit, DeleteClient { client_id }).await?)?;
    visit.gateway.forget_client(place.id(), &client.client_id);
    Ok(done())
}
