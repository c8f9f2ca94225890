import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { runMigrations } from 'graphile-worker';
import { Client } from 'pg';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Migrations from here on build on the job queue's own tables. */
const FIRST_AFTER_JOBS = '0050';

/**
 * Applies what is missing of `prisma/migrations`, in order, under an advisory lock; two starts at once do it once.
 * The job queue's own migrations run in between, so that our policies on its tables come after it.
 *
 * @param ownerUrl of the database, as `assay_owner`
 * @returns the names of the migrations that were applied now
 */
export async function migrate(ownerUrl: string): Promise<readonly string[]> {
  const lock = new Client({ connectionString: ownerUrl });
  await lock.connect();
  try {
    await lock.query(`select pg_advisory_lock(hashtext('assay migrations'))`);
    await forgetUnfinished(lock);
    const all = await loadMigrations();
    const before = await apply(
      ownerUrl,
      all.filter(({ path }) => path < FIRST_AFTER_JOBS),
    );
    await runMigrations({ connectionString: ownerUrl });
    return [...before, ...(await apply(ownerUrl, all))];
  } finally {
    await lock.end();
  }
}

/** A start that was killed half way left a row that says begun; its script never committed, so it may run again. */
async function forgetUnfinished(client: Client): Promise<void> {
  const { rows } = await client.query<{ known: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as known`,
  );
  if (rows[0]?.known) await client.query(FORGET_UNFINISHED);
}

interface Migration {
  readonly path: string;
  readonly migrationFile: { path: string; content: { tag: 'ok'; value: string } };
}

async function loadMigrations(): Promise<Migration[]> {
  const entries = await readdir(join(folder, 'migrations'), { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (path) => {
      const value = await readFile(join(folder, 'migrations', path, 'migration.sql'), 'utf8');
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
    }),
  );
}

/** Prisma's schema engine as WebAssembly: the same `_prisma_migrations` bookkeeping as `prisma migrate deploy`, offline. */
async function apply(ownerUrl: string, migrationDirectories: Migration[]): Promise<readonly string[]> {
  if (migrationDirectories.length === 0) return [];
  const { SchemaEngine } = await import('@prisma/schema-engine-wasm');
  await using adapters = wholeScripts(ownerUrl);
  const adapter = bindMigrationAwareSqlAdapterFactory(adapters.factory);
  const datamodel = 'datasource db {\n  provider = "postgresql"\n}\n';
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => undefined, adapter);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      filters: { externalTables: [], externalEnums: [] },
      migrationsList: {
        baseDir: join(folder, 'migrations'),
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        migrationDirectories,
        shadowDbInitScript: '',
      },
    });
    return appliedMigrationNames;
  } finally {
    engine.free();
  }
}

/**
 * Prisma's adapter cuts a script at each semicolon, function bodies included. Here the server parses it:
 * one simple query, which is also one transaction, so a migration applies whole or not at all.
 */
function wholeScripts(ownerUrl: string): AsyncDisposable & { readonly factory: SqlMigrationAwareDriverAdapterFactory } {
  const inner = new PrismaPg({ connectionString: ownerUrl });
  const opened: SqlDriverAdapter[] = [];
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    connectToShadowDb: () => inner.connectToShadowDb(),
    connect: async () => {
      const adapter = await inner.connect();
      opened.push(adapter);
      adapter.executeScript = (script) => runScript(ownerUrl, script);
      return adapter;
    },
  };
  // The engine's own advisory lock lives as long as its connection: one that is only left idle holds up the next run.
  const close = async () => void (await Promise.all(opened.map((adapter) => adapter.dispose())));
  return { factory, [Symbol.asyncDispose]: close };
}

/** Within the script's own transaction, so that what is not marked here has not happened. */
const FINISHED = `update _prisma_migrations set finished_at = now(), applied_steps_count = 1
  where finished_at is null and rolled_back_at is null`;
const FORGET_UNFINISHED = `update _prisma_migrations set rolled_back_at = now()
  where finished_at is null and rolled_back_at is null`;

async function runScript(ownerUrl: string, script: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`${script};\n${FINISHED}`);
  } finally {
    await client.end();
  }
}
