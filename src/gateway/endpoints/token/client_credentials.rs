//! What may a client have without any user ([RFC 6749 §4.4])?
//!
//! [RFC 6749 §4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4

use crate::{
    domain::oauth::{Client, Resource, Scopes, scope::Scope},
    gateway::{
        mint::{self, Tokens},
        platform::Platform,
        trouble::Trouble,
        visit::Visit,
    },
};

/// Mints a token for the client itself, with what it was registered for; what
/// is said of a user means nothing here and is left out.
pub(super) async fn issue<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    scopes: Option<Scopes>,
    resources: &[Resource],
) -> Result<Tokens, Trouble> {
    let configuration = visit.configuration().await?;
    let default = mint::default_resource(visit, &configuration.settings);
    client.check_resources(resources, default.as_ref())?;
    let scopes = client.limit_scopes(&scopes.unwrap_or_default())?;
    let scopes = scopes.without(&Scope::OF_A_USER);
    mint::for_client(visit, client, scopes, resources).await
}
