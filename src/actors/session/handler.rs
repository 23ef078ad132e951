//! What does the session actor answer?

use super::{
    Done, Message, Reply, Session, authorize, lifecycle, redeem, refresh, schema,
    state::{
        code, grant,
        login::{self, Login},
        memo,
    },
    tabs,
};
use crate::{
    actors::{
        registry,
        runtime::{
            Actor, Announce, Fault, Turn,
            socket::{Heard, Socket},
        },
    },
    domain::time::Timestamp,
    store::{Store, migrate::Migration},
};
use serde_json::{Value, json};

impl Actor for Session {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    const ANNOUNCE: Option<Announce> = Some(registry::tell);
    /// The session's own row, which every message needs.
    type Memory = Option<Login>;

    fn founds(message: &Message) -> bool {
        matches!(message, Message::Begin(_))
    }

    fn handle(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Option<Login>,
        message: Message,
    ) -> Result<Reply, Fault> {
        if memory.is_none() {
            *memory = login::read(turn.store)?;
        }
        match (message, memory) {
            (Message::Begin(begin), memory) => {
                lifecycle::begin(turn, memory, begin).map(Reply::Begin)
            }
            (message, Some(login)) => {
                take_news(turn, login, &message)?;
                answer(turn, login, message)
            }
            (_, None) => Err(Fault::Corrupt("a session without its row")),
        }
    }

    fn job(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Option<Login>,
        name: &str,
    ) -> Result<(), Fault> {
        if memory.is_none() {
            *memory = login::read(turn.store)?;
        }
        let Some(login) = memory else {
            return Err(Fault::Corrupt("a session without its row"));
        };
        match name {
            lifecycle::DEADLINE => lifecycle::watch_deadline(turn, login),
            lifecycle::PURGE => lifecycle::purge(turn),
            tabs::SILENT => tabs::close_silent(turn),
            _ => Err(Fault::Corrupt("a job nobody planned")),
        }
    }

    fn hear(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Option<Login>,
        socket: &Socket,
        heard: Heard,
    ) -> Result<(), Fault> {
        if memory.is_none() {
            *memory = login::read(turn.store)?;
        }
        let login = memory.as_ref();
        let login = login.ok_or(Fault::Corrupt("a session without its row"))?;
        tabs::hear(turn, login, socket, &heard)
    }

    fn describe(&self, store: &dyn Store, now: Timestamp) -> Result<Value, Fault> {
        let Some(login) = login::read(store)? else {
            return Ok(Value::Null);
        };
        let grants = grant::list(store)?;
        let grants = grants.iter().map(|grant| {
            json!({
                "grant": grant.id,
                "client_id": grant.terms.client_id,
                "scope": grant.terms.scopes,
                "resources": grant.terms.resources,
                "made_at": grant.made_at,
                "expires_at": grant.expires_at,
                "generation": grant.family.map(|live| live.generation),
            })
        });
        Ok(json!({
            "tenant": login.tenant,
            "session": login.session,
            "user": login.user,
            "is_live": login.is_live(now),
            "ended": login.ending.as_ref().map(|ending| json!({
                "at": ending.at,
                "why": ending.why,
                "act": ending.act,
            })),
            "issuer": login.issuer,
            "authentication": login.authentication,
            "device": login.device,
            "began_at": login.began_at,
            "used_at": login.used_at,
            "seen": login.seen,
            "ends_at": login.deadline(),
            "grants": grants.collect::<Vec<_>>(),
            "codes": code::count(store)?,
            "revoked_tokens": memo::count_revoked(store)?,
        }))
    }
}

/// What whoever asks knows of the tenant counts before what he asks.
fn take_news(turn: &mut Turn<'_>, login: &mut Login, message: &Message) -> Result<(), Fault> {
    let news = match message {
        Message::Look(m) => m.news,
        Message::Authorize(m) => m.news,
        Message::Redeem(m) => m.news,
        Message::Refresh(m) => m.news,
        Message::Introspect(m) => m.news,
        Message::MakeTicket(m) => m.news,
        Message::AttachTab(m) => m.news,
        _ => return Ok(()),
    };
    lifecycle::take_news(turn, login, &news)
}

/// Answers what is asked of a session that began; it may have ended.
fn answer(turn: &mut Turn<'_>, login: &mut Login, message: Message) -> Result<Reply, Fault> {
    Ok(match message {
        Message::Begin(_) => return Err(Fault::Corrupt("a session begins once")),
        Message::Reauthenticate(proof) => {
            Reply::Reauthenticate(lifecycle::reauthenticate(turn, login, proof)?)
        }
        Message::Look(look) => Reply::Look(lifecycle::look(turn, login, &look)?),
        Message::Authorize(asked) => Reply::Authorize(authorize::authorize(turn, login, asked)?),
        Message::Redeem(asked) => Reply::Redeem(redeem::redeem(turn, login, &asked)?),
        Message::Refresh(asked) => Reply::Refresh(refresh::refresh(turn, login, &asked)?),
        Message::Introspect(asked) => Reply::Introspect(refresh::introspect(turn, login, &asked)?),
        Message::RevokeToken(asked) => {
            Reply::RevokeToken(refresh::revoke_token(turn, login, &asked)?)
        }
        Message::RevokeClient(asked) => {
            refresh::revoke_client(turn, login, &asked)?;
            Reply::RevokeClient(Done)
        }
        Message::End(asked) => Reply::End(lifecycle::end_asked(turn, login, &asked)?),
        Message::MakeTicket(asked) => Reply::MakeTicket(tabs::make_ticket(turn, login, &asked)?),
        Message::AttachTab(asked) => Reply::AttachTab(tabs::attach(turn, login, &asked)?),
    })
}
