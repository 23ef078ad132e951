//! How does an actor say what somebody has had it do?
//!
//! Who, and from where, comes with the message ([`Turn::caller`]); a tenant keeps
//! the record in the transaction of the act, everybody else tells by the outbox.

use super::{
    runtime::{Fault, Turn},
    tenant::{NoteAct, Tenant},
};
use crate::domain::{
    audit::{Event, Origin, Record},
    ids::TenantId,
};

/// Who has the turn do what it does: ourselves, where nobody has asked.
pub(super) fn origin(turn: &Turn<'_>) -> Origin {
    let caller = turn.caller.as_ref();
    caller.map_or(Origin::system(), |caller| caller.origin.clone())
}

/// Tells the tenant at whose origin the request came what it did here. What nobody
/// asked for through a gateway is no act.
pub(super) fn tell(turn: &mut Turn<'_>, event: Event, target: &str) -> Result<(), Fault> {
    let Some(home) = turn.caller.as_ref().map(|caller| caller.home) else {
        return Ok(());
    };
    let origin = origin(turn);
    tell_of(turn, home, event, target, origin)
}

/// Tells a tenant what somebody did.
pub(super) fn tell_of(
    turn: &mut Turn<'_>,
    tenant: TenantId,
    event: Event,
    target: &str,
    origin: Origin,
) -> Result<(), Fault> {
    let at = (tenant, turn.now);
    let record = Record::done(at, event, target.to_owned(), origin, turn.entropy);
    let record = Box::new(record);
    turn.effects
        .tell(&Tenant::address(tenant), NoteAct { record })
}
