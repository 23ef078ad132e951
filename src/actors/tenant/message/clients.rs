//! What can be asked about clients?

use crate::domain::{
    oauth::{Client, ClientId, ValidMetadata},
    secret::TokenDigest,
};
use serde::{Deserialize, Serialize};

/// Reads one client.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadClient {
    /// Which.
    pub client_id: ClientId,
}

/// Adds a client.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreateClient {
    /// The client, complete; its id drawn by the gateway.
    pub client: Box<Client>,
}

/// Changes a client.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangeClient {
    /// Which.
    pub client_id: ClientId,
    /// Its metadata from now on, when that changes.
    pub metadata: Option<Box<ValidMetadata>>,
    /// Its secret from now on, when that changes; the old one is worthless at
    /// once.
    pub secret: Option<TokenDigest>,
    /// Its registration token from now on (RFC 7592 §3), when that changes.
    pub registration_token: Option<TokenDigest>,
}

/// Answers everything about one client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ClientRead {
    /// So it stands now.
    Found(Box<Client>),
    /// There is none.
    Missing,
    /// The id is taken.
    Taken,
    /// There are [`crate::actors::tenant::CLIENTS_MAX`] already.
    TooMany,
}

/// Deletes a client; every grant it holds in any session ends.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeleteClient {
    /// Which.
    pub client_id: ClientId,
}

/// Lists clients by id.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListClients {
    /// After this one.
    pub after: Option<ClientId>,
    /// At most so many, bounded by [`crate::actors::tenant::PAGE_MAX`].
    pub limit: u32,
}

/// Answers [`ListClients`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientPage {
    /// In the order of their ids.
    pub items: Vec<Client>,
    /// More follow after this one.
    pub next: Option<ClientId>,
}
