import { anonymous, type Principal } from '@assay/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf, eventually } from '../../subgraphs/identity/test/house.ts';
import type { PrincipalEnd } from '../src/access/port.ts';
import { type AccessHouse, startAccessHouse } from './access-house.ts';
import { forging } from './forge.ts';

describe('whoever asked', { timeout: 30_000 }, () => {
  let home: AccessHouse;
  beforeAll(async () => {
    home = await startAccessHouse();
  });
  afterAll(async () => {
    await home[Symbol.asyncDispose]();
  });

  const { bearer, nowS, claims, forge } = forging(() => home);

  it('ends with its session, at once and for every token of it', async () => {
    const first = await forge(claims({ sid: 'revoked-sid' }));
    const second = await forge(claims({ sid: 'revoked-sid', jti: 'another' }));
    const { principal } = await home.whoAmI(bearer(first));
    expect((await home.whoAmI(bearer(second))).principal?.sessionId).toBe(principal?.sessionId);
    if (!principal) throw new Error('nobody');
    await home.revoke(principal, principal.sessionId);
    for (const token of [first, second]) {
      const took = await eventually(
        'the refusal',
        1_000,
        async () => (await home.whoAmI(bearer(token))).status === 403,
      );
      expect(took).toBeLessThan(1_000);
      expect(await home.whoAmI(bearer(token))).toMatchObject({ message: 'The session has ended. Sign in again.' });
    }
  });

  it('ends, or has new roles, within five seconds when every hint is lost', async () => {
    const buyer = 'buyer@tidepool.test';
    const revoked = await forge(claims({ sid: 'lost-hint' }));
    const changed = await forge(claims({ sid: 'new-roles', sub: accountOf(buyer).id }));
    // A socket is asked about with the same upgrade again and again.
    const upgrade = { method: 'GET', headers: {}, address: null, requestId: 'a-socket' };
    const onSocket = () => home.access.principalOfSocket(upgrade, `Bearer ${changed}`);
    expect((await onSocket()).roles).toEqual(['buyer']);
    expect(await onSocket()).toBe(await onSocket());
    await expect(home.access.principalOfSocket(upgrade, 'Bearer x')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const { principal } = await home.whoAmI(bearer(revoked));
    expect((await home.whoAmI(bearer(changed))).principal?.roles).toEqual(['buyer']);
    await home.house.eyes.$executeRaw`update identity.session set ended_at = now(), end_reason = 'REVOKED'
      where id = ${principal?.sessionId}::uuid`;
    await home.house.eyes
      .$executeRaw`update identity.account set roles = '{author}' where id = ${accountOf(buyer).id}::uuid`;
    await Promise.all([
      eventually('the refusal', 5_500, async () => (await home.whoAmI(bearer(revoked))).status === 403),
      eventually(
        'the change',
        5_500,
        async () => (await home.whoAmI(bearer(changed))).principal?.roles[0] === 'author',
      ),
      eventually('the change on a socket', 5_500, async () => (await onSocket()).roles[0] === 'author'),
    ]);
  });

  const ending = (principal: Principal) => {
    const ends: PrincipalEnd[] = [];
    const watching = home.access.watch(principal, (end) => ends.push(end));
    return { ends, watching };
  };

  it('lets a stream know that its session was revoked, with a hint and without', async () => {
    for (const hinted of [true, false]) {
      const { principal } = await home.whoAmI(bearer(await forge(claims({ sid: `stream-${hinted}` }))));
      if (!principal) throw new Error('nobody');
      const { ends } = ending(principal);
      const other = ending({
        ...principal,
        sessionId: (await home.whoAmI(bearer(await forge(claims({ sid: 'bystander' }))))).principal?.sessionId ?? '',
      });
      if (hinted) await home.revoke(principal, principal.sessionId);
      else
        await home.house.eyes
          .$executeRaw`update identity.session set ended_at = now(), end_reason = 'REVOKED' where id = ${principal.sessionId}::uuid`;
      const took = await eventually('the end', 5_000, () => ends.length > 0);
      expect(ends).toEqual(['revoked']);
      if (hinted) expect(took).toBeLessThan(1_000);
      expect(other.ends).toEqual([]);
      other.watching[Symbol.dispose]();
    }
  });

  it('lets a stream know that its token has ended, once, and nothing after it was let go', async () => {
    const { principal } = await home.whoAmI(bearer(await forge(claims({ sid: 'stream-clock', exp: nowS() + 2 }))));
    if (!principal) throw new Error('nobody');
    const { ends } = ending(principal);
    const gone = ending(principal);
    gone.watching[Symbol.dispose]();
    await eventually('the end', 4_000, () => ends.length > 0);
    await home.revoke(principal, principal.sessionId);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([ends, gone.ends]).toEqual([['expired'], []]);
    home.access.watch(anonymous('r', null), () => ends.push('expired'))[Symbol.dispose]();
  });

  it('hears of ends again after Redis was away, and stays right meanwhile', async () => {
    const { principal } = await home.whoAmI(bearer(await forge(claims({ sid: 'redis-away' }))));
    if (!principal) throw new Error('nobody');
    const { ends } = ending(principal);
    await home.house.parts.kill('redis');
    await home.revoke(principal, principal.sessionId);
    await eventually('the end', 5_000, () => ends.length > 0);
    await home.house.parts.restart('redis');
    const hears = async () => {
      const { principal: next } = await home.whoAmI(
        bearer(await forge(claims({ sid: `redis-back-${Math.random()}` }))),
      );
      if (!next) throw new Error('nobody');
      const { ends: heard } = ending(next);
      await home.revoke(next, next.sessionId);
      return eventually('the end', 300, () => heard.length > 0).then(
        () => true,
        () => false,
      );
    };
    await eventually('a hint', 10_000, hears);
    // The poll could have been quick once, never three times.
    expect([await hears(), await hears(), await hears()]).toEqual([true, true, true]);
  });
});
