//! `/signed-out`: nobody is signed in here any more.

use super::{
    shell::{Needs, show},
    view::{Link, Message},
};
use crate::gateway::{platform::Platform, trouble::Answer, visit::Visit};
use ::http::StatusCode;

/// Says so.
///
/// # Errors
/// On a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let shell = visit.shell().await?;
    let page = Message {
        detail: format!("Nobody is signed in to {} in this browser.", shell.name),
        shell,
        title: "You are signed out".to_owned(),
        next: Some(Link {
            href: "/login".to_owned(),
            label: "Sign in again".to_owned(),
        }),
        reference: None,
    };
    show(StatusCode::OK, &page, Needs::Nothing, None)
}
