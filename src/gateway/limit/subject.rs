//! Who is charged?

use crate::domain::{
    ids::{TenantId, UserId, base32},
    keys::{MasterKeys, Purpose},
    oauth::ClientId,
    user::Email,
};
use core::net::IpAddr;

/// Buckets that an overflow is spread over: one noisy stranger does not close
/// the door for all.
const OVERFLOWS: u8 = 64;

/// Bytes of a MAC that name a scope: no two of one account's meet by chance.
const SCOPE_BYTES: usize = 10;

/// Bytes beyond a /48 that name a /64, or an IPv4 address.
pub(super) const ADDRESS: usize = 2;
/// Bytes beyond a /48 that name a /56.
pub(super) const NETWORK: usize = 1;
/// Bytes beyond a /48 that name it.
pub(super) const SITE: usize = 0;

/// Whom in a bucket a rule measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The bucket's subject.
    Whole,
    /// One scope of it.
    Scope(String),
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// An IPv4 address, however it was spelled.
    V4([u8; 4]),
    /// An IPv6 network of 64 bits: one customer has all of it.
    V6([u8; 8]),
    /// Nobody knows.
    Unknown,
}

impl Origin {
    pub(super) fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.octets()),
            Some(IpAddr::V6(address)) => {
                let octets = address.octets();
                Self::V6(*octets.first_chunk().unwrap_or(&[0; 8]))
            }
            None => Self::Unknown,
        }
    }

    /// As it may be shown: not the address, but its network.
    pub(super) fn masked(self) -> String {
        match self {
            Self::V4([a, b, c, _]) => format!("{a}.{b}.{c}.0/24"),
            Self::V6(network) => {
                let site = u64::from_be_bytes(network) >> 16;
                let group = |at: u32| (site >> (16 * at)) & 0xffff;
                format!("{:x}:{:x}:{:x}::/48", group(2), group(1), group(0))
            }
            Self::Unknown => "unknown".to_owned(),
        }
    }

    /// Whom in the origin's bucket a rule measures that looks at `bytes` beyond
    /// the /48. An IPv4 address is a bucket of its own, and not of a network.
    pub(super) fn part(self, bytes: usize) -> Option<Part> {
        match self {
            Self::V4(_) => (bytes == ADDRESS).then_some(Part::Whole),
            Self::V6(_) if bytes == SITE => Some(Part::Whole),
            Self::V6([.., network, subnet]) => {
                let text = format!("{network:02x}{subnet:02x}");
                Some(Part::Scope(text.get(..2 * bytes)?.to_owned()))
            }
            Self::Unknown => None,
        }
    }

    /// Tag, then bytes of a length the tag fixes: no two subjects meet. All of
    /// an IPv6 /48 is one bucket, so that sweeping it makes one.
    pub(super) fn bytes(self) -> Vec<u8> {
        match self {
            Self::V4(octets) => [&[4][..], &octets].concat(),
            Self::V6([site @ .., _, _]) => [&[6][..], &site].concat(),
            Self::Unknown => vec![0],
        }
    }
}

/// An account as somebody types it, whether it exists or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// What names its bucket.
    pub(super) subject: [u8; 32],
    /// The scope of where it is tried from.
    pub(super) from: String,
    /// The scope of the device it is tried from, when that is known.
    pub(super) device: Option<String>,
}

/// Names subjects by MACs, so that nobody reads an address out of a bucket's
/// name. They are made under the current master key: its rotation fills every
/// bucket, once, and known to the operator who does it.
pub(super) struct Namer<'a> {
    pub(super) keys: &'a MasterKeys,
    pub(super) tenant: TenantId,
}

impl Namer<'_> {
    pub(super) fn origin(&self, origin: Origin) -> [u8; 32] {
        self.name(&origin.bytes())
    }

    pub(super) fn user(&self, user: UserId) -> [u8; 32] {
        self.name(&[&[1][..], user.as_bytes()].concat())
    }

    pub(super) fn account(&self, person: &Person) -> [u8; 32] {
        self.name(&[&[2][..], person.as_bytes()].concat())
    }

    /// What a tenant calls one of its own.
    pub(super) fn customer(&self, subject: &str) -> [u8; 32] {
        self.name(&[&[3][..], subject.as_bytes()].concat())
    }

    /// The scope of one address among those an account is tried from.
    pub(super) fn from(&self, origin: Origin) -> String {
        let bytes = match origin {
            Origin::V6(network) => [&[8][..], &network].concat(),
            origin => origin.bytes(),
        };
        self.scope(&bytes)
    }

    /// A client with a token of its own.
    pub(super) fn client(&self, client: &ClientId) -> [u8; 32] {
        self.name(&[&[5][..], client.as_str().as_bytes()].concat())
    }

    /// The subject of those for whom there is no room.
    pub(super) fn overflow(&self, subject: &[u8; 32]) -> [u8; 32] {
        let [first, ..] = *subject;
        self.name(&[9, first % OVERFLOWS])
    }

    fn name(&self, bytes: &[u8]) -> [u8; 32] {
        let message = [self.tenant.as_bytes().as_slice(), bytes].concat();
        self.keys.vouch(Purpose::RateLimit, &message)
    }

    fn scope(&self, bytes: &[u8]) -> String {
        let name = self.name(bytes);
        base32(name.get(..SCOPE_BYTES).unwrap_or_default())
    }
}

/// What every way to write one account has in common: no case, and no tag behind
/// a plus. Coarser than what tells accounts apart, never finer. What cannot be an
/// account is one person altogether.
pub(super) struct Person(String);

impl Person {
    /// Whom somebody means, whether there is such an account or not.
    pub(super) fn of(typed: &str) -> Self {
        let Ok(email) = Email::parse(typed) else {
            return Self(String::new());
        };
        let canonical = email.canonical();
        Self(match canonical.rsplit_once('@') {
            Some((local, domain)) => {
                let person = local.split('+').next().unwrap_or_default();
                format!("{person}@{domain}")
            }
            None => canonical,
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;
    use std::collections::BTreeSet;

    fn origin(address: &str) -> Origin {
        Origin::of(Some(address.parse().unwrap()))
    }

    fn with_namer<T>(work: impl FnOnce(&Namer<'_>) -> T) -> T {
        let keys = MasterKeys::generate(&mut Seeded::new(1));
        let tenant = TenantId::from_bytes([1; 16]);
        work(&Namer {
            keys: &keys,
            tenant,
        })
    }

    fn named(namer: &Namer<'_>, typed: &str) -> [u8; 32] {
        namer.account(&Person::of(typed))
    }

    #[test]
    fn an_address_is_one_subject_however_it_is_spelled() {
        assert_eq!(origin("203.0.113.7"), origin("::ffff:203.0.113.7"));
        assert_eq!(origin("2001:db8::1"), origin("2001:db8:0:0:ffff::2"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_ne!(origin("203.0.113.7"), origin("203.0.113.8"));
        assert_ne!(origin("203.0.113.7"), Origin::Unknown);
    }

    #[test]
    fn an_address_is_shown_as_its_network() {
        assert_eq!(origin("203.0.113.7").masked(), "203.0.113.0/24");
        assert_eq!(origin("2001:db8:7:203::9").masked(), "2001:db8:7::/48");
        assert_eq!(Origin::Unknown.masked(), "unknown");
    }

    #[test]
    fn a_site_of_networks_makes_one_bucket() {
        with_namer(|namer| {
            let sweep = |network: u16| namer.origin(origin(&format!("2001:db8:7:{network:x}::1")));
            let names: BTreeSet<[u8; 32]> = (0..2_000).map(sweep).collect();
            assert_eq!(names.len(), 1);
            let other = namer.origin(origin("2001:db8:8::1"));
            assert!(!names.contains(&other));
        });
    }

    #[test]
    fn an_account_is_one_subject_however_it_is_typed() {
        with_namer(|namer| {
            let one = named(namer, "Jose\u{301}.Ada@example.com");
            for typed in [
                " jose\u{301}.ada@EXAMPLE.com ",
                "JOSE\u{301}.ADA@example.com",
                "jose\u{301}.ada+1@example.com",
                "jose\u{301}.ada+x+y@Example.com",
            ] {
                assert_eq!(named(namer, typed), one, "{typed}");
            }
            assert_ne!(named(namer, "ada@example.com"), one);
            assert_eq!(named(namer, "nobody"), named(namer, &"x".repeat(60_000)));
        });
    }

    #[test]
    fn whatever_finds_one_account_is_one_subject() {
        // The tenant looks accounts up by the canonical address: two that are
        // equal there must be equal here.
        with_namer(|namer| {
            for (one, two) in [
                ("ÄDA@example.com", "äda@example.com"),
                ("ΑΣ@example.com", "ας@example.com"),
            ] {
                let canonical = |text| Email::parse(text).unwrap().canonical();
                assert_eq!(canonical(one), canonical(two));
                assert_eq!(named(namer, one), named(namer, two));
            }
        });
    }

    #[test]
    fn an_overflow_makes_few_buckets() {
        with_namer(|namer| {
            let name =
                |number: u32| namer.overflow(&named(namer, &format!("u{number}@example.com")));
            let names: BTreeSet<[u8; 32]> = (0..2_000).map(name).collect();
            assert!(names.len() <= usize::from(OVERFLOWS));
        });
    }
}
