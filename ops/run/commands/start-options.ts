import { parseArgs } from 'node:util';
import type { Topology } from '../part.ts';

export interface StartOptions {
  readonly ports: 'auto' | 'configured';
  readonly reset: boolean;
  /** Nobody is asked before a reset. */
  readonly yes: boolean;
  readonly demo: 'once' | 'never' | 'again';
  /** Ends when everything is up and shown, instead of staying. */
  readonly exit: boolean;
  readonly topology: Topology;
}

const USAGE = `npm start -- [options]
  --ports auto   take other ports where the usual ones are held
  --reset        start over: deletes every asset, licence and audit entry, after asking
  --yes          with --reset: without asking
  --demo         run the demo, also when it ran before
  --no-demo      do not run it
  --mesh         each subgraph as a process of its own, over mTLS
  --exit         stop when everything is up and shown`;

/** @throws Error with the usage, when something else is asked for */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const { ports, reset, yes, demo, 'no-demo': noDemo, exit, mesh } = parse(args);
  if (ports !== undefined && ports !== 'auto') throw new Error(`--ports takes "auto" and nothing else.\n\n${USAGE}`);
  return {
    ports: ports ?? 'configured',
    reset: reset ?? false,
    yes: yes ?? false,
    demo: noDemo ? 'never' : demo ? 'again' : 'once',
    exit: exit ?? false,
    topology: mesh ? 'mesh' : 'single',
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ports: { type: 'string' },
        reset: { type: 'boolean' },
        yes: { type: 'boolean', short: 'y' },
        demo: { type: 'boolean' },
        'no-demo': { type: 'boolean' },
        exit: { type: 'boolean' },
        mesh: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
  }
}
