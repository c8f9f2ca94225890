import { setTimeout as sleep } from 'node:timers/promises';
import type { Assembly, Watch } from './assemble.ts';
import type { Part } from './part.ts';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
/** After this long a part counts as well again. */
const WELL_AFTER_MS = 60_000;

/**
 * Starts a part again that ends without being asked to, ever more patiently while it keeps ending. Any process may be
 * killed at any time: what it was doing is in the database, and goes on when it is back.
 *
 * @param ending aborted before the parts are asked to end
 */
export function supervise(assembly: Assembly, parts: readonly Part[], watch: Watch, ending: AbortSignal): void {
  for (const part of parts.filter(({ isOptional }) => !isOptional)) void keepUp(assembly, part, watch, ending);
}

async function keepUp(assembly: Assembly, part: Part, watch: Watch, ending: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; ) {
    const from = Date.now();
    const end = await assembly.running.get(part.name)?.ended;
    if (ending.aborted || !end) return;
    watch.lost?.(part, end);
    waitMs = Date.now() - from > WELL_AFTER_MS ? FIRST_WAIT_MS : waitMs;
    for (let isBack = false; !isBack; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      await sleep(waitMs, undefined, { signal: ending }).catch(() => undefined);
      if (ending.aborted) return;
      isBack = await restart(assembly, part, watch);
    }
  }
}

/** @returns whether it answers again */
async function restart(assembly: Assembly, part: Part, watch: Watch): Promise<boolean> {
  try {
    watch.back?.(part, await assembly.restart(part.name));
    return true;
  } catch {
    return false;
  }
}
