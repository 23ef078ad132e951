//! Which statements touch clients?

pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM client";
pub(crate) const READ: &str = "SELECT id, metadata, dynamic, secret, registration_token, created_ms, last_used_ms \
     FROM client WHERE id = ?";
pub(crate) const PAGE: &str = "SELECT id, metadata, dynamic, secret, registration_token, created_ms, last_used_ms \
     FROM client WHERE id > ? ORDER BY id LIMIT ?";
pub(crate) const PUT: &str = "INSERT INTO client \
     (id, metadata, dynamic, secret, registration_token, created_ms, last_used_ms) \
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET \
     metadata = excluded.metadata, secret = excluded.secret, \
     registration_token = excluded.registration_token";
pub(crate) const NOTE_USE: &str = "UPDATE client SET last_used_ms = ? WHERE id = ?";
pub(crate) const DELETE: &str = "DELETE FROM client WHERE id = ?";
pub(crate) const UNUSED: &str = "SELECT id FROM client \
     WHERE dynamic = 1 AND last_used_ms IS NULL AND created_ms <= ? ORDER BY created_ms LIMIT ?";
pub(crate) const OLDEST_UNUSED: &str = "SELECT MIN(created_ms) FROM client \
     WHERE dynamic = 1 AND last_used_ms IS NULL";

pub(crate) const BEGIN_FAREWELL: &str = "INSERT INTO farewell (client, told, act) \
     VALUES (?, ?, ?) ON CONFLICT (client) DO UPDATE SET told = excluded.told, act = excluded.act";
pub(crate) const FAREWELL: &str = "SELECT client, told, act FROM farewell ORDER BY client LIMIT 1";
pub(crate) const GO_ON_WITH_FAREWELL: &str = "UPDATE farewell SET told = ? WHERE client = ?";
pub(crate) const END_FAREWELL: &str = "DELETE FROM farewell WHERE client = ?";
