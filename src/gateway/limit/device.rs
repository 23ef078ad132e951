//! Has somebody signed in to this account from this browser before?
//!
//! A cookie that outlives sessions says so, vouched for by us, one token for each
//! account ([OWASP: device cookies]). It proves nothing but that: whoever steals
//! one gets a bucket of their own to guess in, as narrow as any.
//!
//! [OWASP: device cookies]: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies

use super::subject::Person;
use crate::{
    domain::{entropy::draw, ids::base32, keys::Purpose, time::DAY_MS},
    gateway::{http::Response, platform::Platform, visit::Visit},
};
use ::http::header;
use base64ct::{Base64UrlUnpadded, Encoding};

const COOKIE: &str = "device";

/// Browsers keep a cookie no longer than this.
const COOKIE_DAYS: i64 = 400;

/// Accounts that one browser is known by: the family's computer.
const ACCOUNTS_MAX: usize = 4;

const ID_BYTES: usize = 10;

/// What a browser shows, and what it is to show from now on.
pub(super) struct Device {
    /// Its scope among the devices of the account, when it is known.
    pub(super) known: Option<String>,
    /// Its cookie, once somebody has signed in to the account; `None` when it
    /// has that already.
    pub(super) next: Option<DeviceCookie>,
}

/// The device cookie to hand to a browser.
#[derive(Clone, Debug)]
pub struct DeviceCookie(String);

impl DeviceCookie {
    /// The same response, with this cookie.
    #[must_use]
    pub fn onto<P: Platform>(&self, visit: &Visit<'_, P>, response: Response) -> Response {
        let baked = visit.bake(COOKIE, &self.0, COOKIE_DAYS * DAY_MS);
        response.and(header::SET_COOKIE, &baked)
    }
}

impl Device {
    /// Whether the browser is one of `person`'s.
    pub(super) fn read<P: Platform>(visit: &Visit<'_, P>, person: &Person) -> Self {
        let keys = &visit.platform().settings().master_keys;
        let shown = visit.cookie(COOKIE).unwrap_or_default();
        let tokens: Vec<&str> = shown.split('.').take(ACCOUNTS_MAX).collect();
        let opened = tokens.iter().find_map(|token| {
            let bytes = Base64UrlUnpadded::decode_vec(token).ok()?;
            let (id, tag) = bytes.split_at_checked(ID_BYTES)?;
            let is_ours = keys.vouched(Purpose::Device, &message(visit, person, id), tag);
            is_ours.then(|| base32(id))
        });
        if opened.is_some() {
            return Self {
                known: opened,
                next: None,
            };
        }
        let id: [u8; ID_BYTES] = draw(&mut visit.entropy());
        let tag = keys.vouch(Purpose::Device, &message(visit, person, &id));
        let token = Base64UrlUnpadded::encode_string(&[id.as_slice(), &tag].concat());
        let others = tokens.into_iter().take(ACCOUNTS_MAX - 1);
        let others = others.filter(|other| !other.is_empty());
        let all: Vec<&str> = core::iter::once(token.as_str()).chain(others).collect();
        Self {
            known: None,
            next: Some(DeviceCookie(all.join("."))),
        }
    }
}

/// The tenant's id and the device's have fixed lengths, the person comes last.
fn message<P: Platform>(visit: &Visit<'_, P>, person: &Person, id: &[u8]) -> Vec<u8> {
    let tenant = visit.home.id;
    [tenant.as_bytes().as_slice(), id, person.as_bytes()].concat()
}
