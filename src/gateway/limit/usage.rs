//! How often is each policy asked?
//!
//! Counted here, in the isolate's memory, and told to the tenant's actor once in
//! a while, after an answer: a check writes nothing for being counted. An isolate
//! that dies takes what it has not told with it, and no verdict depends on it.

use crate::{
    actors::{
        runtime::{Actors, Fault, Mail, Transport, cause::failure},
        tenant::{NoteUsage, PolicyUsage, TOLD_ACTS_MAX, Tenant, USAGE_POLICIES_MAX},
    },
    domain::{
        audit::{Outcome, Record},
        ids::TenantId,
        limit::usage::{Counts, Offenders},
        time::{SECOND_MS, Timestamp},
    },
    gateway::{Gateway, log::Level, platform::Platform, visit::Visit},
};
use core::cell::{Cell, RefCell};
use futures::future::join_all;
use std::collections::BTreeMap;

/// How long an isolate counts before it tells.
pub const USAGE_MS_MAX: i64 = 10 * SECOND_MS;

/// How long after that it is surely told, or never will be.
const TELLING_MS_MAX: i64 = 30 * SECOND_MS;

/// Tenants counted for at a time; what is asked of further ones meanwhile is not
/// counted.
const TENANTS_MAX: usize = 1_024;

/// Policies of one tenant counted at a time, our own among them.
const POLICIES_MAX: usize = 128;

/// Refusals of one tenant kept at a time, each of another kind or from another
/// place: a flood from everywhere leaves no more rows than this in ten seconds, and
/// says how many more it was.
const REFUSALS_MAX: usize = 16;

/// What is looked at, of one tenant: more than a person, or a script within its
/// limit, usually does.
const LOOKS_MAX: usize = TOLD_ACTS_MAX - REFUSALS_MAX - 1;

/// Tenants told at once: a request may ask so many actors and more.
const TOLD_MAX: usize = 32;

/// What rules that came with the question are counted as.
pub(in crate::gateway) const INLINE: &str = "i.*";

/// What the names of our own policies begin with. No tenant's has a dot in it.
pub(in crate::gateway) const OWN: &str = "own.";

#[derive(Default)]
struct Tally {
    counts: Counts,
    offenders: Offenders,
}

struct Batch {
    since: Timestamp,
    policies: BTreeMap<String, Tally>,
    acts: Vec<Record>,
    /// Stands for those there was no room for.
    dropped: Option<Record>,
}

impl Batch {
    const fn begun(since: Timestamp) -> Self {
        Self {
            since,
            policies: BTreeMap::new(),
            acts: Vec::new(),
            dropped: None,
        }
    }

    fn note(&mut self, record: Record) {
        if let Some(same) = self.acts.iter_mut().find(|one| one.repeats(&record)) {
            same.count = same.count.saturating_add(1);
            return;
        }
        let alike = self.acts.iter().filter(|one| one.outcome == record.outcome);
        let most = match record.outcome {
            Outcome::Refused => REFUSALS_MAX,
            Outcome::Done => LOOKS_MAX,
        };
        if alike.count() < most {
            self.acts.push(record);
            return;
        }
        match &mut self.dropped {
            Some(dropped) => dropped.count = dropped.count.saturating_add(1),
            None => self.dropped = Some(record.dropped()),
        }
    }
}

/// What has been counted and not been told.
pub(in crate::gateway) struct Usage {
    tenants: RefCell<BTreeMap<TenantId, Batch>>,
    /// Somebody is about to tell, and has until then.
    told_until: Cell<Timestamp>,
}

impl Usage {
    pub(in crate::gateway) const fn new() -> Self {
        Self {
            tenants: RefCell::new(BTreeMap::new()),
            told_until: Cell::new(Timestamp::from_millis(0)),
        }
    }

    /// Counts checks by a policy, and whom it refused.
    pub(in crate::gateway) fn count(
        &self,
        (tenant, policy): (TenantId, &str),
        counts: Counts,
        refused: Option<&str>,
        now: Timestamp,
    ) {
        let mut tenants = self.tenants.borrow_mut();
        if tenants.len() >= TENANTS_MAX && !tenants.contains_key(&tenant) {
            return;
        }
        let policies = &mut tenants
            .entry(tenant)
            .or_insert_with(|| Batch::begun(now))
            .policies;
        if !policies.contains_key(policy) {
            if policies.len() >= POLICIES_MAX {
                return;
            }
            policies.insert(policy.to_owned(), Tally::default());
        }
        if let Some(tally) = policies.get_mut(policy) {
            tally.counts.add(&counts);
            if let Some(subject) = refused {
                tally.offenders.count(subject);
            }
        }
    }

    /// Remembers an act that changed nothing.
    pub(in crate::gateway) fn note(&self, record: Record) {
        let mut tenants = self.tenants.borrow_mut();
        if tenants.len() >= TENANTS_MAX && !tenants.contains_key(&record.tenant) {
            return;
        }
        let batch = tenants
            .entry(record.tenant)
            .or_insert_with(|| Batch::begun(record.at));
        batch.note(record);
    }

    /// Whether somebody has to tell, and nobody is about to. Whoever hears so is.
    fn is_owed(&self, now: Timestamp) -> bool {
        let is_owed = !self.tenants.borrow().is_empty() && self.told_until.get() <= now;
        if is_owed {
            self.told_until.set(now.plus(USAGE_MS_MAX + TELLING_MS_MAX));
        }
        is_owed
    }

    /// Takes what was counted for one tenant, as much as one message tells.
    fn take(&self, tenant: TenantId) -> Option<NoteUsage> {
        let mut tenants = self.tenants.borrow_mut();
        let batch = tenants.get_mut(&tenant)?;
        let since = batch.since;
        let next = batch.policies.keys().nth(USAGE_POLICIES_MAX).cloned();
        let rest = next.map(|next| batch.policies.split_off(&next));
        let mut acts = core::mem::take(&mut batch.acts);
        acts.extend(batch.dropped.take());
        let told = core::mem::replace(&mut batch.policies, rest.unwrap_or_default());
        if batch.policies.is_empty() {
            tenants.remove(&tenant);
        }
        let told = told.into_iter().map(|(policy, tally)| PolicyUsage {
            policy,
            counts: tally.counts,
            offenders: tally.offenders,
        });
        Some(NoteUsage {
            since,
            policies: told.collect(),
            acts,
        })
    }

    /// Those counted for longest.
    fn oldest(&self) -> Vec<TenantId> {
        let tenants = self.tenants.borrow();
        let mut all: Vec<(Timestamp, TenantId)> = tenants
            .iter()
            .map(|(tenant, batch)| (batch.since, *tenant))
            .collect();
        all.sort();
        let all = all.into_iter().map(|(_, tenant)| tenant);
        all.take(TOLD_MAX).collect()
    }
}

impl<P: Platform> Gateway<P> {
    /// Whether something is to be done once the answer is on its way: then whoever
    /// hosts the gateway lets [`Gateway::settle`] run to its end.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.memory.usage.is_owed(self.platform.now())
    }

    /// Waits a little, for more to come together, and tells tenants how often
    /// their policies were asked.
    pub async fn settle(&self) {
        self.platform.pause(USAGE_MS_MAX).await;
        let mail = Mail::new(self.platform.transport(), None);
        let usage = &self.memory.usage;
        let tell = |tenant| tell(usage, &mail, tenant);
        for told in join_all(usage.oldest().into_iter().map(tell)).await {
            if let Err(fault) = told {
                let line = failure("usage.lost", self.platform.now());
                let line = line.text("error", &fault.to_string());
                self.platform.log(Level::Error, &line.end());
            }
        }
        usage.told_until.set(Timestamp::default());
    }
}

/// Counts checks by one of our own policies at the tenant at hand, and whom it
/// refused, masked.
pub(super) fn own<P: Platform>(
    visit: &Visit<'_, P>,
    bucket: &str,
    counts: Counts,
    refused: Option<&str>,
) {
    let policy = format!("{OWN}{bucket}");
    let usage = &visit.gateway.memory.usage;
    usage.count((visit.home.id, &policy), counts, refused, visit.now);
}

/// Tells a tenant what has been counted for it. A tenant that is no more is told
/// nothing.
pub(in crate::gateway) async fn tell<T: Transport>(
    usage: &Usage,
    mail: &Mail<T>,
    tenant: TenantId,
) -> Result<(), Fault> {
    while let Some(counted) = usage.take(tenant) {
        match mail.ask(&Tenant::address(tenant), counted).await {
            Ok(_) | Err(Fault::Absent) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actors::{
            runtime::envelope::{self, ENVELOPE_BYTES_MAX},
            tenant::Message,
        },
        domain::limit::{policy::SUBJECT_BYTES_MAX, usage::OFFENDERS_MAX},
    };

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_is_counted_is_told_once() {
        let usage = Usage::new();
        usage.count((TENANT, "api"), Counts::one(true), None, at(5));
        usage.count((TENANT, "api"), Counts::one(false), Some("u"), at(7));
        usage.count((TENANT, INLINE), Counts::one(true), None, at(9));
        let told = usage.take(TENANT).unwrap();
        assert_eq!(told.since, at(5));
        let policies: Vec<&str> = told
            .policies
            .iter()
            .map(|one| one.policy.as_str())
            .collect();
        assert_eq!(policies, ["api", "i.*"]);
        let api = told.policies.into_iter().next().unwrap();
        assert_eq!((api.counts.admitted, api.counts.refused), (1, 1));
        assert_eq!(api.offenders.ranked().first().unwrap().subject, "u");
        assert!(usage.take(TENANT).is_none());
    }

    #[test]
    fn the_most_that_is_told_fits_half_a_message() {
        let usage = Usage::new();
        for number in 0..USAGE_POLICIES_MAX * OFFENDERS_MAX {
            let policy = format!("{:x<64}", number % USAGE_POLICIES_MAX);
            let subject = format!("{number:x<SUBJECT_BYTES_MAX$}");
            usage.count((TENANT, &policy), Counts::one(false), Some(&subject), at(1));
        }
        let told: Message = usage.take(TENANT).unwrap().into();
        assert!(usage.take(TENANT).is_none());
        let bytes = envelope::pack(&told).unwrap().len();
        assert!(
            (300_000..ENVELOPE_BYTES_MAX / 2).contains(&bytes),
            "{bytes}"
        );
    }

    #[test]
    fn one_at_a_time_is_about_to_tell() {
        let usage = Usage::new();
        assert!(!usage.is_owed(at(1)));
        usage.count((TENANT, "api"), Counts::one(true), None, at(1));
        assert!(usage.is_owed(at(1)));
        assert!(!usage.is_owed(at(2)));
        // Whoever was about to has died.
        assert!(usage.is_owed(at(1 + USAGE_MS_MAX + TELLING_MS_MAX)));
    }

    #[test]
    fn a_flood_of_names_is_counted_in_bounded_room() {
        let usage = Usage::new();
        for number in 0..2 * POLICIES_MAX {
            let policy = format!("p{number}");
            usage.count((TENANT, &policy), Counts::one(true), None, at(1));
        }
        let told = || Some(usage.take(TENANT)?.policies.len());
        let told: Vec<usize> = core::iter::from_fn(told).collect();
        assert!(told.iter().all(|policies| *policies <= USAGE_POLICIES_MAX));
        assert_eq!(told.iter().sum::<usize>(), POLICIES_MAX);
        for number in 0..2 * TENANTS_MAX {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let tenant = TenantId::from_bytes(bytes);
            usage.count((tenant, "api"), Counts::one(true), None, at(1));
        }
        assert_eq!(usage.tenants.borrow().len(), TENANTS_MAX);
    }
}
