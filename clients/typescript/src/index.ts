// For resource servers of aero2: see README.md.

export { Fault } from "./access.ts";
export { dialByFetch, dialByWs, type Dial, type Listener, type Socket } from "./dial.ts";
export type { Limits } from "./feed.ts";
export { TokenRefused, type AccessToken, type TokenRefusal } from "./token.ts";
export { Verifier, VerifyError, type Health, type Policy, type Refusal, type Verified, type VerifierOptions } from "./verifier.ts";
