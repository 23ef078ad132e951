//! How does a partial document change a whole one?

use crate::domain::tree;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Applies a JSON merge patch ([RFC 7396 §2]): `null` removes, an object
/// merges, anything else replaces.
///
/// [RFC 7396 §2]: https://www.rfc-editor.org/rfc/rfc7396#section-2
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// The value `patch` makes of `whole`, not yet checked against its rules.
///
/// A member set to `null` gets the default of its type.
///
/// # Errors
/// When the outcome no longer is a `T`; the message names the member.
pub fn patched<T: Serialize + DeserializeOwned>(
    whole: &T,
    patch: Value,
) -> Result<T, tree::Unreadable> {
    let mut document = serde_json::to_value(whole)?;
    merge(&mut document, patch);
    tree::from_value(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_examples_of_rfc_7396_appendix_a_hold() {
        for (mut target, patch, outcome) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!([1, 2]),
                json!({"a": "b", "c": null}),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            merge(&mut target, patch);
            assert_eq!(target, outcome);
        }
    }

    proptest! {
        #[test]
        fn a_patch_applied_twice_is_applied_once(
            keys in prop::collection::vec(("[ab]", prop::option::of(0..3)), 0..4),
            old in prop::collection::vec(("[abc]", 0..3), 0..4),
        ) {
            let patch: Value = keys.into_iter().collect::<std::collections::BTreeMap<_, _>>()
                .into_iter().map(|(k, v)| (k, Value::from(v))).collect::<Map<_, _>>().into();
            let mut once: Value = old.into_iter().map(|(k, v)| (k, Value::from(v))).collect::<Map<_, _>>().into();
            merge(&mut once, patch.clone());
            let mut twice = once.clone();
            merge(&mut twice, patch);
            prop_assert_eq!(once, twice);
        }
    }
}
