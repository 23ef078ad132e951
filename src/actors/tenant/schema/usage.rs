//! Which statements touch what gateways have counted?

pub(crate) const ADD: &str = "INSERT INTO usage \
     (policy, minute_ms, admitted, refused, shadow_refused, degraded) VALUES (?, ?, ?, ?, ?, ?) \
     ON CONFLICT (policy, minute_ms) DO UPDATE SET \
     admitted = MIN(admitted + excluded.admitted, 4294967295), \
     refused = MIN(refused + excluded.refused, 4294967295), \
     shadow_refused = MIN(shadow_refused + excluded.shadow_refused, 4294967295), \
     degraded = MIN(degraded + excluded.degraded, 4294967295)";
pub(crate) const READ: &str = "SELECT minute_ms, admitted, refused, shadow_refused, degraded \
     FROM usage WHERE policy = ? AND minute_ms >= ? ORDER BY minute_ms";
pub(crate) const EXPIRE: &str = "DELETE FROM usage WHERE minute_ms < ?";
pub(crate) const OLDEST: &str = "SELECT MIN(minute_ms) FROM usage";

pub(crate) const OFFENDERS: &str =
    "SELECT document FROM offenders WHERE policy = ? AND hour_ms >= ? ORDER BY hour_ms";
pub(crate) const OFFENDERS_OF: &str =
    "SELECT document FROM offenders WHERE policy = ? AND hour_ms = ?";
pub(crate) const PUT_OFFENDERS: &str =
    "INSERT OR REPLACE INTO offenders (policy, hour_ms, document) VALUES (?, ?, ?)";
pub(crate) const EXPIRE_OFFENDERS: &str = "DELETE FROM offenders WHERE hour_ms < ?";
