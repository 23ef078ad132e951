//! How does a resource server come to listen?

use super::{
    Attach, Attached, DRAIN_MS, FEED, FEEDS_MAX, FEEDS_PER_CLIENT_MAX, Kept, client_tag,
    issuer_tag,
    memory::Memory,
    state::{self, Log},
    tend,
};
use crate::{
    actors::runtime::{Fault, Turn, jobs},
    domain::{
        ids::SocketId,
        revocation::{
            frames::Told,
            listener::{Listener, START_MS_MAX},
        },
    },
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
    let open = (turn.sockets, turn.now);
    let is_room =
        memory.admit(open, &of_client, FEEDS_PER_CLIENT_MAX) && memory.admit(open, FEED, FEEDS_MAX);
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
        listener: Listener::new(turn.now),
    };
    let tags = [FEED, of_issuer.as_str(), of_client.as_str()];
    turn.effects.accept(id, &tags, &kept)?;
    let hello = Told::hello(log.at(log.head), log.at(log.floor));
    turn.effects.send(id, hello.text());
    jobs::plan(turn, tend::START, turn.now.plus(START_MS_MAX))?;
    jobs::plan(turn, tend::EXPIRE, kept.due())?;
    Ok(Attached::Open)
}
