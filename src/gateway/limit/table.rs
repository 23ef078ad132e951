//! Which bucket does each attempt charge, and by which rules?
//!
//! All of our own protection is [`TABLE`]. An attempt is charged to one bucket
//! or, at sign-in, to two at once, and every rule of theirs must agree.
//!
//! Recovery of a lost password is not in it: there is none while we send no mail.

use super::subject::{self, Account, Origin, Part};
use crate::domain::{
    ids::UserId,
    limit::{Bound, Gcra, Limit, Name, Penalty, Rule},
    oauth::ClientId,
    time::{HOUR_MS, MINUTE_MS, SECOND_MS},
};

/// Counts the changes of [`TABLE`]: a bucket goes by the newest it has heard of.
pub(super) const VERSION: u32 = 1;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy<'a> {
    /// A new account.
    SignUp,
    /// A new client, by itself (RFC 7591).
    Register,
    /// The first administrator's link.
    SetUp,
    /// An operator's request, with a token that is good.
    Admin,
    /// A ticket for such a socket, by an access token of the user's.
    Ticket(UserId),
    /// A resource server's feed, by a token of the client's own.
    Feed(&'a ClientId),
    /// The current password of a user who is signed in.
    PasswordCheck(UserId),
}

impl Policy<'_> {
    /// The bucket's name in [`TABLE`].
    pub(super) const fn bucket(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Register => "register",
            Self::SetUp => "set_up",
            Self::Admin => "admin",
            Self::Ticket(_) => "ticket",
            Self::Feed(_) => "feed",
            Self::PasswordCheck(_) => "password_check",
        }
    }
}

/// Bucket of a password sign-in's address. With the device of somebody who has
/// signed in before it is not asked.
pub(super) const SIGN_IN: &str = "sign_in";

/// Bucket of a password sign-in's account, asked together with [`SIGN_IN`].
pub(super) const SIGN_IN_ACCOUNT: &str = "sign_in_account";

/// Credentials that were not good, wherever they were shown. No bucket is asked:
/// see [`super::failures`].
pub(super) const FAILED: &str = "failed";

/// Codes and refresh tokens that were not good, from a client that is. No bucket
/// is asked either.
pub(super) const FAILED_GRANT: &str = "failed_grant";

/// Tabs that want a socket to their session: every page does. No bucket is asked
/// either.
pub(super) const TAB: &str = "tab";

/// Whom a rule measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// An IPv4 address, or an IPv6 /64: one customer, one household, one office.
    Address,
    /// An IPv6 /56, which many providers give to one customer.
    Network,
    /// An IPv6 /48, which some do.
    Site,
    /// Everybody whose address is unknown, and everybody for whom there was no
    /// room for a bucket of their own.
    Crowd,
    /// A user or a client who has shown who they are.
    Known,
    /// One account, from everywhere but its own devices.
    Anywhere,
    /// One account from one address.
    Pair,
    /// One account from one of its devices.
    Device,
    /// One account from all of its devices.
    Devices,
}

enum Rate {
    /// Milliseconds a cell takes to come back, and cells at once.
    Every(i64, u32),
    /// Failures for nothing; then the first wait, the longest, and how long one
    /// failure is remembered.
    Waits(u32, i64, i64, i64),
}

struct Row {
    bucket: &'static str,
    axis: Axis,
    rule: &'static str,
    rate: Rate,
    /// Whether success counts, too: it costs an Argon2id like any other attempt.
    counts_success: bool,
}

const fn row(bucket: &'static str, axis: Axis, rule: &'static str, rate: Rate) -> Row {
    Row {
        bucket,
        axis,
        rule,
        rate,
        counts_success: false,
    }
}

const fn work(bucket: &'static str, axis: Axis, rule: &'static str, rate: Rate) -> Row {
    Row {
        counts_success: true,
        ..row(bucket, axis, rule, rate)
    }
}

use Axis::{Address, Anywhere, Crowd, Device, Devices, Known, Network, Pair, Site};
use Rate::{Every, Waits};

/// Our own protection.
///
/// An address is a household or an office: twenty wrong passwords at once, then
/// one in ten seconds, and not much more than two hundred within an hour. What
/// hides its address meets a flood of its like; a proxy that hides addresses is
/// to be mended, not obliged.
///
/// An account is guessed at from everywhere some 300 times a day at most, and
/// from one address with waits that double. Its own devices are no part of that.
///
/// A deploy closes every socket, and whoever had one comes back at once: an
/// office of a thousand, three tabs each; all the servers of one client. Tokens
/// that are good cost the token endpoint no bucket (ADR 12): a client and its
/// sessions bound each other.
const TABLE: &[Row] = &[
    row(SIGN_IN, Address, "at_once", Every(10 * SECOND_MS, 20)),
    row(SIGN_IN, Address, "in_an_hour", Every(36 * SECOND_MS, 200)),
    work(SIGN_IN, Address, "work", Every(2 * SECOND_MS, 100)),
    row(SIGN_IN, Network, "network", Every(18 * SECOND_MS, 400)),
    row(SIGN_IN, Site, "site", Every(9 * SECOND_MS, 800)),
    work(SIGN_IN, Crowd, "crowd", Every(3 * SECOND_MS, 20)),
    row(
        SIGN_IN_ACCOUNT,
        Anywhere,
        "account",
        Every(5 * MINUTE_MS, 50),
    ),
    row(
        SIGN_IN_ACCOUNT,
        Pair,
        "pair",
        Waits(10, 15 * SECOND_MS, 15 * MINUTE_MS, HOUR_MS),
    ),
    row(SIGN_IN_ACCOUNT, Device, "device", Every(MINUTE_MS, 10)),
    work(
        SIGN_IN_ACCOUNT,
        Devices,
        "devices",
        Every(5 * SECOND_MS, 60),
    ),
    row("sign_up", Address, "at_once", Every(2 * MINUTE_MS, 10)),
    row("sign_up", Address, "in_a_day", Every(HOUR_MS / 2, 40)),
    row("sign_up", Network, "network", Every(HOUR_MS / 4, 80)),
    row("sign_up", Site, "site", Every(HOUR_MS / 8, 160)),
    row("sign_up", Crowd, "crowd", Every(6 * SECOND_MS, 10)),
    row("register", Address, "at_once", Every(5 * MINUTE_MS, 20)),
    row("register", Site, "site", Every(MINUTE_MS, 80)),
    row("register", Crowd, "crowd", Every(MINUTE_MS, 10)),
    row("set_up", Address, "at_once", Every(MINUTE_MS, 10)),
    row("set_up", Site, "site", Every(MINUTE_MS, 40)),
    row("set_up", Crowd, "crowd", Every(MINUTE_MS, 10)),
    row(FAILED, Address, "credentials", Every(SECOND_MS / 10, 1_000)),
    row(FAILED, Site, "site", Every(SECOND_MS / 40, 4_000)),
    row(FAILED, Crowd, "crowd", Every(SECOND_MS / 10, 1_000)),
    row(
        FAILED_GRANT,
        Address,
        "grants",
        Every(SECOND_MS / 100, 10_000),
    ),
    row(FAILED_GRANT, Site, "site", Every(SECOND_MS / 400, 40_000)),
    row(FAILED_GRANT, Crowd, "crowd", Every(SECOND_MS / 100, 10_000)),
    row("password_check", Known, "at_once", Every(MINUTE_MS, 10)),
    row("admin", Address, "at_once", Every(SECOND_MS / 50, 1_000)),
    row("admin", Site, "site", Every(SECOND_MS / 200, 4_000)),
    row("admin", Crowd, "crowd", Every(SECOND_MS / 200, 4_000)),
    row(TAB, Address, "at_once", Every(SECOND_MS / 50, 3_000)),
    row(TAB, Site, "site", Every(SECOND_MS / 200, 12_000)),
    row(TAB, Crowd, "crowd", Every(SECOND_MS / 200, 12_000)),
    row("ticket", Known, "at_once", Every(3 * SECOND_MS, 60)),
    row("feed", Known, "at_once", Every(SECOND_MS / 50, 10_000)),
];

impl Row {
    fn limit(&self) -> Option<Limit> {
        match self.rate {
            Every(period_ms, burst) => Gcra::new(period_ms, burst).map(Limit::Gcra),
            Waits(free, base_ms, wait_ms_max, forget_ms) => {
                Penalty::new(free, base_ms, wait_ms_max, forget_ms).map(Limit::Penalty)
            }
        }
    }

    fn bind(&self, part: Part) -> Option<Rule> {
        let rule = Rule::new(Name::fixed(self.rule), self.limit()?);
        Some(Rule {
            scope: match part {
                Part::Whole => None,
                Part::Scope(scope) => Some(scope),
            },
            counts_cancelled: self.counts_success,
            ..rule
        })
    }
}

/// The rules of `bucket` that have somebody to measure, as `part` says.
fn bound(bucket: &str, part: impl Fn(Axis) -> Option<Part>) -> Bound {
    let rows = TABLE.iter().filter(|row| row.bucket == bucket);
    let rules = rows.filter_map(|row| row.bind(part(row.axis)?));
    Bound {
        version: VERSION,
        // Security depends on every one of them.
        ahead: 0,
        rules: rules.collect(),
    }
}

/// The rules of `bucket` for an address.
pub(super) fn of_origin(bucket: &str, origin: Origin) -> Bound {
    bound(bucket, |axis| match axis {
        Address => origin.part(subject::ADDRESS),
        Network => origin.part(subject::NETWORK),
        Site => origin.part(subject::SITE),
        Crowd => (origin == Origin::Unknown).then_some(Part::Whole),
        _ => None,
    })
}

/// The rules for an account that somebody signs in to.
pub(super) fn of_account(account: &Account) -> Bound {
    bound(SIGN_IN_ACCOUNT, |axis| match (axis, &account.device) {
        (Device, Some(device)) => Some(Part::Scope(device.clone())),
        (Devices, Some(_)) | (Anywhere, None) => Some(Part::Whole),
        (Pair, None) => Some(Part::Scope(account.from.clone())),
        _ => None,
    })
}

/// The rules of `bucket` for a user or a client.
pub(super) fn of_known(bucket: &str) -> Bound {
    bound(bucket, |axis| (axis == Known).then_some(Part::Whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_rule() {
        for row in TABLE {
            assert!(row.limit().is_some(), "{} {}", row.bucket, row.rule);
            assert!(Name::parse(row.rule).is_some() && Name::parse(row.bucket).is_some());
        }
    }

    #[test]
    fn every_attempt_is_bound_wherever_it_comes_from() {
        let origins = ["203.0.113.7", "2001:db8:1:203::9"].map(|a| Some(a.parse().unwrap()));
        for address in origins.into_iter().chain([None]) {
            let origin = Origin::of(address);
            let buckets = [
                SIGN_IN,
                FAILED,
                FAILED_GRANT,
                "sign_up",
                "register",
                "set_up",
            ];
            for bucket in buckets.into_iter().chain(["admin", TAB]) {
                assert!(
                    of_origin(bucket, origin).can_admit(1),
                    "{bucket} {origin:?}"
                );
            }
        }
        for bucket in ["password_check", "ticket", "feed"] {
            assert!(of_known(bucket).can_admit(1), "{bucket}");
        }
        for device in [None, Some("d".to_owned())] {
            let from = "f".to_owned();
            let account = Account {
                subject: [0; 32],
                from,
                device,
            };
            assert!(of_account(&account).can_admit(1));
        }
    }

    #[test]
    fn a_network_is_measured_at_every_width_and_an_address_at_one() {
        let scopes = |address: &str| {
            let bound = of_origin("sign_up", Origin::of(Some(address.parse().unwrap())));
            let rules = bound.rules.into_iter();
            rules
                .map(|rule| (rule.name.as_str().to_owned(), rule.scope))
                .collect::<Vec<_>>()
        };
        let named = |name: &str, scope: Option<&str>| (name.to_owned(), scope.map(str::to_owned));
        assert_eq!(
            scopes("2001:db8:1:203::9"),
            [
                named("at_once", Some("0203")),
                named("in_a_day", Some("0203")),
                named("network", Some("02")),
                named("site", None),
            ]
        );
        assert_eq!(
            scopes("203.0.113.7"),
            [named("at_once", None), named("in_a_day", None)]
        );
    }
}
