//! How does a record reach the tenant's revocation log?
//!
//! Signed, once for each of the tenant's issuers: a resource server believes
//! the issuer whose tokens it takes, and no other.

use super::run::Trip;
use crate::{
    actors::{
        courier::{Announce, Carried},
        revocations::{Append, RETENTION_MS, Revocations, Signed},
        runtime::{Actors, Fault},
    },
    domain::{
        revocation::{Record, RevokedEvent, SetClaims, set::Events},
        token::jwt::Audience,
    },
    gateway::{mint, platform::Platform},
};

pub(super) async fn carry<P: Platform>(
    trip: &Trip<'_, P>,
    news: Announce,
) -> Result<Carried, Fault> {
    let sets = match signed(trip, &news.record).await? {
        Some(sets) => sets,
        // Nobody believes a tenant that is no more; its log must end all the same.
        None if news.is_last => Vec::new(),
        None => return Ok(Carried::Refused),
    };
    let append = Append {
        record: news.record,
        sets,
        retention_ms: RETENTION_MS,
        is_last: news.is_last,
    };
    let log = Revocations::address(trip.tenant);
    trip.mail.ask(&log, append).await?;
    Ok(Carried::Done)
}

/// The record's tokens; `None` when there is no such tenant.
async fn signed<P: Platform>(
    trip: &Trip<'_, P>,
    record: &Record,
) -> Result<Option<Vec<Signed>>, Fault> {
    let (gateway, now) = (trip.gateway, trip.now());
    let origins = gateway.origins(&trip.mail, trip.tenant, now).await?;
    let Some(origins) = origins else {
        return Ok(None);
    };
    let Some(event) = RevokedEvent::of(record) else {
        return Ok(Some(Vec::new()));
    };
    let settings = match gateway.configuration(&trip.mail, trip.tenant, now).await {
        Ok(known) => known.settings.clone(),
        Err(Fault::Absent) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let mut sets = Vec::new();
    for issuer in &origins.issuers {
        let audience = mint::audience_at(
            gateway.platform().settings(),
            &settings,
            issuer,
            origins.is_platform,
        );
        let claims = SetClaims {
            iss: issuer.clone(),
            aud: Audience::one(audience),
            iat: now,
            jti: record.id,
            txn: record.act,
            events: Events {
                revoked: event.clone(),
            },
        };
        sets.push(Signed {
            issuer: issuer.clone(),
            set: trip.sign(settings.access_token_alg, &claims).await?,
        });
    }
    Ok(Some(sets))
}
