//! Does the tenant keep its settings?

use super::*;
use crate::actors::runtime::Fault;

fn changed(answer: SettingsChanged) -> Configuration {
    match answer {
        SettingsChanged::Changed(configuration) => *configuration,
        SettingsChanged::Refused(why) => panic!("{why}"),
    }
}

#[test]
fn a_tenant_that_was_never_founded_does_not_answer() {
    let stage = Stage::new(1);
    let answer = stage.try_ask(&Tenant::address(ID), ReadSettings);
    assert!(matches!(answer, Err(Fault::Absent)));
    assert!(stage.world.everybody().is_empty());
}

#[test]
fn founding_again_changes_nothing() {
    let acme = Acme::new();
    let before = acme.ask(ReadSettings);
    let again = Found {
        id: ID,
        slug: Slug::parse("acme").unwrap(),
        settings: Box::default(),
    };
    assert_eq!(acme.ask(again), before);
    assert_eq!((before.status, before.version), (Status::Live, 1));
}

#[test]
fn a_patch_changes_settings_and_whoever_cached_them_can_tell() {
    let acme = Acme::new();
    let patch = json!({"signup_enabled": false});
    let after = changed(acme.ask(ChangeSettings {
        patch: patch.clone(),
    }));
    assert!(!after.settings.signup_enabled);
    assert_eq!((after.settings.name.as_str(), after.version), ("Acme", 2));
    assert_eq!(acme.ask(ReadSettings), after);
    assert_eq!(changed(acme.ask(ChangeSettings { patch })), after);
}

#[test]
fn a_patch_that_breaks_a_rule_changes_nothing() {
    let acme = Acme::new();
    let before = acme.ask(ReadSettings);
    for patch in [
        json!(1),
        json!({"name": ""}),
        json!({"signup_enabled": "?"}),
    ] {
        let answer = acme.ask(ChangeSettings { patch });
        assert!(matches!(answer, SettingsChanged::Refused(_)));
    }
    assert_eq!(acme.ask(ReadSettings), before);
}

#[test]
fn an_operator_sees_counts_and_settings_but_no_person_and_no_secret() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    let snapshot = acme.stage.inspect(&Acme::who());
    assert_eq!(snapshot.state["settings"]["name"], "Acme");
    assert_eq!(snapshot.state["has_admin"], false);
    for count in [("user", 1), ("session", 1), ("client", 0), ("consent", 0)] {
        assert!(snapshot.rows.contains(&(count.0.to_owned(), count.1)));
    }
    let text = serde_json::to_string(&snapshot).unwrap();
    assert!(
        !text.contains("example.com") && !text.contains("argon2"),
        "{text}"
    );
}
