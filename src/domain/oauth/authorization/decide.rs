//! What must the person do before the client gets its code?

use super::{AuthorizationRequest, Prompt};
use crate::domain::ids::UserId;
use crate::domain::oauth::consent::Consent;
use crate::domain::oauth::error::ErrorCode;
use crate::domain::session::SessionView;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What has happened since this request came in.
///
/// Without it `prompt=login` would ask again after every sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// When the request came in.
    pub started_at: Timestamp,
    /// Whether the person has chosen the account.
    #[serde(default)]
    pub selected: bool,
    /// Whether the person has consented to this very request.
    #[serde(default)]
    pub consented: bool,
}

impl Interaction {
    /// Nothing has happened yet.
    #[must_use]
    pub const fn begun(started_at: Timestamp) -> Self {
        Self {
            started_at,
            selected: false,
            consented: false,
        }
    }
}

/// Everything a decision is made from, besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The client is the tenant's own and needs no consent.
    pub skip_consent: bool,
    /// Who is signed in, if anybody is.
    pub session: Option<&'a SessionView>,
    /// The subject of a verified `id_token_hint`.
    pub hinted: Option<UserId>,
    /// What that person has consented to before, for this client.
    pub consent: Option<&'a Consent>,
    /// What has happened since the request came in.
    pub interaction: Interaction,
}

/// Why somebody has to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginReason {
    /// Nobody is signed in.
    NoSession,
    /// The client wants a fresh proof: `prompt=login`.
    Asked,
    /// The last proof is older than `max_age`.
    TooLongAgo,
    /// The client expects somebody else.
    SomebodyElse,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Show the sign-in page.
    LogIn(LoginReason),
    /// Show who is signed in, and offer to be somebody else.
    SelectAccount,
    /// Show what the client wants.
    Consent,
    /// Tell the client no.
    Refuse(ErrorCode),
    /// Give the client its code.
    Grant,
}

/// Decides what comes next (OpenID Connect Core §3.1.2.3 and §3.1.2.4).
///
/// It is asked anew after each step, and ends: every page it asks for changes
/// the one fact that made it ask.
#[must_use]
pub fn decide(
    request: &AuthorizationRequest,
    situation: &Situation<'_>,
    now: Timestamp,
) -> Decision {
    let silent = request.prompt.has(Prompt::None);
    let shown = |page: Decision, code| if silent { Decision::Refuse(code) } else { page };

    let Some(session) = situation.session else {
        let page = Decision::LogIn(LoginReason::NoSession);
        return shown(page, ErrorCode::LoginRequired);
    };
    let fresh = session.authentication.at >= situation.interaction.started_at;
    let chosen = fresh || situation.interaction.selected;
    if request.prompt.has(Prompt::SelectAccount) && !chosen {
        return shown(Decision::SelectAccount, ErrorCode::AccountSelectionRequired);
    }
    match login_reason(request, situation, session, now) {
        Some(reason) if !fresh => return shown(Decision::LogIn(reason), ErrorCode::LoginRequired),
        // The person signed in when asked, and is not who was asked for.
        Some(LoginReason::SomebodyElse) => return Decision::Refuse(ErrorCode::LoginRequired),
        _ => {}
    }
    if !meets_essential_acr(request, session) {
        return Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements);
    }
    if needs_consent(request, situation) {
        return shown(Decision::Consent, ErrorCode::ConsentRequired);
    }
    Decision::Grant
}

/// Why the session is not enough, a fresh one aside.
fn login_reason(
    request: &AuthorizationRequest,
    situation: &Situation<'_>,
    session: &SessionView,
    now: Timestamp,
) -> Option<LoginReason> {
    if expects_somebody_else(request, situation, session) {
        return Some(LoginReason::SomebodyElse);
    }
    if request.prompt.has(Prompt::Login) {
        return Some(LoginReason::Asked);
    }
    // In whole seconds, as the client will reckon from `auth_time`.
    let age = now
        .as_seconds()
        .saturating_sub(session.authentication.at.as_seconds());
    let too_long = request.max_age.is_some_and(|most| age > i64::from(most));
    too_long.then_some(LoginReason::TooLongAgo)
}

/// `id_token_hint`, and `sub` asked for with a value (OpenID Connect Core
/// §3.1.2.1 and §5.5.1).
fn expects_somebody_else(
    request: &AuthorizationRequest,
    situation: &Situation<'_>,
    session: &SessionView,
) -> bool {
    let other = situation.hinted.is_some_and(|user| user != session.user);
    let subject = Value::from(session.user.to_string());
    let claims = [&request.claims.id_token, &request.claims.userinfo];
    let mut wanted = claims.into_iter().filter_map(|part| part.get("sub"));
    other || wanted.any(|sub| !sub.takes(&subject))
}

/// An `acr` asked for as essential with values must be one of them
/// (OpenID Connect Core §5.5.1.1); any other wish is voluntary.
fn meets_essential_acr(request: &AuthorizationRequest, session: &SessionView) -> bool {
    let acr = Value::from(session.authentication.acr.as_str());
    request
        .claims
        .id_token
        .get("acr")
        .is_none_or(|wanted| !wanted.essential || wanted.takes(&acr))
}

fn needs_consent(request: &AuthorizationRequest, situation: &Situation<'_>) -> bool {
    if situation.interaction.consented {
        return false;
    }
    if request.prompt.has(Prompt::Consent) {
        return true;
    }
    let given = situation
        .consent
        .is_some_and(|consent| consent.covers(request));
    !(given || situation.skip_consent)
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
