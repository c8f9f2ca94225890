import { parse } from 'graphql';
import type { Planner } from '../planner.ts';
import { planDirectly } from './direct.ts';
import { readSupply } from './supply.ts';

/**
 * A planner that is asked only what leaves a choice.
 *
 * @param supergraphSdl that of the planner
 */
export function directFirst(supergraphSdl: string, planner: Planner): Planner {
  const supply = readSupply(parse(supergraphSdl, { noLocation: true }));
  return {
    publicSdl: planner.publicSdl,
    plan: (operation) => planDirectly(operation, supply) ?? planner.plan(operation),
  };
}
