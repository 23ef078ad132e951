//! What is a tenant?

mod color;
mod hostname;
mod settings;
mod slug;

pub use color::{BrandColor, ColorRefusal};
pub use hostname::{HOSTNAME_BYTES_MAX, Hostname, HostnameRefusal};
pub use settings::{
    ARCHIVE_RETENTION_DAYS, ARCHIVE_RETENTION_DAYS_MAX, SettingsRefusal, TenantSettings,
};
pub use slug::{SLUG_BYTES_MAX, Slug, SlugRefusal};

use serde::{Deserialize, Serialize};

/// Whether a tenant answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does.
    #[default]
    Live,
    /// An operator said no: everything is refused, nothing is lost.
    Suspended,
    /// It is being erased, and never comes back.
    Deleting,
}

impl Status {
    /// Whether a tenant may go from this status to `next`.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        !matches!((self, next), (Self::Deleting, Self::Live | Self::Suspended))
    }
}

#[cfg(test)]
mod tests {
    use super::Status::{Deleting, Live, Suspended};

    #[test]
    fn a_tenant_being_erased_never_comes_back() {
        assert!(Live.may_become(Suspended) && Suspended.may_become(Live));
        assert!(Suspended.may_become(Deleting) && Deleting.may_become(Deleting));
        assert!(!Deleting.may_become(Live) && !Deleting.may_become(Suspended));
    }
}
