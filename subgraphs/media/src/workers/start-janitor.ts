import { setTimeout as sleep } from 'node:timers/promises';
import { verifyFences } from '@assay/database';
import { createMetrics, type Log } from '@assay/telemetry';
import { openDatabase } from '../adapters/database.ts';
import { openVault } from '../adapters/s3-vault.ts';
import { runRound } from '../janitor/round.ts';
import { openDoor } from './door.ts';
import type { JanitorConfig } from './janitor-config.ts';

export interface Janitor extends AsyncDisposable {
  /** Resolves after the round of `--once`, or when it was told to end. */
  readonly ended: Promise<void>;
  /** Of the metrics; null when they are served nowhere. */
  readonly url: string | null;
}

/** How often health hears of a janitor whose last round was whole; a round may take longer. */
const BEAT_MS = 5_000;

/** Starts the janitor: a round, a pause, the next. A round that fails is told and forgotten, the next begins anew. */
export async function startJanitor(config: JanitorConfig, log: Log): Promise<Janitor> {
  await verifyFences(config.databaseUrl);
  await using started = new AsyncDisposableStack();
  const database = openDatabase(config.databaseUrl, 2);
  started.use(database);
  const vault = started.use(openVault(config.store, config.buckets));
  const { registry, count } = janitorMetrics();
  const door = config.metrics
    ? started.use(
        await openDoor(config.metrics, async (_request, response) => {
          response.writeHead(200, { 'content-type': registry.contentType });
          response.end(await registry.metrics());
        }),
      )
    : null;

  const ending = new AbortController();
  let isWell = false;
  const beat = () => database.$queryRaw`select compliance.beat()::text`.catch(() => undefined);
  const keepHouse = async () => {
    while (!ending.signal.aborted) {
      try {
        const report = await runRound({ database, vault }, config.rules);
        isWell = true;
        await beat();
        count(report);
        log.info({ ...report, dryRun: config.rules.isDryRun }, 'a round of the janitor');
      } catch (error) {
        isWell = false;
        count(null);
        log.warn({ err: error }, 'a round of the janitor ended early');
        if (config.isOnce) throw error;
      }
      if (config.isOnce) return;
      await sleep(config.intervalMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const keepBeating = async () => {
    while (!ending.signal.aborted && !config.isOnce) {
      if (isWell) await beat();
      await sleep(BEAT_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const ended = keepHouse();
  ended.catch(() => undefined);
  const beating = keepBeating();
  const running = started.move();
  return {
    ended,
    url: door?.url ?? null,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.all([ended.catch(() => undefined), beating]);
      await running.disposeAsync();
    },
  };
}

function janitorMetrics() {
  const { registry, counter, gauge } = createMetrics();
  const done = counter('assay_janitor_done_total', 'What the janitor did, or in a dry run would have done.', ['what']);
  const rounds = counter('assay_janitor_rounds_total', 'Rounds of the janitor by how they ended.', ['end']);
  const lastAt = gauge(
    'assay_janitor_last_round_seconds',
    'When the last whole round ended, in seconds since the epoch.',
    [],
  );
  const count = (report: Awaited<ReturnType<typeof runRound>> | null) => {
    rounds.inc({ end: report ? 'whole' : 'early' });
    for (const [what, times] of Object.entries(report ?? {})) done.inc({ what }, times);
    if (report) lastAt.set(Date.now() / 1_000);
  };
  return { registry, count };
}
