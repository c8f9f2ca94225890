import { bench } from './commands/bench.ts';
import { demo } from './commands/demo.ts';
import { start } from './commands/start.ts';
import { test } from './commands/test.ts';
import { token } from './commands/token.ts';

/** What `npm run` knows; each returns the exit code. */
const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  start,
  demo,
  test,
  bench,
  token,
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) {
  process.stderr.write(`There is no command "${name}". There are ${Object.keys(COMMANDS).join(', ')}.\n`);
  process.exit(2);
}
try {
  process.exit(await command(args));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
