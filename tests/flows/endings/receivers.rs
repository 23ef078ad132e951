//! Do receivers of Shared Signals hear of it, once, however it reaches them
//! (RFC 8935, RFC 8936)?

use super::Path;
use crate::support::{
    receiver::{Delivery, Receiver},
    tenant::TenantSite,
};
use serde_json::{Value, json};
use std::{cell::RefCell, rc::Rc};

const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const CHANGED: &str = "https://schemas.openid.net/secevent/caep/event-type/credential-change";

/// One receiver that is sent its events, and one that fetches them.
pub(super) struct Receivers<'a> {
    /// What was sent.
    pushed: Rc<RefCell<Vec<Delivery>>>,
    /// Who fetches, and from which stream.
    polling: (Receiver<'a>, String),
}

impl<'a> Receivers<'a> {
    pub(super) fn new(tenant: &'a TenantSite<'a>) -> Self {
        let receiver = Receiver::new(tenant);
        let pushed = receiver.listen_gladly();
        receiver.push_stream();
        let polling = Receiver::new(tenant);
        let stream = polling.poll_stream();
        Self {
            pushed,
            polling: (polling, stream),
        }
    }

    /// Checks that both were told of `act`, and of nothing else.
    pub(super) fn were_told(&self, path: &Path, sub: &str, act: &str) {
        let pushed: Vec<Value> = self.pushed.borrow().iter().map(Delivery::claims).collect();
        check("push", &pushed, path, (sub, act));
        match self.fetched() {
            Some(fetched) => {
                assert!(!path.gone);
                check("poll", &fetched, path, (sub, act));
            }
            None => assert!(path.gone, "there is nobody to ask"),
        }
    }

    /// What waits to be fetched, and is gone once it was; `None` when the tenant
    /// is no more.
    fn fetched(&self) -> Option<Vec<Value>> {
        let (receiver, stream) = &self.polling;
        // Some paths take longer than an administrator's token lives.
        let tenant = TenantSite::existing(receiver.tenant.site, &receiver.tenant.slug);
        if tenant.admin("GET", "", &Value::Null).status == 404 {
            return None;
        }
        // Of a suspended tenant nothing can be fetched until it answers again.
        let live = json!({"status": "live"});
        tenant.admin("PATCH", "", &live).expect(200);
        let poll = |ack: &[&Value]| {
            let body = json!({"returnImmediately": true, "ack": ack});
            Receiver::fetched(&receiver.poll(stream, &body).expect(200))
        };
        let fetched = poll(&[]);
        let ids: Vec<&Value> = fetched.iter().map(|claims| &claims["jti"]).collect();
        assert!(poll(&ids).is_empty());
        Some(fetched)
    }
}

/// One event for the sessions that ended, none where less than a session did,
/// and one for a credential that changed.
fn check(how: &str, told: &[Value], path: &Path, (sub, act): (&str, &str)) {
    let of = |uri: &str| -> Vec<&Value> {
        let is_it = |claims: &&Value| claims["events"].get(uri).is_some();
        told.iter().filter(is_it).collect()
    };
    let (revoked, changed) = (of(REVOKED), of(CHANGED));
    assert_eq!(told.len(), revoked.len() + changed.len(), "{how}: {told:?}");
    assert_eq!(
        (revoked.len(), changed.len()),
        (
            usize::from(path.ends_sessions()),
            usize::from(path.credential)
        ),
        "{how}: {told:?}"
    );
    assert!(told.iter().all(|claims| claims["txn"] == act), "{how}");
    if let [claims] = revoked.as_slice() {
        assert_eq!(claims["events"][REVOKED]["reason_admin"]["en"], path.why);
        let subject = &claims["sub_id"];
        let is_tenant = !subject["tenant"].is_null();
        assert_eq!(is_tenant, path.kind == "tenant", "{how}: {subject}");
        assert!(is_tenant || subject["user"]["sub"] == sub, "{how}");
    }
}
