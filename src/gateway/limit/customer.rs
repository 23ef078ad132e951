//! Is what a tenant's backend asks let through?
//!
//! One bucket is asked, once, whatever the number of rules; none where this
//! isolate knows the answer: a refusal that still holds ([`super::memory`]), or
//! what has been debited in advance ([`crate::domain::limit::lease`]). When the
//! bucket does not answer, the strictest rule says what becomes of it, and every
//! such case is logged: nothing opens silently (DESIGN §6).

use super::{
    charge::{RETRY_AFTER_S, log, namer},
    memory::Customers,
    usage::INLINE,
};
use crate::{
    actors::{
        bucket::{Bucket, Cancel, Check, Commit, Peek, Reserve},
        runtime::{Actors, Address, Fault},
    },
    domain::{
        limit::{
            Bound, Limit, Name, Outcome, Settled, Standing, Verdict,
            lease::Way,
            policy::{Binding, Enacted, Lease, OnFailure},
            question::{Of, Question, Settlement},
            ruling::{Fate, Ruling},
            usage::Counts,
        },
        time::{SECOND_MS, Timestamp},
    },
    gateway::{platform::Platform, visit::Visit},
};

/// How a question is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Manner {
    /// It is charged.
    Check,
    /// It is charged for the time being.
    Reserve,
    /// Nothing is charged.
    Peek,
}

/// Decides a question by the policy it names or brings along. Every verdict comes
/// from here, and is counted here.
pub(in crate::gateway) async fn decide<P: Platform>(
    visit: &Visit<'_, P>,
    enacted: &Enacted,
    question: &Question,
    manner: Manner,
) -> Ruling {
    let fate = match enacted.bind(&question.subject, visit.now) {
        Binding::Exempt => Fate::Exempt,
        Binding::Block => Fate::Blocked,
        Binding::Limit { bound, on_failure } => {
            let case = Case {
                visit,
                question,
                manner,
                lease: enacted.policy.lease(),
                bucket: bucket(matches!(question.of, Of::Inline(_)), enacted.policy.name()),
                bound,
                on_failure,
            };
            case.fate().await
        }
    };
    let ruling = Ruling {
        fate,
        mode: enacted.policy.mode(),
    };
    if manner != Manner::Peek {
        count(visit, enacted, question, &ruling);
    }
    ruling
}

/// Counts what came of a question, for operators' eyes; who would have been
/// refused counts as refused there.
fn count<P: Platform>(
    visit: &Visit<'_, P>,
    enacted: &Enacted,
    question: &Question,
    ruling: &Ruling,
) {
    let policy = match question.of {
        Of::Inline(_) => INLINE,
        Of::Policy(_) => enacted.policy.name().as_str(),
    };
    let counts = Counts {
        shadow_refused: ruling.is_shadow_refused().into(),
        degraded: (ruling.is_degraded() || ruling.is_unanswered()).into(),
        ..Counts::one(ruling.is_allowed())
    };
    let refused = ruling.is_refused().then_some(question.subject.as_str());
    let usage = &visit.gateway.memory.usage;
    usage.count((visit.home.id, policy), counts, refused, visit.now);
}

/// Makes a charge final or gives it back.
///
/// # Errors
/// When the bucket does not answer; that has been logged.
pub(in crate::gateway) async fn settle<P: Platform>(
    visit: &Visit<'_, P>,
    settlement: Settlement,
    commits: bool,
) -> Result<Settled, Fault> {
    let bucket = bucket(settlement.is_inline, &settlement.name);
    let at = address(visit, &bucket, &settlement.subject);
    let request = settlement.request;
    let settled = if commits {
        visit.mail.ask(&at, Commit { request }).await
    } else {
        visit.mail.ask(&at, Cancel { request }).await
    };
    match settled {
        // A bucket that is not there is full: nothing is charged to it.
        Err(Fault::Absent) => Ok(Settled::Unknown),
        settled => settled.inspect_err(|fault| log(visit, &bucket, fault)),
    }
}

/// What a tenant's bucket is called: apart from our own, and policies from rules
/// that came with the question. No name has a dot in it.
fn bucket(is_inline: bool, name: &Name) -> String {
    let kind = if is_inline { 'i' } else { 't' };
    format!("{kind}.{}", name.as_str())
}

fn address<P: Platform>(visit: &Visit<'_, P>, bucket: &str, subject: &str) -> Address<Bucket> {
    Bucket::address(visit.home.id, bucket, &namer(visit).customer(subject))
}

/// One question, and the rules that bind its subject.
struct Case<'a, 'v, P: Platform> {
    visit: &'a Visit<'v, P>,
    question: &'a Question,
    manner: Manner,
    lease: Option<Lease>,
    bucket: String,
    bound: Bound,
    on_failure: OnFailure,
}

impl<P: Platform> Case<'_, '_, P> {
    async fn fate(&self) -> Fate {
        if self.manner == Manner::Peek {
            return match self.peek().await {
                Ok(verdict) => Fate::Ruled(verdict),
                Err(fault) => {
                    log(self.visit, &self.bucket, &fault);
                    Fate::Unavailable(OnFailure::Deny)
                }
            };
        }
        if !self.bound.can_admit(self.question.cost) {
            // No bucket is made by what it would never admit, and what becomes
            // of it needs none.
            let told = self.peek().await.unwrap_or_else(|fault| {
                log(self.visit, &self.bucket, &fault);
                self.untouched()
            });
            return Fate::Ruled(told);
        }
        let is_nameless = self.manner == Manner::Check && self.question.request.is_none();
        let answered = if is_nameless {
            self.nameless().await
        } else {
            self.ask(self.question.cost).await
        };
        match answered {
            Ok(verdict) => Fate::Ruled(verdict),
            Err(fault) => self.unanswered(&fault),
        }
    }

    /// A check that nobody will settle or repeat: it may be decided from memory.
    async fn nameless(&self) -> Result<Verdict, Fault> {
        let cost = self.question.cost;
        if let Some(refusal) = self.memory().refusals.find(&self.key(cost), self.now()) {
            return Ok(refusal);
        }
        let Some(lease) = self.lease else {
            return self.ask(cost).await;
        };
        let asked_at = self.now();
        let heat = self.memory().heat(self.key(0), asked_at);
        let way = heat.borrow_mut().check(lease, cost, asked_at);
        match way {
            Way::Spent(verdict) => return Ok(verdict),
            Way::Ask => return self.ask(cost).await,
            Way::Lease => {}
        }
        let debited = self.put(lease.cost).await;
        let debited = debited.inspect_err(|_| heat.borrow_mut().unanswered(self.now()))?;
        let terms = (lease, &self.bound);
        let leased = heat.borrow_mut().leased(terms, &debited, cost, asked_at);
        match leased {
            Some(verdict) => Ok(verdict),
            None => self.ask(cost).await,
        }
    }

    /// Asks the bucket, and remembers a refusal.
    async fn ask(&self, cost: u32) -> Result<Verdict, Fault> {
        let verdict = self.put(cost).await?;
        if !self.is_freed_early(&verdict) {
            let refusals = &self.memory().refusals;
            refusals.note(self.key(cost), &verdict, self.now());
        }
        Ok(verdict)
    }

    async fn put(&self, cost: u32) -> Result<Verdict, Fault> {
        let Question {
            request, hold_ms, ..
        } = self.question;
        let (policy, request) = (self.bound.clone(), request.clone());
        let mail = &self.visit.mail;
        let at = self.address();
        match (self.manner, request) {
            (Manner::Reserve, Some(request)) => {
                let reserve = Reserve {
                    policy,
                    cost,
                    request,
                    hold_ms: *hold_ms,
                };
                mail.ask(&at, reserve).await
            }
            (_, request) => {
                let check = Check {
                    policy,
                    cost,
                    request,
                };
                mail.ask(&at, check).await
            }
        }
    }

    /// How the subject stands; a bucket that is not there is full.
    async fn peek(&self) -> Result<Verdict, Fault> {
        let peek = Peek {
            policy: self.bound.clone(),
            cost: self.question.cost,
        };
        match self.visit.mail.ask(&self.address(), peek).await {
            Err(Fault::Absent) => Ok(self.untouched()),
            answered => answered,
        }
    }

    fn untouched(&self) -> Verdict {
        Standing::default().peek(&self.bound, self.question.cost, self.now())
    }

    /// What the strictest rule says of a bucket that does not answer.
    fn unanswered(&self, fault: &Fault) -> Fate {
        let how = match self.on_failure {
            OnFailure::Deny => "deny",
            OnFailure::Degrade => "degrade",
            OnFailure::Allow => "allow",
        };
        log(self.visit, &format!("{} {how}", self.bucket), fault);
        if self.on_failure != OnFailure::Degrade {
            return Fate::Unavailable(self.on_failure);
        }
        let narrowed = self.bound.narrowed();
        let customers = self.memory();
        // No subject is empty.
        let keys = (self.key(0), self.key_of("", 0));
        let verdict = customers.degraded(keys, &narrowed, self.question.cost, self.now());
        let outcome = match verdict.outcome {
            // It is too much only for now.
            Outcome::Never => Outcome::Refuse {
                retry_at: verdict.at.plus(RETRY_AFTER_S * SECOND_MS),
            },
            outcome => outcome,
        };
        Fate::Degraded(Verdict { outcome, ..verdict })
    }

    /// Whether it was refused because so many are at work: a commit ends that
    /// sooner than the bucket can say.
    fn is_freed_early(&self, verdict: &Verdict) -> bool {
        let rules = self.bound.rules.iter().zip(&verdict.readings);
        let mut refusing = rules.filter(|(_, reading)| reading.refuses);
        refusing.any(|(rule, _)| matches!(rule.limit, Limit::Concurrency(_)))
    }

    fn address(&self) -> Address<Bucket> {
        address(self.visit, &self.bucket, &self.question.subject)
    }

    /// What an isolate remembers a subject by. The subject comes last: it is free
    /// text.
    fn key(&self, cost: u32) -> String {
        self.key_of(&self.question.subject, cost)
    }

    fn key_of(&self, subject: &str, cost: u32) -> String {
        let (tenant, bucket) = (self.visit.home.id, &self.bucket);
        format!("{tenant}/{bucket}/{}/{cost}/{subject}", self.bound.version)
    }

    /// The time, as late as can be: what was debited in advance runs out.
    fn now(&self) -> Timestamp {
        self.visit.platform().now()
    }

    fn memory(&self) -> &Customers {
        &self.visit.gateway.memory.limits.customers
    }
}
