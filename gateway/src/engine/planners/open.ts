import type { Planner } from '../planner.ts';
import { loadApolloPlanner } from './apollo.ts';
import { directFirst } from './direct-first.ts';
import { loadHivePlanner } from './hive.ts';

/** Planners that can be asked for by name. */
export const PLANNER_NAMES = ['native', 'apollo'] as const;
export type PlannerName = (typeof PLANNER_NAMES)[number];

/** Loads a planner's package, and throws when it is not there. */
type Load = () => (supergraphSdl: string) => Planner;

export interface PlannerOptions {
  readonly name: PlannerName;
  /** Gets one line when another planner took over. */
  report(line: string, cause: unknown): void;
  /** Whether it is asked about everything, also about what leaves no choice; left out, it is not. */
  readonly isAlone?: boolean | undefined;
  /** Where the planners come from. */
  readonly loads?: Readonly<Record<PlannerName, Load>>;
}

const LOADS: Readonly<Record<PlannerName, Load>> = { native: loadHivePlanner, apollo: loadApolloPlanner };
const PACKAGES = '@apollo/query-planner and @apollo/federation-internals';

/**
 * Opens the planner of a name. Where the native one has no binary for this machine, the other takes over if it is installed;
 * whoever asks for the other by name gets it or an error. What leaves no choice is planned without either.
 *
 * @param supergraphSdl a composed Federation 2 supergraph
 * @throws Error when no planner is there, or the supergraph cannot be read
 */
export function openPlanner(
  supergraphSdl: string,
  { name, report, isAlone = false, loads = LOADS }: PlannerOptions,
): Planner {
  const planner = load(name, report, loads)(supergraphSdl);
  return isAlone ? planner : directFirst(supergraphSdl, planner);
}

function load(
  name: PlannerName,
  report: PlannerOptions['report'],
  loads: Readonly<Record<PlannerName, Load>>,
): ReturnType<Load> {
  const wanted = attempt(loads[name]);
  if ('loaded' in wanted) return wanted.loaded;
  if (name === 'apollo')
    throw new Error(`The planner "apollo" is not installed: add ${PACKAGES}.`, { cause: wanted.cause });
  const other = attempt(loads.apollo);
  if ('cause' in other)
    throw new Error(
      `There is no planner: the native one does not load on this machine, and ${PACKAGES} are not installed to take over.`,
      { cause: wanted.cause },
    );
  report('the native planner does not load here: @apollo/query-planner takes over', wanted.cause);
  return other.loaded;
}

function attempt(load: Load): { readonly loaded: ReturnType<Load> } | { readonly cause: unknown } {
  try {
    return { loaded: load() };
  } catch (cause) {
    return { cause };
  }
}
