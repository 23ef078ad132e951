//! Which file carries what?

use super::{announce, log_out};
use crate::{
    actors::{
        courier::{Message, Reply},
        runtime::{
            Fault, Mail,
            envelope::{self, Body, Returned},
        },
    },
    domain::ids::TenantId,
    gateway::{Gateway, platform::Platform},
};

/// What a piece of news needs on its way.
pub(super) struct Trip<'a, P: Platform> {
    pub(super) gateway: &'a Gateway<P>,
    pub(super) mail: Mail<P::Transport>,
    pub(super) tenant: TenantId,
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
        mail: Mail::new(gateway.platform().transport(), envelope.request),
        tenant: TenantId::parse(name).map_err(|_| Fault::Absent)?,
    };
    Ok(match envelope::unpack(&message)? {
        Message::Announce(news) => Reply::Announce(announce::carry(&trip, news).await?),
        Message::LogOut(news) => Reply::LogOut(log_out::carry(&trip, news).await?),
    })
}
