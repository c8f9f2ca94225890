import type { End, Ground, Part, Running } from './part.ts';
import { verifyListens, withoutPassword } from './reach.ts';

/** What is told while a system runs. */
export interface Watch {
  starting?(name: string): void;
  started?(part: Part, facts: Started): void;
  /** A step is done. */
  finished?(name: string): void;
  /** A part ended without being asked to. */
  lost?(part: Part, end: End): void;
  /** A part that was lost answers again. */
  back?(part: Part, facts: Started): void;
}

export interface Started {
  readonly running: Running;
  readonly version: string;
  readonly seconds: number;
}

/** Work that belongs between parts. */
export interface Step {
  readonly name: string;
  readonly needs: readonly string[];
  run(ground: Ground): Promise<void>;
}

/** A running whole. */
export interface Assembly {
  readonly running: ReadonlyMap<string, Running>;
  /** Starts a part that has ended. @throws Error when there is none of that name, or it does not answer */
  restart(name: string): Promise<Started>;
  /** Ends every part, each after those that need it. */
  stop(): Promise<void>;
}

/**
 * Starts parts and runs steps as soon as what they need is there, all others beside them.
 *
 * @throws the first failure, after everything that had started was ended
 */
export async function assemble(
  ground: Ground,
  parts: readonly Part[],
  steps: readonly Step[],
  watch: Watch = {},
): Promise<Assembly> {
  const running = new Map<string, Running>();
  const failure = new AbortController();
  const stopping = new AbortController();
  const ending = AbortSignal.any([failure.signal, stopping.signal, ...(ground.ending ? [ground.ending] : [])]);
  const starting = new Set<Promise<Started>>();
  const stopAll = stopInOrder([...parts, ...steps], running);

  const begin = async (part: Part) => {
    ending.throwIfAborted();
    const start = startPart(part, { ...ground, ending });
    starting.add(start);
    try {
      const started = await start;
      running.set(part.name, started.running);
      return started;
    } finally {
      starting.delete(start);
    }
  };
  const stop = async () => {
    stopping.abort(new Error('It is ending.'));
    await Promise.allSettled(starting);
    await stopAll();
  };
  const work = async (item: Part | Step) => {
    ending.throwIfAborted();
    watch.starting?.(item.name);
    if ('start' in item) {
      const started = await begin(item);
      watch.started?.(item, started);
    } else {
      await item.run(ground);
      watch.finished?.(item.name);
    }
  };
  try {
    await inOrder([...parts, ...steps], work, failure);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    running,
    stop,
    restart: async (name) => {
      const part = parts.find((each) => each.name === name);
      if (!part) throw new Error(`There is no part ${name}.`);
      await running.get(name)?.stop();
      return begin(part);
    },
  };
}

async function startPart(part: Part, ground: Ground): Promise<Started> {
  const from = Date.now();
  const address = part.elsewhere?.(ground);
  if (address !== undefined) await verifyListens(part.name, address, ground.ending);
  const running = address === undefined ? await part.start(ground) : runningElsewhere(address);
  const version = address === undefined ? await part.version(ground) : 'elsewhere';
  return { running, version, seconds: (Date.now() - from) / 1000 };
}

function runningElsewhere(address: string): Running {
  return { pid: null, url: withoutPassword(address), ended: new Promise(() => undefined), stop: async () => undefined };
}

interface Item {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Each item once all that it needs is done. @throws the first failure, when nothing is under way any more */
async function inOrder<T extends Item>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  failure: AbortController,
): Promise<void> {
  const byName = new Map(items.map((item) => [item.name, item]));
  const done = new Map<string, Promise<void>>();
  const begin = (item: T): Promise<void> => {
    const known = done.get(item.name);
    if (known) return known;
    const needed = item.needs.flatMap((name) => byName.get(name) ?? []);
    const begun = Promise.all(needed.map(begin)).then(() => work(item));
    begun.catch((error: unknown) => failure.abort(error));
    done.set(item.name, begun);
    return begun;
  };
  const results = await Promise.allSettled(items.map(begin));
  if (results.some(({ status }) => status === 'rejected')) throw failure.signal.reason;
}

/** Each part after those that need it, directly or through a step. */
function stopInOrder(items: readonly Item[], running: ReadonlyMap<string, Running>): () => Promise<void> {
  const ends = new Map<string, Promise<void>>();
  const end = (item: Item): Promise<void> => {
    const known = ends.get(item.name);
    if (known) return known;
    const dependents = items.filter(({ needs }) => needs.includes(item.name));
    const ending = Promise.all(dependents.map(end)).then(() => running.get(item.name)?.stop());
    ends.set(item.name, ending);
    return ending;
  };
  return async () => void (await Promise.all(items.map(end)));
}
