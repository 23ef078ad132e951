//! How do policies come, change and go?

use super::{audit, page};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            ChangePolicy, CreatePolicy, DeletePolicy, ListPolicies, POLICIES_MAX, PolicyPage,
            PolicyRead, ReadPolicy, state::policies as state,
        },
    },
    domain::{
        limit::policy::{Enacted, Policy},
        merge_patch::patched,
    },
};

pub(super) fn read(turn: &Turn<'_>, m: &ReadPolicy) -> Result<PolicyRead, Fault> {
    let policy = state::read(turn.store, &m.name)?;
    Ok(policy.map_or(PolicyRead::Missing, found))
}

pub(super) fn create(turn: &mut Turn<'_>, m: CreatePolicy) -> Result<PolicyRead, Fault> {
    if state::read(turn.store, m.policy.name())?.is_some() {
        return Ok(PolicyRead::Taken);
    }
    if state::count(turn.store)? >= POLICIES_MAX {
        return Ok(PolicyRead::TooMany);
    }
    audit::append(turn, &m.record)?;
    Ok(found(state::enact(turn.store, *m.policy, turn.now)?))
}

/// What changes nothing is no change, and counts as none.
pub(super) fn change(turn: &mut Turn<'_>, m: ChangePolicy) -> Result<PolicyRead, Fault> {
    let Some(current) = state::read(turn.store, &m.name)? else {
        return Ok(PolicyRead::Missing);
    };
    let policy: Policy = match patched(&current.policy, m.patch) {
        Ok(policy) => policy,
        Err(why) => return Ok(PolicyRead::Refused(why.to_string())),
    };
    if *policy.name() != m.name {
        return Ok(PolicyRead::Refused("name never changes".to_owned()));
    }
    if policy == current.policy {
        return Ok(found(current));
    }
    audit::append(turn, &m.record)?;
    Ok(found(state::enact(turn.store, policy, turn.now)?))
}

pub(super) fn delete(turn: &mut Turn<'_>, m: &DeletePolicy) -> Result<PolicyRead, Fault> {
    let Some(policy) = state::read(turn.store, &m.name)? else {
        return Ok(PolicyRead::Missing);
    };
    audit::append(turn, &m.record)?;
    state::delete(turn.store, &m.name)?;
    Ok(found(policy))
}

pub(super) fn list(turn: &Turn<'_>, m: &ListPolicies) -> Result<PolicyPage, Fault> {
    let mut items = state::page(turn.store, m.after.as_ref(), page::reads(m.limit))?;
    let has_more = page::cut(&mut items, m.limit)?;
    let last = items.last().filter(|_| has_more);
    let next = last.map(|enacted| enacted.policy.name().clone());
    Ok(PolicyPage { items, next })
}

fn found(policy: Enacted) -> PolicyRead {
    PolicyRead::Found(Box::new(policy))
}
