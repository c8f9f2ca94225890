import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from '@assay/gateway/persisted/manifest';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { startParts } from '../parts.ts';
import { GATEWAY_CORE, OTHER_CORE } from './gateways/sides.ts';
import { supergraphOver, type Turn, takeTurns, verifyAlike } from './gateways.ts';
import { GUARDED_SCHEMAS, SCOPES } from './guarded/schemas.ts';
import { answersTo, type Post } from './load.ts';
import { PUBLIC_QUERY, SCHEMAS } from './public-query/schemas.ts';
import { type Bench, type BenchResult, medianOf, spreadOf, twoDigits } from './result.ts';
import { moveTo, type Server, startRouterServer, startServer } from './server.ts';

const ROUNDS = 6;
/** What may be left of the rate: 1 would be no price at all. */
const AIM = 0.9;
const GUARDED = 'guarded';
const BARE = 'the same router without any of it';
const DOCUMENT_ID = `sha256:${hashOf(PUBLIC_QUERY)}`;
const MATCHES = [
  { name: 'guarded', changes: false },
  { name: 'guarded-changing', changes: true },
] as const;
type Match = (typeof MATCHES)[number];

/**
 * What safety costs: the public benchmark query at a router with authorization directives on types and fields, costs, rates in
 * Redis and nothing but persisted documents, and at the same router without. As `public-query` in everything else.
 *
 * @throws Error when the two do not answer alike, or the guarded one answers anybody
 */
export const measureGuarded: Bench = async (tell) => {
  using _here = moveTo(OTHER_CORE);
  await using parts = await startParts(['redis']);
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    const manifest = join(folder, 'persisted-documents.json');
    writeFileSync(manifest, JSON.stringify({ [DOCUMENT_ID]: PUBLIC_QUERY }));
    const env = { BENCH_GUARDED: 'on', BENCH_REDIS: redisUrl(parts.ground, 'limits'), BENCH_MANIFEST: manifest };
    const results: BenchResult[] = [];
    for (const match of MATCHES) results.push(await play(match, env, tell));
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

async function play(
  { name, changes }: Match,
  guards: Readonly<Record<string, string>>,
  tell: (text: string) => void,
): Promise<BenchResult> {
  await using subgraphs = await startServer('test/bench/public-query/subgraphs.ts', {}, OTHER_CORE);
  using guardedSdl = supergraphOver({ schemas: GUARDED_SCHEMAS }, subgraphs.url);
  using bareSdl = supergraphOver({ schemas: SCHEMAS }, subgraphs.url);
  const start = (supergraph: string, env: Readonly<Record<string, string>>) =>
    startRouterServer('test/bench/guarded/router.ts', { BENCH_SUPERGRAPH: supergraph, ...env }, GATEWAY_CORE);
  await using guarded = await start(guardedSdl.file, guards);
  await using bare = await start(bareSdl.file, {});
  await verifyGuards(guarded);
  const posts = new Map([
    [GUARDED, guardedPost(guarded, `somebody ${SCOPES.join(' ')}`)],
    [BARE, { url: bare.url, requests: [{ query: PUBLIC_QUERY }] }],
  ]);
  const lengths = await verifyAlike(posts);
  if (changes) await fetch(`${subgraphs.url}/change`);
  const sides = new Map(
    [...posts].map(([side, post]) => [side, { server: side === GUARDED ? guarded : bare, post }] as const),
  );
  return resultOf(name, await takeTurns(name, sides, lengths, ROUNDS, tell));
}

function guardedPost({ url }: Server, token?: string): Post {
  return { url, requests: [{ documentId: DOCUMENT_ID }], ...(token === undefined ? {} : { token }) };
}

/** A visitor has nothing that is guarded, whoever lacks a scope nothing that asks for it, and no other document is answered. */
async function verifyGuards(server: Server): Promise<void> {
  const [visitor, lacking, unlisted] = await Promise.all(
    [
      guardedPost(server),
      guardedPost(server, `somebody ${SCOPES[0]}`),
      { ...guardedPost(server), requests: [{ query: '{ __typename }' }] },
    ].map(async (post) => (await answersTo(post)).join('')),
  );
  if (!visitor?.includes('"UNAUTHENTICATED"') || visitor.includes('"username"'))
    throw new Error('A visitor is answered.');
  if (!lacking?.includes('"FORBIDDEN"') || lacking.includes('"body":"')) throw new Error('Scopes are not looked at.');
  if (!unlisted?.includes('"PERSISTED_QUERY_NOT_FOUND"')) throw new Error('Any document is answered.');
}

function resultOf(name: string, turns: ReadonlyMap<string, readonly Turn[]>): BenchResult {
  const of = (side: string, figure: keyof Turn) => medianOf((turns.get(side) ?? []).map((turn) => turn[figure]));
  const [guarded, bare] = [turns.get(GUARDED) ?? [], turns.get(BARE) ?? []];
  const ratio = twoDigits(of(BARE, 'cpuMs') / of(GUARDED, 'cpuMs'));
  return {
    name,
    unit: 'CPU ms a request',
    ours: twoDigits(of(GUARDED, 'cpuMs')),
    peers: { [BARE]: twoDigits(of(BARE, 'cpuMs')) },
    ratio,
    aim: `at least ${AIM} (its by ours)`,
    isMet: ratio >= AIM,
    runs: ROUNDS,
    spread: spreadOf(guarded.map(({ cpuMs }, round) => (bare[round]?.cpuMs ?? Number.NaN) / cpuMs)),
    more: Object.fromEntries(
      [GUARDED, BARE].flatMap((side) => [
        [`requests/s, ${side}`, Math.round(of(side, 'rate'))],
        [`p99 ms, ${side}`, twoDigits(of(side, 'p99'))],
      ]),
    ),
  };
}
