//! How much does one log hold, and for how long?

use crate::{
    actors::{runtime::inbox, session::ACCESS_LIFE_MS_MAX},
    domain::{
        revocation::listener::Pace,
        time::{HOUR_MS, MINUTE_MS, SECOND_MS},
    },
};

/// How long a record is kept: for the longest life of an access token, and an
/// hour for those who were away.
pub const RETENTION_MS: i64 = ACCESS_LIFE_MS_MAX + HOUR_MS;

/// How long the token of a record may still be sent, and be verified by whoever
/// gets it: the key that signed it must be published for so long.
pub const SET_LIFE_MS_MAX: i64 = RETENTION_MS + MINUTE_MS;

/// How long a record's id is remembered, so that it stands once: longer than
/// any outbox tries.
pub const EVENT_MEMORY_MS: i64 = inbox::MEMORY_MS;

/// Feeds open at a time. The platform takes 32,768 sockets; the rest is for
/// those that are still closing.
pub const FEEDS_MAX: usize = 30_000;

/// Feeds of one client: a third, so that no client shuts all others out.
pub const FEEDS_PER_CLIENT_MAX: usize = 10_000;

/// How long somebody is refused by a count of feeds before they are counted
/// again: as long as whoever is refused is asked to wait, at the least.
pub const RECOUNT_MS: i64 = 15 * SECOND_MS;

/// Records a client may have missed and still gets one by one; more are sooner
/// told as a snapshot.
pub const REPLAY_MAX: usize = 256;

/// Records a client may have been sent and not acknowledged. A host keeps what
/// a slow client has not read, in memory that many actors share.
pub const UNACKED_MAX: u32 = 256;

/// All feeds are looked through for slow ones once in so many records, so that
/// an append costs the same whoever listens.
pub const AUDIT_EVERY: i64 = 64;

/// Bytes of records in force that are told in one turn: some fifty thousand
/// records. Whoever starts while there are more is sent away for a while.
pub const SNAPSHOT_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Records read at a time for a snapshot.
pub const SNAPSHOT_PAGE: u32 = 1_000;

/// How long a snapshot serves others who start: a host that went away brings
/// all of them back within half a minute.
pub const SNAPSHOT_MS_MAX: i64 = 5 * SECOND_MS;

/// Bytes of a snapshot worth keeping for that.
pub const SNAPSHOT_KEPT_BYTES_MAX: usize = 1_024 * 1_024;

/// How long before its token expires a feed is asked to come back with another.
/// Those that came together, as after a deploy, would be closed together at
/// every expiry; so they part, and a thousand a second are what one log serves.
pub const DRAIN_MS: i64 = 30 * SECOND_MS;

/// Feeds whose tokens expire shortly after one another are closed together.
pub const EXPIRY_PAUSE_MS: i64 = 10 * SECOND_MS;

/// How fast a client may speak: twenty frames a second are many more than
/// acknowledgements need.
pub const FEED_PACE: Pace = Pace {
    frame_ms: 50,
    at_once: 1_024,
};

/// Records purged in one turn.
pub const PURGED_PER_TURN: u32 = 1_000;

/// How long the rest of a purge that was too much for one turn waits.
pub const PURGE_AGAIN_MS: i64 = SECOND_MS;

/// How long a purge waits for more to purge.
pub const PURGE_PAUSE_MS: i64 = 10 * MINUTE_MS;
