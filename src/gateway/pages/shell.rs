//! What goes around every page, and with it?

use super::{
    assets,
    view::{Application, Errors, Link, Person, Proof, Shell},
    words,
};
use crate::{
    actors::runtime::Fault,
    domain::{
        oauth::{Client, ClientId, Params},
        tenant::TenantSettings,
        user::User,
    },
    gateway::{
        browser::Csrf,
        http::Response,
        interaction::Pending,
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::{Method, StatusCode, header};
use askama::Template;

/// Everything a page may load and where its forms may go. No script, and no
/// style but ours: there is nothing to inject into. Logos come from wherever
/// the tenant and its clients keep them.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// `no-referrer` would make browsers send `Origin: null` with our own forms,
/// which is how forms of strangers look ([Fetch §3.2]). Other origins are told
/// nothing either way.
///
/// [Fetch §3.2]: https://fetch.spec.whatwg.org/#append-a-request-origin-header
const REFERRER_POLICY: &str = "same-origin";

/// What one page needs beyond the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: its forms come back to us and stay.
    #[default]
    Nothing,
    /// Its form may end at an application. Browsers apply `form-action` to the
    /// redirects that follow a form, and those of an application are its own
    /// affair: any https address, or what its `redirect_uri` says.
    Application,
    /// As [`Needs::Application`], and its form is sent by our script.
    Script,
}

/// Renders a page. `beyond` is the scheme of an application's address that is
/// not https, when a form may end there.
pub(super) fn show(
    status: StatusCode,
    page: &impl Template,
    needs: Needs,
    beyond: Option<&str>,
) -> Answer {
    let html = page
        .render()
        .map_err(|error| Fault::Unreachable(format!("rendering a page: {error}")))?;
    let mut policy = POLICY.to_owned();
    if needs != Needs::Nothing {
        policy.push_str(" https:");
        if let Some(scheme) = beyond {
            policy.push(' ');
            policy.push_str(scheme);
            policy.push(':');
        }
    }
    if needs == Needs::Script {
        policy.push_str("; script-src 'self'");
    }
    let response = Response::of(status, "text/html; charset=utf-8", html.into_bytes());
    Ok(response
        .with(header::CONTENT_SECURITY_POLICY, &policy)
        .with(header::REFERRER_POLICY, REFERRER_POLICY))
}

/// The scheme of an application's address, when a policy must name it.
///
/// Only letters of a scheme get through: what stands in a policy is ours.
pub(super) fn beyond(redirect_uri: &str) -> Option<&str> {
    let (scheme, _) = redirect_uri.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (is_scheme && scheme != "https").then_some(scheme)
}

/// A shell without a tenant: for errors that come before one is known.
pub(super) fn bare() -> Shell {
    Shell {
        style: assets::style(),
        ..Shell::default()
    }
}

fn branded(settings: &TenantSettings) -> Shell {
    Shell {
        name: settings.name.clone(),
        monogram: words::monogram(&settings.name),
        logo: settings.logo_uri.as_ref().map(ToString::to_string),
        style: assets::style(),
        theme: settings.brand_color.map(assets::theme),
        is_refused: false,
    }
}

impl Shell {
    /// The same, of a form that comes back when there are `errors`.
    pub(super) fn with(self, errors: &Errors) -> Self {
        Self {
            is_refused: !errors.is_empty(),
            ..self
        }
    }
}

impl Errors {
    /// 200 for a form shown first, 422 for one that comes back: whatever was
    /// wrong with it, for a status says as much as a sentence.
    pub(super) fn status(&self) -> StatusCode {
        if self.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }
}

impl<P: Platform> Visit<'_, P> {
    /// What every page of the tenant has.
    pub(super) async fn shell(&self) -> Result<Shell, Trouble> {
        Ok(branded(&self.configuration().await?.settings))
    }

    /// The unseen part of a form.
    pub(super) fn proof(&self, csrf: &Csrf, waits: Option<&Pending>) -> Result<Proof, Trouble> {
        let interaction = waits
            .map(|pending| self.seal_interaction(pending))
            .transpose()?;
        Ok(Proof {
            csrf: csrf.token.clone(),
            interaction,
        })
    }

    /// The form that was sent, when one was, and it is ours.
    pub(super) fn own_form(&self) -> Result<Option<Params>, Trouble> {
        if self.request.method != Method::POST {
            return Ok(None);
        }
        let form = self.form()?;
        self.check_csrf(&form)?;
        Ok(Some(form))
    }

    /// What a page is opened with, and whether that is a form of ours.
    pub(super) fn sent(&self) -> Result<(Params, bool), Trouble> {
        Ok(match self.own_form()? {
            Some(form) => (form, true),
            None => (self.query()?, false),
        })
    }

    /// How an application is shown, one that has been deleted too.
    pub(super) async fn application(&self, id: &ClientId) -> Result<Application, Trouble> {
        let client = self.client(id).await?;
        Ok(client.as_deref().map_or_else(|| unknown(id), application))
    }
}

/// How a client is shown.
pub(super) fn application(client: &Client) -> Application {
    let metadata = &client.metadata;
    let name = metadata
        .client_name
        .clone()
        .unwrap_or_else(|| client.client_id.to_string());
    let links = [
        (&metadata.client_uri, "website"),
        (&metadata.policy_uri, "privacy policy"),
        (&metadata.tos_uri, "terms of service"),
    ];
    let link = |(href, label): (&Option<String>, &str)| {
        href.clone().map(|href| Link {
            href,
            label: label.to_owned(),
        })
    };
    Application {
        monogram: words::monogram(&name),
        name,
        logo: metadata.logo_uri.clone(),
        links: links.into_iter().filter_map(link).collect(),
    }
}

fn unknown(id: &ClientId) -> Application {
    let name = id.to_string();
    Application {
        monogram: words::monogram(&name),
        name,
        ..Application::default()
    }
}

/// How a user is shown.
pub(super) fn person(user: &User) -> Person {
    let email = email_of(user);
    let name = user
        .claims
        .display_name()
        .filter(|name| *name != email)
        .unwrap_or_default();
    let monogram = words::monogram(if name.is_empty() { &email } else { name });
    Person {
        name: name.to_owned(),
        email,
        monogram,
    }
}

/// The address a user signs in with.
pub(super) fn email_of(user: &User) -> String {
    let email = user.claims.email.as_ref();
    email.map(ToString::to_string).unwrap_or_default()
}

/// A field of a form as it was typed; nothing when it is missing or repeated.
pub(super) fn field<'a>(form: &'a Params, name: &'static str) -> &'a str {
    form.one(name).ok().flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_schemes_and_nothing_else() {
        assert_eq!(beyond("https://app.example/cb"), None);
        assert_eq!(beyond("http://127.0.0.1:9000/cb"), Some("http"));
        assert_eq!(beyond("com.example.app:/cb"), Some("com.example.app"));
        assert_eq!(beyond("x; script-src *:/cb"), None);
        assert_eq!(beyond("cb"), None);
    }
}
