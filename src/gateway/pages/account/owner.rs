//! Whose account is it?

use super::super::view::Proof;
use crate::{
    actors::{
        runtime::Actors,
        tenant::{ReadUser, UserRead},
    },
    domain::{audit::Actor, session::SessionView, user::User},
    gateway::{
        browser::Csrf, http::Response, platform::Platform, sign_in::Viewer, trouble::Trouble,
        visit::Visit,
    },
};

/// The parameter that makes a page say that something was done.
const DONE: &str = "done";

/// The user whose account it is, signed in in this browser.
pub(in crate::gateway::pages) struct Owner {
    /// The session that looks.
    pub(in crate::gateway::pages) view: SessionView,
    /// The user as the tenant knows them.
    pub(in crate::gateway::pages) user: User,
}

impl<P: Platform> Visit<'_, P> {
    /// The user of a session; `None` when there is none any more.
    pub(in crate::gateway::pages) async fn user_of(
        &self,
        viewer: &Viewer,
    ) -> Result<Option<User>, Trouble> {
        let read = ReadUser {
            id: viewer.view.user,
        };
        Ok(match self.mail.ask(&self.tenant(), read).await? {
            UserRead::Found(user) => Some(*user),
            _ => None,
        })
    }

    /// The user whose account this is, or the way to sign in.
    pub(in crate::gateway::pages) async fn owner(
        &self,
    ) -> Result<Result<Owner, Response>, Trouble> {
        let Some(viewer) = self.viewer().await? else {
            return Ok(Err(Response::see_other("/login")));
        };
        let Some(user) = self.user_of(&viewer).await? else {
            return Ok(Err(
                self.without_session_cookie(Response::see_other("/login"))
            ));
        };
        self.act_as(Actor::user(user.sub));
        Ok(Ok(Owner {
            view: viewer.view,
            user,
        }))
    }

    /// What the page says was done, when the form before it did something.
    pub(super) fn notice(&self, text: &'static str) -> Option<&'static str> {
        let query = self.query().unwrap_or_default();
        let is_done = query.one(DONE).ok().flatten().is_some();
        is_done.then_some(text)
    }
}

/// The unseen part of an account's form.
pub(super) fn own_proof(csrf: &Csrf) -> Proof {
    Proof {
        csrf: csrf.token.clone(),
        interaction: None,
    }
}

/// Back to the page, which says that it is done.
pub(super) fn done(path: &str) -> Response {
    Response::see_other(&format!("{path}?{DONE}=1"))
}
