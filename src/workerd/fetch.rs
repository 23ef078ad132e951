//! How does the Worker answer one request?

use super::{
    errors::message_of,
    host::{WorkerHost, gateway},
    log, promise,
    request::{self, Head},
    response::{problem, response},
    unwinding::caught,
};
use crate::gateway::{Gateway, http::Response, platform::Platform};
use ::http::StatusCode;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, web_sys, worker_sys::Context};

/// Answers one request, whatever happens meanwhile.
///
/// # Errors
/// When the runtime refuses what we hand it.
pub(super) async fn fetch(
    asked: &web_sys::Request,
    env: &Env,
    context: &Context,
) -> Result<web_sys::Response, JsValue> {
    let head = request::head(asked)?;
    let gateway = match gateway(env) {
        Ok(gateway) => gateway,
        Err(fault) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return response(&problem(status, "detail", &fault.to_string()));
        }
    };
    let id = head.id.clone();
    let failed = || problem(StatusCode::INTERNAL_SERVER_ERROR, "request_id", &id);
    let answer = caught(answer(&gateway, head, asked))
        .await
        .unwrap_or_else(|| {
            // The panic hook has said what and where.
            log::failed("gateway.panicked", Some(&id), "the gateway panicked");
            failed()
        });
    if gateway.owes() {
        settle_later(gateway, context);
    }
    response(&answer).or_else(|error| {
        log::failed("answer.refused", Some(&id), &message_of(&error));
        response(&failed())
    })
}

/// Lets the gateway do what it owes while the answer is on its way.
fn settle_later(gateway: Rc<Gateway<WorkerHost>>, context: &Context) {
    let work = promise::answer(async move {
        if caught(gateway.settle()).await.is_none() {
            log::failed("gateway.panicked", None, "after its answer");
        }
        Ok(JsValue::UNDEFINED)
    });
    let waited = work.and_then(|work| context.wait_until(&work.unchecked_into()));
    if let Err(error) = waited {
        // What it has counted is told when it owes it again.
        log::failed("settling.refused", None, &message_of(&error));
    }
}

async fn answer(gateway: &Gateway<WorkerHost>, head: Head, asked: &web_sys::Request) -> Response {
    let header = &gateway.platform().settings().client_ip_header;
    let id = head.id.clone();
    let Ok(request) = request::complete(head, asked, header).await else {
        // The client went away, or broke the framing of its body.
        return problem(StatusCode::BAD_REQUEST, "request_id", &id);
    };
    #[cfg(feature = "test-hooks")]
    if request.path.starts_with(super::hooks::PREFIX) {
        return super::hooks::answer(gateway.platform(), &request).await;
    }
    gateway.answer(&request).await
}
