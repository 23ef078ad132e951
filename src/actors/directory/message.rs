//! What can the directory be asked?

use super::Directory;
use crate::{
    actors::{live::Listening, registry::Count, runtime::conversation},
    domain::{
        audit::Event,
        ids::TenantId,
        tenant::{Slug, Status, TenantSettings},
        time::Timestamp,
    },
};
use serde::{Deserialize, Serialize};

/// A tenant, as the directory knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TenantRecord {
    /// Its id, which never changes.
    pub id: TenantId,
    /// The name of its sub-domain.
    pub slug: Slug,
    /// Whether it answers.
    pub status: Status,
    /// When it was created.
    pub created_at: Timestamp,
    /// Custom hostnames, lower case, without port.
    pub hostnames: Vec<String>,
}

/// Creates a tenant. Founds the directory; tells the tenant actor.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreateTenant {
    /// Its id, drawn by the gateway: the same request again is the same tenant.
    pub id: TenantId,
    /// Its sub-domain.
    pub slug: Slug,
    /// Its first settings.
    pub settings: Box<TenantSettings>,
}

/// Answers [`CreateTenant`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum TenantCreated {
    /// It exists, from now or from an earlier attempt.
    Created(TenantRecord),
    /// Another tenant has the slug, or had it and is being deleted, or it is
    /// reserved.
    SlugTaken,
    /// There are [`super::TENANTS_MAX`] already.
    TooMany,
}

/// The built-in tenant `platform`, created when it is missing. Founds the
/// directory.
#[derive(Debug, Serialize, Deserialize)]
pub struct EnsurePlatform {
    /// The id it gets should it be missing.
    pub id: TenantId,
    /// The settings it gets should it be missing.
    pub settings: Box<TenantSettings>,
}

/// Finds a tenant.
#[derive(Debug, Serialize, Deserialize)]
pub struct FindTenant {
    /// By what.
    pub by: TenantKey,
}

/// What a tenant can be found by.
#[derive(Debug, Serialize, Deserialize)]
pub enum TenantKey {
    /// Its id.
    Id(TenantId),
    /// Its sub-domain.
    Slug(Slug),
    /// A custom hostname, lower case, without port.
    Hostname(String),
}

/// Answers [`FindTenant`] and everything that changes one tenant.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum TenantFound {
    /// It exists; so it stands now.
    Found(TenantRecord),
    /// There is none.
    Missing,
    /// The slug or hostname wanted belongs to another tenant, is reserved, is
    /// not a hostname or one too many; or the built-in tenant would be renamed,
    /// suspended or deleted; or the tenant is being deleted.
    Conflict,
}

/// Lists tenants by slug.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListTenants {
    /// Only slugs that begin so.
    pub prefix: String,
    /// After this slug; from the start when `None`.
    pub after: Option<Slug>,
    /// At most so many, bounded by [`super::PAGE_MAX`].
    pub limit: u32,
}

/// Answers [`ListTenants`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct TenantPage {
    /// In the order of their slugs.
    pub items: Vec<TenantRecord>,
    /// More follow after this slug.
    pub next: Option<Slug>,
}

/// Changes what the directory knows of a tenant.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangeTenant {
    /// Which.
    pub id: TenantId,
    /// A new sub-domain.
    pub slug: Option<Slug>,
    /// `Live` or `Suspended`. A suspended tenant's sessions end.
    pub status: Option<Status>,
    /// All its custom hostnames from now on.
    pub hostnames: Option<Vec<String>>,
}

/// Deletes a tenant: it no longer answers, its sessions end, its actors are
/// erased. The slug is free again when all of that is done.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeleteTenant {
    /// Which.
    pub id: TenantId,
}

/// The tenant actor has erased itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct TenantErased {
    /// Which.
    pub id: TenantId,
}

/// A shard of the registry tells what it counts; the later of two counts stays.
#[derive(Debug, Serialize, Deserialize)]
pub struct NoteCounts {
    /// Which shard.
    pub shard: String,
    /// When it counted.
    pub at: Timestamp,
    /// By kind.
    pub items: Vec<Count>,
}

/// Says how many actors there are of each kind that the registry knows, as its
/// shards last said.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadCounts;

/// Something that concerns every tenant has been done by itself. The directory
/// alone knows who keeps the record: the platform's own tenant.
#[derive(Debug, Serialize, Deserialize)]
pub struct NoteOwnAct {
    /// What was done.
    pub event: Event,
    /// To what.
    pub target: String,
}

/// Opens a console's socket: to be asked by [`crate::actors::runtime::Mail::connect`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Listen {
    /// When the token expires that it is opened with.
    pub until: Timestamp,
}

/// It is done, and done again is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done;

conversation! {
    Directory as "directory" {
        CreateTenant => TenantCreated,
        EnsurePlatform => TenantFound,
        FindTenant => TenantFound,
        ListTenants => TenantPage,
        ChangeTenant => TenantFound,
        DeleteTenant => TenantFound,
        TenantErased => Done,
        NoteCounts => Done,
        NoteOwnAct => Done,
        ReadCounts => Vec<Count>,
        Listen => Listening,
    }
}
