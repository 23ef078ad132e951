//! How does the session actor read and write its rows?
//!
//! * [`login`]: the one row of the session itself, and its end
//! * [`code`]: codes, and the terms they carry
//! * [`grant`]: what became of them, with the refresh tokens
//! * [`memo`]: consents, revoked tokens, and what has expired
//! * [`ticket`]: how pages of other origins may attach

pub(super) mod code;
pub(super) mod grant;
pub(super) mod login;
pub(super) mod memo;
pub(super) mod ticket;

use crate::domain::tree;
use crate::{
    domain::secret::TokenDigest,
    store::{Row, StoreFault, Value},
};
use serde::{Serialize, de::DeserializeOwned};

fn bytes<const N: usize>(row: &Row, index: usize) -> Result<[u8; N], StoreFault> {
    let bytes = row.blob(index)?.try_into();
    bytes.map_err(|_| StoreFault::Column { index })
}

fn digest(row: &Row, index: usize) -> Result<TokenDigest, StoreFault> {
    TokenDigest::from_stored(row.blob(index)?).ok_or(StoreFault::Column { index })
}

fn document<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, StoreFault> {
    tree::from_json(row.text(index)?.as_bytes()).map_err(|_| StoreFault::Column { index })
}

fn written<T: Serialize>(document: &T) -> Result<Value, StoreFault> {
    let text = serde_json::to_string(document);
    text.map(Value::from)
        .map_err(|why| StoreFault::Engine(why.to_string()))
}

fn cell(digest: &TokenDigest) -> Value {
    digest.as_bytes().as_slice().into()
}
