import { obtainToken } from '@assay/identity/token';
import { urlsOf } from '../environment.ts';
import type { Ground } from '../part.ts';
import { runningGround } from '../running.ts';
import { DEMO_EMAILS, passwordOf } from '../system.ts';

/** `npm run --silent token -- EMAIL`: an access token of a demo account, by the real code flow, and nothing else on stdout. */
export async function token([email = '']: readonly string[]): Promise<number> {
  if (!DEMO_EMAILS.includes(email)) throw new Error(`Name one of the demo accounts: ${DEMO_EMAILS.join(', ')}`);
  process.stdout.write(`${await tokenOf(runningGround(), email)}\n`);
  return 0;
}

/** Signs a demo account in, as a program on its user's machine would (RFC 8252). @returns the access token */
export function tokenOf(ground: Ground, email: string): Promise<string> {
  return obtainToken({ issuer: urlsOf(ground).issuer, clientId: 'cli', email, password: passwordOf(ground, email) });
}
