import { withTenant } from '@assay/database';
import type { Principal } from '@assay/principal';
import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockAsset, tell } from '../../src/assets/write.ts';
import { type House, openHouse } from './house.ts';
import { admin, author, otherAuthor, reviewer, visitor } from './people.ts';
import { seedAsset } from './seeding.ts';

const PROGRESS = /* GraphQL */ `subscription ($assetId: ID!, $after: String) { assetProgress(assetId: $assetId, after: $after) { cursor seq } }`;

interface Told {
  readonly cursor: string;
  readonly seq: number;
}

describe('how far an asset is', () => {
  let house: House;
  const streams: AsyncIterator<ExecutionResult>[] = [];
  beforeAll(async () => {
    house = await openHouse(['postgres', 'redis']);
  }, 60_000);
  afterAll(async () => {
    for (const stream of streams) await stream.return?.();
    await house?.[Symbol.asyncDispose]();
  }, 30_000);

  const newAsset = () => seedAsset(house, { owner: author, state: 'READY', visibility: 'PRIVATE' });
  /** So many events, which are there for readers all at once. */
  const change = async (id: string, count = 1) => {
    await withTenant(house.deps.database, author, async (tx) => {
      await lockAsset(tx, id);
      for (let nth = 0; nth < count; nth += 1) await tell(tx, id, { type: 'PUBLISHED', state: 'READY' });
    });
    house.deps.wakes.wake(`wake:asset:${id}`);
  };
  const follow = async (assetId: string, after?: string, who: Principal = author) => {
    const opened = await house.follow(who, PROGRESS, { assetId, after });
    if (!(Symbol.asyncIterator in opened)) throw new Error(JSON.stringify(opened));
    const stream = opened[Symbol.asyncIterator]();
    streams.push(stream);
    return async (): Promise<Told> => {
      const { value } = await stream.next();
      return value.data.assetProgress;
    };
  };

  it('is its newest event, and then again the newest, whatever came between', async () => {
    const id = await newAsset();
    await change(id, 4);
    const [next, admins] = [await follow(id), await follow(id, undefined, admin)];
    expect([(await next()).seq, (await admins()).seq]).toEqual([5, 5]);
    await change(id);
    expect([(await next()).seq, (await admins()).seq]).toEqual([6, 6]);
    await change(id, 30);
    expect([(await next()).seq, (await admins()).seq]).toEqual([36, 36]);
  });

  it('goes on behind a cursor: what is known is not told again', async () => {
    const id = await newAsset();
    const { cursor } = await (await follow(id))();
    const next = await follow(id, cursor);
    const told = next();
    await change(id);
    await expect(told).resolves.toMatchObject({ seq: 2 });
  });

  it('is for those alone who may follow the asset', async () => {
    const id = await newAsset();
    for (const who of [visitor, otherAuthor, reviewer])
      expect(await house.follow(who, PROGRESS, { assetId: id })).toMatchObject({
        errors: [{ extensions: { code: 'NOT_FOUND' } }],
      });
    expect(await house.follow(author, PROGRESS, { assetId: id, after: 'x' })).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});
