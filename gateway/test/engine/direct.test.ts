import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createEngine, createHivePlanner, type PlanNode, type PlanPath } from '../../src/engine/index.ts';
import { planDirectly } from '../../src/engine/planners/direct.ts';
import { readSupply } from '../../src/engine/planners/supply.ts';
import { randomQuery } from './random-query.ts';
import { openWorld } from './world.ts';
import { gallery, shop, zoo } from './worlds.ts';
import { post, press } from './worlds-of-keys.ts';
import { market } from './worlds-of-plain-things.ts';

const sdlOf = (world: Parameters<typeof openWorld>[0]) => openWorld(world).supergraphSdl;
/** Supergraphs, and how many of a hundred operations leave no choice in them, at least. */
const SUPERGRAPHS = [
  { name: 'the product', sdl: readFileSync('codegen/supergraph.graphql', 'utf8'), share: 80 },
  { name: market.name, sdl: sdlOf(market), share: 50 },
  { name: shop.name, sdl: sdlOf(shop), share: 5 },
  { name: zoo.name, sdl: sdlOf(zoo), share: 0 },
  { name: gallery.name, sdl: sdlOf(gallery), share: 0 },
  { name: post.name, sdl: sdlOf(post), share: 5 },
  { name: press.name, sdl: sdlOf(press), share: 0 },
];
const OPERATIONS = 400;

/** A plan by both: directly, when it can be, and by the native planner. */
function plannerOf(sdl: string) {
  const supply = readSupply(parse(sdl, { noLocation: true }));
  const native = createHivePlanner(sdl);
  let both: { readonly direct: PlanNode | null; readonly native: PlanNode | null } = { direct: null, native: null };
  const engine = createEngine({
    supergraphSdl: sdl,
    transports: {},
    planner: {
      ...native,
      plan: (operation) => {
        const made = { direct: planDirectly(operation, supply), native: native.plan(operation) };
        // The whole operation comes first, a mutation's root fields after it.
        if (both.native === null) both = made;
        return made.native;
      },
    },
  });
  return {
    schema: engine.schema,
    plan: (query: string) => {
      both = { direct: null, native: null };
      engine.verifyPlans(parse(query));
      return both;
    },
  };
}

const at = (path: PlanPath) =>
  path.map((segment) => (segment === '@' ? '@' : 'field' in segment ? segment.field : segment.types)).join('.');

/** Who is asked where, in which order. What is asked is told by the differential test. */
function outline(plan: PlanNode | null): unknown {
  if (!plan) return null;
  switch (plan.kind) {
    case 'Sequence':
      return plan.nodes.map(outline);
    case 'Parallel':
      return { together: plan.nodes.map((node) => JSON.stringify(outline(node))).sort() };
    case 'Fetch':
      return plan.serviceName;
    case 'Flatten':
      return `${plan.node.serviceName} for ${at(plan.path)}`;
    case 'BatchFetch':
      return `${plan.serviceName} for ${plan.batches
        .map(({ paths }) => paths.map(at).sort().join(', '))
        .sort()
        .join('; ')}`;
    default:
      return plan.kind;
  }
}

describe('a plan that leaves no choice', () => {
  it.each(SUPERGRAPHS)('asks whom the native planner asks, in the same order: $name', ({ sdl, share }) => {
    const { schema, plan } = plannerOf(sdl);
    let [all, direct] = [0, 0];
    for (let seed = 1; seed <= OPERATIONS; seed += 1) {
      const { query } = randomQuery(schema, seed, ['s1', 'n1', 'g1']);
      const plans = plan(query);
      if (plans.native) all += 1;
      if (!plans.direct) continue;
      direct += 1;
      expect({ query, plan: outline(plans.direct) }).toEqual({ query, plan: outline(plans.native) });
    }
    expect((100 * direct) / all).toBeGreaterThanOrEqual(share);
  });

  const { plan } = plannerOf(sdlOf(market));

  it('asks entities of several places in one request, and names what only the client calls so', () => {
    const { direct } = plan('query Q($d: Int) { a: stalls { takings(days: $d) } b: stall(id: "s1") { takings } }');
    expect(direct).toMatchObject({
      kind: 'Sequence',
      nodes: [
        { serviceName: 'square', variableUsages: [] },
        {
          kind: 'BatchFetch',
          serviceName: 'purse',
          variableUsages: ['d'],
          batches: [{ alias: '_e0' }, { alias: '_e1' }],
        },
      ],
    });
    const [, batch] = direct?.kind === 'Sequence' ? direct.nodes : [];
    expect(batch?.kind === 'BatchFetch' && batch.operation).toMatch(
      /^query\(\$__batch_reps_0:\[_Any!\]!,\$__batch_reps_1:\[_Any!\]!,\$d:Int\)\{_e0:_entities\(/,
    );
  });

  it.each([
    [
      'mutations of several subgraphs, which have an order',
      'mutation { open(id: "s1") { id } praise(id: "n1") { id } }',
    ],
    ['a key that has to be fetched first', '{ busiest { takings } }'],
    ['fields that bring others along', '{ goods { stall { visits } } }'],
    ['an object of which several tell, and one of them more', '{ keeper { mentor { wage { cents } } } }'],
  ])('is none for %s', (_what, query) => {
    const { direct, native } = plan(query);
    expect(direct).toBeNull();
    expect(native).not.toBeNull();
  });

  it('is none for an abstract type, whatever is asked of it', () => {
    const { direct, native } = plannerOf(sdlOf(gallery)).plan('{ best { __typename } }');
    expect(direct).toBeNull();
    expect(native).not.toBeNull();
  });

  it('is none where a supergraph was composed by the first version of the directives', () => {
    const old = sdlOf(market).replaceAll('external: Boolean', 'outer: Boolean');
    expect(readSupply(parse(old)).typeOf('Stall')).toBeUndefined();
  });
});
