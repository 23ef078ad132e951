//! Is the deployment up, and can it do its work?

use crate::{
    actors::{
        directory::{Directory, FindTenant, TenantFound, TenantKey},
        jwks::{Jwks, Lease},
        runtime::{Actors, Mail},
    },
    domain::tenant::Slug,
    gateway::{
        Gateway, bootstrap,
        http::Response,
        platform::Platform,
        trouble::{Answer, Problem},
    },
};
use ::http::StatusCode;
use serde::Serialize;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `/healthz`: this isolate answers. Asks nobody.
pub(super) fn is_up() -> Answer {
    Response::json(StatusCode::OK, &Health { status: "ok" })
}

/// `/readyz`: the settings are good, or nobody would be asked; the directory answers
/// and knows the platform's own tenant, and the keeper of keys has keys for it.
pub(super) async fn is_ready<P: Platform>(
    gateway: &Gateway<P>,
    mail: &Mail<P::Transport>,
) -> Answer {
    bootstrap::ensure(gateway, mail).await?;
    let by = TenantKey::Slug(Slug::platform());
    match mail.ask(&Directory::address(), FindTenant { by }).await? {
        TenantFound::Found(record) => {
            mail.ask(&Jwks::address(), Lease { tenant: record.id })
                .await?;
            Response::json(StatusCode::OK, &Health { status: "ready" })
        }
        TenantFound::Missing | TenantFound::Conflict => {
            Err(Problem::new(503, "not-ready", "The platform's own tenant is missing.").into())
        }
    }
}
