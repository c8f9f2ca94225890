import { connect } from 'node:tls';
import { meshNameOf } from '@assay/subgraph/mesh';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, type Issued } from '../../../ops/run/authority.ts';
import { asking, type MeshHouse, openHouse } from './house.ts';

let house: MeshHouse;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house?.[Symbol.asyncDispose]());

interface Outcome {
  /** What the subgraph answered. */
  readonly answer: string;
  /** How the connection ended. */
  readonly end: string;
}

/** Knocks with a certificate, asks for health, and waits for the end. */
function knock(shown: Partial<Issued>): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(house.url().port),
      servername: meshNameOf('stones'),
      ...shown,
    });
    let answer = '';
    socket.write('GET /health HTTP/1.1\r\nhost: stones\r\nconnection: close\r\n\r\n');
    socket.on('data', (data) => (answer += data));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ answer, end: error.code ?? error.message }));
    socket.on('close', () => resolve({ answer, end: 'closed' }));
  });
}

describe('at the door of a subgraph', () => {
  const MINUTE = 60_000;
  const ours = () => house.authority.issue('gateway', 'client', MINUTE);

  it('the gateway is answered', async () => {
    const { answer } = await knock(await ours());
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*\{"quarry":\{"ok":true,"ageMs":3\}\}$/);
  });

  it.each<[string, () => Promise<Partial<Issued>>, string]>([
    ['no certificate', async () => ({ ca: (await ours()).ca }), 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'],
    [
      'the gateway’s name, by another authority',
      async () => ({ ...(await (await createAuthority()).issue('gateway', 'client', MINUTE)), ca: (await ours()).ca }),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    [
      'a certificate of the gateway that has expired',
      () => house.authority.issue('gateway', 'client', -1_000),
      'CERT_HAS_EXPIRED',
    ],
    [
      'a subgraph’s own certificate, which is for answering',
      () => house.authority.issue('licensing', 'server', MINUTE),
      'INVALID_PURPOSE',
    ],
    [
      'the gateway’s name on a certificate for answering',
      () => house.authority.issue('gateway', 'server', MINUTE),
      'INVALID_PURPOSE',
    ],
    [
      'a certificate for asking, of another process',
      () => house.authority.issue('edge', 'client', MINUTE),
      'NO_PEER edge.mesh.assay.internal',
    ],
    [
      'a name that only begins like the gateway’s',
      () => house.authority.issue('gateway.evil', 'client', MINUTE),
      'NO_PEER gateway.evil.mesh.assay.internal',
    ],
  ])('%s is turned away before a byte of the request is read', async (_who, shown, why) => {
    const before = house.stones.seen.asked;
    expect((await knock(await shown())).answer).toBe('');
    expect(house.turnedAway.at(-1)).toBe(why);
    expect(house.stones.seen.asked).toBe(before);
  });

  it.each(['TLSv1.2', 'TLSv1.1'] as const)('%s is not spoken', async (maxVersion) => {
    const shown = { ...(await ours()), maxVersion, minVersion: maxVersion };
    const outcome = await knock(shown);
    expect(outcome).toMatchObject({ answer: '', end: expect.stringMatching(/SSL|EPROTO/) });
  });

  it('a session of TLS that is taken up again opens nothing to a certificate that has expired since', async () => {
    const shown = await house.authority.issue('gateway', 'client', 5_000);
    const tickets: Buffer[] = [];
    const open = (session?: Buffer) =>
      new Promise<string>((resolve) => {
        const socket = connect({
          host: '127.0.0.1',
          port: Number(house.url().port),
          servername: meshNameOf('stones'),
          ...shown,
          ...(session ? { session } : {}),
        });
        let answer = '';
        socket.on('session', (ticket) => tickets.push(ticket));
        socket.write('GET /health HTTP/1.1\r\nhost: stones\r\nconnection: close\r\n\r\n');
        socket.on('data', (data) => (answer += data));
        socket.on('error', () => resolve(answer));
        socket.on('close', () => resolve(answer));
      });
    expect(await open()).toContain('200');
    expect(await open(tickets.at(-1))).toContain('200');
    await expect.poll(() => open(tickets.at(-1)), { timeout: 12_000 }).toBe('');
  });
});

describe('the gateway', () => {
  it.each([
    ['another subgraph’s', 'licensing', 60_000],
    ['an expired', 'stones', -1_000],
  ] as const)('tells nothing to a process with %s certificate', async (_whose, name, lifetimeMs) => {
    await using other = await openHouse();
    const asked = other.stones.seen.asked;
    await other.stop();
    const impostor = await other.authority.issue(name, 'server', lifetimeMs);
    const { createServer } = await import('node:https');
    let heard = 0;
    const server = createServer({ ...impostor }, (_request, response) => {
      heard += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(Number(other.url().port), '127.0.0.1', resolve));
    await expect(other.transport.execute(asking('{ who }'))).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED/),
    });
    expect([heard, other.stones.seen.asked - asked]).toEqual([0, 0]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
