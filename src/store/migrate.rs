//! How does a database reach the shape the code expects?
//!
//! Migrations are numbered scripts embedded in the code, applied in order
//! inside the turn that wakes the actor. Each leaves its checksum: a script
//! that changed after it ran, and a database newer than the code, are faults.

use super::{Store, StoreFault};
use crate::domain::time::Timestamp;
use sha2::{Digest, Sha256};

/// One step of a schema, forwards only.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place, counted from 1 without gaps.
    pub number: u32,
    /// What it is for, as in its file name.
    pub name: &'static str,
    /// The script.
    pub sql: &'static str,
}

impl Migration {
    fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.sql.as_bytes()).into()
    }
}

/// The database and the code do not belong together.
#[derive(Debug, thiserror::Error)]
pub enum MigrationFault {
    /// Storage failed.
    #[error("while migrating: {0}")]
    Store(#[from] StoreFault),
    /// A later release has been here.
    #[error("{part} is at migration {found}, this code knows {known}: deploy the newer release")]
    Newer {
        /// Whose schema.
        part: &'static str,
        /// The database's last migration.
        found: u32,
        /// The code's last migration.
        known: u32,
    },
    /// A script was edited after it ran.
    #[error("migration {number} of {part} was altered after it had been applied")]
    Altered {
        /// Whose schema.
        part: &'static str,
        /// Which migration.
        number: u32,
    },
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    part TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    checksum BLOB NOT NULL,
    applied_ms INTEGER NOT NULL,
    PRIMARY KEY (part, number)
) STRICT, WITHOUT ROWID";
const HAS_LEDGER: &str =
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'";
const FOUNDED: &str = "SELECT MIN(applied_ms) FROM schema_migration";
const APPLIED: &str =
    "SELECT number, checksum FROM schema_migration WHERE part = ? ORDER BY number";
const RECORD: &str = "INSERT INTO schema_migration (part, number, name, checksum, applied_ms) VALUES (?, ?, ?, ?, ?)";

/// Whether the database has ever been migrated. Reads only, so that asking an
/// object that does not exist leaves no trace of it.
///
/// # Errors
/// When storage fails.
pub fn is_founded(store: &dyn Store) -> Result<bool, StoreFault> {
    Ok(!store.query(HAS_LEDGER, &[])?.is_empty())
}

/// When the database was first migrated.
///
/// # Errors
/// When storage fails.
pub fn founded_at(store: &dyn Store) -> Result<Option<Timestamp>, StoreFault> {
    let rows = store.query(FOUNDED, &[])?;
    let first = rows.first().map(|row| row.optional(0, super::Row::instant));
    Ok(first.transpose()?.flatten())
}

/// Creates the ledger of applied migrations.
///
/// # Errors
/// When storage fails.
pub fn found(store: &dyn Store) -> Result<(), StoreFault> {
    store.run_script(LEDGER)
}

/// Applies what is missing of `part`'s migrations, in order.
///
/// Call it inside a transaction, after [`found`]. Answers the schema version.
///
/// # Errors
/// When storage fails, or the database is not one this code may open.
pub fn migrate(
    store: &dyn Store,
    part: &'static str,
    migrations: &[Migration],
    now: Timestamp,
) -> Result<u32, MigrationFault> {
    let applied = store.query(APPLIED, &[part.into()])?;
    let known = migrations.last().map_or(0, |last| last.number);
    for row in &applied {
        let number = row.count(0)?;
        let Some(migration) = migrations
            .iter()
            .find(|migration| migration.number == number)
        else {
            return Err(MigrationFault::Newer {
                part,
                found: number,
                known,
            });
        };
        if row.blob(1)? != migration.checksum() {
            return Err(MigrationFault::Altered { part, number });
        }
    }
    for migration in migrations.iter().skip(applied.len()) {
        store.run_script(migration.sql)?;
        store.query(
            RECORD,
            &[
                part.into(),
                migration.number.into(),
                migration.name.into(),
                migration.checksum().as_slice().into(),
                now.into(),
            ],
        )?;
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{sqlite::Sqlite, transact};

    const NOW: Timestamp = Timestamp::from_millis(5);
    const FIRST: Migration = Migration {
        number: 1,
        name: "one",
        sql: "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT",
    };
    const SECOND: Migration = Migration {
        number: 2,
        name: "two",
        sql: "CREATE TABLE two (id INTEGER PRIMARY KEY) STRICT",
    };

    fn run(store: &Sqlite, migrations: &[Migration]) -> Result<u32, MigrationFault> {
        transact(store, || {
            found(store)?;
            migrate(store, "test", migrations, NOW)
        })
    }

    #[test]
    fn what_is_missing_is_applied_once() {
        let store = Sqlite::in_memory().unwrap();
        assert!(!is_founded(&store).unwrap());
        assert_eq!(run(&store, &[FIRST]).unwrap(), 1);
        assert_eq!(run(&store, &[FIRST, SECOND]).unwrap(), 2);
        assert_eq!(run(&store, &[FIRST, SECOND]).unwrap(), 2);
        assert!(is_founded(&store).unwrap());
    }

    #[test]
    fn a_newer_database_is_refused() {
        let store = Sqlite::in_memory().unwrap();
        run(&store, &[FIRST, SECOND]).unwrap();
        assert!(matches!(
            run(&store, &[FIRST]),
            Err(MigrationFault::Newer {
                found: 2,
                known: 1,
                ..
            })
        ));
    }

    #[test]
    fn an_altered_migration_is_refused() {
        let store = Sqlite::in_memory().unwrap();
        run(&store, &[FIRST]).unwrap();
        let altered = Migration {
            sql: "CREATE TABLE other (id INTEGER) STRICT",
            ..FIRST
        };
        assert!(matches!(
            run(&store, &[altered]),
            Err(MigrationFault::Altered { number: 1, .. })
        ));
    }

    #[test]
    fn a_failing_migration_leaves_nothing() {
        let store = Sqlite::in_memory().unwrap();
        let broken = Migration {
            number: 2,
            name: "broken",
            sql: "CREATE TABLE one (id INTEGER)",
        };
        assert!(run(&store, &[FIRST, broken]).is_err());
        assert!(!is_founded(&store).unwrap());
    }
}
