//! By what right does a client ask?

use super::{
    clock::{Now, now},
    fault::{Fault, network},
    http::{Answer, Question, TIMEOUT},
    json::{self, Object},
    net::{Dial, Net},
    origin::{ConfigRefusal, origin},
    secret::Secret,
};
use base64ct::{Base64, Encoding};
use core::{fmt, pin::Pin};
use futures_util::{FutureExt, future::Shared};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::{sync::OnceCell, time::timeout};
use url::{Url, form_urlencoded};

/// A token is replaced so long before it expires, or half its life before if
/// that is less.
const TOKEN_MARGIN_MS: u64 = 30_000;
/// No access token is longer.
const TOKEN_BYTES_MAX: usize = 16_384;
/// After a failure, the tenant is not asked for a token again any sooner.
const TOKEN_PAUSE_MS: u64 = 1_000;
const TOKEN: &str = "the token request";
const DISCOVERY: &str = "discovery";

/// Who asks whom, and what for.
#[derive(Clone, Debug)]
pub struct Client {
    /// The tenant.
    pub issuer: String,
    /// The client's id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
    /// What its tokens are for.
    pub scope: &'static str,
}

/// An access token, and which of ours it is.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token.
    pub text: Secret,
    number: u64,
}

type Flight = Shared<Pin<Box<dyn Future<Output = Result<Token, Fault>> + Send>>>;

/// What is known of tokens.
#[derive(Default)]
struct Tokens {
    held: Option<Held>,
    failed: Option<(Fault, Now)>,
    flight: Option<Flight>,
    asked: u64,
}

struct Held {
    token: Token,
    since: Now,
    life_ms: u64,
}

/// A tenant, as a client of its own reaches it.
pub struct Access {
    client: Client,
    net: Net,
    described: OnceCell<Object>,
    tokens: Mutex<Tokens>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Access");
        shown.field("client", &self.client).finish_non_exhaustive()
    }
}

impl Access {
    /// Access for `client`; nothing is asked yet.
    ///
    /// # Errors
    /// When secrets may not be sent there.
    pub fn new(client: Client, dial: Dial) -> Result<Self, ConfigRefusal> {
        Ok(Self {
            net: Net::new(origin(&client.issuer)?, dial)?,
            client,
            described: OnceCell::new(),
            tokens: Mutex::default(),
        })
    }

    /// The tenant's machine.
    #[must_use]
    pub const fn net(&self) -> &Net {
        &self.net
    }

    /// An access token, kept until shortly before it expires, or until somebody
    /// says that it was `spent`.
    ///
    /// However many wait, one request is made, and it goes on when those who
    /// wait for it have given up: a slow answer serves the next ones.
    ///
    /// # Errors
    /// When there is none; the same answer serves everybody for a second.
    pub async fn token(self: &Arc<Self>, spent: Option<&Token>) -> Result<Token, Fault> {
        let flight = {
            let mut tokens = self.tokens();
            if let Some(known) = tokens.known(spent, now()) {
                return known;
            }
            // One that has ended and is still here was taken down with its runtime.
            if let Some(flight) = &tokens.flight
                && flight.peek().is_none()
            {
                flight.clone()
            } else {
                tokens.asked += 1;
                let flight = Arc::clone(self).fly(tokens.asked);
                tokens.flight = Some(flight.clone());
                flight
            }
        };
        flight.await
    }

    /// The address that the tenant's own document gives under `name`, at its
    /// own origin ([OpenID Connect Discovery §4.3]).
    ///
    /// [OpenID Connect Discovery §4.3]: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
    ///
    /// # Errors
    /// When the document cannot be read or names no such address.
    pub async fn endpoint(&self, name: &str) -> Result<Url, Fault> {
        let document = self.described.get_or_try_init(|| self.describe()).await?;
        let url = json::text(document, name).and_then(|text| Url::parse(text).ok());
        let url = url.filter(|url| self.net.is_ours(url));
        url.ok_or(Fault::Answer(DISCOVERY))
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When there is no answer in time.
    pub async fn read(&self, path: &str) -> Result<Answer, Fault> {
        self.ask(&Question {
            path,
            body: None,
            authorization: None,
            is_repeatable: true,
        })
        .await
    }

    /// Submits a form that may be submitted twice, as the client itself.
    ///
    /// # Errors
    /// When there is no answer in time.
    pub async fn submit(&self, url: &Url, members: &[(&str, &str)]) -> Result<Answer, Fault> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(members)
            .finish();
        self.ask(&Question {
            path: url.path(),
            body: Some(("application/x-www-form-urlencoded", form)),
            authorization: Some(self.basic()),
            is_repeatable: true,
        })
        .await
    }

    async fn ask(&self, question: &Question<'_>) -> Result<Answer, Fault> {
        let answered = timeout(TIMEOUT, self.net.ask(question)).await;
        answered.unwrap_or(Err(Fault::Timeout))
    }

    /// Both halves are form-encoded before they are joined ([RFC 6749 §2.3.1]).
    ///
    /// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
    fn basic(&self) -> Secret {
        let encoded =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let id = encoded(&self.client.id);
        let secret = Secret::new(encoded(self.client.secret.expose()));
        let pair = Secret::new(format!("{id}:{}", secret.expose()));
        let basic = Secret::new(Base64::encode_string(pair.expose().as_bytes()));
        Secret::new(format!("Basic {}", basic.expose()))
    }

    async fn describe(&self) -> Result<Object, Fault> {
        let document = self.read("/.well-known/openid-configuration").await?;
        let document = json::object(&document.granted(DISCOVERY)?);
        let is_theirs =
            |members: &Object| json::text(members, "issuer") == Some(&self.client.issuer);
        document.filter(is_theirs).ok_or(Fault::Answer(DISCOVERY))
    }

    /// Asks for a token in a task of its own.
    fn fly(self: Arc<Self>, number: u64) -> Flight {
        let task = tokio::spawn(async move {
            let granted = self.grant(number).await;
            let mut tokens = self.tokens();
            tokens.flight = None;
            match granted {
                Ok(held) => {
                    let token = held.token.clone();
                    tokens.failed = None;
                    tokens.held = Some(held);
                    Ok(token)
                }
                Err(fault) => {
                    tokens.failed = Some((fault.clone(), now()));
                    Err(fault)
                }
            }
        });
        task.map(|ended| ended.unwrap_or_else(|ended| Err(network(ended))))
            .boxed()
            .shared()
    }

    async fn grant(&self, number: u64) -> Result<Held, Fault> {
        let endpoint = self.endpoint("token_endpoint").await?;
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", self.client.scope),
        ];
        let since = now();
        let granted = self.submit(&endpoint, &form).await?.granted(TOKEN)?;
        let unusable = Fault::Answer(TOKEN);
        let members = json::object(&granted).ok_or(unusable.clone())?;
        let token = members.get("access_token").and_then(|token| token.as_str());
        let token = token.filter(|token| (1..=TOKEN_BYTES_MAX).contains(&token.len()));
        let text = Secret::new(token.ok_or(unusable.clone())?);
        let life_s = json::whole(&members, "expires_in").ok_or(unusable)?;
        Ok(Held {
            token: Token { text, number },
            since,
            life_ms: life_s.saturating_mul(1_000),
        })
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        // They are whole between any two calls, so a panic elsewhere spoils nothing.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tokens {
    /// What can be said without asking.
    fn known(&self, spent: Option<&Token>, now: Now) -> Option<Result<Token, Fault>> {
        if let Some(Held {
            token,
            since,
            life_ms,
        }) = &self.held
        {
            let margin_ms = TOKEN_MARGIN_MS.min(life_ms / 2);
            let is_spent = spent.is_some_and(|spent| spent.number >= token.number);
            if !is_spent && now.since(*since) < life_ms - margin_ms {
                return Some(Ok(token.clone()));
            }
        }
        let (fault, at) = self.failed.as_ref()?;
        (now.since(*at) < TOKEN_PAUSE_MS).then(|| Err(fault.clone()))
    }
}
