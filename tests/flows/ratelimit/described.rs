//! Is the service what its description says (`docs/openapi-ratelimit.json`)?

use crate::support::{
    Backend, Site,
    backend::{burst, inline, with},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn description() -> Value {
    serde_json::from_str(include_str!("../../../docs/openapi-ratelimit.json")).unwrap()
}

/// What `schema` says at its end.
fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(to) => {
            let found = description.pointer(to.strip_prefix('#').unwrap());
            resolved(description, found.unwrap_or_else(|| panic!("{to}")))
        }
        None => schema,
    }
}

/// Checks what the description says of types, members and words. `oneOf` is not
/// looked into.
fn check(description: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = resolved(description, schema);
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value}");
    }
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.contains(&kind), "{at} is {kind}: {value}");
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(
            description,
            &schema["items"],
            item,
            &format!("{at}[{index}]"),
        );
    }
    let Some(members) = value.as_object() else {
        return;
    };
    let required = schema["required"].as_array();
    for name in required.into_iter().flatten() {
        assert!(
            members.contains_key(name.as_str().unwrap()),
            "{at} lacks {name}"
        );
    }
    for (name, value) in members {
        let at = format!("{at}.{name}");
        let schema = &schema["properties"][name];
        assert!(schema.is_object(), "{at} is not described");
        check(description, schema, value, &at);
    }
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

flows! {
    fn every_example_is_taken_and_answered_as_described(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let description = description();
        for (path, item) in description["paths"].as_object().unwrap() {
            let operation = &item["post"];
            let what = path.strip_prefix("/v1/ratelimit/").unwrap();
            let sent = &operation["requestBody"]["content"]["application/json"];
            check(&description, &sent["schema"], &sent["example"], what);
            let answer = backend.ask(what, &sent["example"]);
            let told = &operation["responses"]["200"]["content"]["application/json"];
            check(&description, &told["schema"], &answer, what);
            check(&description, &told["schema"], &told["example"], what);
        }
    }

    fn every_verdict_is_as_described(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let description = description();
        let schema = json!({ "$ref": "#/components/schemas/Verdict" });
        let question = inline(&burst(1), "user:1");
        for (what, question) in [
            ("check", question.clone()),
            ("check", question.clone()),
            ("peek", question.clone()),
            ("check", with(&question, &json!({ "cost": 9 }))),
        ] {
            check(&description, &schema, &backend.ask(what, &question), what);
        }
    }
}

#[test]
fn the_description_has_every_question_and_leads_nowhere_else() {
    let description = description();
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().unwrap();
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    let asks = ["check", "reserve", "commit", "cancel", "peek", "batch"];
    let asked = asks.map(|ask| format!("/v1/ratelimit/{ask}"));
    assert_eq!(described, asked.iter().map(String::as_str).collect());
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > 50);
    for to in found {
        let pointer = to.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{to}");
    }
}
