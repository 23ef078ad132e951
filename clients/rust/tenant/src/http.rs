//! How is the tenant asked something?

use super::{
    fault::{Fault, network},
    net::Net,
    secret::Secret,
};
use core::time::Duration;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;

/// Nothing we ask takes longer.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Larger than any key set, metadata document or list of verdicts.
const BODY_BYTES_MAX: usize = 262_144;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Where at the origin.
    pub path: &'a str,
    /// The body's type and the body; without one it is read, not posted.
    pub body: Option<(&'static str, String)>,
    /// Who asks.
    pub authorization: Option<Secret>,
    /// Whether asking twice does no more than asking once.
    pub is_repeatable: bool,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, all of it.
    pub body: Bytes,
    /// When to ask again, where that was said.
    pub retry_after_s: Option<u32>,
}

impl Answer {
    /// The body of a success.
    ///
    /// # Errors
    /// When it is none.
    pub fn granted(self, what: &'static str) -> Result<Bytes, Fault> {
        let status = self.status;
        match status {
            200 => Ok(self.body),
            _ => Err(Fault::Status { what, status }),
        }
    }
}

/// A broken exchange, and whether the tenant may have heard of it.
struct Broken {
    fault: Fault,
    is_unheard: bool,
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            is_unheard: true,
        }
    }
}

impl Net {
    /// Asks, and once more on a new connection when the first one broke and
    /// asking again does no harm. A redirect is an answer like any other, so no
    /// secret follows it.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Answer, Fault> {
        match self.exchange(self.request(question)?, false).await {
            Ok(answer) => Ok(answer),
            Err(broken) if broken.is_unheard || question.is_repeatable => {
                let again = self.exchange(self.request(question)?, true).await;
                again.map_err(|broken| broken.fault)
            }
            Err(broken) => Err(broken.fault),
        }
    }

    fn request(&self, question: &Question<'_>) -> Result<Request<Full<Bytes>>, Fault> {
        let mut request = Request::builder()
            .uri(question.path)
            .header(header::HOST, self.authority())
            .header(header::ACCEPT, "application/json");
        if let Some(authorization) = &question.authorization {
            let mut value = HeaderValue::try_from(authorization.expose()).map_err(network)?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = match &question.body {
            None => request.method(Method::GET).body(Full::default()),
            Some((kind, body)) => request
                .method(Method::POST)
                .header(header::CONTENT_TYPE, *kind)
                .body(Full::from(body.clone())),
        };
        request.map_err(network)
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        is_new: bool,
    ) -> Result<Answer, Broken> {
        let mut line = self.line(is_new).await?;
        let broken = |error: hyper::Error| Broken {
            is_unheard: error.is_canceled(),
            fault: network(error),
        };
        let response = line.sender.send_request(request).await.map_err(broken)?;
        let status = response.status().as_u16();
        let retry_after_s = seconds(response.headers());
        let body = Limited::new(response.into_body(), BODY_BYTES_MAX);
        let body = body.collect().await.map_err(|error| Broken {
            fault: network(error),
            is_unheard: false,
        })?;
        self.keep(line);
        Ok(Answer {
            status,
            body: body.to_bytes(),
            retry_after_s,
        })
    }
}

/// `Retry-After` as seconds; as a date it is not understood, and none is sent.
fn seconds(headers: &HeaderMap) -> Option<u32> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    value.parse().ok()
}
