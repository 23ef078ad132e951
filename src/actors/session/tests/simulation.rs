//! Does a session keep its promises whatever happens, in whatever order?

use super::{
    GrantRefusal, IDLE_MS, Looked, Redeemed, RefreshProof, Stage, client, digest, introspect, look,
    request, token,
};
use crate::{
    actors::{
        runtime::Fault,
        session::{Authorized, End, Introspected, Redeem, RevokeToken, TokenRef},
    },
    domain::{
        ids::GrantId, refresh::GRACE_MS, secret::TokenDigest, session::EndReason,
        token::opaque::AuthorizationCode,
    },
};
use proptest::{prelude::*, sample::Index};
use std::collections::BTreeMap;

const CLIENTS: [&str; 2] = ["app", "other"];

#[derive(Clone, Copy, Debug)]
enum Step {
    Authorize(usize),
    Redeem { code: Index, client: usize },
    Refresh { token: Index, client: usize },
    Revoke(Index),
    Look,
    Evict,
    HoldMail(bool),
    Advance(i64),
    End,
}

fn step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENTS.len();
    prop_oneof![
        4 => client.clone().prop_map(Step::Authorize),
        6 => (any::<Index>(), client.clone())
            .prop_map(|(code, client)| Step::Redeem { code, client }),
        12 => (any::<Index>(), client)
            .prop_map(|(token, client)| Step::Refresh { token, client }),
        1 => any::<Index>().prop_map(Step::Revoke),
        2 => Just(Step::Look),
        3 => Just(Step::Evict),
        1 => any::<bool>().prop_map(Step::HoldMail),
        6 => (0..GRACE_MS).prop_map(Step::Advance),
        1 => (0..IDLE_MS).prop_map(Step::Advance),
        1 => Just(Step::End),
    ]
}

/// What an observer outside knows of a session.
struct Run {
    stage: Stage,
    codes: Vec<(AuthorizationCode, usize, u32)>,
    tokens: Vec<(RefreshProof, usize)>,
    chain: BTreeMap<(GrantId, u32), TokenDigest>,
    has_ended: bool,
}

impl Run {
    fn new() -> Self {
        Self {
            stage: Stage::begun(),
            codes: Vec::new(),
            tokens: Vec::new(),
            chain: BTreeMap::new(),
            has_ended: false,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Authorize(of) => {
                let code = self.stage.new_code();
                let mut asked = request("");
                asked.client_id = client(CLIENTS[of]);
                let authorized = self.stage.try_ask(self.stage.authorize(asked, &code));
                if matches!(authorized, Ok(Authorized::Code)) {
                    assert!(!self.has_ended, "a code after the end");
                    self.codes.push((code, of, 0));
                }
            }
            Step::Redeem { code, client: of } if !self.codes.is_empty() => {
                let place = code.index(self.codes.len());
                let redeem = Redeem {
                    client_id: client(CLIENTS[of]),
                    ..self.stage.redemption(&self.codes[place].0)
                };
                let redeemed = self.stage.try_ask(redeem);
                if self.note(redeemed, of) {
                    assert_eq!(of, self.codes[place].1, "a code for another client");
                    self.codes[place].2 += 1;
                }
            }
            Step::Refresh { token, client: of } if !self.tokens.is_empty() => {
                let (proof, owner) = &self.tokens[token.index(self.tokens.len())];
                let mut refresh = Stage::refreshing(proof);
                refresh.client_id = client(CLIENTS[of]);
                let owner = *owner;
                let redeemed = self.stage.try_ask(refresh);
                if let Ok(Redeemed::Refused(GrantRefusal::Reused)) = redeemed {
                    self.has_ended = true;
                }
                if self.note(redeemed, of) {
                    assert_eq!(of, owner, "a token for another client");
                }
            }
            Step::Revoke(token) if !self.tokens.is_empty() => {
                let (proof, of) = &self.tokens[token.index(self.tokens.len())];
                drop(self.stage.try_ask(RevokeToken {
                    token: TokenRef::Refresh(proof.clone()),
                    client_id: client(CLIENTS[*of]),
                }));
                assert!(!self.is_active(proof), "a revoked token is active");
            }
            Step::Redeem { .. } | Step::Refresh { .. } | Step::Revoke(_) => {}
            Step::Look => self.has_ended |= self.look() == Looked::Gone,
            Step::Evict => self.stage.evict(),
            Step::HoldMail(holds) => self.stage.world.hold_mail(holds),
            Step::Advance(millis) => self.stage.world.advance(millis),
            Step::End => {
                let why = EndReason::SignedOut;
                drop(self.stage.try_ask(End {
                    why,
                    cookie: None,
                    announced: None,
                }));
                self.has_ended = true;
            }
        }
    }

    /// Notes what was issued; `true` when something was.
    fn note(&mut self, redeemed: Result<Redeemed, Fault>, of: usize) -> bool {
        let Ok(Redeemed::Issued(issue)) = redeemed else {
            return false;
        };
        assert!(!self.has_ended, "something was issued after the end");
        let proof = token(&issue);
        let known = self.chain.entry((issue.grant, proof.generation()));
        let known = *known.or_insert_with(|| digest(&proof));
        assert_eq!(known, digest(&proof), "two successors of one token");
        self.tokens.push((proof, of));
        true
    }

    fn look(&self) -> Looked {
        let cookie = self.stage.cookie.digest();
        self.stage.try_ask(look(cookie)).unwrap_or(Looked::Gone)
    }

    fn is_active(&self, proof: &RefreshProof) -> bool {
        let token = TokenRef::Refresh(proof.clone());
        let answer = self.stage.try_ask(introspect(token));
        answer.is_ok_and(|answer| answer != Introspected::Inactive)
    }

    fn check(&self) {
        self.invariant_no_code_is_redeemed_twice();
        self.invariant_a_grant_has_one_living_end();
        self.invariant_nothing_lives_after_the_end();
    }

    fn invariant_no_code_is_redeemed_twice(&self) {
        assert!(self.codes.iter().all(|(_, _, times)| *times <= 1));
    }

    /// Of all tokens of a grant the newest may be used, and its predecessor
    /// within its grace; no other.
    fn invariant_a_grant_has_one_living_end(&self) {
        let mut newest: BTreeMap<GrantId, u32> = BTreeMap::new();
        for (grant, generation) in self.chain.keys() {
            newest.insert(*grant, *generation);
        }
        for (proof, _) in &self.tokens {
            let behind = newest[&proof.grant()] - proof.generation();
            assert!(behind <= 1 || !self.is_active(proof), "an old token lives");
        }
    }

    fn invariant_nothing_lives_after_the_end(&self) {
        if self.has_ended {
            assert_eq!(self.look(), Looked::Gone);
            assert!(!self.tokens.iter().any(|(proof, _)| self.is_active(proof)));
        }
    }

    /// What an actor knows that stays awake, one that just woke knows too.
    fn invariant_the_database_equals_the_memory(&self) {
        let seen = |run: &Self| {
            let active = run.tokens.iter().map(|(proof, _)| run.is_active(proof));
            (run.look(), active.collect::<Vec<_>>())
        };
        let awake = seen(self);
        self.stage.evict();
        assert_eq!(seen(self), awake);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_session_keeps_its_promises(steps in prop::collection::vec(step(), 1..60)) {
        let mut run = Run::new();
        for (number, step) in steps.into_iter().enumerate() {
            run.take(step);
            run.check();
            if number % 7 == 0 {
                run.invariant_the_database_equals_the_memory();
            }
        }
        run.invariant_the_database_equals_the_memory();
    }
}
