//! Does the layer tell what it should to who asks, and let nothing else pass?

use crate::service::{Service, verdict};
use aero2_ratelimit::{Ask, Charge, Config, LimitLayer, Limiter, Verdict};
use axum::{Extension, Router, body::Body, http::StatusCode, routing::get};
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tower_service::Service as _;

fn charge(parts: &http::request::Parts) -> Charge {
    match parts.headers.get("x-user") {
        Some(user) => Charge::To(Ask::policy("api", user.to_str().unwrap()).cost(2)),
        None => Charge::Exempt,
    }
}

/// An application that counts what reaches it.
fn app(layer: LimitLayer) -> (Router, Arc<AtomicUsize>) {
    let reached = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&reached);
    let handler = move |verdict: Option<Extension<Verdict>>| async move {
        counting.fetch_add(1, Ordering::SeqCst);
        verdict.map_or("exempt".to_owned(), |told| told.policy.clone())
    };
    let router = Router::new()
        .route("/", get(handler))
        .route("/fails", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/missing", get(|| async { StatusCode::NOT_FOUND }))
        .route("/never", get(std::future::pending::<String>))
        .layer(layer);
    (router, reached)
}

async fn send(app: &mut Router, path: &str, user: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path);
    if let Some(user) = user {
        request = request.header("x-user", user);
    }
    app.call(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

async fn body(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn limited(config: Config) -> LimitLayer {
    LimitLayer::new(Limiter::new(config).unwrap(), charge)
}

#[tokio::test]
async fn who_passes_hears_how_much_is_left() {
    let (service, mut asked) = Service::open();
    let (mut app, _) = app(limited(service.config()));
    let response = send(&mut app, "/", Some("ada")).await;
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert_eq!(headers["ratelimit-policy"], r#""api.burst";q=10;w=10"#);
    assert_eq!(headers["ratelimit"], r#""api.burst";r=0;t=1"#);
    assert!(!headers.contains_key("retry-after"));
    assert_eq!(body(response).await, "api");
    let (_, body) = asked.recv().await.unwrap();
    assert_eq!(
        (&body["subject"], &body["cost"]),
        (&json!("ada"), &json!(2))
    );
}

#[tokio::test]
async fn who_had_too_much_is_told_so_and_reaches_nothing() {
    let (service, _asked) = Service::open();
    let (mut app, reached) = app(limited(service.config()));
    service.then_tell(200, &verdict(false, Some(1_500)));
    let response = send(&mut app, "/", Some("ada")).await;
    assert_eq!(response.status(), 429);
    let headers = response.headers();
    assert_eq!(headers["retry-after"], "2");
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["cache-control"], "no-store");
    assert!(headers.contains_key("ratelimit") && headers.contains_key("ratelimit-policy"));
    let problem: Value = serde_json::from_str(&body(response).await).unwrap();
    assert_eq!(problem["violated-policies"], json!(["api.burst"]));
    assert_eq!(problem["status"], 429);
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn who_is_exempt_is_not_asked_about() {
    let (service, mut asked) = Service::open();
    let (mut app, _) = app(limited(service.config()));
    let response = send(&mut app, "/", None).await;
    assert!(!response.headers().contains_key("ratelimit"));
    assert_eq!(body(response).await, "exempt");
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn without_a_verdict_nothing_is_reached_unless_that_was_said() {
    let (service, _asked) = Service::open();
    let (mut closed, reached) = app(limited(service.config()));
    service.then_tell(503, &json!({}));
    let response = send(&mut closed, "/", Some("ada")).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    assert!(body(response).await.contains("temporary-reduced-capacity"));
    service.then_tell(404, &json!({}));
    assert_eq!(send(&mut closed, "/", Some("ada")).await.status(), 500);
    assert_eq!(send(&mut closed, "/", Some("")).await.status(), 400);
    assert_eq!(reached.load(Ordering::SeqCst), 0);

    let (mut open, reached) = app(limited(service.config().allow_unchecked(|_| ())));
    service.then_tell(503, &json!({}));
    assert_eq!(send(&mut open, "/", Some("ada")).await.status(), 200);
    assert_eq!(reached.load(Ordering::SeqCst), 1);
    assert_eq!(send(&mut open, "/", Some("")).await.status(), 400);
    assert_eq!(reached.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn no_answer_of_the_service_adds_a_header() {
    let (service, _asked) = Service::open();
    let (mut app, reached) = app(limited(service.config()));
    for value in [
        "x\r\nset-cookie: a=b",
        "x\nset-cookie: a=b",
        "\u{0}",
        "\u{560d}\u{560a}",
    ] {
        let mut hostile = verdict(true, None);
        hostile["headers"]["RateLimit"] = value.into();
        service.then_tell(200, &hostile);
        let response = send(&mut app, "/", Some("ada")).await;
        assert_eq!(response.status(), 503);
        assert!(!response.headers().contains_key("set-cookie"));
        assert!(!response.headers().contains_key("ratelimit"));
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn two_limits_stand_beside_each_other() {
    let (service, _asked) = Service::open();
    let (app, _) = app(limited(service.config()));
    let mut app = app.layer(limited(service.config()));
    let response = send(&mut app, "/", Some("ada")).await;
    assert_eq!(response.headers().get_all("ratelimit").iter().count(), 2);
}

#[tokio::test]
async fn what_is_reserved_is_settled_as_the_response_is() {
    let (service, mut asked) = Service::open();
    let layer = limited(service.config()).reserving(Duration::from_secs(30));
    let (mut app, _) = app(layer);
    for (path, settled) in [
        ("/", "commit"),
        ("/missing", "commit"),
        ("/fails", "cancel"),
    ] {
        let response = send(&mut app, path, Some("ada")).await;
        assert!(response.headers().contains_key("ratelimit"));
        assert_eq!(asked.recv().await.unwrap().0, "reserve", "{path}");
        assert_eq!(asked.recv().await.unwrap().0, settled, "{path}");
    }
    let abandoned =
        tokio::spawn(async move { send(&mut app, "/never", Some("ada")).await.status() });
    assert_eq!(asked.recv().await.unwrap().0, "reserve");
    abandoned.abort();
    assert_eq!(asked.recv().await.unwrap().0, "cancel");
}
