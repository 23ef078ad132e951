//! `/select-account`: as whom do you want to go on?

use super::{
    consent::nobody_waits,
    shell::{self, field},
    view::SelectAccount,
    waiting::{self, Waiting},
};
use crate::gateway::{
    http::Response,
    interaction::Pending,
    platform::Platform,
    trouble::{Answer, Problem},
    visit::Visit,
};
use ::http::StatusCode;

/// Shows who is signed in, or goes on as them or as somebody else.
///
/// # Errors
/// 400 without an application or a decision, 403 for a form that is not ours,
/// or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let (sent, is_post) = visit.sent()?;
    let waiting = visit.waiting(&sent).await?.ok_or_else(nobody_waits)?;
    if is_post && field(&sent, "decision") == "other" {
        return Ok(Response::see_other(
            &visit.page_for("/login", &waiting.pending)?,
        ));
    }
    let Some(viewer) = visit.viewer().await? else {
        return waiting.resume(visit);
    };
    if is_post {
        if field(&sent, "decision") != "continue" {
            let detail = "The form says neither continue nor other.";
            return Err(Problem::new(400, "no-decision", detail).into());
        }
        let selected_by = Some(viewer.view.session);
        return waiting::resume(
            visit,
            &Pending {
                selected_by,
                ..waiting.pending
            },
        );
    }
    let Some(user) = visit.user_of(&viewer).await? else {
        return Ok(Response::see_other(
            &visit.page_for("/login", &waiting.pending)?,
        ));
    };
    let csrf = visit.csrf();
    let page = SelectAccount {
        shell: visit.shell().await?,
        proof: visit.proof(&csrf, Some(&waiting.pending))?,
        person: shell::person(&user),
        application: Waiting::name(&waiting),
    };
    visit.form_page(StatusCode::OK, &page, &csrf, Some(&waiting))
}
