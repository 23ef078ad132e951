//! What becomes of what a tenant's backend asked?

use super::{
    policy::{Mode, OnFailure},
    verdict::{Outcome, Verdict},
};

/// Who decided, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The subject's bucket.
    Ruled(Verdict),
    /// An isolate in its place, by a narrower limit: the bucket did not answer.
    Degraded(Verdict),
    /// The policy, which lets this subject through.
    Exempt,
    /// The policy, which refuses this subject.
    Blocked,
    /// Nobody: the bucket did not answer, and the strictest rule says what then.
    Unavailable(OnFailure),
}

/// What is said of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What was decided.
    pub fate: Fate,
    /// Whether refusals count.
    pub mode: Mode,
}

impl Ruling {
    /// Whether what was asked for would be refused, were refusals to count.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        match &self.fate {
            Fate::Ruled(verdict) | Fate::Degraded(verdict) => !verdict.is_admitted(),
            Fate::Exempt => false,
            Fate::Blocked => true,
            Fate::Unavailable(on_failure) => !matches!(on_failure, OnFailure::Allow),
        }
    }

    /// Whether it may happen.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self.mode, Mode::Shadow) || !self.is_refused()
    }

    /// Whether it may happen only because refusals do not count.
    #[must_use]
    pub const fn is_shadow_refused(&self) -> bool {
        matches!(self.mode, Mode::Shadow) && self.is_refused()
    }

    /// Whether nobody can say, and nothing lets it through: the caller is told to
    /// come back.
    #[must_use]
    pub const fn is_unanswered(&self) -> bool {
        matches!(self.fate, Fate::Unavailable(_)) && !self.is_allowed()
    }

    /// Whether one goes on without the bucket, which did not answer.
    #[must_use]
    pub const fn is_degraded(&self) -> bool {
        match &self.fate {
            Fate::Degraded(_) => true,
            Fate::Unavailable(_) => self.is_allowed(),
            Fate::Ruled(_) | Fate::Exempt | Fate::Blocked => false,
        }
    }

    /// How the subject stands, as far as anybody has said.
    #[must_use]
    pub const fn verdict(&self) -> Option<&Verdict> {
        match &self.fate {
            Fate::Ruled(verdict) | Fate::Degraded(verdict) => Some(verdict),
            Fate::Exempt | Fate::Blocked | Fate::Unavailable(_) => None,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match &self.fate {
            Fate::Ruled(verdict) | Fate::Degraded(verdict) => match verdict.outcome {
                Outcome::Admit => "admit",
                Outcome::Refuse { .. } => "refuse",
                Outcome::Never => "never",
            },
            Fate::Exempt => "exempt",
            Fate::Blocked => "blocked",
            Fate::Unavailable(_) => "unavailable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruling(fate: Fate, mode: Mode) -> Ruling {
        Ruling { fate, mode }
    }

    #[test]
    fn only_a_rule_that_says_so_opens_when_nobody_answers() {
        for (on_failure, opens) in [
            (OnFailure::Allow, true),
            (OnFailure::Degrade, false),
            (OnFailure::Deny, false),
        ] {
            let of = |mode| ruling(Fate::Unavailable(on_failure), mode);
            assert_eq!(of(Mode::Enforce).is_allowed(), opens);
            assert_eq!(of(Mode::Enforce).is_unanswered(), !opens);
            // What is on trial refuses nobody, whatever fails.
            assert!(of(Mode::Shadow).is_allowed() && of(Mode::Shadow).is_degraded());
            assert_eq!(of(Mode::Shadow).is_shadow_refused(), !opens);
        }
    }

    #[test]
    fn a_policy_on_trial_refuses_nobody_and_says_whom_it_would() {
        let blocked = ruling(Fate::Blocked, Mode::Shadow);
        assert!(blocked.is_allowed() && blocked.is_shadow_refused());
        assert!(!ruling(Fate::Blocked, Mode::Enforce).is_allowed());
        let exempt = ruling(Fate::Exempt, Mode::Shadow);
        assert!(exempt.is_allowed() && !exempt.is_shadow_refused());
    }
}
