//! Which rows do streams keep?

pub(super) const COUNT: &str = "SELECT COUNT(*) FROM stream";
pub(super) const COUNT_OF_CLIENT: &str = "SELECT COUNT(*) FROM stream WHERE client = ?";
pub(super) const INSERT: &str = "INSERT INTO stream \
     (id, client, tenant, document, header, next, waiting, batch, failures) \
     VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0)";
pub(super) const FIND: &str = "SELECT tenant, document, header, verified_ms, next, waiting, \
     batch, sent_ms, failures, last_error FROM stream WHERE id = ?";
pub(super) const ALL: &str = "SELECT tenant, document, header, verified_ms, next, waiting, \
     batch, sent_ms, failures, last_error FROM stream ORDER BY id";
pub(super) const OF_CLIENT: &str = "SELECT tenant, document, header, verified_ms, next, waiting, \
     batch, sent_ms, failures, last_error FROM stream WHERE client = ? ORDER BY id";
pub(super) const UPDATE: &str = "UPDATE stream SET document = ?, header = ?, verified_ms = ?, \
     next = ?, waiting = ?, batch = ?, sent_ms = ?, failures = ?, last_error = ? WHERE id = ?";
pub(super) const DELETE: &str = "DELETE FROM stream WHERE id = ?";

pub(super) const PUT: &str = "INSERT INTO stream_set (stream, seq, jti, document) \
     VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq";
pub(super) const WAITING: &str =
    "SELECT document FROM stream_set WHERE stream = ? ORDER BY seq LIMIT ?";
pub(super) const DROP: &str = "DELETE FROM stream_set WHERE stream = ? AND jti = ? RETURNING seq";
pub(super) const CLEAR: &str = "DELETE FROM stream_set WHERE stream = ?";

pub(super) const IS_MUTED: &str = "SELECT 1 FROM stream_mute WHERE stream = ? AND topic = ?";
pub(super) const MUTES: &str = "SELECT topic FROM stream_mute WHERE stream = ? ORDER BY topic";
pub(super) const COUNT_MUTES: &str = "SELECT COUNT(*) FROM stream_mute WHERE stream = ?";
pub(super) const MUTE: &str =
    "INSERT INTO stream_mute (stream, topic) VALUES (?, ?) ON CONFLICT DO NOTHING";
pub(super) const UNMUTE: &str = "DELETE FROM stream_mute WHERE stream = ? AND topic = ?";
pub(super) const CLEAR_MUTES: &str = "DELETE FROM stream_mute WHERE stream = ?";
