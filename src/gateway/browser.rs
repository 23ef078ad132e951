//! How do we know a browser again, and that a form came from our page?
//!
//! Two cookies, `__Host-` on https: the session's, which only its session can
//! check, and a random one that ties a form to the browser it was shown in.
//! A form is taken when its `csrf` field matches that cookie and the browser
//! does not say that another site sent it.

use super::{
    http::Response,
    platform::Platform,
    trouble::{Problem, Trouble},
    visit::Visit,
};
use crate::domain::{
    entropy::draw,
    keys::Purpose,
    oauth::Params,
    time::{DAY_MS, SECOND_MS},
    token::opaque::SessionCookie,
};
use ::http::header;
use base64ct::{Base64UrlUnpadded, Encoding};

/// The field that carries the proof in every form.
pub const CSRF_FIELD: &str = "csrf";

const SESSION: &str = "session";
const CSRF: &str = "csrf";

/// Browsers keep a cookie no longer than this; the session ends by itself.
const COOKIE_DAYS_MAX: i64 = 400;

/// The proof to put into a form, and the cookie it needs when there is none yet.
#[derive(Clone, Debug)]
pub struct Csrf {
    /// Value of the field [`CSRF_FIELD`].
    pub token: String,
    fresh: Option<String>,
}

impl<P: Platform> Visit<'_, P> {
    fn cookie_name(&self, name: &str) -> String {
        let is_https = self.platform().settings().is_https();
        if is_https {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let name = self.cookie_name(name);
        let lines = self.request.headers.get_all(header::COOKIE).iter();
        let pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(other, _)| other.trim() == name);
        found.next().map(|(_, value)| value.trim().to_owned())
    }

    /// A cookie as [RFC 6265 §4.1] spells it. Our values are base64url and dots:
    /// none wants quoting.
    ///
    /// [RFC 6265 §4.1]: https://www.rfc-editor.org/rfc/rfc6265#section-4.1
    pub(super) fn bake(&self, name: &str, value: &str, max_age_ms: i64) -> String {
        let name = self.cookie_name(name);
        let seconds = max_age_ms / SECOND_MS;
        let secure = if self.platform().settings().is_https() {
            "; Secure"
        } else {
            ""
        };
        format!("{name}={value}; HttpOnly; SameSite=Lax{secure}; Path=/; Max-Age={seconds}")
    }

    /// The session cookie the browser presents, when it has the form of one.
    #[must_use]
    pub fn session_cookie(&self) -> Option<SessionCookie> {
        self.cookie(SESSION)
            .and_then(|text| SessionCookie::parse(&text).ok())
    }

    /// Hands the browser its session cookie.
    #[must_use]
    pub fn with_session_cookie(&self, response: Response, cookie: &SessionCookie) -> Response {
        let baked = self.bake(SESSION, cookie.reveal().expose(), COOKIE_DAYS_MAX * DAY_MS);
        response.and(header::SET_COOKIE, &baked)
    }

    /// Takes the session cookie away from the browser.
    #[must_use]
    pub fn without_session_cookie(&self, response: Response) -> Response {
        let baked = self.bake(SESSION, "", 0);
        response.and(header::SET_COOKIE, &baked)
    }

    /// The proof for the forms of a page.
    #[must_use]
    pub fn csrf(&self) -> Csrf {
        if let Some(nonce) = self.cookie(CSRF) {
            return Csrf {
                token: self.csrf_token(&nonce),
                fresh: None,
            };
        }
        let nonce = Base64UrlUnpadded::encode_string(&draw::<24>(&mut self.entropy()));
        Csrf {
            token: self.csrf_token(&nonce),
            fresh: Some(nonce),
        }
    }

    /// Hands the browser the cookie that goes with a page's proof.
    #[must_use]
    pub fn with_csrf(&self, response: Response, csrf: &Csrf) -> Response {
        match &csrf.fresh {
            Some(nonce) => {
                let baked = self.bake(CSRF, nonce, DAY_MS);
                response.and(header::SET_COOKIE, &baked)
            }
            None => response,
        }
    }

    fn csrf_message(&self, nonce: &str) -> Vec<u8> {
        [self.home.id.as_bytes().as_slice(), nonce.as_bytes()].concat()
    }

    fn csrf_token(&self, nonce: &str) -> String {
        let keys = &self.platform().settings().master_keys;
        let proof = keys.vouch(Purpose::Csrf, &self.csrf_message(nonce));
        Base64UrlUnpadded::encode_string(&proof)
    }

    /// Makes sure that a form was sent from our own page in this browser.
    ///
    /// # Errors
    /// 403 when it was not, or when the browser says that another site sent it.
    pub fn check_csrf(&self, form: &Params) -> Result<(), Trouble> {
        let refused = || {
            let detail =
                "This form has expired or came from elsewhere. Go back, reload, try again.";
            Trouble::from(Problem::new(403, "form-refused", detail))
        };
        if self.is_cross_site() {
            return Err(refused());
        }
        let presented = form.one(CSRF_FIELD).ok().flatten().ok_or_else(refused)?;
        let tag = Base64UrlUnpadded::decode_vec(presented).map_err(|_| refused())?;
        let nonce = self.cookie(CSRF).ok_or_else(refused)?;
        let keys = &self.platform().settings().master_keys;
        if keys.vouched(Purpose::Csrf, &self.csrf_message(&nonce), &tag) {
            Ok(())
        } else {
            Err(refused())
        }
    }

    /// Whether the browser says that another site caused this request.
    #[must_use]
    pub fn is_cross_site(&self) -> bool {
        let foreign = |origin: &str| origin != self.home.issuer;
        let site = self.header("sec-fetch-site");
        self.header(header::ORIGIN.as_str()).is_some_and(foreign)
            || site.is_some_and(|site| site != "same-origin" && site != "none")
    }
}
