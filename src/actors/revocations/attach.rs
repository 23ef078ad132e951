//! How does a resource server come to listen?

use super::{
    Attach, Attached, DRAIN_MS, FEED, FEEDS_MAX, FEEDS_PER_CLIENT_MAX, Kept, START_MS_MAX,
    client_tag, issuer_tag,
    memory::Memory,
    state::{self, Log},
    tend,
};
use crate::{
    actors::runtime::{Fault, Turn},
    domain::{ids::SocketId, revocation::frames::Told},
};

/// Accepts the socket and says `hello` in the same turn: whatever is appended
/// from now on reaches it, so nothing falls between what it asks for and what
/// it hears.
pub(super) fn attach(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    log: &Log,
    m: Attach,
) -> Result<Attached, Fault> {
    if log.ends_at.is_some() {
        return Ok(Attached::Ending);
    }
    let (of_issuer, of_client) = (issuer_tag(&m.issuer), client_tag(&m.client_id));
    let is_room = memory.admit(turn.sockets, &of_client, FEEDS_PER_CLIENT_MAX)
        && memory.admit(turn.sockets, FEED, FEEDS_MAX);
    if !is_room {
        return Ok(Attached::TooMany);
    }
    if memory.issuers(turn.store)?.insert(m.issuer.clone()) {
        state::add_issuer(turn.store, &m.issuer)?;
    }
    let id = SocketId::generate(turn.entropy);
    let kept = Kept {
        issuer: m.issuer,
        until: m.until,
        is_drained: m.until.since(turn.now) <= DRAIN_MS,
        acked: None,
        free_at: turn.now,
    };
    let tags = [FEED, of_issuer.as_str(), of_client.as_str()];
    turn.effects.accept(id, &tags, &kept)?;
    let hello = Told::hello(log.at(log.head), log.at(log.floor));
    turn.effects.send(id, hello.text());
    tend::plan(turn, tend::START, turn.now.plus(START_MS_MAX))?;
    tend::plan(turn, tend::EXPIRE, kept.due())?;
    Ok(Attached::Open)
}
