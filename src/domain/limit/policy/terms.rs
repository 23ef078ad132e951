//! What does a policy say, and whom does it bind how?

use super::{Pattern, read};
use crate::domain::{
    limit::{Bound, Name, Rule},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Overrides of one policy: looked through at every check.
pub const OVERRIDES_MAX: usize = 100;

/// The most that may be spent before it is written down, and lost in a crash.
pub const AHEAD_MAX: u32 = 1_000;

/// Whether refusals count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Who is refused is refused.
    Enforce,
    /// Nobody is; but it is said and counted who would be.
    Shadow,
}

/// What happens when a bucket cannot be asked. The greater is the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnFailure {
    /// It is let through.
    Allow,
    /// A narrower limit holds, of the isolate alone.
    Degrade,
    /// It is refused.
    Deny,
}

/// A rule, and what happens when nobody can say how a subject stands under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The rule.
    pub rule: Rule,
    /// What happens then.
    pub on_failure: OnFailure,
}

/// How much an isolate may take from a hot bucket at once, to spend by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How much.
    pub cost: u32,
    /// For how long; what is left then is forfeited.
    pub ms: i64,
}

/// What is otherwise for some subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// These rules stand in place of those of the same name.
    Limit(Vec<Clause>),
    /// No rule is asked.
    Exempt,
    /// Everything is refused.
    Block,
}

/// What is otherwise for some subjects, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// For whom.
    pub subject: Pattern,
    /// What.
    pub effect: Effect,
    /// It is nothing from then on.
    pub expires_at: Option<Timestamp>,
}

/// What a tenant lays down under one name.
///
/// It travels and is kept as the document that operators write and read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Policy {
    pub(super) name: Name,
    pub(super) mode: Mode,
    pub(super) ahead: u32,
    pub(super) lease: Option<Lease>,
    pub(super) clauses: Vec<Clause>,
    pub(super) overrides: Vec<Override>,
}

/// A policy as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enacted {
    /// What it says.
    pub policy: Policy,
    /// Counts the changes of a tenant's policies, and never goes back, not even
    /// when one is deleted and another made of the same name.
    pub version: u32,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What a policy is to one subject at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// These rules decide.
    Limit {
        /// What its bucket is asked by.
        bound: Bound,
        /// What happens when the bucket cannot be asked: what the strictest of
        /// the rules says.
        on_failure: OnFailure,
    },
    /// It is let through, and no bucket is asked.
    Exempt,
    /// It is refused, and no bucket is asked.
    Block,
}

impl Policy {
    /// The members that its document may have.
    pub const MEMBERS: &[&str] = &["name", "mode", "ahead", "lease", "rules", "overrides"];

    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Whether its refusals count.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// What an isolate may take at once.
    #[must_use]
    pub const fn lease(&self) -> Option<Lease> {
        self.lease
    }

    /// What is otherwise for `subject`: what is said of it alone, else what is
    /// said of the fewest, else what is said first.
    fn effect(&self, subject: &str, now: Timestamp) -> Option<&Effect> {
        let is_live = |one: &&Override| one.expires_at.is_none_or(|until| now < until);
        let live = self.overrides.iter().filter(is_live);
        let fitting = live.filter(|one| one.subject.fits(subject));
        // Of equals, `max_by_key` would take the last.
        let chosen = fitting.rev().max_by_key(|one| one.subject.rank());
        chosen.map(|one| &one.effect)
    }
}

impl Enacted {
    /// The policy that a caller brings along with the question: `{"name", "ahead",
    /// "version", "rules"}`.
    ///
    /// # Errors
    /// Names the first member that breaks its rule.
    pub fn inline(document: &Value) -> Result<Self, super::PolicyRefusal> {
        read::inline(document)
    }

    /// What it is to `subject` at this instant.
    #[must_use]
    pub fn bind(&self, subject: &str, now: Timestamp) -> Binding {
        let own = match self.policy.effect(subject, now) {
            Some(Effect::Exempt) => return Binding::Exempt,
            Some(Effect::Block) => return Binding::Block,
            Some(Effect::Limit(clauses)) => clauses.as_slice(),
            None => &[],
        };
        let mut rules = Vec::with_capacity(self.policy.clauses.len());
        let mut on_failure = OnFailure::Allow;
        for clause in &self.policy.clauses {
            let same = |other: &&Clause| other.rule.name == clause.rule.name;
            let clause = own.iter().find(same).unwrap_or(clause);
            on_failure = on_failure.max(clause.on_failure);
            rules.push(clause.rule.clone());
        }
        let bound = Bound {
            version: self.version,
            ahead: self.policy.ahead,
            rules,
        };
        Binding::Limit { bound, on_failure }
    }
}
