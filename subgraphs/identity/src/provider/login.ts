import type { EmailIndex } from '../accounts/email.ts';
import type { PasswordCheck } from '../accounts/password.ts';

/** Somebody at the sign-in form. */
export interface LoginAttempt {
  readonly email: string;
  readonly password: string;
  /** Truncated address. */
  readonly network: string;
  readonly requestId: string;
}

export type LoginOutcome =
  | { readonly kind: 'accepted'; readonly accountId: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'rate_limited'; readonly retryAfterS: number };

/** What the form may ask of the accounts: an id and a hash by the index of an address, and the count of attempts. */
export interface LoginBook {
  /** Counts one more attempt. @returns how many are left; below 0 there were too many */
  admit(index: Uint8Array<ArrayBuffer>, attempt: LoginAttempt): Promise<number>;
  find(index: Uint8Array<ArrayBuffer>, attempt: LoginAttempt): Promise<{ id: string; passwordHash: string } | null>;
  succeeded(index: Uint8Array<ArrayBuffer>, attempt: LoginAttempt): Promise<void>;
  /** Writes `session.login_failed` to the audit trail. */
  failed(index: Uint8Array<ArrayBuffer>, attempt: LoginAttempt, outcome: 'REFUSED' | 'RATE_LIMITED'): Promise<void>;
}

export interface LoginDeps {
  readonly book: LoginBook;
  readonly indexOf: EmailIndex;
  readonly isPassword: PasswordCheck;
}

const WINDOW_S = 15 * 60;

/**
 * Decides about one attempt. The attacker guesses passwords, asks which addresses have accounts, or sends a hundred
 * attempts at once: each is counted before its password is looked at, and an unknown address takes the same way, time
 * and answer as a wrong password.
 */
export async function tryLogin({ book, indexOf, isPassword }: LoginDeps, attempt: LoginAttempt): Promise<LoginOutcome> {
  const index = indexOf(attempt.email);
  const left = await book.admit(index, attempt);
  if (left < 0) {
    // Once is enough to know; a flood of refusals shall not become a flood of entries.
    if (left === -1) await book.failed(index, attempt, 'RATE_LIMITED');
    return { kind: 'rate_limited', retryAfterS: WINDOW_S };
  }
  const account = await book.find(index, attempt);
  const right = await isPassword(attempt.password, account?.passwordHash ?? null);
  if (!right || account === null) {
    await book.failed(index, attempt, 'REFUSED');
    return { kind: 'refused' };
  }
  await book.succeeded(index, attempt);
  return { kind: 'accepted', accountId: account.id };
}
