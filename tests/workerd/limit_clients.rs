//! Do our own clients of the rate limits get along with the Worker?

use crate::support::Site;
use serde_json::json;
use std::{path::Path, process::Command};

#[test]
fn the_client_in_typescript_charges_and_is_refused_as_it_should() {
    let site = Site::on_workerd();
    let tenant = site.tenant();
    let client = tenant.client_with(&json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [],
        "scope": "ratelimit",
    }));
    let issuer = tenant.issuer();
    let (_, port) = issuer.rsplit_once(':').unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The node that the npm dependencies bring reads TypeScript; the system's may not.
    let output = Command::new(root.join("node_modules/.bin/node"))
        .arg(root.join("clients/typescript/ratelimit/test/live.mjs"))
        .env("ISSUER", &issuer)
        .env("CONNECT", format!("127.0.0.1:{port}"))
        .env("CLIENT_ID", &client.id)
        .env("CLIENT_SECRET", &client.secret)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
