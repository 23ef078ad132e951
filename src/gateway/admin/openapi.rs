//! `/admin/v1/openapi.json`: how is this API described?

use crate::gateway::{platform::Platform, trouble::Answer, visit::Visit};

/// It changes with a deployment.
const CACHE: &str = "public, max-age=300";

/// Answers with the description, `OpenAPI` 3.1; anybody may read it.
///
/// # Errors
/// When it was not deployed.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let file = visit
        .gateway
        .file(visit.request, "openapi.json", "application/json", CACHE);
    file.await
}

#[cfg(test)]
mod tests {
    use super::super::{body::members_of, routes::TABLE};
    use crate::domain::{
        limit::policy::Policy,
        oauth::{UserClaims, client::ClientMetadata},
        tenant::TenantSettings,
    };
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn document() -> Value {
        serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap()
    }

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let routed: BTreeSet<String> = TABLE
            .iter()
            .flat_map(|(path, actions)| {
                let method = |m: &::http::Method| m.as_str().to_lowercase();
                actions
                    .iter()
                    .map(move |(m, ..)| format!("{} {path}", method(m)))
            })
            .collect();
        let document = document();
        let told: BTreeSet<String> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys();
                methods
                    .filter(|name| *name != "parameters")
                    .map(move |method| format!("{method} {path}"))
            })
            .collect();
        assert_eq!(told, routed);
    }

    fn properties(document: &Value, schema: &str) -> BTreeSet<String> {
        let properties = &document["components"]["schemas"][schema]["properties"];
        let properties = properties
            .as_object()
            .unwrap_or_else(|| panic!("no {schema}"));
        properties.keys().cloned().collect()
    }

    #[test]
    fn the_document_has_every_member_a_decoder_knows() {
        let document = document();
        for (schema, members) in [
            ("TenantSettings", members_of::<TenantSettings>()),
            ("ClientMetadata", members_of::<ClientMetadata>()),
            ("UserClaims", members_of::<UserClaims>()),
            ("PolicyTerms", Policy::MEMBERS),
        ] {
            let known: BTreeSet<String> = members.iter().map(ToString::to_string).collect();
            assert_eq!(properties(&document, schema), known, "{schema}");
        }
    }

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(to)) = members.get("$ref") {
                    found.push(to.clone());
                }
                members.values().for_each(|inner| references(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for to in found {
            let pointer = to.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{to}");
        }
    }

    #[test]
    fn every_operation_says_how_it_can_fail_and_what_it_needs() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if method == "parameters" || path.ends_with("openapi.json") {
                    continue;
                }
                let told = format!("{method} {path}");
                assert!(operation["operationId"].is_string(), "{told}");
                for status in ["401", "403", "429", "500", "503"] {
                    assert!(
                        operation["responses"][status].is_object(),
                        "{told} {status}"
                    );
                }
                let has_body = operation["requestBody"].is_object();
                let takes_body = ["post", "patch"].contains(&method.as_str());
                assert!(!has_body || takes_body, "{told}");
            }
        }
    }
}
