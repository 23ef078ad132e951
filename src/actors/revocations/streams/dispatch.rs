//! Which function answers a message about streams, and does a job of theirs?

use super::{handler, queue, reseal};
use crate::{
    actors::{
        revocations::{Message, Reply},
        runtime::{Fault, Turn},
    },
    domain::keys::MasterKeys,
};

/// Answers a message about streams.
///
/// # Errors
/// When rows cannot be read or written.
pub(in crate::actors::revocations) fn answer(
    turn: &mut Turn<'_>,
    message: Message,
) -> Result<Reply, Fault> {
    Ok(match message {
        Message::CreateStream(m) => Reply::CreateStream(handler::create(turn, m)?),
        Message::ReadStreams(m) => Reply::ReadStreams(handler::read(turn, &m)?),
        Message::ChangeStream(m) => Reply::ChangeStream(handler::change(turn, m)?),
        Message::DeleteStream(m) => Reply::DeleteStream(handler::delete(turn, &m)?),
        Message::SetStreamStatus(m) => Reply::SetStreamStatus(handler::set_status(turn, m)?),
        Message::MuteStream(m) => Reply::MuteStream(handler::mute(turn, &m)?),
        Message::VerifyStream(m) => Reply::VerifyStream(handler::verify(turn, m)?),
        Message::PollStream(m) => Reply::PollStream(handler::poll(turn, m)?),
        Message::TakeBatch(m) => Reply::TakeBatch(queue::take(turn, &m)?),
        Message::ReportBatch(m) => Reply::ReportBatch(queue::report(turn, m)?),
        Message::Append(_) | Message::Attach(_) => {
            return Err(Fault::Corrupt("a message about no stream"));
        }
    })
}

/// Whether a job is one of ours.
pub(in crate::actors::revocations) fn is_job(name: &str) -> bool {
    name == reseal::RESEAL || name.starts_with(queue::PUSH)
}

/// Does a job of the streams'.
///
/// # Errors
/// When rows cannot be read or written.
pub(in crate::actors::revocations) fn job(
    turn: &mut Turn<'_>,
    name: &str,
    keys: &MasterKeys,
) -> Result<(), Fault> {
    if name == reseal::RESEAL {
        return reseal::reseal(turn, keys);
    }
    queue::try_again(turn, name)
}
