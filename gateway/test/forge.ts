import { readFileSync } from 'node:fs';
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { accountOf } from '../../subgraphs/identity/test/house.ts';
import type { AccessHouse } from './access-house.ts';

export const author = 'author@northlight.test';

/** Tokens as a house's own provider would sign them, with whatever claims a test wants. */
export function forging(home: () => AccessHouse) {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const keysFile = () => `${home().house.parts.ground.stateDir}/oidc/keys.json`;
  const signingKey = () => (JSON.parse(readFileSync(keysFile(), 'utf8')) as { signing: [JWK] }).signing[0];
  const nowS = () => Math.floor(Date.now() / 1000);
  const claims = (changes: JWTPayload = {}): JWTPayload => ({
    iss: home().house.issuer,
    aud: 'assay',
    sub: accountOf(author).id,
    sid: 'a-sid-of-a-test',
    iat: nowS(),
    auth_time: nowS(),
    exp: nowS() + 600,
    ...changes,
  });
  /** Signed with the provider's own key: everything but the claims is as good as it gets. */
  const forge = async (payload: JWTPayload, header: { alg?: string; kid?: string } = {}, jwk: JWK = signingKey()) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: String(signingKey().kid), ...header })
      .sign(await importJWK(jwk, 'ES256'));
  return { bearer, keysFile, signingKey, nowS, claims, forge };
}
