//! What can be asked about consents?

use crate::domain::{
    ids::UserId,
    oauth::{ClientId, Consent},
    user::Email,
};
use serde::{Deserialize, Serialize};

/// Reads what a user has allowed a client.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadConsent {
    /// Whose.
    pub user: UserId,
    /// For whom.
    pub client_id: ClientId,
}

/// Records what a user has allowed a client, added to what he allowed before.
#[derive(Debug, Serialize, Deserialize)]
pub struct GiveConsent {
    /// Whose.
    pub user: UserId,
    /// For whom and what.
    pub consent: Consent,
}

/// Withdraws what a user has allowed a client; its grants in his sessions end.
#[derive(Debug, Serialize, Deserialize)]
pub struct WithdrawConsent {
    /// Whose.
    pub user: UserId,
    /// For whom.
    pub client_id: ClientId,
}

/// Lists what a user has allowed.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListConsents {
    /// Whose.
    pub user: UserId,
}

/// Answers everything about consents.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Consents {
    /// Those asked for; empty when there are none.
    pub items: Vec<Consent>,
    /// The user's profile, for the page that asks for consent.
    pub email: Option<Email>,
}
