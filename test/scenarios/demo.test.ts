import { expect, it } from 'vitest';
import { runDemo } from '../../ops/demo/demo.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { sharedGround } from '../ground.ts';

it('takes real files from upload to a licensed download, as the demo shows it', async () => {
  const ground = sharedGround();
  const asExpected = await runDemo({
    url: `${urlsOf(ground).gateway}/graphql`,
    tokenOf: (email) => tokenOf(ground, email),
  });
  expect(asExpected).toBe(true);
});
