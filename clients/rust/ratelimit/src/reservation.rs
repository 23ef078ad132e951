//! How is something charged only if it comes about?

use super::{
    Ask, LimitError, Limiter, Outcome, Stopped, Verdict,
    call::unusable,
    limiter::{Shared, fresh_id, settled},
};
use core::time::Duration;
use std::sync::Arc;
use tokio::runtime::Handle;

/// What became of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was held, and is not any more.
    Done,
    /// It was committed before.
    Already,
    /// There is none: it fell because its time was over, or there never was one.
    Unknown,
    /// It is committed, and stays.
    Stands,
}

/// The answer to [`Limiter::reserve`].
#[derive(Debug)]
pub enum Reserved {
    /// Go on, and settle it.
    Held(Reservation),
    /// There was too much already.
    Refused(Verdict),
}

/// A charge for the time being. Dropping it cancels it, in a task of its own;
/// should that not arrive, it falls when its time is over.
pub struct Reservation {
    shared: Arc<Shared>,
    ask: Ask,
    request_id: String,
    /// What was said.
    pub verdict: Verdict,
    is_open: bool,
}

impl core::fmt::Debug for Reservation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Reservation")
            .field("ask", &self.ask)
            .field("request_id", &self.request_id)
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

impl Limiter {
    /// Charges for the time being: what is not committed within `hold` (an
    /// hour at most) was never charged.
    ///
    /// # Errors
    /// As for [`Limiter::check`].
    pub async fn reserve(&self, ask: &Ask, hold: Duration) -> Result<Reserved, LimitError> {
        let request_id = match &ask.request_id {
            Some(id) => id.clone(),
            None => fresh_id()?,
        };
        let mut body = ask.body(Some(&request_id))?;
        let hold_ms = u64::try_from(hold.as_millis()).unwrap_or(u64::MAX);
        body.insert("hold_ms".to_owned(), hold_ms.into());
        if let Some(refusal) = self.shared.recall(ask) {
            return Ok(Reserved::Refused(refusal));
        }
        // From here on it is given back, also when nobody waits any more.
        let mut reservation = Reservation {
            shared: Arc::clone(&self.shared),
            ask: ask.clone(),
            request_id,
            verdict: Verdict::unchecked(),
            is_open: true,
        };
        let told = self.told("reserve", body, true).await;
        // A lost answer may have been a charge, which falls by itself: the
        // service that did not answer is not asked to hurry.
        reservation.is_open = false;
        reservation.verdict = self.shared.noted(ask, told)?;
        if !reservation.verdict.allowed {
            return Ok(Reserved::Refused(reservation.verdict.clone()));
        }
        reservation.is_open = reservation.verdict.outcome == Outcome::Admit;
        Ok(Reserved::Held(reservation))
    }

    /// Does `work` while a charge is held: commits it when it comes about,
    /// cancels it when it fails or is abandoned.
    ///
    /// A commit that fails takes nothing from who has worked; it is told to
    /// [`Config::tell`](super::Config::tell).
    ///
    /// # Errors
    /// When it was not begun.
    pub async fn guarded<T, E>(
        &self,
        ask: &Ask,
        hold: Duration,
        work: impl AsyncFnOnce(&Verdict) -> Result<T, E>,
    ) -> Result<Result<T, E>, Stopped> {
        let reservation = match self.reserve(ask, hold).await? {
            Reserved::Held(reservation) => reservation,
            Reserved::Refused(verdict) => return Err(Stopped::Refused(Box::new(verdict))),
        };
        let done = work(&reservation.verdict).await;
        let shared = Arc::clone(&reservation.shared);
        let settled = match &done {
            Ok(_) => reservation.commit().await,
            Err(_) => reservation.cancel().await,
        };
        if let Err(error) = settled {
            (shared.caller.config.tell)(&error);
        }
        Ok(done)
    }
}

impl Reservation {
    /// Makes the charge final, and frees what it occupied.
    ///
    /// # Errors
    /// When the service cannot be asked: it then falls when its time is over.
    pub async fn commit(mut self) -> Result<Settled, LimitError> {
        self.settle("commit").await
    }

    /// Gives the charge back.
    ///
    /// # Errors
    /// When the service cannot be asked: it then falls when its time is over.
    pub async fn cancel(mut self) -> Result<Settled, LimitError> {
        self.settle("cancel").await
    }

    /// Settles in a task of its own; what goes wrong is told.
    #[cfg(feature = "tower")]
    pub(crate) fn settle_later(mut self, is_done: bool) {
        let verb = if is_done { "commit" } else { "cancel" };
        self.spawn(verb);
    }

    async fn settle(&mut self, verb: &'static str) -> Result<Settled, LimitError> {
        if !self.is_open {
            return Ok(Settled::Unknown);
        }
        let settled = settle(&self.shared, &self.ask, &self.request_id, verb).await;
        self.is_open = false;
        settled
    }

    fn spawn(&mut self, verb: &'static str) {
        if !self.is_open {
            return;
        }
        self.is_open = false;
        // Outside a runtime nobody can be asked, and the charge falls by itself.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let (shared, ask) = (Arc::clone(&self.shared), self.ask.clone());
        let request_id = self.request_id.clone();
        runtime.spawn(async move {
            if let Err(error) = settle(&shared, &ask, &request_id, verb).await {
                (shared.caller.config.tell)(&error);
            }
        });
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.spawn("cancel");
    }
}

async fn settle(
    shared: &Shared,
    ask: &Ask,
    request_id: &str,
    verb: &'static str,
) -> Result<Settled, LimitError> {
    let body = ask.settling(request_id);
    let members = shared.caller.call(verb, body, true).await?;
    // What was occupied is free, and what was charged may be back.
    shared.forget(ask);
    match settled(&members) {
        Some("done") => Ok(Settled::Done),
        Some("already") => Ok(Settled::Already),
        Some("unknown") => Ok(Settled::Unknown),
        Some("stands") => Ok(Settled::Stands),
        _ => Err(unusable()),
    }
}
