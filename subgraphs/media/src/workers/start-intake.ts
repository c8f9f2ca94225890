import { verifyFences } from '@assay/database';
import type { Log } from '@assay/telemetry';
import { createBlockList } from '../adapters/block-list.ts';
import { createClamdScanner } from '../adapters/clamd.ts';
import { createClassifier } from '../adapters/classifier/classifier.ts';
import { openDatabase } from '../adapters/database.ts';
import { connectEpochs } from '../adapters/redis-epochs.ts';
import { connectWakes } from '../adapters/redis-wakes.ts';
import { openVault } from '../adapters/s3-vault.ts';
import { createSandbox } from '../adapters/sandbox/sandbox.ts';
import { PICTURE_SIDE } from '../intake/picture.ts';
import { createDigestLookUp } from '../runs/look-up-digest.ts';
import type { RunPorts } from '../runs/ports.ts';
import type { IntakeConfig } from './intake-config.ts';
import { openIntakeFigures } from './intake-figures.ts';
import { lookAtHealth, openHealthDoor } from './intake-health.ts';
import { startJobPool } from './job-pool.ts';
import { createTasks } from './tasks.ts';

const SCAN_TIMEOUT_MS = 60_000;
const CELL_TIMEOUT_MS = 60_000;
const CLASSIFY_TIMEOUT_MS = 30_000;
/** An asset uses one, from its first bytes on; the next one is started when it leaves, or while more bytes are read. */
const SPARE_CELLS = 1;

/**
 * Starts the intake worker: it takes jobs, and tells at `/health` what it stands on. Refuses to start without bubblewrap, and
 * where row security would not hold for its role.
 */
export async function startIntake(config: IntakeConfig, log: Log): Promise<AsyncDisposable & { readonly url: string }> {
  await verifyFences(config.databaseUrl);
  await using started = new AsyncDisposableStack();
  const complain = (cause: Error) => log.warn({ err: cause }, 'redis does not answer');
  const database = openDatabase(config.databaseUrl, config.concurrency * 2 + 1);
  started.defer(() => database.$disconnect());
  const wakes = started.use(connectWakes(config.redisUrl, complain));
  const epochs = started.use(connectEpochs(config.redisUrl, complain));
  const scanner = createClamdScanner({ url: config.clamd, timeoutMs: SCAN_TIMEOUT_MS });
  const classifier = started.use(createClassifier(CLASSIFY_TIMEOUT_MS));
  const figures = openIntakeFigures();
  const ports: RunPorts = {
    database,
    vault: started.use(openVault(config.store, config.buckets)),
    scanner,
    sandbox: started.use(createSandbox({ timeoutMs: CELL_TIMEOUT_MS, spare: SPARE_CELLS })),
    classifier,
    blockList: createBlockList(createDigestLookUp(database)),
    wakes,
    retryAfterMs: config.retryAfterMs,
    observe: figures.observe,
    log,
  };

  // The model is loaded before the first picture waits for it.
  classifier
    .score(new Uint8Array(PICTURE_SIDE * PICTURE_SIDE * 3))
    .catch((err: unknown) => log.warn({ err }, 'the classifier does not answer'));

  let lastDoneAt: Date | null = null;
  const tasks = createTasks(ports, epochs, (name) => {
    const stop = figures.startJob(name);
    return (outcome) => {
      if (outcome === 'done') lastDoneAt = new Date();
      stop(outcome);
    };
  });
  const jobs = started.use(
    startJobPool({ databaseUrl: config.databaseUrl, concurrency: config.concurrency, tasks, log }),
  );
  const look = () => lookAtHealth({ scanner, jobs, lastDoneAt: () => lastDoneAt });
  const door = started.use(await openHealthDoor(config.listen, look, figures));
  const running = started.move();
  return { url: door.url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
