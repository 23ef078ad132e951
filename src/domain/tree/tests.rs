//! Is whatever is written read, and nothing else?

use super::*;
use crate::domain::secret::TokenDigest;
use proptest::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Unit,
    New(i64),
    Tuple(u8, String),
    Struct {
        list: Vec<bool>,
        map: BTreeMap<String, Option<u64>>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Nothing;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Whole {
    shapes: Vec<Shape>,
    digest: TokenDigest,
    nothing: Nothing,
    pair: (i64, f64),
    #[serde(default)]
    later: Option<String>,
    json: Value,
}

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let shape = prop_oneof![
        Just(Shape::Unit),
        any::<i64>().prop_map(Shape::New),
        (any::<u8>(), ".*").prop_map(|(number, text)| Shape::Tuple(number, text)),
        (
            prop::collection::vec(any::<bool>(), 0..4),
            prop::collection::btree_map(".*", any::<Option<u64>>(), 0..4)
        )
            .prop_map(|(list, map)| Shape::Struct { list, map }),
    ];
    prop::collection::vec(shape, 0..6)
}

proptest! {
    #[test]
    fn whatever_is_written_is_read(shapes in shapes(), text: String) {
        let whole = Whole {
            shapes,
            digest: TokenDigest::of(text.as_bytes()),
            nothing: Nothing,
            pair: (-1, 0.5),
            later: Some(text),
            json: serde_json::json!({ "a": [1, null, -2, 0.25, true, "x"] }),
        };
        let packed = rmp_serde::to_vec_named(&whole).unwrap();
        prop_assert_eq!(&from_pack::<Whole>(&packed).unwrap(), &whole);
        let json = serde_json::to_vec(&whole).unwrap();
        prop_assert_eq!(&from_json::<Whole>(&json).unwrap(), &whole);
        let value = serde_json::to_value(&whole).unwrap();
        prop_assert_eq!(&from_value::<Whole>(value).unwrap(), &whole);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(from_pack::<Whole>(&bytes));
        drop(from_json::<Whole>(&bytes));
    }
}

#[test]
fn what_is_not_of_the_type_is_named() {
    let read = |json: &str| {
        from_json::<(u8, String)>(json.as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert!(read("[1, 2]").contains("invalid type: integer `2`, expected a string"));
    assert!(read("[256, \"x\"]").contains("256"));
    assert!(read("[1, \"x\", 3]").contains("invalid length 3"));
    assert!(read("{}").contains("map"));
    assert!(read("[1").contains("EOF"));
}

#[test]
fn a_member_given_twice_is_refused() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct One {
        a: u8,
    }
    let twice = from_json::<One>(br#"{"a":1,"a":2}"#).unwrap_err();
    assert!(twice.to_string().contains("duplicate field"));
}
