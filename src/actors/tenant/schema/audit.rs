//! Which statements touch records of acts?

pub(crate) const APPEND: &str = "INSERT INTO audit (at_ms, document) VALUES (?, ?)";
/// One goes for each that comes when there are as many as may be.
pub(crate) const BOUND: &str =
    "DELETE FROM audit WHERE seq <= (SELECT MAX(seq) FROM audit) - CAST(? AS INTEGER)";
/// What is asked for is looked for in the documents, a bounded stretch of them at a
/// time: an index for each question would cost every act a row.
pub(crate) const PAGE: &str = "SELECT seq, document FROM audit WHERE seq < ? AND seq >= ? \
     AND at_ms >= ? AND at_ms < ? \
     AND ? IN ('', json_extract(document, '$.event')) \
     AND ? IN ('', json_extract(document, '$.origin.actor.id')) \
     AND ? IN ('', json_extract(document, '$.outcome')) ORDER BY seq DESC LIMIT ?";
pub(crate) const TOP: &str = "SELECT MAX(seq) FROM audit";
pub(crate) const IS_OLDER: &str = "SELECT 1 FROM audit WHERE seq < ? AND at_ms >= ? LIMIT 1";
/// The next the archive has not been told of.
pub(crate) const UNARCHIVED: &str = "SELECT seq, document FROM audit \
     WHERE seq > (SELECT archived_seq FROM tenant) ORDER BY seq LIMIT ?";
pub(crate) const ARCHIVED: &str = "UPDATE tenant SET archived_seq = ?";
pub(crate) const OLDEST: &str = "SELECT MIN(at_ms) FROM audit";
pub(crate) const EXPIRE: &str = "DELETE FROM audit WHERE seq IN \
     (SELECT seq FROM audit WHERE at_ms <= ? ORDER BY at_ms LIMIT ?)";
