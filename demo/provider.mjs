// How the application talks to its OpenID provider: by a certified library.

import * as openid from "openid-client";
import { reach } from "../scripts/lib/reach.mjs";

const SCOPE = "openid profile email offline_access";

/** Discovers the provider; answers what the application needs of it. */
export async function connect({ issuer, client, application }) {
  const isHttp = issuer.startsWith("http:");
  const config = await openid.discovery(
    new URL(issuer),
    client.id,
    client.secret,
    openid.ClientSecretBasic(client.secret),
    {
      // Beside TLS, which a machine talking to itself has not, the signature of the ID token is checked.
      execute: isHttp ? [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] : [openid.enableNonRepudiationChecks],
      [openid.customFetch]: reach,
    },
  );
  return { issuer, application, begin, finish, refresh, userinfo, introspect, ticket, signOut };

  /** The address to send the browser to, and what to remember until it is back. */
  async function begin() {
    const checks = { verifier: openid.randomPKCECodeVerifier(), state: openid.randomState(), nonce: openid.randomNonce() };
    const address = openid.buildAuthorizationUrl(config, {
      redirect_uri: `${application}/callback`,
      scope: SCOPE,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: "S256",
    });
    return { address: address.href, checks };
  }

  /** Tokens for the code the browser came back with. */
  async function finish(callback, { verifier, state, nonce }) {
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    return kept(await openid.authorizationCodeGrant(config, callback, checks));
  }

  /** New tokens for old; the old refresh token is spent. */
  async function refresh(tokens) {
    return { ...tokens, ...kept(await openid.refreshTokenGrant(config, tokens.refresh)) };
  }

  function userinfo(tokens) {
    return openid.fetchUserInfo(config, tokens.access, tokens.claims.sub);
  }

  function introspect(tokens) {
    return openid.tokenIntrospection(config, tokens.access);
  }

  /** What lets our page watch its session, once. */
  async function ticket(tokens) {
    const headers = new Headers({ origin: application });
    const answer = await openid.fetchProtectedResource(config, tokens.access, new URL(`${issuer}/v1/sessions/tickets`), "POST", null, headers);
    if (!answer.ok) throw new Error(`the provider hands out no ticket: ${answer.status}`);
    return (await answer.json()).ticket;
  }

  /** Where the browser signs out of the provider too. */
  function signOut(tokens) {
    return openid.buildEndSessionUrl(config, { post_logout_redirect_uri: `${application}/`, id_token_hint: tokens.id }).href;
  }
}

/** What the application keeps of a token response. */
function kept(response) {
  const header = JSON.parse(Buffer.from(response.id_token.split(".")[0], "base64url"));
  return {
    access: response.access_token,
    refresh: response.refresh_token,
    id: response.id_token,
    header,
    claims: response.claims(),
    expiresIn: response.expires_in,
  };
}

/** Why the provider refused, in its own word, or null when it was something else. */
export function refusal(error) {
  if (error instanceof openid.AuthorizationResponseError || error instanceof openid.ResponseBodyError) return error.error;
  if (error instanceof openid.WWWAuthenticateChallengeError) return error.cause[0]?.parameters.error ?? "invalid_token";
  return null;
}
