//! How is the feed's socket kept open?

use super::verifier::Shared;
use crate::{
    feed::{Output, Pending, Received, Reconnect, Revocation, close},
    token::{TokenRefusal, open_security_event},
};
use aero2_tenant::{Fault, TIMEOUT, Wire, network, now};
use core::time::Duration;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, Uri, header};
use std::sync::Arc;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, ClientRequestBuilder, Message,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

const PATH: &str = "/v1/revocations/events";
const SUBPROTOCOL: &str = "aero2.revocation.v1";
/// Larger than any part of a snapshot.
const MESSAGE_BYTES_MAX: usize = 1_048_576;

type Socket = WebSocketStream<Box<dyn Wire>>;

/// Somebody who waits until the log itself has answered.
pub(super) type Asker = oneshot::Sender<()>;

/// Why a connection ended.
enum End {
    /// With this close code of the server's, or none.
    Closed(Option<u16>),
    /// The server asked us to come back elsewhere, and we have waited.
    Drained,
}

/// Keeps the feed connected until the server will not have us.
pub(super) async fn run(shared: Arc<Shared>, mut askers: mpsc::Receiver<Asker>) {
    let mut is_token_spent = false;
    loop {
        let end = match connect(&shared, is_token_spent).await {
            Ok(socket) => serve(&shared, socket, &mut askers).await,
            Err(code) => End::Closed(code),
        };
        let (code, has_waited) = match end {
            End::Closed(code) => (code, false),
            End::Drained => (None, true),
        };
        let (at_least_ms, below_ms) = match shared.feed(|feed| feed.closed(code)) {
            Reconnect::Stop(code) => return shared.stop(code),
            Reconnect::After {
                at_least_ms,
                below_ms,
                fresh_token,
            } => {
                // Whoever was asked to leave may have been for its token.
                is_token_spent = fresh_token || has_waited;
                (at_least_ms, below_ms)
            }
        };
        shared.tell();
        if !has_waited {
            let wait = sleep(between(at_least_ms, below_ms));
            tokio::pin!(wait);
            loop {
                tokio::select! {
                    () = &mut wait => break,
                    // Dropping the asker tells it that nobody can be asked.
                    asker = askers.recv() => if asker.is_none() { return },
                }
            }
        }
    }
}

/// Opens the socket; what the server answers instead is told as a close code.
async fn connect(shared: &Shared, is_token_spent: bool) -> Result<Socket, Option<u16>> {
    let opening = async {
        let token = shared.tenant.token(is_token_spent).await?;
        let authority = shared.tenant.net().authority();
        let uri: Uri = format!("ws://{authority}{PATH}").parse().map_err(network)?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(network)?;
        bearer.set_sensitive(true);
        let request = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
        let mut request = tungstenite::client::IntoClientRequest::into_client_request(request)
            .map_err(network)?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let stream = shared.tenant.net().open().await?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        Ok::<_, Fault>(client_async_with_config(request, stream, Some(limits)).await)
    };
    let opened = timeout(TIMEOUT, opening).await;
    let fault = match opened {
        Ok(Ok(Ok((socket, _)))) => return Ok(socket),
        Ok(Ok(Err(tungstenite::Error::Http(response)))) => {
            let status = response.status().as_u16();
            shared.note(Fault::Status {
                what: "the feed",
                status,
            });
            return Err(code_of(status));
        }
        Ok(Ok(Err(error))) => network(error),
        Ok(Err(fault)) => fault,
        Err(_) => Fault::Timeout,
    };
    shared.note(fault);
    Err(None)
}

/// What a refused upgrade means, in the words of a socket that was closed.
const fn code_of(status: u16) -> Option<u16> {
    match status {
        400 => Some(close::PROTOCOL),
        401 => Some(close::TOKEN),
        403 => Some(close::FORBIDDEN),
        429 => Some(close::TOO_MANY),
        _ => None,
    }
}

/// Serves one socket until it ends.
async fn serve(shared: &Shared, socket: Socket, askers: &mut mpsc::Receiver<Asker>) -> End {
    shared.feed(|feed| feed.opened(now()));
    let mut session = Session {
        shared,
        socket,
        asked: Vec::new(),
        drain_at: None,
    };
    loop {
        let due_ms = shared.feed(|feed| feed.due_ms(now())).unwrap_or(0);
        let outputs = tokio::select! {
            message = session.socket.next() => match session.hear(message).await {
                Ok(outputs) => outputs,
                Err(end) => return end,
            },
            () = sleep(Duration::from_millis(due_ms)) => shared.feed(|feed| feed.tick(now())),
            () = until(session.drain_at) => {
                session.close(close::NORMAL).await;
                return End::Drained;
            }
            asker = askers.recv() => {
                let Some(asker) = asker else {
                    session.close(close::NORMAL).await;
                    return End::Closed(None);
                };
                session.ask(asker)
            }
        };
        for output in outputs {
            if let Err(end) = session.act(output).await {
                return end;
            }
        }
        shared.tell();
    }
}

struct Session<'a> {
    shared: &'a Shared,
    socket: Socket,
    asked: Vec<(String, Asker)>,
    drain_at: Option<Instant>,
}

impl Session<'_> {
    async fn hear(
        &mut self,
        message: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<Vec<Output>, End> {
        let received = match message {
            Some(Ok(Message::Text(text))) => {
                self.shared.feed(|feed| feed.receive(text.as_str(), now()))
            }
            // As little of this protocol as an empty text.
            Some(Ok(Message::Binary(_))) => self.shared.feed(|feed| feed.receive("", now())),
            Some(Ok(Message::Close(frame))) => {
                return Err(End::Closed(frame.map(|frame| frame.code.into())));
            }
            Some(Ok(_)) => return Ok(Vec::new()),
            Some(Err(error)) => {
                self.shared.note(network(error));
                return Err(End::Closed(None));
            }
            None => return Err(End::Closed(None)),
        };
        Ok(match received {
            Received::Done(outputs) => outputs,
            Received::Verify(pending) => {
                let revocation = verify(self.shared, &pending).await;
                self.shared
                    .feed(|feed| feed.take(pending, revocation, now()))
            }
        })
    }

    fn ask(&mut self, asker: Asker) -> Vec<Output> {
        let Some(nonce) = nonce() else {
            return Vec::new();
        };
        let frame = self.shared.feed(|feed| feed.sync(&nonce));
        frame.map_or_else(Vec::new, |frame| {
            self.asked.push((nonce, asker));
            vec![Output::Send(frame)]
        })
    }

    async fn act(&mut self, output: Output) -> Result<(), End> {
        match output {
            Output::Send(frame) => {
                let sending = self.socket.send(Message::text(frame));
                match timeout(TIMEOUT, sending).await {
                    Ok(Ok(())) => {}
                    _ => return Err(End::Closed(None)),
                }
            }
            Output::Close(code) => {
                self.close(code).await;
                return Err(End::Closed(None));
            }
            Output::Synced(nonce) => {
                if let Some(at) = self.asked.iter().position(|(asked, _)| *asked == nonce) {
                    // Whoever asked may have gone.
                    let _ = self.asked.swap_remove(at).1.send(());
                }
            }
            Output::Drain { below_ms } => {
                self.drain_at = later(between(0, below_ms));
            }
        }
        Ok(())
    }

    /// Says goodbye, and does not wait for an answer.
    async fn close(&mut self, code: u16) {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: "".into(),
        };
        let closing = self.socket.close(Some(frame));
        // Whether it was heard changes nothing: the connection is dropped.
        let _ = timeout(Duration::from_secs(1), closing).await;
    }
}

/// The record of an event, if the tenant signed it.
async fn verify(shared: &Shared, pending: &Pending) -> Option<Revocation> {
    let config = &shared.tenant.config;
    let audiences: Vec<&str> = config.feed_audiences.iter().map(String::as_str).collect();
    let mut is_key_unknown = false;
    loop {
        let keys = shared.tenant.keys(is_key_unknown).await;
        let keys = keys.map_err(|fault| shared.note(fault)).ok()?;
        match open_security_event(pending.set(), &keys, &config.issuer, &audiences) {
            Err(TokenRefusal::UnknownKey) if !is_key_unknown => is_key_unknown = true,
            opened => return opened.ok(),
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => core::future::pending().await,
    }
}

fn nonce() -> Option<String> {
    let (high, low) = (getrandom::u64().ok()?, getrandom::u64().ok()?);
    Some(format!("{high:016x}{low:016x}"))
}

/// A random time from the one to just below the other.
fn between(at_least_ms: u64, below_ms: u64) -> Duration {
    let span_ms = below_ms.saturating_sub(at_least_ms).max(1);
    // Without chance the wait is the longest, never the shortest.
    let random = getrandom::u64().unwrap_or(span_ms.saturating_sub(1));
    let wait_ms = at_least_ms.saturating_add(random.checked_rem(span_ms).unwrap_or(0));
    Duration::from_millis(wait_ms)
}

fn later(wait: Duration) -> Option<Instant> {
    Instant::now().checked_add(wait)
}
