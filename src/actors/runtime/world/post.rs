//! How does mail travel in a test world?

use super::{World, line, now_or_never};
use crate::{
    actors::runtime::{
        Awake, Connected, Fault, Host, Recipient, Transport, deliver, outbox::Parcel,
    },
    domain::time::Timestamp,
};
use line::Line;

impl Transport for World {
    type Socket = Line;

    fn now(&self) -> Timestamp {
        self.0.now.get()
    }

    async fn carry(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        _deadline: Timestamp,
    ) -> Result<Vec<u8>, Fault> {
        self.is_cut_off(to)?;
        let helper = self.0.helpers.borrow().get(&to.kind).cloned();
        if let Some(helper) = helper {
            return helper(self.clone(), to.name.clone(), envelope).await;
        }
        self.visit_and_deliver(to, |awake, host| awake.receive(host, &envelope))
            .await
    }

    async fn connect(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        _deadline: Timestamp,
    ) -> Result<Connected<Line>, Fault> {
        self.is_cut_off(to)?;
        let mut opened = None;
        let event = |awake: &mut dyn Awake, host: &mut Host<'_>| {
            let (answer, mut after) = awake.receive(host, &envelope);
            opened = after.accept.take().map(|accept| {
                let frames = core::mem::take(&mut after.sockets);
                (accept, frames, host.now)
            });
            (answer, after)
        };
        let answer = self.visit_and_deliver(to, event).await?;
        Ok(match opened {
            Some((accept, frames, now)) => {
                let line = self.plug_in(to, accept, now);
                let mut homes = self.0.homes.borrow_mut();
                if let Some(home) = homes.get_mut(to) {
                    line::apply(&mut home.plugs, frames);
                }
                Connected::Open(line)
            }
            None => Connected::Answered(answer),
        })
    }
}

impl World {
    /// While `true`, hosts die between commit and delivery: what is written to
    /// an outbox is delivered by its alarm only.
    pub fn hold_mail(&self, holds: bool) {
        self.0.holds_mail.set(holds);
    }

    /// While `true`, what an actor tells first is delivered, and nothing else is:
    /// so much whoever is answered may rely on.
    pub fn delay_mail(&self, delays: bool) {
        self.0.delays_mail.set(delays);
    }

    pub(super) async fn deliver_one(&self, from: Recipient, parcel: Parcel) {
        let failure = deliver(self, &parcel)
            .await
            .err()
            .map(|fault| fault.to_string());
        let settle = |awake: &mut dyn Awake, host: &mut Host<'_>| {
            awake.settle(host, &parcel.id, failure.as_deref())
        };
        self.happen(&from, settle).await;
    }

    pub(super) fn deliver_mail(&self) {
        loop {
            let Some((from, parcel)) = self.0.mail.borrow_mut().pop() else {
                return;
            };
            now_or_never(self.deliver_one(from, parcel));
        }
    }

    fn is_cut_off(&self, who: &Recipient) -> Result<(), Fault> {
        if self.0.unreachable.borrow().contains(who) {
            return Err(Fault::Unreachable("cut off".to_owned()));
        }
        Ok(())
    }
}
