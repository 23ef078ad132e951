//! How does a program in another language use a verifier?
//!
//! It runs this one, and asks it by lines: `verify TOKEN`, `live`, `sync` or `health`; each is answered in one line.
//! `ISSUER=https://acme.example AUDIENCE=https://api.acme.example CLIENT_ID=… CLIENT_SECRET=… cargo run --example lines`

use aero2_verifier::{Basis, Config, Policy, Verifier, VerifyError, feed::Limits};
use std::{
    env,
    error::Error,
    io::{Write, stdin, stdout},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::start(config()?)?;
    // The socket is served by another thread, so this one may wait for lines.
    for line in stdin().lines() {
        let told = answer(&verifier, &line?).await?;
        writeln!(stdout(), "{told}")?;
    }
    Ok(())
}

fn config() -> Result<Config, Box<dyn Error>> {
    let mut limits = Limits::default();
    if let Ok(most) = env::var("MAX_STALENESS_MS") {
        limits.max_staleness_ms = most.parse()?;
    }
    let config = Config::new(
        &env::var("ISSUER")?,
        &env::var("AUDIENCE")?,
        &env::var("CLIENT_ID")?,
        &env::var("CLIENT_SECRET")?,
    )
    .limits(limits)
    .when_uncertain(match env::var("WHEN_UNCERTAIN").as_deref() {
        Ok("deny") => Policy::Deny,
        Ok("allow") => Policy::Allow,
        Ok("introspect") | Err(_) => Policy::Introspect,
        Ok(other) => return Err(format!("no such policy: {other}").into()),
    });
    Ok(match env::var("CONNECT") {
        Ok(address) => config.connect(&address),
        Err(_) => config,
    })
}

async fn answer(verifier: &Verifier, line: &str) -> Result<String, Box<dyn Error>> {
    let (verb, token) = line.split_once(' ').unwrap_or((line, ""));
    Ok(match verb {
        "verify" => match verifier.verify(token).await {
            Ok(good) => basis(good.basis).to_owned(),
            Err(why) => format!("{} {}", refusal(&why), why.status()),
        },
        "live" => match verifier.live().await {
            Ok(()) => "live".to_owned(),
            Err(_) => "stopped".to_owned(),
        },
        "sync" => match verifier.sync().await {
            Ok(()) => "synced".to_owned(),
            Err(_) => "not synced".to_owned(),
        },
        "health" => {
            let health = verifier.health();
            let (is_certain, is_live, entries) =
                (health.is_certain, health.is_live, health.entries);
            format!(r#"{{"isCertain":{is_certain},"isLive":{is_live},"entries":{entries}}}"#)
        }
        other => return Err(format!("nobody knows how to {other}").into()),
    })
}

const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Feed => "feed",
        Basis::Introspection => "introspection",
        Basis::Unconfirmed => "unconfirmed",
    }
}

const fn refusal(why: &VerifyError) -> &'static str {
    match why {
        VerifyError::Refused(_) => "refused",
        VerifyError::Revoked => "revoked",
        VerifyError::Uncertain => "uncertain",
        VerifyError::Fault(_) => "fault",
    }
}
