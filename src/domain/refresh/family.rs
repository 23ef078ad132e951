//! Which of a grant's refresh tokens is current?

use super::key::FamilyKey;
use crate::domain::entropy::{Entropy, draw};
use crate::domain::ids::{GrantId, SessionId};
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::time::{SECOND_MS, Timestamp};
use crate::domain::token::refresh_token::{RefreshProof, RefreshToken};
use serde::{Deserialize, Serialize};

/// How long the predecessor still answers with the same successor.
///
/// Longer than any retry of a request that lost its answer, short enough that a
/// thief and the owner cannot share a family unnoticed for long.
pub const GRACE_MS: i64 = 30 * SECOND_MS;

/// The refresh tokens of one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// Its current token may be used.
    Live(Live),
    /// None of its tokens may be used again.
    Retired {
        /// When it ended.
        at: Timestamp,
        /// What ended it.
        why: Retirement,
    },
}

/// A family whose current token may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The place of the current token in the chain, from 0.
    pub generation: u32,
    /// The digest of the current token.
    pub current: TokenDigest,
    /// When the current token was issued, which is when its predecessor was spent.
    pub current_since: Timestamp,
    /// The digest of the token spent for the current one.
    pub previous: Option<TokenDigest>,
    /// When it ends by itself.
    pub lifetime: Lifetime,
}

/// When a family ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetime {
    /// Not used after this, however busy it is.
    pub ends_at: Timestamp,
    /// Not used after it has lain unused for so long.
    pub idle_ms_max: Option<i64>,
}

/// What ended a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retirement {
    /// A spent token was presented.
    Reuse,
    /// Its session, grant or client was revoked.
    Revoked,
}

/// What a presented token is to its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The current token.
    Current,
    /// The token before the current one, spent within the grace.
    JustSpent,
    /// Issued once, and spent.
    Spent,
    /// Not issued by this session for this grant.
    Unknown,
    /// Genuine, but the family's time is over.
    Expired,
    /// Genuine, but the family was retired.
    Retired,
}

/// What came of presenting a token.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// It was current: write `family`, hand out `successor`.
    Rotated {
        /// What to write.
        family: Family,
        /// What to hand out.
        successor: RefreshToken,
    },
    /// It was just spent: hand out the same `successor` again, write nothing.
    Replayed {
        /// What was handed out when it was spent.
        successor: RefreshToken,
    },
    /// It was spent: write `family`, which is retired, and end the session.
    Reused {
        /// What to write.
        family: Family,
    },
    /// It is not genuine: refuse, write nothing.
    Unknown,
    /// The family's time is over: refuse, write nothing.
    Expired,
    /// The family was retired: refuse, write nothing.
    Retired,
}

/// The chain a family is kept in: whose it is and what proves its tokens.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a> {
    /// The session's key.
    pub key: &'a FamilyKey,
    /// The session.
    pub sid: SessionId,
    /// The grant.
    pub grant: GrantId,
}

impl Chain<'_> {
    /// Begins the grant's family.
    pub fn begin(
        &self,
        lifetime: Lifetime,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> (Family, RefreshToken) {
        let proof = self.key.prove(self.grant, 0, Secret::new(draw(entropy)));
        let token = RefreshToken::new(self.sid, proof);
        let family = Live {
            generation: 0,
            current: token.digest(),
            current_since: now,
            previous: None,
            lifetime,
        };
        (Family::Live(family), token)
    }

    /// Says what a presented token is, and changes nothing: for introspection
    /// and revocation.
    ///
    /// A predecessor whose successor was itself spent is [`Standing::Spent`]
    /// even within the grace: it would be answered with a spent token, which
    /// helps nobody honest, and a thief would go unnoticed for longer.
    #[must_use]
    pub fn standing(&self, family: &Family, proof: &RefreshProof, now: Timestamp) -> Standing {
        if proof.grant != self.grant || !self.key.issued(proof) {
            return Standing::Unknown;
        }
        let Family::Live(live) = family else {
            return Standing::Retired;
        };
        if !live.lifetime.is_open(live.current_since, now) {
            return Standing::Expired;
        }
        // The tag alone does not make a token current: whoever reads the rows
        // has the key, but not the nonce the digest is of.
        let digest = RefreshToken::new(self.sid, proof.clone()).digest();
        match live.generation.checked_sub(proof.generation) {
            Some(0) if digest == live.current => Standing::Current,
            None | Some(0) => Standing::Unknown,
            Some(1) if live.previous != Some(digest) => Standing::Unknown,
            Some(1) if now.since(live.current_since) <= GRACE_MS => Standing::JustSpent,
            Some(_) => Standing::Spent,
        }
    }

    /// Presents a token to its family.
    ///
    /// A token that was current once and is not now means that two parties hold
    /// the family, and we cannot tell which is honest: both lose it
    /// ([RFC 9700 §4.14.2]). The caller has already seen that the token was
    /// presented by the client the grant is of ([RFC 6749 §6]).
    ///
    /// [RFC 9700 §4.14.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
    /// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
    #[must_use]
    pub fn present(&self, family: Family, proof: &RefreshProof, now: Timestamp) -> Rotation {
        let standing = self.standing(&family, proof, now);
        let successor = || {
            let next = self.key.successor(proof)?;
            Some(RefreshToken::new(self.sid, next))
        };
        match (standing, family) {
            (Standing::Current, Family::Live(live)) => {
                let Some(successor) = successor() else {
                    return Rotation::Expired;
                };
                let family = Family::Live(live.rotated(&successor, now));
                Rotation::Rotated { family, successor }
            }
            (Standing::JustSpent, _) => successor().map_or(Rotation::Expired, |successor| {
                Rotation::Replayed { successor }
            }),
            (Standing::Spent, family) => Rotation::Reused {
                family: family.retire(now, Retirement::Reuse),
            },
            (Standing::Expired, _) => Rotation::Expired,
            (Standing::Retired, _) => Rotation::Retired,
            (Standing::Unknown | Standing::Current, _) => Rotation::Unknown,
        }
    }
}

impl Family {
    /// Ends it. What has ended stays as it ended.
    #[must_use]
    pub const fn retire(self, at: Timestamp, why: Retirement) -> Self {
        match self {
            Self::Live(_) => Self::Retired { at, why },
            Self::Retired { .. } => self,
        }
    }
}

impl Live {
    fn rotated(self, successor: &RefreshToken, now: Timestamp) -> Self {
        Self {
            generation: successor.generation(),
            current: successor.digest(),
            current_since: now,
            previous: Some(self.current),
            lifetime: self.lifetime,
        }
    }
}

impl Lifetime {
    fn is_open(&self, used_at: Timestamp, now: Timestamp) -> bool {
        now < self.ends_at
            && self
                .idle_ms_max
                .is_none_or(|idle_ms| now.since(used_at) < idle_ms)
    }
}
