//! Which claims may a person have?

use super::{Address, UserClaims};
use crate::domain::web_url;

/// Long enough for any name, short enough for a page.
const TEXT_CHARS_MAX: usize = 200;
/// An address of several lines.
const LINES_CHARS_MAX: usize = 500;
/// Longer than any picture's address.
const URL_BYTES_MAX: usize = 2_048;

/// A claim that cannot be kept, and what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{claim} must be {rule}")]
pub struct ClaimRefusal {
    /// Which claim.
    pub claim: &'static str,
    /// What it must be.
    pub rule: &'static str,
}

impl UserClaims {
    /// Checks every claim against OpenID Connect Core §5.1.
    ///
    /// # Errors
    /// Names the first that breaks its rule.
    pub fn validate(&self) -> Result<(), ClaimRefusal> {
        for (claim, value) in [
            ("name", &self.name),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("middle_name", &self.middle_name),
            ("nickname", &self.nickname),
            ("preferred_username", &self.preferred_username),
            ("gender", &self.gender),
        ] {
            check(
                claim,
                value.as_deref(),
                is_line,
                "one line of at most 200 characters",
            )?;
        }
        for (claim, value) in [
            ("profile", &self.profile),
            ("picture", &self.picture),
            ("website", &self.website),
        ] {
            check(
                claim,
                value.as_deref(),
                is_web_address,
                "an http or https address",
            )?;
        }
        let (birthdate, zone) = (self.birthdate.as_deref(), self.zoneinfo.as_deref());
        check(
            "birthdate",
            birthdate,
            is_birthdate,
            "a date YYYY-MM-DD, 0000-MM-DD or YYYY",
        )?;
        check(
            "zoneinfo",
            zone,
            is_zone,
            "a name of the time zone database",
        )?;
        check(
            "locale",
            self.locale.as_deref(),
            is_locale,
            "a BCP 47 language tag",
        )?;
        check(
            "phone_number",
            self.phone_number.as_deref(),
            is_phone,
            "an E.164 number",
        )?;
        if self.email.is_none() && self.email_verified == Some(true) {
            return Err(ClaimRefusal {
                claim: "email_verified",
                rule: "about an email",
            });
        }
        if self.phone_number.is_none() && self.phone_number_verified == Some(true) {
            return Err(ClaimRefusal {
                claim: "phone_number_verified",
                rule: "about a number",
            });
        }
        self.address.as_ref().map_or(Ok(()), Address::validate)
    }
}

impl Address {
    fn validate(&self) -> Result<(), ClaimRefusal> {
        for part in [
            &self.formatted,
            &self.street_address,
            &self.locality,
            &self.region,
            &self.postal_code,
            &self.country,
        ] {
            check(
                "address",
                part.as_deref(),
                is_lines,
                "of lines, at most 500 characters a member",
            )?;
        }
        Ok(())
    }
}

fn check(
    claim: &'static str,
    value: Option<&str>,
    obeys: impl Fn(&str) -> bool,
    rule: &'static str,
) -> Result<(), ClaimRefusal> {
    if value.is_none_or(obeys) {
        Ok(())
    } else {
        Err(ClaimRefusal { claim, rule })
    }
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= TEXT_CHARS_MAX
        && !text.chars().any(char::is_control)
}

fn is_lines(text: &str) -> bool {
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r');
    text.chars().count() <= LINES_CHARS_MAX && !text.chars().any(control)
}

fn is_web_address(text: &str) -> bool {
    // A letter beyond ASCII never ends a part of an address (RFC 3987 §2.2),
    // and what it would be in a host's name is for whoever looks that up.
    let plain = text.replace(|c: char| !c.is_ascii(), "x");
    text.len() <= URL_BYTES_MAX
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && web_url::parse(&plain).is_some_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn is_birthdate(text: &str) -> bool {
    let number = |part: &str, digits: usize| -> Option<u16> {
        let plain = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    };
    let mut parts = text.splitn(3, '-');
    let mut next = |digits| parts.next().map(|part| number(part, digits));
    let (year, month, day) = (next(4), next(2), next(2));
    match (year, month, day) {
        (Some(Some(_)), None, None) => true,
        (Some(Some(year)), Some(Some(month)), Some(Some(day))) => {
            (1..=days_in(year, month)).contains(&day)
        }
        _ => false,
    }
}

/// Zero for a month that does not exist; year 0 is any year, so leap.
const fn days_in(year: u16, month: u16) -> u16 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(400) => 29,
        2 if year.is_multiple_of(4) && !year.is_multiple_of(100) => 29,
        2 => 28,
        _ => 0,
    }
}

/// `Area/Location` by its alphabet; which exist changes faster than we do.
fn is_zone(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.split('/').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
        })
}

/// A language and subtags; OpenID Connect Core §5.1 asks that `_` be taken too.
fn is_locale(text: &str) -> bool {
    let mut tags = text.split(['-', '_']);
    let language = tags.next().unwrap_or_default();
    (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && tags.all(|tag| {
            (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric())
        })
        && text.len() <= 35
}

/// `+` and up to 15 digits with separators, or an extension as RFC 3966 §3 has.
fn is_phone(text: &str) -> bool {
    let (number, extension) = text.split_once(";ext=").unwrap_or((text, "0"));
    let Some(number) = number.strip_prefix('+') else {
        return false;
    };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let separator = |c: char| c.is_ascii_digit() || " -.()".contains(c);
    let extends =
        (1..=11).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit());
    (4..=15).contains(&digits) && number.len() <= 30 && number.chars().all(separator) && extends
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn refused(document: Value) -> &'static str {
        let shown = document.to_string();
        let claims: UserClaims = serde_json::from_value(document).unwrap();
        claims.validate().expect_err(&shown).claim
    }

    #[test]
    fn the_example_of_openid_connect_core_is_accepted() {
        let claims: UserClaims = serde_json::from_value(json!({
            "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe",
            "preferred_username": "j.doe", "email": "janedoe@example.com", "email_verified": true,
            "picture": "http://example.com/janedoe/me.jpg", "birthdate": "0000-02-29",
            "zoneinfo": "America/Los_Angeles", "locale": "en-US", "updated_at": 1_311_280_970,
            "phone_number": "+1 (604) 555-1234;ext=5678", "phone_number_verified": false,
            "address": {"street_address": "1234 Hollywood Blvd.\nLos Angeles", "country": "US"},
        }))
        .unwrap();
        assert_eq!(claims.validate(), Ok(()));
        assert_eq!(claims.display_name(), Some("Jane Doe"));
        let packed = rmp_serde::to_vec_named(&claims).unwrap();
        assert_eq!(
            rmp_serde::from_slice::<UserClaims>(&packed).unwrap(),
            claims
        );
    }

    #[test]
    fn a_claim_that_breaks_its_rule_is_named() {
        for (claim, value) in [
            ("name", json!(" ")),
            ("name", json!("a\u{7}b")),
            ("nickname", json!("x".repeat(201))),
            ("website", json!("javascript:alert(1)")),
            ("picture", json!("/me.jpg")),
            ("picture", json!("https://A%ceda.E%2F")),
            ("birthdate", json!("2023-02-29")),
            ("birthdate", json!("2023-13-01")),
            ("birthdate", json!("23-01-01")),
            ("birthdate", json!("2023-01")),
            ("zoneinfo", json!("Europe//Rome")),
            ("locale", json!("e")),
            ("phone_number", json!("0604 555 1234")),
            ("phone_number", json!("+1<script>")),
            ("address", json!({"formatted": "x".repeat(501)})),
            ("email_verified", json!(true)),
            ("phone_number_verified", json!(true)),
        ] {
            assert_eq!(refused(json!({claim: value})), claim);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let some = Some(text);
            let claims = UserClaims {
                birthdate: some.clone(), zoneinfo: some.clone(), locale: some.clone(),
                phone_number: some.clone(), picture: some, ..UserClaims::default()
            };
            let _ = claims.validate();
        }

        #[test]
        fn every_real_day_is_a_birthdate(year in 1u16..=9999, month in 1u16..=12, day in 1u16..=28) {
            let date = format!("{year:04}-{month:02}-{day:02}");
            prop_assert!(is_birthdate(&date));
        }
    }
}
