//! What must hold of each parser, whatever bytes it is given?
//!
//! Each function is a fuzz target and, over `corpus/`, a test of the main crate.
//! It answers `None` for what the parser refuses, so that the test can tell a
//! corpus that reaches no further than the first check.

use aero2::{
    actors::runtime::envelope,
    domain::{
        entropy::{Entropy, Seeded},
        ids::{StreamId, TenantId, UserId},
        keys::{MasterKeys, PublicJwk, Purpose},
        limit::{
            Bound, Holding, Outcome, RequestId, Standing,
            policy::{self, is_subject},
            question::{COST_MAX, Of, Question, Settlement},
        },
        oauth::{
            AuthorizationParams, Client, ClientId, Params, RedirectUri,
            authorization::{Arrival, Terms},
            client::{ClientMetadata, Registrant},
            client_auth::Presented,
            grant::TokenRequest,
            logout::LogoutRequest,
            redirect_uri::RedirectKind,
        },
        outside::OutsideUrl,
        revocation::{Cursor, frames::Said},
        seal::{Binding, open_json, seal_json},
        ssf::{
            Asked, Delivery, PollRequest, Sent, Status, StatusChange, Stream, Subject, Topic, poll,
            push, status, subject::Known,
        },
        time::{HOUR_MS, Timestamp},
        token::{
            jwt::{AccessTokenClaims, AssertionClaims, IdTokenClaims, Jws},
            opaque::{
                AuthorizationCode, ClientSecret, RegistrationToken, SessionCookie, SetupToken,
            },
            refresh_token::RefreshToken,
        },
        tree,
    },
};

const NOON: Timestamp = Timestamp::from_seconds(43_200);
const ISSUER: &str = "https://acme.example";

/// A cursor that was read is spelled as it came, whatever frame it came in.
pub fn socket_frame(bytes: &[u8]) -> Option<()> {
    let text = String::from_utf8_lossy(bytes);
    if let Some(cursor) = Cursor::parse(&text) {
        assert_eq!(cursor.to_string(), text);
    }
    let (Said::Resume {
        cursor: Some(cursor),
        ..
    }
    | Said::Ack(cursor)) = Said::parse(&text)?
    else {
        return Some(());
    };
    assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
    Some(())
}

/// A token is read as one kind at most, and only from the one way to spell it.
pub fn opaque_token(bytes: &[u8]) -> Option<()> {
    let mut read = read_opaque(&String::from_utf8_lossy(bytes));
    // Nobody guesses a checksum: the payload is tried with the right one as well.
    let prefixes = [
        SessionCookie::PREFIX,
        AuthorizationCode::PREFIX,
        ClientSecret::PREFIX,
        RegistrationToken::PREFIX,
        SetupToken::PREFIX,
        RefreshToken::PREFIX,
    ];
    for prefix in prefixes {
        let mut sum = crc32fast::Hasher::new();
        sum.update(prefix.as_bytes());
        sum.update(bytes);
        let framed = [bytes, &sum.finalize().to_be_bytes()].concat();
        let text = data_encoding::BASE64URL_NOPAD.encode(&framed);
        read = read_opaque(&format!("{prefix}{text}")).or(read);
    }
    read
}

fn read_opaque(text: &str) -> Option<()> {
    let spellings = [
        SessionCookie::parse(text).map(|token| token.reveal()),
        AuthorizationCode::parse(text).map(|token| token.reveal()),
        ClientSecret::parse(text).map(|token| token.reveal()),
        RegistrationToken::parse(text).map(|token| token.reveal()),
        SetupToken::parse(text).map(|token| token.reveal()),
        RefreshToken::parse(text).map(|token| token.reveal()),
    ];
    let mut kinds = 0;
    for spelling in spellings.into_iter().flatten() {
        assert_eq!(spelling.expose().as_str(), text);
        kinds += 1;
    }
    assert!(kinds <= 1, "one text, {kinds} kinds of token");
    (kinds == 1).then_some(())
}

/// A signed token is never read as two of the kinds we issue.
pub fn jws(bytes: &[u8]) -> Option<()> {
    let text = String::from_utf8_lossy(bytes);
    let access = Jws::<AccessTokenClaims>::parse(&text);
    let id = Jws::<IdTokenClaims>::parse(&text);
    assert!(access.is_err() || id.is_err());
    let access = access.ok()?;
    assert!(text.as_bytes().starts_with(access.signed()));
    access.unverified().check(ISSUER, Some(ISSUER), NOON).ok()
}

/// Whatever is granted or refused goes to an address the client registered.
pub fn authorization_request(bytes: &[u8]) -> Option<()> {
    let params = Params::parse(bytes).ok()?;
    assert_eq!(
        Params::parse(params.encode().as_bytes()).as_ref(),
        Ok(&params)
    );
    drop(TokenRequest::parse(&params));
    drop(LogoutRequest::parse(&params));
    let client = client()?;
    let request = AuthorizationParams::parse(params).ok()?;
    let request = request.identify(&client).ok()?;
    let is_registered = |uri: &RedirectUri| {
        client
            .metadata
            .redirect_uris
            .iter()
            .any(|registered| registered.matches(uri))
    };
    let mut granted = None;
    for arrival in [Arrival::Direct, Arrival::Pushed] {
        let terms = Terms {
            default_resource: None,
            arrival,
        };
        let (goes_to, answer) = match request.validate(&client, terms) {
            Ok(valid) => {
                granted = Some(());
                (valid.redirect_uri.clone(), valid.granted("a code", ISSUER))
            }
            Err(refused) => (refused.redirect_uri.clone(), refused.params(ISSUER)),
        };
        assert!(is_registered(&goes_to));
        assert!(goes_to.with_query(&answer).starts_with(goes_to.as_str()));
    }
    granted
}

/// A client with both kinds of address.
fn client() -> Option<Client> {
    let metadata = br#"{
        "redirect_uris": ["https://app.example/cb?x=1", "http://127.0.0.1/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email offline_access",
        "token_endpoint_auth_method": "client_secret_basic"
    }"#;
    let metadata = ClientMetadata::from_json(metadata)
        .ok()?
        .validate(Registrant::Admin)
        .ok()?;
    Some(Client::new(ClientId::parse("app").ok()?, metadata, NOON))
}

/// The first line is the `Authorization` header, the rest the form; an
/// assertion that passes is of the client it names.
pub fn client_authentication(bytes: &[u8]) -> Option<()> {
    let (header, form) = match bytes.iter().position(|&byte| byte == b'\n') {
        Some(at) => (bytes.get(..at), bytes.get(at + 1..).unwrap_or_default()),
        None => (None, bytes),
    };
    let header = header.map(String::from_utf8_lossy);
    let params = Params::parse(form).ok()?;
    drop(Presented::from_request(header.as_deref(), &params));
    let assertion = params.one("client_assertion").ok()??;
    let assertion = Jws::<AssertionClaims>::parse(assertion).ok()?;
    let claims = assertion.unverified();
    let name = claims.client_id().ok()?;
    assert!(claims.check(&format!("{name}."), &[ISSUER], NOON).is_err());
    claims.check(name, &[ISSUER], NOON).ok().map(drop)
}

/// A document that passes says the same when it is read again, and a
/// stranger's grants itself nothing.
pub fn client_metadata(bytes: &[u8]) -> Option<()> {
    let mut passed = None;
    for by in [Registrant::Admin, Registrant::Dynamic] {
        let metadata = ClientMetadata::from_json(bytes).ok()?;
        let Ok(valid) = metadata.validate(by) else {
            continue;
        };
        assert!(by == Registrant::Admin || !valid.skip_consent);
        let same = valid.patched(serde_json::json!({}), by);
        assert_eq!(same.as_ref(), Ok(&valid));
        passed = Some(());
    }
    passed
}

/// An address that passes allows itself, and a browser goes where it says.
pub fn redirect_uri(bytes: &[u8]) -> Option<()> {
    let text = core::str::from_utf8(bytes).ok()?;
    let uri = RedirectUri::parse(text).ok()?;
    assert_eq!(uri.as_str(), text);
    assert!(uri.matches(&uri));
    let origin = uri.origin();
    let leads_to = |scheme: &str| {
        origin
            .as_deref()
            .is_some_and(|origin| origin.starts_with(scheme))
    };
    match uri.kind() {
        RedirectKind::Https => assert!(leads_to("https://")),
        RedirectKind::Loopback => assert!(leads_to("http://")),
        RedirectKind::PrivateUse => assert_eq!(origin, None),
    }
    Some(())
}

/// A key that passes is the same key when it is written and read again.
pub fn jwk(bytes: &[u8]) -> Option<()> {
    let json = serde_json::from_slice(bytes).ok()?;
    let key = PublicJwk::parse(&json).ok()?;
    let again = serde_json::to_value(&key).map(|json| PublicJwk::parse(&json));
    assert!(matches!(again, Ok(Ok(again)) if again == key));
    Some(())
}

/// A question that is read has rules that can be asked, and a price and a subject
/// within bounds, however it was sent.
pub fn limit_question(bytes: &[u8]) -> Option<()> {
    let settled = Settlement::parse(bytes).map(|read| assert!(is_subject(&read.subject)));
    let many = Question::batch(bytes).unwrap_or_default();
    let ways = [Question::check(bytes), Question::reserve(bytes)];
    let questions: Vec<Question> = ways.into_iter().flatten().chain(many).collect();
    for question in &questions {
        assert!((1..=COST_MAX).contains(&question.cost) && is_subject(&question.subject));
        let Of::Inline(enacted) = &question.of else {
            continue;
        };
        let policy::Binding::Limit { bound, .. } = enacted.bind(&question.subject, NOON) else {
            panic!("rules that come along bind everybody");
        };
        bound.check().unwrap();
        let (verdict, is_charged) = Standing::default().take(&bound, question.cost, None, NOON);
        assert_eq!(verdict.is_admitted(), is_charged);
        assert_eq!(bound.can_admit(question.cost), is_charged);
    }
    (settled.is_ok() || !questions.is_empty()).then_some(())
}

/// An envelope that opens is the same when it is packed and opened again.
pub fn envelope(bytes: &[u8]) -> Option<()> {
    let opened = envelope::open(bytes).ok()?;
    let again = envelope::pack(&opened).and_then(|packed| envelope::open(&packed));
    assert!(matches!(again, Ok(again) if again == opened));
    Some(())
}

/// What we did not seal never opens, and what we sealed opens unchanged.
pub fn sealed_value(bytes: &[u8]) -> Option<()> {
    let mut entropy = Seeded::new(1);
    let keys = MasterKeys::generate(&mut entropy);
    let binding = Binding {
        purpose: Purpose::Interaction,
        tenant: TenantId::generate(&mut entropy),
    };
    let text = String::from_utf8_lossy(bytes);
    let open = |text: &str| open_json::<String>(&keys, binding, text, NOON);
    assert!(open(&text).is_err());
    let sealed = seal_json(&keys, binding, NOON.plus(1), &text, &mut entropy).ok()?;
    assert_eq!(open(&sealed).as_deref(), Ok(&*text));
    Some(())
}

/// Whatever a receiver of Shared Signals sends stays within its bounds, and
/// what it is shown of its stream is understood as it was meant.
pub fn signals_request(bytes: &[u8]) -> Option<()> {
    if let push::Outcome::Refused(why) | push::Outcome::Later(why) = push::outcome(400, bytes) {
        assert!(why.len() <= poll::ERROR_BYTES_MAX);
    }
    let sent = Sent::parse(bytes).ok()?;
    if let Ok(polled) = PollRequest::parse(&sent) {
        assert!(polled.max_events <= poll::EVENTS_MAX);
        assert!(polled.ack.len() + polled.refused.len() <= poll::ACKS_MAX);
        let is_short = |why: &String| why.len() <= poll::ERROR_BYTES_MAX;
        assert!(polled.refused.iter().all(|refused| is_short(&refused.why)));
    }
    if let Ok((_, change)) = StatusChange::parse(&sent) {
        assert!(change.reason.unwrap_or_default().len() <= status::REASON_BYTES_MAX);
    }
    drop(Subject::parse(&sent).map(|subject| about(&subject)));
    drop(Asked::parts(&sent, &[]));
    let asked = Asked::whole(&sent, &[]).ok()?;
    if let Some(header) = &asked.header {
        assert!(header.expose().bytes().all(|b| matches!(b, b' '..=b'~')));
    }
    let mut stream = Stream {
        id: StreamId::from_bytes([1; 16]),
        client: ClientId::parse("receiver").ok()?,
        iss: ISSUER.to_owned(),
        events_requested: None,
        description: None,
        delivery: Delivery::default(),
        status: Status::Enabled,
        reason: None,
    };
    stream.change(asked.change, &mut None);
    let shown = stream.document().to_string();
    let again = Sent::parse(shown.as_bytes()).and_then(|sent| Asked::whole(&sent, &[]));
    let again = again.expect("what is shown can be sent");
    assert_eq!(stream.check(&again.supplied), Ok(()));
    let before = stream.clone();
    stream.change(again.change, &mut None);
    assert_eq!(stream, before);
    Some(())
}

/// A subject that we could send something about covers itself, and is covered by
/// whatever is wider.
fn about(subject: &Subject) {
    let known = Known {
        issuer: ISSUER,
        tenant: TenantId::from_bytes([2; 16]),
        by_email: Some(UserId::from_bytes([3; 16])),
    };
    let Some(topic) = subject.topic(known) else {
        return;
    };
    assert_ne!(topic, Topic::default());
    let wider = topic.wider();
    assert!(wider.contains(&topic));
    assert!(
        wider
            .iter()
            .all(|wide| wide.covers(&topic) && wide.matches(&topic))
    );
}

/// An address that passes is a public name over TLS, however it is written.
pub fn outside_url(bytes: &[u8]) -> Option<()> {
    let text = core::str::from_utf8(bytes).ok()?;
    let target = OutsideUrl::parse(text, &[]).ok()?;
    assert_eq!(target.as_str(), text);
    let url = target.url().expect("what was parsed is a URL");
    assert_eq!(url.scheme(), "https");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let host = target.host();
    assert!(host.contains('.') && !host.ends_with('.') && !host.starts_with('['));
    let last = host.rsplit('.').next().unwrap_or_default();
    assert!(!last.bytes().all(|b| b.is_ascii_digit()) && last != "localhost");
    // What an operator allows makes nobody else's address any worse.
    assert!(OutsideUrl::parse(text, &["127.0.0.1:9000".to_owned()]).is_ok());
    Some(())
}

/// Rules that pass never panic, promise no time at which they refuse again, and
/// leave a standing that is read as it was written.
pub fn limit_rules(bytes: &[u8]) -> Option<()> {
    let bound: Bound = tree::from_json(bytes).ok()?;
    bound.check().ok()?;
    let written = serde_json::to_vec(&bound).ok()?;
    assert_eq!(tree::from_json(&written).as_ref(), Ok(&bound));

    let mut chances = Seeded::new(crc32fast::hash(bytes).into());
    let mut draw = |below: u32| {
        let mut drawn = [0; 4];
        chances.fill(&mut drawn);
        u32::from_be_bytes(drawn) % below
    };
    let mut standing = Standing::default();
    let mut now = Timestamp::from_millis(1_790_000_000_000);
    for _ in 0..64 {
        let wait = [0, 1, 1_000, HOUR_MS, 40 * 24 * HOUR_MS][draw(5) as usize];
        // A clock that is set back moves nothing.
        now = now.plus(if draw(8) == 0 { -wait } else { wait });
        let cost = [1, 2, 7, u32::MAX][draw(4) as usize];
        let request = RequestId::parse(&format!("request-{}", draw(8)))?;
        match draw(4) {
            0 => {
                standing.cancel(&request, now);
            }
            1 => {
                standing.commit(&request, now);
            }
            2 => {
                let after_ms = wait;
                let holding = Holding::Falls { after_ms };
                let request = Some((&request, holding));
                standing.take(&bound, cost, request, now);
            }
            _ => ask(&mut standing, &bound, cost, now),
        }
    }
    let written = serde_json::to_vec(&standing).ok()?;
    assert_eq!(tree::from_json(&written).as_ref(), Ok(&standing));
    if standing.runs_ahead() {
        assert!(standing.ahead_by(bound.ahead).covers(&standing));
    }
    Some(())
}

/// What is foretold comes true, in a standing and in its copy.
fn ask(standing: &mut Standing, bound: &Bound, cost: u32, now: Timestamp) {
    let foretold = standing.clone().peek(bound, cost, now);
    let (verdict, is_charged) = standing.take(bound, cost, None, now);
    assert_eq!(verdict.outcome, foretold.outcome);
    assert_eq!(is_charged, verdict.is_admitted());
    assert!(verdict.readings.iter().all(|reading| reading.reset_ms >= 0));
    match verdict.outcome {
        Outcome::Admit => assert!(bound.can_admit(cost)),
        Outcome::Never => {}
        Outcome::Refuse { retry_at } => {
            assert!(retry_at > verdict.at);
            let then = standing.clone().peek(bound, cost, retry_at);
            assert!(then.is_admitted(), "{verdict:?}, then {then:?}");
        }
    }
}
