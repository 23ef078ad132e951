//! What happens to the tenant as a whole?

use super::{audit, endings, jobs};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            ChangeSettings, ChangeStatus, Configuration, Done, Erase, Found, SettingsChanged,
            TOMBSTONE_MS, state::settings as state,
        },
    },
    domain::{
        audit::Event,
        session::EndReason,
        tenant::{Status, TenantSettings},
    },
};

pub(super) fn found(turn: &mut Turn<'_>, m: &Found) -> Result<Configuration, Fault> {
    if state::find(turn.store)?.is_none() {
        state::found(turn.store, m.id, &m.settings, Status::Live, turn.now)?;
    }
    read(turn)
}

pub(super) fn read(turn: &Turn<'_>) -> Result<Configuration, Fault> {
    Ok(state::read(turn.store)?.configuration)
}

pub(super) fn change(turn: &mut Turn<'_>, m: ChangeSettings) -> Result<SettingsChanged, Fault> {
    let configuration = read(turn)?;
    match configuration.settings.patched(m.patch) {
        Err(refusal) => return Ok(SettingsChanged::Refused(refusal)),
        Ok(settings) if settings != configuration.settings => {
            state::set_settings(turn.store, &settings)?;
            let id = state::read(turn.store)?.id;
            audit::done(turn, Event::TenantChanged, &id)?;
        }
        Ok(_) => {}
    }
    Ok(SettingsChanged::Changed(Box::new(read(turn)?)))
}

pub(super) fn change_status(turn: &mut Turn<'_>, m: &ChangeStatus) -> Result<Done, Fault> {
    let is_news = state::set_status(turn.store, m.status, m.change)?;
    if is_news && m.status == Status::Suspended {
        endings::end_everything(turn, EndReason::TenantEnded)?;
    }
    Ok(Done)
}

/// An actor that was never founded stays for a while as a tombstone, so that
/// the founding which is still on its way finds a tenant that is no more.
pub(super) fn erase(turn: &mut Turn<'_>, m: &Erase) -> Result<Done, Fault> {
    if state::find(turn.store)?.is_none() {
        let nothing = TenantSettings::default();
        state::found(turn.store, m.id, &nothing, Status::Deleting, turn.now)?;
        endings::announce_erased(turn, m.id)?;
        turn.effects
            .schedule(jobs::BURY, turn.now.plus(TOMBSTONE_MS));
        return Ok(Done);
    }
    if state::read(turn.store)?.configuration.status == Status::Deleting {
        return Ok(Done);
    }
    state::set_deleting(turn.store)?;
    endings::end_everything(turn, EndReason::TenantEnded)?;
    Ok(Done)
}
