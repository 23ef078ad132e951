//! Each endpoint's flows, named as facts.
//!
//! A flow is written once and run twice: in-process on the native store, and
//! against the built Worker on plain workerd.

/// Declares flows; each becomes two tests.
macro_rules! flows {
    ($($(#[$doc:meta])* fn $name:ident($site:ident: &Site) $body:block)+) => {
        $(
            $(#[$doc])*
            mod $name {
                use super::*;

                fn flow($site: &Site) $body

                #[test]
                fn in_process() {
                    flow(&Site::in_process());
                }

                #[test]
                fn on_workerd() {
                    flow(&Site::on_workerd());
                }
            }
        )+
    };
}

mod account;
mod admin_access;
mod admin_actors;
mod admin_clients;
mod admin_console;
mod admin_matrix;
mod admin_platform;
mod admin_policies;
mod admin_tenants;
mod admin_users;
mod archive;
mod audit;
mod authorize;
mod backchannel;
mod bad_input;
mod calls;
mod client_credentials;
mod code;
mod discovery;
mod endings;
mod feed;
mod files;
mod frontchannel;
mod introspect;
mod isolates;
mod isolation;
mod limits;
mod live;
mod log;
mod logout;
mod par;
mod ratelimit;
mod redaction;
mod refresh;
mod register;
mod retried;
mod revoke;
mod session_events;
mod sign_in;
mod ssf;
mod ssf_poll;
mod ssf_push;
mod userinfo;
