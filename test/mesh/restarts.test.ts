import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../ops/demo/client.ts';
import { upload } from '../../ops/demo/upload.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { ROOT } from '../../ops/run/paths.ts';
import { ROCKET, until } from '../scenarios/cast.ts';
import { callerOf, startSystem, type TestSystem } from '../system.ts';

const FOLLOW = 'subscription ($id: ID!) { assetEvents(assetId: $id) { seq state asset { owner { displayName } } } }';

interface Event {
  readonly assetEvents: { seq: number; state: string; asset: { owner: { displayName: string } | null } | null };
}

const OURS = readFileSync(join(ROOT, 'codegen', 'supergraph.graphql'), 'utf8');

describe('a mesh whose processes are killed', () => {
  const supergraph = join(mkdtempSync(join(tmpdir(), 'assay-supergraph-')), 'supergraph.graphql');
  let system: TestSystem;
  let author: Caller;
  beforeAll(async () => {
    writeFileSync(supergraph, OURS);
    system = await startSystem({
      topology: 'mesh',
      settings: {
        authority: { ASSAY_MESH_CERTIFICATE_S: '6' },
        gateway: { ASSAY_GATEWAY_SUPERGRAPH: supergraph },
      },
    });
    author = await callerOf(system.ground, 'author@northlight.test');
  });
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
    rmSync(dirname(supergraph), { recursive: true });
  });

  it('leaves a client’s stream whole: media killed twice, certificates renewed, no event lost or told twice', async () => {
    const assetId = await upload(author, ROCKET);
    const seen: Event['assetEvents'][] = [];
    const followed = (async () => {
      for await (const { assetEvents } of author.follow<Event>(FOLLOW, { id: assetId }, AbortSignal.timeout(50_000))) {
        seen.push(assetEvents);
        if (assetEvents.state === 'DELETED') return;
      }
    })();
    await until(
      async () => seen.length,
      (count) => count > 0,
    );
    for (let time = 0; time < 2; time += 1) {
      await system.kill('media');
      await system.restart('media');
    }
    await until(
      async () => seen.at(-1)?.state,
      (state) => state === 'READY',
      30_000,
    );
    await author.ask('mutation ($id: ID!) { deleteAsset(input: { assetId: $id }) { asset { id } } }', { id: assetId });
    await followed;
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
  });

  it('answers what it can while a subgraph is away, and says which part of readiness is', async () => {
    await system.kill('licensing');
    const answer = await author
      .ask('{ me { id } assets(first: 1) { edges { node { id licenses(first: 1) { edges { cursor } } } } } }')
      .catch((error: unknown) => (error as { response: { data: unknown; errors: unknown } }).response);
    expect(JSON.stringify(answer)).toMatch(/"me":\{"id"/);
    const { gateway } = urlsOf(system.ground);
    const ready = await fetch(`${gateway}/health/ready`);
    expect(ready.status).toBe(503);
    expect(JSON.stringify(await ready.json())).toMatch(/"licensing":\{[^}]*"state":"down"/);
    await system.restart('licensing');
    await until(
      async () => (await fetch(`${gateway}/health/ready`)).status,
      (status) => status === 200,
    );
  });

  it('takes another supergraph while it runs, and refuses one that its clients could not live with', async () => {
    const { gateway, metrics } = urlsOf(system.ground);
    const described = async () => {
      const { __type } = await author.ask<{ __type: { description: string } }>(
        '{ __type(name: "Asset") { description } }',
      );
      return __type.description;
    };
    const part = async () => {
      const { parts } = (await (await fetch(`${gateway}/health/ready`)).json()) as Record<
        string,
        Record<string, object>
      >;
      return parts?.['supergraph'];
    };
    const before = await described();
    writeFileSync(supergraph, OURS.replace(' moderationPreview: ', ' moderationPicture: '));
    await until(part, (told) => JSON.stringify(told).includes('Cannot query field'), 20_000);
    expect(await part()).toMatchObject({ ok: false, isOptional: true });
    expect(await described()).toBe(before);
    writeFileSync(supergraph, OURS.replace(before, 'What somebody uploaded.'));
    await until(described, (now) => now === 'What somebody uploaded.', 20_000);
    expect(await part()).toMatchObject({ ok: true });
    const text = await (await fetch(metrics)).text();
    expect(text).toMatch(/assay_gateway_supergraphs_total\{outcome="refused"\} 1/);
    expect(text).toMatch(/assay_gateway_supergraphs_total\{outcome="taken"\} 1/);
  });
});
