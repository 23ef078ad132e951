//! What is told to a console that listens?
//!
//! Over a socket of the subprotocol `aero2.live.v1`, one JSON object in a frame
//! (`docs/observability.md`). Times are milliseconds since the epoch, except in a
//! record, which is shown as the admin API shows it.

use super::{
    audit::{Record, Shown},
    ids::{SessionId, TenantId, UserId},
    line::Line,
    tenant::Slug,
    time::Timestamp,
};

/// The subprotocol's name.
pub const SUBPROTOCOL: &str = "aero2.live.v1";

/// What a subprotocol begins with that carries an access token: a page can give
/// a socket no header.
pub const BEARER: &str = "bearer.";

/// How many of a kind of actor there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<'a> {
    /// Which kind.
    pub kind: &'a str,
    /// Those that live.
    pub live: u64,
    /// Those that have ended and are still known.
    pub ended: u64,
}

fn frame(kind: &str, at: Timestamp) -> Line {
    Line::of("type", kind).json("at", at.as_millis())
}

/// The first frame.
#[must_use]
pub fn hello(now: Timestamp) -> String {
    frame("hello", now).end()
}

/// A record of an act, as it is kept. One that cannot be written is not told.
#[must_use]
pub fn act(record: &Record) -> Option<String> {
    let shown = serde_json::to_string(&Shown::from(record.clone())).ok()?;
    Some(Line::of("type", "act").json("record", shown).end())
}

/// A session has begun or ended.
#[must_use]
pub fn session(has_begun: bool, sid: SessionId, sub: UserId, at: Timestamp) -> String {
    let what = if has_begun { "began" } else { "ended" };
    let frame = frame("session", at).text("what", what);
    let frame = frame.text("sid", &sid.to_string());
    frame.text("sub", &sub.to_string()).end()
}

/// What a gateway has counted of a policy since it last told.
#[must_use]
pub fn usage(policy: &str, (admitted, refused): (u32, u32), at: Timestamp) -> String {
    let frame = frame("usage", at).text("policy", policy);
    let frame = frame.json("admitted", admitted);
    frame.json("refused", refused).end()
}

/// A tenant was `created`, `changed` or `deleted`.
#[must_use]
pub fn tenant(what: &str, id: TenantId, slug: &Slug, at: Timestamp) -> String {
    let frame = frame("tenant", at).text("what", what);
    let frame = frame.text("tenant", &id.to_string());
    frame.text("slug", slug.as_str()).end()
}

/// How many actors there are, by kind.
#[must_use]
pub fn counts(items: &[Count<'_>], at: Timestamp) -> String {
    let item = |count: &Count<'_>| {
        let item = Line::of("kind", count.kind).json("live", count.live);
        item.json("ended", count.ended).end()
    };
    let items: Vec<String> = items.iter().map(item).collect();
    let items = format!("[{}]", items.join(","));
    frame("counts", at).json("items", items).end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(7);

    #[test]
    fn frames_are_spelled_as_the_contract_says() {
        let (sid, sub) = (SessionId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        assert_eq!(hello(AT), r#"{"type":"hello","at":7}"#);
        assert_eq!(
            session(true, sid, sub, AT),
            format!(r#"{{"type":"session","at":7,"what":"began","sid":"{sid}","sub":"{sub}"}}"#)
        );
        assert!(session(false, sid, sub, AT).contains(r#""what":"ended""#));
        assert_eq!(
            usage("own.sign_in", (3, 1), AT),
            r#"{"type":"usage","at":7,"policy":"own.sign_in","admitted":3,"refused":1}"#
        );
        let id = TenantId::from_bytes([3; 16]);
        let slug = Slug::parse("acme").unwrap();
        assert_eq!(
            tenant("created", id, &slug, AT),
            format!(r#"{{"type":"tenant","at":7,"what":"created","tenant":"{id}","slug":"acme"}}"#)
        );
        let count = Count {
            kind: "session",
            live: 2,
            ended: 1,
        };
        assert_eq!(
            counts(
                &[
                    count,
                    Count {
                        kind: "tenant",
                        ..count
                    }
                ],
                AT
            ),
            r#"{"type":"counts","at":7,"items":[{"kind":"session","live":2,"ended":1},{"kind":"tenant","live":2,"ended":1}]}"#
        );
    }
}
