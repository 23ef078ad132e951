//! Which Durable Object class hosts which actor?
//!
//! To add one: a line of `object_class!` here, with a function that wakes the
//! actor, and the class with its binding in `wrangler.json`. The binding is
//! the actor's kind in upper case.

use super::host::gateway;
#[cfg(feature = "test-hooks")]
use crate::actors::runtime::probe::Probe;
use crate::{
    actors::{
        bucket::Bucket, directory::Directory, jwks::Jwks, registry::Registry,
        revocations::Revocations, runtime::activation::Activation, session::Session,
        tenant::Tenant,
    },
    domain::keys::MasterKeys,
    gateway::{platform::Platform, settings::SettingsFault},
};
use wasm_bindgen::prelude::*;
use worker::{Env, web_sys::WebSocket};

fn master_keys(env: &Env) -> Result<MasterKeys, SettingsFault> {
    Ok(gateway(env)?.platform().settings().master_keys.clone())
}

/// Declares a Durable Object class that hosts one kind of actor.
macro_rules! object_class {
    ($(#[$doc:meta])* $class:ident, $wake:expr) => {
        $(#[$doc])*
        #[worker::durable_object(alarm)]
        pub struct $class {
            object: $crate::workerd::object::Object,
        }

        impl worker::DurableObject for $class {
            fn new(state: worker::State, env: worker::Env) -> Self {
                let object = $crate::workerd::object::Object::new(stringify!($class), state, env, $wake);
                Self { object }
            }

            async fn fetch(&self, request: worker::Request) -> worker::Result<worker::Response> {
                self.object.fetch(request).await
            }

            async fn alarm(&self) -> worker::Result<worker::Response> {
                self.object.alarm()
            }
        }

        // What the runtime calls by name (`scripts/lib/entry.mjs`). The crate's own handler
        // of messages would copy one into the Wasm whatever its size.
        #[wasm_bindgen]
        impl $class {
            #[doc(hidden)]
            pub fn ask(&self, envelope: &[u8]) -> Result<JsValue, JsValue> {
                self.object.ask(envelope)
            }

            #[doc(hidden)]
            #[wasm_bindgen(js_name = webSocketMessage)]
            pub fn web_socket_message(&self, socket: &WebSocket, message: &JsValue) {
                self.object.hear(socket, message);
            }

            #[doc(hidden)]
            #[wasm_bindgen(js_name = webSocketClose)]
            pub fn web_socket_close(&self, socket: &WebSocket) {
                self.object.hear_close(socket);
            }

            #[doc(hidden)]
            #[wasm_bindgen(js_name = webSocketError)]
            pub fn web_socket_error(&self, socket: &WebSocket) {
                self.object.hear_close(socket);
            }
        }
    };
}

#[cfg(feature = "test-hooks")]
object_class! {
    /// Hosts [`Probe`].
    ProbeObject, |_, now| Ok(Box::new(Activation::new(Probe, now)))
}

object_class! {
    /// Hosts the [`Directory`].
    DirectoryObject, |_, now| Ok(Box::new(Activation::new(Directory, now)))
}

object_class! {
    /// Hosts a [`Tenant`].
    TenantObject, |_, now| Ok(Box::new(Activation::new(Tenant, now)))
}

object_class! {
    /// Hosts a [`Session`].
    SessionObject, |_, now| Ok(Box::new(Activation::new(Session, now)))
}

object_class! {
    /// Hosts a [`Bucket`].
    BucketObject, |_, now| Ok(Box::new(Activation::new(Bucket, now)))
}

object_class! {
    /// Hosts a shard of the [`Registry`].
    RegistryObject, |_, now| Ok(Box::new(Activation::new(Registry, now)))
}

object_class! {
    /// Hosts a tenant's [`Revocations`], which seals its rows anew when the
    /// operator's key is replaced.
    RevocationsObject, |env, now| {
        let master_keys = master_keys(env)?;
        Ok(Box::new(Activation::new(Revocations { master_keys }, now)))
    }
}

object_class! {
    /// Hosts [`Jwks`], which opens its rows with the operator's key.
    JwksObject, |env, now| {
        let master_keys = master_keys(env)?;
        Ok(Box::new(Activation::new(Jwks { master_keys }, now)))
    }
}
