//! What is a stream, and how does its receiver change it ([SSF §8.1.1])?
//!
//! [SSF §8.1.1]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#stream-config

use super::{
    event::EventType,
    sent::{Malformed, Sent},
    set::Source,
    status::Status,
};
use crate::domain::{
    ids::{StreamId, TenantId},
    keys::Sealed,
    oauth::ClientId,
    outside::{OUTSIDE_BYTES_MAX, OutsideUrl},
    secret::Secret,
    token::jwt::Audience,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Event types a receiver may ask for: more than CAEP and RISC have.
pub const REQUESTED_MAX: usize = 32;

/// Bytes of an event type.
const URI_BYTES_MAX: usize = 256;

/// Bytes of a description that are kept; the rest is cut off.
const DESCRIPTION_BYTES_MAX: usize = 512;

/// Bytes of an `Authorization` header: a signed token fits.
const HEADER_BYTES_MAX: usize = 4_096;

/// Seconds between two verifications.
pub const VERIFICATION_INTERVAL_S: i64 = 30;

/// Delivery by POST to the receiver ([RFC 8935]).
///
/// [RFC 8935]: https://www.rfc-editor.org/rfc/rfc8935
pub const PUSH: &str = "urn:ietf:rfc:8935";

/// Delivery by the receiver's asking ([RFC 8936]).
///
/// [RFC 8936]: https://www.rfc-editor.org/rfc/rfc8936
pub const POLL: &str = "urn:ietf:rfc:8936";

/// Delivery over the resource servers' socket (`docs/revocation.md`).
pub const SOCKET: &str = "urn:aero2:delivery:socket";

/// How events reach the receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// We send them.
    Push(OutsideUrl),
    /// He fetches them.
    #[default]
    Poll,
    /// He has a socket to the feed, and this stream nothing to do.
    Socket,
}

/// A stream, as far as anybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Which.
    pub id: StreamId,
    /// Whose: its receiver, and the audience of its tokens.
    pub client: ClientId,
    /// The issuer it was made at.
    pub iss: String,
    /// What he asked for; all there is when he did not say.
    pub events_requested: Option<Vec<String>>,
    /// What he calls it.
    pub description: Option<String>,
    /// How events reach him.
    pub delivery: Delivery,
    /// Whether it runs.
    pub status: Status,
    /// Why it does not.
    pub reason: Option<String>,
}

/// A member that may change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit<T> {
    /// It stays.
    #[default]
    Keep,
    /// It becomes this.
    To(T),
}

/// What a receiver changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What he asks for.
    pub events_requested: Edit<Option<Vec<String>>>,
    /// What he calls it.
    pub description: Edit<Option<String>>,
    /// How events reach him.
    pub delivery: Edit<Delivery>,
    /// The `Authorization` header we push with, sealed.
    pub header: Edit<Option<Sealed>>,
}

/// What a receiver repeats of what we say; it must be right ([SSF §8.1.1.3]).
///
/// [SSF §8.1.1.3]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#updating-a-streams-configuration
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplied {
    iss: Option<String>,
    aud: Option<Vec<String>>,
    events_supported: Option<Vec<String>>,
    events_delivered: Option<Vec<String>>,
    min_verification_interval: Option<i64>,
}

/// What a receiver sent about a stream.
#[derive(Debug)]
pub struct Asked {
    /// What changes, the header apart.
    pub change: Change,
    /// The header, to be sealed.
    pub header: Option<Secret<String>>,
    /// What must be right.
    pub supplied: Supplied,
}

impl Asked {
    /// Reads the description of a whole stream: what is not said is not wanted.
    ///
    /// # Errors
    /// Names the member that is malformed.
    pub fn whole(sent: &Sent, allowed: &[String]) -> Result<Self, Malformed> {
        let mut asked = Self::parts(sent, allowed)?;
        let change = &mut asked.change;
        change.events_requested.or(None);
        change.description.or(None);
        change.delivery.or(Delivery::default());
        Ok(asked)
    }

    /// Reads what changes of a stream: what is not said stays, and what is said
    /// to be `null` goes.
    ///
    /// # Errors
    /// Names the member that is malformed.
    pub fn parts(sent: &Sent, allowed: &[String]) -> Result<Self, Malformed> {
        let mut asked = Self {
            change: Change::default(),
            header: None,
            supplied: supplied(sent)?,
        };
        if sent.names("events_requested") {
            asked.change.events_requested = Edit::To(requested(sent)?);
        }
        if sent.names("description") {
            let text = sent.text("description", usize::MAX)?;
            let cut = |text: &str| {
                let end = text.floor_char_boundary(DESCRIPTION_BYTES_MAX);
                text.get(..end).unwrap_or_default().to_owned()
            };
            asked.change.description = Edit::To(text.map(cut));
        }
        if sent.names("delivery") {
            asked.delivery(sent, allowed)?;
        }
        Ok(asked)
    }

    fn delivery(&mut self, sent: &Sent, allowed: &[String]) -> Result<(), Malformed> {
        let Some(value) = sent.value("delivery") else {
            self.change.delivery = Edit::To(Delivery::default());
            return Ok(());
        };
        let delivery = Sent::of("delivery", value)?;
        let method = delivery.text("method", URI_BYTES_MAX)?;
        let is_push = method == Some(PUSH);
        let parsed = match method {
            Some(PUSH) => Delivery::Push(target(&delivery, allowed)?),
            // A delivery that does not say how is by poll ([SSF §8.1.1.1]).
            Some(POLL) | None => Delivery::Poll,
            Some(SOCKET) => Delivery::Socket,
            Some(_) => {
                let what = format!("{PUSH}, {POLL} or {SOCKET}");
                return Err(Malformed::must("delivery.method", &what));
            }
        };
        self.change.delivery = Edit::To(parsed);
        if is_push && delivery.names("authorization_header") {
            self.header = header(&delivery)?;
            if self.header.is_none() {
                self.change.header = Edit::To(None);
            }
        }
        Ok(())
    }
}

fn requested(sent: &Sent) -> Result<Option<Vec<String>>, Malformed> {
    let what = format!("a list of at most {REQUESTED_MAX} event types");
    let list = sent.read::<Vec<String>>("events_requested", &what)?;
    let fits = |list: &Vec<String>| {
        list.len() <= REQUESTED_MAX && list.iter().all(|uri| uri.len() <= URI_BYTES_MAX)
    };
    match list {
        Some(list) if !fits(&list) => Err(Malformed::must("events_requested", &what)),
        list => Ok(list),
    }
}

fn target(delivery: &Sent, allowed: &[String]) -> Result<OutsideUrl, Malformed> {
    let url = delivery.text("endpoint_url", OUTSIDE_BYTES_MAX)?;
    let url = url.ok_or_else(|| Malformed::must("delivery.endpoint_url", "a URL"))?;
    let refused = |why| Malformed(format!("delivery.endpoint_url {why}"));
    OutsideUrl::parse(url, allowed).map_err(refused)
}

/// What may stand in a header ([RFC 9110 §5.5]), and nothing that would end it.
///
/// [RFC 9110 §5.5]: https://www.rfc-editor.org/rfc/rfc9110#section-5.5
fn header(delivery: &Sent) -> Result<Option<Secret<String>>, Malformed> {
    let name = "authorization_header";
    let Some(text) = delivery.text(name, HEADER_BYTES_MAX)? else {
        return Ok(None);
    };
    let is_value = !text.is_empty() && text.trim() == text;
    if is_value && text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Ok(Some(Secret::new(text.to_owned())));
    }
    let what = "the value of an Authorization header";
    Err(Malformed::must("delivery.authorization_header", what))
}

fn supplied(sent: &Sent) -> Result<Supplied, Malformed> {
    let list = |name| sent.read::<Vec<String>>(name, "a list of texts");
    let aud = sent.read::<Audience>("aud", "text or a list of texts")?;
    Ok(Supplied {
        iss: sent.read("iss", "text")?,
        aud: aud.map(|aud| aud.names().to_vec()),
        events_supported: list("events_supported")?,
        events_delivered: list("events_delivered")?,
        min_verification_interval: sent.read("min_verification_interval", "a number")?,
    })
}

impl<T> Edit<T> {
    fn or(&mut self, otherwise: T) {
        if matches!(self, Self::Keep) {
            *self = Self::To(otherwise);
        }
    }

    fn apply(self, to: &mut T) {
        if let Self::To(value) = self {
            *to = value;
        }
    }
}

impl Stream {
    /// What it delivers: what was asked for, as far as there is that.
    #[must_use]
    pub fn delivers(&self, kind: EventType) -> bool {
        let asked = |list: &Vec<String>| list.iter().any(|uri| uri == kind.uri());
        self.events_requested.as_ref().is_none_or(asked)
    }

    /// What its tokens say of it.
    #[must_use]
    pub fn source(&self) -> Source {
        Source {
            stream: self.id,
            iss: self.iss.clone(),
            aud: self.client.to_string(),
        }
    }

    /// Changes it. The header belongs to the address: it stays as long as that
    /// does, unless it is changed itself.
    pub fn change(&mut self, change: Change, header: &mut Option<Sealed>) {
        let before = self.delivery.clone();
        change.events_requested.apply(&mut self.events_requested);
        change.description.apply(&mut self.description);
        change.delivery.apply(&mut self.delivery);
        if self.delivery != before {
            *header = None;
        }
        change.header.apply(header);
    }

    /// Checks what its receiver repeats of what we say.
    ///
    /// # Errors
    /// Names the member that is not so.
    pub fn check(&self, supplied: &Supplied) -> Result<(), Malformed> {
        let is = |name| Malformed::must(name, "what the transmitter says, or left out");
        let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        let differs = |said: &Option<Vec<String>>, ours: &[String]| {
            said.as_ref().is_some_and(|said| set(said) != set(ours))
        };
        if supplied.iss.as_ref().is_some_and(|iss| *iss != self.iss) {
            return Err(is("iss"));
        }
        if differs(&supplied.aud, &[self.client.to_string()]) {
            return Err(is("aud"));
        }
        if differs(&supplied.events_supported, &uris(|_| true)) {
            return Err(is("events_supported"));
        }
        if differs(
            &supplied.events_delivered,
            &uris(|kind| self.delivers(kind)),
        ) {
            return Err(is("events_delivered"));
        }
        let interval = supplied.min_verification_interval;
        if interval.is_some_and(|seconds| seconds != VERIFICATION_INTERVAL_S) {
            return Err(is("min_verification_interval"));
        }
        Ok(())
    }

    /// It as its receiver sees it. The header is never shown.
    #[must_use]
    pub fn document(&self) -> Value {
        let delivery = match &self.delivery {
            Delivery::Push(url) => json!({"method": PUSH, "endpoint_url": url}),
            Delivery::Poll => {
                let url = format!("{}/ssf/poll/{}", self.iss, self.id);
                json!({"method": POLL, "endpoint_url": url})
            }
            Delivery::Socket => {
                // `https` becomes `wss`, `http` on this machine `ws`.
                let origin = self.iss.replacen("http", "ws", 1);
                let url = format!("{origin}/v1/revocations/events");
                json!({"method": SOCKET, "endpoint_url": url})
            }
        };
        let mut document = json!({
            "stream_id": self.id,
            "iss": self.iss,
            "aud": self.client,
            "events_supported": uris(|_| true),
            "events_requested": self.events_requested,
            "events_delivered": uris(|kind| self.delivers(kind)),
            "delivery": delivery,
            "min_verification_interval": VERIFICATION_INTERVAL_S,
            "description": self.description,
        });
        if let Some(members) = document.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        document
    }
}

fn uris(which: impl Fn(EventType) -> bool) -> Vec<String> {
    let kinds = EventType::SUPPORTED.into_iter().filter(|kind| which(*kind));
    kinds.map(|kind| kind.uri().to_owned()).collect()
}

/// Whose a sealed header is: it opens for this stream alone.
#[must_use]
pub fn header_owner(tenant: TenantId, stream: StreamId) -> Vec<u8> {
    [*tenant.as_bytes(), *stream.as_bytes()].concat()
}
