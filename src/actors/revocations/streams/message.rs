//! What can be asked about streams?

use crate::domain::{
    ids::{SetId, StreamId, TenantId},
    keys::Sealed,
    oauth::ClientId,
    outside::OutsideUrl,
    ssf::{Change, PollRequest, Refused, Source, StatusChange, Stream, Supplied, Topic, Waiting},
};
use serde::{Deserialize, Serialize};

/// A stream, as its receiver names it: to anybody else it does not exist.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StreamKey {
    /// Which.
    pub id: StreamId,
    /// Whose.
    pub client: ClientId,
}

/// Makes a stream. Founds the log.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreateStream {
    /// The tenant.
    pub tenant: TenantId,
    /// The stream, its id drawn by the gateway.
    pub stream: Box<Stream>,
    /// The header it is pushed with.
    pub header: Option<Sealed>,
    /// What its receiver took for granted.
    pub supplied: Box<Supplied>,
}

/// Answers what concerns one stream.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamRead {
    /// So it stands now.
    Found(Box<Stream>),
    /// This client has no such stream.
    Missing,
    /// The client has [`super::STREAMS_PER_CLIENT_MAX`] already.
    TooMany,
    /// The tenant has [`super::STREAMS_MAX`] already.
    Full,
    /// It cannot be so; the sentence names the member and its rule.
    Refused(String),
}

/// Reads one stream of a client, or all.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadStreams {
    /// Whose.
    pub client: ClientId,
    /// Which; all of them when `None`.
    pub id: Option<StreamId>,
}

/// Changes a stream.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangeStream {
    /// Which.
    pub key: StreamKey,
    /// What changes.
    pub change: Box<Change>,
    /// What its receiver took for granted.
    pub supplied: Box<Supplied>,
}

/// Deletes a stream with all that waits in it.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeleteStream {
    /// Which.
    pub key: StreamKey,
}

/// Enables, pauses or disables a stream.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetStreamStatus {
    /// Which.
    pub key: StreamKey,
    /// How it is to be.
    pub change: StatusChange,
}

/// Adds or removes a subject.
#[derive(Debug, Serialize, Deserialize)]
pub struct MuteStream {
    /// Which.
    pub key: StreamKey,
    /// The subject; `None` when we could never send anything about it.
    pub topic: Option<Topic>,
    /// Whether it is removed.
    pub is_muted: bool,
}

/// Answers [`DeleteStream`] and [`MuteStream`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamTouched {
    /// So it is now.
    Done,
    /// This client has no such stream.
    Missing,
    /// There are [`super::MUTES_MAX`] already.
    TooMany,
}

/// Puts a verification event into a stream.
#[derive(Debug, Serialize, Deserialize)]
pub struct VerifyStream {
    /// Which.
    pub key: StreamKey,
    /// What is to be repeated in it.
    pub state: Option<String>,
}

/// Answers [`VerifyStream`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamVerified {
    /// It is on its way.
    Done,
    /// This client has no such stream.
    Missing,
    /// Another one follows the last too soon.
    TooSoon {
        /// How long to wait.
        after_ms: i64,
    },
    /// The stream is disabled, or a socket's, and delivers nothing.
    Idle,
}

/// Fetches events, and says what became of those fetched before.
#[derive(Debug, Serialize, Deserialize)]
pub struct PollStream {
    /// Which.
    pub key: StreamKey,
    /// What is asked.
    pub request: PollRequest,
}

/// Answers [`PollStream`].
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Polled {
    /// This client has no such stream, or it is not for fetching.
    Missing,
    /// What waits.
    Sets {
        /// Of which stream.
        source: Source,
        /// The oldest events.
        sets: Vec<Waiting>,
        /// Whether there are more.
        more: bool,
    },
}

/// Takes what is to be pushed.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakeBatch {
    /// Of which stream.
    pub stream: StreamId,
    /// The batch that was announced.
    pub batch: u32,
}

/// Answers [`TakeBatch`].
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Batch {
    /// It is not, or no longer, to be pushed.
    Nothing,
    /// To be pushed, in this order.
    Push {
        /// Of which stream.
        source: Source,
        /// Where.
        target: OutsideUrl,
        /// With what.
        header: Option<Sealed>,
        /// What.
        sets: Vec<Waiting>,
    },
}

/// Says what became of a batch.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// What has arrived.
    pub taken: Vec<SetId>,
    /// What the receiver will never take.
    pub refused: Vec<Refused>,
    /// Why the rest must be tried again later.
    pub trouble: Option<String>,
}

/// Says what became of the batch that was taken.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReportBatch {
    /// Of which stream.
    pub stream: StreamId,
    /// Which batch.
    pub batch: u32,
    /// What became of it.
    pub report: Report,
}

/// Answers [`ReportBatch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted;
