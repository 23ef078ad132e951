//! Which file carries what?

use super::{announce, log_out, transmit};
use crate::{
    actors::{
        courier::{Message, Reply},
        runtime::{
            Cause, Fault, Mail,
            envelope::{self, Body, Returned},
        },
    },
    domain::{ids::TenantId, keys::Algorithm, time::Timestamp, token::jwt::Claims},
    gateway::{Gateway, platform::Platform},
};

/// What a piece of news needs on its way.
pub(super) struct Trip<'a, P: Platform> {
    pub(super) gateway: &'a Gateway<P>,
    pub(super) mail: Mail<P::Transport>,
    pub(super) tenant: TenantId,
}

impl<P: Platform> Trip<'_, P> {
    /// When it is.
    pub(super) fn now(&self) -> Timestamp {
        self.gateway.platform().now()
    }

    /// Signs a token with the tenant's current key of an algorithm.
    ///
    /// # Errors
    /// When the keys cannot be had or the platform's cryptography fails.
    pub(super) async fn sign<C: Claims>(
        &self,
        alg: Algorithm,
        claims: &C,
    ) -> Result<String, Fault> {
        let now = self.now();
        let keys = self.gateway.keys(&self.mail, self.tenant, now).await?;
        self.gateway.sign(&keys, alg, claims).await
    }
}

/// Answers a packed envelope as an actor's host would: with a packed
/// [`Returned`].
///
/// # Errors
/// When the answer cannot be packed.
pub async fn run<P: Platform>(
    gateway: &Gateway<P>,
    name: &str,
    envelope: &[u8],
) -> Result<Vec<u8>, Fault> {
    let returned = match carry(gateway, name, envelope).await {
        Ok(reply) => Returned::Reply(envelope::pack(&reply)?),
        Err(fault) => Returned::fault(&fault),
    };
    Ok(envelope::pack(&returned)?)
}

async fn carry<P: Platform>(
    gateway: &Gateway<P>,
    name: &str,
    bytes: &[u8],
) -> Result<Reply, Fault> {
    let envelope = envelope::open(bytes)?;
    let Body::Message(message) = envelope.body else {
        return Err(Fault::Absent);
    };
    let trip = Trip {
        gateway,
        mail: Mail::of(
            gateway.platform().transport(),
            Cause {
                request: envelope.request,
                trace: envelope.trace,
            },
        ),
        tenant: TenantId::parse(name).map_err(|_| Fault::Absent)?,
    };
    Ok(match envelope::unpack(&message)? {
        Message::Announce(news) => Reply::Announce(announce::carry(&trip, news).await?),
        Message::LogOut(news) => Reply::LogOut(log_out::carry(&trip, news).await?),
        Message::Transmit(news) => Reply::Transmit(transmit::carry(&trip, news).await?),
    })
}
