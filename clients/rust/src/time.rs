//! How far may clocks differ?

/// How far clocks may differ: the longest leeway, and how long a revocation is
/// kept beyond the life of the tokens it took away.
pub const LEEWAY_S_MAX: u64 = 60;
