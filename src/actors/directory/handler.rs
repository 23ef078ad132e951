//! What does the directory actor answer?
//!
//! A tenant hears of its suspension and of its deletion before whoever wants
//! them is answered: it refuses by then, wherever it is asked.

use super::{
    ChangeTenant, CreateTenant, DeleteTenant, Directory, Done, EnsurePlatform, FindTenant,
    HOSTNAMES_MAX, ListTenants, Message, NoteCounts, NoteOwnAct, PAGE_MAX, Reply, TENANTS_MAX,
    TenantCreated, TenantErased, TenantFound, TenantKey, TenantPage, TenantRecord, schema, state,
};
use crate::{
    actors::{
        acts,
        archive::{Archive, Keep, Shelf},
        live,
        runtime::{
            Actor, Fault, Turn,
            socket::{Heard, Socket},
        },
        tenant::{self, Tenant},
    },
    domain::{
        audit::{Event, Origin},
        ids::TenantId,
        live as frames,
        tenant::{Hostname, Slug, Status, TenantSettings},
        time::Timestamp,
    },
    store::{Store, migrate::Migration},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A tenant that is no more, as the archive keeps it.
#[derive(Serialize)]
struct Gone {
    id: TenantId,
    at: Timestamp,
    slug: Slug,
    created_at: Timestamp,
    hostnames: Vec<String>,
}

impl Actor for Directory {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    type Memory = ();

    fn founds(message: &Message) -> bool {
        matches!(
            message,
            Message::CreateTenant(_) | Message::EnsurePlatform(_)
        )
    }

    fn is_repeatable(message: &Message) -> bool {
        matches!(message, Message::NoteCounts(_))
    }

    fn handle(&self, turn: &mut Turn<'_>, (): &mut (), message: Message) -> Result<Reply, Fault> {
        Ok(match message {
            Message::CreateTenant(m) => Reply::CreateTenant(create(turn, m)?),
            Message::EnsurePlatform(m) => Reply::EnsurePlatform(ensure_platform(turn, m)?),
            Message::FindTenant(m) => Reply::FindTenant(find(turn, &m)?),
            Message::ListTenants(m) => Reply::ListTenants(list(turn, &m)?),
            Message::ChangeTenant(m) => Reply::ChangeTenant(change(turn, m)?),
            Message::DeleteTenant(m) => Reply::DeleteTenant(delete(turn, &m)?),
            Message::TenantErased(m) => Reply::TenantErased(erased(turn, &m)?),
            Message::NoteCounts(m) => Reply::NoteCounts(note_counts(turn, &m)?),
            Message::NoteOwnAct(m) => Reply::NoteOwnAct(note_own_act(turn, &m)?),
            Message::ReadCounts(_) => Reply::ReadCounts(state::counts(turn.store)?),
            Message::Listen(m) => Reply::Listen(live::attach(turn, m.until)?),
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
        match name {
            live::EXPIRE => live::expire(turn),
            _ => Err(Fault::Corrupt("a job that nobody knows")),
        }
    }

    fn describe(&self, store: &dyn Store, _: Timestamp) -> Result<serde_json::Value, Fault> {
        let counts = state::count_by_status(store)?;
        let counts: serde_json::Map<_, _> = counts
            .into_iter()
            .map(|(status, count)| (status, count.into()))
            .collect();
        Ok(serde_json::json!({ "tenants": counts }))
    }
}

/// Whoever listens sees the sums at once.
fn note_counts(turn: &mut Turn<'_>, m: &NoteCounts) -> Result<Done, Fault> {
    state::note_counts(turn.store, m)?;
    if live::is_heard(turn) {
        let items = state::counts(turn.store)?;
        let items = items.iter().map(|count| frames::Count {
            kind: &count.kind,
            live: count.live.into(),
            ended: count.ended.into(),
        });
        let frame = frames::counts(&items.collect::<Vec<_>>(), turn.now);
        live::tell(turn, frame);
    }
    Ok(Done)
}

fn create(turn: &mut Turn<'_>, m: CreateTenant) -> Result<TenantCreated, Fault> {
    if let Some(record) = state::by_id(turn.store, m.id)? {
        let goes_on = record.status != Status::Deleting;
        return Ok(if goes_on {
            TenantCreated::Created(record)
        } else {
            TenantCreated::SlugTaken
        });
    }
    if m.slug.is_reserved() || state::by_slug(turn.store, &m.slug)?.is_some() {
        return Ok(TenantCreated::SlugTaken);
    }
    if state::count(turn.store)? >= TENANTS_MAX {
        return Ok(TenantCreated::TooMany);
    }
    acts::tell(turn, Event::TenantCreated, &m.id.to_string())?;
    add(turn, m.id, m.slug, m.settings).map(TenantCreated::Created)
}

/// Where there is no platform yet, nobody is there to look.
fn note_own_act(turn: &mut Turn<'_>, m: &NoteOwnAct) -> Result<Done, Fault> {
    if let Some(platform) = state::by_slug(turn.store, &Slug::platform())? {
        acts::tell_of(turn, platform.id, m.event, &m.target, Origin::system())?;
    }
    Ok(Done)
}

fn ensure_platform(turn: &mut Turn<'_>, m: EnsurePlatform) -> Result<TenantFound, Fault> {
    let slug = Slug::platform();
    match state::by_slug(turn.store, &slug)? {
        Some(record) => Ok(TenantFound::Found(record)),
        None => add(turn, m.id, slug, m.settings).map(TenantFound::Found),
    }
}

fn add(
    turn: &mut Turn<'_>,
    id: TenantId,
    slug: Slug,
    settings: Box<TenantSettings>,
) -> Result<TenantRecord, Fault> {
    state::insert(turn.store, id, &slug, turn.now)?;
    let news = tenant::Found { id, slug, settings };
    turn.effects.tell(&Tenant::address(id), news)?;
    tell(turn, "created", id)?.ok_or(Fault::Corrupt("a tenant just written is missing"))
}

/// The tenant as it stands now, of which whoever listens is told.
fn tell(turn: &mut Turn<'_>, what: &str, id: TenantId) -> Result<Option<TenantRecord>, Fault> {
    let record = state::by_id(turn.store, id)?;
    if let Some(record) = &record
        && live::is_heard(turn)
    {
        let frame = frames::tenant(what, id, &record.slug, turn.now);
        live::tell(turn, frame);
    }
    Ok(record)
}

fn find(turn: &Turn<'_>, m: &FindTenant) -> Result<TenantFound, Fault> {
    let found = match &m.by {
        TenantKey::Id(id) => state::by_id(turn.store, *id)?,
        TenantKey::Slug(slug) => state::by_slug(turn.store, slug)?,
        TenantKey::Hostname(name) => state::by_hostname(turn.store, name)?,
    };
    Ok(found.map_or(TenantFound::Missing, TenantFound::Found))
}

fn list(turn: &Turn<'_>, m: &ListTenants) -> Result<TenantPage, Fault> {
    let limit = m.limit.clamp(1, PAGE_MAX);
    let mut items = state::page(turn.store, &m.prefix, m.after.as_ref(), limit + 1)?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = items.len() > wanted;
    items.truncate(wanted);
    let last = items.last().filter(|_| has_more);
    Ok(TenantPage {
        next: last.map(|record| record.slug.clone()),
        items,
    })
}

/// Changes all that was asked or nothing.
fn change(turn: &mut Turn<'_>, m: ChangeTenant) -> Result<TenantFound, Fault> {
    let Some(record) = state::by_id(turn.store, m.id)? else {
        return Ok(TenantFound::Missing);
    };
    let slug = m.slug.filter(|slug| *slug != record.slug);
    let status = m.status.filter(|status| *status != record.status);
    let is_builtin = record.slug == Slug::platform();
    let hostnames = match m.hostnames.map(|names| parse_hostnames(&names)) {
        Some(None) => return Ok(TenantFound::Conflict),
        Some(names) => names,
        None => None,
    };
    let is_refused = record.status == Status::Deleting
        || status == Some(Status::Deleting)
        || (is_builtin && (slug.is_some() || status.is_some()))
        || is_slug_taken(turn, slug.as_ref())?
        || is_hostname_taken(turn, m.id, hostnames.as_deref())?;
    if is_refused {
        return Ok(TenantFound::Conflict);
    }
    acts::tell(turn, Event::TenantChanged, &m.id.to_string())?;
    if let Some(slug) = slug {
        state::set_slug(turn.store, m.id, &slug)?;
    }
    if let Some(names) = hostnames {
        state::set_hostnames(turn.store, m.id, &names)?;
    }
    if let Some(status) = status {
        let change = state::set_status(turn.store, m.id, status)?;
        let news = tenant::ChangeStatus { status, change };
        turn.effects.tell_first(&Tenant::address(m.id), news)?;
    }
    find_again(turn, "changed", m.id)
}

fn is_slug_taken(turn: &Turn<'_>, slug: Option<&Slug>) -> Result<bool, Fault> {
    let Some(slug) = slug else {
        return Ok(false);
    };
    Ok(slug.is_reserved() || state::by_slug(turn.store, slug)?.is_some())
}

fn is_hostname_taken(
    turn: &Turn<'_>,
    id: TenantId,
    names: Option<&[Hostname]>,
) -> Result<bool, Fault> {
    for name in names.unwrap_or_default() {
        let owner = state::by_hostname(turn.store, name.as_str())?;
        if owner.is_some_and(|owner| owner.id != id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The names, each once; `None` when one is no hostname or they are too many.
fn parse_hostnames(names: &[String]) -> Option<Vec<Hostname>> {
    if names.len() > HOSTNAMES_MAX {
        return None;
    }
    let names: Option<BTreeSet<_>> = names.iter().map(|n| Hostname::parse(n).ok()).collect();
    Some(names?.into_iter().collect())
}

fn delete(turn: &mut Turn<'_>, m: &DeleteTenant) -> Result<TenantFound, Fault> {
    let Some(record) = state::by_id(turn.store, m.id)? else {
        return Ok(TenantFound::Missing);
    };
    if record.slug == Slug::platform() {
        return Ok(TenantFound::Conflict);
    }
    if record.status != Status::Deleting {
        acts::tell(turn, Event::TenantDeleted, &m.id.to_string())?;
        state::set_status(turn.store, m.id, Status::Deleting)?;
        turn.effects
            .tell_first(&Tenant::address(m.id), tenant::Erase { id: m.id })?;
    }
    find_again(turn, "deleted", m.id)
}

fn find_again(turn: &mut Turn<'_>, what: &str, id: TenantId) -> Result<TenantFound, Fault> {
    let record = tell(turn, what, id)?;
    Ok(record.map_or(TenantFound::Missing, TenantFound::Found))
}

/// Only a tenant that was to be erased is forgotten.
fn erased(turn: &mut Turn<'_>, m: &TenantErased) -> Result<Done, Fault> {
    let record = state::by_id(turn.store, m.id)?;
    if let Some(record) = record.filter(|record| record.status == Status::Deleting) {
        state::delete(turn.store, m.id)?;
        let gone = Gone {
            id: record.id,
            at: turn.now,
            slug: record.slug,
            created_at: record.created_at,
            hostnames: record.hostnames,
        };
        let keep = Keep::one(Shelf::Tenants, &gone)?;
        turn.effects.tell(&Archive::address(), keep)?;
    }
    Ok(Done)
}
