import { describe, expect, it } from 'vitest';
import type { FetchNode, PlanNode } from '../engine/index.ts';
import { tellPlan } from './told-plan.ts';

const fetch = (serviceName: string, operation: string, more: Partial<FetchNode> = {}): FetchNode => ({
  kind: 'Fetch',
  serviceName,
  operation,
  variableUsages: [],
  requires: [],
  keys: () => new Set(),
  inputRewrites: [],
  outputRewrites: [],
  ...more,
});
const owners: PlanNode = {
  kind: 'Flatten',
  path: [{ field: 'assets' }, '@', { types: ['Image'] }, { field: 'owner' }],
  node: fetch('identity', 'query($r:[_Any!]!){_entities(representations:$r){...on User{name}}}', {
    requires: [
      {
        kind: 'Fragment',
        type: 'User',
        condition: null,
        selections: [{ kind: 'Field', name: 'id', responseKey: 'id', selections: null }],
      },
    ],
  }),
};
const assets = fetch('media', 'query($first:Int){assets(first:$first)}', { variableUsages: ['first'] });

describe('a plan, as a developer reads it', () => {
  it('has what each subgraph is asked, where, with what, and how long it took', () => {
    const seen = { query: assets.operation, startMs: 0.42, durationMs: 12.34, isFailed: false };
    expect(tellPlan({ plan: { kind: 'Sequence', nodes: [assets, owners] }, isCached: true }, [seen])).toEqual({
      kind: 'Sequence',
      isCached: true,
      nodes: [
        {
          kind: 'Fetch',
          subgraph: 'media',
          paths: [],
          requires: [],
          operation: 'query ($first: Int) {\n  assets(first: $first)\n}',
          variables: ['first'],
          startMs: 0.4,
          durationMs: 12.3,
          isFailed: false,
        },
        {
          kind: 'Fetch',
          subgraph: 'identity',
          paths: ['assets.@|[Image].owner'],
          requires: ['{ ... on User { id } }'],
          operation: expect.stringContaining('\n    ... on User {\n      name\n'),
          variables: [],
        },
      ],
    });
  });

  it('gives fetches that are alike a time each, in the order in which they began', () => {
    const twice: PlanNode = { kind: 'Parallel', nodes: [assets, assets] };
    const seen = [30, 10].map((startMs) => ({ query: assets.operation, startMs, durationMs: 1, isFailed: false }));
    expect(tellPlan({ plan: twice, isCached: false }, seen)).toMatchObject({
      nodes: [{ startMs: 10 }, { startMs: 30 }],
    });
  });

  it('says so where nobody is asked', () => {
    expect(tellPlan({ plan: null, isCached: false }, [])).toEqual({ kind: 'Nothing', isCached: false });
  });
});
