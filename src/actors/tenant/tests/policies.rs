//! Do policies come, change and go as they should?

use super::{audit::record, *};
use crate::domain::{
    audit::Event,
    limit::{
        Name,
        policy::{Enacted, Policy},
    },
};
use proptest::prelude::*;
use serde_json::Value;

fn policy(name: &str, burst: u32) -> Policy {
    let rule = json!({"name": "a", "type": "gcra", "period_ms": 1_000, "burst": burst});
    let document = json!({"name": name, "rules": [rule]});
    Policy::try_from(document).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(super) fn shown(answer: PolicyRead) -> Enacted {
    match answer {
        PolicyRead::Found(policy) => *policy,
        other => panic!("{other:?}"),
    }
}

impl Acme {
    pub(super) fn create_policy(&self, text: &str, burst: u32) -> PolicyRead {
        let policy = Box::new(policy(text, burst));
        let record = record(Event::PolicyCreated, text, self.now());
        self.ask(CreatePolicy { policy, record })
    }

    pub(super) fn change_policy(&self, text: &str, patch: Value) -> PolicyRead {
        let name = name(text);
        let record = record(Event::PolicyChanged, text, self.now());
        self.ask(ChangePolicy {
            name,
            patch,
            record,
        })
    }

    pub(super) fn delete_policy(&self, text: &str) -> PolicyRead {
        let record = record(Event::PolicyDeleted, text, self.now());
        self.ask(DeletePolicy {
            name: name(text),
            record,
        })
    }

    fn read_policy(&self, text: &str) -> PolicyRead {
        self.ask(ReadPolicy { name: name(text) })
    }
}

#[test]
fn a_policy_is_kept_as_it_was_laid_down() {
    let acme = Acme::new();
    let made = shown(acme.create_policy("api", 5));
    assert_eq!(made.policy, policy("api", 5));
    assert_eq!(made.version, 1);
    assert_eq!(shown(acme.read_policy("api")), made);
    assert_eq!(acme.read_policy("other"), PolicyRead::Missing);
    assert_eq!(acme.create_policy("api", 6), PolicyRead::Taken);
}

#[test]
fn a_change_names_what_it_changes() {
    let acme = Acme::new();
    let made = shown(acme.create_policy("api", 5));
    acme.stage.world.advance(1_000);
    let changed = shown(acme.change_policy("api", json!({"mode": "shadow"})));
    assert_eq!(changed.version, 2);
    assert_eq!(changed.updated_at, made.updated_at.plus(1_000));
    let document = Value::from(changed.policy.clone());
    assert_eq!(document["mode"], "shadow");
    assert_eq!(document["rules"][0]["burst"], 5);

    let same = shown(acme.change_policy("api", json!({"mode": "shadow"})));
    assert_eq!(same, changed, "what changes nothing is no change");
    let refused = acme.change_policy("api", json!({"ahead": -1}));
    let why = "ahead must be a whole number from 0 to 1000".to_owned();
    assert_eq!(refused, PolicyRead::Refused(why));
    let renamed = acme.change_policy("api", json!({"name": "other"}));
    assert_eq!(
        renamed,
        PolicyRead::Refused("name never changes".to_owned())
    );
    assert_eq!(shown(acme.read_policy("api")), changed);
    assert_eq!(acme.change_policy("none", json!({})), PolicyRead::Missing);
}

#[test]
fn a_policy_that_comes_back_is_newer_than_it_was() {
    let acme = Acme::new();
    acme.create_policy("api", 5);
    let last = shown(acme.change_policy("api", json!({"ahead": 3})));
    assert_eq!(shown(acme.delete_policy("api")), last);
    assert_eq!(acme.read_policy("api"), PolicyRead::Missing);
    assert_eq!(acme.delete_policy("api"), PolicyRead::Missing);
    assert!(shown(acme.create_policy("api", 5)).version > last.version);
}

#[test]
fn a_tenant_has_so_many_policies_and_lists_them_in_order() {
    let acme = Acme::new();
    for number in 0..POLICIES_MAX {
        shown(acme.create_policy(&format!("p{number:03}"), 5));
    }
    assert_eq!(acme.create_policy("more", 5), PolicyRead::TooMany);
    let list = |after: Option<Name>| acme.ask(ListPolicies { after, limit: 60 });
    let first = list(None);
    assert_eq!(first.items.len(), 60);
    assert_eq!(first.next, Some(name("p059")));
    let second = list(first.next);
    assert_eq!(second.items.len(), 40);
    assert_eq!(second.items.first().unwrap().policy.name(), &name("p060"));
    assert_eq!(second.next, None);
    shown(acme.delete_policy("p000"));
    shown(acme.create_policy("more", 5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_version_is_ever_given_twice(acts in prop::collection::vec((0..3_u8, 0..3_u8, 1..9_u32), 1..40)) {
        let acme = Acme::new();
        let mut newest = 0;
        for (act, which, burst) in acts {
            let text = format!("p{which}");
            let before = acme.read_policy(&text);
            let answer = match act {
                0 => acme.create_policy(&text, burst),
                1 => acme.change_policy(&text, json!({"ahead": burst})),
                _ => acme.delete_policy(&text),
            };
            if let PolicyRead::Found(policy) = answer {
                if act < 2 && before != PolicyRead::Found(policy.clone()) {
                    prop_assert!(policy.version > newest);
                    newest = policy.version;
                }
                prop_assert!(policy.version <= newest);
            }
        }
    }
}
