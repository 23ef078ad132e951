//! How are the tenant's rows read and written?

pub(super) mod audit;
pub(super) mod clients;
pub(super) mod consents;
pub(super) mod policies;
pub(super) mod sessions;
pub(super) mod settings;
pub(super) mod sign_in;
pub(super) mod usage;
pub(super) mod users;
