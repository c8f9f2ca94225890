import { describe, expect, it } from 'vitest';
import { explainedNulls } from './explained.ts';
import { randomQuery } from './random-query.ts';
import { openWorld, type World } from './world.ts';
import { failing, gallery, shop, zoo } from './worlds.ts';

/** Seeds a run tries in each world; ENGINE_SEEDS=20000 looks further. */
const SEEDS = Number(process.env['ENGINE_SEEDS'] ?? 250);

const plain = (value: unknown) => JSON.stringify(value);

describe.each([shop, zoo, gallery, failing])('$name, cut into subgraphs', (world: World) => {
  const { whole, answer, expected } = openWorld(world);
  const ids = world.rows.map((row) => String(row['id']));

  it(`answers ${SEEDS} random queries letter by letter as one schema would`, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { query, variables } = randomQuery(whole, seed, ids);
      const got = await answer(query, variables).catch((cause: unknown) => {
        throw new Error(`Seed ${seed}: ${query}`, { cause });
      });
      const want = await expected(query, variables);
      expect({ seed, query, variables, data: plain(got.data), nulls: explainedNulls(got) }).toEqual({
        seed,
        query,
        variables,
        data: plain(want.data),
        nulls: explainedNulls(want),
      });
    }
  }, 300_000);
});
