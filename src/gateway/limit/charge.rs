//! Is this attempt let through?
//!
//! A refusal is a 429 that says when to come back; a bucket that does not answer
//! is a 503, never a silent pass (DESIGN §6).

use super::{
    device::{Device, DeviceCookie},
    subject::{Account, Namer, Origin, Person},
    table::{self, Policy, SIGN_IN, SIGN_IN_ACCOUNT, VERSION},
    told::{QUOTA_EXCEEDED, REDUCED_CAPACITY, Told, retry_after_s},
    usage,
};
use crate::{
    actors::{
        bucket::{Bucket, Cancel, Check},
        runtime::{Actors, Address, Fault},
    },
    domain::{
        entropy::draw,
        ids::base32,
        limit::{Bound, RequestId, Verdict, usage::Counts},
    },
    gateway::{
        log as gateway_log,
        platform::Platform,
        trouble::{Problem, Trouble},
        visit::Visit,
    },
};
use futures::future::join_all;

/// Seconds after which an unavailable bucket is worth another try.
pub(super) const RETRY_AFTER_S: i64 = 5;

/// One bucket to ask.
struct Question {
    bucket: &'static str,
    subject: [u8; 32],
    policy: Bound,
    /// Whether whoever asks may know how this bucket stands.
    is_told: bool,
}

/// A sign-in that has been charged, and what follows when it succeeds.
#[derive(Debug)]
pub struct Charged {
    buckets: Vec<Address<Bucket>>,
    request: RequestId,
    device: Option<DeviceCookie>,
}

impl Charged {
    /// The cookie by which this browser is known to the account from now on;
    /// only for one who has shown the password.
    #[must_use]
    pub fn device(&self) -> Option<DeviceCookie> {
        self.device.clone()
    }

    /// Gives back what was charged: the password was right. Should that fail,
    /// the charge stands, and is forgotten in time.
    pub async fn refund<P: Platform>(&self, visit: &Visit<'_, P>) {
        let cancel = |bucket| {
            let request = self.request.clone();
            visit.mail.ask(bucket, Cancel { request })
        };
        for answered in join_all(self.buckets.iter().map(cancel)).await {
            if let Err(fault) = answered {
                log(visit, "refund", &fault);
            }
        }
    }
}

/// Charges one attempt; answers how it stands, for the headers of a success.
///
/// # Errors
/// 429 when it is one too many, 503 when the bucket cannot say.
pub async fn charge<P: Platform>(
    visit: &Visit<'_, P>,
    policy: Policy<'_>,
) -> Result<Told, Trouble> {
    let namer = namer(visit);
    let bucket = policy.bucket();
    let subject = match policy {
        Policy::PasswordCheck(user) | Policy::Ticket(user) => Some(namer.user(user)),
        Policy::Feed(client) => Some(namer.client(client)),
        Policy::SignUp | Policy::Register | Policy::SetUp | Policy::Admin => None,
    };
    let question = match subject {
        Some(subject) => Question {
            bucket,
            subject,
            policy: table::of_known(bucket),
            is_told: true,
        },
        None => of_origin(visit, bucket),
    };
    ask(visit, &[question], None).await
}

/// Charges one attempt to sign in as whoever `typed` means: to the address, and
/// to the account, at once; from one of the account's own devices to that alone.
///
/// # Errors
/// 429 when it is one too many, 503 when a bucket cannot say.
pub async fn charge_sign_in<P: Platform>(
    visit: &Visit<'_, P>,
    typed: &str,
) -> Result<Charged, Trouble> {
    let namer = namer(visit);
    let person = Person::of(typed);
    let Device { known, next } = Device::read(visit, &person);
    let is_known = known.is_some();
    let account = Account {
        subject: namer.account(&person),
        from: namer.from(Origin::of(visit.request.client_address)),
        device: known,
    };
    let mut subject = account.subject;
    // Who holds our word for a device is no flood of made-up names.
    if !is_known && !has_room(visit, &subject) {
        subject = namer.overflow(&subject);
    }
    let mut questions = vec![Question {
        bucket: SIGN_IN_ACCOUNT,
        subject,
        policy: table::of_account(&account),
        // How often others have failed is nobody's business.
        is_told: false,
    }];
    if !is_known {
        questions.insert(0, of_origin(visit, SIGN_IN));
    }
    let request = base32(&draw::<16>(&mut visit.entropy()));
    let request = RequestId::parse(&request).ok_or(Fault::Corrupt("an id is none"))?;
    ask(visit, &questions, Some(&request)).await?;
    let at = |question: &Question| address(visit, question);
    Ok(Charged {
        buckets: questions.iter().map(at).collect(),
        request,
        device: next,
    })
}

/// What records call whoever `typed` means, as the account's bucket does: a MAC.
pub(in crate::gateway) fn account<P: Platform>(visit: &Visit<'_, P>, typed: &str) -> String {
    base32(&namer(visit).account(&Person::of(typed)))
}

pub(super) fn namer<'a, P: Platform>(visit: &'a Visit<'_, P>) -> Namer<'a> {
    Namer {
        keys: &visit.platform().settings().master_keys,
        tenant: visit.home.id,
    }
}

fn has_room<P: Platform>(visit: &Visit<'_, P>, subject: &[u8; 32]) -> bool {
    let memory = &visit.gateway.memory.limits;
    memory.has_room(visit.home.id, subject, visit.now)
}

/// What `bucket` asks of where a request comes from.
fn of_origin<P: Platform>(visit: &Visit<'_, P>, bucket: &'static str) -> Question {
    let namer = namer(visit);
    let mut origin = Origin::of(visit.request.client_address);
    let mut subject = namer.origin(origin);
    if origin == Origin::Unknown {
        if visit.gateway.memory.limits.is_first_unknown() {
            let why = "clients' addresses are unknown: is CLIENT_IP_HEADER set?";
            log(visit, bucket, &why);
        }
    } else if !has_room(visit, &subject) {
        (origin, subject) = (Origin::Unknown, namer.overflow(&subject));
    }
    Question {
        bucket,
        subject,
        policy: table::of_origin(bucket, origin),
        is_told: true,
    }
}

fn address<P: Platform>(visit: &Visit<'_, P>, question: &Question) -> Address<Bucket> {
    Bucket::address(visit.home.id, question.bucket, &question.subject)
}

/// Asks every bucket at once. What one admits and another refuses stays charged:
/// it was an attempt.
async fn ask<P: Platform>(
    visit: &Visit<'_, P>,
    questions: &[Question],
    request: Option<&RequestId>,
) -> Result<Told, Trouble> {
    let memory = &visit.gateway.memory.limits;
    let remembered = |question| memory.refusals.find(&key(visit, question), visit.now);
    let mut verdicts: Vec<Option<Verdict>> = questions.iter().map(remembered).collect();
    if verdicts.iter().all(Option::is_none) {
        verdicts.clear();
        let check = |question| check(visit, question, request);
        for (question, answered) in questions
            .iter()
            .zip(join_all(questions.iter().map(check)).await)
        {
            let verdict = answered.map_err(|fault| {
                log(visit, question.bucket, &fault);
                count(visit, question, None);
                unavailable()
            })?;
            let key = key(visit, question);
            memory.refusals.note(key, &verdict, visit.now);
            verdicts.push(Some(verdict));
        }
    }
    let answered = questions.iter().zip(&verdicts);
    for (question, verdict) in answered.clone() {
        if verdict.is_some() {
            count(visit, question, verdict.as_ref());
        }
    }
    refuse(answered.filter_map(|(question, verdict)| {
        Some((question.bucket, question.is_told, verdict.as_ref()?))
    }))
}

/// Counts what came of a question, for operators' eyes; `None` is a bucket that
/// did not answer. Whom it concerns is shown masked.
fn count<P: Platform>(visit: &Visit<'_, P>, question: &Question, verdict: Option<&Verdict>) {
    let is_admitted = verdict.is_some_and(Verdict::is_admitted);
    let counts = Counts {
        degraded: verdict.is_none().into(),
        ..Counts::one(is_admitted)
    };
    let refused = (!is_admitted).then(|| {
        let origin = Origin::of(visit.request.client_address);
        if namer(visit).origin(origin) == question.subject {
            return origin.masked();
        }
        base32(&question.subject)
    });
    usage::own(visit, question.bucket, counts, refused.as_deref());
}

async fn check<P: Platform>(
    visit: &Visit<'_, P>,
    question: &Question,
    request: Option<&RequestId>,
) -> Result<Verdict, Fault> {
    let check = Check {
        policy: question.policy.clone(),
        cost: 1,
        request: request.cloned(),
    };
    visit.mail.ask(&address(visit, question), check).await
}

/// What an isolate remembers a refusal by: the bucket, and whom in it.
fn key<P: Platform>(visit: &Visit<'_, P>, question: &Question) -> String {
    let rules = question.policy.rules.iter();
    let scopes = rules.filter_map(|rule| rule.scope.as_deref());
    let scopes: Vec<&str> = scopes.collect();
    let name = base32(&question.subject);
    let (tenant, bucket) = (visit.home.id, question.bucket);
    format!("{tenant}/{bucket}/{name}#{VERSION}/{}", scopes.join("/"))
}

/// The refusal of whoever was refused by any bucket; how they stand when all
/// admit. A bucket that is not to be told of shows in `Retry-After` alone.
pub(super) fn refuse<'a>(
    answered: impl Iterator<Item = (&'static str, bool, &'a Verdict)>,
) -> Result<Told, Trouble> {
    let mut told = Told::problem(QUOTA_EXCEEDED);
    let mut retry: Option<i64> = None;
    for (bucket, is_told, verdict) in answered {
        if !verdict.is_admitted() {
            retry = retry.max(Some(retry_after_s(verdict).unwrap_or(RETRY_AFTER_S)));
        }
        if is_told {
            told.add(bucket, &verdict.readings);
        }
    }
    let Some(retry_after_s) = retry else {
        return Ok(told);
    };
    if told.violated.is_empty() {
        told.violated.push(SIGN_IN.to_owned());
    }
    let detail = "There were too many attempts.";
    Err(refused(
        429,
        "too-many-attempts",
        detail,
        retry_after_s,
        told,
    ))
}

/// 503, when to come back, and that nothing was let through.
pub(in crate::gateway) fn unavailable() -> Trouble {
    let detail = "Attempts cannot be counted at the moment, so none is let through.";
    let told = Told::problem(REDUCED_CAPACITY);
    refused(
        503,
        "temporary-reduced-capacity",
        detail,
        RETRY_AFTER_S,
        told,
    )
}

fn refused(
    status: u16,
    slug: &'static str,
    detail: &str,
    retry_after_s: i64,
    told: Told,
) -> Trouble {
    let problem = Problem::new(status, slug, detail);
    Problem {
        retry_after_s: Some(retry_after_s),
        told: Some(Box::new(told)),
        ..problem
    }
    .into()
}

pub(super) fn log<P: Platform>(visit: &Visit<'_, P>, what: &str, why: &dyn core::fmt::Display) {
    gateway_log::failed(visit, "limit.unanswered", Some(what), why);
}
