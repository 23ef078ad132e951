//! What is shown on each page?
//!
//! Plain values, one struct per template, without a request or an actor in
//! sight: whoever fills them decides nothing about looks.

use askama::Template;

/// What every page has.
#[derive(Clone, Debug, Default)]
pub(super) struct Shell {
    /// The tenant's name; empty where no tenant is known.
    pub(super) name: String,
    /// Its first letter, for want of a picture.
    pub(super) monogram: String,
    /// Its picture.
    pub(super) logo: Option<String>,
    /// The address of the style sheet.
    pub(super) style: String,
    /// The address of the tenant's colours.
    pub(super) theme: Option<String>,
    /// Whether a form comes back with errors: the title says so first.
    pub(super) is_refused: bool,
}

/// What every form carries unseen.
#[derive(Clone, Debug, Default)]
pub(super) struct Proof {
    /// Ties the form to this browser.
    pub(super) csrf: String,
    /// The authorization request on its way, sealed.
    pub(super) interaction: Option<String>,
}

/// One thing to mend in a form.
#[derive(Clone, Debug)]
pub(super) struct FieldError {
    /// The field's name; empty when it is about all of them.
    pub(super) field: &'static str,
    /// What to do.
    pub(super) text: String,
}

/// Everything to mend in a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Errors(Vec<FieldError>);

impl Errors {
    /// One more.
    #[must_use]
    pub(super) fn with(mut self, field: &'static str, text: impl Into<String>) -> Self {
        self.0.push(FieldError {
            field,
            text: text.into(),
        });
        self
    }

    /// What is wrong with one field.
    #[must_use]
    pub(super) fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.text.as_str())
    }

    /// All of them, in the order of the fields.
    pub(super) fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// Whether there is nothing to mend.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Somebody with an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    /// What to call them; empty when they have not said.
    pub(super) name: String,
    /// Where they are reached.
    pub(super) email: String,
    /// Their first letter.
    pub(super) monogram: String,
}

/// An application, as people see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Application {
    /// Its name.
    pub(super) name: String,
    /// Its first letter.
    pub(super) monogram: String,
    /// Its picture.
    pub(super) logo: Option<String>,
    /// Its own pages.
    pub(super) links: Vec<Link>,
}

/// A way to go on.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Where to.
    pub(super) href: String,
    /// In words.
    pub(super) label: String,
}

/// One sentence of a consent.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// Which picture stands before it: a name in `parts/icon.html`.
    pub(super) icon: &'static str,
    /// "See your e-mail address".
    pub(super) sentence: String,
}

/// What a person says of themself.
#[derive(Clone, Debug, Default)]
pub(super) struct ProfileForm {
    pub(super) name: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) nickname: String,
}

/// A session in its owner's list.
#[derive(Clone, Debug)]
pub(super) struct SessionRow {
    /// Its id, for the button.
    pub(super) id: String,
    /// Which picture stands before it.
    pub(super) icon: &'static str,
    /// "Firefox on Linux".
    pub(super) device: String,
    /// "Kraków, PL · 203.0.113.7".
    pub(super) place: String,
    /// "21 November 2026, 10:37 UTC".
    pub(super) began: String,
    /// The same for machines.
    pub(super) began_iso: String,
    /// "2 hours ago".
    pub(super) began_ago: String,
    /// "used 5 minutes ago from 203.0.113.9"; absent while it has hardly been.
    pub(super) used: Option<String>,
    /// Whether it is the one looking.
    pub(super) is_current: bool,
}

/// An application in the list of those allowed.
#[derive(Clone, Debug)]
pub(super) struct ApplicationRow {
    /// Its `client_id`, for the button.
    pub(super) id: String,
    /// How it looks.
    pub(super) client: Application,
    /// What it may do, in one line.
    pub(super) allowed: String,
    /// "21 November 2026".
    pub(super) since: String,
    /// The same for machines.
    pub(super) since_iso: String,
}

/// `/login`.
#[derive(Debug, Template)]
#[template(path = "login.html")]
pub(super) struct Login {
    pub(super) shell: Shell,
    pub(super) proof: Proof,
    pub(super) errors: Errors,
    pub(super) application: Option<String>,
    pub(super) username: String,
    pub(super) has_sign_up: bool,
}

/// `/signup`.
#[derive(Debug, Template)]
#[template(path = "sign_up.html")]
pub(super) struct SignUp {
    pub(super) shell: Shell,
    pub(super) proof: Proof,
    pub(super) errors: Errors,
    pub(super) application: Option<String>,
    pub(super) username: String,
    pub(super) full_name: String,
    pub(super) password_rule: String,
}

/// `/setup`: the first administrator.
#[derive(Debug, Template)]
#[template(path = "set_up.html")]
pub(super) struct SetUp {
    pub(super) shell: Shell,
    pub(super) proof: Proof,
    pub(super) errors: Errors,
    pub(super) token: String,
    pub(super) email: String,
    pub(super) password_rule: String,
}

/// `/consent`.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub(super) struct Consent {
    pub(super) shell: Shell,
    pub(super) proof: Proof,
    pub(super) client: Application,
    pub(super) person: Person,
    pub(super) grants: Vec<Grant>,
    pub(super) destination: String,
}

/// `/select-account`.
#[derive(Debug, Template)]
#[template(path = "select_account.html")]
pub(super) struct SelectAccount {
    pub(super) shell: Shell,
    pub(super) proof: Proof,
    pub(super) person: Person,
    pub(super) application: Option<String>,
}

/// Anything that is one sentence: signed out, errors.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(super) struct Message {
    pub(super) shell: Shell,
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) next: Option<Link>,
    pub(super) reference: Option<String>,
}

/// Asks before an application signs somebody out.
#[derive(Debug, Template)]
#[template(path = "sign_out.html")]
pub(super) struct SignOut {
    pub(super) shell: Shell,
    pub(super) proof: Proof,
    pub(super) application: Option<String>,
    pub(super) carried: Vec<(String, String)>,
}

/// Carries an authorization response to its client by POST.
#[derive(Debug, Template)]
#[template(path = "form_post.html")]
pub(super) struct FormPost {
    pub(super) shell: Shell,
    pub(super) action: String,
    pub(super) destination: String,
    pub(super) carried: Vec<(String, String)>,
    pub(super) script: String,
}

/// `/account`.
#[derive(Debug, Template)]
#[template(path = "account/overview.html")]
pub(super) struct Overview {
    pub(super) shell: Shell,
    pub(super) section: &'static str,
    pub(super) proof: Proof,
    pub(super) notice: Option<&'static str>,
    pub(super) person: Person,
    pub(super) since: String,
}

/// `/account/profile`.
#[derive(Debug, Template)]
#[template(path = "account/profile.html")]
pub(super) struct Profile {
    pub(super) shell: Shell,
    pub(super) section: &'static str,
    pub(super) proof: Proof,
    pub(super) notice: Option<&'static str>,
    pub(super) errors: Errors,
    pub(super) said: ProfileForm,
    pub(super) email: String,
}

/// `/account/password`.
#[derive(Debug, Template)]
#[template(path = "account/password.html")]
pub(super) struct PasswordChange {
    pub(super) shell: Shell,
    pub(super) section: &'static str,
    pub(super) proof: Proof,
    pub(super) notice: Option<&'static str>,
    pub(super) errors: Errors,
    pub(super) email: String,
    pub(super) password_rule: String,
}

/// `/account/sessions`.
#[derive(Debug, Template)]
#[template(path = "account/sessions.html")]
pub(super) struct Sessions {
    pub(super) shell: Shell,
    pub(super) section: &'static str,
    pub(super) proof: Proof,
    pub(super) notice: Option<&'static str>,
    pub(super) entries: Vec<SessionRow>,
    pub(super) has_others: bool,
}

/// `/account/applications`.
#[derive(Debug, Template)]
#[template(path = "account/applications.html")]
pub(super) struct Applications {
    pub(super) shell: Shell,
    pub(super) section: &'static str,
    pub(super) proof: Proof,
    pub(super) notice: Option<&'static str>,
    pub(super) entries: Vec<ApplicationRow>,
}
