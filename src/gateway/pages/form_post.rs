//! How does an answer reach a client that wants it by POST (`form_post`)?

use super::{
    assets,
    consent::destination,
    shell::{self, Needs, show},
    view::FormPost,
};
use crate::{
    domain::oauth::{Params, RedirectUri},
    gateway::{platform::Platform, trouble::Answer, visit::Visit},
};
use ::http::StatusCode;

/// A form that sends itself to the client (OAuth 2.0 Form Post Response Mode
/// §2), and has a button for browsers without script.
///
/// # Errors
/// On a fault.
pub async fn page<P: Platform>(
    visit: &Visit<'_, P>,
    action: &RedirectUri,
    params: &Params,
) -> Answer {
    let carried = params.iter();
    let page = FormPost {
        shell: visit.shell().await?,
        action: action.to_string(),
        destination: destination(action.as_str()),
        carried: carried
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        script: assets::script(),
    };
    show(
        StatusCode::OK,
        &page,
        Needs::Script,
        shell::beyond(action.as_str()),
    )
}
