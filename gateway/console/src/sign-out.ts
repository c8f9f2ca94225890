import { csrfHeaders } from './api.ts';

/** Signs out here and, where it must, at the provider. */
export async function signOut(): Promise<void> {
  const answer = await fetch('/logout', { method: 'POST', headers: csrfHeaders() });
  const { next } = (await answer.json().catch(() => ({ next: '/' }))) as { next: string };
  window.location.assign(next);
}
