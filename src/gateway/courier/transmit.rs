//! How do events reach the receiver of a stream ([RFC 8935])?
//!
//! One after the other, in order, and none after one that did not arrive. What
//! became of them, the stream is told; a fault is only that it could not be.
//!
//! [RFC 8935]: https://www.rfc-editor.org/rfc/rfc8935

use super::run::Trip;
use crate::{
    actors::{
        courier::{Carried, Transmit},
        revocations::{Batch, Report, ReportBatch, Revocations, TakeBatch},
        runtime::{Actors, Fault},
    },
    domain::{
        keys::{Algorithm, Purpose, Sealed},
        outside::OutsideUrl,
        secret::Secret,
        ssf::{
            Refused, Source, Waiting,
            push::{Outcome, outcome},
            stream::header_owner,
        },
        time::SECOND_MS,
    },
    gateway::{outside::Post, platform::Platform},
};
use ::http::{HeaderName, header};

/// After so long, no further event is begun: with the last one's own time, a
/// delivery ends before whoever asked for it stops waiting.
const BEGIN_MS_MAX: i64 = 3 * SECOND_MS;

const MEDIA_TYPE: &str = "application/secevent+jwt";

type Headers = Vec<(HeaderName, Secret<String>)>;

pub(super) async fn carry<P: Platform>(
    trip: &Trip<'_, P>,
    news: Transmit,
) -> Result<Carried, Fault> {
    let log = Revocations::address(trip.tenant);
    let Transmit { stream, batch } = news;
    let taken = trip.mail.ask(&log, TakeBatch { stream, batch }).await;
    let taken = match taken {
        // The tenant is no more, and with it its streams.
        Err(Fault::Absent) => Batch::Nothing,
        other => other?,
    };
    let Batch::Push {
        source,
        target,
        header,
        sets,
    } = taken
    else {
        return Ok(Carried::Refused);
    };
    let report = match headers(trip, &source, header.as_ref()) {
        Ok(headers) => push(trip, &source, &target, &headers, &sets).await,
        Err(why) => Report {
            trouble: Some(why),
            ..Report::default()
        },
    };
    let report = ReportBatch {
        stream,
        batch,
        report,
    };
    trip.mail.ask(&log, report).await?;
    Ok(Carried::Done)
}

fn headers<P: Platform>(
    trip: &Trip<'_, P>,
    source: &Source,
    sealed: Option<&Sealed>,
) -> Result<Headers, String> {
    let plain = |text: &str| Secret::new(text.to_owned());
    let mut headers = vec![
        (header::CONTENT_TYPE, plain(MEDIA_TYPE)),
        (header::ACCEPT, plain("application/json")),
    ];
    if let Some(sealed) = sealed {
        let keys = &trip.gateway.platform().settings().master_keys;
        let owner = header_owner(trip.tenant, source.stream);
        let opened = keys.open(Purpose::StreamHeader, &owner, sealed);
        let opened = opened.map_err(|why| format!("the authorization header is {why}"))?;
        let text = String::from_utf8(opened.expose().clone());
        let text = text.map_err(|_| "the authorization header is not text".to_owned())?;
        headers.push((header::AUTHORIZATION, Secret::new(text)));
    }
    Ok(headers)
}

async fn push<P: Platform>(
    trip: &Trip<'_, P>,
    source: &Source,
    target: &OutsideUrl,
    headers: &Headers,
    sets: &[Waiting],
) -> Report {
    let mut report = Report::default();
    let began = trip.now();
    for waiting in sets {
        if trip.now().since(began) > BEGIN_MS_MAX {
            break;
        }
        let jti = waiting.jti;
        match push_one(trip, source, target, headers, waiting).await {
            Outcome::Taken => report.taken.push(jti),
            Outcome::Refused(why) => report.refused.push(Refused { jti, why }),
            Outcome::Later(why) => {
                report.trouble = Some(why);
                break;
            }
        }
    }
    report
}

async fn push_one<P: Platform>(
    trip: &Trip<'_, P>,
    source: &Source,
    target: &OutsideUrl,
    headers: &Headers,
    waiting: &Waiting,
) -> Outcome {
    let Some(url) = target.url() else {
        return Outcome::Later("its address cannot be read".to_owned());
    };
    let signed = trip.sign(Algorithm::Rs256, &waiting.claims(source)).await;
    let Ok(set) = signed else {
        return Outcome::Later("the event could not be signed".to_owned());
    };
    let post = Post {
        url,
        headers: headers.clone(),
        body: set.into_bytes(),
    };
    match trip.gateway.platform().post(post).await {
        Ok(posted) => outcome(posted.status.as_u16(), &posted.body),
        Err(why) => Outcome::Later(why.to_string()),
    }
}
