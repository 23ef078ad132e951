//! What does an endpoint know of the request in hand?

use super::{
    Gateway,
    http::{Body, Request},
    platform::Platform,
    trouble::{Problem, Trouble},
};
use crate::{
    actors::{
        runtime::{Actors, Address, Fault, Mail},
        session::{NEWS_AGE_MS_MAX, Session},
        tenant::{Configuration, ReadSettings, Tenant},
    },
    domain::{
        entropy::Entropy,
        ids::{SessionId, TenantId},
        oauth::{ErrorCode, OAuthError, Params},
        session::{Device, TenantNews},
        tenant::Slug,
        time::{SECOND_MS, Timestamp},
    },
};
use ::http::header;
use core::cell::Cell;
use std::rc::Rc;

/// How long an isolate may go on with a tenant's settings and clients.
pub const CONFIGURATION_MS_MAX: i64 = 30 * SECOND_MS;

const _: () = assert!(CONFIGURATION_MS_MAX < NEWS_AGE_MS_MAX);

/// Bytes of a `User-Agent` that are kept.
const USER_AGENT_BYTES_MAX: usize = 256;

/// A tenant as a request reached it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Which tenant.
    pub id: TenantId,
    /// Its sub-domain.
    pub slug: Slug,
    /// Its issuer identifier: the origin the request came to.
    pub issuer: String,
    /// Whether it is the platform itself.
    pub is_platform: bool,
}

impl Home {
    /// The address of one of the tenant's endpoints.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}

/// One request at one tenant.
pub struct Visit<'a, P: Platform> {
    /// The gateway it came through.
    pub gateway: &'a Gateway<P>,
    /// The request.
    pub request: &'a Request,
    /// When it came.
    pub now: Timestamp,
    /// Where it came.
    pub home: Rc<Home>,
    /// Asks actors on its behalf.
    pub mail: Mail<P::Transport>,
    /// The tenant that an operator's request turned out to be about.
    pub about: Cell<Option<TenantId>>,
}

impl<P: Platform> Gateway<P> {
    /// A tenant's settings, at most [`CONFIGURATION_MS_MAX`] old.
    ///
    /// # Errors
    /// When the tenant's actor fails.
    pub(super) async fn configuration(
        &self,
        mail: &Mail<P::Transport>,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Rc<Configuration>, Fault> {
        let cache = &self.memory.configurations;
        if let Some(known) = cache.find(&tenant, now) {
            return Ok(known);
        }
        let configuration = Rc::new(mail.ask(&Tenant::address(tenant), ReadSettings).await?);
        let until = now.plus(CONFIGURATION_MS_MAX);
        cache.put(tenant, Rc::clone(&configuration), until);
        Ok(configuration)
    }
}

impl<P: Platform> Visit<'_, P> {
    /// The host.
    pub fn platform(&self) -> &P {
        &self.gateway.platform
    }

    /// Unpredictable bytes.
    pub fn entropy(&self) -> impl Entropy {
        self.gateway.platform.entropy()
    }

    /// The tenant's actor.
    #[must_use]
    pub fn tenant(&self) -> Address<Tenant> {
        Tenant::address(self.home.id)
    }

    /// The actor of one of the tenant's sessions.
    #[must_use]
    pub fn session(&self, session: SessionId) -> Address<Session> {
        Session::address(self.home.id, session)
    }

    /// The tenant's settings, at most [`CONFIGURATION_MS_MAX`] old.
    ///
    /// # Errors
    /// When the tenant's actor fails.
    pub async fn configuration(&self) -> Result<Rc<Configuration>, Trouble> {
        let known = self
            .gateway
            .configuration(&self.mail, self.home.id, self.now);
        Ok(known.await?)
    }

    /// What this isolate knows of the tenant and a session may not: that all
    /// sessions have ended, and how long they live now.
    ///
    /// # Errors
    /// When the tenant's actor fails.
    pub async fn news(&self) -> Result<TenantNews, Trouble> {
        Ok(self.configuration().await?.news())
    }

    /// The parameters of the query.
    ///
    /// # Errors
    /// `invalid_request` when it is malformed.
    pub fn query(&self) -> Result<Params, OAuthError> {
        Ok(Params::parse(self.request.query.as_bytes())?)
    }

    /// The body, whole.
    ///
    /// # Errors
    /// 413 when it is too large.
    pub fn body(&self) -> Result<&[u8], Trouble> {
        match &self.request.body {
            Body::Whole(bytes) => Ok(bytes.expose()),
            Body::TooLarge => {
                Err(
                    Problem::new(413, "content-too-large", "The request's body is too large.")
                        .into(),
                )
            }
        }
    }

    /// The parameters of a form body (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// 413 when it is too large, `invalid_request` when it is anything else.
    pub fn form(&self) -> Result<Params, Trouble> {
        let body = self.body()?;
        if !self.has_content_type("application/x-www-form-urlencoded") {
            let what = "the body must be application/x-www-form-urlencoded";
            return Err(OAuthError::new(ErrorCode::InvalidRequest, what).into());
        }
        Ok(Params::parse(body).map_err(OAuthError::from)?)
    }

    /// Whether the body says it is of this media type, whatever its parameters.
    #[must_use]
    pub fn has_content_type(&self, expected: &str) -> bool {
        let said = self
            .header(header::CONTENT_TYPE.as_str())
            .unwrap_or_default();
        let media_type = said.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case(expected)
    }

    /// A header sent once, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.request.headers.get_all(name).iter();
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        value.to_str().ok()
    }

    /// From where the request came, for the session's owner's eyes.
    #[must_use]
    pub fn device(&self) -> Device {
        let shorten = |text: &str| {
            let end = text.floor_char_boundary(USER_AGENT_BYTES_MAX);
            text.get(..end).unwrap_or_default().to_owned()
        };
        Device {
            user_agent: self.header(header::USER_AGENT.as_str()).map(shorten),
            address: self
                .request
                .client_address
                .map(|address| address.to_string()),
            place: self.request.client_place.clone(),
        }
    }
}
