import { join, relative } from 'node:path';
import colors from 'picocolors';
import { urlsOf } from './environment.ts';
import type { Ground } from './part.ts';
import { DEMO_EMAILS, passwordOf } from './system.ts';

/** Every door's address, and the demo's accounts; their passwords on a terminal only, elsewhere the files that hold them. */
export function printDoors(ground: Ground): void {
  const urls = urlsOf(ground);
  const doors: readonly (readonly [string, string])[] = [
    ['console', `${urls.gateway}/`],
    ['graphiql', `${urls.gateway}/graphiql`],
    ['graphql', `${urls.gateway}/graphql`],
    ['health', `${urls.gateway}/health/ready`],
    ['metrics', urls.metrics],
    ['edge', urls.edge],
    ['store', urls.store],
    ['openid', urls.issuer],
  ];
  const inside = relative(ground.root, ground.stateDir);
  const secrets = join(inside.startsWith('..') ? ground.stateDir : inside, 'secrets');
  const accounts = DEMO_EMAILS.map((email) => {
    const password = process.stdout.isTTY ? passwordOf(ground, email) : `password in ${secrets}/password-${email}`;
    return ['account', `${email.padEnd(28)} ${password}`] as const;
  });
  const block = (lines: readonly (readonly [string, string])[]) =>
    lines.map(([name, text]) => `${colors.bold(name.padEnd(13))} ${text}\n`).join('');
  process.stdout.write(`\n${block(doors)}\n${block(accounts)}\n${colors.dim('Ctrl-C stops everything.')}\n`);
}
