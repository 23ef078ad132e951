//! How is the tenant asked something?

use super::{
    fault::Fault,
    net::{Net, network},
};
use core::time::Duration;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use url::Url;

/// Nothing we ask takes longer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// Larger than any key set or metadata document.
const BODY_BYTES_MAX: usize = 262_144;

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

impl Answer {
    /// The body of a success.
    pub(super) fn granted(self, what: &'static str) -> Result<Bytes, Fault> {
        let status = self.status;
        match status {
            200 => Ok(self.body),
            _ => Err(Fault::Status { what, status }),
        }
    }
}

impl Net {
    /// Reads a document.
    pub(super) async fn read(&self, url: &Url) -> Result<Answer, Fault> {
        let request = self.request(Method::GET, url);
        self.send(request.body(Full::default()).map_err(network)?)
            .await
    }

    /// Submits a form as a client that authenticates so.
    pub(super) async fn submit(
        &self,
        url: &Url,
        authorization: &str,
        form: String,
    ) -> Result<Answer, Fault> {
        let request = self
            .request(Method::POST, url)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form));
        self.send(request.map_err(network)?).await
    }

    fn request(&self, method: Method, url: &Url) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(url.path())
            .header(header::HOST, self.authority())
            .header(header::ACCEPT, "application/json")
    }

    /// Sends on a connection of its own: requests are rare, and a redirect is
    /// an answer like any other, so no secret follows it.
    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, Fault> {
        let exchange = async {
            let io = TokioIo::new(self.open().await?);
            let (mut sender, connection) = http1::handshake(io).await.map_err(network)?;
            tokio::spawn(connection);
            let response = sender.send_request(request).await.map_err(network)?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), BODY_BYTES_MAX);
            let body = body.collect().await.map_err(network)?.to_bytes();
            Ok(Answer { status, body })
        };
        let answered = tokio::time::timeout(TIMEOUT, exchange).await;
        answered.unwrap_or(Err(Fault::Timeout))
    }
}
