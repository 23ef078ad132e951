//! `/admin/v1/archive/{shelf}`: what became of what is no more?
//!
//! The only readers of the archive: whatever they find, nobody is let in by it.

use super::{
    page::{self, List},
    place,
    shown::{Instant, ok},
};
use crate::{
    actors::archive::Shelf,
    archive::{ArchiveFault, Search, page as read},
    domain::{calendar, ids::TenantId, oauth::OAuthError, time::Timestamp},
    gateway::{
        log,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use serde_json::{Map, Value};

/// Seconds after which an archive that failed is worth another try.
const RETRY_AFTER_S: i64 = 5;

/// Lists the records of a shelf, latest first, by whom, what and when.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, shelf: &str) -> Answer {
    let shelf = Shelf::named(shelf)
        .ok_or_else(|| Problem::new(404, "unknown-shelf", "The archive has no such records."))?;
    if !shelf.is_held() {
        place::only_operators(visit)?;
    }
    let wanted = page::wanted(visit)?;
    let before = wanted.after_as(|key| {
        let (at, id) = key.split_once('/').ok_or(())?;
        Ok::<_, ()>((at.parse().map_err(drop)?, id.to_owned()))
    })?;
    let search = Search {
        shelf,
        tenant: tenant(visit).await?,
        user: one(visit, "user")?,
        event: one(visit, "event")?,
        from: when(visit, "from")?,
        to: when(visit, "to")?,
        before,
        limit: wanted.limit.saturating_add(1),
    };
    if !search.is_possible() {
        let detail = "These records cannot be looked for by that.";
        return Err(Problem::new(400, "invalid-filter", detail).into());
    }
    let answer = visit.platform().archive(search.statements()).await;
    let found = answer.and_then(|answer| read(&answer));
    let mut found = found.map_err(|fault| unavailable(visit, &fault))?;
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| has_more);
    let next_cursor = last.map(|item| page::cursor(&format!("{}/{}", item.key.0, item.key.1)));
    let items = found.into_iter().map(|item| shown(item.document));
    ok(&List {
        items: items.collect(),
        next_cursor,
    })
}

fn one<P: Platform>(visit: &Visit<'_, P>, name: &'static str) -> Result<Option<String>, Trouble> {
    let query = visit.query()?;
    let value = query.one(name).map_err(OAuthError::from)?;
    Ok(value.map(str::to_owned))
}

fn when<P: Platform>(
    visit: &Visit<'_, P>,
    name: &'static str,
) -> Result<Option<Timestamp>, Trouble> {
    let Some(text) = one(visit, name)? else {
        return Ok(None);
    };
    let at = calendar::instant(&text);
    at.map(Some).ok_or_else(|| {
        let detail = format!("{name} must be an instant as in RFC 3339.");
        Problem::new(400, "invalid-instant", detail).into()
    })
}

/// Whose records: an id also of a tenant that is no more, a slug only of one that
/// is there. At a tenant's own origin there are no others.
async fn tenant<P: Platform>(visit: &Visit<'_, P>) -> Result<Option<String>, Trouble> {
    let name = one(visit, "tenant")?;
    let own = || (!visit.home.is_platform).then(|| visit.home.id.to_string());
    let Some(name) = name.or_else(own) else {
        return Ok(None);
    };
    if visit.home.is_platform && TenantId::parse(&name).is_ok() {
        return Ok(Some(name));
    }
    let place = place::find(visit, &name).await?;
    Ok(Some(place.id().to_string()))
}

fn unavailable<P: Platform>(visit: &Visit<'_, P>, fault: &ArchiveFault) -> Trouble {
    if *fault == ArchiveFault::Missing {
        let detail = "This deployment keeps no archive.";
        return Problem::new(503, "no-archive", detail).into();
    }
    log::failed(visit, "archive.unanswered", None, fault);
    let problem = Problem::new(503, "archive-unavailable", "The archive does not answer.");
    Problem {
        retry_after_s: Some(RETRY_AFTER_S),
        ..problem
    }
    .into()
}

/// A record as the rest of this API shows the same: times as people read them,
/// and where an act came from beside what it was.
fn shown(record: Value) -> Value {
    let Value::Object(members) = record else {
        return record;
    };
    let mut object = Map::new();
    for (name, value) in members {
        match value {
            Value::Object(origin) if name == "origin" => object.extend(origin),
            Value::Number(at) if name == "at" || name.ends_with("_at") => {
                let at = at.as_i64().map(Timestamp::from_millis);
                object.insert(name, at.and_then(|at| Instant(at).text()).into());
            }
            value => {
                object.insert(name, shown(value));
            }
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_is_shown_as_elsewhere() {
        let record = json!({
            "id": "x", "at": 0, "began_at": 1_000, "used_at": null,
            "authentication": {"at": 2_000, "amr": ["pwd"]},
            "origin": {"actor": {"id": "y"}, "address": null},
        });
        let expected = json!({
            "id": "x", "at": "1970-01-01T00:00:00Z", "began_at": "1970-01-01T00:00:01Z",
            "used_at": null, "authentication": {"at": "1970-01-01T00:00:02Z", "amr": ["pwd"]},
            "actor": {"id": "y"}, "address": null,
        });
        assert_eq!(shown(record), expected);
    }
}
