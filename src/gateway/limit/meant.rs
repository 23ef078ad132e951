//! Which bucket does an operator mean?
//!
//! Policies and subjects as people write them. What a tenant has laid down goes by
//! its name; ours by `own.` and the bucket's name in the table, rules that came
//! with the question by `i.` and theirs: no [`Name`] has a dot in it.

use super::{
    subject::{Namer, Origin, Person},
    usage::{INLINE, OWN},
};
use crate::{
    actors::{bucket::Bucket, runtime::Address},
    domain::{
        ids::{TenantId, UserId, base32},
        limit::{Name, policy::is_subject},
        oauth::ClientId,
    },
    gateway::{platform::Platform, visit::Visit},
};

/// A bucket, and what an isolate knows it by.
pub(in crate::gateway) struct Meant {
    /// Where it is.
    pub(in crate::gateway) address: Address<Bucket>,
    /// The tenant's own policy that is asked by it.
    pub(in crate::gateway) policy: Option<Name>,
    tenant: TenantId,
    bucket: String,
    /// Whom it measures, as whoever asks wrote it.
    pub(in crate::gateway) subject: String,
    name: [u8; 32],
}

/// What a policy is counted as; `None` when there can be none of that name.
pub(in crate::gateway) fn usage_name(text: &str) -> Option<String> {
    let name = text.strip_prefix(OWN).unwrap_or(text);
    let is_one = text == INLINE || Name::parse(name).is_some();
    is_one.then(|| text.to_owned())
}

/// The bucket of `subject` under `policy`; `None` when one of the two is nothing.
pub(in crate::gateway) fn meant<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: TenantId,
    policy: &str,
    subject: &str,
) -> Option<Meant> {
    let namer = Namer {
        keys: &visit.platform().settings().master_keys,
        tenant,
    };
    let (bucket, name, policy) = if let Some(own) = policy.strip_prefix(OWN) {
        Name::parse(own)?;
        (own.to_owned(), own_subject(&namer, subject)?, None)
    } else if let Some(inline) = policy.strip_prefix("i.") {
        Name::parse(inline)?;
        (policy.to_owned(), customer(&namer, subject)?, None)
    } else {
        let name = Name::parse(policy)?;
        let subject = customer(&namer, subject)?;
        (format!("t.{policy}"), subject, Some(name))
    };
    Some(Meant {
        address: Bucket::address(tenant, &bucket, &name),
        policy,
        tenant,
        bucket,
        subject: subject.to_owned(),
        name,
    })
}

fn customer(namer: &Namer<'_>, subject: &str) -> Option<[u8; 32]> {
    is_subject(subject).then(|| namer.customer(subject))
}

/// Whom one of our own buckets measures, as people write it.
fn own_subject(namer: &Namer<'_>, text: &str) -> Option<[u8; 32]> {
    match text.split_once(':')? {
        ("address", "unknown") => Some(namer.origin(Origin::Unknown)),
        ("address", text) => Some(namer.origin(Origin::of(Some(text.parse().ok()?)))),
        ("account", text) => Some(namer.account(&Person::of(text))),
        ("user", text) => Some(namer.user(UserId::parse(text).ok()?)),
        ("client", text) => Some(namer.client(&ClientId::parse(text).ok()?)),
        _ => None,
    }
}

impl Meant {
    /// Forgets what this isolate remembers of it, so that a pardon is felt here at
    /// once.
    pub(in crate::gateway) fn forget<P: Platform>(&self, visit: &Visit<'_, P>) {
        let of_bucket = format!("{}/{}/", self.tenant, self.bucket);
        let (of_ours, of_theirs) = (
            format!("{of_bucket}{}#", base32(&self.name)),
            format!("/{}", self.subject),
        );
        visit.gateway.memory.limits.forget(&|key: &String| {
            let is_theirs = key.starts_with(&of_bucket) && key.ends_with(&of_theirs);
            is_theirs || key.starts_with(&of_ours)
        });
    }
}

/// Forgets what this isolate remembers of everybody whom a tenant's policy
/// concerns: of whose bucket, its name does not say.
pub(in crate::gateway) fn forget_policy<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: TenantId,
    policy: &str,
) {
    let of_policy = format!("{tenant}/{policy}/");
    let is_of_policy = |key: &String| key.starts_with(&of_policy);
    visit.gateway.memory.limits.forget(&is_of_policy);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{entropy::Seeded, keys::MasterKeys};

    #[test]
    fn a_policy_is_counted_by_a_name_that_no_other_has() {
        for name in ["api", "own.sign_in", "i.*"] {
            assert_eq!(usage_name(name).as_deref(), Some(name));
        }
        for name in ["", "own.", "i.x", "a.b", "A", "own.own.x"] {
            assert_eq!(usage_name(name), None, "{name}");
        }
    }

    #[test]
    fn people_write_whom_they_mean() {
        let keys = MasterKeys::generate(&mut Seeded::new(1));
        let namer = Namer {
            keys: &keys,
            tenant: TenantId::from_bytes([1; 16]),
        };
        let of = |text: &str| own_subject(&namer, text);
        let user = UserId::from_bytes([2; 16]);
        assert_eq!(of("address:203.0.113.7"), of("address:::ffff:203.0.113.7"));
        assert_eq!(of("address:2001:db8::1"), of("address:2001:db8::ffff:2"));
        assert_eq!(
            of("account:Ada@example.com"),
            of("account:ada+x@EXAMPLE.com")
        );
        assert_eq!(of(&format!("user:{user}")), Some(namer.user(user)));
        assert!(of("address:unknown").is_some());
        for text in ["", "ada", "address:", "address:x", "user:ada", "phone:1"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
