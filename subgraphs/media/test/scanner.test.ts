import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eicarInJpegTail, eicarInZip, photograph } from '../../../test/fixtures/make.ts';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { type ClamdScanner, createClamdScanner } from '../src/adapters/clamd.ts';
import { streamOf } from './bytes.ts';

describe('the scanner', () => {
  let parts: TestParts;
  let scanner: ClamdScanner;
  beforeAll(async () => {
    parts = await startParts(['clamd']);
    scanner = createClamdScanner({ url: parts.running.clamd?.url ?? '', timeoutMs: 10_000 });
  }, 60_000);
  afterAll(() => parts[Symbol.asyncDispose]());

  it('passes a photograph, and says with what it looked', async () => {
    const observed = await scanner.scan(streamOf(photograph('rocket.jpg')));
    expect(observed).toMatchObject({ verdict: 'PASS', tool: 'ClamAV', findings: [] });
    expect(observed.toolVersion).toMatch(/^1\.\d+\.\d+$/);
  });

  it.each([
    ['behind a photograph', eicarInJpegTail()],
    ['inside an archive', eicarInZip()],
  ])('finds malware %s', async (_where, bytes) => {
    const observed = await scanner.scan(streamOf(bytes, 1000));
    expect(observed.verdict).toBe('FAIL');
    expect(observed.findings).toEqual([{ code: 'SIGNATURE', detail: expect.stringContaining('Eicar') }]);
  });

  it('finds what is too large to be looked at', async () => {
    async function* large() {
      const block = Buffer.alloc(8 * 1024 * 1024);
      for (let sent = 0; sent < 20; sent += 1) yield block;
    }
    expect(await scanner.scan(large())).toMatchObject({ verdict: 'FAIL', findings: [{ code: 'SCAN_LIMIT' }] });
  });

  const NONSENSE: [string, string | null][] = [
    ['another word', 'stream: FINE\0'],
    ['half an answer', 'stream: O'],
    ['an answer with more behind it', 'stream: OK but\0'],
    ['nothing', null],
  ];
  it.each(NONSENSE)('never takes %s for a pass', async (_what, reply) => {
    const { server, url } = await impostor(reply);
    const strict = createClamdScanner({ url, timeoutMs: 300 });
    const observed = await strict.scan(streamOf(photograph('rocket.jpg'))).catch(() => ({ verdict: 'thrown' }));
    expect(['UNKNOWN', 'thrown']).toContain(observed.verdict);
    server.close();
  });

  it('says how old the signatures are that it looked with', async () => {
    const { server, url } = await impostor('stream: OK\0');
    const observed = await createClamdScanner({ url, timeoutMs: 1_000 }).scan(streamOf(photograph('rocket.jpg')));
    expect(observed).toMatchObject({ verdict: 'PASS', dataVersion: '27812 of 2026-11-20T09:00:00.000Z' });
    server.close();
    const own = await scanner.scan(streamOf(photograph('rocket.jpg')));
    expect(own.dataVersion).toBe('own signatures');
  });

  it('throws when nobody is there', async () => {
    const nobody = createClamdScanner({ url: 'tcp://127.0.0.1:1', timeoutMs: 1_000 });
    await expect(nobody.scan(streamOf(Buffer.from('x')))).rejects.toThrow();
  });
});

/** Answers VERSION like clamd, and everything else with `reply`. */
function impostor(reply: string | null): Promise<{ server: Server; url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      if (data.toString().startsWith('zVERSION')) socket.end('ClamAV 1.4.6/27812/Fri Nov 20 09:00:00 2026\0');
      else if (reply !== null) socket.end(reply);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, url: `tcp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}` });
    });
  });
}
