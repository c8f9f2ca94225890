import * as oidc from 'openid-client';
import { verifyTransport } from './key-set.ts';

export interface RelyingPartyOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The console's own address. */
  readonly publicUrl: string;
}

/** What a browser that signs in has to bring back; each is used once. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The console as a client of the OpenID provider (OpenID Connect Core 1.0, 3.1; RFC 7636). */
export interface RelyingParty {
  /**
   * @param fresh asks the provider to demand the password, whatever it remembers
   * @returns where to send the browser, and what to compare when it comes back
   */
  begin(fresh: boolean): Promise<{ readonly url: URL; readonly secrets: SignInSecrets }>;
  /**
   * @param query of the callback, as it came
   * @returns the access token, and whom the ID token names
   * @throws whatever was wrong with the answer: state, nonce, verifier, issuer, signature, audience
   */
  finish(query: string, secrets: SignInSecrets): Promise<{ readonly accessToken: string; readonly subject: string }>;
  /** Where the provider signs out (OpenID Connect RP-Initiated Logout 1.0); null when it has no such place. */
  endSessionUrl(): Promise<string | null>;
}

/** Asks the provider for its metadata when they are first needed, and again until it answers. */
export function createRelyingParty(options: RelyingPartyOptions): RelyingParty {
  verifyTransport(options.issuer);
  const redirectUri = new URL('/callback', options.publicUrl).href;
  let discovered: Promise<oidc.Configuration> | null = null;
  const configuration = () => {
    discovered ??= discover(options).catch((error: unknown) => {
      discovered = null;
      throw error;
    });
    return discovered;
  };
  return {
    begin: async (fresh) => {
      const secrets = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid',
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
        ...(fresh ? { prompt: 'login' } : {}),
      });
      return { url, secrets };
    },
    finish: async (query, { state, nonce, verifier }) => {
      const tokens = await oidc.authorizationCodeGrant(await configuration(), new URL(`${redirectUri}${query}`), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      return { accessToken: tokens.access_token, subject: tokens.claims()?.sub ?? '' };
    },
    endSessionUrl: async () => {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: new URL('/', options.publicUrl).href }).href;
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: RelyingPartyOptions): Promise<oidc.Configuration> {
  const onLoopback = new URL(issuer).protocol === 'http:';
  const config = await oidc.discovery(
    new URL(issuer),
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    oidc.ClientSecretBasic(clientSecret),
    { timeout: 5, execute: onLoopback ? [oidc.allowInsecureRequests] : [] },
  );
  // The ID token's signature too: plain http, be it on loopback, proves nobody.
  oidc.enableNonRepudiationChecks(config);
  return config;
}
