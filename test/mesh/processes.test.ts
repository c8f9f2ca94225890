import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { meshNameOf } from '@assay/subgraph/mesh';
import { describe, expect, it } from 'vitest';
import { environmentOf, SUBGRAPHS, urlsOf } from '../../ops/run/environment.ts';
import { credentialsOf } from '../../ops/run/parts/authority.ts';
import { sharedGround } from '../ground.ts';
import { callerOf } from '../system.ts';

const ground = sharedGround();

/** A process's own credentials, as somebody has them who took it over. */
function stolenFrom(name: string) {
  const folder = credentialsOf(ground, name);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  return { cert: read('tls.crt'), key: read('tls.key'), ca: read('ca.crt') };
}

/** @returns what a subgraph answers to a question for its service, or nothing */
function knock(subgraph: (typeof SUBGRAPHS)[number], shown: Partial<ReturnType<typeof stolenFrom>>): Promise<string> {
  return new Promise((resolve) => {
    const body = '{"query":"{ _service { sdl } }"}';
    const { port } = new URL(urlsOf(ground).subgraphs[subgraph]);
    const { ca } = stolenFrom('gateway');
    const socket = connect({ host: '127.0.0.1', port: Number(port), servername: meshNameOf(subgraph), ca, ...shown });
    let answer = '';
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.on('data', (data) => (answer += data));
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
  });
}

describe('in a mesh', () => {
  it.each(SUBGRAPHS)('%s answers the gateway’s certificate and no other, nor none', async (subgraph) => {
    // The certificate alone tells nothing: a principal has to be signed.
    expect(await knock(subgraph, stolenFrom('gateway'))).toMatch(/^HTTP\/1\.1 200 [^]*UNAUTHENTICATED/);
    expect(await knock(subgraph, {})).toBe('');
    for (const other of SUBGRAPHS) expect([other, await knock(subgraph, stolenFrom(other))]).toEqual([other, '']);
  });

  it.each(SUBGRAPHS)('%s does not speak without TLS', async (subgraph) => {
    const url = urlsOf(ground).subgraphs[subgraph].replace('https:', 'http:');
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('a process’s key is for that process, and the authority’s is in no file', () => {
    const folder = join(ground.stateDir, 'mesh');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    for (const entry of files) {
      const path = join(entry.parentPath, entry.name);
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
    }
    const keys = files
      .filter(({ name }) => name.endsWith('.key'))
      .map(({ parentPath }) => parentPath.split('/').at(-1));
    expect(keys.sort()).toEqual([...SUBGRAPHS, 'gateway'].sort());
  });

  it('the gateway has no way to a row or into the store, and no secret of a subgraph’s', () => {
    const names = Object.keys(environmentOf(ground, 'gateway')).join(' ');
    expect(names).not.toMatch(/DATABASE|STORE_KEY|STORE_SECRET|GRANT_SEAL|PEPPER|PREVIEW_KEY|KEYRING/);
  });

  it('certificates are renewed while everything goes on', async () => {
    const author = await callerOf(ground, 'author@northlight.test');
    const serials = new Set<string | undefined>();
    for (const deadline = Date.now() + 40_000; serials.size < 3 && Date.now() < deadline; ) {
      serials.add(stolenFrom('media').cert);
      expect(await author.ask('{ me { id } assets(first: 1) { edges { cursor } } }')).toHaveProperty('me.id');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(serials.size).toBeGreaterThanOrEqual(3);
  });
});
