//! JSON values with the keys of their objects in order.
//!
//! Whether serde_json's objects keep the order in which they were filled is decided by the crates that
//! are built together with this one (`preserve_order`). What is written to the ledger, the lock or a
//! schema must not depend on that.

use serde::Serialize;
use serde_json::{Map, Value};

/// A value as JSON, with the keys of all objects in it in order.
pub fn value_of<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Value> {
    serde_json::to_value(value).map(sorted)
}

/// The same value, with the keys of all objects in it in order.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            let fields = fields.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_at_every_depth() {
        #[derive(Serialize)]
        struct Unsorted {
            b: [Inner; 1],
            a: u8,
        }
        #[derive(Serialize)]
        struct Inner {
            d: u8,
            c: u8,
        }
        let value = value_of(&Unsorted {
            b: [Inner { d: 1, c: 2 }],
            a: 3,
        });
        assert_eq!(value.unwrap().to_string(), r#"{"a":3,"b":[{"c":2,"d":1}]}"#);
    }
}
