//! Why are sockets closed?

/// We leave because the server drains, or because nobody verifies any more.
pub(crate) const NORMAL: u16 = 1000;
/// Not this protocol: one side said what the other does not understand.
pub(crate) const PROTOCOL: u16 = 4400;
/// The token is no longer good.
pub(crate) const TOKEN: u16 = 4401;
/// Not allowed: scope or origin.
pub(crate) const FORBIDDEN: u16 = 4403;
/// Nothing came in time.
pub(crate) const SILENT: u16 = 4408;
/// The cursor is too old, and no snapshot was wanted.
pub(crate) const TOO_OLD: u16 = 4410;
/// Too many sockets, or frames too often.
pub(crate) const TOO_MANY: u16 = 4429;
