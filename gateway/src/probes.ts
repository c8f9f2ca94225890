import type { SubgraphHandler } from '@assay/subgraph';
import { parse } from 'graphql';
import { z } from 'zod';
import type { PartHealth, Probe } from './doors/health.ts';
import type { Engine } from './engine/index.ts';
import type { WatchedSupergraph } from './supergraph/watch.ts';
import type { FetchContext } from './transport.ts';

export interface ProbedParts {
  readonly engine: Pick<Engine<FetchContext>, 'verifyPlans'>;
  readonly supergraph: Pick<WatchedSupergraph, 'standing'>;
  readonly handlers: Readonly<Record<string, Pick<SubgraphHandler, 'health'>>>;
  readonly redis: { ping(): Promise<string> };
  /** The processes beside this one. The intake worker's health tells of clamd too. */
  readonly urls: { readonly worker: string; readonly moderation: string; readonly edge: string };
}

/** The mirror brings a new set each day; three days without one is nobody's weekend. */
const STALE_AFTER_S = 3 * 24 * 3_600;

/** Less than readiness waits for a probe, so that a process that hangs is named by its own probe. */
const PROCESS_PATIENCE_MS = 1_500;

const QUESTION = parse('{ me { id } }');

const workerHealth = z.object({ parts: z.record(z.string(), z.object({ ok: z.boolean() }).loose()) });

/** What readiness asks: whether the gateway can plan, and whether everything behind it answers. */
export function createProbes({
  engine,
  supergraph,
  handlers,
  redis,
  urls,
}: ProbedParts): Readonly<Record<string, Probe>> {
  const subgraphs = Object.entries(handlers).map(([name, handler]): [string, Probe] => [name, () => handler.health()]);
  return {
    plan: async () => {
      engine.verifyPlans(QUESTION);
      return { ok: true };
    },
    // A bad one hurts nobody while the last one is served on; whoever brought it looks here.
    supergraph: async () => ({ ...supergraph.standing(), isOptional: true }),
    ...Object.fromEntries(subgraphs),
    redis: async () => ({ ok: (await redis.ping()) === 'PONG' }),
    worker: () => askWorker(new URL('/health', urls.worker)),
    moderation: () => askOptional(new URL('/health', urls.moderation)),
    edge: () => askOptional(new URL('/health/ready', urls.edge)),
  };
}

/** A process of which only its own door is missing when it is away. */
async function askOptional(url: URL): Promise<PartHealth> {
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(PROCESS_PATIENCE_MS) }).catch(() => ({ ok: false }));
  return { ok, isOptional: true, ...(ok ? {} : { detail: 'does not answer well' }) };
}

/** The worker answers 503 with the same body when something that it stands on is down. */
async function askWorker(url: URL): Promise<Readonly<Record<string, PartHealth>>> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PROCESS_PATIENCE_MS) });
  const { parts } = workerHealth.parse(await answer.json());
  return Object.fromEntries(
    Object.entries(parts).map(([name, { ok, signaturesAgeS }]) => [name, { ok, ...ageDetail(signaturesAgeS) }]),
  );
}

/** Signatures that nobody renews find nothing new; null: only those that come with Assay are there. */
function ageDetail(signaturesAgeS: unknown): { detail?: string } {
  if (signaturesAgeS === null) return { detail: 'own signatures only: no mirror was reached yet' };
  if (typeof signaturesAgeS !== 'number') return {};
  const age = `signatures are ${Math.round(signaturesAgeS / 3_600)} h old`;
  return { detail: signaturesAgeS > STALE_AFTER_S ? `${age}: stale, the mirror has a newer set each day` : age };
}
