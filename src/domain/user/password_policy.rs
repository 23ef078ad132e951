//! Which passwords may be chosen?

use super::Email;
use serde::{Deserialize, Serialize};

/// Eight is the least that NIST SP 800-63B §3.1.1.2 takes.
pub const PASSWORD_CHARS_MIN: u16 = 8;
/// Longer than any passphrase; bounds the cost of hashing.
pub const PASSWORD_CHARS_MAX: u16 = 256;
/// A tenant that asks for more gets notes stuck to screens.
const LEAST_MAX: u16 = 64;

/// The most used passwords of at least eight characters, lower case, sorted.
///
/// Drawn from the frequency list of `zxcvbn` (MIT), itself from public leaks.
const COMMON: &str = include_str!("common_passwords.txt");

/// What a tenant asks of new passwords.
///
/// Length and being hard to guess are all that helps; rules of composition
/// are not made (NIST SP 800-63B §3.1.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordPolicy {
    /// The least number of characters.
    pub length_min: u16,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            length_min: PASSWORD_CHARS_MIN,
        }
    }
}

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PasswordRefusal {
    /// Fewer characters than the tenant asks for.
    #[error("the password must have at least {0} characters")]
    TooShort(u16),
    /// More than [`PASSWORD_CHARS_MAX`].
    #[error("the password must have at most 256 characters")]
    TooLong,
    /// It is, or hardly differs from, the person's address.
    #[error("the password must not be the e-mail address")]
    IsEmail,
    /// Everybody tries it first.
    #[error("this password is too common")]
    Common,
}

impl PasswordPolicy {
    /// Whether a tenant may have this policy.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        (PASSWORD_CHARS_MIN..=LEAST_MAX).contains(&self.length_min)
    }

    /// Checks a new password; existing ones are never checked.
    ///
    /// # Errors
    /// Names what to change.
    pub fn check(&self, password: &str, email: Option<&Email>) -> Result<(), PasswordRefusal> {
        let chars = password
            .chars()
            .take(usize::from(PASSWORD_CHARS_MAX) + 1)
            .count();
        if chars > usize::from(PASSWORD_CHARS_MAX) {
            return Err(PasswordRefusal::TooLong);
        }
        if chars < usize::from(self.length_min.max(PASSWORD_CHARS_MIN)) {
            return Err(PasswordRefusal::TooShort(
                self.length_min.max(PASSWORD_CHARS_MIN),
            ));
        }
        let lower = password.to_lowercase();
        let is_email = |email: &Email| {
            let canonical = email.canonical();
            lower == canonical || lower == email.local_part().to_lowercase()
        };
        if email.is_some_and(is_email) {
            return Err(PasswordRefusal::IsEmail);
        }
        let mut chars = lower.chars();
        let first = chars.next();
        if chars.all(|c| Some(c) == first) || COMMON.lines().any(|line| line == lower) {
            return Err(PasswordRefusal::Common);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PasswordRefusal::{Common, IsEmail, TooLong, TooShort};

    fn check(password: &str) -> Result<(), PasswordRefusal> {
        let email = Email::parse("jane.doe@example.com").unwrap();
        PasswordPolicy::default().check(password, Some(&email))
    }

    #[test]
    fn length_counts_characters_and_nothing_else_is_prescribed() {
        assert_eq!(check("ééééèèèè"), Ok(()));
        assert_eq!(check("xkcdhorse"), Ok(()));
        assert_eq!(check("éééé"), Err(TooShort(8)));
        assert_eq!(check(&"ab".repeat(128)), Ok(()));
        assert_eq!(check(&"ab".repeat(129)), Err(TooLong));
        let strict = PasswordPolicy { length_min: 12 };
        assert_eq!(strict.check("elevenchars", None), Err(TooShort(12)));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in [
            "password",
            "PassWord1",
            "12345678",
            "qwertyuiop",
            "aaaaaaaaaa",
        ] {
            assert_eq!(check(password), Err(Common), "{password}");
        }
        assert_eq!(check("Jane.Doe@example.com"), Err(IsEmail));
        assert_eq!(check("JANE.DOE"), Err(IsEmail));
    }

    #[test]
    fn the_list_is_lower_case_sorted_and_long_enough_to_matter() {
        let lines: Vec<_> = COMMON.lines().collect();
        assert!(lines.len() >= 500 && lines.is_sorted());
        for line in lines {
            assert!(line.len() >= 8 && line == line.to_lowercase(), "{line}");
        }
    }
}
