//! What does a log answer, and whom does it tell?

use super::{
    AUDIT_EVERY, Append, Appended, FEED, Kept, Message, Reply, Revocations, UNACKED_MAX,
    attach::attach,
    client_tag, hear, issuer_tag,
    memory::Memory,
    schema,
    state::{self, Log},
    streams, tend,
};
use crate::{
    actors::{
        registry, rows,
        runtime::{
            Actor, Announce, Fault, Turn, jobs,
            socket::{Heard, Socket},
        },
    },
    domain::{
        revocation::{
            News, Record, Revoked, RevokedEvent, Seq, What,
            frames::{Told, close, reset},
            set::Held,
        },
        time::Timestamp,
    },
    store::{Store, migrate::Migration},
};

impl Actor for Revocations {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    const ANNOUNCE: Option<Announce> = Some(registry::tell);
    type Memory = Memory;

    fn founds(message: &Message) -> bool {
        matches!(
            message,
            Message::Append(_) | Message::Attach(_) | Message::CreateStream(_)
        )
    }

    fn handle(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Memory,
        message: Message,
    ) -> Result<Reply, Fault> {
        let log = match memory.log(turn.store)? {
            Some(log) => log,
            None => state::found(turn.store, turn.entropy, turn.now)?,
        };
        memory.put_log(log);
        Ok(match message {
            Message::Append(m) => Reply::Append(append(turn, memory, log, &m)?),
            Message::Attach(m) => Reply::Attach(attach(turn, memory, &log, m)?),
            of_streams => streams::answer(turn, of_streams)?,
        })
    }

    fn job(&self, turn: &mut Turn<'_>, memory: &mut Memory, name: &str) -> Result<(), Fault> {
        let log = memory.log(turn.store)?;
        let log = log.ok_or(Fault::Corrupt("a log was never founded"))?;
        match name {
            tend::START => tend::close_silent(turn),
            tend::EXPIRE => tend::close_expired(turn),
            tend::PURGE => tend::purge(turn, memory, log),
            tend::END => {
                tend::end(turn);
                Ok(())
            }
            name if streams::is_job(name) => streams::job(turn, name, &self.master_keys),
            _ => Err(Fault::Corrupt("a job nobody planned")),
        }
    }

    fn hear(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Memory,
        socket: &Socket,
        heard: Heard,
    ) -> Result<(), Fault> {
        hear::hear(turn, memory, socket, &heard)
    }

    fn describe(&self, store: &dyn Store, now: Timestamp) -> Result<serde_json::Value, Fault> {
        let Some(log) = state::log(store)? else {
            return Ok(serde_json::Value::Null);
        };
        Ok(serde_json::json!({
            "cursor": log.at(log.head),
            "oldest": log.at(log.floor),
            "appended": log.appended,
            "in_force": state::count_in_force(store, now)?,
            "retention_ms": log.retention_ms,
            "ends_at": log.ends_at,
            "issuers": state::issuers(store)?,
            "streams": streams::describe(store)?,
        }))
    }
}

/// Appends a record and tells every feed; one that stands already is only
/// found.
fn append(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    mut log: Log,
    m: &Append,
) -> Result<Appended, Fault> {
    if let Some(seq) = state::find_event(turn.store, &m.record.id)? {
        let cursor = log.at(seq);
        return Ok(Appended { cursor });
    }
    let seq = log.head.next(turn.now);
    state::add_record(turn.store, seq, &m.record.id, shown(&m.record)?)?;
    log.head = seq;
    log.appended = log.appended.saturating_add(1);
    log.retention_ms = log.retention_ms.max(m.retention_ms);
    if m.is_last {
        let ends_at = turn.now.plus(log.retention_ms);
        log.ends_at = Some(ends_at);
        turn.effects.schedule(tend::END, ends_at);
    }
    state::move_head(turn.store, &log)?;
    memory.put_log(log);
    if let News::Revoked(revoked) = &m.record.news {
        tell(turn, memory, &log, m)?;
        close_client(turn, revoked);
    }
    streams::fan_out(turn, &m.record)?;
    if log.appended % AUDIT_EVERY == 0 {
        close_slow(turn)?;
    }
    let due = turn.now.plus(log.retention_ms + 1);
    jobs::plan(turn, tend::PURGE, due)?;
    let cursor = log.at(seq);
    Ok(Appended { cursor })
}

/// A record as a snapshot shows it, and until when it does.
fn shown(record: &Record) -> Result<Option<(String, Timestamp)>, Fault> {
    let Some(event) = RevokedEvent::of(record) else {
        return Ok(None);
    };
    let until = event.in_force_until();
    let held = Held {
        id: record.id,
        txn: record.act,
        event,
    };
    Ok(Some((rows::json(&held)?, until)))
}

/// Keeps the record's tokens and sends each to the feeds of its issuer.
fn tell(turn: &mut Turn<'_>, memory: &mut Memory, log: &Log, m: &Append) -> Result<(), Fault> {
    let issuers = memory.issuers(turn.store)?;
    let cursor = log.at(log.head);
    for signed in &m.sets {
        state::add_token(turn.store, log.head, signed)?;
        if issuers.contains(&signed.issuer) {
            let set = &signed.set;
            let frame = Told::Event { cursor, set }.text();
            turn.effects.broadcast(&issuer_tag(&signed.issuer), frame);
        }
    }
    let is_signed = |issuer: &String| m.sets.iter().any(|signed| signed.issuer == *issuer);
    for issuer in issuers.extract_if(.., |issuer| !is_signed(issuer)) {
        state::drop_issuer(turn.store, &issuer)?;
        tell_unsigned(turn, &issuer_tag(&issuer), log, m)?;
    }
    Ok(())
}

/// Tells feeds at an issuer that was not known when the record was signed: they
/// come back for a snapshot. Where a tenant was they cannot, so they get one
/// here: its last record takes everything, and is all there is to tell.
fn tell_unsigned(turn: &mut Turn<'_>, tag: &str, log: &Log, m: &Append) -> Result<(), Fault> {
    if !m.is_last {
        let why = "this issuer has moved";
        turn.effects.close_all(tag, close::GOING_AWAY, why);
        return Ok(());
    }
    let cursor = log.at(log.head);
    let records: Vec<_> = shown(&m.record)?
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    for frame in reset(cursor, &records) {
        turn.effects.broadcast(tag, frame);
    }
    turn.effects
        .broadcast(tag, Told::CaughtUp { cursor }.text());
    Ok(())
}

/// The feeds of a client whose tokens are worth nothing have ended with them.
fn close_client(turn: &mut Turn<'_>, revoked: &Revoked) {
    if let What::Client { client_id, .. } = &revoked.what {
        let tag = client_tag(client_id);
        let why = "the client's tokens are revoked";
        turn.effects.close_all(&tag, close::REVOKED, why);
    }
}

/// Closes the feeds that have not acknowledged enough.
fn close_slow(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let Some(enough) = state::back(turn.store, UNACKED_MAX)? else {
        return Ok(());
    };
    for socket in turn.sockets.tagged(FEED) {
        let kept: Kept = socket.kept()?;
        let is_slow = |acked| Seq::from_i64(acked) < enough;
        if kept.listener.acked.is_some_and(is_slow) {
            let why = "too slow; resume";
            turn.effects.close(socket.id, close::TOO_SLOW, why);
        }
    }
    Ok(())
}
