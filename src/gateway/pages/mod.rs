//! The pages people see.
//!
//! Plain forms that work without script. Each page's file shows it and takes
//! its form; what a page says stands in `templates/`, how it looks in
//! `assets/pages.css`.
//!
//! * [`shell`]: what goes around every page, and the headers with it
//! * [`view`]: the values each template is filled with
//! * [`waiting`]: the application that waits while its user is here
//! * [`console`]: the console's document, which is a file
//! * [`assets`], [`theme`]: the style sheet, and a tenant's colours
//! * [`words`], [`scopes`]: how we say it to people
//!
//! A form that comes back with errors is a 422 and keeps what was typed, never
//! the password.

mod account;
pub mod assets;
mod consent;
mod console;
pub mod error;
pub mod form_post;
mod login;
mod scopes;
mod select_account;
mod set_up;
mod shell;
pub mod sign_out;
mod sign_up;
mod signed_out;
pub mod signing_out;
#[cfg(test)]
mod tests;
mod theme;
mod view;
mod waiting;
mod words;

use super::{
    http::Response,
    platform::Platform,
    route::Endpoint,
    trouble::{Answer, Problem},
    visit::Visit,
};

/// Answers with a page.
///
/// # Errors
/// Whatever the page's file says.
pub async fn answer<P: Platform>(visit: &Visit<'_, P>, endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::Front => Ok(Response::see_other("/account")),
        Endpoint::Login => login::answer(visit).await,
        Endpoint::SignUp => sign_up::answer(visit).await,
        Endpoint::Consent => consent::answer(visit).await,
        Endpoint::SelectAccount => select_account::answer(visit).await,
        Endpoint::SignedOut => signed_out::answer(visit).await,
        Endpoint::SetUp => set_up::answer(visit).await,
        Endpoint::Console => console::answer(visit).await,
        Endpoint::Account => account::overview::answer(visit).await,
        Endpoint::AccountProfile => account::profile::answer(visit).await,
        Endpoint::AccountPassword => account::password::answer(visit).await,
        Endpoint::AccountSessions => account::sessions::answer(visit).await,
        Endpoint::AccountApplications => account::applications::answer(visit).await,
        _ => Err(Problem::new(404, "not-found", "There is nothing here.").into()),
    }
}
