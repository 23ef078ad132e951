//! Which frame means what, and when?

use super::{
    close::{FORBIDDEN, PROTOCOL, SILENT, TOKEN, TOO_MANY, TOO_OLD},
    cursor::Cursor,
    frame::{Frame, Part, is_nonce},
    output::{Limits, Output, Pending, Received, Reconnect, Standing},
    phase::Phase,
    revocation::{Facts, Revocation},
    revoked::Revoked,
};
use aero2_tenant::Now;
use serde_json::json;

/// Until the server says otherwise.
const HEARTBEAT_MS: u64 = 25_000;
/// The server wants an acknowledgement at least this often, in events …
const ACK_EVENTS: u32 = 32;
/// … and this long after an event.
const ACK_DELAY_MS: u64 = 5_000;
/// More questions than one verifier asks at a time.
const SYNCS_MAX: usize = 16;
/// The first wait before reconnecting is below this; each next one doubles it …
const BACKOFF_MS: u64 = 500;
/// … up to this.
const BACKOFF_MS_MAX: u64 = 30_000;
/// Whoever came too often comes back after at least this.
const LATER_MS: u64 = 15_000;

/// What a resource server knows, and where it is in the protocol.
#[derive(Debug)]
pub struct Feed {
    limits: Limits,
    phase: Phase,
    /// Counts sockets.
    socket: u64,
    /// Everything up to here has been taken in.
    cursor: Option<Cursor>,
    revoked: Revoked,
    /// When all that the log had was last known to be here.
    fresh: Option<Now>,
    heard: Now,
    pinged: Now,
    heartbeat_ms: u64,
    max_staleness_ms: u64,
    unacked: u32,
    unacked_since: Option<Now>,
    attempt: u32,
    /// Whether a security event token was refused since all was here.
    has_refused: bool,
    nonces: Vec<String>,
}

impl Feed {
    /// Knows nothing yet.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            phase: Phase::Closed,
            socket: 0,
            cursor: None,
            revoked: Revoked::new(limits.entries_max),
            fresh: None,
            heard: Now::ZERO,
            pinged: Now::ZERO,
            heartbeat_ms: HEARTBEAT_MS,
            max_staleness_ms: 0,
            unacked: 0,
            unacked_since: None,
            attempt: 0,
            has_refused: false,
            nonces: Vec::new(),
        }
    }

    /// What is known of a token whose signature and claims are good.
    #[must_use]
    pub fn standing(&self, token: &Facts<'_>, now: Now) -> Standing {
        if self.revoked.includes(token) {
            Standing::Revoked
        } else if self.is_certain(now) && !self.revoked.may_have_forgotten(token) {
            Standing::Good
        } else {
            Standing::Uncertain
        }
    }

    /// Whether everything the log has is here, as of `max_staleness` ago at most.
    #[must_use]
    pub fn is_certain(&self, now: Now) -> bool {
        let staleness_ms = self.max_staleness_ms.min(self.limits.max_staleness_ms);
        self.fresh
            .is_some_and(|fresh| now.since(fresh) < staleness_ms)
    }

    /// Everything up to here has been taken in.
    #[must_use]
    pub const fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// How many revocations are kept.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.revoked.len()
    }

    /// Whether the socket is open and all that the log has is here.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live)
    }

    /// A socket has been opened.
    pub fn opened(&mut self, now: Now) {
        self.hang_up();
        self.phase = Phase::Greeting;
        self.heartbeat_ms = HEARTBEAT_MS;
        self.heard = now;
        self.pinged = now;
    }

    /// A text frame has come.
    pub fn receive(&mut self, text: &str, now: Now) -> Received {
        if matches!(self.phase, Phase::Closed) {
            return Received::Done(Vec::new());
        }
        let Some(frame) = Frame::parse(text) else {
            return Received::Done(self.violated());
        };
        self.hear(now);
        let outputs = match frame {
            Frame::Event { cursor, set } if self.takes_events_of(&cursor) => {
                let socket = self.socket;
                return Received::Verify(Pending {
                    set,
                    cursor,
                    socket,
                });
            }
            Frame::Event { .. } if self.is_live() => self.violated(),
            Frame::Event { .. } | Frame::Pong | Frame::Unknown => Vec::new(),
            Frame::Hello {
                heartbeat_s,
                max_staleness_s,
            } => self.greeted(heartbeat_s, max_staleness_s),
            Frame::Reset { part, revoked } => self.reset(part, revoked, now),
            Frame::CaughtUp { cursor } => self.caught_up(cursor, now),
            Frame::Synced { nonce, cursor } => self.synced(&nonce, cursor),
            Frame::Drain { after_ms: below_ms } => vec![Output::Drain { below_ms }],
        };
        Received::Done(outputs)
    }

    /// The security event token of an event has been verified, or refused (`None`).
    ///
    /// One refused token is enough to drop the socket: either somebody else
    /// speaks, or we cannot read what the tenant says. Nothing is certain until
    /// the log has been read again from the last good record. A second one before
    /// that will not be read however often it comes, its key having been withdrawn,
    /// so the log is read anew: a snapshot needs no signature.
    pub fn take(
        &mut self,
        pending: Pending,
        revocation: Option<Revocation>,
        now: Now,
    ) -> Vec<Output> {
        if pending.socket != self.socket || matches!(self.phase, Phase::Closed) {
            return Vec::new();
        }
        let Some(revocation) = revocation else {
            return self.refused();
        };
        match &mut self.phase {
            Phase::Resetting { staged, .. } => {
                staged.take(revocation.clone(), now);
            }
            Phase::Live => {
                self.unacked = self.unacked.saturating_add(1);
                self.unacked_since.get_or_insert(now);
                self.advance(pending.cursor);
            }
            _ => {}
        }
        self.revoked.take(revocation, now);
        if self.unacked >= ACK_EVENTS {
            return self.ack();
        }
        Vec::new()
    }

    /// Time has passed: call it no later than [`Feed::due_ms`] says.
    pub fn tick(&mut self, now: Now) -> Vec<Output> {
        self.revoked.forget(now);
        if matches!(self.phase, Phase::Closed) {
            return Vec::new();
        }
        if now.since(self.heard) >= self.heartbeat_ms.saturating_mul(2) {
            self.hang_up();
            return vec![Output::Close(SILENT)];
        }
        let mut outputs = Vec::new();
        if now.since(self.pinged) >= self.heartbeat_ms {
            self.pinged = now;
            outputs.push(Output::Send("ping".to_owned()));
        }
        let is_owed = |since| now.since(since) >= ACK_DELAY_MS;
        if self.unacked_since.is_some_and(is_owed) {
            outputs.extend(self.ack());
        }
        outputs
    }

    /// How long until [`Feed::tick`] has something to do; `None` without a socket.
    #[must_use]
    pub fn due_ms(&self, now: Now) -> Option<u64> {
        if matches!(self.phase, Phase::Closed) {
            return None;
        }
        let left = |after_ms: u64, since| after_ms.saturating_sub(now.since(since));
        let silence = left(self.heartbeat_ms.saturating_mul(2), self.heard);
        let ping = left(self.heartbeat_ms, self.pinged);
        let ack = self.unacked_since.map(|since| left(ACK_DELAY_MS, since));
        Some(silence.min(ping).min(ack.unwrap_or(u64::MAX)))
    }

    /// The socket has been closed, by either side, or could not be opened. What
    /// is known stays, and grows old.
    ///
    /// `code` is the server's; `None` when the feed had asked for the closing, and
    /// the other side merely echoes it.
    pub fn closed(&mut self, code: Option<u16>) -> Reconnect {
        let code = code.unwrap_or_default();
        self.hang_up();
        match code {
            PROTOCOL | FORBIDDEN => return Reconnect::Stop(code),
            TOO_OLD => self.cursor = None,
            _ => {}
        }
        let doubled = BACKOFF_MS << self.attempt.min(10);
        self.attempt = self.attempt.saturating_add(1);
        let (at_least_ms, below_ms) = match code {
            TOO_MANY => (LATER_MS, BACKOFF_MS_MAX),
            _ => (0, doubled.min(BACKOFF_MS_MAX)),
        };
        let fresh_token = code == TOKEN;
        Reconnect::After {
            at_least_ms,
            below_ms,
            fresh_token,
        }
    }

    /// Asks the log itself whether it has anything later; the frame to send, or
    /// `None` while there is no live socket, or too much is being asked already.
    pub fn sync(&mut self, nonce: &str) -> Option<String> {
        let may_ask = self.is_live() && is_nonce(nonce) && self.nonces.len() < SYNCS_MAX;
        may_ask.then(|| {
            self.nonces.push(nonce.to_owned());
            json!({ "type": "sync", "nonce": nonce }).to_string()
        })
    }

    fn hear(&mut self, now: Now) {
        self.heard = now;
        if self.is_live() {
            self.fresh = Some(now);
        }
    }

    fn takes_events_of(&self, cursor: &Cursor) -> bool {
        match &self.phase {
            Phase::Closed | Phase::Greeting | Phase::Starting => false,
            Phase::Resetting { last, .. } => last.cursor.is_beside(cursor),
            Phase::Replaying | Phase::Live => {
                let own = self.cursor.as_ref();
                own.is_some_and(|own| own.is_beside(cursor))
            }
        }
    }

    fn greeted(&mut self, heartbeat_s: u64, max_staleness_s: u64) -> Vec<Output> {
        if !matches!(self.phase, Phase::Greeting) {
            return self.violated();
        }
        self.heartbeat_ms = heartbeat_s.saturating_mul(1_000);
        self.max_staleness_ms = max_staleness_s.saturating_mul(1_000);
        let (phase, frame) = match &self.cursor {
            None => (Phase::Starting, json!({ "type": "start" })),
            Some(cursor) => {
                let cursor = cursor.to_string();
                let frame = json!({ "type": "resume", "cursor": cursor });
                (Phase::Replaying, frame)
            }
        };
        self.phase = phase;
        vec![Output::Send(frame.to_string())]
    }

    fn reset(&mut self, part: Part, records: Vec<Revocation>, now: Now) -> Vec<Output> {
        let mut staged = match core::mem::replace(&mut self.phase, Phase::Greeting) {
            Phase::Resetting { last, staged } if part.follows(&last) => staged,
            Phase::Starting | Phase::Replaying | Phase::Live if part.is_first() => {
                Revoked::new(self.limits.entries_max)
            }
            _ => return self.violated(),
        };
        for record in records {
            staged.take(record, now);
        }
        if part.is_last() {
            self.revoked = staged;
            self.cursor = Some(part.cursor);
            self.phase = Phase::Replaying;
        } else {
            self.phase = Phase::Resetting { last: part, staged };
        }
        Vec::new()
    }

    fn caught_up(&mut self, cursor: Cursor, now: Now) -> Vec<Output> {
        let own = self.cursor.as_ref();
        let is_ahead = own.is_some_and(|own| cursor.is_at_or_after(own));
        if !is_ahead || !matches!(self.phase, Phase::Replaying | Phase::Live) {
            return self.violated();
        }
        self.cursor = Some(cursor);
        self.phase = Phase::Live;
        self.fresh = Some(now);
        self.attempt = 0;
        self.has_refused = false;
        self.ack()
    }

    fn synced(&mut self, nonce: &str, cursor: Cursor) -> Vec<Output> {
        let Some(at) = self.nonces.iter().position(|asked| asked == nonce) else {
            return Vec::new();
        };
        if !self.takes_events_of(&cursor) {
            return self.violated();
        }
        if !self.is_live() {
            return Vec::new();
        }
        self.nonces.remove(at);
        self.advance(cursor);
        vec![Output::Synced(nonce.to_owned())]
    }

    fn advance(&mut self, cursor: Cursor) {
        let own = self.cursor.as_ref();
        if own.is_some_and(|own| cursor.is_at_or_after(own)) {
            self.cursor = Some(cursor);
        }
    }

    fn ack(&mut self) -> Vec<Output> {
        self.unacked = 0;
        self.unacked_since = None;
        let cursor = self.cursor.as_ref().map(Cursor::to_string);
        let frame = cursor.map(|cursor| json!({ "type": "ack", "cursor": cursor }));
        frame
            .map(|frame| Output::Send(frame.to_string()))
            .into_iter()
            .collect()
    }

    /// The server broke the protocol: whatever it said, begin anew.
    fn violated(&mut self) -> Vec<Output> {
        self.cursor = None;
        self.dropped()
    }

    /// A record could not be verified: it may come again once, signed.
    fn refused(&mut self) -> Vec<Output> {
        if core::mem::replace(&mut self.has_refused, true) {
            self.cursor = None;
        }
        self.dropped()
    }

    fn dropped(&mut self) -> Vec<Output> {
        self.fresh = None;
        self.hang_up();
        vec![Output::Close(PROTOCOL)]
    }

    fn hang_up(&mut self) {
        self.phase = Phase::Closed;
        self.socket = self.socket.saturating_add(1);
        self.unacked = 0;
        self.unacked_since = None;
        self.nonces.clear();
    }
}
