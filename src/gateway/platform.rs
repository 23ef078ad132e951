//! What does the gateway need from its host?

use super::{
    http::Response,
    log::{Level, Point},
    outside::{Post, PostFault, Posted},
    settings::Settings,
};
use crate::{
    actors::runtime::{Fault, Transport},
    archive::ArchiveFault,
    domain::{entropy::Entropy, keys::Crypto, time::Timestamp},
};
use ::http::HeaderValue;

/// The host, as the gateway sees it: a Worker, or a test's world.
pub trait Platform {
    /// The way to the actors.
    type Transport: Transport;
    /// The host's signatures.
    type Crypto: Crypto;

    /// The clock.
    fn now(&self) -> Timestamp;

    /// Unpredictable bytes.
    fn entropy(&self) -> impl Entropy;

    /// A way to the actors, for one request.
    fn transport(&self) -> Self::Transport;

    /// The host's signatures.
    fn crypto(&self) -> &Self::Crypto;

    /// Waits. The caller bounds for how long.
    fn pause(&self, millis: i64) -> impl Future<Output = ()>;

    /// Sends something to somebody else's server, following no redirect and
    /// reaching no private address.
    ///
    /// # Errors
    /// When no whole answer comes in time.
    fn post(&self, post: Post) -> impl Future<Output = Result<Posted, PostFault>>;

    /// Has the archive's database do these statements, all or none; answers the
    /// rows that each has found ([`crate::archive`]).
    ///
    /// # Errors
    /// When there is none, or it fails.
    fn archive(&self, statements: String) -> impl Future<Output = Result<String, ArchiveFault>>;

    /// Opens a file that was deployed with the program: 200 with its `ETag`,
    /// 304 when that is `known`, or 404.
    ///
    /// # Errors
    /// When the host has no files.
    fn file(
        &self,
        name: &str,
        known: Option<&HeaderValue>,
    ) -> impl Future<Output = Result<Response, Fault>>;

    /// A socket to nobody: these frames, then closed with this code. A page
    /// whose upgrade is refused would see no reason.
    fn socket_to_nobody(
        &self,
        frames: Vec<String>,
        code: u16,
        reason: &'static str,
    ) -> <Self::Transport as Transport>::Socket;

    /// The deployment's settings.
    fn settings(&self) -> &Settings;

    /// Writes one line to the operator's log, a JSON object. It holds ids, never
    /// a secret, with one exception, which is a line for people: the first
    /// administrator's set-up link.
    fn log(&self, level: Level, line: &str);

    /// Whether somebody collects what [`Platform::measure`] tells.
    fn measures(&self) -> bool {
        false
    }

    /// Counts an answer.
    fn measure(&self, _: &Point) {}
}
