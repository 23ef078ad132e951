//! Do clients come, change and go as they should?

use super::*;
use crate::domain::secret::TokenDigest;

fn shown(answer: ClientRead) -> Client {
    match answer {
        ClientRead::Found(client) => *client,
        other => panic!("{other:?}"),
    }
}

impl Acme {
    fn read_client(&self, id: &str) -> ClientRead {
        let client_id = client_id(id);
        self.ask(ReadClient { client_id })
    }

    fn delete(&self, id: &str) -> ClientRead {
        let client_id = client_id(id);
        self.ask(DeleteClient { client_id })
    }

    fn create(&self, client: Client) -> ClientRead {
        let client = Box::new(client);
        self.ask(CreateClient { client })
    }

    fn register(&self, id: &str) {
        let mut client = client(id);
        client.dynamic = true;
        client.created_at = crate::actors::runtime::Transport::now(&self.stage.world);
        shown(self.create(client));
    }
}

fn change(id: &str) -> ChangeClient {
    ChangeClient {
        client_id: client_id(id),
        metadata: None,
        secret: None,
        registration_token: None,
    }
}

#[test]
fn a_client_is_kept_as_it_was_created() {
    let acme = Acme::new();
    let version = acme.version();
    let mut client = client("app");
    client.secret_digest = Some(TokenDigest::of(b"secret"));
    client.registration_token_digest = Some(TokenDigest::of(b"token"));
    assert_eq!(shown(acme.create(client.clone())), client);
    assert_eq!(shown(acme.read_client("app")), client);
    assert!(acme.version() > version);
    assert_eq!(acme.read_client("other"), ClientRead::Missing);
}

#[test]
fn an_id_is_given_once_and_the_operators_never() {
    let acme = Acme::new();
    acme.client("app");
    assert_eq!(acme.create(client("app")), ClientRead::Taken);
    assert_eq!(acme.create(client(BOOTSTRAP_CLIENT)), ClientRead::Taken);
}

#[test]
fn a_changed_client_keeps_what_was_not_named() {
    let acme = Acme::new();
    acme.client("app");
    let secret = TokenDigest::of(b"new");
    let rotated = ChangeClient {
        secret: Some(secret),
        ..change("app")
    };
    let version = acme.version();
    assert_eq!(shown(acme.ask(rotated)).secret_digest, Some(secret));
    assert!(acme.version() > version);

    let mut metadata = client("app").metadata;
    metadata.client_name = Some("New".to_owned());
    let renamed = ChangeClient {
        metadata: Some(Box::new(metadata)),
        ..change("app")
    };
    let client = shown(acme.ask(renamed));
    assert_eq!(client.secret_digest, Some(secret));
    assert_eq!(shown(acme.read_client("app")), client);
    assert_eq!(acme.ask(change("other")), ClientRead::Missing);
}

#[test]
fn a_client_that_needs_no_secret_any_more_has_none() {
    let acme = Acme::new();
    let mut client = client("app");
    client.secret_digest = Some(TokenDigest::of(b"secret"));
    shown(acme.create(client.clone()));
    client.metadata.token_endpoint_auth_method =
        crate::domain::oauth::client::AuthMethod::PrivateKeyJwt;
    let changed = ChangeClient {
        metadata: Some(Box::new(client.metadata)),
        ..change("app")
    };
    assert_eq!(shown(acme.ask(changed)).secret_digest, None);
}

#[test]
fn a_deleted_client_loses_its_grants_in_every_session_and_its_consents() {
    let acme = Acme::new();
    acme.client("app");
    acme.client("other");
    acme.crowd(120);
    let jane = UserId::from_bytes([100; 16]);
    let consent = consents::consent("app", "openid");
    acme.ask(GiveConsent {
        user: jane,
        consent,
    });

    shown(acme.delete("app"));
    shown(acme.delete("other"));

    assert_eq!(acme.read_client("app"), ClientRead::Missing);
    assert_eq!(acme.delete("app"), ClientRead::Missing);
    assert!(acme.ask(ListConsents { user: jane }).items.is_empty());
    acme.stage.world.advance(4 * SWEEP_PAUSE_MS);
    let told = acme.told();
    for id in ["app", "other"] {
        let of = |(_, told): &&(SessionId, Told)| *told == Told::Revoke(id.to_owned());
        assert_eq!(told.iter().filter(of).count(), 120, "{id}");
    }
    assert_eq!(acme.jobs().len(), 1);
}

#[test]
fn there_are_no_more_clients_than_fit() {
    let acme = Acme::new();
    for n in 0..CLIENTS_MAX {
        acme.client(&format!("c{n}"));
    }
    assert_eq!(acme.create(client("more")), ClientRead::TooMany);
    acme.delete("c7");
    shown(acme.create(client("more")));
}

#[test]
fn clients_are_listed_by_id_a_page_at_a_time() {
    let acme = Acme::new();
    for id in ["b", "a", "c"] {
        acme.client(id);
    }
    let page = |after: Option<&str>, limit| {
        let after = after.map(client_id);
        let page = acme.ask(ListClients { after, limit });
        let ids = page.items.iter().map(|client| client.client_id.to_string());
        (ids.collect::<String>(), page.next.map(|id| id.to_string()))
    };
    assert_eq!(page(None, 2), ("ab".to_owned(), Some("b".to_owned())));
    assert_eq!(page(Some("b"), 2), ("c".to_owned(), None));
    assert_eq!(page(None, u32::MAX), ("abc".to_owned(), None));
}

#[test]
fn a_registration_that_is_never_used_expires_and_a_used_one_stays() {
    let acme = Acme::new();
    acme.client("made");
    acme.register("unused");
    acme.stage.world.advance(UNUSED_CLIENT_MS / 2);
    acme.register("used");
    acme.register("later");
    assert!(shown(acme.read_client("used")).last_used_at.is_some());

    acme.stage.world.advance(UNUSED_CLIENT_MS / 2);
    let listed = |acme: &Acme| {
        let after = None;
        let page = acme.ask(ListClients { after, limit: 9 });
        let ids = page.items.iter().map(|client| client.client_id.to_string());
        ids.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed(&acme), "later made used");

    acme.stage.world.advance(UNUSED_CLIENT_MS);
    assert_eq!(listed(&acme), "made used");
    assert!(acme.jobs().is_empty());
}
