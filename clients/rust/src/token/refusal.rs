//! Why is a token refused?

/// The first thing that does not hold of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Not a signed token at all, or too long.
    #[error("not a signed token")]
    Malformed,
    /// Signed in a way that is not accepted: `none`, symmetric, or unknown.
    #[error("an algorithm that is not accepted")]
    Algorithm,
    /// A token of another kind, such as an ID token.
    #[error("a token of another kind")]
    Type,
    /// It demands something of us that we do not know.
    #[error("a critical header that is not understood")]
    Critical,
    /// No key of the tenant has its `kid` and algorithm.
    #[error("signed with a key that the tenant does not publish")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Signature,
    /// Another issuer's.
    #[error("issued by another issuer")]
    Issuer,
    /// Meant for others.
    #[error("meant for another audience")]
    Audience,
    /// No longer good.
    #[error("expired")]
    Expired,
    /// Not good yet, or issued in the future.
    #[error("not valid yet")]
    NotYet,
    /// This claim is missing or malformed.
    #[error("the claim `{0}` is missing or malformed")]
    Claim(&'static str),
}

impl TokenRefusal {
    /// A stable name, as the vectors spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Critical => "critical",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Claim(_) => "claim",
        }
    }
}
