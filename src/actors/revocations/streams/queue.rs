//! What waits in a stream, and how does it leave?

use super::{
    BACK_OFF_MS_MAX, BATCH_MAX, Batch, LOST_MS, Noted, Report, ReportBatch, TakeBatch, WAITING_MAX,
    state::{self, Kept},
};
use crate::{
    actors::{
        courier::{Courier, Transmit},
        runtime::{Fault, Turn, jobs::back_off_ms},
    },
    domain::{
        entropy::draw,
        ids::{SetId, StreamId},
        revocation::{News, Record, What},
        session::EndReason,
        ssf::{About, Delivery, Event, Status, Tidings, Waiting, set, tidings},
    },
};

/// What every job of a stream's is called, before its id.
pub(super) const PUSH: &str = "push ";

/// Why a stream is disabled that holds too much.
const OVERFLOW: &str = "more events waited than are kept; those that did are lost";

fn job_of(stream: StreamId) -> String {
    format!("{PUSH}{stream}")
}

/// Puts a record into every stream that wants it; a client that is no more has
/// no streams either.
///
/// # Errors
/// When rows cannot be read or written.
pub(in crate::actors::revocations) fn fan_out(
    turn: &mut Turn<'_>,
    record: &Record,
) -> Result<(), Fault> {
    end_with_client(turn, record)?;
    for mut kept in state::all(turn.store)? {
        let is_idle = kept.stream.status == Status::Disabled;
        if is_idle || kept.stream.delivery == Delivery::Socket {
            continue;
        }
        for (nth, tidings) in tidings(record, kept.tenant).into_iter().enumerate() {
            if wants(turn, &kept, &tidings)? {
                let waiting = Waiting {
                    jti: set::jti(record.id, kept.stream.id, nth),
                    iat: turn.now,
                    txn: Some(record.act),
                    tidings,
                };
                put(turn, &mut kept, &waiting)?;
            }
        }
        if kept.failures == 0 {
            start(turn, &mut kept)?;
        }
        state::update(turn.store, &kept)?;
    }
    Ok(())
}

fn end_with_client(turn: &mut Turn<'_>, record: &Record) -> Result<(), Fault> {
    let News::Revoked(revoked) = &record.news else {
        return Ok(());
    };
    let What::Client { client_id, .. } = &revoked.what else {
        return Ok(());
    };
    if revoked.reason == EndReason::ClientDeleted {
        for kept in state::of(turn.store, client_id)? {
            remove(turn, &kept)?;
        }
    }
    Ok(())
}

/// Deletes a stream.
pub(super) fn remove(turn: &mut Turn<'_>, kept: &Kept) -> Result<(), Fault> {
    turn.effects.unschedule(&job_of(kept.stream.id));
    state::delete(turn.store, kept.stream.id)
}

fn wants(turn: &Turn<'_>, kept: &Kept, tidings: &Tidings) -> Result<bool, Fault> {
    if !kept.stream.delivers(tidings.event.kind()) {
        return Ok(false);
    }
    let topic = tidings.about.topic();
    let muted = topic.map(|topic| state::is_muted(turn.store, kept.stream.id, &topic));
    Ok(!muted.transpose()?.unwrap_or_default())
}

/// Puts an event behind those that wait. Where there is no more room, all that
/// waited is lost: the stream is disabled, and its last event says so (SSF §8.1.5).
pub(super) fn put(turn: &mut Turn<'_>, kept: &mut Kept, waiting: &Waiting) -> Result<(), Fault> {
    if kept.stream.status == Status::Disabled {
        return Ok(());
    }
    if kept.waiting < WAITING_MAX {
        return state::put(turn.store, kept, waiting);
    }
    state::clear(turn.store, kept)?;
    halt(turn, kept);
    kept.stream.status = Status::Disabled;
    kept.stream.reason = Some(OVERFLOW.to_owned());
    let last = own(
        turn,
        Event::StreamUpdated {
            status: Status::Disabled,
            reason: OVERFLOW.to_owned(),
        },
    );
    state::put(turn.store, kept, &last)
}

/// An event about the stream itself.
pub(super) fn own(turn: &mut Turn<'_>, event: Event) -> Waiting {
    Waiting {
        jti: SetId::generate(turn.entropy),
        iat: turn.now,
        txn: None,
        tidings: Tidings {
            about: About::Stream,
            event,
        },
    }
}

/// Announces the next batch to the courier, unless one is on its way or nothing
/// may go.
pub(super) fn start(turn: &mut Turn<'_>, kept: &mut Kept) -> Result<(), Fault> {
    let is_push = matches!(kept.stream.delivery, Delivery::Push(_));
    let may_go = is_push && kept.stream.status != Status::Paused && kept.waiting > 0;
    if !may_go || kept.sent_at.is_some() {
        return Ok(());
    }
    kept.batch = kept.batch.wrapping_add(1);
    kept.sent_at = Some(turn.now);
    let (stream, batch) = (kept.stream.id, kept.batch);
    let courier = Courier::address(kept.tenant);
    turn.effects.tell(&courier, Transmit { stream, batch })?;
    turn.effects
        .schedule(&job_of(stream), turn.now.plus(LOST_MS));
    Ok(())
}

/// Whatever is on its way is nobody's from now on, and earlier failures count
/// no more.
pub(super) fn halt(turn: &mut Turn<'_>, kept: &mut Kept) {
    kept.batch = kept.batch.wrapping_add(1);
    kept.sent_at = None;
    kept.failures = 0;
    turn.effects.unschedule(&job_of(kept.stream.id));
}

/// Hands a batch to whoever was told of it.
///
/// # Errors
/// When rows cannot be read.
pub(super) fn take(turn: &Turn<'_>, take: &TakeBatch) -> Result<Batch, Fault> {
    let kept = state::find(turn.store, take.stream)?;
    let is_current = |kept: &Kept| kept.batch == take.batch && kept.sent_at.is_some();
    let Some(kept) = kept.filter(is_current) else {
        return Ok(Batch::Nothing);
    };
    let Delivery::Push(target) = &kept.stream.delivery else {
        return Ok(Batch::Nothing);
    };
    Ok(Batch::Push {
        source: kept.stream.source(),
        target: target.clone(),
        sets: state::waiting(turn.store, take.stream, BATCH_MAX)?,
        header: kept.header,
    })
}

/// Takes in what became of a batch, and sends the next or waits. What arrived
/// has arrived, whichever batch it was in.
///
/// # Errors
/// When rows cannot be read or written.
pub(super) fn report(turn: &mut Turn<'_>, m: ReportBatch) -> Result<Noted, Fault> {
    let Some(mut kept) = state::find(turn.store, m.stream)? else {
        return Ok(Noted);
    };
    let is_current = kept.batch == m.batch && kept.sent_at.is_some();
    let trouble = m.report.trouble.clone();
    settle(turn, &mut kept, m.report)?;
    if is_current {
        kept.sent_at = None;
        match trouble {
            None => {
                kept.failures = 0;
                turn.effects.unschedule(&job_of(m.stream));
                start(turn, &mut kept)?;
            }
            Some(why) => {
                back_off(turn, &mut kept);
                kept.last_error = Some(why);
            }
        }
    }
    state::update(turn.store, &kept)?;
    Ok(Noted)
}

/// Forgets what was taken in or refused.
pub(super) fn settle(turn: &Turn<'_>, kept: &mut Kept, report: Report) -> Result<(), Fault> {
    for jti in report.taken {
        state::forget(turn.store, kept, jti)?;
    }
    for refused in report.refused {
        if state::forget(turn.store, kept, refused.jti)? {
            kept.last_error = Some(format!("refused {}: {}", refused.jti, refused.why));
        }
    }
    Ok(())
}

fn back_off(turn: &mut Turn<'_>, kept: &mut Kept) {
    let [chance] = draw(turn.entropy);
    let wait = back_off_ms(kept.failures, chance).min(BACK_OFF_MS_MAX);
    kept.failures = kept.failures.saturating_add(1);
    turn.effects
        .schedule(&job_of(kept.stream.id), turn.now.plus(wait));
}

/// Tries a stream again whose time to wait is over, or whose batch was lost.
///
/// # Errors
/// When rows cannot be read or written.
pub(super) fn try_again(turn: &mut Turn<'_>, name: &str) -> Result<(), Fault> {
    let id = name.strip_prefix(PUSH).map(StreamId::parse);
    let Some(Ok(id)) = id else {
        return Err(Fault::Corrupt("a job of no stream's"));
    };
    let Some(mut kept) = state::find(turn.store, id)? else {
        return Ok(());
    };
    if kept.sent_at.take().is_some() {
        kept.last_error = Some("nobody said what became of a batch".to_owned());
    }
    start(turn, &mut kept)?;
    state::update(turn.store, &kept)
}
