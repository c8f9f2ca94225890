import { failure } from '@assay/failure';
import type { PartHealth } from '@assay/subgraph';
import { HEADERS } from '@assay/subgraph/mesh';
import { traceparent } from '@assay/telemetry';
import { z } from 'zod';
import { verifyJson } from '../router/post-json.ts';
import type { Peer } from './peer.ts';

/** Longer than a subgraph needs that is well, shorter than what waits for the answer. */
const PATIENCE_MS = 5_000;

const health = z.record(
  z.string(),
  z.object({
    ok: z.boolean(),
    isOptional: z.boolean().exactOptional(),
    detail: z.string().exactOptional(),
    ageMs: z.number().exactOptional(),
  }),
);

/** Asks a subgraph's process what it stands on. @throws when it cannot tell */
export async function askHealth(peer: Peer): Promise<Readonly<Record<string, PartHealth>>> {
  const { statusCode, body } = await peer
    .questions()
    .request({ path: '/health', method: 'GET', signal: AbortSignal.timeout(PATIENCE_MS) });
  const answer: unknown = await body.json();
  if (statusCode !== 200) throw new Error(`${peer.name} cannot tell how it is: status ${statusCode}.`);
  return health.parse(answer);
}

/**
 * Calls what a subgraph's process answers beside GraphQL.
 *
 * @returns what came back, looked at by nobody yet
 * @throws Failure UPSTREAM_UNAVAILABLE
 */
export async function call(peer: Peer, path: string, asked: unknown): Promise<unknown> {
  try {
    const trace = traceparent();
    const { statusCode, headers, body } = await peer.questions().request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(trace === undefined ? {} : { [HEADERS.trace]: trace }) },
      body: JSON.stringify(asked),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`It answered with status ${statusCode}.`);
    verifyJson(statusCode, headers['content-type']);
    return JSON.parse(text);
  } catch (cause) {
    throw failure('UPSTREAM_UNAVAILABLE', 'Something that this needs does not answer. Try again in a moment.', {
      cause,
    });
  }
}
