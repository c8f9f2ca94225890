import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASSET_STATES, TRANSITIONS } from '../../src/intake/transitions.ts';
import { type House, openHouse } from './house.ts';
import { author } from './people.ts';
import { seedAsset } from './seeding.ts';

const WRITERS = ['media_app', 'intake_worker', 'janitor', 'media_verdict'];

describe('a transition', () => {
  let house: House;
  let legal: { before: string; after: string; by_role: string }[];
  let id: string;

  beforeAll(async () => {
    house = await openHouse(['postgres']);
    legal = await house.sql('select before::text, after::text, by_role from media.transitions()');
    id = await seedAsset(house, { owner: author, state: 'READY', visibility: 'PRIVATE' });
  }, 60_000);
  afterAll(() => house?.[Symbol.asyncDispose]());

  it('is the same to the code and to the database', () => {
    const inCode = ASSET_STATES.flatMap((before) => TRANSITIONS[before].map((after) => `${before} ${after}`));
    const inDatabase = legal.map(({ before, after }) => `${before} ${after}`);
    expect([...new Set(inDatabase)].sort()).toEqual(inCode.sort());
  });

  it.each(WRITERS)('that %s may not make is refused by the database, and each that it may is made', async (role) => {
    const made: string[] = [];
    for (const before of ASSET_STATES) {
      for (const after of ASSET_STATES) {
        if (before !== after && (await attempt(role, before, after))) made.push(`${before} ${after}`);
      }
    }
    const expected = legal.filter((row) => row.by_role === role).map((row) => `${row.before} ${row.after}`);
    expect(made.sort()).toEqual(expected.sort());
  });

  /** As the role, in a transaction that is rolled back. */
  async function attempt(role: string, before: string, after: string): Promise<boolean> {
    await house.sql('begin');
    try {
      await house.sql('set local session_replication_role = replica');
      await house.sql(
        `update media.asset set state = $2::media.asset_state, visibility = 'PRIVATE', bucket = 'MEDIA' where id = $1`,
        id,
        before,
      );
      await house.sql('set local session_replication_role = origin');
      await house.sql(
        `select set_config('assay.tenant', $1, true), set_config('assay.subject', $2, true), set_config('assay.roles', 'author', true)`,
        author.tenantId,
        author.subject,
      );
      await house.sql(`set local role ${role}`);
      const rows = await house.sql(
        'update media.asset set state = $2::media.asset_state where id = $1 returning id',
        id,
        after,
      );
      expect(rows).toHaveLength(1);
      return true;
    } catch (error) {
      expect(String(error)).toMatch(/may not take an asset from/);
      return false;
    } finally {
      await house.sql('rollback');
    }
  }

  it('without an event does not commit', async () => {
    await house.sql('begin');
    await house.sql('set local role media_verdict');
    await house.sql(`update media.asset set state = 'QUARANTINED' where id = $1`, id);
    await expect(house.sql('commit')).rejects.toThrow('The state QUARANTINED of an asset has no event.');
    expect(await house.sql('select state from media.asset where id = $1', id)).toEqual([{ state: 'READY' }]);
  });

  it('cannot be told as another than it is', async () => {
    await house.sql('begin');
    await house.sql('set local role media_verdict');
    const lie = house.sql(
      `insert into media.asset_event (asset_id, type, state) values ($1, 'MODERATED', 'REJECTED')`,
      id,
    );
    await expect(lie).rejects.toThrow('An event tells the state as it is.');
    await house.sql('rollback');
  });
});
