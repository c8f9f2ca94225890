import type { GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { PlannerOptions } from '../../src/engine/index.ts';
import { differenceOf, lenientSchema } from './compare.ts';
import { createFaults } from './faults.ts';
import { type RandomQuery, randomQuery } from './random-query.ts';
import { shrink } from './shrink.ts';
import { openWorld, type World } from './world.ts';
import { failing, gallery, shop, zoo } from './worlds.ts';
import { post, press } from './worlds-of-keys.ts';
import { market } from './worlds-of-plain-things.ts';

const WORLDS = [shop, zoo, gallery, failing, post, press, market];
/** Each planner with nothing before it, and what the product runs: what leaves no choice is planned without one. */
const PLANNERS = [
  { name: 'native', isAlone: true, as: 'the native planner' },
  { name: 'apollo', isAlone: true, as: '@apollo/query-planner' },
  { name: 'native', isAlone: false, as: 'the direct planner first' },
] as const;
/** Queries of a whole run, a third of them planned in each way; `npm run test:differential` asks 24,000. */
const QUERIES = Number(process.env['ENGINE_QUERIES'] ?? 1_200);
/** Begins elsewhere, to see what no run has seen. */
const FROM = Number(process.env['ENGINE_FROM'] ?? 1);

/** A world with faults in it, and what tells an answer that is not one schema's. */
function openDifferential(world: World, planner: Pick<PlannerOptions, 'name' | 'isAlone'>) {
  const faults = createFaults(world);
  const { whole, answer, answersTogether, expected } = openWorld(world, faults, planner);
  const lenient: GraphQLSchema = faults.whole(lenientSchema(world));
  const ids = world.rows.map((row) => String(row['id']));
  const differs = async (asked: RandomQuery) => {
    const want = await expected(asked.query, asked.variables);
    try {
      const answers = [
        await answer(asked.query, asked.variables),
        ...(await answersTogether(asked.query, asked.variables)),
      ];
      for (const each of answers) {
        const difference = await differenceOf(each, want, lenient, asked);
        if (difference) return difference;
      }
      return null;
    } catch (error) {
      return { got: String(error), want };
    }
  };
  return {
    /** Every other query meets faults. */
    ask: async (seed: number) => {
      faults.seed = seed % 2 === 0 ? seed : null;
      const asked = randomQuery(whole, seed, ids);
      if ((await differs(asked)) === null) return null;
      const { query, variables } = await shrink(whole, asked, async (smaller) => (await differs(smaller)) !== null);
      return { seed, query, variables, ...(await differs({ query, variables })) };
    },
  };
}

describe.each(WORLDS)('$name, cut into subgraphs', (world: World) => {
  const perPlanner = Math.ceil(QUERIES / WORLDS.length / PLANNERS.length);

  it.each(PLANNERS)(
    `answers ${perPlanner} random queries as one schema would, planned by $as`,
    async (planner) => {
      const { ask } = openDifferential(world, planner);
      for (let seed = FROM; seed < FROM + perPlanner; seed += 1) {
        const failure = await ask(seed);
        if (failure)
          expect.fail(`${world.name}, planned by ${planner.as}: ${JSON.stringify(failure, null, 2)}\n${failure.query}`);
      }
    },
    900_000,
  );
});
