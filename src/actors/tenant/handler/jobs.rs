//! What is due later?

use super::{audit, clients, endings, usage};
use crate::{
    actors::{
        live,
        runtime::{Fault, Turn},
        tenant::{RESERVATION_MS, state::sessions},
    },
    domain::time::Timestamp,
};

/// Ends the next page of a suspended or deleted tenant's sessions.
pub(super) const END_SESSIONS: &str = "end_sessions";
/// Tells the next page of sessions that a client is no more.
pub(super) const REVOKE_CLIENTS: &str = "revoke_clients";
/// Drops places of sessions that never began.
pub(super) const DROP_RESERVATIONS: &str = "drop_reservations";
/// Drops clients that registered themselves and were never used.
pub(super) const EXPIRE_CLIENTS: &str = "expire_clients";
/// Drops records of acts that are too old.
pub(super) const EXPIRE_ACTS: &str = "expire_acts";
/// Tells the archive of the next records of acts.
pub(super) const ARCHIVE_ACTS: &str = "archive_acts";
/// Drops what was counted too long ago.
pub(super) const EXPIRE_USAGE: &str = "expire_usage";
/// Erases the tombstone of a tenant that was never founded.
pub(super) const BURY: &str = "bury";

pub(super) fn run(turn: &mut Turn<'_>, name: &str) -> Result<(), Fault> {
    match name {
        END_SESSIONS => endings::go_on_ending(turn),
        REVOKE_CLIENTS => endings::go_on_revoking(turn),
        DROP_RESERVATIONS => drop_reservations(turn),
        EXPIRE_CLIENTS => clients::expire(turn),
        EXPIRE_ACTS => audit::expire(turn),
        ARCHIVE_ACTS => audit::go_on_archiving(turn),
        EXPIRE_USAGE => usage::expire(turn),
        live::EXPIRE => live::expire(turn),
        BURY => {
            turn.effects.end();
            Ok(())
        }
        _ => Err(Fault::Corrupt("a job that nobody knows")),
    }
}

fn drop_reservations(turn: &mut Turn<'_>) -> Result<(), Fault> {
    sessions::drop_reservations(turn.store, turn.now.plus(-RESERVATION_MS))?;
    plan_drop(turn, sessions::oldest_reservation(turn.store)?);
    Ok(())
}

/// Plans the end of the reservation made at `oldest`.
pub(super) fn plan_drop(turn: &mut Turn<'_>, oldest: Option<Timestamp>) {
    if let Some(oldest) = oldest {
        turn.effects
            .schedule(DROP_RESERVATIONS, oldest.plus(RESERVATION_MS));
    }
}
