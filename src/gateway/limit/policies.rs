//! What has a tenant laid down under a name?

use crate::{
    actors::{
        runtime::{Actors, Fault},
        tenant::{PolicyRead, ReadPolicy, Tenant},
    },
    domain::{
        ids::TenantId,
        limit::{Name, policy::Enacted},
        time::SECOND_MS,
    },
    gateway::{cache::Cache, platform::Platform, visit::Visit},
};
use std::rc::Rc;

/// Policies an isolate remembers, and names that none has.
const POLICIES_MAX: usize = 1_024;

/// How long an isolate goes on with a policy, or without one: as long as it
/// remembers refusals.
pub const POLICY_MS_MAX: i64 = 5 * SECOND_MS;

/// Policies by tenant and name; `None` where there is none.
pub(in crate::gateway) type Policies = Cache<(TenantId, Name), Option<Rc<Enacted>>>;

pub(in crate::gateway) const fn none() -> Policies {
    Cache::new(POLICIES_MAX)
}

/// The policy of the tenant at hand that is called so; `None` when there is
/// none.
///
/// # Errors
/// When the tenant cannot be asked.
pub async fn policy<P: Platform>(
    visit: &Visit<'_, P>,
    name: &Name,
) -> Result<Option<Rc<Enacted>>, Fault> {
    let key = (visit.home.id, name.clone());
    let policies = &visit.gateway.memory.policies;
    if let Some(known) = policies.find(&key, visit.now) {
        return Ok(known);
    }
    let ask = ReadPolicy { name: name.clone() };
    let address = Tenant::address(visit.home.id);
    let policy = match visit.mail.ask(&address, ask).await? {
        PolicyRead::Found(policy) => Some(Rc::new(*policy)),
        _ => None,
    };
    policies.put(key, policy.clone(), visit.now.plus(POLICY_MS_MAX));
    Ok(policy)
}
