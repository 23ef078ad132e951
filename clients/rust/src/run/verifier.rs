//! May this token be acted on?

use super::{
    config::{Config, Policy},
    socket::{self, Asker},
    tenant::Tenant,
};
use crate::{
    feed::{Feed, Standing},
    token::{AccessToken, Expectations, TokenRefusal},
};
use aero2_tenant::{ConfigRefusal, Fault, TIMEOUT, now};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

/// Questions that wait for the socket to take them.
const ASKERS_MAX: usize = 16;

/// Why a token may not be acted on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is not a good token of this tenant for us.
    #[error("the token is refused: {0}")]
    Refused(#[from] TokenRefusal),
    /// It was revoked.
    #[error("the token was revoked")]
    Revoked,
    /// Whether it was revoked is uncertain, and the policy is to refuse it then.
    #[error("whether the token was revoked is uncertain")]
    Uncertain,
    /// It cannot be judged because the tenant cannot be asked.
    #[error("the token cannot be judged: {0}")]
    Fault(#[from] Fault),
}

impl VerifyError {
    /// The HTTP status to answer: 401 when the token is at fault, 503 when we cannot tell.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Refused(_) | Self::Revoked => 401,
            Self::Uncertain | Self::Fault(_) => 503,
        }
    }
}

/// On what grounds a token was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The feed is up to date, and takes nothing away from it.
    Feed,
    /// The tenant was asked.
    Introspection,
    /// None: it is uncertain whether it was revoked, and the policy is to accept it then.
    Unconfirmed,
}

/// A token that may be acted on.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it says.
    pub token: AccessToken,
    /// Why it is accepted.
    pub basis: Basis,
}

/// How the feed fares.
#[derive(Clone, Debug)]
pub struct Health {
    /// Whether what is known counts.
    pub is_certain: bool,
    /// Whether the socket is open and up to date.
    pub is_live: bool,
    /// How many revocations are kept.
    pub entries: usize,
    /// The close code after which there will be no further attempt.
    pub stopped: Option<u16>,
    /// What last went wrong.
    pub last_fault: Option<Fault>,
}

/// Verifies the access tokens of one tenant.
///
/// Dropping it closes the socket.
pub struct Verifier {
    shared: Arc<Shared>,
    expectations: Expectations,
    askers: mpsc::Sender<Asker>,
    task: JoinHandle<()>,
}

impl core::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.expectations.issuer)
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Verifier {
    /// Starts following the tenant's revocations, in a task of its own.
    ///
    /// Until the feed has caught up, the policy decides: see [`Verifier::live`].
    ///
    /// # Errors
    /// When `config` cannot work.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn start(config: Config) -> Result<Self, ConfigRefusal> {
        let expectations = config.expectations();
        let shared = Arc::new(Shared {
            feed: Mutex::new(Feed::new(config.limits)),
            status: watch::Sender::new(Status::default()),
            tenant: Tenant::new(config)?,
        });
        let (askers, asked) = mpsc::channel(ASKERS_MAX);
        let task = tokio::spawn(socket::run(Arc::clone(&shared), asked));
        Ok(Self {
            shared,
            expectations,
            askers,
            task,
        })
    }

    /// Judges a bearer token.
    ///
    /// # Errors
    /// Says why it may not be acted on; [`VerifyError::status`] is what to answer.
    pub async fn verify(&self, token: &str) -> Result<Verified, VerifyError> {
        let verified = self.verify_locally(token).await?;
        let standing = |token: &AccessToken| {
            let facts = token.facts();
            self.shared.feed(|feed| feed.standing(&facts, now()))
        };
        let basis = match standing(&verified) {
            Standing::Good => Basis::Feed,
            Standing::Revoked => return Err(VerifyError::Revoked),
            Standing::Uncertain => match self.shared.tenant.config.policy {
                Policy::Deny => return Err(VerifyError::Uncertain),
                Policy::Allow => Basis::Unconfirmed,
                Policy::Introspect => {
                    if !self.shared.tenant.is_active(token).await? {
                        return Err(VerifyError::Revoked);
                    }
                    // What the feed learned meanwhile is later than the answer.
                    if standing(&verified) == Standing::Revoked {
                        return Err(VerifyError::Revoked);
                    }
                    Basis::Introspection
                }
            },
        };
        Ok(Verified {
            token: verified,
            basis,
        })
    }

    /// Waits until the log itself has answered that nothing is missing: whatever
    /// was revoked before the call is known after it.
    ///
    /// # Errors
    /// When there is no live connection, or it ends before the answer.
    pub async fn sync(&self) -> Result<(), Fault> {
        let (asker, answered) = oneshot::channel();
        let gone = |_| Fault::Network("the feed is not connected".to_owned());
        let asking = async {
            self.askers.send(asker).await.ok();
            answered.await.map_err(gone)
        };
        let answered = tokio::time::timeout(TIMEOUT, asking).await;
        answered.unwrap_or(Err(Fault::Timeout))
    }

    /// Waits until the feed is connected and up to date.
    ///
    /// # Errors
    /// The close code, when the server will not have us at all.
    pub async fn live(&self) -> Result<(), u16> {
        let mut status = self.shared.status.subscribe();
        let settled = status.wait_for(|status| status.is_live || status.stopped.is_some());
        match settled.await.map(|status| status.stopped) {
            Ok(Some(code)) => Err(code),
            // The sender lives as long as we do.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// How the feed fares.
    #[must_use]
    pub fn health(&self) -> Health {
        let status = self.shared.status.borrow().clone();
        self.shared.feed(|feed| Health {
            is_certain: feed.is_certain(now()),
            is_live: feed.is_live(),
            entries: feed.entries(),
            stopped: status.stopped,
            last_fault: status.last_fault,
        })
    }

    async fn verify_locally(&self, token: &str) -> Result<AccessToken, VerifyError> {
        let mut is_key_unknown = false;
        loop {
            let keys = self.shared.tenant.keys(is_key_unknown).await?;
            match AccessToken::verify(token, &keys, &self.expectations, now()) {
                Err(TokenRefusal::UnknownKey) if !is_key_unknown => is_key_unknown = true,
                verified => return Ok(verified?),
            }
        }
    }
}

/// What verifiers and the socket share.
pub(super) struct Shared {
    feed: Mutex<Feed>,
    status: watch::Sender<Status>,
    pub(super) tenant: Tenant,
}

#[derive(Clone, Debug, Default)]
struct Status {
    is_live: bool,
    stopped: Option<u16>,
    last_fault: Option<Fault>,
}

impl Shared {
    /// Works on the feed, for as long as it takes to look something up.
    pub(super) fn feed<T>(&self, work: impl FnOnce(&mut Feed) -> T) -> T {
        // The feed is whole between any two calls, so a panic elsewhere spoils nothing.
        work(&mut self.feed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets those who wait see whether the feed is live.
    pub(super) fn tell(&self) {
        let is_live = self.feed(|feed| feed.is_live());
        self.status.send_if_modified(|status| {
            let is_news = status.is_live != is_live;
            status.is_live = is_live;
            is_news
        });
    }

    /// There will be no further attempt.
    pub(super) fn stop(&self, code: u16) {
        self.status.send_modify(|status| {
            status.is_live = false;
            status.stopped = Some(code);
        });
    }

    /// Keeps what went wrong for whoever looks.
    pub(super) fn note(&self, fault: Fault) {
        let fault = Some(fault);
        self.status.send_modify(|status| status.last_fault = fault);
    }
}
