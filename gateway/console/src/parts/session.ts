import { useEffect, useState } from 'react';
import { loadSession, onSession, type Session } from '../api.ts';
import { forgetUploads } from '../upload/uploads.ts';

/** Who is signed in, now, and what became of who was. */
export interface CurrentSession {
  readonly session: Session | null;
  /** In words, when somebody else is signed in than when this tab was opened or last said so. */
  readonly change: string | null;
  /** Why it could not be told. */
  readonly error: unknown;
}

/** The browser's session, looked at again with each page and whenever one comes back to this tab. */
export function useSession(path: string): CurrentSession {
  const [state, setState] = useState<CurrentSession>({ session: null, change: null, error: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page asks anew
  useEffect(() => refresh(setState), [path]);
  useEffect(() => {
    const again = () => {
      if (document.visibilityState === 'visible') refresh(setState);
    };
    const stop = onSession((session) =>
      setState((before) => ({ session, change: changeOf(before, session), error: null })),
    );
    window.addEventListener('focus', again);
    document.addEventListener('visibilitychange', again);
    return () => {
      stop();
      window.removeEventListener('focus', again);
      document.removeEventListener('visibilitychange', again);
    };
  }, []);
  return state;
}

function refresh(setState: (next: (before: CurrentSession) => CurrentSession) => void): void {
  loadSession().catch((error: unknown) => setState((before) => (before.session ? before : { ...before, error })));
}

function changeOf({ session: before, change }: CurrentSession, { user }: Session): string | null {
  if (!before || before.user?.id === user?.id) return change;
  forgetUploads();
  return user
    ? `You are signed in as ${user.displayName} now: that was done in another tab.`
    : 'You were signed out, in another tab or because your session has ended.';
}
