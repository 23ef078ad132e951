//! How is a service limited, request by request?

use super::{Ask, LimitError, Limiter, Refusal, Reservation, Reserved, Verdict};
use core::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use http::{Request, Response, request::Parts};
use std::sync::Arc;
use tower_layer::Layer;
use tower_service::Service;

/// Who is charged for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Whoever this asks about.
    To(Ask),
    /// Nobody: it passes.
    Exempt,
}

type Charging = Arc<dyn Fn(&Parts) -> Charge + Send + Sync>;

/// Limits the service below it: 429 with the service's headers and problem
/// details to who has had too much, the headers on every other response, and
/// the [`Verdict`] among the request's extensions.
#[derive(Clone)]
pub struct LimitLayer {
    limiter: Limiter,
    charging: Charging,
    hold: Option<Duration>,
}

impl fmt::Debug for LimitLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitLayer")
            .field("limiter", &self.limiter)
            .field("hold", &self.hold)
            .finish_non_exhaustive()
    }
}

impl LimitLayer {
    /// Charges each request to whom `charging` says.
    ///
    /// Somebody without a name is somebody, too: give all of them one subject,
    /// or refuse them elsewhere.
    #[must_use]
    pub fn new(
        limiter: Limiter,
        charging: impl Fn(&Parts) -> Charge + Send + Sync + 'static,
    ) -> Self {
        Self {
            limiter,
            charging: Arc::new(charging),
            hold: None,
        }
    }

    /// Reserves first, and settles when the response begins: commits below
    /// status 500; cancels from there on, and when the service fails or nobody
    /// waits for it any more. For quotas of what comes about, and for
    /// concurrency. After `hold` a reservation falls by itself.
    #[must_use]
    pub const fn reserving(mut self, hold: Duration) -> Self {
        self.hold = Some(hold);
        self
    }

    async fn admit(&self, parts: &mut Parts) -> Result<Admitted, Refusal> {
        let Charge::To(ask) = (self.charging)(parts) else {
            return Ok(Admitted::default());
        };
        let asked = match self.hold {
            Some(hold) => self.limiter.reserve(&ask, hold).await,
            None => self.limiter.check(&ask).await.map(Reserved::Refused),
        };
        let (verdict, reservation) = match asked {
            Ok(Reserved::Held(reservation)) => (reservation.verdict.clone(), Some(reservation)),
            Ok(Reserved::Refused(verdict)) => (verdict, None),
            Err(error) => return Err(self.failed(&error)),
        };
        if !verdict.allowed {
            return Err(Refusal::from(&verdict));
        }
        parts.extensions.insert(verdict.clone());
        Ok(Admitted {
            verdict: Some(verdict),
            reservation,
        })
    }

    fn failed(&self, error: &LimitError) -> Refusal {
        (self.limiter.shared.caller.config.tell)(error);
        Refusal::from(error)
    }
}

/// What a request that passes takes along.
#[derive(Default)]
struct Admitted {
    verdict: Option<Verdict>,
    reservation: Option<Reservation>,
}

impl<S> Layer<S> for LimitLayer {
    type Service = LimitService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LimitService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service that is limited.
#[derive(Clone, Debug)]
pub struct LimitService<S> {
    inner: S,
    layer: LimitLayer,
}

impl<S, B, R> Service<Request<B>> for LimitService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
    R: From<String> + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = self.layer.clone();
        // The one that was polled ready is the one to call.
        let ready = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, ready);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let admitted = match layer.admit(&mut parts).await {
                Ok(admitted) => admitted,
                Err(refusal) => return Ok(response(refusal)),
            };
            // Whichever way it ends without a response, the reservation is dropped, and so cancelled.
            let mut response = inner.call(Request::from_parts(parts, body)).await?;
            if let Some(reservation) = admitted.reservation {
                reservation.settle_later(!response.status().is_server_error());
            }
            // Lists: what another limit told stands beside it.
            for (name, value) in admitted.verdict.into_iter().flat_map(|told| told.headers) {
                response.headers_mut().append(name, value);
            }
            Ok(response)
        })
    }
}

fn response<R: From<String>>(refusal: Refusal) -> Response<R> {
    let mut response = Response::new(R::from(refusal.body));
    *response.status_mut() = refusal.status;
    response.headers_mut().extend(refusal.headers);
    response
}
