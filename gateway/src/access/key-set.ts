import { failure } from '@assay/failure';
import { createLocalJWKSet, errors, type JWSHeaderParameters, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

/** Older than this they are asked for again, in the background; who answered once need not answer now. */
const FRESH_MS = 10 * 60 * 1000;
/** An unknown key asks again at most this often: whoever makes key ids up does not make the provider busy. */
const COOLDOWN_MS = 5_000;
const TIMEOUT_MS = 3_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

type KeySet = ReturnType<typeof createLocalJWKSet>;

/**
 * The issuer's signing keys (RFC 7517), found through its discovery document. Known keys go on working while the
 * provider is away; an unknown key then cannot be told from a forged one and is refused.
 *
 * @param issuer plain http on loopback only
 * @returns jose's key lookup; it throws Failure UPSTREAM_UNAVAILABLE when the provider would have to be asked and does not answer
 */
export function createIssuerKeys(issuer: string): JWTVerifyGetKey {
  verifyTransport(issuer);
  const cache = createKeyCache(issuer);
  return async (header: JWSHeaderParameters, token) => {
    const set = await cache.current();
    try {
      return await set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await cache.renewed())(header, token);
    }
  };
}

/** What the issuer published last, and when somebody looked. */
function createKeyCache(issuer: string) {
  let known: { readonly set: KeySet; readonly at: number } | null = null;
  let lastTry = Number.NEGATIVE_INFINITY;
  let lastFailure: unknown = null;
  let running: Promise<void> | null = null;

  const refresh = () => {
    running ??= fetchKeys(issuer)
      .then(
        (found) => {
          known = { set: createLocalJWKSet(found), at: Date.now() };
          lastFailure = null;
        },
        (error: unknown) => {
          lastFailure = error;
        },
      )
      .finally(() => {
        lastTry = Date.now();
        running = null;
      });
    return running;
  };
  const mayAsk = () => running !== null || Date.now() - lastTry > COOLDOWN_MS;
  const unavailable = () =>
    failure('UPSTREAM_UNAVAILABLE', 'The sign-in service does not answer; try again soon.', { cause: lastFailure });

  return {
    current: async (): Promise<KeySet> => {
      if (known === null) await refresh();
      else if (Date.now() - known.at > FRESH_MS && mayAsk()) void refresh();
      if (known === null) throw unavailable();
      return known.set;
    },
    /** After a key that is not among the known ones. */
    renewed: async (): Promise<KeySet> => {
      if (mayAsk()) await refresh();
      if (known === null || lastFailure !== null) throw unavailable();
      return known.set;
    },
  };
}

async function fetchKeys(issuer: string) {
  const found = discovery.parse(await fetchJson(`${issuer}/.well-known/openid-configuration`));
  // OpenID Connect Discovery 1.0, 4.3: the issuer in the document is exactly the one that was asked.
  if (found.issuer !== issuer) throw new Error(`${issuer} calls itself ${found.issuer}.`);
  verifyTransport(found.jwks_uri);
  return keys.parse(await fetchJson(found.jwks_uri));
}

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
  return answer.json();
}

/** @throws Error for plain http anywhere but on loopback, where somebody on the way could answer with keys of their own */
export function verifyTransport(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return;
  if (protocol === 'http:' && /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)) return;
  throw new Error(`${url} is neither https nor on loopback.`);
}
