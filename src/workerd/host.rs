//! What does the Worker lend the gateway?

use super::{
    archive, clock, crypto::WebCrypto, entropy::HostEntropy, files, outside,
    transport::StubTransport,
};
use crate::{
    actors::runtime::Fault,
    archive::ArchiveFault,
    domain::{entropy::Entropy, time::Timestamp},
    gateway::{
        Gateway,
        http::Response,
        outside::{Post, PostFault, Posted},
        platform::Platform,
        settings::{Settings, SettingsFault},
    },
};
use ::http::HeaderValue;
use core::{cell::OnceCell, time::Duration};
use js_sys::Reflect;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use worker::{Delay, Env, console_error, console_log, web_sys::WebSocket};

/// The Worker, as the gateway sees it: one per isolate.
#[derive(Debug)]
pub(super) struct WorkerHost {
    env: Env,
    settings: Settings,
    crypto: WebCrypto,
}

impl Platform for WorkerHost {
    type Transport = StubTransport;
    type Crypto = WebCrypto;

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn entropy(&self) -> impl Entropy {
        HostEntropy
    }

    fn transport(&self) -> StubTransport {
        StubTransport::new(self.env.clone())
    }

    fn crypto(&self) -> &WebCrypto {
        &self.crypto
    }

    async fn post(&self, post: Post) -> Result<Posted, PostFault> {
        outside::post(&self.settings, post).await
    }

    async fn archive(&self, statements: String) -> Result<String, ArchiveFault> {
        archive::ask(&self.env, &statements).await
    }

    async fn file(&self, name: &str, known: Option<&HeaderValue>) -> Result<Response, Fault> {
        files::open(&self.env, name, known).await
    }

    fn socket_to_nobody(&self, frames: Vec<String>, code: u16, reason: &'static str) -> WebSocket {
        outside::socket_to_nobody(&frames, code, reason)
    }

    async fn pause(&self, millis: i64) {
        let millis = u64::try_from(millis).unwrap_or_default();
        Delay::from(Duration::from_millis(millis)).await;
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn log(&self, line: &str) {
        console_log!("{line}");
    }
}

type Built = Result<Rc<Gateway<WorkerHost>>, SettingsFault>;

thread_local! {
    // Settings do not change within an isolate. What the gateway remembers of
    // tenants is bounded, short-lived and named by tenant.
    static GATEWAY: OnceCell<Built> = const { OnceCell::new() };
}

/// This isolate's gateway, built when first asked for: a start does no work.
///
/// # Errors
/// Names the setting that is missing or malformed.
pub(super) fn gateway(env: &Env) -> Built {
    GATEWAY.with(|gateway| gateway.get_or_init(|| build(env)).clone())
}

fn build(env: &Env) -> Built {
    console_error_panic_hook::set_once();
    let read = |name: &str| {
        let value = Reflect::get(env, &JsValue::from_str(name));
        value.ok().and_then(|value| value.as_string())
    };
    match Settings::read(&read) {
        Ok(settings) => Ok(Rc::new(Gateway::new(WorkerHost {
            env: env.clone(),
            settings,
            crypto: WebCrypto::default(),
        }))),
        Err(fault) => {
            console_error!("aero2: {fault}");
            Err(fault)
        }
    }
}
