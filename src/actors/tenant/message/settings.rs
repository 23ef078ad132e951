//! How is a tenant as a whole asked and changed?

use crate::domain::{
    ids::TenantId,
    session::{SessionPolicy, SignedOut, TenantNews},
    tenant::{SettingsRefusal, Slug, Status, TenantSettings},
};
use serde::{Deserialize, Serialize};

/// Brings the tenant into being. Founds the actor; again, it changes nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    /// Its id.
    pub id: TenantId,
    /// Its sub-domain.
    pub slug: Slug,
    /// Its first settings.
    pub settings: Box<TenantSettings>,
}

/// Reads what the gateway caches of a tenant.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadSettings;

/// Answers [`Found`] and [`ReadSettings`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// The settings.
    pub settings: TenantSettings,
    /// Whether it answers.
    pub status: Status,
    /// Grows with every change of settings, status or clients.
    pub version: u32,
    /// The latest act that ended every session there was.
    #[serde(default)]
    pub signed_out: Option<SignedOut>,
}

impl Configuration {
    /// What of it concerns sessions that have begun already.
    #[must_use]
    pub fn news(&self) -> TenantNews {
        TenantNews {
            signed_out: self.signed_out,
            policy: Some(SessionPolicy {
                idle_ms: self.settings.session_idle_ms,
                absolute_ms: self.settings.session_absolute_ms,
            }),
        }
    }
}

/// Changes settings by a JSON merge patch ([RFC 7396]).
///
/// [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangeSettings {
    /// What changes.
    pub patch: serde_json::Value,
}

/// Answers [`ChangeSettings`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SettingsChanged {
    /// So they stand now.
    Changed(Box<Configuration>),
    /// One of them cannot be had.
    Refused(SettingsRefusal),
}

/// The directory has suspended or resumed the tenant; suspending ends its
/// sessions.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangeStatus {
    /// `Live` or `Suspended`.
    pub status: Status,
    /// Grows with every change: news that was overtaken on its way is not
    /// taken.
    pub change: u32,
}

/// The directory has deleted the tenant: end every session, tell the
/// directory, erase everything. Founds the actor when it overtakes [`Found`], so
/// that this one finds a tenant that is no more.
#[derive(Debug, Serialize, Deserialize)]
pub struct Erase {
    /// The tenant's id.
    pub id: TenantId,
}
