//! How is a password hashed and verified?

use crate::domain::entropy::{Entropy, draw};
use crate::domain::secret::Secret;
use argon2::password_hash::phc;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Deserializer, Serialize};

/// Memory of one hash: OWASP's recommendation, and what an isolate can spare.
pub const MEMORY_KIB: u32 = 19 * 1_024;
/// Passes over that memory.
pub const ITERATIONS: u32 = 2;
/// Lanes: an isolate has one thread.
pub const LANES: u32 = 1;
/// The longest password, in bytes: hashing is bounded work.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

/// The costliest stored hash we verify: an imported row must not stop us.
const STORED_MEMORY_KIB_MAX: u32 = 64 * 1_024;
const STORED_ITERATIONS_MAX: u32 = 10;
const STORED_LANES_MAX: u32 = 4;
const STORED_TEXT_MAX: usize = 256;

const SALT_BYTES: usize = 16;

/// What an absent user's password is compared with: of our parameters, and the
/// hash of nothing anybody knows.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YWVybzIgZHVtbXkgc2FsdA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a text is not taken as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    /// It is empty.
    #[error("an empty password")]
    Empty,
    /// It is longer than [`PASSWORD_BYTES_MAX`].
    #[error("a password longer than 1,024 bytes")]
    TooLong,
}

/// Why a password could not be hashed. Nobody's request is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// A row does not hold an Argon2id hash of bearable cost.
    #[error("a stored password hash is not one of ours")]
    Stored,
    /// The hash function refused its parameters.
    #[error("hashing a password")]
    Hashing,
}

/// A password somebody typed: not empty, of bounded length.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// Takes what was typed, as it was typed.
    ///
    /// # Errors
    /// When it is empty or too long to hash.
    pub fn parse(text: Secret<String>) -> Result<Self, PasswordRefusal> {
        match text.expose().len() {
            0 => Err(PasswordRefusal::Empty),
            1..=PASSWORD_BYTES_MAX => Ok(Self(text)),
            _ => Err(PasswordRefusal::TooLong),
        }
    }

    /// What was typed, for rules about length and the like.
    #[must_use]
    pub const fn expose(&self) -> &Secret<String> {
        &self.0
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

/// What a row holds of a password: a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Reads a stored or imported PHC string.
    ///
    /// # Errors
    /// When it is not Argon2id, or dearer than we will pay.
    pub fn from_stored(text: &str) -> Result<Self, PasswordFault> {
        if text.len() > STORED_TEXT_MAX {
            return Err(PasswordFault::Stored);
        }
        let hash = phc::PasswordHash::new(text).map_err(|_| PasswordFault::Stored)?;
        let params = Params::try_from(&hash).map_err(|_| PasswordFault::Stored)?;
        let is_bearable = hash.algorithm == Algorithm::Argon2id.ident()
            && hash.salt.is_some()
            && hash.hash.is_some()
            && params.m_cost() <= STORED_MEMORY_KIB_MAX
            && params.t_cost() <= STORED_ITERATIONS_MAX
            && params.p_cost() <= STORED_LANES_MAX;
        is_bearable
            .then(|| Self(text.to_owned()))
            .ok_or(PasswordFault::Stored)
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl Serialize for PasswordHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PasswordHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_stored(&text).map_err(serde::de::Error::custom)
    }
}

/// What comparing a password with a hash says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Match,
    /// It is the password, and its hash should be made again with our parameters.
    MatchButOutdated,
    /// It is not the password.
    Mismatch,
}

/// Hashes a password with a fresh salt.
///
/// # Errors
/// Never in practice: see [`PasswordFault::Hashing`].
pub fn hash(password: &Password, entropy: &mut dyn Entropy) -> Result<PasswordHash, PasswordFault> {
    let salt: [u8; SALT_BYTES] = draw(entropy);
    let params = parameters()?;
    argon2(params.clone())
        .hash_password_with_params(password.as_bytes(), &salt, params)
        .map(|hash: phc::PasswordHash| PasswordHash(hash.to_string()))
        .map_err(|_| PasswordFault::Hashing)
}

/// Compares a password with a stored hash.
///
/// # Errors
/// When the hash cannot be computed.
pub fn verify(password: &Password, stored: &PasswordHash) -> Result<Verdict, PasswordFault> {
    use argon2::password_hash::Error;
    let hash = phc::PasswordHash::new(&stored.0).map_err(|_| PasswordFault::Stored)?;
    let ours = parameters()?;
    match argon2(ours.clone()).verify_password(password.as_bytes(), &hash) {
        Ok(()) => {
            let params = Params::try_from(&hash).map_err(|_| PasswordFault::Stored)?;
            let is_ours = params.m_cost() == ours.m_cost()
                && params.t_cost() == ours.t_cost()
                && params.p_cost() == ours.p_cost()
                && hash.version == Some(Version::V0x13.into());
            Ok(if is_ours {
                Verdict::Match
            } else {
                Verdict::MatchButOutdated
            })
        }
        Err(Error::PasswordInvalid) => Ok(Verdict::Mismatch),
        Err(_) => Err(PasswordFault::Hashing),
    }
}

/// Costs what a wrong password costs, for a user who does not exist.
pub fn spend_equal_time(password: &Password) {
    let verdict = verify(password, &PasswordHash(DUMMY.to_owned()));
    core::hint::black_box(verdict.ok());
}

fn parameters() -> Result<Params, PasswordFault> {
    Params::new(MEMORY_KIB, ITERATIONS, LANES, None).map_err(|_| PasswordFault::Hashing)
}

/// Every hash and every check goes through here once.
fn argon2(params: Params) -> Argon2<'static> {
    #[cfg(test)]
    COMPUTED.set(COMPUTED.get() + 1);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
std::thread_local! {
    /// How often this test has computed Argon2id.
    static COMPUTED: core::cell::Cell<u32> = const { core::cell::Cell::new(0) };
}

/// How often Argon2id was computed since this was last asked.
#[cfg(test)]
pub(crate) fn take_computed() -> u32 {
    COMPUTED.take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;
    use proptest::prelude::*;

    fn password(text: &str) -> Password {
        Password::parse(Secret::new(text.to_owned())).unwrap()
    }

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let entropy = &mut Seeded::new(1);
        let stored = hash(&password("correct horse"), entropy).unwrap();
        assert!(
            stored
                .as_str()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert_eq!(
            verify(&password("correct horse"), &stored),
            Ok(Verdict::Match)
        );
        assert_eq!(
            verify(&password("correct house"), &stored),
            Ok(Verdict::Mismatch)
        );
        let again = hash(&password("correct horse"), entropy).unwrap();
        assert_ne!(again, stored);
    }

    #[test]
    fn a_cheaper_hash_matches_and_is_outdated() {
        let params = Params::new(8, 1, 1, None).unwrap();
        let cheap: phc::PasswordHash = argon2(params.clone())
            .hash_password_with_params(b"pw", &[7; 16], params)
            .unwrap();
        let stored = PasswordHash::from_stored(&cheap.to_string()).unwrap();
        assert_eq!(
            verify(&password("pw"), &stored),
            Ok(Verdict::MatchButOutdated)
        );
        assert_eq!(verify(&password("no"), &stored), Ok(Verdict::Mismatch));
    }

    #[test]
    fn the_dummy_costs_what_a_real_hash_costs() {
        let dummy = PasswordHash::from_stored(DUMMY).unwrap();
        let parsed = phc::PasswordHash::new(dummy.as_str()).unwrap();
        let params = Params::try_from(&parsed).unwrap();
        let costs = (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(costs, (MEMORY_KIB, ITERATIONS, LANES));
        assert_eq!(verify(&password("anything"), &dummy), Ok(Verdict::Mismatch));
        spend_equal_time(&password("anything"));
    }

    #[test]
    fn a_hash_of_another_kind_or_price_is_refused() {
        for text in [
            "$argon2i$v=19$m=19456,t=2,p=1$YWVybzIgZHVtbXkgc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=1048576,t=2,p=1$YWVybzIgZHVtbXkgc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=200,p=1$YWVybzIgZHVtbXkgc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$YWVybzIgZHVtbXkgc2FsdA",
            "$2b$12$abcdefghijklmnopqrstuv",
        ] {
            assert_eq!(
                PasswordHash::from_stored(text),
                Err(PasswordFault::Stored),
                "{text}"
            );
        }
    }

    #[test]
    fn a_password_has_bounds_and_is_not_printed() {
        let parse = |length| Password::parse(Secret::new("x".repeat(length))).err();
        assert_eq!(parse(0), Some(PasswordRefusal::Empty));
        assert_eq!(parse(PASSWORD_BYTES_MAX), None);
        assert_eq!(
            parse(PASSWORD_BYTES_MAX + 1),
            Some(PasswordRefusal::TooLong)
        );
        assert!(!format!("{:?}", password("hunter2")).contains("hunter2"));
        let stored = PasswordHash::from_stored(DUMMY).unwrap();
        assert_eq!(format!("{stored:?}"), "PasswordHash(…)");
    }

    proptest! {
        #[test]
        fn no_stored_text_panics(text in "(\\$argon2id\\$)?[ -~]{0,120}") {
            if let Ok(stored) = PasswordHash::from_stored(&text) {
                prop_assert_eq!(stored.as_str(), text);
            }
        }
    }
}
