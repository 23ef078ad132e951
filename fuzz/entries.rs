//! What must hold of each parser, whatever bytes it is given?
//!
//! Each function is a fuzz target and, over `corpus/`, a test of the main crate.
//! It answers `None` for what the parser refuses, so that the test can tell a
//! corpus that reaches no further than the first check.

use aero2::{
    actors::runtime::envelope,
    domain::{
        entropy::Seeded,
        ids::TenantId,
        keys::{MasterKeys, PublicJwk, Purpose},
        limit::{
            Standing,
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
        revocation::{Cursor, frames::Said},
        seal::{Binding, open_json, seal_json},
        time::Timestamp,
        token::{
            jwt::{AccessTokenClaims, AssertionClaims, IdTokenClaims, Jws},
            opaque::{
                AuthorizationCode, ClientSecret, RegistrationToken, SessionCookie, SetupToken,
            },
            refresh_token::RefreshToken,
        },
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
