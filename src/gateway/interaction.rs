//! What is an authorization request doing while its user signs in?
//!
//! It travels with the browser, sealed: nothing is stored for a request that
//! may never come back. What the user has done on the way is bound to the
//! session that did it, so that a link made in one browser opens nothing in
//! another.

use super::{
    platform::Platform,
    trouble::{Problem, Trouble},
    visit::Visit,
};
use crate::domain::{
    ids::SessionId,
    keys::Purpose,
    oauth::{Interaction, Params},
    seal::{Binding, SealRefusal, open_json, seal_json},
    time::{HOUR_MS, Timestamp},
};
use serde::{Deserialize, Serialize};

/// The parameter it travels in.
pub const INTERACTION: &str = "interaction";

/// How long a user may take to sign in and consent.
pub const INTERACTION_MS_MAX: i64 = HOUR_MS;

/// An authorization request on its way through our pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The request's parameters as they came, form-encoded.
    pub request: String,
    /// When the request came.
    pub started_at: Timestamp,
    /// The session whose user chose it for this request.
    #[serde(default)]
    pub selected_by: Option<SessionId>,
    /// The session whose user consented to this very request.
    #[serde(default)]
    pub consented_by: Option<SessionId>,
    /// Whether it came through the back channel (RFC 9126).
    #[serde(default)]
    pub was_pushed: bool,
}

impl Pending {
    /// What has been done for the request, by the user of `session`.
    #[must_use]
    pub fn interaction(&self, session: SessionId) -> Interaction {
        Interaction {
            started_at: self.started_at,
            selected: self.selected_by == Some(session),
            consented: self.consented_by == Some(session),
        }
    }
}

impl<P: Platform> Visit<'_, P> {
    /// The address of one of our pages, carrying the request.
    ///
    /// # Errors
    /// 414 when the request is too long to travel.
    pub fn page_for(&self, path: &str, pending: &Pending) -> Result<String, Trouble> {
        let sealed = self.seal_interaction(pending)?;
        Ok(format!("{path}?{INTERACTION}={sealed}"))
    }

    /// The request, sealed for a form field or a query.
    ///
    /// # Errors
    /// 414 when it is too long to travel.
    pub fn seal_interaction(&self, pending: &Pending) -> Result<String, Trouble> {
        let keys = &self.platform().settings().master_keys;
        let expires_at = pending.started_at.plus(INTERACTION_MS_MAX);
        seal_json(
            keys,
            self.interaction_binding(),
            expires_at,
            pending,
            &mut self.entropy(),
        )
        .map_err(|_| {
            Problem::new(
                414,
                "uri-too-long",
                "The authorization request is too long.",
            )
            .into()
        })
    }

    /// The request a page or form carries; `None` when it carries none.
    ///
    /// # Errors
    /// 400 when it is not genuine or too old.
    pub fn open_interaction(&self, params: &Params) -> Result<Option<Pending>, Trouble> {
        let refused =
            |detail: &str| Trouble::from(Problem::new(400, "interaction-refused", detail));
        let sealed = params
            .one(INTERACTION)
            .map_err(|_| refused("This link is not whole."))?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let keys = &self.platform().settings().master_keys;
        match open_json(keys, self.interaction_binding(), sealed, self.now) {
            Ok(pending) => Ok(Some(pending)),
            Err(SealRefusal::Expired) => Err(refused(
                "This took too long. Go back to the application and start again.",
            )),
            Err(_) => Err(refused(
                "This link is not whole. Go back to the application.",
            )),
        }
    }

    fn interaction_binding(&self) -> Binding {
        Binding {
            purpose: Purpose::Interaction,
            tenant: self.home.id,
        }
    }
}
