//! How is the service asked?

use super::{Config, LimitError, Mistake};
use aero2_tenant::{
    Access, Answer, ConfigRefusal, Fault, Question, Secret, Token,
    json::{self, Object},
};
use serde_json::Value;
use std::sync::Arc;
use tokio::time::timeout;

const SERVICE: &str = "the rate limit";
/// Characters of a problem's sentence that are passed on.
const DETAIL_CHARS_MAX: usize = 256;

/// Asks the service as its configuration says.
#[derive(Debug)]
pub(crate) struct Caller {
    access: Arc<Access>,
    pub(crate) config: Config,
}

impl Caller {
    pub(crate) fn new(config: Config) -> Result<Self, ConfigRefusal> {
        let access = Access::new(config.client.clone(), config.dial.clone())?;
        Ok(Self {
            access: Arc::new(access),
            config,
        })
    }

    /// Makes sure that there is a token, and a connection.
    pub(crate) async fn prepare(&self) -> Result<(), Fault> {
        self.access.token(None).await.map(|_| ())
    }

    /// Asks once, or twice when the first answer was lost and `is_repeatable`,
    /// within the deadline altogether.
    pub(crate) async fn call(
        &self,
        verb: &'static str,
        body: Object,
        is_repeatable: bool,
    ) -> Result<Object, LimitError> {
        let body = Value::Object(body).to_string();
        let path = format!("/v1/ratelimit/{verb}");
        let exchange = async {
            let token = self.access.token(None).await?;
            let answer = self.ask(&path, &body, &token, is_repeatable).await?;
            if answer.status != 401 {
                return Ok(answer);
            }
            // What is refused for its token was not charged.
            let token = self.access.token(Some(&token)).await?;
            self.ask(&path, &body, &token, is_repeatable).await
        };
        let answered = timeout(self.config.deadline, exchange).await;
        let answer = answered.unwrap_or(Err(Fault::Timeout))?;
        granted(&answer)
    }

    async fn ask(
        &self,
        path: &str,
        body: &str,
        token: &Token,
        is_repeatable: bool,
    ) -> Result<Answer, Fault> {
        let bearer = Secret::new(format!("Bearer {}", token.text.expose()));
        let question = Question {
            path,
            body: Some(("application/json", body.to_owned())),
            authorization: Some(bearer),
            is_repeatable,
        };
        self.access.net().ask(&question).await
    }
}

/// Sorts answers: what only a better question would change is a mistake, all
/// else that is no success a service that cannot be asked.
fn granted(answer: &Answer) -> Result<Object, LimitError> {
    let status = answer.status;
    match status {
        200 => json::object(&answer.body).ok_or_else(|| Fault::Answer(SERVICE).into()),
        400..=499 if !matches!(status, 401 | 403 | 408 | 429) => {
            Err(mistake(status, &answer.body).into())
        }
        _ => Err(LimitError::Unavailable {
            fault: Fault::Status {
                what: SERVICE,
                status,
            },
            retry_after_s: answer.retry_after_s,
        }),
    }
}

/// The answer has no verdict that can be used.
pub(crate) fn unusable() -> LimitError {
    Fault::Answer(SERVICE).into()
}

/// What a problem ([RFC 9457]) says, without what would upset a log.
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
fn mistake(status: u16, body: &[u8]) -> Mistake {
    let members = json::object(body).unwrap_or_default();
    let said = |name| {
        members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|c| !c.is_control());
        kept.take(DETAIL_CHARS_MAX).collect()
    };
    let problem = said("type").rsplit(['/', '#', ':']).next();
    Mistake::Refused {
        status,
        problem: plain(problem.unwrap_or_default()),
        detail: plain(said("detail")),
    }
}
