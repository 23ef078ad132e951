//! Whom is an event about, and whom does a receiver not want to hear of
//! ([RFC 9493], [SSF §3])?
//!
//! A receiver may name a subject in any format. All that is kept of it is what
//! we could ever send: a user, a session, this tenant, or several of these.
//!
//! [RFC 9493]: https://www.rfc-editor.org/rfc/rfc9493
//! [SSF §3]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#name-subject-members-in-ssf-even

use super::sent::{Malformed, Sent};
use crate::domain::ids::{SessionId, StreamId, TenantId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Bytes of each member of a subject: longer than an issuer or an address.
const MEMBER_BYTES_MAX: usize = 512;

/// Members of a complex subject: more than the framework knows.
const MEMBERS_MAX: usize = 16;

/// A subject identifier as somebody else wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `iss_sub`.
    IssSub {
        /// Whose user.
        iss: String,
        /// Which.
        sub: String,
    },
    /// `email`.
    Email(String),
    /// `opaque`.
    Opaque(String),
    /// `complex`: by member.
    Complex(Vec<(String, Self)>),
    /// A format we never send.
    Foreign,
}

/// What we could send something about: whatever is named must be it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// A user.
    pub user: Option<UserId>,
    /// A session.
    pub session: Option<SessionId>,
    /// The tenant.
    pub tenant: Option<TenantId>,
}

/// Whom we tell something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// A user.
    User(UserId),
    /// Whatever session a user had.
    AllSessions(UserId),
    /// One session of a user.
    Session(UserId, SessionId),
    /// Whatever session anybody had.
    Tenant(TenantId),
    /// The stream itself.
    Stream,
}

/// Against what a subject is recognised.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The issuer of the stream.
    pub issuer: &'a str,
    /// The tenant.
    pub tenant: TenantId,
    /// Who has the email address it names.
    pub by_email: Option<UserId>,
}

impl Subject {
    /// Reads the member `subject`.
    ///
    /// # Errors
    /// Names what is missing or malformed.
    pub fn parse(sent: &Sent) -> Result<Self, Malformed> {
        let value = sent.value("subject");
        let value = value.ok_or_else(|| Malformed::must("subject", "a subject identifier"))?;
        let members = Sent::of("subject", value)?;
        if format_of(&members)? == "complex" {
            return complex(value);
        }
        simple(&members)
    }

    /// The email address it names.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        match self {
            Self::Email(email) => Some(email),
            Self::Complex(members) => members.iter().find_map(|(_, member)| member.email()),
            _ => None,
        }
    }

    /// What we could send about it; `None` when that is nothing.
    #[must_use]
    pub fn topic(&self, known: Known<'_>) -> Option<Topic> {
        let Self::Complex(members) = self else {
            return self.alone(known);
        };
        let mut topic = Topic::default();
        for (name, member) in members {
            match name.as_str() {
                "user" => topic.user = Some(member.user(known)?),
                "session" => topic.session = Some(SessionId::parse(member.opaque()?).ok()?),
                "tenant" => topic.tenant = Some(member.tenant(known)?),
                _ => return None,
            }
        }
        Some(topic)
    }

    /// A simple subject says of itself what it is.
    fn alone(&self, known: Known<'_>) -> Option<Topic> {
        if let Some(user) = self.user(known) {
            let user = Some(user);
            return Some(Topic {
                user,
                ..Topic::default()
            });
        }
        if let Some(tenant) = self.tenant(known) {
            let tenant = Some(tenant);
            return Some(Topic {
                tenant,
                ..Topic::default()
            });
        }
        let session = Some(SessionId::parse(self.opaque()?).ok()?);
        Some(Topic {
            session,
            ..Topic::default()
        })
    }

    fn opaque(&self) -> Option<&str> {
        match self {
            Self::Opaque(id) => Some(id),
            _ => None,
        }
    }

    fn user(&self, known: Known<'_>) -> Option<UserId> {
        match self {
            Self::IssSub { iss, sub } if iss == known.issuer => UserId::parse(sub).ok(),
            Self::Email(_) => known.by_email,
            Self::Opaque(id) => UserId::parse(id).ok(),
            _ => None,
        }
    }

    fn tenant(&self, known: Known<'_>) -> Option<TenantId> {
        let tenant = TenantId::parse(self.opaque()?).ok()?;
        (tenant == known.tenant).then_some(tenant)
    }
}

fn format_of(members: &Sent) -> Result<&str, Malformed> {
    let format = members.text("format", MEMBER_BYTES_MAX)?;
    let what = "a subject identifier format";
    format.ok_or_else(|| Malformed::must("subject.format", what))
}

fn simple(members: &Sent) -> Result<Subject, Malformed> {
    let text = |name: &str| -> Result<String, Malformed> {
        let text = members.text(name, MEMBER_BYTES_MAX)?.unwrap_or_default();
        if text.is_empty() {
            return Err(Malformed::must(&format!("subject.{name}"), "text"));
        }
        Ok(text.to_owned())
    };
    Ok(match format_of(members)? {
        "iss_sub" => Subject::IssSub {
            iss: text("iss")?,
            sub: text("sub")?,
        },
        "email" => Subject::Email(text("email")?),
        "opaque" => Subject::Opaque(text("id")?),
        "complex" => return Err(Malformed::must("a member of subject", "a simple subject")),
        _ => Subject::Foreign,
    })
}

fn complex(value: &Value) -> Result<Subject, Malformed> {
    let named = value.as_object().into_iter().flatten();
    let named = named.filter(|(name, _)| *name != "format");
    let read = |(name, value): (&String, &Value)| {
        let member = simple(&Sent::of(&format!("subject.{name}"), value)?)?;
        Ok((name.clone(), member))
    };
    let members: Vec<_> = named.map(read).collect::<Result<_, Malformed>>()?;
    if members.is_empty() || members.len() > MEMBERS_MAX {
        let what = format!("1 to {MEMBERS_MAX} members");
        return Err(Malformed::must("a complex subject", &what));
    }
    Ok(Subject::Complex(members))
}

impl Topic {
    /// Whether everything told of `other` is told of it: a user's covers each
    /// of his sessions, a session's does not cover all of them.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        fn holds<T: PartialEq + Copy>(own: Option<T>, other: Option<T>) -> bool {
            own.is_none() || own == other
        }
        holds(self.user, other.user)
            && holds(self.session, other.session)
            && holds(self.tenant, other.tenant)
    }

    /// Every topic that covers it: itself, and with less named.
    #[must_use]
    pub fn wider(&self) -> Vec<Self> {
        let without_or_with = |is_named: bool| if is_named { [false, true] } else { [false; 2] };
        let mut topics = Vec::new();
        for user in without_or_with(self.user.is_some()) {
            for session in without_or_with(self.session.is_some()) {
                for tenant in without_or_with(self.tenant.is_some()) {
                    let topic = Self {
                        user: self.user.filter(|_| user),
                        session: self.session.filter(|_| session),
                        tenant: self.tenant.filter(|_| tenant),
                    };
                    if topic != Self::default() && !topics.contains(&topic) {
                        topics.push(topic);
                    }
                }
            }
        }
        topics
    }

    /// Whether they match as [SSF §8.1.3.1] has it: wherever both name
    /// something, it is the same.
    ///
    /// [SSF §8.1.3.1]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#subject-matching
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        fn agree<T: PartialEq + Copy>(own: Option<T>, other: Option<T>) -> bool {
            own.is_none() || other.is_none() || own == other
        }
        agree(self.user, other.user)
            && agree(self.session, other.session)
            && agree(self.tenant, other.tenant)
    }
}

impl About {
    /// What a receiver may not want to hear of; nothing for the stream itself,
    /// which cannot be removed ([SSF §8.1.4.1]).
    ///
    /// [SSF §8.1.4.1]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#verification-event
    #[must_use]
    pub fn topic(&self) -> Option<Topic> {
        let (user, session, tenant) = match *self {
            Self::User(user) | Self::AllSessions(user) => (Some(user), None, None),
            Self::Session(user, session) => (Some(user), Some(session), None),
            Self::Tenant(tenant) => (None, None, Some(tenant)),
            Self::Stream => return None,
        };
        Some(Topic {
            user,
            session,
            tenant,
        })
    }

    /// The claim `sub_id`.
    #[must_use]
    pub fn sub_id(&self, issuer: &str, stream: StreamId) -> Value {
        let of_user =
            |user: UserId| json!({"format": "iss_sub", "iss": issuer, "sub": user.to_string()});
        let opaque = |id: String| json!({"format": "opaque", "id": id});
        match *self {
            Self::User(user) => of_user(user),
            Self::AllSessions(user) => json!({"format": "complex", "user": of_user(user)}),
            Self::Session(user, session) => json!({
                "format": "complex", "user": of_user(user), "session": opaque(session.to_string()),
            }),
            Self::Tenant(tenant) => {
                json!({"format": "complex", "tenant": opaque(tenant.to_string())})
            }
            Self::Stream => opaque(stream.to_string()),
        }
    }
}
