//! Is this the user, and which session is theirs from now on?
//!
//! A plain sign-in awaits two buckets at once, the tenant twice and one session,
//! and while that begins, the buckets again, which give back what they charged. A
//! refusal awaits the buckets and the tenant once, and computes Argon2id once,
//! whatever the reason: no account, no password, disabled, or simply wrong.
//! A browser that brings a session's cookie costs one more question, for the
//! session must say whose it is.

use super::{
    http::Response,
    limit::{self, device::DeviceCookie},
    log,
    platform::Platform,
    trouble::{Answer, Problem, Trouble},
    visit::Visit,
};
use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{Begin, Begun, End, Look, Looked, Reauthenticate},
        tenant::{Admit, Admitted, Credentials, CredentialsOf, ReadCredentials},
    },
    domain::{
        audit::{Actor, Event, TargetKind},
        ids::{SessionId, UserId},
        password::{self, Password, PasswordFault, PasswordHash, Verdict},
        session::{Authentication, EndReason, SessionView},
        token::opaque::SessionCookie,
        user::Email,
    },
    gateway::interaction::Pending,
};
use futures::future::join;

/// Ids drawn for a session before we think that something is wrong: two are
/// never the same (128 random bits).
const DRAWS_MAX: u32 = 3;

/// A user who has shown a password.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Who.
    pub user: UserId,
    /// The hash it was checked against.
    pub checked: PasswordHash,
    /// The same password under today's parameters, when `checked` is older.
    pub rehashed: Option<PasswordHash>,
}

/// A session that has just begun, or been stepped up, in this browser.
#[derive(Debug)]
pub struct SignedIn {
    /// Which.
    pub session: SessionId,
    cookie: SessionCookie,
    device: Option<DeviceCookie>,
}

/// Who this browser's session belongs to.
#[derive(Debug)]
pub struct Viewer {
    /// The cookie it was known by.
    pub cookie: SessionCookie,
    /// What the session said.
    pub view: SessionView,
}

impl From<PasswordFault> for Trouble {
    fn from(fault: PasswordFault) -> Self {
        Fault::Unreachable(fault.to_string()).into()
    }
}

impl<P: Platform> Visit<'_, P> {
    /// Who is signed in in this browser; counts as use of the session.
    ///
    /// # Errors
    /// When the session fails to answer.
    pub async fn viewer(&self) -> Result<Option<Viewer>, Trouble> {
        let Some(cookie) = self.session_cookie() else {
            return Ok(None);
        };
        let look = Look {
            cookie: cookie.digest(),
            device: Some(self.device()),
            news: self.news().await?,
        };
        match self.mail.ask(&self.session(cookie.sid()), look).await {
            Ok(Looked::Live(view)) => Ok(Some(Viewer { cookie, view })),
            Ok(Looked::Gone) | Err(Fault::Absent) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }
}

/// Checks an address and a password typed at the sign-in page; `None` when
/// nobody can sign in with them.
///
/// # Errors
/// 429, or a fault.
pub async fn by_password<P: Platform>(
    visit: &Visit<'_, P>,
    email: &str,
    password: &Password,
) -> Result<Option<SignedIn>, Trouble> {
    let charged = limit::charge_sign_in(visit, email).await;
    let account = limit::account(visit, email);
    if let Err(Trouble::Problem(Problem { status: 429, .. })) = &charged {
        visit.note_stranger(Event::SignInLimited, TargetKind::Account, account);
        return charged.map(|_| None);
    }
    let charged = charged?;
    let Ok(email) = Email::parse(email) else {
        password::spend_equal_time(password);
        visit.note_stranger(Event::SignInFailed, TargetKind::Account, account);
        return Ok(None);
    };
    match prove(visit, CredentialsOf::Email(email), password).await? {
        Ok(proven) => {
            let known = charged.device().is_none().then_some("known_device");
            visit.act_because(Actor::user(proven.user), known.map(str::to_owned));
            // The password was right, whatever becomes of the session.
            let (begun, ()) = join(begin(visit, &proven), charged.refund(visit)).await;
            let known = |signed_in| SignedIn {
                device: charged.device(),
                ..signed_in
            };
            Ok(begun?.map(known))
        }
        Err(user) => {
            // Who is not there has no id; what stands for them is nobody's to read.
            let (kind, id) = match user {
                Some(user) => (TargetKind::User, user.to_string()),
                None => (TargetKind::Account, account),
            };
            visit.note_stranger(Event::SignInFailed, kind, id);
            Ok(None)
        }
    }
}

/// Checks somebody's password; whose it is not, when it is not. Costs the same
/// whether there is one or not.
///
/// # Errors
/// On a fault.
pub async fn prove<P: Platform>(
    visit: &Visit<'_, P>,
    by: CredentialsOf,
    password: &Password,
) -> Result<Result<Proven, Option<UserId>>, Trouble> {
    let credentials = visit
        .mail
        .ask(&visit.tenant(), ReadCredentials { by })
        .await?;
    let Credentials::Password { user, hash } = credentials else {
        password::spend_equal_time(password);
        return Ok(Err(None));
    };
    let rehashed = match password::verify(password, &hash)? {
        Verdict::Mismatch => return Ok(Err(Some(user))),
        Verdict::Match => None,
        Verdict::MatchButOutdated => Some(password::hash(password, &mut visit.entropy())?),
    };
    Ok(Ok(Proven {
        user,
        checked: hash,
        rehashed,
    }))
}

/// Signs a proven user in: steps their live session in this browser up, or
/// begins a new one and then ends whoever's was there. `None` when the tenant
/// no longer admits them.
///
/// # Errors
/// On a fault.
pub async fn begin<P: Platform>(
    visit: &Visit<'_, P>,
    proven: &Proven,
) -> Result<Option<SignedIn>, Trouble> {
    let Some(viewer) = visit.viewer().await? else {
        return begin_new(visit, proven).await;
    };
    if viewer.view.user == proven.user
        && let Some(stepped_up) = step_up(visit, proven, &viewer).await?
    {
        return Ok(stepped_up.into());
    }
    let signed_in = begin_new(visit, proven).await?;
    if signed_in.is_some() {
        replace(visit, &viewer).await;
    }
    Ok(signed_in)
}

async fn admit<P: Platform>(
    visit: &Visit<'_, P>,
    proven: &Proven,
    session: SessionId,
) -> Result<Admitted, Fault> {
    let admit = Admit {
        user: proven.user,
        checked: proven.checked.clone(),
        rehashed: proven.rehashed.clone(),
        session,
        device: visit.device(),
    };
    visit.mail.ask(&visit.tenant(), admit).await
}

async fn begin_new<P: Platform>(
    visit: &Visit<'_, P>,
    proven: &Proven,
) -> Result<Option<SignedIn>, Trouble> {
    for _ in 0..DRAWS_MAX {
        let session = SessionId::generate(&mut visit.entropy());
        let Admitted::Admitted {
            idle_ms,
            absolute_ms,
        } = admit(visit, proven, session).await?
        else {
            return Ok(None);
        };
        let cookie = SessionCookie::mint(session, &mut visit.entropy());
        let begin = Begin {
            tenant: visit.home.id,
            issuer: visit.home.issuer.clone(),
            session,
            user: proven.user,
            cookie: cookie.digest(),
            authentication: Authentication::by_password(visit.now),
            device: visit.device(),
            idle_ms,
            absolute_ms,
        };
        if let Begun::Live(_) = visit.mail.ask(&visit.session(session), begin).await? {
            return Ok(Some(SignedIn {
                session,
                cookie,
                device: None,
            }));
        }
    }
    Err(Fault::Corrupt("session ids collide").into())
}

/// The same user again: the session goes on under a new cookie. `None` when it
/// has ended meanwhile, or the user is no longer admitted.
async fn step_up<P: Platform>(
    visit: &Visit<'_, P>,
    proven: &Proven,
    viewer: &Viewer,
) -> Result<Option<SignedIn>, Trouble> {
    let session = viewer.view.session;
    if admit(visit, proven, session).await? == Admitted::Refused {
        return Ok(None);
    }
    let next = SessionCookie::mint(session, &mut visit.entropy());
    let again = Reauthenticate {
        cookie: viewer.cookie.digest(),
        next_cookie: next.digest(),
        user: proven.user,
        authentication: Authentication::by_password(visit.now),
        device: visit.device(),
    };
    match visit.mail.ask(&visit.session(session), again).await {
        Ok(Looked::Live(_)) => Ok(Some(SignedIn {
            session,
            cookie: next,
            device: None,
        })),
        Ok(Looked::Gone) | Err(Fault::Absent) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Ends the session another user had in this browser. Its cookie is about to be
/// overwritten, so a fault here loses nothing but tidiness: it is logged.
async fn replace<P: Platform>(visit: &Visit<'_, P>, viewer: &Viewer) {
    let end = End {
        why: EndReason::Replaced,
        cookie: Some(viewer.cookie.digest()),
        announced: None,
    };
    let session = visit.session(viewer.view.session);
    if let Err(fault) = visit.mail.ask(&session, end).await {
        log::failed(visit, "session.not_replaced", None, &fault);
    }
}

impl SignedIn {
    /// Sends the browser on with its new cookie: back to the application that
    /// waits, or to the account. Having signed in is having chosen the account.
    ///
    /// # Errors
    /// 414 when the application's request is too long to travel.
    pub fn onward<P: Platform>(&self, visit: &Visit<'_, P>, waits: Option<Pending>) -> Answer {
        let target = match waits {
            Some(pending) => {
                let pending = Pending {
                    selected_by: Some(self.session),
                    ..pending
                };
                visit.page_for("/oauth/authorize", &pending)?
            }
            None => "/account".to_owned(),
        };
        let response = visit.with_session_cookie(Response::see_other(&target), &self.cookie);
        Ok(match &self.device {
            Some(device) => device.onto(visit, response),
            None => response,
        })
    }
}
