import type { Ground, Part, Running } from './part.ts';

/** What happens to a part while the whole starts. */
export type Watch = (
  part: Part,
  event: { readonly running: Running; readonly version: string; readonly seconds: number },
) => void;

/** A running whole; ending it ends every part, the last started first. */
export interface Assembly {
  readonly running: ReadonlyMap<string, Running>;
  stop(): Promise<void>;
}

/** Work that belongs between parts: `after` those it names, before everything that names it. */
export interface Step {
  readonly name: string;
  readonly needs: readonly string[];
  run(ground: Ground): Promise<void>;
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
  watch: Watch,
): Promise<Assembly> {
  const running = new Map<string, Running>();
  const order: Running[] = [];
  const done = new Map<string, Promise<void>>();
  const stop = async () => {
    for (const part of order.reverse().splice(0)) await part.stop();
  };
  const after = (needs: readonly string[]) => Promise.all(needs.map((need) => done.get(need)));
  let failed = false;

  const startPart = async (part: Part) => {
    await after(part.needs);
    if (failed) return;
    const from = Date.now();
    const address = part.elsewhere?.();
    const started: Running = address
      ? { pid: null, url: withoutPassword(address), stop: async () => undefined }
      : await part.start(ground);
    running.set(part.name, started);
    order.push(started);
    const version = address ? 'elsewhere' : await part.version(ground);
    watch(part, { running: started, version, seconds: (Date.now() - from) / 1000 });
  };
  const runStep = async (step: Step) => {
    await after(step.needs);
    if (!failed) await step.run(ground);
  };
  const settle = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      failed = true;
      throw error;
    });

  // In the order given, so that what is named is there already.
  for (const item of [
    ...parts.filter((part) => part.needs.length === 0),
    ...steps,
    ...parts.filter((part) => part.needs.length > 0),
  ]) {
    const work = settle('start' in item ? startPart(item) : runStep(item));
    work.catch(() => undefined);
    done.set(item.name, work);
  }
  const results = await Promise.allSettled(done.values());
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  return { running, stop };
}

function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.password = '';
  return url.href;
}
