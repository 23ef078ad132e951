//! What does a tenant lay down for itself?

use super::BrandColor;
use crate::domain::keys::Algorithm;
use crate::domain::merge_patch::patched;
use crate::domain::oauth::redirect_uri::{RedirectKind, RedirectUri};
use crate::domain::oauth::resource::Resource;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::domain::user::PasswordPolicy;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A name that fits the head of a page.
const NAME_CHARS_MAX: usize = 80;

/// How long a tenant's archived records stay unless it says otherwise: a year,
/// and the month in which somebody looks back at it.
pub const ARCHIVE_RETENTION_DAYS: u32 = 400;

/// The longest a tenant may want them kept.
pub const ARCHIVE_RETENTION_DAYS_MAX: u32 = 3_650;

/// The settings of a tenant, under the names the admin API shows.
///
/// A member that a stored row lacks has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    /// What people are shown.
    pub name: String,
    /// A picture for the head of pages.
    pub logo_uri: Option<RedirectUri>,
    /// The colour of buttons and links.
    pub brand_color: Option<BrandColor>,
    /// Whether people may make their own account.
    pub signup_enabled: bool,
    /// Whether clients may register themselves (RFC 7591).
    pub registration_enabled: bool,
    /// How long a session lives without use.
    pub session_idle_ms: i64,
    /// How long a session lives at most.
    pub session_absolute_ms: i64,
    /// How long an access token lives; it cannot be called back before.
    pub access_token_ttl_ms: i64,
    /// How long an ID token lives.
    pub id_token_ttl_ms: i64,
    /// How long a refresh token lives without use.
    pub refresh_idle_ms: i64,
    /// How access tokens are signed.
    pub access_token_alg: Algorithm,
    /// The audience of a token for which none was asked; the issuer when absent.
    pub default_resource: Option<Resource>,
    /// What is asked of new passwords.
    pub password_policy: PasswordPolicy,
    /// For how many days ended sessions and records of acts stay in the archive.
    pub archive_retention_days: u32,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            logo_uri: None,
            brand_color: None,
            signup_enabled: true,
            registration_enabled: false,
            session_idle_ms: 14 * DAY_MS,
            session_absolute_ms: 90 * DAY_MS,
            access_token_ttl_ms: 5 * MINUTE_MS,
            id_token_ttl_ms: 5 * MINUTE_MS,
            refresh_idle_ms: 30 * DAY_MS,
            access_token_alg: Algorithm::EdDsa,
            default_resource: None,
            password_policy: PasswordPolicy::default(),
            archive_retention_days: ARCHIVE_RETENTION_DAYS,
        }
    }
}

/// A setting that cannot be had, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SettingsRefusal {
    /// The document does not read as settings.
    #[error("{0}")]
    Malformed(String),
    /// A setting breaks its rule.
    #[error("{setting} must be {rule}")]
    Rule {
        /// Which setting.
        setting: String,
        /// What it must be.
        rule: String,
    },
}

impl TenantSettings {
    /// The settings that a JSON merge patch makes of these, checked
    /// ([RFC 7396]); a member set to `null` has its default again.
    ///
    /// # Errors
    /// Names the first setting that cannot be had.
    ///
    /// [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396
    pub fn patched(&self, patch: Value) -> Result<Self, SettingsRefusal> {
        if !patch.is_object() {
            return Err(SettingsRefusal::Malformed(
                "settings are an object".to_owned(),
            ));
        }
        let settings: Self =
            patched(self, patch).map_err(|why| SettingsRefusal::Malformed(why.to_string()))?;
        settings.validate()?;
        Ok(settings)
    }

    /// Checks each setting and what they are to one another.
    ///
    /// # Errors
    /// Names the first that breaks its rule.
    pub fn validate(&self) -> Result<(), SettingsRefusal> {
        let name_fits = (1..=NAME_CHARS_MAX).contains(&self.name.trim().chars().count());
        check(
            name_fits && !self.name.chars().any(char::is_control),
            "name",
            "1 to 80 characters",
        )?;
        let logo = self.logo_uri.as_ref();
        let on_the_web = logo.is_none_or(|uri| uri.kind() != RedirectKind::PrivateUse);
        check(on_the_web, "logo_uri", "an https address")?;
        for (setting, value, least, most, rule) in [
            (
                "access_token_ttl_ms",
                self.access_token_ttl_ms,
                MINUTE_MS,
                HOUR_MS,
                "1 to 60 minutes",
            ),
            (
                "id_token_ttl_ms",
                self.id_token_ttl_ms,
                MINUTE_MS,
                DAY_MS,
                "1 minute to 1 day",
            ),
            (
                "session_idle_ms",
                self.session_idle_ms,
                5 * MINUTE_MS,
                365 * DAY_MS,
                "5 minutes to 1 year",
            ),
            (
                "session_absolute_ms",
                self.session_absolute_ms,
                5 * MINUTE_MS,
                365 * DAY_MS,
                "5 minutes to 1 year",
            ),
            (
                "refresh_idle_ms",
                self.refresh_idle_ms,
                5 * MINUTE_MS,
                365 * DAY_MS,
                "5 minutes to 1 year",
            ),
        ] {
            check((least..=most).contains(&value), setting, rule)?;
        }
        let ordered = self.session_idle_ms <= self.session_absolute_ms;
        check(ordered, "session_idle_ms", "at most session_absolute_ms")?;
        let days = self.archive_retention_days;
        check(
            (1..=ARCHIVE_RETENTION_DAYS_MAX).contains(&days),
            "archive_retention_days",
            "1 to 3650",
        )?;
        check(
            self.password_policy.is_valid(),
            "password_policy",
            "of length_min 8 to 64",
        )
    }
}

fn check(obeyed: bool, setting: &str, rule: &str) -> Result<(), SettingsRefusal> {
    if obeyed {
        return Ok(());
    }
    Err(SettingsRefusal::Rule {
        setting: setting.to_owned(),
        rule: rule.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn acme() -> TenantSettings {
        TenantSettings {
            name: "Acme".to_owned(),
            ..TenantSettings::default()
        }
    }

    #[test]
    fn the_defaults_are_valid_but_for_the_name() {
        assert_eq!(acme().validate(), Ok(()));
        assert!(TenantSettings::default().validate().is_err());
    }

    #[test]
    fn settings_survive_their_encodings_and_rows_may_be_older() {
        let settings = acme()
            .patched(json!({"brand_color": "#102030", "logo_uri": "https://acme.example/l.png"}))
            .unwrap();
        let packed = rmp_serde::to_vec_named(&settings).unwrap();
        assert_eq!(
            rmp_serde::from_slice::<TenantSettings>(&packed).unwrap(),
            settings
        );
        let older: TenantSettings = serde_json::from_value(json!({"name": "Acme"})).unwrap();
        assert_eq!(older, acme());
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_restores_the_default() {
        let changed = acme()
            .patched(json!({"signup_enabled": false, "password_policy": {"length_min": 12}}))
            .unwrap();
        assert!(!changed.signup_enabled);
        assert_eq!(
            (changed.password_policy.length_min, changed.name.as_str()),
            (12, "Acme")
        );
        assert_eq!(
            changed.patched(json!({"signup_enabled": null, "password_policy": null})),
            Ok(acme())
        );
    }

    #[test]
    fn a_setting_that_breaks_its_rule_is_named() {
        for (setting, value) in [
            ("name", json!("")),
            ("name", json!("x".repeat(81))),
            ("logo_uri", json!("com.example.app:/x")),
            ("access_token_ttl_ms", json!(59_999)),
            ("access_token_ttl_ms", json!(3_600_001)),
            ("id_token_ttl_ms", json!(0)),
            ("session_idle_ms", json!(91 * DAY_MS)),
            ("session_absolute_ms", json!(-1)),
            ("refresh_idle_ms", json!(i64::MAX)),
            ("password_policy", json!({"length_min": 7})),
            ("archive_retention_days", json!(0)),
            ("archive_retention_days", json!(3_651)),
        ] {
            let refusal = acme().patched(json!({setting: value})).unwrap_err();
            assert!(
                matches!(&refusal, SettingsRefusal::Rule { setting: s, .. } if s == setting),
                "{setting}: {refusal}"
            );
        }
    }

    #[test]
    fn what_does_not_read_as_settings_is_refused() {
        for patch in [
            json!([]),
            json!(null),
            json!({"brand_color": "red"}),
            json!({"signup_enabled": "yes"}),
        ] {
            assert!(matches!(
                acme().patched(patch),
                Err(SettingsRefusal::Malformed(_))
            ));
        }
    }
}
