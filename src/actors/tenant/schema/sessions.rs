//! Which statements touch the index of sessions?

pub(crate) const OWNER: &str = "SELECT user FROM session WHERE id = ?";
pub(crate) const RESERVE: &str = "INSERT INTO session \
     (id, user, device, began_ms, is_confirmed) VALUES (?, ?, ?, ?, 0)";
pub(crate) const CONFIRM: &str = "UPDATE session SET is_confirmed = 1 WHERE id = ? RETURNING id";
pub(crate) const NOTE_USE: &str = "UPDATE session SET used_ms = ?, seen = ? WHERE id = ?";
pub(crate) const REMOVE: &str = "DELETE FROM session WHERE id = ?";
pub(crate) const OF_USER: &str = "SELECT id FROM session WHERE user = ? ORDER BY began_ms";
/// Those whose beginning was never heard of come first, then the oldest.
pub(crate) const TO_GIVE_WAY: &str = "SELECT id FROM session WHERE user = ? \
     ORDER BY is_confirmed = 0 AND began_ms <= ? DESC, began_ms, id";
pub(crate) const LIST: &str = "SELECT id, device, began_ms, used_ms, seen FROM session \
     WHERE user = ? AND (is_confirmed = 1 OR began_ms > ?) ORDER BY began_ms DESC, id LIMIT ?";
pub(crate) const BEGUN_UNTIL: &str =
    "SELECT id FROM session WHERE began_ms <= ? ORDER BY began_ms LIMIT ?";
pub(crate) const AFTER: &str = "SELECT id FROM session WHERE id > ? ORDER BY id LIMIT ?";
pub(crate) const DROP_RESERVATIONS: &str =
    "DELETE FROM session WHERE is_confirmed = 0 AND began_ms <= ?";
pub(crate) const OLDEST_RESERVATION: &str =
    "SELECT MIN(began_ms) FROM session WHERE is_confirmed = 0";
