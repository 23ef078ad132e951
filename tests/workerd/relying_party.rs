//! Does a relying party that we did not write get along with us?

use crate::support::{
    Browser, Call, Site,
    call::query_of,
    tenant::{PASSWORD, REDIRECT_URI},
};
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthenticationFlow, AuthorizationCode, ClientId,
    ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    ProviderMetadata, RedirectUrl, RevocationUrl, Scope, TokenResponse,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
        CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType, CoreUserInfoClaims,
    },
};
use serde::{Deserialize, Serialize};

/// What the crate does not read by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Revocation {
    revocation_endpoint: String,
}

impl AdditionalProviderMetadata for Revocation {}

type Metadata = ProviderMetadata<
    Revocation,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type HttpRequest = openidconnect::HttpRequest;
type HttpResponse = openidconnect::HttpResponse;

fn method(request: &HttpRequest) -> &'static str {
    if request.method() == http::Method::POST {
        "POST"
    } else {
        "GET"
    }
}

fn sent(site: &Site, request: &HttpRequest) -> Result<HttpResponse, http::Error> {
    // The crate revokes over TLS alone; what it would send there goes over the
    // loopback all the same.
    let url = request.uri().to_string().replacen("https://", "http://", 1);
    let mut call = Call::new(method(request), &url);
    for (name, value) in request.headers() {
        call = call.header(name.as_str(), value.to_str().unwrap());
    }
    call.body.clone_from(request.body());
    let reply = site.send(&call);
    let mut response = http::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(reply.body)
}

/// A person signs in on the way and says yes; answers where she lands.
fn authorized(site: &Site, url: &str, email: &str) -> String {
    let browser = Browser::new(site);
    let (url, page) = browser.open(url);
    let fields = [("username", email), ("password", PASSWORD)];
    let (url, page) = browser.submit(&url, &page.expect(200), &fields);
    browser
        .submit(&url, &page.expect(200), &[("decision", "allow")])
        .0
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn openidconnect_signs_its_user_in_refreshes_and_revokes() {
    let site = Site::on_workerd();
    let tenant = site.tenant();
    let sub = tenant.user("ada@example.com");
    let registered = tenant.client();
    let http = |request: HttpRequest| sent(&site, &request);

    let metadata = Metadata::discover(&IssuerUrl::new(tenant.issuer()).unwrap(), &http).unwrap();
    let revocation = &metadata.additional_metadata().revocation_endpoint;
    let revocation = revocation.replacen("http://", "https://", 1);
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(registered.id),
        Some(ClientSecret::new(registered.secret)),
    )
    .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).unwrap())
    .set_revocation_url(RevocationUrl::new(revocation).unwrap());

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scopes(
            ["email", "profile", "offline_access"].map(|scope| Scope::new(scope.to_owned())),
        )
        .set_pkce_challenge(challenge)
        .url();
    let landed = authorized(&site, url.as_str(), "ada@example.com");
    assert_eq!(
        query_of(&landed, "state").as_deref(),
        Some(state.secret().as_str())
    );

    let code = AuthorizationCode::new(query_of(&landed, "code").unwrap());
    let mut tokens = client
        .exchange_code(code)
        .unwrap()
        .set_pkce_verifier(verifier)
        .request(&http)
        .unwrap();
    let id_token = tokens.id_token().unwrap();
    let id_verifier = client.id_token_verifier();
    let claims = id_token.claims(&id_verifier, &nonce).unwrap();
    assert_eq!(claims.subject().as_str(), sub);
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&id_verifier).unwrap(),
    );
    assert_eq!(claims.access_token_hash(), Some(&hash.unwrap()));

    let access = tokens.access_token().clone();
    let userinfo: CoreUserInfoClaims = client
        .user_info(access, Some(claims.subject().clone()))
        .unwrap()
        .request(&http)
        .unwrap();
    assert_eq!(userinfo.email().unwrap().as_str(), "ada@example.com");

    for _ in 0..3 {
        let refresh = tokens.refresh_token().unwrap().clone();
        tokens = client
            .exchange_refresh_token(&refresh)
            .unwrap()
            .request(&http)
            .unwrap();
        assert_ne!(tokens.refresh_token().unwrap().secret(), refresh.secret());
    }
    let refresh = tokens.refresh_token().unwrap().clone();
    client
        .revoke_token(refresh.clone().into())
        .unwrap()
        .request(&http)
        .unwrap();
    let refused = client
        .exchange_refresh_token(&refresh)
        .unwrap()
        .request(&http)
        .unwrap_err();
    assert!(
        format!("{refused:?}").contains("invalid_grant"),
        "{refused:?}"
    );
}
