//! What does one record of the log take away?

use aero2_tenant::json::{self, Object};
use serde_json::Value;

/// The most sessions one record names.
const SESSIONS_MAX: usize = 100;

/// What tells one token from another, as far as revocations go.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// `sub`.
    pub subject: &'a str,
    /// `client_id`.
    pub client: &'a str,
    /// `sid`; none for a client's own token.
    pub session: Option<&'a str>,
    /// `jti`.
    pub id: &'a str,
    /// `iat`, in seconds.
    pub issued_at: u64,
    /// `exp`, in seconds.
    pub expires_at: u64,
}

/// A record of the log: which tokens are worth nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// In seconds: no token that it takes away lives longer.
    pub(super) exp: u64,
    pub(super) takes: Takes,
}

/// What a record takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// The tokens behind these keys.
    Keys(Vec<Key>),
    /// Something this version does not know: any token it could concern is uncertain.
    Unknown,
}

/// Tokens that share a session, a grant, an id, a client or a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// What they share, spelled so that no two kinds can meet.
    pub(super) name: String,
    /// Only those issued up to then, in seconds; all when there is no such instant.
    pub(super) not_before: Option<u64>,
}

impl Revocation {
    /// Reads a record from the members of `urn:aero2:event:revoked`.
    ///
    /// A kind this version does not know is not skipped: see [`Takes::Unknown`].
    pub(crate) fn parse(members: &Object) -> Option<Self> {
        let exp = json::whole(members, "exp")?;
        let text = |name| json::text(members, name);
        let all_since = |name: String| {
            let not_before = Some(json::whole(members, "not_before")?);
            Some(vec![Key { name, not_before }])
        };
        let one = |name: String| {
            vec![Key {
                name,
                not_before: None,
            }]
        };
        let keys = match text("kind")? {
            "sessions" => sessions(members)?,
            "grant" => one(of_grant(text("grant")?)),
            "token" => one(of_id(text("jti")?)),
            "consent" => all_since(of_consent(text("sub")?, text("client_id")?))?,
            "client" => all_since(of_client(text("client_id")?))?,
            "tenant" => all_since(OF_TENANT.to_owned())?,
            _ => {
                let takes = Takes::Unknown;
                return Some(Self { exp, takes });
            }
        };
        let takes = Takes::Keys(keys);
        Some(Self { exp, takes })
    }
}

fn sessions(members: &Object) -> Option<Vec<Key>> {
    let sids = members.get("sids")?.as_array()?;
    if !(1..=SESSIONS_MAX).contains(&sids.len()) {
        return None;
    }
    let key = |sid: &Value| {
        let sid = sid.as_str()?;
        let is_sound = (1..=json::TEXT_BYTES_MAX).contains(&sid.len());
        is_sound.then(|| Key {
            name: of_session(sid),
            not_before: None,
        })
    };
    sids.iter().map(key).collect()
}

const OF_TENANT: &str = "tenant";

fn of_session(sid: &str) -> String {
    format!("sid:{sid}")
}

fn of_grant(grant: &str) -> String {
    format!("grant:{grant}")
}

fn of_id(jti: &str) -> String {
    format!("jti:{jti}")
}

fn of_client(client: &str) -> String {
    format!("client:{client}")
}

/// The length keeps `a`, `b:c` apart from `a:b`, `c`.
fn of_consent(subject: &str, client: &str) -> String {
    let length = subject.chars().count();
    format!("consent:{length}:{subject}:{client}")
}

/// The names of all keys that a token is behind.
pub(super) fn keys_of<'a>(token: &Facts<'a>) -> impl Iterator<Item = String> + 'a {
    let &Facts {
        subject,
        client,
        session,
        id,
        ..
    } = token;
    let grants = id
        .match_indices('.')
        .filter_map(move |(at, _)| id.get(..at));
    let fixed = [
        OF_TENANT.to_owned(),
        of_client(client),
        of_consent(subject, client),
        of_id(id),
    ];
    fixed
        .into_iter()
        .chain(session.map(of_session))
        .chain(grants.map(of_grant))
}
