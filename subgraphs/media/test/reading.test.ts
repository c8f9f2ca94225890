import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photograph } from '../../../test/fixtures/make.ts';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { createClamdScanner } from '../src/adapters/clamd.ts';
import { openVault } from '../src/adapters/s3-vault.ts';
import { decide } from '../src/intake/decide.ts';
import { runIntake } from '../src/intake/pipeline.ts';
import type { IntakeAsset, IntakePorts, Scanner } from '../src/intake/ports.ts';

const photo = photograph('rocket.jpg');
const asset: IntakeAsset = {
  id: 'asset',
  tenantId: 'tenant',
  declaredType: 'image/jpeg',
  declaredSize: BigInt(photo.length),
  declaredSha256: createHash('sha256').update(photo).digest('hex'),
  policy: { version: '1', maxSizeBytes: 50_000_000, maxPixels: 100_000_000, required: [], limits: [] },
};

/** A store that sends an object as a test wants it sent. */
async function storeThat(send: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => send(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const vault = openVault(
    { url: `http://127.0.0.1:${port}`, region: 'us-east-1', key: 'intake', secret: 'secret' },
    { INCOMING: 'incoming', MEDIA: 'media', QUARANTINE: 'quarantine' },
  );
  const close = async () => {
    vault[Symbol.dispose]();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { vault, [Symbol.asyncDispose]: close };
}

describe('an object that is read', () => {
  let parts: TestParts;
  let clamd: Scanner;
  beforeAll(async () => {
    parts = await startParts(['clamd']);
    clamd = createClamdScanner({ url: parts.running.clamd?.url ?? '', timeoutMs: 10_000 });
  }, 60_000);
  afterAll(() => parts[Symbol.asyncDispose]());

  const takeIn = async (send: (response: ServerResponse) => void, scanner: Scanner = clamd) => {
    await using store = await storeThat(send);
    const no = () => Promise.reject(new Error('Not asked here.'));
    const ports: IntakePorts = {
      open: () => store.vault.open({ bucket: 'INCOMING', key: 'original', version: '1' }),
      scanner,
      cell: { feed: async () => undefined, inspect: no },
      blockList: { match: no },
      classifier: { classify: no },
      progress: async () => undefined,
      observe: () => undefined,
      now: () => new Date(),
    };
    const { evidence } = await runIntake(asset, ports, new Map(), async () => undefined);
    return { evidence, outcome: decide(evidence, asset.policy, false).state };
  };
  const half = photo.subarray(0, photo.length / 2);

  it('to its end has an answer for everything that only needs the bytes', async () => {
    const { evidence } = await takeIn((response) =>
      response.writeHead(200, { 'content-length': photo.length }).end(photo),
    );
    expect([...evidence].slice(0, 3).map(([stage, { verdict }]) => [stage, verdict])).toEqual([
      ['RECEIVE', 'PASS'],
      ['SNIFF', 'PASS'],
      ['SCAN', 'PASS'],
    ]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'whose store dies in the middle',
      (response) => {
        response.writeHead(200, { 'content-length': photo.length });
        response.write(half, () => response.destroy());
      },
    ],
    ['whose store does not say how long it is', (response) => response.writeHead(200).end(half)],
    ['whose store is away', (response) => response.destroy()],
    ['whose store refuses', (response) => response.writeHead(503).end()],
  ])('%s is none: no digest, no type and no verdict is told of what came', async (_name, send) => {
    const { evidence, outcome } = await takeIn(send);
    expect([...evidence].map(([stage, { verdict }]) => [stage, verdict])).toEqual([['RECEIVE', 'UNKNOWN']]);
    expect(outcome).toBe('RETRY');
  });

  it('is read on when the scanner hangs up', async () => {
    const hangsUp: Scanner = {
      scan: async (chunks) => {
        for await (const _chunk of chunks) break;
        throw new Error('hung up');
      },
    };
    const { evidence } = await takeIn(
      (response) => response.writeHead(200, { 'content-length': photo.length }).end(photo),
      hangsUp,
    );
    expect([...evidence].map(([stage, { verdict }]) => [stage, verdict])).toEqual([
      ['RECEIVE', 'PASS'],
      ['SNIFF', 'PASS'],
      ['SCAN', 'UNKNOWN'],
    ]);
  });
});
