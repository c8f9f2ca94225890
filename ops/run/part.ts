/** Something that runs: a server of its own, or an address somebody else runs. */
export interface Running {
  /** Null when it runs elsewhere. */
  readonly pid: number | null;
  readonly url: string;
  /** Ends it and what it started; idempotent, resolves when it is gone. */
  stop(): Promise<void>;
}

/** Where this system lives and what its parts are told. */
export interface Ground {
  readonly root: string;
  /** Holds state, secrets, logs and pid files of this system; mode 0700. */
  readonly stateDir: string;
  /** Holds downloaded and built tools, shared between checkouts. */
  readonly cacheDir: string;
  readonly ports: Ports;
  readonly secrets: Secrets;
}

/** One part of the system, as `npm start` lists it. */
export interface Part {
  readonly name: string;
  /** Parts that have to run first, by name. */
  readonly needs: readonly string[];
  version(ground: Ground): Promise<string>;
  /** The address of one that runs already, when the environment names one; nothing local is started then. */
  elsewhere?(): string | undefined;
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
] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** A secret by its name; made once, kept in a file of mode 0600. */
export type Secrets = (name: string) => string;
