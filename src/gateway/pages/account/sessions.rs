//! `/account/sessions`: where am I signed in?

use super::{
    super::{
        shell::{Needs, field, show},
        view::{SessionRow, Sessions},
        words,
    },
    owner::{Owner, done, own_proof},
};
use crate::{
    actors::{
        runtime::Actors,
        tenant::{EndSessions, ListSessions, SessionEntry, WhichSessions},
    },
    domain::{ids::SessionId, oauth::Params, session::EndReason, time::Timestamp},
    gateway::{
        http::Response,
        platform::Platform,
        trouble::{Answer, Problem},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Lists the sessions, or ends one or all others.
///
/// # Errors
/// 400 for a form that names none, 403 for one that is not ours, or a fault.
pub(in crate::gateway::pages) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let owner = match visit.owner().await? {
        Ok(owner) => owner,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match visit.own_form()? {
        Some(form) => end(visit, &owner, &form).await,
        None => page(visit, &owner).await,
    }
}

fn which(form: &Params, own: SessionId) -> Option<WhichSessions> {
    match field(form, "which") {
        "others" => Some(WhichSessions::AllBut(own)),
        "all" => Some(WhichSessions::All),
        one => SessionId::parse(one).ok().map(WhichSessions::One),
    }
}

async fn end<P: Platform>(visit: &Visit<'_, P>, owner: &Owner, form: &Params) -> Answer {
    let is_everywhere = field(form, "which") == "all";
    let unnamed = || Problem::new(400, "no-session", "The form does not say which session.");
    let end = EndSessions {
        user: owner.user.sub,
        which: which(form, owner.view.session).ok_or_else(unnamed)?,
        why: EndReason::SignedOutElsewhere,
    };
    // Another's session, or one that has ended, is refused: the list shows what is.
    visit.mail.ask(&visit.tenant(), end).await?;
    if is_everywhere {
        return Ok(visit.without_session_cookie(Response::see_other("/signed-out")));
    }
    Ok(done("/account/sessions"))
}

fn row(entry: &SessionEntry, own: SessionId, now: Timestamp) -> SessionRow {
    SessionRow {
        id: entry.session.to_string(),
        icon: words::device_icon(&entry.device),
        device: words::device(&entry.device),
        place: words::place(&entry.device),
        began: words::instant(entry.began_at),
        began_iso: words::iso(entry.began_at),
        began_ago: words::ago(entry.began_at, now),
        used: used(entry, now),
        is_current: entry.session == own,
    }
}

/// When it was used last, and from which address, when that is another.
fn used(entry: &SessionEntry, now: Timestamp) -> Option<String> {
    let ago = words::ago(entry.used_at?, now);
    let from = entry.seen.as_ref().and_then(|seen| seen.address.as_ref());
    Some(match from {
        Some(address) => format!("used {ago} from {address}"),
        None => format!("used {ago}"),
    })
}

async fn page<P: Platform>(visit: &Visit<'_, P>, owner: &Owner) -> Answer {
    let list = ListSessions {
        user: owner.user.sub,
    };
    let list = visit.mail.ask(&visit.tenant(), list).await?;
    let row = |entry| row(entry, owner.view.session, visit.now);
    let mut entries: Vec<SessionRow> = list.items.iter().map(row).collect();
    // The one that looks comes first; the others keep their order.
    entries.sort_by_key(|entry| !entry.is_current);
    let csrf = visit.csrf();
    let page = Sessions {
        shell: visit.shell().await?,
        section: "sessions",
        proof: own_proof(&csrf),
        notice: visit.notice("Signed out there."),
        has_others: entries.iter().any(|entry| !entry.is_current),
        entries,
    };
    Ok(visit.with_csrf(show(StatusCode::OK, &page, Needs::Nothing, None)?, &csrf))
}
