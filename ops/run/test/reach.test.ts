import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { choosePorts } from '../ports.ts';
import { verifyListens } from '../reach.ts';

const servers: Server[] = [];
const folder = mkdtempSync(join(tmpdir(), 'assay-reach-'));

const listen = (where: { port: number; host: string } | { path: string }) =>
  new Promise<void>((resolve) => servers.push(createServer().listen(where, resolve)));

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a part elsewhere is found at its port, at its socket, and a moment after it was looked for', async () => {
  const { redis, clamd } = await choosePorts();
  await listen({ port: redis, host: '127.0.0.1' });
  await verifyListens('redis', `redis://user:secret@127.0.0.1:${redis}`);
  await listen({ path: join(folder, 'clamd.sock') });
  await verifyListens('clamd', `unix:${join(folder, 'clamd.sock')}`);
  const found = verifyListens('clamd', `tcp://127.0.0.1:${clamd}`);
  await listen({ port: clamd, host: '127.0.0.1' });
  await found;
});

it('a part elsewhere that does not answer is named, its password is not', { timeout: 20_000 }, async () => {
  const { redis } = await choosePorts();
  await expect(verifyListens('redis', `redis://user:secret@127.0.0.1:${redis}`)).rejects.toThrow(
    `Nothing answers at redis://127.0.0.1:${redis}, where redis is said to run.`,
  );
});

it.each(['localhost', 'secret', 'tcp://127.0.0.1', ''])(
  '%j is no address of a part, and is not shown',
  async (text) => {
    await expect(verifyListens('clamd', text)).rejects.toThrow('What the environment names for clamd is no address');
  },
);
