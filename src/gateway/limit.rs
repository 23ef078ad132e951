//! How often may somebody try?
//!
//! One question to one bucket, asked before anything costly. The table
//! [`RULES`] holds every rule; a policy has as many as it has rows, and all
//! must agree. A bucket that does not answer refuses (DESIGN §6).
//!
//! A sign-in is charged to the **address** and not to the account, nor to both
//! together: only so does one call bound the guesses at one account, the one
//! guess at each of many, and the Argon2id this isolate is made to compute; and
//! nobody can lock somebody else out. Guessing spread over many addresses is
//! left to issue 4, which adds the axes account and address-with-account.
//!
//! Success is charged like failure: a refund would be one more awaited call on
//! every sign-in, and people sign in far less often than [`RULES`] allows.

use super::{
    platform::Platform,
    trouble::{Problem, Trouble},
    visit::Visit,
};
use crate::{
    actors::{
        bucket::{Bucket, Check},
        runtime::Actors,
    },
    domain::{
        ids::UserId,
        keys::Purpose,
        limit::{Gcra, Limit, Name, Outcome, Policy as Bound, Rule},
        time::{HOUR_MS, MINUTE_MS, SECOND_MS},
    },
};
use core::net::IpAddr;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A password at the sign-in page.
    SignIn,
    /// A new account.
    SignUp,
    /// A new client, by itself (RFC 7591).
    Register,
    /// The first administrator's link.
    SetUp,
    /// The current password of a user who is signed in.
    PasswordCheck(UserId),
}

/// Policy, whether for requests of unknown origin, milliseconds a cell takes to
/// come back, and cells at once.
///
/// An address is a household or an office: twenty at once, then one in ten
/// seconds, and not much more than two hundred within an hour. Requests whose
/// address is unknown share one bucket, which a flood of them empties; a proxy
/// that hides addresses is to be mended, not obliged.
const RULES: &[(&str, bool, i64, u32)] = &[
    ("sign_in", false, 10 * SECOND_MS, 20),
    ("sign_in", false, 36 * SECOND_MS, 200),
    ("sign_in", true, 3 * SECOND_MS, 20),
    ("sign_up", false, 2 * MINUTE_MS, 10),
    ("sign_up", false, HOUR_MS / 2, 40),
    ("sign_up", true, 6 * SECOND_MS, 10),
    ("register", false, 5 * MINUTE_MS, 20),
    ("register", true, MINUTE_MS, 10),
    ("set_up", false, MINUTE_MS, 10),
    ("set_up", true, MINUTE_MS, 10),
    ("password_check", false, MINUTE_MS, 10),
];

/// Seconds after which an unavailable bucket is worth another try.
const RETRY_AFTER_S: i64 = 5;

impl Policy {
    const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignUp => "sign_up",
            Self::Register => "register",
            Self::SetUp => "set_up",
            Self::PasswordCheck(_) => "password_check",
        }
    }
}

/// Who is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    V4([u8; 4]),
    /// The network of an IPv6 address: one customer has all of a /64.
    V6([u8; 8]),
    Unknown,
    User(UserId),
}

impl Subject {
    fn of(policy: Policy, address: Option<IpAddr>) -> Self {
        if let Policy::PasswordCheck(user) = policy {
            return Self::User(user);
        }
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.octets()),
            Some(IpAddr::V6(address)) => {
                let octets = address.octets();
                Self::V6(*octets.first_chunk().unwrap_or(&[0; 8]))
            }
            None => Self::Unknown,
        }
    }

    /// Tag, then bytes of a length the tag fixes: no two subjects meet.
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::V4(octets) => [&[4][..], &octets].concat(),
            Self::V6(network) => [&[6][..], &network].concat(),
            Self::Unknown => vec![0],
            Self::User(user) => [&[1][..], user.as_bytes()].concat(),
        }
    }
}

fn bound(policy: Policy, subject: Subject) -> Bound {
    let is_unknown = subject == Subject::Unknown;
    let rules = RULES
        .iter()
        .filter(|(name, unknown, ..)| *name == policy.name() && *unknown == is_unknown);
    let rule = |(name, &(.., period_ms, burst)): (&'static str, &(&str, bool, i64, u32))| {
        let limit = Limit::Gcra(Gcra::new(period_ms, burst)?);
        Some(Rule::new(Name::fixed(name), limit))
    };
    let rules = ["at_once", "in_the_long_run"].into_iter().zip(rules);
    Bound {
        version: 1,
        ahead: 0,
        rules: rules.filter_map(rule).collect(),
    }
}

/// Charges one try.
///
/// Buckets are named by a MAC under the current master key, so its rotation
/// fills them all: once, and known to the operator who does it.
///
/// # Errors
/// 429 when it is one too many, 503 when the bucket cannot say.
pub async fn charge<P: Platform>(visit: &Visit<'_, P>, policy: Policy) -> Result<(), Trouble> {
    let subject = Subject::of(policy, visit.request.client_address);
    let keys = &visit.platform().settings().master_keys;
    let name = keys.vouch(Purpose::RateLimit, &subject.bytes());
    let bucket = Bucket::address(visit.home.id, policy.name(), &name);
    let check = Check {
        policy: bound(policy, subject),
        cost: 1,
        request: None,
    };
    let asked = visit.mail.ask(&bucket, check).await;
    match asked.map(|verdict| (verdict.outcome, verdict.wait_ms())) {
        Ok((Outcome::Admit, _)) => Ok(()),
        Ok((_, wait)) => {
            // Never earlier than the bucket said (DESIGN §6).
            let wait_s = (wait.unwrap_or_default() + SECOND_MS - 1) / SECOND_MS;
            Err(refused(
                429,
                "too-many-attempts",
                "There were too many attempts.",
                wait_s.max(1),
            ))
        }
        Err(fault) => {
            visit.platform().log(&format!(
                "fault request={} limit={} {fault}",
                visit.request.id,
                policy.name()
            ));
            let detail = "Attempts cannot be counted at the moment, so none is let through.";
            Err(refused(
                503,
                "temporary-reduced-capacity",
                detail,
                RETRY_AFTER_S,
            ))
        }
    }
}

fn refused(status: u16, slug: &'static str, detail: &str, retry_after_s: i64) -> Trouble {
    let problem = Problem::new(status, slug, detail);
    Problem {
        retry_after_s: Some(retry_after_s),
        ..problem
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(address: &str) -> Subject {
        Subject::of(Policy::SignIn, Some(address.parse().unwrap()))
    }

    #[test]
    fn an_address_is_one_subject_however_it_is_spelled() {
        assert_eq!(subject("203.0.113.7"), subject("::ffff:203.0.113.7"));
        assert_eq!(subject("2001:db8::1"), subject("2001:db8:0:0:ffff::2"));
        assert_ne!(subject("2001:db8::1"), subject("2001:db8:0:1::1"));
        assert_ne!(subject("203.0.113.7"), subject("203.0.113.8"));
        assert_ne!(subject("203.0.113.7"), Subject::Unknown);
    }

    #[test]
    fn every_policy_has_rules_for_every_subject() {
        let somebody = UserId::from_bytes([7; 16]);
        let policies = [
            Policy::SignIn,
            Policy::SignUp,
            Policy::Register,
            Policy::SetUp,
        ];
        for policy in policies {
            assert!(
                bound(policy, subject("203.0.113.7")).can_admit(1),
                "{policy:?}"
            );
            assert!(bound(policy, Subject::Unknown).can_admit(1), "{policy:?}");
        }
        let check = Policy::PasswordCheck(somebody);
        assert!(bound(check, Subject::of(check, None)).can_admit(1));
        let valid = RULES
            .iter()
            .filter_map(|&(.., period, burst)| Gcra::new(period, burst));
        assert_eq!(valid.count(), RULES.len());
    }
}
