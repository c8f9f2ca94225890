import { generateClients } from './generate.ts';
import { createProgress } from './progress.ts';

type Command = (args: readonly string[]) => Promise<number>;

/** What `npm run` knows; each returns the exit code. Loaded when asked for, since what they import is partly generated first. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.ts')).start,
  demo: async () => (await import('./commands/demo.ts')).demo,
  test: async () => (await import('./commands/test.ts')).test,
  bench: async () => (await import('./commands/bench.ts')).bench,
  token: async () => (await import('./commands/token.ts')).token,
  codegen: async () => (await import('./commands/codegen.ts')).codegen,
  router: async () => (await import('./commands/router.ts')).router,
  traces: async () => (await import('./commands/traces.ts')).traces,
};

/** Commands that no database client is made for first: they import none, and are up the sooner. */
const WITHOUT_CLIENTS = new Set(['router', 'traces']);

const [name = '', ...args] = process.argv.slice(2);
const load = COMMANDS[name];
if (!load) {
  process.stderr.write(`There is no command "${name}". There are ${Object.keys(COMMANDS).join(', ')}.\n`);
  process.exit(2);
}
try {
  if (!WITHOUT_CLIENTS.has(name)) await generate();
  const command = await load();
  process.exit(await command(args));
} catch (error) {
  process.stderr.write(`\n${describeFailure(error)}\n`);
  process.exit(1);
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EROFS' || code === 'EACCES')
    return `${error.message}\nAssay may not write there. Make it writable, or name another folder for its state: ASSAY_STATE_DIR`;
  return error.message;
}

/** The database clients, which a fresh clone lacks. Said on standard error, since what some commands print is read by programs. */
async function generate(): Promise<void> {
  using progress = createProgress(process.stderr);
  await progress.during('clients', generateClients(), (isNew) => (isNew ? 'made' : null));
}
