//! How does an actor store rows on a Durable Object's SQLite?
//!
//! Bound by hand: the `worker` crate wraps neither `transactionSync` nor a
//! statement whose rows arrive in one call, and it rounds what does not fit.

use super::errors::message_of;
use crate::store::{
    INTEGER_MAX, PARAMETERS_MAX, Row, Store, StoreFault, VALUE_BYTES_MAX, Value, whole,
};
use core::{cell::Cell, panic::AssertUnwindSafe};
use js_sys::{Array, ArrayBuffer, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `DurableObjectStorage`, as far as we need it.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone, Debug)]
    pub(super) type Storage;

    #[wasm_bindgen(method, getter)]
    fn sql(this: &Storage) -> Sql;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Storage,
        work: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub(super) fn set_alarm(this: &Storage, at_ms: f64) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = deleteAlarm)]
    pub(super) fn delete_alarm(this: &Storage) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    pub(super) fn delete_all(this: &Storage) -> Result<Promise, JsValue>;

    #[wasm_bindgen(extends = Object)]
    #[derive(Clone, Debug)]
    type Sql;

    #[wasm_bindgen(method, catch, getter, js_name = databaseSize)]
    fn database_size(this: &Sql) -> Result<f64, JsValue>;

}

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn rows(sql: &Sql, text: &str, bindings: &Array) -> Result<Array, JsValue>;
}

/// One Durable Object's database.
#[derive(Clone, Debug)]
pub(super) struct ObjectStore {
    storage: Storage,
    sql: Sql,
}

impl ObjectStore {
    pub(super) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }
}

fn engine(error: &JsValue) -> StoreFault {
    StoreFault::Engine(message_of(error))
}

#[expect(clippy::cast_precision_loss, reason = "53 bits were checked")]
fn bind(value: &Value) -> Result<JsValue, StoreFault> {
    match value {
        Value::Null => Ok(JsValue::NULL),
        Value::Int(number) if number.unsigned_abs() > INTEGER_MAX.unsigned_abs() => {
            Err(StoreFault::IntegerRange(*number))
        }
        Value::Int(number) => Ok(JsValue::from_f64(*number as f64)),
        Value::Text(text) if text.len() > VALUE_BYTES_MAX => Err(StoreFault::ValueSize(text.len())),
        Value::Text(text) => Ok(JsValue::from_str(text)),
        Value::Blob(bytes) if bytes.len() > VALUE_BYTES_MAX => {
            Err(StoreFault::ValueSize(bytes.len()))
        }
        Value::Blob(bytes) => Ok(Uint8Array::from(bytes.as_slice()).into()),
    }
}

fn cell(index: usize, value: JsValue) -> Result<Value, StoreFault> {
    if let Some(number) = value.as_f64() {
        return whole(index, number);
    }
    if let Some(text) = value.as_string() {
        return Ok(Value::Text(text));
    }
    if value.is_null() {
        return Ok(Value::Null);
    }
    let bytes: ArrayBuffer = value.dyn_into().map_err(|_| StoreFault::Column { index })?;
    Ok(Value::Blob(Uint8Array::new(&bytes).to_vec()))
}

fn row(cells: &JsValue) -> Result<Row, StoreFault> {
    let cells = cells.unchecked_ref::<Array>().iter().enumerate();
    cells
        .map(|(index, value)| cell(index, value))
        .collect::<Result<_, _>>()
        .map(Row::new)
}

impl Store for ObjectStore {
    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreFault> {
        if params.len() > PARAMETERS_MAX {
            return Err(StoreFault::Engine("too many parameter bindings".to_owned()));
        }
        let bindings = Array::new();
        for value in params {
            bindings.push(&bind(value)?);
        }
        let rows = rows(&self.sql, sql, &bindings).map_err(|error| engine(&error))?;
        rows.iter().map(|cells| row(&cells)).collect()
    }

    fn run_script(&self, sql: &'static str) -> Result<(), StoreFault> {
        let rows = rows(&self.sql, sql, &Array::new());
        rows.map(drop).map_err(|error| engine(&error))
    }

    fn atomically(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreFault> {
        // Until `work` has run, an error is the engine's.
        let is_kept = Cell::new(true);
        // By contract `work` does not unwind.
        let mut lent = AssertUnwindSafe((&is_kept, work));
        let outcome = self.storage.transaction_sync(&mut move || {
            let AssertUnwindSafe((is_kept, work)) = &mut lent;
            is_kept.set(work());
            // What the callback throws is what rolls back, and comes out again.
            if is_kept.get() {
                Ok(JsValue::UNDEFINED)
            } else {
                Err(JsValue::NULL)
            }
        });
        match outcome {
            Err(error) if is_kept.get() => Err(engine(&error)),
            _ => Ok(()),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size is whole and not negative"
    )]
    fn bytes(&self) -> Result<u64, StoreFault> {
        let size = self.sql.database_size();
        size.map(|bytes| bytes as u64)
            .map_err(|error| engine(&error))
    }
}
