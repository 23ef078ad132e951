//! What has the operator set?

/// The deployment's settings, read once and checked at the start.
#[derive(Debug)]
pub struct Settings {
    /// `PLATFORM_DOMAIN`: the platform's own authority, name and optional
    /// port. Tenants live at its sub-domains.
    pub platform_domain: String,
    /// `AUDIENCE`: audience of the access tokens the admin API accepts.
    pub audience: String,
}
