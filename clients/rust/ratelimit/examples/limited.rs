//! How does an API of axum use a limit?
//!
//! `ISSUER=https://acme.example CLIENT_ID=… CLIENT_SECRET=… cargo run --example limited --features tower`

use aero2_ratelimit::{Ask, Charge, Config, LimitLayer, Limiter, Stopped, Verdict};
use axum::{
    Extension, Router,
    extract::{ConnectInfo, State},
    http::{StatusCode, request::Parts},
    routing::{get, post},
};
use std::{convert::Infallible, env, error::Error, net::SocketAddr, time::Duration};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::new(
        &env::var("ISSUER")?,
        &env::var("CLIENT_ID")?,
        &env::var("CLIENT_SECRET")?,
    );
    // Without this line, who cannot be limited is refused with 503.
    let config = config.allow_unchecked(|error| eprintln!("passed without a limit: {error}"));
    let limiter = Limiter::new(config)?;
    limiter.prepare().await?;

    let orders = LimitLayer::new(limiter.clone(), |parts| match parts.uri.path() {
        "/health" => Charge::Exempt,
        _ => Charge::To(Ask::policy("api", address(parts))),
    });
    // Exports cost ten, and only those that come about.
    let exports = LimitLayer::new(limiter.clone(), |parts| {
        Charge::To(Ask::policy("exports", address(parts)).cost(10))
    });
    let app = Router::new()
        .route("/orders", get(list))
        .route("/health", get(|| async { "good" }))
        .layer(orders)
        .merge(
            Router::new()
                .route("/exports", post(|| async { "begun" }))
                .layer(exports.reserving(Duration::from_secs(30))),
        )
        .route("/mails", post(mail))
        .with_state(limiter);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}

/// Who asks; behind a proxy, read what the proxy says, and nobody else.
fn address(parts: &Parts) -> String {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or("unknown".to_owned(), |peer| {
        format!("address:{}", peer.ip())
    })
}

async fn list(verdict: Option<Extension<Verdict>>) -> String {
    let left = verdict.and_then(|told| told.rules.first().map(|rule| rule.remaining));
    format!("the orders; {left:?} requests are left")
}

/// The same by hand: charged when the mail is sent.
async fn mail(State(limiter): State<Limiter>) -> Result<&'static str, StatusCode> {
    let ask = Ask::policy("mails", "user:42");
    let sent = limiter
        .guarded(&ask, Duration::from_secs(30), async |_| {
            Ok::<_, Infallible>("sent")
        })
        .await;
    match sent {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(never)) => match never {},
        Err(Stopped::Refused(_)) => Err(StatusCode::TOO_MANY_REQUESTS),
        Err(Stopped::Error(_)) => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}
