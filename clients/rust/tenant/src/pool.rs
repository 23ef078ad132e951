//! Which connections are kept?

use super::{
    clock::{Now, now},
    fault::{Fault, network},
    net::Net,
};
use http_body_util::Full;
use hyper::{
    body::Bytes,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What takes requests on one connection.
pub(super) type Sender = SendRequest<Full<Bytes>>;

/// Connections at once; who finds none waits for one, as long as it has time.
const CONNECTIONS_MAX: usize = 128;
/// A connection that nobody used for so long is not trusted: what lies between
/// us and the tenant may have forgotten it without a word.
const IDLE_MS: u64 = 30_000;

/// Connections that are open and idle.
pub(super) struct Pool {
    idle: Mutex<Vec<(Sender, Now)>>,
    places: Semaphore,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            idle: Mutex::default(),
            places: Semaphore::new(CONNECTIONS_MAX),
        }
    }
}

/// A connection for one exchange at a time, and the place it takes.
pub(super) struct Line<'a> {
    pub(super) sender: Sender,
    _place: SemaphorePermit<'a>,
}

impl Net {
    /// A connection: one that is idle, or a new one when there is none or
    /// `is_new` is wanted.
    pub(super) async fn line(&self, is_new: bool) -> Result<Line<'_>, Fault> {
        let place = self.pool.places.acquire().await.map_err(network)?;
        let mut sender = None;
        while !is_new && let Some(mut idle) = self.pool.take(now()) {
            if idle.ready().await.is_ok() {
                sender = Some(idle);
                break;
            }
        }
        let sender = if let Some(sender) = sender {
            sender
        } else {
            let io = TokioIo::new(self.open().await?);
            let (sender, connection) = http1::handshake(io).await.map_err(network)?;
            tokio::spawn(connection);
            sender
        };
        Ok(Line {
            sender,
            _place: place,
        })
    }

    /// Keeps a connection whose exchange is complete.
    pub(super) fn keep(&self, line: Line<'_>) {
        if !line.sender.is_closed() {
            self.pool.idle().push((line.sender, now()));
        }
    }
}

impl Pool {
    /// The connection used last; those too long idle are closed.
    fn take(&self, now: Now) -> Option<Sender> {
        let mut idle = self.idle();
        idle.retain(|(sender, used)| !sender.is_closed() && now.since(*used) < IDLE_MS);
        idle.pop().map(|(sender, _)| sender)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Sender, Now)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
