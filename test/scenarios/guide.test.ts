import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { ROOT } from '../../ops/run/paths.ts';
import { sharedGround } from '../ground.ts';

const ground = sharedGround();
const BLOCK = /^```sh\n([\s\S]*?)^```$/gm;

/** The blocks of the guide as one script: on this system's door, with tokens that were taken before. */
async function scriptOf(folder: string): Promise<string> {
  const guide = readFileSync(join(ROOT, 'docs/guide/README.md'), 'utf8');
  const blocks = [...guide.matchAll(BLOCK)].map(([, block = '']) => block);
  for (const email of ['author@northlight.test', 'buyer@tidepool.test'])
    writeFileSync(join(folder, email), await tokenOf(ground, email), { mode: 0o600 });
  return blocks
    .map((block, at) => `echo "== ${at}"\n${block}\necho`)
    .join('\n')
    .replace('http://localhost:4000/graphql', `${urlsOf(ground).gateway}/graphql`)
    .replace('npm run --silent token -- "$1"', `cat "${folder}/$1"`)
    .replaceAll('form.txt', `${folder}/form.txt`);
}

it('the guide, run block by block, does what it says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-guide-'));
  const shell = spawn('bash', ['-uo', 'pipefail', '-c', await scriptOf(folder)], {
    cwd: ROOT,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complained] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'exit')]);
  rmSync(folder, { recursive: true });
  expect(complained).toBe('');
  const [, me, , , finalized, followed, socket, asset, , downloaded, refused] = said.split(/^== \d+\n/m).slice(1);
  expect(me).toContain('"displayName":"Nora Author"');
  expect(finalized).toContain('{"data":{"finalizeUpload":{"asset":{"state":"RECEIVED"}}}}');
  expect(followed).toContain('"state":"READY","stage":"PUBLISH","verdict":"PASS"');
  expect(socket).toMatch(/\{ seq: 1, state: 'AWAITING_UPLOAD' \}\n[\s\S]*state: 'READY' \}/);
  expect(asset).toContain('"state":"READY","decision":{"reasons":[]}');
  const digest = createHash('sha256')
    .update(readFileSync(join(ROOT, 'test/fixtures/photos/coffee.png')))
    .digest('hex');
  expect(downloaded).toBe(`${digest}  -\n404\n\n`);
  expect(refused).toContain('"code":"BAD_USER_INPUT","problems":[{"path":["input","contentType"]');
}, 60_000);
