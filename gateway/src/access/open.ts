import type { Sessions } from '@assay/identity';
import type { Redis } from 'ioredis';
import type { DoorRequest } from '../doors/browser.ts';
import { beginLogin, finishLogin } from '../doors/login.ts';
import { serveLogout } from '../doors/logout.ts';
import { type DescribeUser, serveSession } from '../doors/session.ts';
import { createAccess } from './access.ts';
import { createBearerVerifier } from './bearer.ts';
import { createCsrf } from './cookie.ts';
import { createOrigins } from './origin.ts';
import type { Access } from './port.ts';
import { createRelyingParty } from './relying-party.ts';
import { createSeal, deriveKey } from './seal.ts';
import { createRedisWakes } from './wakes.ts';

export interface AccessConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The console's own address; its origin is allowed. */
  readonly publicUrl: string;
  /** Further origins whose pages may use the session cookie. */
  readonly origins: readonly string[];
  /** Base64url, 32 bytes. */
  readonly sessionKey: string;
}

export interface AccessParts {
  readonly sessions: Sessions;
  /** A connection that does nothing but listen. */
  readonly subscriber: Redis;
  readonly describeUser: DescribeUser;
  readonly report: (what: string, error: unknown) => void;
}

/** The doors through which a browser signs in and out; each answers one path. */
export interface SignInDoors {
  /** `GET /login` */
  login(request: DoorRequest): Promise<Response>;
  /** `GET /callback` */
  callback(request: DoorRequest): Promise<Response>;
  /** `POST /logout` */
  logout(request: DoorRequest): Promise<Response>;
  /** `GET /session` */
  session(request: DoorRequest): Promise<Response>;
}

/** Puts access and its doors together. Nothing is asked of the provider before the first token or sign-in. */
export function openAccess(
  config: AccessConfig,
  parts: AccessParts,
): { access: Access; doors: SignInDoors } & Disposable {
  const { sessions, describeUser, report } = parts;
  const { issuer, publicUrl, sessionKey } = config;
  const verifyBearer = createBearerVerifier(config);
  const csrf = createCsrf(deriveKey(sessionKey, 'csrf'));
  const relyingParty = createRelyingParty(config);
  const seal = createSeal(sessionKey, 'pre-login cookie');
  const origins = createOrigins([publicUrl, ...config.origins]);
  const wakes = createRedisWakes(parts.subscriber, (error) => report('ends of sessions are not heard of', error));
  const access = createAccess({ sessions, verifyBearer, csrf, origins, wakes, issuer });
  const login = { relyingParty, verifyBearer, sessions, seal, publicUrl, report };
  return {
    access,
    doors: {
      login: (request) => beginLogin(login, request),
      callback: (request) => finishLogin(login, request),
      logout: (request) => serveLogout({ access, sessions, relyingParty }, request),
      session: (request) => serveSession({ access, csrf, describeUser }, request),
    },
    [Symbol.dispose]: () => access[Symbol.dispose](),
  };
}
