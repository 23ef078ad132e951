//! What must every store do alike?
//!
//! Each case gets an empty database. Native tests run them on rusqlite; the
//! test build of the Worker runs them inside a Durable Object.

use super::{INTEGER_MAX, Row, Store, StoreFault, Value, transact};

/// One rule; the error says how it was broken.
pub type Case = fn(&dyn Store) -> Result<(), String>;

/// Every rule by name.
pub const CASES: &[(&str, Case)] = &[
    ("a value comes back as it went in", values_round_trip),
    (
        "an integer that JavaScript would round is refused",
        integers_are_exact,
    ),
    ("a fraction is refused", fractions_are_refused),
    ("a bound integer is a REAL", parameters_are_reals),
    ("a strict table refuses another type", tables_are_strict),
    ("a failed turn leaves nothing", failures_roll_back),
    ("a kept turn stays", successes_commit),
    (
        "a broken statement is a fault, and what was before it is undone",
        faults_roll_back,
    ),
    ("no row is an empty answer", nothing_is_empty),
    ("parameters must be counted", parameters_are_counted),
    ("a foreign key holds", foreign_keys_hold),
    (
        "transactions belong to the host",
        transactions_are_the_hosts,
    ),
    ("a value larger than a row is refused", rows_are_bounded),
    ("an upsert returns its row", returning_works),
];

const TABLE: &str =
    "CREATE TABLE cell (id INTEGER PRIMARY KEY, number INTEGER, words TEXT, bytes BLOB) STRICT";
const INSERT: &str = "INSERT INTO cell (id, number, words, bytes) VALUES (?, ?, ?, ?)";
const COUNT: &str = "SELECT COUNT(*) FROM cell";

fn ok<T>(result: Result<T, StoreFault>) -> Result<T, String> {
    result.map_err(|fault| fault.to_string())
}

fn refused<T>(result: Result<T, StoreFault>) -> Result<(), String> {
    result.map_or(Ok(()), |_| Err("it was accepted".to_owned()))
}

fn equal<T: PartialEq + core::fmt::Debug>(found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("found {found:?}, expected {expected:?}"))
    }
}

fn put(store: &dyn Store, id: i64) -> Result<Vec<Row>, StoreFault> {
    store.query(INSERT, &[id.into(), Value::Null, Value::Null, Value::Null])
}

fn count(store: &dyn Store) -> Result<i64, String> {
    let rows = ok(store.query(COUNT, &[]))?;
    rows.first()
        .ok_or("no row")?
        .int(0)
        .map_err(|fault| fault.to_string())
}

fn values_round_trip(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    let values = [
        vec![
            1_i64.into(),
            INTEGER_MAX.into(),
            "żółw\u{1F422}\0end".into(),
            vec![0_u8, 255].into(),
        ],
        vec![
            2_i64.into(),
            (-INTEGER_MAX).into(),
            "".into(),
            Vec::new().into(),
        ],
        vec![3_i64.into(), Value::Null, Value::Null, Value::Null],
        vec![
            4_i64.into(),
            true.into(),
            "1".into(),
            vec![7_u8; 70_000].into(),
        ],
    ];
    for row in &values {
        ok(store.query(INSERT, row))?;
    }
    let found = ok(store.query("SELECT id, number, words, bytes FROM cell ORDER BY id", &[]))?;
    equal(&found, &values.into_iter().map(Row::new).collect())
}

fn integers_are_exact(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    refused(store.query(
        INSERT,
        &[
            1_i64.into(),
            (INTEGER_MAX + 1).into(),
            Value::Null,
            Value::Null,
        ],
    ))?;
    refused(store.query(
        INSERT,
        &[1_i64.into(), i64::MIN.into(), Value::Null, Value::Null],
    ))?;
    refused(store.query("SELECT 9007199254740993", &[]))
}

fn fractions_are_refused(store: &dyn Store) -> Result<(), String> {
    refused(store.query("SELECT 0.5", &[]))?;
    refused(store.query("SELECT 1e300", &[]))?;
    refused(store.query("SELECT 1e300 * 1e300", &[]))
}

fn parameters_are_reals(store: &dyn Store) -> Result<(), String> {
    let found = ok(store.query(
        "SELECT typeof(?), ?, 'x' || ?",
        &[5_u32.into(), 5_u32.into(), 5_u32.into()],
    ))?;
    let expected = Row::new(vec!["real".into(), 5_u32.into(), "x5.0".into()]);
    equal(&found, &vec![expected])?;
    refused(store.query("SELECT ? / 2", &[5_u32.into()]))?;
    // Columns and comparisons make it an integer again.
    ok(store.run_script(TABLE))?;
    ok(put(store, 5))?;
    let found = ok(store.query(
        "SELECT typeof(id), id / 2 FROM cell WHERE id IN (?) LIMIT ?",
        &[5_u32.into(), 1_u32.into()],
    ))?;
    equal(
        &found,
        &vec![Row::new(vec!["integer".into(), 2_u32.into()])],
    )
}

fn tables_are_strict(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    refused(store.query(
        INSERT,
        &[1_i64.into(), "word".into(), Value::Null, Value::Null],
    ))
}

fn failures_roll_back(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    let outcome: Result<(), StoreFault> = transact(store, || {
        put(store, 1)?;
        Err(StoreFault::Column { index: 0 })
    });
    refused(outcome)?;
    equal(&count(store)?, &0)
}

fn successes_commit(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    ok(transact(store, || put(store, 1).map(drop)))?;
    ok(transact(store, || put(store, 2).map(drop)))?;
    equal(&count(store)?, &2)
}

fn faults_roll_back(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    let outcome: Result<(), StoreFault> = transact(store, || {
        put(store, 1)?;
        store.query("INSERT INTO nowhere VALUES (1)", &[]).map(drop)
    });
    refused(outcome)?;
    equal(&count(store)?, &0)
}

fn nothing_is_empty(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    equal(&ok(store.query("SELECT id FROM cell", &[]))?, &Vec::new())
}

fn parameters_are_counted(store: &dyn Store) -> Result<(), String> {
    refused(store.query("SELECT ?", &[]))?;
    refused(store.query("SELECT ?", &[1_i64.into(), 2_i64.into()]))
}

fn foreign_keys_hold(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    ok(store.run_script("CREATE TABLE child (cell INTEGER NOT NULL REFERENCES cell (id)) STRICT"))?;
    refused(store.query("INSERT INTO child (cell) VALUES (9)", &[]))
}

fn transactions_are_the_hosts(store: &dyn Store) -> Result<(), String> {
    refused(store.query("BEGIN", &[]))?;
    refused(store.query("SAVEPOINT here", &[]))?;
    refused(store.query("PRAGMA user_version = 3", &[]))
}

fn rows_are_bounded(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    let giant = vec![0_u8; 3_000_000];
    refused(store.query(
        INSERT,
        &[1_i64.into(), Value::Null, Value::Null, giant.into()],
    ))
}

fn returning_works(store: &dyn Store) -> Result<(), String> {
    ok(store.run_script(TABLE))?;
    ok(put(store, 1))?;
    let rows = ok(store.query(
        "INSERT INTO cell (id, number) VALUES (?, ?) \
         ON CONFLICT (id) DO UPDATE SET number = excluded.number RETURNING number",
        &[1_i64.into(), 5_i64.into()],
    ))?;
    equal(&rows, &vec![Row::new(vec![5_i64.into()])])
}
