import type { Sessions } from '@assay/identity';
import type { Principal } from '@assay/principal';
import type { PrincipalEnd } from './port.ts';
import type { SessionWakes } from './wakes.ts';

/** Two of these and a query are less than the five seconds that a revoked session may live. */
const POLL_MS = 2_000;
/** What a timer can wait for (2^31 - 1 ms). */
const MAX_TIMER_MS = 2_147_483_647;

interface Watched {
  readonly sessionId: string;
  readonly end: (end: PrincipalEnd) => void;
}

export interface Watch extends Disposable {
  watch(principal: Principal, onEnd: (end: PrincipalEnd) => void): Disposable;
}

/**
 * Watches principals whose streams are open: the clock for the end of their token, hints and a poll for their session.
 * A hint alone ends nothing; the database says whether it is true. While the database does not answer, streams stay
 * open, and bring nothing, since every event comes from there.
 */
export function createWatch(sessions: Pick<Sessions, 'live'>, wakes: SessionWakes): Watch {
  const watched = new Set<Watched>();
  let poll: NodeJS.Timeout | undefined;

  const check = async (suspects: readonly Watched[]) => {
    const live = await sessions.live([...new Set(suspects.map(({ sessionId }) => sessionId))]).catch(() => null);
    if (live === null) return;
    for (const suspect of suspects) if (!live.has(suspect.sessionId)) suspect.end('revoked');
  };
  const listening = wakes.listen((sessionId) => {
    const suspects = [...watched].filter((one) => one.sessionId === sessionId);
    if (suspects.length > 0) void check(suspects);
  });
  const keepPolling = () => {
    if (watched.size === 0) {
      clearInterval(poll);
      poll = undefined;
    } else poll ??= setInterval(() => void check([...watched]), POLL_MS).unref();
  };

  return {
    watch: (principal, onEnd) => {
      const { sessionId, expiresAt } = principal;
      let clock: NodeJS.Timeout | undefined;
      const one = { sessionId: sessionId ?? '', end: (end: PrincipalEnd) => stop() && onEnd(end) };
      const stop = () => {
        clearTimeout(clock);
        const was = watched.delete(one);
        keepPolling();
        return was;
      };
      if (sessionId !== null) {
        watched.add(one);
        clock = startClock(expiresAt, () => one.end('expired'));
        keepPolling();
      }
      return { [Symbol.dispose]: () => void stop() };
    },
    [Symbol.dispose]: () => {
      listening[Symbol.dispose]();
      watched.clear();
      keepPolling();
    },
  };
}

function startClock(expiresAt: number | null, ended: () => void): NodeJS.Timeout | undefined {
  if (expiresAt === null) return undefined;
  return setTimeout(ended, Math.min(Math.max(0, expiresAt * 1000 - Date.now()), MAX_TIMER_MS)).unref();
}
