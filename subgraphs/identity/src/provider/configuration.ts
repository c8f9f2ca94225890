import { type Adapter, type Configuration, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { ProviderKeys } from './keys.ts';
import { messagePage, type Page, signOutPage } from './pages.ts';

export interface ProviderSettings {
  readonly audience: string;
  /** The console: a confidential client. */
  readonly console: { readonly clientId: string; readonly clientSecret: string; readonly url: string };
  readonly keys: ProviderKeys;
  readonly recordsOf: (kind: string) => Adapter;
  hasAccount(subject: string): Promise<boolean>;
}

/** The API as a resource (RFC 8707): tokens are for it whether or not a client asks. */
const RESOURCE = 'urn:assay:api';

const ACCESS_TOKEN_S = 60 * 60;
const SIGN_IN_S = 12 * 60 * 60;

/** oidc-provider's configuration: authorization code with PKCE for two clients of our own, and nothing else. */
export function configurationOf(settings: ProviderSettings): Configuration {
  const policy = interactionPolicy.base();
  // Both clients are ours: there is nobody to consent to.
  policy.remove('consent');
  return {
    adapter: settings.recordsOf,
    clients: clientsOf(settings),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: settings.keys.signing },
    cookies: {
      keys: settings.keys.cookies,
      names: { session: 'assay-provider', interaction: 'assay-sign-in', resume: 'assay-sign-in-resume' },
    },
    responseTypes: ['code'],
    scopes: ['openid'],
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'none'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: resourceOf(settings.audience),
      rpInitiatedLogout: signOutOf(settings),
    },
    interactions: { policy, url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    findAccount: async (_ctx, sub) =>
      (await settings.hasAccount(sub)) ? { accountId: sub, claims: () => ({ sub }) } : undefined,
    loadExistingGrant: grantAll,
    extraTokenClaims: async ({ oidc }, token) => {
      const { authTime, acr, amr } = oidc.entities.AuthorizationCode ?? {};
      const sid = 'sessionUid' in token ? token.sessionUid : undefined;
      return { sid, auth_time: authTime, ...(acr ? { acr } : {}), ...(amr ? { amr } : {}) };
    },
    renderError: async (ctx, out) => {
      const message = `${out.error_description ?? 'The request cannot be answered.'} (${out.error})`;
      show(ctx, messagePage('That did not work', message, settings.console.url));
    },
    ttl: {
      AccessToken: ACCESS_TOKEN_S,
      AuthorizationCode: 60,
      IdToken: 600,
      Interaction: 3_600,
      Session: SIGN_IN_S,
      Grant: SIGN_IN_S,
    },
  };
}

function clientsOf({ console: { clientId, clientSecret, url } }: ProviderSettings): Configuration['clients'] {
  const shared = { grant_types: ['authorization_code'], response_types: ['code' as const] };
  return [
    {
      ...shared,
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [new URL('/callback', url).href],
      post_logout_redirect_uris: [new URL('/', url).href],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      ...shared,
      client_id: 'cli',
      // RFC 8252 section 7.3: any port of the loopback interface.
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
      token_endpoint_auth_method: 'none',
    },
  ];
}

function resourceOf(audience: string): NonNullable<Configuration['features']>['resourceIndicators'] {
  return {
    enabled: true,
    defaultResource: async () => RESOURCE,
    useGrantedResource: async () => true,
    getResourceServerInfo: async () => ({
      scope: '',
      audience,
      accessTokenTTL: ACCESS_TOKEN_S,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'ES256' } },
    }),
  };
}

function signOutOf({
  console: { url },
}: ProviderSettings): NonNullable<Configuration['features']>['rpInitiatedLogout'] {
  return {
    enabled: true,
    logoutSource: async (ctx, form) => show(ctx, signOutPage(form, new URL(url).origin)),
    postLogoutSuccessSource: async (ctx) => show(ctx, messagePage('Signed out', 'This sign-in has ended.', url)),
  };
}

/** Grants what was asked for: one scope, one resource. */
async function grantAll({ oidc }: KoaContextWithOIDC) {
  const { client, session } = oidc;
  if (!client || !session?.accountId) return undefined;
  const known = session.grantIdFor(client.clientId);
  const existing = known ? await oidc.provider.Grant.find(known) : undefined;
  if (existing) return existing;
  const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid');
  grant.addResourceScope(RESOURCE, '');
  await grant.save();
  return grant;
}

function show(ctx: KoaContextWithOIDC, { html, headers }: Page): void {
  ctx.set({ ...headers });
  ctx.body = html;
}
