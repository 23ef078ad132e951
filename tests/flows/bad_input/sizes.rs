//! What is too large for every endpoint alike?

use super::{
    atlas::{EVIL, Ground},
    sound::Findings,
};
use crate::support::{Site, call::encoded};
use aero2::gateway::http::{BODY_BYTES_MAX, TARGET_BYTES_MAX};

flows! {
    /// RFC 9110 §15.5.14.
    fn a_body_over_the_limit_is_413_everywhere(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for stop in ground.stops().iter().filter(|stop| stop.method != "GET") {
            for media_type in ["application/x-www-form-urlencoded", "application/json", ""] {
                let mut call = ground.call(stop);
                if !media_type.is_empty() {
                    call = call.header("content-type", media_type);
                }
                call.body = vec![b'a'; BODY_BYTES_MAX + 1];
                let reply = site.send(&call);
                findings.sound(stop, "64 KiB and one", &call, &reply);
                findings.same(&format!("{stop:?} {media_type}"), reply.status, 413);
            }
        }
        findings.none();
    }

    /// RFC 9110 §15.5.15.
    fn a_target_over_the_limit_is_414_everywhere(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let pad = encoded(EVIL).repeat(TARGET_BYTES_MAX / EVIL.len());
        for stop in ground.stops() {
            for query in [format!("?pad={pad}"), format!("?{pad}"), format!("?state={pad}")] {
                let mut call = ground.call(&stop);
                call.url.push_str(&query);
                let reply = site.send(&call);
                findings.sound(&stop, "a long target", &call, &reply);
                findings.same(&format!("{stop:?}"), reply.status, 414);
            }
        }
        findings.none();
    }

    fn a_long_path_is_414_or_nowhere(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for stop in ground.stops() {
            let mut call = ground.call(&stop);
            call.url.push_str(&"/a".repeat(TARGET_BYTES_MAX / 2));
            let reply = site.send(&call);
            findings.sound(&stop, "a long path", &call, &reply);
            findings.same(&format!("{stop:?}"), reply.status, 414);
        }
        findings.none();
    }
}
