//! `/admin/v1/tenants`: which tenants are there, and how do they stand?

use super::{
    acts::Acting,
    body::{self, Members, members_of, unprocessable},
    page::{self, List},
    place::{self, Place, no_tenant, only_operators},
    shown::{Instant, created, done, ok},
};
use crate::{
    actors::{
        directory::{
            ChangeTenant, CreateTenant, DeleteTenant, Directory, HOSTNAMES_MAX, ListTenants,
            TenantCreated, TenantFound, TenantRecord,
        },
        runtime::Actors,
        tenant::{ChangeSettings, Found, ReadSettings, SettingsChanged},
    },
    domain::{
        ids::TenantId,
        oauth::OAuthError,
        tenant::{Hostname, Slug, Status, TenantSettings},
        user::PasswordPolicy,
    },
    gateway::{
        origins::issuer_of,
        platform::Platform,
        settings::Settings,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use serde::Serialize;

/// A tenant as an operator sees it.
#[derive(Serialize)]
struct Shown {
    id: TenantId,
    slug: Slug,
    status: Status,
    issuer: String,
    hostnames: Vec<String>,
    created_at: Instant,
    /// Left out in lists: they are the tenant's to know, not the directory's.
    #[serde(flatten)]
    settings: Option<TenantSettings>,
}

impl Shown {
    fn new(deployment: &Settings, record: TenantRecord, settings: Option<TenantSettings>) -> Self {
        Self {
            id: record.id,
            issuer: issuer_of(deployment, &record.slug),
            slug: record.slug,
            status: record.status,
            hostnames: record.hostnames,
            created_at: Instant(record.created_at),
            settings,
        }
    }
}

/// Whether and under which names a tenant answers is between it and all others.
const OF_THE_DIRECTORY: [&str; 3] = ["slug", "status", "hostnames"];

fn conflict(detail: &str) -> Trouble {
    Problem::new(409, "tenant-conflict", detail).into()
}

/// Lists tenants by slug, those being deleted too: their slugs are still taken.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let wanted = page::wanted(visit)?;
    let query = visit.query()?;
    let prefix = query.one("prefix").map_err(OAuthError::from)?;
    let ask = ListTenants {
        prefix: prefix.unwrap_or_default().to_owned(),
        after: wanted.after_as(Slug::parse)?,
        limit: wanted.limit,
    };
    let page = visit.mail.ask(&Directory::address(), ask).await?;
    let settings = visit.platform().settings();
    let items = page.items.into_iter();
    ok(&List {
        items: items
            .map(|record| Shown::new(settings, record, None))
            .collect(),
        next_cursor: page.next.as_ref().map(page::cursor),
    })
}

/// Creates a tenant. It answers at its address as soon as we do: its actor is
/// told here too, not by the directory's outbox alone.
pub(super) async fn create<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let mut sent = body::object(visit)?;
    check_members(&sent, &["slug"])?;
    let slug = take_slug(&mut sent)?;
    let slug = slug.ok_or_else(|| unprocessable("invalid-slug", "slug is missing"))?;
    let settings = settings_of(&TenantSettings::default(), sent)?;

    let id = TenantId::generate(&mut visit.entropy());
    let boxed = || Box::new(settings.clone());
    let ask = CreateTenant {
        id,
        slug: slug.clone(),
        settings: boxed(),
    };
    let record = match visit.mail.ask(&Directory::address(), ask).await? {
        TenantCreated::Created(record) => record,
        TenantCreated::SlugTaken => return Err(conflict("This slug is taken.")),
        TenantCreated::TooMany => return Err(conflict("There is no room for another tenant.")),
    };
    let place = Place { record };
    let settings = boxed();
    let configuration = place.ask(visit, Found { id, slug, settings }).await?;
    visit.gateway.forget(id);
    let deployment = visit.platform().settings();
    let shown = Shown::new(deployment, place.record, Some(configuration.settings));
    created(visit, &id.to_string(), &shown)
}

/// Shows one tenant.
pub(super) async fn read<P: Platform>(visit: &Visit<'_, P>, name: &str) -> Answer {
    let place = place::find(visit, name).await?;
    let configuration = place.ask(visit, ReadSettings).await?;
    let deployment = visit.platform().settings();
    ok(&Shown::new(
        deployment,
        place.record,
        Some(configuration.settings),
    ))
}

/// Changes what is said of a tenant, in the directory and in the tenant. All of
/// it is checked before any of it is written.
pub(super) async fn change<P: Platform>(visit: &Visit<'_, P>, name: &str, by: &Acting) -> Answer {
    let mut sent = body::patch(visit)?;
    check_members(&sent, &OF_THE_DIRECTORY)?;
    let mut place = place::find(visit, name).await?;
    let is_of_the_directory = sent.has_any(&OF_THE_DIRECTORY);
    if is_of_the_directory {
        only_operators(visit)?;
    }
    if let Some(refusal) = by.step_up(visit, is_of_the_directory) {
        return Ok(refusal);
    }
    let change = ChangeTenant {
        id: place.id(),
        slug: take_slug(&mut sent)?,
        status: take_status(&mut sent)?,
        hostnames: take_hostnames(&mut sent)?,
    };
    let current = place.ask(visit, ReadSettings).await?.settings;
    let patch = settings_patch(&current, sent)?;
    if change.slug.is_some() || change.status.is_some() || change.hostnames.is_some() {
        place.record = match visit.mail.ask(&Directory::address(), change).await? {
            TenantFound::Found(record) => record,
            TenantFound::Missing => return Err(no_tenant()),
            TenantFound::Conflict => {
                return Err(conflict(
                    "The slug or a hostname is taken, or the tenant is the platform's own.",
                ));
            }
        };
    }
    let settings = match patch {
        None => current,
        Some(patch) => match place.ask(visit, ChangeSettings { patch }).await? {
            SettingsChanged::Changed(configuration) => configuration.settings,
            SettingsChanged::Refused(refusal) => {
                return Err(unprocessable("invalid-settings", refusal));
            }
        },
    };
    visit.gateway.forget(place.id());
    let deployment = visit.platform().settings();
    ok(&Shown::new(deployment, place.record, Some(settings)))
}

/// Deletes a tenant. From now on it answers nowhere and is not found here; its
/// sessions end and its actors are erased behind the scenes, and its slug is
/// free when that is done.
pub(super) async fn delete<P: Platform>(visit: &Visit<'_, P>, name: &str) -> Answer {
    let id = place::find(visit, name).await?.id();
    only_operators(visit)?;
    let deleted = visit
        .mail
        .ask(&Directory::address(), DeleteTenant { id })
        .await?;
    visit.gateway.forget(id);
    match deleted {
        TenantFound::Found(_) => Ok(done()),
        TenantFound::Missing => Err(no_tenant()),
        TenantFound::Conflict => Err(conflict("The platform's own tenant cannot be deleted.")),
    }
}

fn check_members(sent: &Members, ours: &[&str]) -> Result<(), Trouble> {
    sent.only(&[ours, members_of::<TenantSettings>()])?;
    sent.only_in("password_policy", members_of::<PasswordPolicy>())
}

fn take_slug(sent: &mut Members) -> Result<Option<Slug>, Trouble> {
    let slug: Option<String> = sent.take_as("slug", "text")?;
    let slug = slug.map(|text| Slug::parse_new(&text)).transpose();
    slug.map_err(|refusal| unprocessable("invalid-slug", refusal))
}

fn take_status(sent: &mut Members) -> Result<Option<Status>, Trouble> {
    let what = "live or suspended";
    let status = sent.take_as("status", what)?;
    if status == Some(Status::Deleting) {
        let why = format!("status must be {what}; DELETE deletes a tenant");
        return Err(unprocessable("invalid-member", why));
    }
    Ok(status)
}

/// Like every list in a merge patch, replaced as a whole; `null` empties it.
fn take_hostnames(sent: &mut Members) -> Result<Option<Vec<String>>, Trouble> {
    let names: Option<Option<Vec<String>>> = sent.take_as("hostnames", "a list of names")?;
    let names = names.map(Option::unwrap_or_default);
    if names
        .as_ref()
        .is_some_and(|names| names.len() > HOSTNAMES_MAX)
    {
        let why = format!("hostnames has more than {HOSTNAMES_MAX} entries");
        return Err(unprocessable("invalid-hostname", why));
    }
    for name in names.iter().flatten() {
        Hostname::parse(name).map_err(|refusal| unprocessable("invalid-hostname", refusal))?;
    }
    Ok(names)
}

fn settings_of(base: &TenantSettings, sent: Members) -> Result<TenantSettings, Trouble> {
    let settings = base.patched(sent.rest());
    settings.map_err(|refusal| unprocessable("invalid-settings", refusal))
}

/// What is to change of the settings, once it is known that it may.
fn settings_patch(
    current: &TenantSettings,
    sent: Members,
) -> Result<Option<serde_json::Value>, Trouble> {
    if sent.is_empty() {
        return Ok(None);
    }
    let patch = sent.rest();
    match current.patched(patch.clone()) {
        Ok(_) => Ok(Some(patch)),
        Err(refusal) => Err(unprocessable("invalid-settings", refusal)),
    }
}
