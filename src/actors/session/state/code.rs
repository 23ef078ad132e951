//! Which codes wait to be redeemed, and for what?

use super::{cell, digest, document, written};
use crate::{
    actors::session::{GrantRefusal, Redeem, schema},
    domain::{
        oauth::{
            AuthorizationRequest, ClaimsRequest, ClientId, CodeChallenge, RedirectUri, Resource,
            Scopes,
        },
        session::Authentication,
        time::Timestamp,
        token::{CodeProof, opaque::CodeId},
    },
    store::{Store, StoreFault},
};
use serde::{Deserialize, Serialize};

/// What was authorized, to whom, and what whoever redeems it must know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) client_id: ClientId,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) redirect_uri_was_given: bool,
    pub(crate) challenge: Option<CodeChallenge>,
    pub(crate) scopes: Scopes,
    pub(crate) resources: Vec<Resource>,
    pub(crate) nonce: Option<String>,
    pub(crate) claims: ClaimsRequest,
    /// As it was when the code was issued: a later step-up is not this
    /// client's (OpenID Connect Core §12.2).
    pub(crate) authentication: Authentication,
}

/// A code nobody has redeemed.
pub(crate) struct Code {
    pub(crate) proof: CodeProof,
    pub(crate) terms: Terms,
    pub(crate) expires_at: Timestamp,
}

impl Terms {
    pub(crate) fn of(request: AuthorizationRequest, authentication: Authentication) -> Self {
        Self {
            client_id: request.client_id,
            redirect_uri: request.redirect_uri,
            redirect_uri_was_given: request.redirect_uri_was_given,
            challenge: request.code_challenge,
            scopes: request.scopes,
            resources: request.resources,
            nonce: request.nonce,
            claims: request.claims,
            authentication,
        }
    }

    /// The rule that whoever presents the code breaks, if any
    /// ([RFC 6749 §4.1.3]).
    ///
    /// A verifier for a request that had no challenge is refused too: somebody
    /// took the challenge away on the road ([RFC 9700 §4.8.2]).
    ///
    /// [RFC 6749 §4.1.3]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
    /// [RFC 9700 §4.8.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.8.2
    pub(crate) fn refuses(&self, redeem: &Redeem) -> Option<GrantRefusal> {
        if redeem.client_id != self.client_id {
            return Some(GrantRefusal::OtherClient);
        }
        let repeats = match &redeem.redirect_uri {
            Some(uri) => uri == self.redirect_uri.as_str(),
            None => !self.redirect_uri_was_given,
        };
        if !repeats {
            return Some(GrantRefusal::RedirectUri);
        }
        (redeem.challenge != self.challenge).then_some(GrantRefusal::Verifier)
    }
}

pub(crate) fn count(store: &dyn Store) -> Result<u32, StoreFault> {
    let rows = store.query(schema::COUNT_CODES, &[])?;
    rows.first().map_or(Ok(0), |row| row.count(0))
}

pub(crate) fn find(store: &dyn Store, id: CodeId) -> Result<Option<Code>, StoreFault> {
    let rows = store.query(schema::CODE, &[id.as_bytes().as_slice().into()])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(Code {
        proof: CodeProof {
            id,
            digest: digest(row, 0)?,
        },
        terms: document(row, 1)?,
        expires_at: row.instant(2)?,
    }))
}

pub(crate) fn add(store: &dyn Store, code: &Code) -> Result<(), StoreFault> {
    let values = [
        code.proof.id.as_bytes().as_slice().into(),
        cell(&code.proof.digest),
        code.terms.client_id.as_str().into(),
        written(&code.terms)?,
        code.expires_at.into(),
    ];
    store.query(schema::ADD_CODE, &values).map(drop)
}

pub(crate) fn remove(store: &dyn Store, id: CodeId) -> Result<(), StoreFault> {
    let values = [id.as_bytes().as_slice().into()];
    store.query(schema::DROP_CODE, &values).map(drop)
}

pub(crate) fn remove_of(store: &dyn Store, client: &ClientId) -> Result<(), StoreFault> {
    let values = [client.as_str().into()];
    store.query(schema::DROP_CODES_OF, &values).map(drop)
}
