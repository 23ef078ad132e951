//! How does a stream's header stay sealed under today's master key?
//!
//! Nobody may push for as long as a master key is being replaced, so a job
//! looks, for as long as there is a header.

use super::{
    RESEAL_MS,
    state::{self, Kept},
};
use crate::{
    actors::runtime::{Fault, Turn, jobs},
    domain::{
        keys::{MasterKeys, Purpose},
        ssf::stream::header_owner,
    },
};

/// The job that seals anew what is sealed under the previous master key.
pub(super) const RESEAL: &str = "reseal";

/// Plans the job when a stream has a header; from then on it plans itself.
pub(super) fn plan(turn: &mut Turn<'_>, has_header: bool) -> Result<(), Fault> {
    if !has_header {
        return Ok(());
    }
    Ok(jobs::plan(turn, RESEAL, turn.now.plus(RESEAL_MS))?)
}

/// Seals anew what must be, and looks again when there is any header.
///
/// One that does not open is shown with its stream, and keeps no other waiting.
pub(super) fn reseal(turn: &mut Turn<'_>, keys: &MasterKeys) -> Result<(), Fault> {
    let has_header = |kept: &Kept| kept.header.is_some();
    let all = state::all(turn.store)?.into_iter().filter(has_header);
    for mut kept in all {
        turn.effects.schedule(RESEAL, turn.now.plus(RESEAL_MS));
        let Some(sealed) = kept.header.as_ref() else {
            continue;
        };
        if !keys.needs_resealing(sealed) {
            continue;
        }
        let owner = header_owner(kept.tenant, kept.stream.id);
        match keys.open(Purpose::StreamHeader, &owner, sealed) {
            Ok(plain) => {
                let plain = plain.expose();
                let sealed = keys.seal(Purpose::StreamHeader, &owner, plain, turn.entropy);
                kept.header = Some(sealed);
            }
            Err(why) => {
                kept.last_error = Some(format!("the authorization header is {why}"));
            }
        }
        state::update(turn.store, &kept)?;
    }
    Ok(())
}
