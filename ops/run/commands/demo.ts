import { runDemo } from '../../demo/demo.ts';
import { urlsOf } from '../environment.ts';
import { runningGround } from '../running.ts';
import { tokenOf } from './token.ts';

/** `npm run demo`: the demo again, against the running system. */
export async function demo(_args: readonly string[]): Promise<number> {
  const ground = runningGround();
  const asExpected = await runDemo({
    url: `${urlsOf(ground).gateway}/graphql`,
    tokenOf: (email) => tokenOf(ground, email),
  });
  return asExpected ? 0 : 1;
}
