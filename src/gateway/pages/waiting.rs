//! Which application waits while its user is on our pages?

use super::shell::{self, Needs, show};
use crate::{
    domain::oauth::{
        AuthorizationRequest, Client, Params,
        authorization::{Arrival, AuthorizationParams, Terms},
    },
    gateway::{
        browser::Csrf,
        http::Response,
        interaction::Pending,
        mint,
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::StatusCode;
use askama::Template;
use std::rc::Rc;

/// An authorization request that waits, and who made it.
pub(super) struct Waiting {
    /// As it travels.
    pub(super) pending: Pending,
    params: Params,
    client: Option<Rc<Client>>,
}

impl Waiting {
    /// What the application calls itself, when it is still known.
    pub(super) fn name(&self) -> Option<String> {
        self.client
            .as_deref()
            .map(|client| shell::application(client).name)
    }

    /// The scheme of the address it waits at, for a form's policy.
    pub(super) fn beyond(&self) -> Option<&str> {
        shell::beyond(shell::field(&self.params, "redirect_uri"))
    }

    /// Whom the application expects (`login_hint`).
    pub(super) fn hint(&self) -> &str {
        shell::field(&self.params, "login_hint")
    }

    /// The request as it will be judged, with the client; `None` when it may
    /// not be made, which the authorization endpoint says better.
    pub(super) async fn request<P: Platform>(
        &self,
        visit: &Visit<'_, P>,
    ) -> Result<Option<(AuthorizationRequest, Rc<Client>)>, Trouble> {
        let Some(client) = &self.client else {
            return Ok(None);
        };
        let configuration = visit.configuration().await?;
        let default = mint::default_resource(visit, &configuration.settings);
        let arrival = if self.pending.was_pushed {
            Arrival::Pushed
        } else {
            Arrival::Direct
        };
        let terms = Terms {
            default_resource: default.as_ref(),
            arrival,
        };
        let named = AuthorizationParams::parse(self.params.clone());
        let identified = named.and_then(|named| named.identify(client)).ok();
        let request = identified.and_then(|request| request.validate(client, terms).ok());
        Ok(request.map(|request| (request, Rc::clone(client))))
    }

    /// Sends the browser back to where requests are decided.
    pub(super) fn resume<P: Platform>(&self, visit: &Visit<'_, P>) -> Answer {
        resume(visit, &self.pending)
    }
}

/// Sends the browser back to where requests are decided.
pub(super) fn resume<P: Platform>(visit: &Visit<'_, P>, pending: &Pending) -> Answer {
    Ok(Response::see_other(
        &visit.page_for("/oauth/authorize", pending)?,
    ))
}

impl<P: Platform> Visit<'_, P> {
    /// A page with a form, which may end at the application that waits.
    pub(super) fn form_page(
        &self,
        status: StatusCode,
        page: &impl Template,
        csrf: &Csrf,
        waiting: Option<&Waiting>,
    ) -> Answer {
        let needs = match waiting {
            Some(_) => Needs::Application,
            None => Needs::Nothing,
        };
        let response = show(status, page, needs, waiting.and_then(Waiting::beyond))?;
        Ok(self.with_csrf(response, csrf))
    }

    /// The request a page's query or form carries, when it carries one.
    pub(super) async fn waiting(&self, carried: &Params) -> Result<Option<Waiting>, Trouble> {
        let Some(pending) = self.open_interaction(carried)? else {
            return Ok(None);
        };
        let params = Params::parse(pending.request.as_bytes()).unwrap_or_default();
        let client = match AuthorizationParams::parse(params.clone()) {
            Ok(named) => self.client(named.client_id()).await?,
            Err(_) => None,
        };
        Ok(Some(Waiting {
            pending,
            params,
            client,
        }))
    }
}
