//! How are policies read and written?

use crate::{
    actors::{rows, runtime::Fault, tenant::schema::policies as schema},
    domain::{
        limit::{
            Name,
            policy::{Enacted, Policy},
        },
        time::Timestamp,
    },
    store::{Row, Store},
};

pub(crate) fn count(store: &dyn Store) -> Result<u32, Fault> {
    let rows = store.query(schema::COUNT, &[])?;
    Ok(rows.first().map_or(Ok(0), |row| row.count(0))?)
}

pub(crate) fn read(store: &dyn Store, name: &Name) -> Result<Option<Enacted>, Fault> {
    let rows = store.query(schema::READ, &[name.as_str().into()])?;
    rows.first().map(enacted).transpose()
}

/// Up to `limit` policies after `after`, in the order of their names.
pub(crate) fn page(
    store: &dyn Store,
    after: Option<&Name>,
    limit: u32,
) -> Result<Vec<Enacted>, Fault> {
    let after = after.map_or("", Name::as_str);
    let rows = store.query(schema::PAGE, &[after.into(), limit.into()])?;
    rows.iter().map(enacted).collect()
}

/// Adds or changes a policy, under the next version there is.
pub(crate) fn enact(store: &dyn Store, policy: Policy, now: Timestamp) -> Result<Enacted, Fault> {
    let rows = store.query(schema::NEXT_VERSION, &[])?;
    let row = rows
        .first()
        .ok_or(Fault::Corrupt("a tenant without a row of its own"))?;
    let enacted = Enacted {
        version: row.count(0)?,
        policy,
        updated_at: now,
    };
    let params = [
        enacted.policy.name().as_str().into(),
        rows::json(&enacted.policy)?.into(),
        enacted.version.into(),
        now.into(),
    ];
    store.query(schema::PUT, &params)?;
    Ok(enacted)
}

pub(crate) fn delete(store: &dyn Store, name: &Name) -> Result<(), Fault> {
    store.query(schema::DELETE, &[name.as_str().into()])?;
    Ok(())
}

fn enacted(row: &Row) -> Result<Enacted, Fault> {
    Ok(Enacted {
        policy: rows::from_json(row.text(0)?)?,
        version: row.count(1)?,
        updated_at: row.instant(2)?,
    })
}
