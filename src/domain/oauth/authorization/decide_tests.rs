//! Does each decision follow from its facts, and does deciding end?

use super::*;
use crate::domain::oauth::authorization::tests::request;
use crate::domain::{ids::SessionId, session::Authentication};
use proptest::prelude::*;

const ALICE: UserId = UserId::from_bytes([1; 16]);
const BOB: UserId = UserId::from_bytes([2; 16]);
const START: Timestamp = Timestamp::from_seconds(1_000);

/// A person before a client: what they have done, and can do.
struct Scene {
    skip_consent: bool,
    session: Option<SessionView>,
    hinted: Option<UserId>,
    consent: Option<Consent>,
    interaction: Interaction,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        Self {
            skip_consent: false,
            session: None,
            hinted: None,
            consent: None,
            interaction: Interaction::begun(START),
            now: START,
        }
    }

    fn signed_in(mut self, seconds_ago: i64) -> Self {
        self.sign_in(ALICE, START.plus(-seconds_ago * 1_000));
        self
    }

    fn consented_to(mut self, query: &str) -> Self {
        self.consent = Some(Consent::to(&request(query), START));
        self
    }

    fn sign_in(&mut self, user: UserId, auth_time: Timestamp) {
        self.session = Some(SessionView {
            session: SessionId::from_bytes([9; 16]),
            user,
            authentication: Authentication::by_password(auth_time),
            began_at: START,
            ends_at: START.plus(1_000_000),
        });
    }

    fn decide(&self, query: &str) -> Decision {
        let situation = Situation {
            skip_consent: self.skip_consent,
            session: self.session.as_ref(),
            hinted: self.hinted,
            consent: self.consent.as_ref(),
            interaction: self.interaction,
        };
        decide(&request(query), &situation, self.now)
    }
}

#[test]
fn nobody_signed_in_signs_in_or_is_login_required() {
    let scene = Scene::new();
    assert_eq!(scene.decide(""), Decision::LogIn(LoginReason::NoSession));
    assert_eq!(
        scene.decide("prompt=none"),
        Decision::Refuse(ErrorCode::LoginRequired)
    );
}

#[test]
fn a_session_with_consent_is_granted_silently() {
    let scene = Scene::new().signed_in(60).consented_to("");
    assert_eq!(scene.decide(""), Decision::Grant);
    assert_eq!(scene.decide("prompt=none"), Decision::Grant);
}

#[test]
fn what_is_new_to_the_person_is_asked() {
    let scene = Scene::new().signed_in(60).consented_to("");
    assert_eq!(scene.decide("scope=openid+email"), Decision::Consent);
    let silent = scene.decide("scope=openid+email&prompt=none");
    assert_eq!(silent, Decision::Refuse(ErrorCode::ConsentRequired));
    assert_eq!(
        scene.decide("scope=openid+offline_access"),
        Decision::Consent
    );
}

#[test]
fn a_client_of_the_tenants_own_asks_only_when_it_wants_to() {
    let mut scene = Scene::new().signed_in(60);
    scene.skip_consent = true;
    assert_eq!(
        scene.decide("scope=openid+email&prompt=none"),
        Decision::Grant
    );
    assert_eq!(scene.decide("prompt=consent"), Decision::Consent);
}

#[test]
fn prompt_login_asks_once() {
    let mut scene = Scene::new().signed_in(60).consented_to("");
    assert_eq!(
        scene.decide("prompt=login"),
        Decision::LogIn(LoginReason::Asked)
    );
    scene.sign_in(ALICE, START.plus(1));
    assert_eq!(scene.decide("prompt=login"), Decision::Grant);
}

#[test]
fn prompt_consent_asks_once_even_when_covered() {
    let mut scene = Scene::new().signed_in(60).consented_to("");
    assert_eq!(scene.decide("prompt=consent"), Decision::Consent);
    scene.interaction.consented = true;
    assert_eq!(scene.decide("prompt=consent"), Decision::Grant);
}

#[test]
fn prompt_select_account_asks_once() {
    let mut scene = Scene::new().signed_in(60).consented_to("");
    assert_eq!(
        scene.decide("prompt=select_account"),
        Decision::SelectAccount
    );
    scene.interaction.selected = true;
    assert_eq!(scene.decide("prompt=select_account"), Decision::Grant);
    assert_eq!(
        scene.decide("prompt=select_account+login"),
        Decision::LogIn(LoginReason::Asked)
    );
}

#[test]
fn max_age_counts_whole_seconds_from_the_sign_in() {
    let scene = Scene::new().signed_in(60).consented_to("");
    assert_eq!(scene.decide("max_age=60"), Decision::Grant);
    assert_eq!(
        scene.decide("max_age=59"),
        Decision::LogIn(LoginReason::TooLongAgo)
    );
    assert_eq!(
        scene.decide("max_age=59&prompt=none"),
        Decision::Refuse(ErrorCode::LoginRequired)
    );
}

#[test]
fn max_age_zero_is_satisfied_by_a_sign_in_for_this_request() {
    let mut scene = Scene::new().signed_in(1).consented_to("");
    assert_eq!(
        scene.decide("max_age=0"),
        Decision::LogIn(LoginReason::TooLongAgo)
    );
    scene.sign_in(ALICE, START.plus(500));
    scene.now = START.plus(20_000);
    assert_eq!(scene.decide("max_age=0"), Decision::Grant);
}

#[test]
fn a_hint_about_somebody_else_asks_for_them_once() {
    let mut scene = Scene::new().signed_in(60).consented_to("");
    scene.hinted = Some(BOB);
    assert_eq!(scene.decide(""), Decision::LogIn(LoginReason::SomebodyElse));
    assert_eq!(
        scene.decide("prompt=none"),
        Decision::Refuse(ErrorCode::LoginRequired)
    );
    scene.sign_in(ALICE, START.plus(1));
    assert_eq!(scene.decide(""), Decision::Refuse(ErrorCode::LoginRequired));
    scene.sign_in(BOB, START.plus(1));
    assert_eq!(scene.decide(""), Decision::Grant);
}

#[test]
fn a_sub_asked_for_by_value_is_a_hint() {
    let scene = Scene::new()
        .signed_in(60)
        .consented_to("claims={\"id_token\":{\"sub\":null}}");
    let wanting =
        |user: UserId| format!("claims={{\"id_token\":{{\"sub\":{{\"value\":\"{user}\"}}}}}}");
    assert_eq!(scene.decide(&wanting(ALICE)), Decision::Grant);
    assert_eq!(
        scene.decide(&wanting(BOB)),
        Decision::LogIn(LoginReason::SomebodyElse)
    );
}

#[test]
fn only_an_essential_acr_is_binding() {
    let scene = Scene::new()
        .signed_in(60)
        .consented_to("claims={\"id_token\":{\"acr\":null}}");
    let gold = |essential| {
        format!(
            "claims={{\"id_token\":{{\"acr\":{{\"essential\":{essential},\"values\":[\"gold\"]}}}}}}"
        )
    };
    assert_eq!(scene.decide("acr_values=gold"), Decision::Grant);
    assert_eq!(scene.decide(&gold(false)), Decision::Grant);
    let unmet = Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements);
    assert_eq!(scene.decide(&gold(true)), unmet);
}

proptest! {
    #[test]
    fn doing_what_is_asked_ends_in_an_answer(
        prompts in prop::sample::subsequence(vec!["login", "consent", "select_account"], 0..=3),
        max_age in prop::option::of(0u32..3),
        age in prop::option::of(0i64..5),
        hinted in prop::option::of(prop::bool::ANY),
        pause in 0i64..5_000,
    ) {
        let mut scene = Scene::new();
        if let Some(age) = age {
            scene = scene.signed_in(age);
        }
        scene.hinted = hinted.map(|same| if same { ALICE } else { BOB });
        let max_age = max_age.map(|age| format!("&max_age={age}")).unwrap_or_default();
        let query = format!("prompt={}{max_age}", prompts.join("+"));
        for _ in 0..4 {
            scene.now = scene.now.plus(pause);
            match scene.decide(&query) {
                Decision::LogIn(_) => scene.sign_in(ALICE, scene.now),
                Decision::SelectAccount => scene.interaction.selected = true,
                Decision::Consent => scene.interaction.consented = true,
                Decision::Refuse(_) | Decision::Grant => return Ok(()),
            }
        }
        prop_assert!(false, "still asking: {query}");
    }

    #[test]
    fn a_silent_request_never_shows_a_page(age in prop::option::of(0i64..5), max_age in 0u32..3) {
        let mut scene = Scene::new();
        if let Some(age) = age {
            scene = scene.signed_in(age);
        }
        let decision = scene.decide(&format!("prompt=none&max_age={max_age}"));
        prop_assert!(matches!(decision, Decision::Refuse(_) | Decision::Grant));
    }
}
