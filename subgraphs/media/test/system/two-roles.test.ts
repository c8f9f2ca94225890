import { scopesOf } from '@assay/policy';
import type { Principal } from '@assay/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from './house.ts';
import { author, NORTHLIGHT, person } from './people.ts';
import { seedAsset } from './seeding.ts';

const both: Principal = {
  ...person('author', NORTHLIGHT),
  roles: ['author', 'platform_admin'],
  scopes: scopesOf(['author', 'platform_admin'], []),
};
const INPUT = 'title: "x", fileName: "x.png", contentType: "image/png", sizeBytes: 10';

describe('somebody who is author and platform administrator at once', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse(['postgres', 'redis', 'store']);
  });
  afterAll(() => house?.[Symbol.asyncDispose]());

  const done = async (mutation: string) => {
    const { data, code } = await house.ask<Record<string, { asset: unknown }> | null>(both, `mutation { ${mutation} }`);
    return code ?? Object.values(data ?? {})[0]?.asset;
  };
  const seed = (owner: Principal, state: string) => seedAsset(house, { owner, state, visibility: 'PRIVATE' });

  it('writes as an author', async () => {
    const id = await seed(both, 'READY');
    expect(await done(`createUpload(input: { ${INPUT} }) { asset { state } }`)).toEqual({ state: 'AWAITING_UPLOAD' });
    expect(
      await done(`publishAsset(input: { assetId: "${id}", visibility: TENANT }) { asset { visibility } }`),
    ).toEqual({
      visibility: 'TENANT',
    });
    expect(await done(`deleteAsset(input: { assetId: "${id}" }) { asset { state } }`)).toEqual({ state: 'DELETED' });
  });

  it('judges as a moderator', async () => {
    const id = await seed(author, 'QUARANTINED');
    const act = `moderateAsset(input: { assetId: "${id}", verdict: REJECT, reason: "x" }) { asset { state } }`;
    expect(await done(act)).toEqual({ state: 'REJECTED' });
  });

  it('has of neither role what the other one has: what others keep to themselves stays theirs', async () => {
    const id = await seed(author, 'READY');
    expect((await house.ask(both, `{ asset(id: "${id}") { id } }`)).data).toEqual({ asset: null });
    expect(await done(`deleteAsset(input: { assetId: "${id}" }) { asset { id } }`)).toBe('NOT_FOUND');
  });
});
