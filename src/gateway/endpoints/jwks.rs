//! `/.well-known/jwks.json`: with which keys are this tenant's tokens verified?

use crate::{
    domain::keys::PublishedJwks,
    gateway::{http::Response, platform::Platform, trouble::Answer, visit::Visit},
};
use ::http::{StatusCode, header};

/// How long the answer may be kept. With the lease of the keys behind it, this
/// is what a rotation waits before a new key signs.
pub(super) const CACHEABLE: &str = "public, max-age=300";

/// Answers the key set, from memory while the lease of the keys runs.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let keys = visit.keys().await?;
    let published = PublishedJwks::new(keys.public().to_vec());
    let response = Response::json(StatusCode::OK, &published)?;
    Ok(response.with(header::CACHE_CONTROL, CACHEABLE))
}

#[cfg(test)]
mod tests {
    use super::CACHEABLE;
    use crate::{actors::jwks::ROTATION, domain::time::SECOND_MS};

    #[test]
    fn no_key_signs_before_every_cache_may_know_it() {
        let max_age_s = CACHEABLE.rsplit('=').next().unwrap();
        let kept_ms = max_age_s.parse::<i64>().unwrap() * SECOND_MS;
        assert!(kept_ms + ROTATION.lease_ms_max <= ROTATION.jwks_max_age_ms);
    }
}
