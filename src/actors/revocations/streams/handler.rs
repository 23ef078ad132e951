//! How do receivers manage their streams?

use super::{
    ChangeStream, CreateStream, DeleteStream, MUTES_MAX, MuteStream, PollStream, Polled,
    ReadStreams, Report, STREAMS_MAX, STREAMS_PER_CLIENT_MAX, SetStreamStatus, StreamKey,
    StreamRead, StreamTouched, StreamVerified, VerifyStream, queue, reseal,
    state::{self, Kept},
};
use crate::{
    actors::{
        acts,
        runtime::{Fault, Turn},
    },
    domain::{
        audit::Event as Act,
        ssf::{
            Delivery, Event, Status, Stream,
            stream::{POLL, PUSH, SOCKET, VERIFICATION_INTERVAL_S},
        },
        time::SECOND_MS,
    },
    store::Store,
};
use serde_json::{Value, json};

/// The client's own stream.
fn own(turn: &Turn<'_>, key: &StreamKey) -> Result<Option<Kept>, Fault> {
    let kept = state::find(turn.store, key.id)?;
    Ok(kept.filter(|kept| kept.stream.client == key.client))
}

fn found(kept: Kept) -> StreamRead {
    StreamRead::Found(Box::new(kept.stream))
}

pub(super) fn create(turn: &mut Turn<'_>, m: CreateStream) -> Result<StreamRead, Fault> {
    let stream = *m.stream;
    if let Some(known) = state::find(turn.store, stream.id)? {
        // The same request again.
        return Ok(found(known));
    }
    if let Err(why) = stream.check(&m.supplied) {
        return Ok(StreamRead::Refused(why.to_string()));
    }
    if state::count_of(turn.store, &stream.client)? >= STREAMS_PER_CLIENT_MAX {
        return Ok(StreamRead::TooMany);
    }
    if state::count_all(turn.store)? >= STREAMS_MAX {
        return Ok(StreamRead::Full);
    }
    acts::tell(turn, Act::StreamCreated, &stream.id.to_string())?;
    state::insert(turn.store, m.tenant, &stream, m.header.as_ref())?;
    reseal::plan(turn, m.header.is_some())?;
    Ok(StreamRead::Found(Box::new(stream)))
}

pub(super) fn read(turn: &Turn<'_>, m: &ReadStreams) -> Result<Vec<Stream>, Fault> {
    let is_asked = |kept: &Kept| m.id.is_none_or(|id| id == kept.stream.id);
    let of_client = state::of(turn.store, &m.client)?;
    let asked = of_client.into_iter().filter(is_asked);
    Ok(asked.map(|kept| kept.stream).collect())
}

pub(super) fn change(turn: &mut Turn<'_>, m: ChangeStream) -> Result<StreamRead, Fault> {
    let Some(mut kept) = own(turn, &m.key)? else {
        return Ok(StreamRead::Missing);
    };
    if let Err(why) = kept.stream.check(&m.supplied) {
        return Ok(StreamRead::Refused(why.to_string()));
    }
    acts::tell(turn, Act::StreamChanged, &kept.stream.id.to_string())?;
    let before = (kept.stream.delivery.clone(), kept.header.clone());
    kept.stream.change(*m.change, &mut kept.header);
    reseal::plan(turn, kept.header.is_some())?;
    if kept.stream.delivery == Delivery::Socket {
        // The feed tells it; what waited has been told there too.
        state::clear(turn.store, &mut kept)?;
    }
    if before == (kept.stream.delivery.clone(), kept.header.clone()) {
        state::update(turn.store, &kept)?;
    } else {
        // What is on its way to the old address, or with the old header, stops.
        restart(turn, &mut kept)?;
    }
    Ok(found(kept))
}

fn restart(turn: &mut Turn<'_>, kept: &mut Kept) -> Result<(), Fault> {
    queue::halt(turn, kept);
    queue::start(turn, kept)?;
    state::update(turn.store, kept)
}

pub(super) fn delete(turn: &mut Turn<'_>, m: &DeleteStream) -> Result<StreamTouched, Fault> {
    let Some(kept) = own(turn, &m.key)? else {
        return Ok(StreamTouched::Missing);
    };
    acts::tell(turn, Act::StreamDeleted, &kept.stream.id.to_string())?;
    queue::remove(turn, &kept)?;
    Ok(StreamTouched::Done)
}

pub(super) fn set_status(turn: &mut Turn<'_>, m: SetStreamStatus) -> Result<StreamRead, Fault> {
    let Some(mut kept) = own(turn, &m.key)? else {
        return Ok(StreamRead::Missing);
    };
    acts::tell(turn, Act::StreamChanged, &kept.stream.id.to_string())?;
    let was_disabled = kept.stream.status == Status::Disabled;
    kept.stream.status = m.change.status;
    kept.stream.reason = m.change.reason;
    if was_disabled || kept.stream.status == Status::Disabled {
        // A disabled stream holds nothing but our own last word, and whoever
        // changes its status has read that.
        state::clear(turn.store, &mut kept)?;
    }
    restart(turn, &mut kept)?;
    Ok(found(kept))
}

pub(super) fn mute(turn: &Turn<'_>, m: &MuteStream) -> Result<StreamTouched, Fault> {
    let Some(kept) = own(turn, &m.key)? else {
        return Ok(StreamTouched::Missing);
    };
    let (store, id) = (turn.store, kept.stream.id);
    match &m.topic {
        None => {}
        Some(topic) if !m.is_muted => state::unmute(store, id, topic)?,
        Some(topic) => {
            if state::count_mutes(store, id)? >= MUTES_MAX {
                return Ok(StreamTouched::TooMany);
            }
            state::mute(store, id, topic)?;
        }
    }
    Ok(StreamTouched::Done)
}

pub(super) fn verify(turn: &mut Turn<'_>, m: VerifyStream) -> Result<StreamVerified, Fault> {
    let Some(mut kept) = own(turn, &m.key)? else {
        return Ok(StreamVerified::Missing);
    };
    let is_idle = kept.stream.status == Status::Disabled;
    if is_idle || kept.stream.delivery == Delivery::Socket {
        return Ok(StreamVerified::Idle);
    }
    let again = |at: crate::domain::time::Timestamp| at.plus(VERIFICATION_INTERVAL_S * SECOND_MS);
    let after_ms = kept.verified_at.map_or(0, |at| again(at).since(turn.now));
    if after_ms > 0 {
        return Ok(StreamVerified::TooSoon { after_ms });
    }
    kept.verified_at = Some(turn.now);
    let event = queue::own(turn, Event::Verification { state: m.state });
    queue::put(turn, &mut kept, &event)?;
    // Whoever asks is awake: what failed is tried at once.
    kept.failures = 0;
    queue::start(turn, &mut kept)?;
    state::update(turn.store, &kept)?;
    Ok(StreamVerified::Done)
}

pub(super) fn poll(turn: &Turn<'_>, m: PollStream) -> Result<Polled, Fault> {
    let kept = own(turn, &m.key)?;
    let Some(mut kept) = kept.filter(|kept| kept.stream.delivery == Delivery::Poll) else {
        return Ok(Polled::Missing);
    };
    let said = !m.request.ack.is_empty() || !m.request.refused.is_empty();
    let report = Report {
        taken: m.request.ack,
        refused: m.request.refused,
        trouble: None,
    };
    if said {
        queue::settle(turn, &mut kept, report)?;
        state::update(turn.store, &kept)?;
    }
    let source = kept.stream.source();
    if kept.stream.status == Status::Paused {
        return Ok(Polled::Sets {
            source,
            sets: Vec::new(),
            more: false,
        });
    }
    let sets = state::waiting(turn.store, kept.stream.id, m.request.max_events)?;
    let more = sets.len() < usize::try_from(kept.waiting).unwrap_or(usize::MAX);
    Ok(Polled::Sets { source, sets, more })
}

/// The streams for an operator's eyes: no header, and of an address its host.
pub(in crate::actors::revocations) fn describe(store: &dyn Store) -> Result<Value, Fault> {
    let show = |kept: Kept| {
        let (method, host) = match &kept.stream.delivery {
            Delivery::Push(target) => (PUSH, Some(target.host())),
            Delivery::Poll => (POLL, None),
            Delivery::Socket => (SOCKET, None),
        };
        json!({
            "stream_id": kept.stream.id,
            "client_id": kept.stream.client,
            "method": method,
            "host": host,
            "status": kept.stream.status,
            "reason": kept.stream.reason,
            "waiting": kept.waiting,
            "sent_at": kept.sent_at,
            "failures": kept.failures,
            "last_error": kept.last_error,
        })
    };
    Ok(state::all(store)?.into_iter().map(show).collect())
}
