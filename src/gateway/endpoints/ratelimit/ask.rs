//! May it happen?

use super::{
    body, malformed,
    shown::{Shown, Verdicts},
};
use crate::{
    domain::limit::{
        policy::Enacted,
        question::{Of, Question},
    },
    gateway::{
        http::Response,
        limit::{
            self,
            customer::{self, Manner},
        },
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use ::http::StatusCode;
use futures::future::join_all;
use std::rc::Rc;

/// Answers one question.
///
/// # Errors
/// 400, 404, 415, 503, or a fault.
pub(super) async fn one<P: Platform>(visit: &Visit<'_, P>, manner: Manner) -> Answer {
    let body = body(visit)?;
    let question = match manner {
        Manner::Reserve => Question::reserve(body),
        Manner::Check | Manner::Peek => Question::check(body),
    };
    let question = question.map_err(|why| malformed(&why))?;
    let policy = policy(visit, &question).await?;
    let ruling = customer::decide(visit, &policy, &question, manner).await;
    if ruling.is_unanswered() {
        return Err(limit::unavailable());
    }
    Response::json(StatusCode::OK, &Shown::new(&policy, &ruling))
}

/// Answers many, each by itself: they are asked at once, in no order. Nothing is
/// charged unless every policy is there.
///
/// # Errors
/// 400, 404, 415, or a fault.
pub(super) async fn batch<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let questions = Question::batch(body(visit)?).map_err(|why| malformed(&why))?;
    let mut policies = Vec::with_capacity(questions.len());
    for question in &questions {
        policies.push(policy(visit, question).await?);
    }
    let asked = questions.iter().zip(&policies);
    let decide = |(question, policy)| customer::decide(visit, policy, question, Manner::Check);
    let rulings = join_all(asked.map(|(question, policy)| decide((question, &**policy)))).await;
    let shown = policies.iter().zip(&rulings);
    let verdicts = Verdicts {
        verdicts: shown
            .map(|(policy, ruling)| Shown::new(policy, ruling))
            .collect(),
    };
    Response::json(StatusCode::OK, &verdicts)
}

async fn policy<P: Platform>(
    visit: &Visit<'_, P>,
    question: &Question,
) -> Result<Rc<Enacted>, Trouble> {
    match &question.of {
        Of::Inline(enacted) => Ok(Rc::clone(enacted)),
        Of::Policy(name) => limit::policy(visit, name).await?.ok_or_else(|| {
            let detail = format!("There is no policy {}.", name.as_str());
            Problem::new(404, "unknown-policy", detail).into()
        }),
    }
}
