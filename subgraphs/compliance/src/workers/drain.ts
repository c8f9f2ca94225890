import { type EntryStep, enter, inRequest, step } from '@assay/telemetry';
import type { Redis } from 'ioredis';
import { DatabaseError, type Pool } from 'pg';
import { z } from 'zod';

const STREAM = 'redemptions';
const GROUP = 'compliance';
const CONSUMER = 'drain';
const BATCH = 100;
const BLOCK_MS = 1_000;
const PAUSE_MS = 500;

const entry = z.object({
  subject: z.string(),
  tenant: z.string().transform((value) => (z.uuid().safeParse(value).success ? value : null)),
  asset: z.string(),
  address: z.string(),
  request: z.string(),
  /** `traceparent` of the redemption, where somebody looked on. */
  trace: z.string().optional(),
});

type Message = [id: string, fields: string[] | null];

/**
 * Moves redemptions from the edge's stream into the audit trail. An entry is acknowledged after its row is committed, and the row
 * bears the entry's id: killed in between, it is delivered again and changes nothing. An entry that no row can be made of is set
 * aside in `compliance.dead_letter`, told, and acknowledged: it stops none that comes after it.
 *
 * @returns resolves when `signal` ends it, with what it was doing done
 */
export async function drainRedemptions(
  redis: Redis,
  pool: Pool,
  signal: AbortSignal,
  report: (error: unknown) => void,
): Promise<void> {
  // What was delivered and never acknowledged comes first: this consumer is the only one, and keeps its name.
  let from = '0';
  while (!signal.aborted) {
    try {
      await pool.query('select compliance.beat()');
      const messages = await read(redis, from);
      if (messages.length === 0 && from === '0') from = '>';
      for (const message of messages) await keep(redis, pool, message, report);
    } catch (error) {
      if (signal.aborted) return;
      report(error);
      from = '0';
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function read(redis: Redis, from: string): Promise<Message[]> {
  const answer = await readGroup(redis, from).catch(async (error: unknown) => {
    if (!(error instanceof Error && error.message.startsWith('NOGROUP'))) throw error;
    await redis.xgroup('CREATE', STREAM, GROUP, '0', 'MKSTREAM');
    return readGroup(redis, from);
  });
  return answer?.[0]?.[1] ?? [];
}

function readGroup(redis: Redis, from: string) {
  const reading = redis.xreadgroup(
    'GROUP',
    GROUP,
    CONSUMER,
    'COUNT',
    BATCH,
    'BLOCK',
    BLOCK_MS,
    'STREAMS',
    STREAM,
    from,
  );
  return reading as Promise<[string, Message[]][] | null>;
}

async function keep(redis: Redis, pool: Pool, [id, fields]: Message, report: (error: unknown) => void): Promise<void> {
  // Null: trimmed from the stream meanwhile, which nothing of ours does before it is kept.
  if (fields) {
    try {
      const redemption = entry.parse(pairsOf(fields));
      await inRequest(redemption.request, () => enter(stepOf(id, redemption), () => record(pool, id, redemption)));
    } catch (error) {
      if (!isUnkeepable(error)) throw error;
      await pool.query('select compliance.set_aside($1, $2, $3)', [id, JSON.stringify(fields), reasonOf(error)]);
      report(new Error(`The stream's entry ${id} is no redemption and was set aside.`, { cause: error }));
    }
  }
  await redis.xack(STREAM, GROUP, id);
  await redis.xdel(STREAM, id);
}

/** A part of the trace of whoever redeemed. */
function stepOf(id: string, { trace }: z.infer<typeof entry>): EntryStep {
  const attributes = {
    'messaging.system': 'redis',
    'messaging.operation.type': 'process',
    'messaging.destination.name': STREAM,
    'messaging.message.id': id,
  };
  return { name: 'process redemption', kind: 'consumer', parent: trace, isOurs: true, attributes };
}

/** Whether it will never be taken: its shape, or a value that Postgres refuses (SQLSTATE classes 22 and 23). Anything else passes. */
function isUnkeepable(error: unknown): boolean {
  return error instanceof z.ZodError || (error instanceof DatabaseError && /^2[23]/.test(error.code ?? ''));
}

/** Text for a column, so without a NUL. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll('\0', '\u{fffd}');
}

const RECORD_SQL = 'select compliance.record_redemption($1, $2, $3, $4, $5, $6, $7, $8)';
const RECORD = {
  name: 'SELECT compliance.record_redemption',
  kind: 'client',
  attributes: { 'db.system.name': 'postgresql', 'db.query.text': RECORD_SQL },
} as const;

async function record(
  pool: Pool,
  id: string,
  { subject, tenant, asset, address, request }: z.infer<typeof entry>,
): Promise<void> {
  const at = new Date(Number(id.split('-')[0]));
  await step(RECORD, () => pool.query(RECORD_SQL, [id, at, subject, asset, tenant, 'redeemed', address, request]));
}

function pairsOf(fields: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let at = 0; at + 1 < fields.length; at += 2) pairs[fields[at] ?? ''] = fields[at + 1] ?? '';
  return pairs;
}
