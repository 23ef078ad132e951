//! Which chapter answers which message?

use super::{
    audit, bootstrap, clients, consents, jobs, policies, sessions, settings, sign_in, usage, users,
};
use crate::{
    actors::{
        live, registry,
        runtime::{
            Actor, Announce, Fault, Turn,
            socket::{Heard, Socket},
        },
        tenant::{Message, Reply, Tenant, schema, state},
    },
    domain::time::Timestamp,
    store::{Store, migrate::Migration},
};

impl Actor for Tenant {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    const ANNOUNCE: Option<Announce> = Some(registry::tell);
    type Memory = ();

    fn founds(message: &Message) -> bool {
        matches!(message, Message::Found(_) | Message::Erase(_))
    }

    fn handle(&self, turn: &mut Turn<'_>, (): &mut (), message: Message) -> Result<Reply, Fault> {
        use Message as M;
        Ok(match message {
            M::Found(m) => Reply::Found(settings::found(turn, &m)?),
            M::ReadSettings(_) => Reply::ReadSettings(settings::read(turn)?),
            M::ChangeSettings(m) => Reply::ChangeSettings(settings::change(turn, m)?),
            M::ChangeStatus(m) => Reply::ChangeStatus(settings::change_status(turn, &m)?),
            M::Erase(m) => Reply::Erase(settings::erase(turn, &m)?),
            M::ReadClient(m) => Reply::ReadClient(clients::read(turn, &m)?),
            M::CreateClient(m) => Reply::CreateClient(clients::create(turn, m)?),
            M::ChangeClient(m) => Reply::ChangeClient(clients::change(turn, m)?),
            M::DeleteClient(m) => Reply::DeleteClient(clients::delete(turn, &m)?),
            M::ListClients(m) => Reply::ListClients(clients::list(turn, &m)?),
            M::CreateUser(m) => Reply::CreateUser(users::create(turn, m)?),
            M::ReadUser(m) => Reply::ReadUser(users::read(turn, &m)?),
            M::ChangeUser(m) => Reply::ChangeUser(users::change(turn, m)?),
            M::DeleteUser(m) => Reply::DeleteUser(users::delete(turn, &m)?),
            M::ListUsers(m) => Reply::ListUsers(users::list(turn, &m)?),
            M::ReadCredentials(m) => Reply::ReadCredentials(sign_in::credentials(turn, &m)?),
            M::Admit(m) => Reply::Admit(sign_in::admit(turn, &m)?),
            M::ChangePassword(m) => Reply::ChangePassword(sign_in::change_password(turn, &m)?),
            M::EnsureBootstrap(m) => Reply::EnsureBootstrap(bootstrap::ensure(turn, m)?),
            M::SetUp(m) => Reply::SetUp(bootstrap::set_up(turn, &m)?),
            M::SessionBegan(m) => Reply::SessionBegan(sessions::began(turn, &m)?),
            M::SessionEnded(m) => Reply::SessionEnded(sessions::ended(turn, &m)?),
            M::SessionUsed(m) => Reply::SessionUsed(sessions::used(turn, &m)?),
            M::EndEverySession(_) => Reply::EndEverySession(sessions::end_every(turn)?),
            M::ListSessions(m) => Reply::ListSessions(sessions::list(turn, &m)?),
            M::WalkSessions(m) => Reply::WalkSessions(sessions::walk(turn, &m)?),
            M::EndSessions(m) => Reply::EndSessions(sessions::end(turn, &m)?),
            M::ReadClaims(m) => Reply::ReadClaims(users::claims(turn, &m)?),
            M::ReadConsent(m) => Reply::ReadConsent(consents::read(turn, &m)?),
            M::GiveConsent(m) => Reply::GiveConsent(consents::give(turn, m)?),
            M::WithdrawConsent(m) => Reply::WithdrawConsent(consents::withdraw(turn, &m)?),
            M::ListConsents(m) => Reply::ListConsents(consents::list(turn, &m)?),
            M::CreatePolicy(m) => Reply::CreatePolicy(policies::create(turn, m)?),
            M::ReadPolicy(m) => Reply::ReadPolicy(policies::read(turn, &m)?),
            M::ChangePolicy(m) => Reply::ChangePolicy(policies::change(turn, m)?),
            M::DeletePolicy(m) => Reply::DeletePolicy(policies::delete(turn, &m)?),
            M::ListPolicies(m) => Reply::ListPolicies(policies::list(turn, &m)?),
            M::NoteAct(m) => Reply::NoteAct(audit::note(turn, &m)?),
            M::ListActs(m) => Reply::ListActs(audit::list(turn, &m)?),
            M::NoteUsage(m) => Reply::NoteUsage(usage::note(turn, &m)?),
            M::ReadUsage(m) => Reply::ReadUsage(usage::read(turn, &m)?),
            M::Listen(m) => Reply::Listen(live::attach(turn, m.until)?),
        })
    }

    fn hear(
        &self,
        turn: &mut Turn<'_>,
        (): &mut (),
        socket: &Socket,
        heard: Heard,
    ) -> Result<(), Fault> {
        live::hear(turn, socket, &heard);
        Ok(())
    }

    fn job(&self, turn: &mut Turn<'_>, (): &mut (), name: &str) -> Result<(), Fault> {
        jobs::run(turn, name)
    }

    fn describe(&self, store: &dyn Store, _: Timestamp) -> Result<serde_json::Value, Fault> {
        let standing = state::settings::read(store)?;
        let setup = state::sign_in::read_setup(store)?;
        Ok(serde_json::json!({
            "id": standing.id,
            "status": standing.configuration.status,
            "version": standing.configuration.version,
            "founded_at": standing.founded_at,
            "settings": standing.configuration.settings,
            "ends_sessions_begun_until": standing.ends_until,
            "signed_out": standing.configuration.signed_out,
            "has_admin": state::users::has_admin(store)?,
            "setup_pending": setup.is_some_and(|setup| !setup.is_used),
        }))
    }
}
