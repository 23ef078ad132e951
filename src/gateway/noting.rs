//! On whose behalf is something asked, and what is remembered of what changes
//! nothing?
//!
//! What an actor does, it puts on record itself: it is told with the question who
//! has it done ([`Visit::act_as`]). Looking and refusals change no row; they are
//! counted like checks of policies and told after an answer
//! ([`super::limit::Usage`]), so that they cost no call and a flood of them little.

use super::{platform::Platform, visit::Visit};
use crate::domain::{
    audit::{Actor, Caller, Event, Origin, Record, Target, TargetKind},
    ids::TenantId,
};

/// Bytes of a path that are kept.
const PATH_BYTES_MAX: usize = 200;

impl<P: Platform> Visit<'_, P> {
    /// Asks on behalf of somebody from now on.
    pub fn act_as(&self, actor: Actor) {
        self.act_because(actor, None);
    }

    /// The same, for a reason.
    pub fn act_because(&self, actor: Actor, reason: Option<String>) {
        let home = self.home.id;
        let origin = self.origin(actor, reason);
        self.mail.act_as(Caller { home, origin });
    }

    /// Who does something, why and from where.
    pub(super) fn origin(&self, actor: Actor, reason: Option<String>) -> Origin {
        let device = self.device();
        Origin {
            actor,
            address: device.address,
            user_agent: device.user_agent,
            request_id: self.request.id.clone(),
            reason,
        }
    }

    /// Remembers what changes nothing, by whom and to what, for the tenant it
    /// concerns.
    pub(super) fn note(
        &self,
        tenant: TenantId,
        event: Event,
        (actor, reason): (Actor, Option<String>),
        target: Target,
    ) {
        let origin = self.origin(actor, reason);
        let at = (tenant, self.now);
        let entropy = &mut self.entropy();
        let record = Record::done(at, event, target.id, origin, entropy).to(target.kind);
        self.gateway.memory.usage.note(record);
    }

    /// The same at this tenant, by whoever has sent the request.
    pub(super) fn note_stranger(&self, event: Event, kind: TargetKind, id: String) {
        let stranger = (Actor::ANONYMOUS, None);
        self.note(self.home.id, event, stranger, Target { kind, id });
    }

    /// What was asked, as a target.
    pub(super) fn asked(&self) -> Target {
        let (method, path) = (&self.request.method, &self.request.path);
        let end = path.floor_char_boundary(PATH_BYTES_MAX);
        Target {
            kind: TargetKind::Route,
            id: format!("{method} {}", path.get(..end).unwrap_or_default()),
        }
    }
}
