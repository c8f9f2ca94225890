import type { ReactNode } from 'react';
import { ApiError } from '../api.ts';
import type { Pages } from './load.ts';

/** An error in words, with what a report needs. */
export function Problem({ error }: { readonly error: unknown }) {
  const code = error instanceof ApiError ? error.code : 'INTERNAL';
  if (code === 'UNAUTHENTICATED') {
    return (
      <p className="problem" role="alert">
        Your session has ended. <a href={signInUrl()}>Sign in again</a>; you come back to this page.
      </p>
    );
  }
  return (
    <p className="problem" role="alert">
      {error instanceof Error ? error.message : String(error)} <small>({code})</small>
      {error instanceof ApiError && error.requestId ? <small> Request {error.requestId}</small> : null}
    </p>
  );
}

/** Where to sign in so that one comes back here. */
export function signInUrl(): string {
  return `/login?returnTo=${encodeURIComponent(window.location.pathname)}`;
}

/** Says that something is on its way. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="quiet" role="status">
      Loading {what}…
    </p>
  );
}

/** Says that there is nothing, and what to do about it. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** Says how much of a list is shown, and shows more of it. */
export function More({ pages, what }: { readonly pages: Pages<unknown>; readonly what: string }) {
  if (!pages.nodes || pages.nodes.length === 0) return null;
  return (
    <p className="row more">
      {pages.hasMore ? (
        <button type="button" disabled={pages.isBusy} onClick={pages.more}>
          Load more
        </button>
      ) : null}
      <span className="quiet" role="status">
        {pages.nodes.length} {what}
        {pages.hasMore ? ' shown, and there are more' : ''}
      </span>
    </p>
  );
}

const TONES: Readonly<Record<string, string>> = {
  READY: 'good',
  PASS: 'good',
  APPROVED: 'good',
  QUARANTINED: 'warn',
  UNKNOWN: 'warn',
  PENDING: 'warn',
  REJECTED: 'bad',
  FAIL: 'bad',
  REVOKED: 'bad',
};

/** A state or a verdict, told by its word and not by its colour alone. */
export function Badge({ value }: { readonly value: string }) {
  return <span className={`badge ${TONES[value] ?? 'calm'}`}>{value.toLowerCase().replaceAll('_', ' ')}</span>;
}
