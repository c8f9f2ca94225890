import type { Elsewhere } from './elsewhere.ts';

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Something that runs: a server of its own, or an address somebody else runs. */
export interface Running {
  /** Null when it runs elsewhere. */
  readonly pid: number | null;
  readonly url: string;
  /** Resolves when it has ended, whoever ended it; never for one that runs elsewhere. */
  readonly ended: Promise<End>;
  /** Ends it and what it started; idempotent, resolves when it is gone. */
  stop(): Promise<void>;
}

export type Topology = 'single' | 'mesh';

/** Where this system lives and what its parts are told. */
export interface Ground {
  readonly root: string;
  /** Holds state, secrets, logs and pid files of this system; mode 0700. */
  readonly stateDir: string;
  /** Holds downloaded and built tools, shared between checkouts. */
  readonly cacheDir: string;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly elsewhere: Elsewhere;
  /** Aborted when everything is to end: what is still starting gives up. */
  readonly ending?: AbortSignal | undefined;
  /** `mesh`: each subgraph is a process of its own. */
  readonly topology: Topology;
  /** What a process is told beyond the defaults, by its name. */
  readonly settings?: Readonly<Record<string, Environment>> | undefined;
}

/** The environment of a process. */
export type Environment = Readonly<Record<string, string>>;

/** One part of the system, as `npm start` lists it. */
export interface Part {
  readonly name: string;
  /** Parts and steps that have to run first, by name. */
  readonly needs: readonly string[];
  /** The system does without it: when it ends, nobody starts it again. */
  readonly isOptional?: true;
  /** Debian packages that it is made of, each with a file that tells that it is there. */
  packages?(ground: Ground): Readonly<Record<string, string>>;
  /** Brings what Debian and npm do not; idempotent. @returns whether there was anything to do */
  install?(ground: Ground): Promise<boolean>;
  version(ground: Ground): Promise<string>;
  /** The address of one that runs already, when there is one; nothing local is started then. */
  elsewhere?(ground: Ground): string | undefined;
  /** Resolves when it answers. @throws Error that says what to do */
  start(ground: Ground): Promise<Running>;
}

export const PORT_NAMES = [
  'gateway',
  'edge',
  'store',
  'oidc',
  'postgres',
  'redis',
  'clamd',
  'worker',
  'moderation',
  'metrics',
  'edge_metrics',
  'identity',
  'media',
  'licensing',
  'compliance',
] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** A secret by its name; made once, kept in a file of mode 0600. */
export type Secrets = (name: string) => string;
