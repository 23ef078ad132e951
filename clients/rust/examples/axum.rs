//! How does an API of axum use a verifier?
//!
//! `ISSUER=https://acme.example AUDIENCE=https://api.acme.example CLIENT_ID=… CLIENT_SECRET=… cargo run --example axum`

use aero2_verifier::{Config, Policy, Verified, Verifier};
use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use std::{env, error::Error, sync::Arc};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::new(
        &env::var("ISSUER")?,
        &env::var("AUDIENCE")?,
        &env::var("CLIENT_ID")?,
        &env::var("CLIENT_SECRET")?,
    )
    .when_uncertain(Policy::Introspect);
    let verifier = Arc::new(Verifier::start(config)?);
    let app = Router::new()
        .route("/orders", get(orders))
        .layer(middleware::from_fn_with_state(verifier, bearer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}

/// Lets a request pass with a good token, and only then.
async fn bearer(
    State(verifier): State<Arc<Verifier>>,
    mut request: Request,
    next: Next,
) -> Response {
    let header = request.headers().get(header::AUTHORIZATION);
    let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(token) = token else {
        return (
            [(header::WWW_AUTHENTICATE, "Bearer")],
            StatusCode::UNAUTHORIZED,
        )
            .into_response();
    };
    match verifier.verify(token).await {
        Ok(good) => {
            request.extensions_mut().insert(Arc::new(good));
            next.run(request).await
        }
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            let challenge = r#"Bearer error="invalid_token""#;
            ([(header::WWW_AUTHENTICATE, challenge)], status).into_response()
        }
    }
}

async fn orders(Extension(good): Extension<Arc<Verified>>) -> Result<String, StatusCode> {
    if !good.token.allows("orders.read") {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(format!("the orders of {}", good.token.subject))
}
